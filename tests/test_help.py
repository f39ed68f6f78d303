"""Little room: the help reads well in it, and a window that is too small says so and loses nothing."""

from __future__ import annotations

import pytest

from tests.world import flying, shows, still, words, world


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def test_narrow(shop, look):
    """See each key with its name, and what it does on the lines below, a little further in: nothing is broken in the middle."""
    async with flying(shop.config(), (60, 16), line="deployments") as one:
        await still(one)
        await one.press("question_mark")
        await shows(one, "Set how many replicas")
        await still(one)
        assert "Set how many replicas a workload runs; shows" in words(one)
        look(one.app)


async def test_a_window_that_is_too_small_says_so_and_loses_nothing(shop):
    async with flying(shop.config(), (80, 24), line="deployments") as one:
        await still(one)
        before = words(one)
        for wide, high in ((59, 24), (80, 15), (20, 5), (1, 1), (40, 10)):
            await one.pilot.resize_terminal(wide, high)
        await shows(one, "This window is 40x10; it takes 60x16.")
        assert "checkout" not in words(one)
        await one.pilot.resize_terminal(60, 16)
        await shows(one, "NAME")
        assert "This window" not in words(one)
        await one.pilot.resize_terminal(80, 24)
        await still(one)
        assert words(one) == before
