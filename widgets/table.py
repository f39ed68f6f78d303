"""LiveTable: a virtual table on the line API for tens of thousands of live rows; cursor and marks are bound to row keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from widgets._table_model import TableColumn

__all__ = ["LiveTable", "TableColumn"]


class LiveTable(ScrollView, can_focus=True):
    """A table of objects keyed by str. API SKELETON: signatures are final, bodies follow."""

    BINDINGS: ClassVar[list[BindingType]] = []
    wide = reactive(False)
    dimmed = reactive(False)

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

    class Marked(Message):
        """The number of marked rows changed."""

        def __init__(self, table: LiveTable, count: int) -> None:
            super().__init__()
            self.table, self.count = table, count

    class WidthChanged(Message):
        """The person dragged a column to `width` cells, or fitted it (0)."""

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
        super().__init__(name=name, id=id, classes=classes)
        self.marks: set[str] = set()
        self.sorted_by: tuple[str, bool] = ("", False)

    def set_columns(
        self,
        columns: Sequence[TableColumn],
        row_tone: Callable[[Any], str] = lambda _: "plain",
        row_glyph: Callable[[Any], str] | None = None,
        widths: Mapping[str, int] | None = None,
    ) -> None:
        """Use these columns from now on; the first is the name, which never goes. Rows, cursor and marks stay."""

    def put(self, rows: Mapping[str, Any]) -> None:
        """Add new rows and change known ones."""

    def gone(self, keys: Iterable[str]) -> None:
        """Remove rows."""

    def clear(self) -> None:
        """Remove all rows, marks and the cursor."""

    def replace(self, rows: Mapping[str, Any]) -> None:
        """Make these all the rows there are; cursor and marks stay on keys that remain."""

    def settle(self) -> None:
        """Say that the first listing is complete: from now on new rows glow and never push the cursor.

        Before that (and before the person moves) the cursor stays on the first row, whatever it is.
        """

    def where(self, predicate: Callable[[Any], bool] | None) -> None:
        """Show only the rows whose object satisfies the predicate."""

    def sort(self, column: str, reverse: bool = False) -> None:
        """Sort by the column with this title."""

    @property
    def cursor_key(self) -> str:
        """Return the key under the cursor, or ""."""
        return ""

    @property
    def cursor_row(self) -> Any | None:
        """Return the object under the cursor, or None."""
        return None

    def select(self, key: str) -> bool:
        """Move the cursor to a row and scroll it into view; False if it is not shown."""
        return False

    @property
    def shown(self) -> int:
        """Return the number of rows after the filter."""
        return 0

    @property
    def total(self) -> int:
        """Return the number of rows."""
        return 0

    def toggle_mark(self, key: str | None = None) -> None:
        """Mark or unmark a row (default: under the cursor)."""

    def mark_range(self) -> None:
        """Mark all rows from the last marked one to the cursor."""

    def clear_marks(self) -> None:
        """Unmark all rows."""

    def marked_rows(self) -> list[Any]:
        """Return the objects of the marked rows, in the order shown, then those filtered out."""
        return []

    def set_message(self, text: str) -> None:
        """Say this in the middle when no row is shown; may have several lines; may come from outside."""

    def visible_keys(self) -> list[str]:
        """Return the keys of the rows on the screen."""
        return []

    def row(self, key: str) -> Any | None:
        """Return the object with this key, or None."""
        return None
