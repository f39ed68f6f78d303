"""Stats: what an object used in the last five minutes, as charts of blocks: processors, memory, network."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import cast

from msgspec import Struct
from textual.app import ComposeResult
from textual.content import Content

from tui.facts import EngineError, Figures
from tui.model import Host, Target
from tui.values import age, binary_size, decimal_size
from tui.views.limits import Limits, limits_of
from tui.views.pane import ObjectPane, nothing
from tui.views.series import columns, rates
from widgets.gauge import spark
from widgets.sheet import Sheet
from widgets.words import words

SCALE = 9  # cells beside a chart, for what its height means
HIGHEST = 6  # rows of one chart


class Chart(Struct, frozen=True):
    """One chart: columns of values, how a value is written, and the limit, if there is one."""

    title: str
    values: Sequence[float | None]
    write: Callable[[float], str]
    limit: float | None = None


class StatsPane(ObjectPane):
    """Polls while it is shown; what was polled before by others is there at once."""

    def __init__(self, host: Host, target: Target) -> None:
        super().__init__(host, target)
        self._past: Sequence[Figures] | None = None
        self._limits: Limits = (None, None)
        self._fault = ""

    def compose(self) -> ComposeResult:
        """Lay out one scrolling text."""
        yield Sheet()

    def changed(self, other: bool) -> None:
        """Begin anew with another object."""
        if other:
            self._past, self._limits, self._fault = None, (None, None), ""
            self._draw()

    async def ask(self) -> None:
        """Follow the figures; the limits are read once."""
        ref, engine = self.target.ref, self.host.engine(self.target.ref)
        with contextlib.suppress(EngineError):
            self._limits = limits_of(ref.kind, ref.name, await engine.fetch(ref))
        # an async generator: closed at once when nobody looks any more, so that its polling ends
        found = cast(AsyncGenerator[Sequence[Figures], None], engine.figures(ref))
        async with contextlib.aclosing(found) as figures:
            async for past in figures:
                self._past = past
                self._draw()

    def said(self, text: str) -> None:
        """Say why there is nothing to draw."""
        self._fault = text
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        width, height = max(24, self.size.width - 3), max(8, self.size.height)
        if self._fault:
            lines = nothing(self._fault).wrap(width)
        elif not self._past:
            running = getattr(self.target.object, "running", True)
            lines = [
                nothing("reading …" if self._past is None and running else "nothing was measured yet" if running else "it does not run")
            ]
        else:
            lines = stats_lines(self._past, self._limits, self.target.kind.family, self.host.now(), (width, height))
        self.query_one(Sheet).say(lines)


def stats_lines(past: Sequence[Figures], limits: Limits, family: str, now: datetime, size: tuple[int, int]) -> list[Content]:
    """Return the charts as lines of at most `size[0]` cells, as many rows each as let all of them stand in `size[1]` lines."""
    width, height = size
    now = max(now, past[-1].when) if (now - past[-1].when).total_seconds() < 3600 else past[-1].when
    wide = width - SCALE
    charts = charts_of(past, limits, family, now, wide)
    rows = min(HIGHEST, (height - 1) // max(1, len(charts)) - 2)
    lines: list[Content] = []
    for chart in charts:
        lines += [*chart_lines(chart, wide, rows, family), words("")] if rows > 0 else [brief_line(chart, width, family)]
    if rows <= 0:
        return [line.truncate(width, ellipsis=True) for line in lines]
    seconds = (now - past[-1].when).total_seconds()
    note = f"measured {age(past[-1].when, now)} ago" if seconds > 30 else ""
    axis = words(("5 min ago", "faint"), " " * max(1, wide - 12), ("now", "faint"), (f"  {note}" if note else "", "strained"))
    return [line.truncate(width, ellipsis=True) if line.cell_length > width else line for line in (*lines[:-1], axis)]


def brief_line(chart: Chart, width: int, family: str) -> Content:
    """Return a chart in one line, for low panes."""
    known = [value for value in chart.values if value is not None]
    if not known:
        return words((f"{chart.title:<9}", "faint"), ("not known yet", "faint"))
    share = f" ({known[-1] / chart.limit * 100:.0f}%)" if chart.limit else ""
    said = f"{chart.write(known[-1])}{share}"
    room = max(4, min(60, width - 9 - 18 - 18))
    step = max(1, -(-len(chart.values) // room))
    parts = [[value for value in chart.values[n : n + step] if value is not None] for n in range(0, len(chart.values), step)]
    row = spark([max(part) if part else None for part in parts], len(parts))[0]
    return words(
        (f"{chart.title:<9}", "faint"), (f"{said:<17} ", "name"), (row, family), ("  max ", "faint"), (chart.write(max(known)), "muted")
    )


def charts_of(past: Sequence[Figures], limits: Limits, family: str, now: datetime, wide: int) -> list[Chart]:
    """Return the charts there are figures for."""
    cpu_limit, memory_limit = limits
    memory_limit = memory_limit or float(past[-1].limit) or None
    cpu = Chart("CPU", columns(past, lambda one: one.cpu, wide, now), percent if family == "docker" else cores, cpu_limit)
    memory = Chart("MEMORY", columns(past, lambda one: one.memory, wide, now), binary_size, memory_limit)
    found = [cpu, memory]
    for title, pick in (("RECEIVED", _received), ("SENT", _sent)):
        if any(pick(one) is not None for one in past):
            moved = [Figures(when, rate) for when, rate in rates(past, pick)]
            found.append(Chart(title, columns(moved, lambda one: one.cpu, wide, now), per_second))
    return found


def _received(one: Figures) -> float | None:
    return one.received


def _sent(one: Figures) -> float | None:
    return one.sent


def chart_lines(chart: Chart, wide: int, rows: int, family: str) -> list[Content]:
    """Return a chart: now, least and most in words, then the blocks, with a line where the limit is."""
    known = [value for value in chart.values if value is not None]
    if not known:
        return [words((chart.title, "faint"), ("  not known yet", "faint"))]
    write, limit, peak = chart.write, chart.limit, max(known)
    share = f" of {write(limit)}, {known[-1] / limit * 100:.0f}%" if limit else ""
    tone = "broken" if limit and known[-1] >= 0.9 * limit else "strained" if limit and known[-1] >= 0.7 * limit else "name"
    head = words(
        (f"{chart.title:<9}", "faint"), (write(known[-1]), f"{tone} bold"), (share, tone),
        ("   min ", "faint"), (write(min(known)), "muted"),
        ("   max ", "faint"), (write(peak), "muted"),
    )  # fmt: skip
    near = limit is not None and peak >= limit / 4
    top = max(peak, limit or 0.0) * 1.08 if near else (peak or 1.0) * 1.15
    at = rows - 1 - min(rows - 1, int((limit or 0.0) / top * rows)) if near else -1
    lines = [head]
    for n, row in enumerate(spark(chart.values, wide, rows, top)):
        label = write(top) if n == 0 and at != 0 else "limit" if n == at else "0" if n == rows - 1 and rows > 1 else ""
        pieces = _with_limit(row, family) if n == at else [(row, family)]
        lines.append(words(*pieces, (f" {label}", "strained" if n == at else "faint")))
    return lines


def _with_limit(row: str, family: str) -> list[tuple[str, str]]:
    """Return a row of blocks, its empty cells filled with the line of the limit."""
    pieces: list[tuple[str, str]] = []
    for cell in row:
        text, role = ("┄", "strained") if cell == " " else (cell, family)
        if pieces and pieces[-1][1] == role:
            pieces[-1] = (pieces[-1][0] + text, role)
        else:
            pieces.append((text, role))
    return pieces


def percent(value: float) -> str:
    """Return processors as docker writes them: 100% is one."""
    return f"{value:.1f}%"


def cores(value: float) -> str:
    """Return processors as kubectl writes them: thousandths of one."""
    return f"{value * 10:.0f}m"


def per_second(value: float) -> str:
    """Return bytes a second."""
    return f"{decimal_size(value)}/s"
