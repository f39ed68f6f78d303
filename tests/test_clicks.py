"""What stands at the foot of a view can be clicked, also where it is the key of something inside the view."""

from __future__ import annotations

import pytest

from tests.cockpit import Cockpit
from tests.waiting import until
from tests.world import flying, shows, still, words, world


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def _click_foot(one: Cockpit, text: str) -> None:
    line = words(one).splitlines()[-1]
    await one.pilot.click(offset=(line.index(text) + 1, one.app.size.height - 1))


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_a_view_s_own_keys_can_be_clicked(shop, size):
    async with flying(shop.config(), size, line="pods") as one:
        await still(one)
        await one.press("y")
        await shows(one, "apiVersion")
        await _click_foot(one, "search")
        await until(lambda: one.app.focused is not None and type(one.app.focused).__name__ != "TextPane", what="the search line")
        await one.press("escape")
        await _click_foot(one, "back")
        await until(lambda: one.app.screen is one.browse)
