"""The help reads well where there is little room."""

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
