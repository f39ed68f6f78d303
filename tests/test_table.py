"""LiveTable: what a person sees and does; cursor and marks belong to objects, never to places."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from tests.lineapp import COLUMNS, HOSTILE, Clock, TableApp, Thing, drawn, things
from tests.waiting import until
from widgets._table_layout import Widths, fit, width_of
from widgets._table_model import Row, Rows
from widgets.table import LiveTable, TableColumn


@asynccontextmanager
async def table(
    rows: dict[str, Thing], size: tuple[int, int] = (80, 12), clock: Clock | None = None, theme: str = "dark", **more: Any
) -> AsyncIterator[tuple[LiveTable, TableApp, Pilot[None]]]:
    clock = clock or Clock()
    found = LiveTable(now=clock.now, clock=clock, classes="-kubernetes", **more)
    found.set_columns(COLUMNS, lambda o: o.tone)
    app = TableApp(found, theme)
    async with app.run_test(size=size) as pilot:
        found.put(rows)
        await pilot.pause()
        found.settle()
        yield found, app, pilot


def line_of(found: LiveTable, key: str) -> int:
    return found.visible_keys().index(key)


async def test_a_row_is_a_glyph_a_name_and_values_and_numbers_stand_to_the_right() -> None:
    async with table({"a": Thing("web", cpu=50.0), "b": Thing("db", "CrashLoopBackOff", "broken", 7.0)}) as (found, _, _pilot):
        lines = drawn(found)
        assert lines[0].split() == ["NAME▲", "STATUS", "CPU", "AGE"]
        assert lines[1].startswith(" ✖ db")
        assert lines[2].startswith(" ● web")
        assert lines[1].index(" 7m") + 3 == lines[2].index("50m") + 3
        assert "━━━───" in lines[2]
        assert lines[0].index("AGE") + 3 == len(lines[1])


async def test_the_cursor_stays_on_its_object_and_its_line_while_rows_come_and_go_above() -> None:
    async with table(things(100)) as (found, _, pilot):
        found.select("u00050")
        await pilot.pause()
        line = line_of(found, "u00050")
        found.put({f"new{n}": Thing(f"thing-0000{n}x") for n in range(5)})
        await pilot.pause()
        assert (found.cursor_key, line_of(found, "u00050")) == ("u00050", line)
        found.gone(["u00001", "u00002", "new0"])
        await pilot.pause()
        assert (found.cursor_key, line_of(found, "u00050")) == ("u00050", line)
        assert found.total == 102


async def test_when_the_cursors_row_goes_its_neighbour_takes_the_cursor() -> None:
    async with table(things(5)) as (found, app, pilot):
        found.select("u00002")
        found.gone(["u00002"])
        await pilot.pause()
        assert found.cursor_key == "u00003"
        found.select("u00004")
        found.gone(["u00004"])
        await pilot.pause()
        assert found.cursor_key == "u00003"
        found.gone(list(things(5)))
        await pilot.pause()
        assert (found.cursor_key, found.cursor_row) == ("", None)
        last = app.last(LiveTable.CursorMoved)
        assert isinstance(last, LiveTable.CursorMoved)
        assert last.key == ""


async def test_a_namesake_with_another_key_does_not_inherit_the_cursor_or_a_mark() -> None:
    async with table({"a": Thing("web"), "b": Thing("zoo")}) as (found, _, _pilot):
        found.select("a")
        found.toggle_mark()
        found.put({"a2": Thing("web")})
        found.gone(["a"])
        assert found.marks == set()
        assert found.cursor_row == found.row(found.cursor_key)


async def test_before_the_first_listing_is_complete_the_cursor_stays_on_the_first_row() -> None:
    found = LiveTable(clock=Clock())
    found.set_columns(COLUMNS, lambda o: o.tone)
    app = TableApp(found)
    async with app.run_test(size=(60, 8)) as pilot:
        found.put({"m": Thing("m")})
        found.put(things(50) | {"a": Thing("a")})
        await pilot.pause()
        assert (found.cursor_key, found.scroll_y) == ("a", 0)
        found.settle()
        found.put({"0": Thing("0")})
        await pilot.pause()
        assert found.cursor_key == "a"


async def test_keys_move_the_cursor_and_the_window_follows() -> None:
    async with table(things(100)) as (found, _, pilot):
        for key, expected in [
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("G", 99),
            ("g", 0),
            ("pagedown", 10),
            ("ctrl+b", 0),
            ("end", 99),
            ("up", 98),
        ]:
            await pilot.press(key)
            assert found.cursor_key == f"u{expected:05}", key
            assert found.cursor_key in found.visible_keys()


async def test_enter_and_a_double_click_open_the_row() -> None:
    async with table(things(5)) as (found, app, pilot):
        await pilot.press("down", "enter")
        await pilot.pause()
        opened = app.last(LiveTable.Opened)
        assert isinstance(opened, LiveTable.Opened)
        assert opened.key == "u00001"
        await pilot.click(found, offset=(5, 4), times=2)
        await pilot.pause()
        opened = app.last(LiveTable.Opened)
        assert isinstance(opened, LiveTable.Opened)
        assert (opened.key, found.cursor_key) == ("u00003", "u00003")


async def test_marks_belong_to_objects_and_show_as_a_bar() -> None:
    async with table(things(20)) as (found, app, pilot):
        await pilot.press("space", "down", "down", "down", "ctrl+@")
        assert found.marks == {f"u{n:05}" for n in range(4)}
        await pilot.pause()
        assert [line[:1] for line in drawn(found)[1:6]] == ["▎", "▎", "▎", "▎", ""] or drawn(found)[5].startswith(" ")
        found.put({"x": Thing("thing-00000a")})
        assert [thing.name for thing in found.marked_rows()] == [f"thing-{n:05}" for n in range(4)]
        found.where(lambda o: o.name.endswith("3"))
        assert [thing.name for thing in found.marked_rows()] == ["thing-00003", "thing-00000", "thing-00001", "thing-00002"]
        await pilot.press("ctrl+backslash")
        await pilot.pause()
        marked = app.last(LiveTable.Marked)
        assert isinstance(marked, LiveTable.Marked)
        assert (marked.count, found.marks) == (0, set())


async def test_a_filter_hides_rows_and_follows_what_changes() -> None:
    async with table(things(30)) as (found, _, pilot):
        found.where(lambda o: o.status == "Failed")
        found.set_message("Nothing has failed.\nEsc shows all.")
        await pilot.pause()
        assert (found.shown, found.total, found.cursor_key) == (0, 30, "")
        text = "\n".join(drawn(found))
        assert "Nothing has failed." in text
        assert "Esc shows all." in text
        found.put({"u00007": Thing("thing-00007", "Failed", "broken"), "n": Thing("new", "Failed", "broken")})
        await pilot.pause()
        assert (found.visible_keys(), found.cursor_key) == (["n", "u00007"], "n")
        found.put({"n": Thing("new")})
        assert found.visible_keys() == ["u00007"]
        found.where(None)
        assert found.shown == 31


async def test_a_click_on_a_title_sorts_and_again_turns_it_round() -> None:
    rows = {"a": Thing("a", cpu=5.0), "b": Thing("b", cpu=40.0), "c": Thing("c"), "d": Thing("d", cpu=5.0)}
    async with table(rows) as (found, app, pilot):
        x = drawn(found)[0].index("CPU")
        await pilot.click(found, offset=(x, 0))
        await pilot.pause()
        assert (found.visible_keys(), found.sorted_by) == (["a", "d", "b", "c"], ("cpu", False))
        assert "CPU▲" in drawn(found)[0]
        await pilot.click(found, offset=(x, 0))
        await pilot.pause()
        assert found.visible_keys() == ["b", "a", "d", "c"]
        assert "CPU▼" in drawn(found)[0]
        told = app.last(LiveTable.Sorted)
        assert isinstance(told, LiveTable.Sorted)
        assert (told.column, told.reverse) == ("cpu", True)


async def test_changed_values_move_their_row_only_with_the_next_resort() -> None:
    async with table({"a": Thing("a", cpu=1.0), "b": Thing("b", cpu=2.0), "c": Thing("c", cpu=3.0)}) as (found, _, _pilot):
        found.sort("cpu", reverse=True)
        found.select("a")
        found.put({"a": Thing("a", cpu=99.0)})
        assert found.visible_keys() == ["c", "b", "a"]
        found.resort()
        assert (found.visible_keys(), found.cursor_key) == (["a", "c", "b"], "a")


async def test_an_edge_is_dragged_and_a_double_click_fits_the_column_again() -> None:
    async with table(things(3)) as (found, app, pilot):
        edge = 3 + len("thing-00000")
        await pilot.mouse_down(found, offset=(edge, 0))
        await pilot.hover(found, offset=(edge + 9, 0))
        await pilot.mouse_up(found, offset=(edge + 9, 0))
        await pilot.pause()
        told = app.last(LiveTable.WidthChanged)
        assert isinstance(told, LiveTable.WidthChanged)
        assert (told.column, told.width) == ("name", 20)
        assert drawn(found)[0].index("STATUS") == 3 + 20 + 2
        assert found.sorted_by == ("name", False)
        await pilot.click(found, offset=(3 + 20, 0), times=2)
        await pilot.pause()
        assert drawn(found)[0].index("STATUS") == edge + 2


_HEADS = [[], ["N…"], ["NA…"], ["NAME"], *([*["NAME", "STATUS", "CPU", "AGE"]][:n] for n in (2, 4)), ["NAME", "STATUS", "AGE"]]


@pytest.mark.parametrize("width", [1, 3, 8, 12, 20, 28, 34, 40, 60])
async def test_narrow_screens_lose_the_least_dear_columns_first_and_cut_with_a_sign(width: int) -> None:
    async with table({"a": Thing("a-name-of-some-length", cpu=3.0)}, size=(width, 5)) as (found, _, _pilot):
        head, row = drawn(found)[:2]
        titles = head.replace("▲", "").split()
        assert titles in _HEADS or width < 8
        assert "a-name-of-some-length" in row or "…" in row or width < 5


async def test_left_and_right_leave_out_columns_behind_the_name() -> None:
    async with table({"a": Thing("a", cpu=3.0)}, size=(24, 5)) as (found, _, pilot):
        before = drawn(found)[0]
        assert "CPU" not in before
        await pilot.press("right")
        await pilot.pause()
        assert "CPU" in drawn(found)[0]
        assert "NAME" in drawn(found)[0]
        await pilot.press("left")
        await pilot.pause()
        assert drawn(found)[0] == before


async def test_wide_mode_adds_columns() -> None:
    async with table(things(3), size=(120, 6)) as (found, _, pilot):
        assert "IMAGE" not in drawn(found)[0]
        found.wide = True
        await pilot.pause()
        assert "repo/thing-00001" in drawn(found)[2]


async def test_columns_grow_for_what_is_seen_and_shrink_only_on_replace() -> None:
    async with table({"a": Thing("a"), "b": Thing("b")}) as (found, _, pilot):
        at = drawn(found)[0].index("STATUS")
        found.put({"a": Thing("a-much-longer-name")})
        await pilot.pause()
        grown = drawn(found)[0].index("STATUS")
        assert grown > at
        found.put({"a": Thing("a")})
        await pilot.pause()
        assert drawn(found)[0].index("STATUS") == grown
        found.replace({"a": Thing("a"), "b": Thing("b")})
        await pilot.pause()
        assert drawn(found)[0].index("STATUS") == at


def glow_of(found: LiveTable, y: int, text: str) -> bool:
    ground = found.tints.ground.rich_color
    return any(text in segment.text and segment.style.bgcolor != ground for segment in found.draw_line(y) if segment.style)


async def test_a_changed_cell_glows_and_fades_and_no_timer_runs_while_nothing_does() -> None:
    clock = Clock()
    async with table(things(3), clock=clock) as (found, _, pilot):
        assert found._glow_timer is None
        found.put({"u00001": Thing("thing-00001", "Completed", "over")})
        await pilot.pause()
        assert glow_of(found, 2, "Completed")
        assert not glow_of(found, 2, "thing-00001")
        assert found._glow_timer is not None
        clock.seconds += 2.5
        found._fade()
        assert not glow_of(found, 2, "Completed")
        assert found._glow_timer is None
        found.put({"n": Thing("thing-00002b")})
        await pilot.pause()
        assert glow_of(found, 4, "thing-00002b")


async def test_what_a_listing_brings_does_not_glow_though_the_cursor_was_moved() -> None:
    async with table({}) as (found, _, pilot):
        found.clear()
        found.put(things(3))
        await pilot.press("down")
        found.put(things(6))
        await pilot.pause()
        assert found._glow_timer is None
        found.settle()
        found.put({"n": Thing("thing-00000b")})
        await pilot.pause()
        assert glow_of(found, 2, "thing-00000b")


async def test_without_glow_nothing_glows() -> None:
    async with table(things(3), glow=False) as (found, _, pilot):
        found.put({"u00001": Thing("thing-00001", "Completed", "over"), "n": Thing("thing-00002b")})
        await pilot.pause()
        assert found._glow_timer is None
        assert not glow_of(found, 2, "Completed")


async def test_ages_tick_for_the_rows_on_the_screen_only() -> None:
    clock = Clock()
    async with table(things(3), clock=clock) as (found, _, _pilot):
        before = drawn(found)[1]
        found.tick()
        assert drawn(found)[1] == before
        clock.seconds += 60
        found.tick()
        assert before.replace("32400s", "32460s") == drawn(found)[1]


async def test_it_tells_which_rows_are_on_the_screen() -> None:
    async with table(things(100)) as (_found, app, pilot):
        await pilot.press("G")
        await pilot.pause()
        looked = app.last(LiveTable.Looked)
        assert isinstance(looked, LiveTable.Looked)
        assert list(looked.keys) == [f"u{n:05}" for n in range(89, 100)]


async def test_hostile_text_is_shown_and_never_obeyed() -> None:
    rows = {f"k{n}": Thing(f"{n:02}{text}", text, cpu=1.0) for n, text in enumerate(HOSTILE)}
    async with table(rows, size=(100, 24)) as (found, _, pilot):
        found.set_message(HOSTILE[0])
        text = "\n".join(drawn(found))
        for seen in ("␛[2Jclear", "[/]", "⟨202E⟩evil", "[@click=app.simulate_key('d')]x[/]", "⟨D800⟩", "␤", "⟨+39"):
            assert seen in text, seen
        found.where(lambda _: False)
        await pilot.pause()
        assert "␛[2Jclear" in "\n".join(drawn(found))


async def test_a_dead_engines_rows_are_greyed_and_the_look_survives_other_themes() -> None:
    for theme in ("light", "high-contrast", "nord", "ansi-dark"):
        async with table(things(3), theme=theme) as (found, _, pilot):
            found.dimmed = True
            await pilot.pause()
            styles = {segment.style.color for segment in found.draw_line(2) if segment.style and segment.text.strip()}
            assert len(styles) == 1


async def test_the_accent_follows_the_engine() -> None:
    async with table(things(3)) as (found, _, pilot):
        one = found.tints.colours["accent"]
        found.remove_class("-kubernetes").add_class("-swarm")
        await pilot.pause()
        assert found.tints.colours["accent"] != one


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (200, 60)])
async def test_any_size_is_survived(size: tuple[int, int]) -> None:
    async with table(things(30), size=size) as (found, _, pilot):
        drawn(found)
        await pilot.press("down", "G", "right", "space")
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        drawn(found)


# ---- the model ------------------------------------------------------------------------------------------------------

_keys = st.sampled_from([f"k{n}" for n in range(12)])
_values = st.one_of(st.none(), st.integers(-3, 3))
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.dictionaries(_keys, _values, max_size=12)),
        st.tuples(st.just("gone"), st.sets(_keys, max_size=4)),
        st.tuples(st.just("sort"), st.booleans()),
        st.tuples(st.just("where"), st.one_of(st.none(), st.integers(-3, 3))),
        st.tuples(st.just("resort"), st.none()),
    ),
    max_size=25,
)


def _key(value: int | None) -> tuple[int, int]:
    return (1, 0) if value is None else (0, value)


def _at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: value is not None and value >= least


@given(_steps)
@settings(deadline=None, max_examples=200)
def test_rows_are_always_those_put_in_the_wanted_order(steps: list[tuple[str, Any]]) -> None:
    rows, truth, reverse, least = Rows(), {}, False, None
    rows.sort(_key, lambda _: 0, False)
    for step, more in steps:
        if step == "put":
            truth.update(more)
            rows.put(more)
        elif step == "gone":
            truth = {key: value for key, value in truth.items() if key not in more}
            rows.gone(more)
        elif step == "sort":
            reverse = more
            rows.sort(_key, lambda _: 0, reverse)
        elif step == "where":
            least = more
            rows.where(None if least is None else _at_least(least))
        else:
            rows.resort()
        assert {row.key: row.object for row in rows.ordered} == truth
        shown = {key for key, value in truth.items() if least is None or _at_least(least)(value)}
        assert {row.key for row in rows.shown} == shown
        assert [rows.index(row) for row in rows.shown] == list(range(len(rows.shown)))
    rows.resort()
    expected = sorted((key for key in truth if truth[key] is not None), key=lambda key: (truth[key] * (-1 if reverse else 1), key))
    expected += sorted(key for key in truth if truth[key] is None)
    assert [row.key for row in rows.ordered] == expected


@given(st.text(max_size=40), st.integers(0, 20), st.booleans())
@settings(deadline=None)
def test_a_cell_takes_exactly_its_width(text: str, width: int, right: bool) -> None:
    from widgets.safe import safe

    assert width_of(fit(safe(text), width, right)) == width


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), min_size=1, max_size=8),
    st.integers(0, 120),
    st.integers(0, 8),
    st.booleans(),
)
@settings(deadline=None)
def test_columns_never_overlap_or_leave_the_screen(shapes: list[tuple[int, int]], width: int, shift: int, wide: bool) -> None:
    columns = [TableColumn(f"c{n}", lambda _, __: "", lambda _: 0, keep=keep) for n, (_, keep) in enumerate(shapes)]
    widths = Widths(columns)
    widths.grow(["x" * size for size, _ in shapes])
    layout = widths.layout(width, wide, shift)
    for left, right in zip(layout.slots, layout.slots[1:], strict=False):
        assert left.end + 2 == right.x
    assert all(slot.end <= width and slot.width > 0 for slot in layout.slots)
    if width > 4:
        assert layout.slots[0].index == 0


@pytest.mark.parametrize("reverse", [False, True])
def test_an_order_found_slowly_is_the_one_found_at_once(reverse: bool) -> None:
    rows, other = Rows(), Rows()
    first = {f"u{n}": n * 7919 % 50 if n % 9 else None for n in range(5000)}

    def tie(_: int | None) -> int:
        return 0

    for each in (rows, other):
        each.put(first)
    work = rows.sort_slowly(_key, tie, reverse, lambda order: rows.take_order(_key, tie, reverse, order))
    next(work)
    for each in (rows, other):  # what happens meanwhile
        each.put({"u3": 31000, "u9999": 5})
        each.gone(["u4"])
    for _ in work:
        pass
    other.sort(_key, tie, reverse)
    assert [row.key for row in rows.ordered] == [row.key for row in other.ordered]
    assert rows.shown is rows.ordered
    for each in (rows, other):
        each.put({f"x{n}": n % 60 for n in range(0, 3000, 3)})
    other.sort(_key, tie, reverse)
    assert [row.key for row in rows.ordered] == [row.key for row in other.ordered]


def test_a_new_order_is_looked_for_beside_the_old_one() -> None:
    rows = Rows()
    rows.sort(_key, lambda _: 0, False)
    rows.put({f"u{n}": n for n in range(3000)})
    before = list(rows.ordered)
    orders: list[list[Row]] = []
    work = rows.sort_slowly(lambda n: (0, -n), lambda _: 0, False, orders.append)
    while not orders:
        next(work)
        assert rows.ordered == before
        assert rows.index(before[17]) == 17
    rows.take_order(lambda n: (0, -n), lambda _: 0, False, orders[0])
    assert rows.ordered == before[::-1]
    assert rows.index(before[17]) == 3000 - 18
    for _ in work:
        pass
    assert all((row.one is None) != (row.two is None) for row in rows.ordered)
    rows.clear()
    assert rows.ordered == []


def test_rows_that_are_all_gone_when_their_order_is_found() -> None:
    rows = Rows()
    rows.put({f"u{n}": n for n in range(3000)})
    orders: list[list[Row]] = []
    work = rows.sort_slowly(_key, lambda _: 0, True, orders.append)
    next(work)
    rows.clear()
    rows.put({"u5": 5, "new": 7})
    for _ in work:
        pass
    rows.take_order(_key, lambda _: 0, True, orders[0])
    assert [row.key for row in rows.ordered] == ["new", "u5"]


def test_a_filter_answered_slowly_is_the_one_answered_at_once() -> None:
    rows, other = Rows(), Rows()
    for each in (rows, other):
        each.sort(_key, lambda _: 0, False)
        each.put({f"u{n}": n for n in range(3000)})
        each.where(lambda n: n % 2 == 0)

    def wanted(n: int) -> bool:
        return n % 3 == 0

    work = rows.where_slowly(wanted, lambda found: rows.take_answers(wanted, found))
    next(work)
    for each in (rows, other):  # what happens meanwhile
        each.put({"u3": 4, "u4": 3, "u8": 10, "new": 9})
        each.gone(["u6", "u12"])
        each.put({"u12": 12})
    for _ in work:
        pass
    other.where(wanted)
    assert [row.key for row in rows.shown] == [row.key for row in other.shown]
    assert [row.visible for row in rows.ordered] == [row.visible for row in other.ordered]


async def test_many_rows_are_sorted_and_filtered_in_turns() -> None:
    many = {f"t{n}": Thing(f"thing-{n:05}", cpu=float(n * 7919 % 5003)) for n in range(5003)}
    async with table(many) as (found, app, pilot):
        found.sort("cpu", reverse=True)
        await until(lambda: found.cursor_row is not None and found.cursor_row.cpu == 5002)
        found.where(lambda o: o.cpu < 100)
        found.where(lambda o: o.cpu < 10)
        await until(lambda: found.shown == 10)
        await pilot.pause()
        assert LiveTable.Filtered in [type(message) for message in app.heard]
        assert found.cursor_row.cpu == 9
        found.where(lambda o: o.cpu < 100)
        found.where(None)
        assert found.shown == 5003
