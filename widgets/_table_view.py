"""What is seen of a LiveTable: the window of rows on the screen, its columns, glows and ages; the rows' API stands in table.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from textual import events
from textual.cache import LRUCache
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer

from widgets._table_layout import Layout, Widths
from widgets._table_model import Row, Rows, TableColumn
from widgets._table_paint import Look, Painter, cell_text
from widgets._tinted import Tinted

GLOW_SECONDS = 2.0
GLOW_STEPS = 4
_SAMPLE = 500
_STRIPS = 1024


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class TableView(Tinted):
    """The drawn half of a LiveTable."""

    wide = reactive(False)
    dimmed = reactive(False)

    def __init__(
        self,
        *,
        now: Callable[[], datetime] | None,
        clock: Callable[[], float] | None,
        glow: bool,
        name: str | None,
        id: str | None,  # noqa: A002
        classes: str | None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.now: Callable[[], datetime] = now or utc_now
        self.clock: Callable[[], float] = clock or time.monotonic
        self.glow = glow
        self.marks: set[str] = set()
        self.sorted_by: tuple[str, bool] = ("", False)
        self.columns: tuple[TableColumn, ...] = ()
        self._rows = Rows()
        self._cursor: Row | None = None
        self._at = -1  # where the cursor's row stands
        self._shift = 0
        self._row_tone: Callable[[Any], str] = lambda _: "plain"
        self._row_glyph: Callable[[Any], str] | None = None
        self._message = ""
        self._widths = Widths(())
        self._layout = Layout()
        self._painter: Painter | None = None
        self._strips: LRUCache[tuple[Any, ...], Strip] = LRUCache(_STRIPS)
        self._window: tuple[str, ...] = ()
        self._aged = 0
        self._glow_timer: Timer | None = None
        self._age_timer: Timer | None = None
        self._glow_end = 0.0  # when the last glow that began has faded

    # ---- the window -------------------------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Return how many rows fit below the header."""
        return max(0, self.size.height - 1)

    def visible_keys(self) -> list[str]:
        """Return the keys of the rows on the screen."""
        return [row.key for row in self._seen()]

    def _seen(self) -> Sequence[Row]:
        top = round(self.scroll_y)
        return self._rows.shown[top : top + self.page]

    def _refresh_row(self, row: Row) -> None:
        at = self._rows.index(row) - round(self.scroll_y)
        if 0 <= at < self.page:
            self.refresh(Region(0, at + 1, self.size.width, 1))

    def _set_height(self) -> None:
        self.set_height(len(self._rows.shown) + 1)

    def _is_looked_at(self) -> bool:
        return self.is_attached and self.display and self.screen.is_active

    # ---- columns ----------------------------------------------------------------------------------------------------

    def _use_columns(self, columns: Sequence[TableColumn], widths: Mapping[str, int] | None) -> None:
        self.columns = tuple(columns)
        self._widths = Widths(self.columns, widths)
        self._shift = 0
        for row in self._rows.all.values():
            row.texts, row.measured = None, -1
        self._measure_again()

    def _measure_again(self) -> None:
        """Measure the first rows anew, so that columns may shrink."""
        self._widths.forget()
        for row in self._rows.all.values():
            row.measured = -1
        for row in self._rows.shown[:_SAMPLE]:
            self._note(row)
        self._lay_out()

    def _note(self, row: Row) -> bool:
        """Measure a row's cells; tell whether a column must grow."""
        texts = self._texts(row)
        if row.measured == row.version:
            return False
        row.measured = row.version
        grown = self._widths.grow(texts)
        right = self._widths.right
        for index, column in enumerate(self.columns):
            if not right[index] and callable(column.right) and column.right(row.object):
                right[index] = grown = True
        return grown

    def _lay_out(self) -> None:
        layout = self._widths.layout(self.size.width, self.wide, self._shift)
        if layout != self._layout:
            self._layout = layout
            self._tick_ages()
        self._painter = None
        self._strips.clear()
        self.refresh()

    def _texts(self, row: Row) -> list[str]:
        """Return a row's texts; those that depend on the time are written anew once a tick."""
        if row.texts is None:
            now = self.now()
            row.texts = [cell_text(column, row.object, now) for column in self.columns]
            row.aged = self._aged
        elif row.aged != self._aged:
            now = self.now()
            for index, column in enumerate(self.columns):
                if column.ages and (text := cell_text(column, row.object, now)) != row.texts[index]:
                    row.texts[index] = text
                    row.version += 1
            row.aged = self._aged
        return row.texts

    def watch_wide(self) -> None:
        """Lay out with or without the wide columns."""
        self._shift = 0
        self._lay_out()

    def watch_dimmed(self) -> None:
        """Draw the rows greyed, or no longer."""
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new width."""
        self._set_height()
        self._lay_out()

    # ---- drawing ----------------------------------------------------------------------------------------------------

    def tints_changed(self) -> None:
        """Forget what was drawn in other colours."""
        self._painter = None
        self._strips.clear()

    def looked(self, keys: tuple[str, ...]) -> None:
        """Take note that other rows are on the screen now."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region; first the columns grow for rows not seen before."""
        seen = self._seen()
        if sum(self._note(row) for row in seen):
            # This paint may cover a part of the table only: the rest follows with the next one.
            self.call_later(self._lay_out)
            self._layout = self._widths.layout(self.size.width, self.wide, self._shift)
            self._painter = None
            self._strips.clear()
        window = tuple(row.key for row in seen)
        if window != self._window:
            self._window = window
            self.looked(window)
        return super().render_lines(crop)

    def draw_line(self, y: int) -> Strip:
        """Return line `y` of the widget: the header, a row, or a line of the message."""
        tints = self.tints
        if self._painter is None:
            self._painter = Painter(tints, self.columns, self._layout.slots, self.size.width, self._row_tone, self._row_glyph)
        painter = self._painter
        if y == 0:
            return painter.header(*self.sorted_by)
        shown = self._rows.shown
        if not shown:
            return painter.message(self._message, y - 1, self.page)
        at = round(self.scroll_y) + y - 1
        if at >= len(shown):
            return painter.blank()
        row = shown[at]
        self._texts(row)
        look = Look(row is self._cursor, self.has_focus, row.key in self.marks, self.dimmed, self._strengths(row))
        key = (row.key, row.version, look)
        if (strip := self._strips.get(key)) is None:
            strip = self._strips[key] = painter.row(row, look)
        return strip

    # ---- glow -------------------------------------------------------------------------------------------------------

    def _strengths(self, row: Row) -> tuple[tuple[int, float], ...]:
        if not row.glows:
            return ()
        now = self.clock()
        steps = ((index, GLOW_STEPS - int((now - began) / GLOW_SECONDS * GLOW_STEPS)) for index, began in row.glows.items())
        return tuple((index, step / GLOW_STEPS) for index, step in steps if step > 0)

    def _glow_rows(self, rows: Sequence[Row]) -> None:
        """Let new rows glow; those that nobody sees need not."""
        if self.glow and rows:
            new = {row.key for row in rows}
            for row in self._seen():
                if row.key in new:
                    row.glows = {-1: self.clock()}
                    self._keep_glowing()

    def _glow_cells(self, row: Row, old: Any) -> None:
        """Let the cells glow that say something else than they did for the old object."""
        if not self.glow:
            return
        now = self.now()
        for slot in self._layout.slots:
            column = self.columns[slot.index]
            if column.glow and not column.ages and column.text(old, now) != column.text(row.object, now):
                row.glows = {**(row.glows or {}), slot.index: self.clock()}
        if row.glows:
            self._keep_glowing()

    def _keep_glowing(self) -> None:
        """Run the timer while something on the screen glows."""
        self._glow_end = self.clock() + GLOW_SECONDS
        if self._glow_timer is None and self.is_attached:
            self._glow_timer = self.set_interval(GLOW_SECONDS / GLOW_STEPS, self._fade)

    def _fade(self) -> None:
        for row in self._seen():
            if row.glows:
                if not self._strengths(row):
                    row.glows = None
                self._refresh_row(row)
        if self.clock() > self._glow_end and self._glow_timer is not None:
            self._glow_timer.stop()
            self._glow_timer = None

    # ---- ages -------------------------------------------------------------------------------------------------------

    def _tick_ages(self) -> None:
        """Run the one timer of ages while such a column is on the screen."""
        wanted = any(self.columns[slot.index].ages for slot in self._layout.slots)
        if wanted and self._age_timer is None and self.is_attached:
            self._age_timer = self.set_interval(1.0, self.tick)
        elif not wanted and self._age_timer is not None:
            self._age_timer.stop()
            self._age_timer = None

    def tick(self) -> None:
        """Write the ages on the screen anew; a row is drawn again only if one of its ages says something else."""
        if not self._is_looked_at():
            return
        self._aged += 1
        for row in self._seen():
            version = row.version
            self._texts(row)
            if row.version != version:
                self._refresh_row(row)
