"""What a person does to a LiveTable by key and mouse: moving, marking, sorting, dragging columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from widgets._table_layout import Slot
from widgets._table_view import TableView


class TableHands(TableView, can_focus=True):
    """The handled half of a LiveTable; what it brings about is told by the methods that LiveTable fills in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up", tooltip="Move the cursor up"),
        Binding("down,j", "move(1)", "Down", show=False, id="table.down", tooltip="Move the cursor down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="table.page-up", tooltip="Move a page up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="table.page-down", tooltip="Move a page down"),
        Binding("home,g", "first", "First", show=False, id="table.first", tooltip="Go to the first row"),
        Binding("end,G", "last", "Last", show=False, id="table.last", tooltip="Go to the last row"),
        Binding("left", "shift(-1)", "Left", show=False, id="table.left", tooltip="Show the columns to the left"),
        Binding("right", "shift(1)", "Right", show=False, id="table.right", tooltip="Show the columns to the right"),
        Binding("enter", "open", "Open", show=False, id="table.open", tooltip="Open the row under the cursor"),
        Binding("space", "toggle_mark", "Mark", show=False, id="table.mark", tooltip="Mark or unmark the row"),
        Binding("ctrl+space,ctrl+@", "mark_range", "Mark range", show=False, id="table.mark-range", tooltip="Mark from the last one"),
        Binding("ctrl+backslash", "clear_marks", "Unmark all", show=False, id="table.clear-marks", tooltip="Unmark every row"),
    ]

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
        super().__init__(now=now, clock=clock, glow=glow, name=name, id=id, classes=classes)
        self._moved_at = float("-inf")
        self._last_mark = ""
        self._drag: tuple[Slot, int] | None = None  # the column whose edge is held, and where it was taken
        self._edge_used = False

    # ---- what LiveTable fills in ------------------------------------------------------------------------------------

    def moved_by_hand(self) -> None:
        """Take note that the person moved."""

    def cursor_moved(self) -> None:
        """Tell where the cursor is now."""

    def opened(self) -> None:
        """Tell that the row under the cursor is opened."""

    def marks_changed(self) -> None:
        """Tell how many rows are marked."""

    def sorted_by_hand(self, column: str, reverse: bool) -> None:
        """Sort as the person wants it."""

    def width_chosen(self, column: str, width: int) -> None:
        """Tell how wide the person wants a column; 0 = as its cells."""

    # ---- the cursor -------------------------------------------------------------------------------------------------

    def _place_cursor(self, at: int) -> None:
        """Put the cursor on the row at this index of those shown; -1 = on none."""
        row = self._rows.shown[at] if 0 <= at < len(self._rows.shown) else None
        old, self._cursor = self._cursor, row
        self._at = at if row is not None else -1
        if row is old:
            return
        for changed in (old, row):
            if changed is not None and changed.key in self._rows.all:
                self._refresh_row(changed)
        self.cursor_moved()

    def _go(self, at: int) -> None:
        self.moved_by_hand()
        if self._rows.shown:
            self._place_cursor(max(0, min(at, len(self._rows.shown) - 1)))
            self._show_cursor()

    def _show_cursor(self) -> None:
        """Scroll as little as puts the cursor on the screen."""
        top, page = round(self.scroll_y), self.page
        if self._at < 0 or page <= 0:
            return
        if self._at < top:
            self._scroll_rows(self._at)
        elif self._at >= top + page:
            self._scroll_rows(self._at - page + 1)

    def _scroll_rows(self, top: int) -> None:
        top = max(0, min(top, len(self._rows.shown) - self.page))
        self.scroll_target_y = self.scroll_y = top

    def action_move(self, by: int) -> None:
        """Move the cursor by so many rows."""
        self._go(self._at + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by so many pages."""
        self._go(self._at + by * max(1, self.page - 1))

    def action_first(self) -> None:
        """Go to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self._go(len(self._rows.shown) - 1)

    def action_shift(self, by: int) -> None:
        """Leave out one more column behind the first, or one fewer."""
        if by > 0 and not self._layout.more:
            return
        self._shift = max(0, self._shift + by)
        self._lay_out()

    def action_open(self) -> None:
        """Open the row under the cursor."""
        self.moved_by_hand()
        if self._cursor is not None:
            self.opened()

    # ---- marks ------------------------------------------------------------------------------------------------------

    def toggle_mark(self, key: str | None = None) -> None:
        """Mark or unmark a row; by default the one under the cursor."""
        key = key if key is not None else (self._cursor.key if self._cursor is not None else "")
        if key in self._rows.all:
            self.marks.symmetric_difference_update({key})
            self._last_mark = key
            self.marks_changed()

    def mark_range(self) -> None:
        """Mark every row shown from the last one marked to the cursor."""
        last = self._rows.all.get(self._last_mark)
        if self._at < 0:
            return
        start = self._rows.index(last) if last is not None and last.visible else self._at
        low, high = sorted((start, self._at))
        self.marks.update(row.key for row in self._rows.shown[low : high + 1])
        self._last_mark = self._rows.shown[self._at].key
        self.marks_changed()

    def clear_marks(self) -> None:
        """Unmark every row."""
        if self.marks:
            self.marks.clear()
            self._last_mark = ""
            self.marks_changed()

    def action_toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor."""
        self.moved_by_hand()
        self.toggle_mark()

    def action_mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        self.moved_by_hand()
        self.mark_range()

    def action_clear_marks(self) -> None:
        """Unmark every row."""
        self.clear_marks()

    # ---- the mouse --------------------------------------------------------------------------------------------------

    def _slot_at(self, x: int) -> Slot | None:
        """Return the column at a cell, the gap behind it included."""
        return next((slot for slot in reversed(self._layout.slots) if x >= slot.x), self._layout.slots[0] if self._layout.slots else None)

    def _edge_at(self, x: int) -> Slot | None:
        """Return the column whose right edge (the first cell behind it) is at a cell."""
        return next((slot for slot in self._layout.slots if x == slot.end), None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a column's edge in the header."""
        self._edge_used = False
        if event.y == 0 and event.button == 1 and (slot := self._edge_at(event.x)) is not None:
            self._drag, self._edge_used = (slot, event.screen_x), True
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the column's edge along."""
        if self._drag is not None:
            slot, start = self._drag
            self._widths.chosen[self.columns[slot.index].title] = max(4, slot.width + event.screen_x - start)
            self._lay_out()
            event.stop()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go of the column's edge."""
        if self._drag is None:
            return
        slot, start = self._drag
        self._drag = None
        self.release_mouse()
        if event.screen_x != start:
            title = self.columns[slot.index].title
            self._widths.chosen[title] = width = max(4, slot.width + event.screen_x - start)
            self._lay_out()
            self.width_chosen(title, width)
        event.stop()

    def on_click(self, event: events.Click) -> None:
        """Select a row, open it on the second click; sort by a title; fit a column by a double click on its edge."""
        if event.y == 0:
            self._click_header(event)
            return
        at = round(self.scroll_y) + event.y - 1
        if not 0 <= at < len(self._rows.shown):
            return
        self._go(at)
        if event.chain == 2:
            self.action_open()

    def _click_header(self, event: events.Click) -> None:
        if self._edge_used:
            if event.chain == 2 and (slot := self._edge_at(event.x)) is not None:
                title = self.columns[slot.index].title
                self._widths.chosen.pop(title, None)
                self._lay_out()
                self.width_chosen(title, 0)
            return
        if (slot := self._slot_at(event.x)) is not None:
            title = self.columns[slot.index].title
            self.sorted_by_hand(title, self.sorted_by[0] == title and not self.sorted_by[1])
