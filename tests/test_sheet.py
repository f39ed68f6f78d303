"""Sheet: styled lines that change without a layout of the screen, with links and selected text."""

from __future__ import annotations

from textual.geometry import Offset
from textual.selection import Selection

import themes
from tests.lineapp import LineApp, drawn
from tests.waiting import until
from tui.facts import Ref
from tui.views.facts import linked
from widgets.sheet import Sheet
from widgets.words import words


def lines_of(*texts: str) -> list[object]:
    return [words((text, "text")) for text in texts]


class SheetApp(LineApp):
    """One sheet; it counts how often the screen is laid out, and keeps where links lead."""

    def on_mount(self) -> None:
        super().on_mount()
        self.layouts = 0
        self.screen.screen_layout_refresh_signal.subscribe(self, self._laid_out)
        self.led: list[tuple[str, ...]] = []

    def _laid_out(self, _: object) -> None:
        self.layouts += 1

    def action_jump(self, kind: str, namespace: str, name: str) -> None:
        self.led.append((kind, namespace, name))


async def test_other_lines_are_drawn_without_a_layout() -> None:
    sheet = Sheet()
    app = SheetApp(sheet)
    async with app.run_test(size=(20, 6)) as pilot:
        sheet.say(lines_of("one", "two", "three"))
        await pilot.pause()
        assert drawn(sheet)[:4] == [" one", " two", " three", ""]
        await until(lambda: not app.screen._layout_required)  # those of the start
        before = app.layouts
        sheet.say(lines_of("one", "2"))
        await pilot.pause()
        assert drawn(sheet)[:3] == [" one", " 2", ""]
        sheet.say(lines_of("one", "2", "", "4", "5"))
        await pilot.pause()
        assert drawn(sheet)[:5] == [" one", " 2", "", " 4", " 5"]
        assert app.layouts == before


async def test_only_lines_that_differ_are_drawn_anew() -> None:
    sheet = Sheet()
    async with SheetApp(sheet).run_test(size=(20, 6)) as pilot:
        sheet.say(lines_of("one", "two", "three"))
        await pilot.pause()
        kept = dict(sheet._drawn)
        sheet.say([words(("one", "text")), words(("two", "broken")), words(("three", "text"))])
        await pilot.pause()
        assert [sheet._drawn[n] is kept[n] for n in range(3)] == [True, False, True]


async def test_the_place_stays_as_far_as_there_are_lines() -> None:
    sheet = Sheet()
    async with SheetApp(sheet).run_test(size=(20, 5)) as pilot:
        sheet.say(lines_of(*(f"a{n}" for n in range(50))))
        await pilot.pause()
        assert sheet.show_vertical_scrollbar
        sheet.scroll_to(y=30, animate=False)
        await pilot.pause()
        assert drawn(sheet)[0].startswith(" a30")
        sheet.say(lines_of(*(f"b{n}" for n in range(40))))
        await pilot.pause()
        assert drawn(sheet)[0].startswith(" b30")
        sheet.say(lines_of("only"))
        await pilot.pause()
        assert drawn(sheet)[0] == " only"
        assert not sheet.show_vertical_scrollbar


async def test_a_link_leads_somewhere() -> None:
    sheet = Sheet()
    app = SheetApp(sheet)
    async with app.run_test(size=(30, 5)) as pilot:
        link = linked(words(("web", "text")), Ref("e", "kubernetes/pods", "shop", "web", "u"))
        sheet.say([words("pod "), words("node ", link)])
        await pilot.pause()
        meta = sheet.draw_line(1)._segments[2].style.meta
        assert meta["@click"] == ("screen.jump", ("kubernetes/pods", "shop", "web"))
        app.screen.action_jump = app.action_jump  # type: ignore[attr-defined]
        await pilot.click(offset=Offset(7, 1))
        await pilot.pause()
        assert app.led == [("kubernetes/pods", "shop", "web")]


async def test_selected_text() -> None:
    sheet = Sheet()
    app = SheetApp(sheet)
    async with app.run_test(size=(30, 5)) as pilot:
        sheet.say(lines_of("name web", "node n1", "last"))
        await pilot.pause()
        plain = sheet.draw_line(1)
        assert [segment.style.meta.get("offset") for segment in sheet.render_line(1) if segment.style][1:2] == [(0, 1)]
        app.screen.selections = {sheet: Selection(Offset(5, 0), Offset(4, 1))}
        await pilot.pause()
        assert app.screen.get_selected_text() == "web\nnode"
        assert sheet.draw_line(1)._segments != plain._segments
        assert sheet.draw_line(1).text == plain.text


async def test_another_theme_draws_anew() -> None:

    sheet = Sheet()
    app = SheetApp(sheet)
    async with app.run_test(size=(30, 5)) as pilot:
        sheet.say(lines_of("name"))
        await pilot.pause()
        before = sheet.draw_line(0)._segments[1].style.color
        light = themes.load("light")
        app.register_theme(light)
        app.theme = light.name
        await pilot.pause()
        assert sheet.draw_line(0)._segments[1].style.color != before
