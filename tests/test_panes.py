"""The look of each pane, full and in small windows."""

from __future__ import annotations

import pytest

from tests.world import flying, still, world

PANES = {
    "containers": ("containers", "shop-api-1"),
    "images": ("images", "postgres:16"),
    "volumes": ("volumes", "shop_db-data"),
    "networks": ("networks", "shop_default"),
    "swarm-nodes": ("swarm/nodes", "harbor-3"),
    "swarm-services": ("swarm/services", "shop_mailer"),
    "swarm-tasks": ("swarm/tasks", "shop_mailer.1"),
    "pods": ("pods", "checkout-66b7d4c9f-w8zsj"),
    "deployments": ("deployments", "mailer"),
    "configmaps": ("configmaps", "feature-flags"),
    "namespaces": ("namespaces", "preview-412"),
    "replicasets": ("replicasets", "checkout-66b7d4c9f"),
}
SMALL = ("containers", "pods", "deployments")


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def _walk(shop, look, panes: tuple[str, ...], size: tuple[int, int]) -> None:
    async with flying(shop.config(), size, "containers") as one:
        for pane in panes:
            line, name = PANES[pane]
            await one.go(line)
            await one.select(name)
            await still(one)
            look(one.app, pane)


async def test_full(shop, look):
    """See the top line with three engines that do well, the tabs with their counts, rows with a glyph each, and the details of one row.

    Words stand to the left and numbers to the right; the row under the cursor is bright; what is wrong stands first in the details.
    """
    await _walk(shop, look, tuple(PANES), (160, 45))


async def test_middle(shop, look):
    """See the details below the table; the dearest columns are there, and no word runs into the next."""
    await _walk(shop, look, SMALL, (100, 30))


async def test_small(shop, look):
    """See one line of details that says what is wrong with the row under the cursor; the tabs scroll, the keys are cut at the right."""
    await _walk(shop, look, SMALL, (80, 24))


async def test_tiny(shop, look):
    """See the names and states of pods in the smallest window, of 60 by 16: nothing overlaps, nothing breaks."""
    await _walk(shop, look, ("pods",), (60, 16))


async def test_all_namespaces(shop, look):
    """See a column of namespaces behind the names, and the word in the top line and the crumbs."""
    async with flying(shop.config(), line="pods all") as one:
        await still(one)
        look(one.app)


async def test_wide(shop, look):
    """See more columns (nominated node, readiness gates), and the word wide above the table."""
    async with flying(shop.config(), line="pods") as one:
        await one.press("ctrl+w", "ctrl+e")
        await still(one)
        look(one.app)


async def test_details_hidden(shop, look):
    """See the table over the whole width."""
    async with flying(shop.config(), line="containers") as one:
        await one.press("ctrl+e")
        await still(one)
        look(one.app)


async def test_filtered(shop, look):
    """See three rows of sixteen, the filter in the crumbs in the engine's colour."""
    async with flying(shop.config(), line="pods") as one:
        await one.press("slash", *"checkout")
        await one.press("enter")
        await still(one)
        look(one.app)


async def test_filtering(shop, look):
    """See the line one types the filter at, above the foot, and the rows already narrowed."""
    async with flying(shop.config(), line="pods") as one:
        await one.press("slash", *"run !ledger")
        await still(one)
        look(one.app)


async def test_marked(shop, look):
    """See a bar before three marked rows, and their number in the crumbs."""
    async with flying(shop.config(), line="pods") as one:
        await one.press("home", "space", "down", "space", "down", "space")
        await still(one)
        look(one.app)


async def test_command(shop, look):
    """See the command line with a ghost of what it may become, and the candidates at its right end."""
    async with flying(shop.config(), line="pods") as one:
        await one.press("colon", *"de")
        await still(one)
        look(one.app)


async def test_command_unknown(shop, look):
    """See in red why the line cannot be read, and what may be meant."""
    async with flying(shop.config(), line="pods") as one:
        await one.press("colon", *"podz", "enter")
        await still(one)
        look(one.app)


async def test_drilled(shop, look):
    """See the two containers of a pod, and the way there in the crumbs."""
    async with flying(shop.config(), line="pods") as one:
        await one.select("checkout-66b7d4c9f-w8zsj")
        await one.press("enter")
        await one.live()
        await still(one)
        look(one.app)


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
async def test_theme(shop, look, theme):
    """See the same roles in other colours: states told apart, greys ranked, nothing hard to read."""
    async with flying(shop.config(theme=theme), line="pods") as one:
        await one.select("checkout-66b7d4c9f-w8zsj")
        await still(one)
        look(one.app)
