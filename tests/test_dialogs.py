"""The look of each dialog: what it is about in its title, where, what will change, the equal command, Cancel first."""

from __future__ import annotations

import pytest

from tests.world import flying, still, world

CASES = {
    "scale": ("deployments", ("fraud",), "s"),
    "scale-many": ("deployments", ("checkout", "fraud", "reports"), "s"),
    "scale-service": ("swarm/services", ("shop_web",), "s"),
    "restart": ("deployments", ("checkout",), "r"),
    "restart-containers": ("docker/containers", ("shop-api-1", "shop-web-1"), "r"),
    "roll-back": ("deployments", ("checkout",), "u"),
    "roll-back-service": ("swarm/services", ("shop_web",), "u"),
    "stop": ("docker/containers", ("shop-web-1",), "x"),
    "delete-pod": ("pods", ("queue-0",), "ctrl+d"),
    "delete-container": ("docker/containers", ("backup",), "ctrl+d"),
    "delete-volume": ("volumes", ("old-uploads",), "ctrl+d"),
    "delete-many": ("pods", ("fraud-5f6d98bb47-jx2vd", "queue-0", "queue-1"), "ctrl+d"),
    "forward": ("pods", ("gateway-0",), "F"),
}


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def _open(one, names: tuple[str, ...], key: str) -> None:
    for name in names:
        await one.select(name)
        if len(names) > 1:
            one.browse.table.toggle_mark()
    await still(one)
    await one.press(key)
    await one.dialog()
    await still(one)


async def _each(shop, look, cases: tuple[str, ...], size: tuple[int, int]) -> None:
    async with flying(shop.config(), size, "pods") as one:
        for case in cases:
            line, names, key = CASES[case]
            await one.go(line)
            await _open(one, names, key)
            look(one.app, case)
            await one.press("escape")
            one.browse.table.clear_marks()


async def test_full(shop, look):
    """See one frame over a screen gone faint; title, place, change, command; the focus is on Cancel, or in the field, or on the rows."""
    await _each(shop, look, tuple(CASES), (160, 45))


async def test_small(shop, look):
    """See the whole dialog in a window of 80 by 24: buttons and command are in sight."""
    await _each(shop, look, ("roll-back", "delete-pod", "delete-many"), (80, 24))


async def test_help(shop, look):
    """See the keys that work in this pane, in groups, and what can be typed."""
    async with flying(shop.config(), line="deployments") as one:
        await still(one)
        await one.press("question_mark")
        await still(one)
        look(one.app)


async def test_notice(shop, look):
    """See one quiet line at the lower right that says what was done."""
    async with flying(shop.config(), line="deployments") as one:
        await one.select("fraud")
        await one.press("c")
        await one.told("copied fraud")
        await still(one)
        look(one.app)
