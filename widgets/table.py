"""LiveTable: a virtual table on the line API for tens of thousands of live rows; cursor and marks are bound to row keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from textual.message import Message
from textual.timer import Timer

from widgets._gradual import Gradual
from widgets._table_hands import TableHands
from widgets._table_model import Row, TableColumn

__all__ = ["LiveTable", "TableColumn"]

_RESORT_SECONDS = 0.75
_MANY = 4000  # rows from which on sorting and filtering by hand go slice by slice
_REPEAT_SECONDS = 0.4  # a cursor key within this time counts as held down


class LiveTable(TableHands):
    """A table of objects keyed by str.

    Fill it with `set_columns`, then `put`, `gone`, `replace`; call `settle()` when the first listing is complete. The
    cursor stays on its object, and on its line of the screen, whatever comes and goes around it. A class -docker,
    -swarm, -kubernetes or -local on the table or above it gives the accent.
    """

    class CursorMoved(Message):
        """The cursor is on another object; `key` is "" when there is none."""

        def __init__(self, table: LiveTable, key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

    class Opened(Message):
        """A row was opened by Enter or a double click."""

        def __init__(self, table: LiveTable, key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

    class Sorted(Message):
        """The person sorted by a column."""

        def __init__(self, table: LiveTable, column: str, reverse: bool) -> None:
            super().__init__()
            self.table, self.column, self.reverse = table, column, reverse

    class Filtered(Message):
        """A filter over many rows has taken effect."""

        def __init__(self, table: LiveTable) -> None:
            super().__init__()
            self.table = table

    class Marked(Message):
        """The number of marked rows changed."""

        def __init__(self, table: LiveTable, count: int) -> None:
            super().__init__()
            self.table, self.count = table, count

    class WidthChanged(Message):
        """The person dragged a column to `width` cells, or fitted it to its cells (0)."""

        def __init__(self, table: LiveTable, column: str, width: int) -> None:
            super().__init__()
            self.table, self.column, self.width = table, column, width

    class Looked(Message):
        """The rows on the screen are now these."""

        def __init__(self, table: LiveTable, keys: Sequence[str]) -> None:
            super().__init__()
            self.table, self.keys = table, keys

    def __init__(
        self,
        *,
        now: Callable[[], datetime] | None = None,
        clock: Callable[[], float] | None = None,
        glow: bool = True,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(now=now, clock=clock, glow=glow, name=name, id=id, classes=classes)
        self._homing = True  # the cursor stays on the first row
        self._touched = False  # the person has moved the cursor
        self._settled = False  # the first listing is complete
        self._resort_timer: Timer | None = None
        self._sorting = Gradual(lambda: self.is_attached)
        self._filtering = Gradual(lambda: self.is_attached)

    # ---- rows -------------------------------------------------------------------------------------------------------

    def set_columns(
        self,
        columns: Sequence[TableColumn],
        row_tone: Callable[[Any], str] = lambda _: "plain",
        row_glyph: Callable[[Any], str] | None = None,
        widths: Mapping[str, int] | None = None,
    ) -> None:
        """Use these columns from now on; the first is the name, which never goes. Rows, cursor and marks stay.

        `row_tone`: the tone of a whole row, whose glyph stands before the name, unless `row_glyph` gives another.
        `widths`: what a person dragged columns to, by title.
        """
        self._row_tone, self._row_glyph = row_tone, row_glyph
        self._use_columns(columns, widths)
        self.sort(self.sorted_by[0], self.sorted_by[1])

    def put(self, rows: Mapping[str, Any]) -> None:
        """Add new rows and change known ones."""
        with self._holding_still():
            new, changed, reshown = self._rows.put(rows)
        seen = set(self._window)
        if self._settled:
            self._glow_rows(new)
        for row, old in changed:
            if row.key in seen:
                self._glow_cells(row, old)
                if not reshown:
                    self._refresh_row(row)
        self._plan_resort()

    def gone(self, keys: Iterable[str]) -> None:
        """Remove rows; their marks go with them."""
        keys = list(keys)
        with self._holding_still():
            self._rows.gone(keys)
        self._unmark(keys)

    def clear(self) -> None:
        """Remove all rows, marks and the cursor."""
        with self._holding_still():
            self._rows.clear()
        self._unmark(list(self.marks))
        self._homing, self._touched, self._settled = True, False, False
        self._measure_again()

    def replace(self, rows: Mapping[str, Any]) -> None:
        """Make these all the rows there are; cursor and marks stay on keys that remain, and columns may shrink."""
        gone = [key for key in self._rows.all if key not in rows]
        with self._holding_still():
            self._rows.gone(gone)
            self._rows.put(rows)
            self._rows.resort()
        self._unmark(gone)
        self._measure_again()

    def settle(self) -> None:
        """Say that the first listing is complete: from now on new rows glow, and the cursor stays on its object.

        Before that, and before the person moves it, the cursor stays on the first row, whatever that is.
        """
        self._homing, self._settled = False, True

    def where(self, predicate: Callable[[Any], bool] | None) -> None:
        """Show only the rows whose object satisfies the predicate; None shows all. Of many rows it takes some turns: Filtered tells."""
        if predicate is not None and self._are_many():
            self._filtering.start(self._rows.where_slowly(predicate, lambda other: self._filtered(predicate, other)))
            return
        self._filtering.stop()
        with self._holding_still():
            self._rows.where(predicate)
        self._look_at_cursor()

    def _filtered(self, predicate: Callable[[Any], bool], other: list[Row]) -> None:
        with self._holding_still():
            self._rows.take_answers(predicate, other)
        self._look_at_cursor()
        self.post_message(self.Filtered(self))

    def _are_many(self) -> bool:
        return self.is_attached and len(self._rows.all) > _MANY

    def sort(self, column: str, reverse: bool = False) -> None:
        """Sort by the column with this title; an unknown title sorts by the first column. Many rows take some turns of the loop."""
        if not self.columns:
            self.sorted_by = (column, reverse)
            return
        by = next((known for known in self.columns if known.title == column), self.columns[0])
        self.sorted_by = (by.title, reverse)
        tie = self.columns[0].key
        if self._are_many():
            self._sorting.start(self._rows.sort_slowly(by.key, tie, reverse, lambda rows: self._ordered(by.key, tie, reverse, rows)))
            return
        self._sorting.stop()
        with self._holding_still():
            self._rows.sort(by.key, tie, reverse)
        self._look_at_cursor()
        self.refresh()

    def _ordered(self, key: Callable[[Any], Any], tie: Callable[[Any], Any], reverse: bool, rows: list[Row]) -> None:
        with self._holding_still():
            self._rows.take_order(key, tie, reverse, rows)
        self._look_at_cursor()
        self.refresh()

    def resort(self) -> None:
        """Let changed values take effect on the order now; else this happens by itself, at most about once a second."""
        with self._holding_still():
            self._rows.resort()

    def set_message(self, text: str) -> None:
        """Say this in the middle while no row is shown; may have several lines, and may come from outside."""
        if text != self._message:
            self._message = text
            if not self._rows.shown:
                self.refresh()

    @property
    def shown(self) -> int:
        """Return the number of rows after the filter."""
        return len(self._rows.shown)

    @property
    def total(self) -> int:
        """Return the number of rows."""
        return len(self._rows.all)

    def row(self, key: str) -> Any | None:
        """Return the object with this key, or None."""
        found = self._rows.all.get(key)
        return None if found is None else found.object

    def shown_keys(self) -> list[str]:
        """Return the keys of all rows after the filter, in their order."""
        return [row.key for row in self._rows.shown]

    # ---- cursor and marks -------------------------------------------------------------------------------------------

    @property
    def cursor_key(self) -> str:
        """Return the key under the cursor, or ""."""
        return self._cursor.key if self._cursor is not None else ""

    @property
    def cursor_row(self) -> Any | None:
        """Return the object under the cursor, or None."""
        return self._cursor.object if self._cursor is not None else None

    def select(self, key: str) -> bool:
        """Move the cursor to a row and scroll it into view; False if it is not shown."""
        row = self._rows.all.get(key)
        if row is None or not row.visible:
            return False
        self._homing, self._touched = False, True
        self._place_cursor(self._rows.index(row))
        self._show_cursor()
        return True

    def marked_rows(self) -> list[Any]:
        """Return the objects of the marked rows, those on show first, each group in its order."""
        if not self.marks:
            return []
        rows = [row for row in self._rows.ordered if row.key in self.marks]
        return [row.object for row in sorted(rows, key=lambda row: not row.visible)]

    def _unmark(self, keys: Iterable[str]) -> None:
        count = len(self.marks)
        self.marks.difference_update(keys)
        if len(self.marks) != count:
            self.marks_changed()

    # ---- what follows from changes ----------------------------------------------------------------------------------

    @contextmanager
    def _holding_still(self) -> Iterator[None]:
        """Keep the cursor on its object and on its line while rows come, go and move; off screen, keep the top row."""
        shown, top, was = self._rows.shown, round(self.scroll_y), self._at
        anchor: Row | None = self._cursor
        if anchor is None or not top <= was < top + max(1, self.page):
            anchor = shown[top] if top < len(shown) else None
        line = (was if anchor is self._cursor else top) - top
        before = len(shown)
        yield
        shown = self._rows.shown
        self._follow(was)
        if len(shown) != before:
            self._set_height()
        at = self._rows.index(anchor) if anchor is not None and anchor.key in self._rows.all else self._at
        if self._homing:
            at = line = 0
        if at >= 0 and (target := at - line) != top:
            self._scroll_rows(target)
        self._window_moved()

    def _follow(self, was: int) -> None:
        """Find the cursor's row again; where it is gone, take its neighbour."""
        shown, cursor = self._rows.shown, self._cursor
        alive = cursor is not None and self._rows.all.get(cursor.key) is cursor and cursor.visible
        if not shown:
            self._place_cursor(-1)
        elif self._homing or not alive:
            self._place_cursor(0 if self._homing else min(max(was, 0), len(shown) - 1))
        elif cursor is not None:
            self._at = self._rows.index(cursor)

    def _look_at_cursor(self) -> None:
        """Show the cursor; one that the person never moved goes to the first row of the new order."""
        if not self._touched and self._rows.shown:
            self._place_cursor(0)
        self._show_cursor()

    def _window_moved(self) -> None:
        if tuple(row.key for row in self._seen()) != self._window:
            self.refresh()

    def _plan_resort(self) -> None:
        if self._rows.moved and self._resort_timer is None and self.is_attached:
            self._resort_timer = self.set_timer(_RESORT_SECONDS, self._resort_now)

    def _resort_now(self) -> None:
        self._resort_timer = None
        if self.clock() - self._moved_at < _REPEAT_SECONDS:
            self._plan_resort()
        else:
            self.resort()

    def moved_by_hand(self) -> None:
        """Take note that the person moved: the cursor belongs to an object from now on."""
        self._homing, self._touched = False, True
        self._moved_at = self.clock()

    def looked(self, keys: tuple[str, ...]) -> None:
        """Tell which rows are on the screen now."""
        # Drawing happens in the screen's name, and what a parent says does not bubble past it: so tell it later, as ourselves.
        self.call_later(lambda: self.post_message(self.Looked(self, keys)))

    def cursor_moved(self) -> None:
        """Tell where the cursor is now."""
        self.post_message(self.CursorMoved(self, self.cursor_key))

    def opened(self) -> None:
        """Tell that the row under the cursor is opened."""
        self.post_message(self.Opened(self, self.cursor_key))

    def marks_changed(self) -> None:
        """Draw the marks anew and tell how many there are."""
        self.refresh()
        self.post_message(self.Marked(self, len(self.marks)))

    def sorted_by_hand(self, column: str, reverse: bool) -> None:
        """Sort as the person wants it, and tell."""
        self.sort(column, reverse)
        self.post_message(self.Sorted(self, column, reverse))

    def width_chosen(self, column: str, width: int) -> None:
        """Tell how wide the person wants a column."""
        self.post_message(self.WidthChanged(self, column, width))
