"""How a LiveTable's lines look: the header, a row, the sentence in an empty table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets._table_layout import PREFIX, Slot, fit, width_of
from widgets._table_model import Row, TableColumn
from widgets._tinted import Tints
from widgets.gauge import gauge
from widgets.safe import safe

MARK = "▎"
GLYPHS: Mapping[str, str] = {"well": "●", "moving": "◐", "strained": "▲", "broken": "✖", "over": "○"}
_LONGEST = 400  # characters of a cell that are looked at


@dataclass(frozen=True, slots=True)
class Look:
    """What makes a row look as it does besides its object."""

    cursor: bool
    focus: bool
    marked: bool
    dimmed: bool
    glows: tuple[tuple[int, float], ...] = ()  # (column or -1 for the row, strength)


def cell_text(column: TableColumn, found: Any, now: datetime) -> str:
    """Return what a cell says, made safe for one line."""
    text = column.text(found, now)
    return safe(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


@dataclass
class Painter:
    """Draws the lines of a table in the colours and columns of the moment."""

    tints: Tints
    columns: Sequence[TableColumn]
    slots: tuple[Slot, ...]
    width: int
    row_tone: Callable[[Any], str]
    row_glyph: Callable[[Any], str] | None

    def header(self, sorted_by: str, reverse: bool) -> Strip:
        """Return the titles over their data; the one sorted by in the accent, with its mark."""
        faint, accent = self.tints.style("faint"), self.tints.style("accent")
        segments, x = [Segment(" " * PREFIX, faint)], PREFIX
        for slot in self.slots:
            title = safe(self.columns[slot.index].title).upper()
            is_sorted = self.columns[slot.index].title == sorted_by
            mark = ("▼" if reverse else "▲") if is_sorted else ""
            data = slot.width - slot.gauge if slot.gauge and width_of(title) <= slot.width - slot.gauge else slot.width
            text = fit(title, data, slot.right)
            room = len(text) - len(text.lstrip(" "))
            if mark:
                text = text + mark if slot.right or width_of(title) >= data else fit(title + mark, data)
            segments += [Segment(" " * (slot.x - x + room), faint), Segment(text[room:], accent if is_sorted else faint)]
            x = slot.x + width_of(text)
        return self._strip(segments, x, "")

    def row(self, row: Row, look: Look) -> Strip:
        """Return one row."""
        tone = self.row_tone(row.object)
        ground = ("cursor" if look.focus else "cursor-blurred") if look.cursor else ""
        strength, glows = 1.0, dict(look.glows)
        if not ground and -1 in glows:
            ground, strength = "glow", glows[-1]
        style = self.tints.style
        glyph = self.row_glyph(row.object) if self.row_glyph is not None else GLYPHS.get(tone, " ")
        segments = [
            Segment(MARK if look.marked else " ", style("accent", ground, False, strength)),
            Segment(fit(safe(glyph), 1) + " ", style("faint" if look.dimmed else tone, ground, False, strength)),
        ]
        x = PREFIX
        for slot in self.slots:
            plain = style("text", ground, False, strength)
            if slot.x > x:
                segments.append(Segment(" " * (slot.x - x), plain))
            x = slot.end
            cell_ground, cell_strength = ("glow", glows[slot.index]) if slot.index in glows and not ground else (ground, strength)
            segments += self._cell(slot, row, look, tone, cell_ground, cell_strength)
        return self._strip(segments, x, ground, strength)

    def _cell(self, slot: Slot, row: Row, look: Look, row_tone: str, ground: str, strength: float) -> list[Segment]:
        column = self.columns[slot.index]
        text = row.texts[slot.index] if row.texts is not None else ""
        tone, bold = self._tone(slot, column, row.object, row_tone), False
        if look.dimmed:
            tone = "faint"
        elif look.cursor and slot.x == PREFIX:
            tone, bold = "name", True
        style = self.tints.style
        if not slot.gauge or column.gauge is None:
            return self._aligned(text, slot.width, slot.right, style(tone, ground, bold, strength))
        share = column.gauge(row.object)
        line = min(slot.gauge, slot.width)
        words = slot.width - line
        if share is None and not text:
            return [Segment(" " * slot.width, style(tone, ground, bold, strength))]
        space = 1 if words > 0 else 0
        pieces = gauge(share, line - space)
        return [
            *self._aligned(text, words, True, style(tone, ground, bold, strength)),
            Segment(" " * space, style("text", ground, False, strength)),
            *(Segment(piece, style("line" if look.dimmed else piece_tone, ground, False, strength)) for piece, piece_tone in pieces),
        ]

    @staticmethod
    def _aligned(text: str, width: int, right: bool, style: Style) -> list[Segment]:
        """Return a cell; the room left of a number is a piece of its own, so that nothing between reads it as text."""
        if right and (room := width - width_of(text)) > 0:
            return [Segment(" " * room, style), Segment(text, style)]
        return [Segment(fit(text, width), style)]

    def _tone(self, slot: Slot, column: TableColumn, found: Any, row_tone: str) -> str:
        """Three greys rank the cells; only states that want a look are coloured."""
        if row_tone == "over":
            return "over"
        if column.tone is not None:
            tone = column.tone(found)
            if tone not in ("plain", "well"):
                return tone
            return "muted" if slot.right else "text"
        return "text" if slot.x == PREFIX else "muted"

    def message(self, text: str, y: int, height: int) -> Strip:
        """Return line `y` of `height` empty ones, with a few lines of text in the middle."""
        lines = safe(text, lines=True).replace("\t", " ").split("\n")
        at = y - max(0, (height - len(lines)) // 2)
        if not 0 <= at < len(lines):
            return self.blank()
        line = fit(lines[at], min(self.width, width_of(lines[at])))
        left = (self.width - width_of(line)) // 2
        style = self.tints.style("muted")
        return self._strip([Segment(" " * left, style), Segment(line, style)], left + width_of(line), "")

    def blank(self) -> Strip:
        """Return an empty line."""
        return Strip.blank(self.width, self.tints.style("text"))

    def _strip(self, segments: list[Segment], x: int, ground: str, strength: float = 1.0) -> Strip:
        if x < self.width:
            segments.append(Segment(" " * (self.width - x), self.tints.style("text", ground, False, strength)))
        strip = Strip([segment for segment in segments if segment.text], max(x, self.width))
        return strip if x <= self.width else strip.crop(0, self.width)
