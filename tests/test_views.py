"""The look of the views over the whole screen."""

from __future__ import annotations

import pytest

from tests.world import flying, shows, still, world
from tui.screens.single import SingleScreen

POD = "checkout-66b7d4c9f-w8zsj"


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


VIEWS = {"logs": ("l", "giving up"), "yaml": ("y", "kind: Pod"), "describe": ("d", "Restart Policy"), "events": ("E", "BackOff")}


async def test_large(shop, look):
    """See a line of where and what, the view over the whole width, and its own keys at the foot."""
    async with flying(shop.config(), line="pods") as one:
        await one.select(POD)
        for view, (key, text) in VIEWS.items():
            await one.press(key)
            await shows(one, text)
            assert isinstance(one.app.screen, SingleScreen)
            await still(one)
            look(one.app, view)
            await one.press("escape")


async def test_log_search(shop, look):
    """See the words that were searched for in colour, and how many there are."""
    async with flying(shop.config(), line="pods") as one:
        await one.select(POD)
        await one.press("l")
        await shows(one, "giving up")
        await one.press("slash", *"checkout")
        await still(one)
        look(one.app)


async def test_facts_large(shop, look):
    """See the facts alone, over the whole width."""
    async with flying(shop.config(), line="pods") as one:
        await one.select(POD)
        await one.press("m")
        await still(one)
        look(one.app)


async def test_events_beside(shop, look):
    """See what was said about the pod beside the table, the warning in amber."""
    async with flying(shop.config(), line="pods") as one:
        await one.select(POD)
        await one.press("v", "v")
        await shows(one, "Scheduled")
        await still(one)
        look(one.app)


async def test_small_logs(shop, look):
    """See the log in a window of 80 by 24."""
    async with flying(shop.config(), (80, 24), "pods") as one:
        await one.select(POD)
        await one.press("l")
        await shows(one, "giving up")
        await still(one)
        look(one.app)
