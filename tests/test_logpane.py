"""LogPane: follows, stays, finds and filters, in a ring that never grows over its limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from tests.lineapp import HOSTILE, LineApp, drawn
from widgets.logpane import LogPane, severity


class Line(NamedTuple):
    text: str
    stamp: str = "2026-05-01T10:31:52.123456789Z"
    stream: str = "stdout"
    source: str = ""


@asynccontextmanager
async def pane(count: int = 0, size: tuple[int, int] = (40, 8), **more: Any) -> AsyncIterator[tuple[LogPane, Pilot[None]]]:
    found = LogPane(now=lambda: datetime(2026, 5, 1, 10, 31, 52, tzinfo=UTC), **more)
    async with LineApp(found).run_test(size=size) as pilot:
        found.extend([Line(f"line {n}") for n in range(count)])
        await pilot.pause()
        yield found, pilot


async def test_it_follows_until_the_person_scrolls_up_and_again_from_the_end_on() -> None:
    async with pane(100) as (found, pilot):
        assert drawn(found)[-1] == " line 99"
        await pilot.press("up", "up")
        await pilot.pause()
        found.extend([Line("late")])
        await pilot.pause()
        assert (drawn(found)[-1], found.following) == (" line 97", False)
        assert found.status == "101 lines, paused"
        await pilot.press("G")
        await pilot.pause()
        found.extend([Line("later")])
        await pilot.pause()
        assert (drawn(found)[-1], found.following) == (" later", True)
        assert found.status == "102 lines, following"
        await pilot.press("s")
        found.extend([Line("unseen")])
        await pilot.pause()
        assert drawn(found)[-1] == " later"


async def test_the_ring_drops_the_oldest_says_so_and_keeps_the_place() -> None:
    async with pane(100, limit=100) as (found, pilot):
        await pilot.press("up", "up", "up", "up")
        await pilot.pause()
        before = drawn(found)
        found.extend([Line(f"more {n}") for n in range(20)])
        await pilot.pause()
        assert drawn(found) == before
        assert (found.total, found.status) == (100, "100 lines, 20 older dropped, paused")
        found.extend([Line(f"flood {n}") for n in range(1000)])
        assert (found.total, found.dropped) == (100, 1020)


async def test_the_ring_is_bounded_in_characters_too() -> None:
    async with pane(characters=1000) as (found, _):
        found.extend([Line("x" * 300) for _ in range(10)])
        assert found.total == 3
        found.extend([Line("y" * 5000)])
        assert found.total == 1


async def test_wrapped_lines_end_at_the_bottom_and_each_row_can_be_reached() -> None:
    async with pane(wrap=True, size=(20, 5)) as (found, pilot):
        found.extend([Line("a" * 40), Line("b" * 60), Line("c")])
        await pilot.pause()
        assert drawn(found) == [f" {text}" for text in ("b" * 19, "b" * 19, "b" * 19, "b" * 3, "c")]
        await pilot.press("g")
        await pilot.pause()
        assert drawn(found)[:3] == [f" {text}" for text in ("a" * 19, "a" * 19, "a" * 2)]
        found.clear()
        found.extend([Line("z" * 500)])
        await pilot.pause()
        assert drawn(found)[-1].strip() == "z" * (500 % 19)
        await pilot.press("g")
        await pilot.pause()
        assert drawn(found)[-1].strip() == "z" * 19


async def test_sideways() -> None:
    async with pane(size=(20, 4)) as (found, pilot):
        found.extend([Line("".join(str(n % 10) for n in range(60)))])
        await pilot.press("l")
        await pilot.pause()
        assert drawn(found)[0].strip().startswith("8901")
        await pilot.press("h", "h")
        await pilot.pause()
        assert drawn(found)[0].strip().startswith("0123")


async def test_times_sources_and_the_mark_of_standard_error() -> None:
    async with pane(size=(60, 5)) as (found, pilot):
        found.extend([Line("one", source="api"), Line("two", source="proxy", stream="stderr")])
        await pilot.press("t", "m")
        await pilot.pause()
        lines = drawn(found)
        assert lines[:2] == [" 2026-05-01 10:31:52 api one", "╎2026-05-01 10:31:52 proxy two"]
        assert lines[2].startswith("── 10:31:52 ──")
        assert found.text().splitlines()[0] == "2026-05-01T10:31:52.123456789Z api one"


async def test_search_highlights_and_walks_around() -> None:
    async with pane(100) as (found, pilot):
        assert found.search("LINE 5") is False
        assert found.search("line 5")
        await pilot.pause()
        assert not found.following
        line = next(n for n, text in enumerate(drawn(found)) if text.startswith("▎"))
        ground = found.tints.ground.rich_color
        lit = [segment.text for segment in found.draw_line(line) if segment.style and segment.style.bgcolor != ground]
        assert lit == ["line 5"]
        assert found._found == 5
        await pilot.press("n")
        assert found._found == 50
        await pilot.press("N", "N")
        assert found._found == 59
        assert found.search("nowhere") is False
        assert found.search(None)


async def test_a_filter_shows_only_what_matches_or_does_not() -> None:
    async with pane(100) as (found, pilot):
        found.only("line 9[0-4]")
        found.extend([Line("line 91 again"), Line("other")])
        await pilot.pause()
        assert [text.strip() for text in drawn(found) if text][-2:] == ["line 94", "line 91 again"]
        assert found.status == "6 of 102 lines, following"
        found.only("!line")
        assert found.count == 1
        found.only("[unclosed")
        assert found.count == 0
        found.only(None)
        assert found.count == 102


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("10:31 ERROR no", "broken"),
        ("WARN: x", "strained"),
        ('{"level":"error"}', "broken"),
        ("level=warning msg", "strained"),
        ("E0501 10:31:52.000000 1 x.go:1]", "broken"),
        ("no errors here", "plain"),
        ("INFO terror", "plain"),
    ],
)
def test_severity_is_read_from_the_line(text: str, tone: str) -> None:
    assert severity(text) == tone


async def test_a_line_with_colours_of_its_own_keeps_them() -> None:
    async with pane(size=(40, 4)) as (found, pilot):
        found.extend([Line("\x1b[32mERROR\x1b[0m fine"), Line("ERROR bad")])
        await pilot.pause()
        colours = found.tints.colours
        own = next(segment for segment in found.draw_line(0) if "ERROR" in segment.text)
        tinted = next(segment for segment in found.draw_line(1) if "ERROR" in segment.text)
        assert own.style is not None
        assert tinted.style is not None
        assert own.style.color == colours["well"].rich_color
        assert tinted.style.color == colours["broken"].rich_color


async def test_hostile_lines_are_shown_and_never_obeyed() -> None:
    async with pane(size=(100, 24)) as (found, pilot):
        found.extend([Line(text, source=text, stamp=text) for text in HOSTILE])
        await pilot.press("t")
        for _ in range(2):
            await pilot.pause()
            assert "␛[2Jclear" in "\n".join(drawn(found))
            await pilot.press("w")
        assert "\x1b" not in found.text()
        assert "\x1b" in found.text(raw=True)
        found.clear()
        found.set_message(HOSTILE[1])
        await pilot.pause()
        assert "␛]52" in "\n".join(drawn(found))


async def test_a_million_lines_cost_a_ring() -> None:
    async with pane() as (found, pilot):
        batch = [Line(f"line {n}") for n in range(10_000)]
        for _ in range(100):
            found.extend(batch)
        await pilot.pause()
        assert (found.total, found.dropped) == (100_000, 900_000)
        assert len(found._bodies) < 600
        found.extend([Line("x" * 1_000_000)])
        await pilot.pause()
        assert drawn(found)[-1].strip().startswith("xxx")
