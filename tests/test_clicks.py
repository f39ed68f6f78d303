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


async def test_the_palette_takes_the_mouse(shop):
    async with flying(shop.config(), line="pods") as one:
        await still(one)
        await one.press("ctrl+p", *"configmaps")
        await until(lambda: any("ConfigMaps" in line for line in words(one).splitlines()[4:12]), what="the pane to be found")
        lines = words(one).splitlines()
        y = next(y for y, line in enumerate(lines) if "ConfigMaps" in line and y > 3)
        await one.pilot.click(offset=(lines[y].index("ConfigMaps"), y))
        await until(lambda: one.app.screen is one.browse and one.browse.place.kind.id == "kubernetes/configmaps")
        await one.press("ctrl+p")
        await until(lambda: one.app.screen.id == "palette")
        await one.pilot.click(offset=(1, 40))
        await until(lambda: one.app.screen is one.browse, what="the palette to go")


async def test_a_theme_is_chosen_by_a_click(shop):
    async with flying(shop.config(), line="pods") as one:
        await still(one)
        assert one.app.command("theme")
        await until(lambda: "monochrome" in words(one), what="the themes")
        lines = words(one).splitlines()
        y = next(y for y, line in enumerate(lines) if " light" in line)
        await one.pilot.click(offset=(lines[y].index("light"), y))
        await until(lambda: one.app.screen is one.browse and one.app.comfort.theme == "light")


async def test_a_place_is_used_by_a_double_click(shop):
    async with flying(shop.config(), line="ctx") as one:
        await one.live()
        before = one.app.fleet.engines["kubernetes"].context
        await until(lambda: len(one.names) > 1, what="the contexts")
        other = next(name for name in one.names if name != before)
        lines = words(one).splitlines()
        y = next(y for y, line in enumerate(lines) if other in line and y > 4)
        await one.pilot.click(offset=(lines[y].index(other), y))
        await until(lambda: one.browse.table.cursor_row.name == other)
        await one.pilot.click(offset=(lines[y].index(other), y), times=2)
        await until(lambda: one.app.fleet.engines["kubernetes"].context == other, what="the other context")
