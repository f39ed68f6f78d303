"""Ledger: a sheet of lines with a cursor: titles and lines one can choose, moved over by keys, mouse and wheel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from widgets.sheet import Sheet

BAR = "▌"  # stands before the line under the cursor, for those who see no ground


class Entry(Struct, frozen=True):
    """One line. `key`: what is chosen with it; "" = a title, which is passed over."""

    content: Content
    key: str = ""


class Ledger(Sheet, can_focus=True):
    """The cursor stays on its key while the lines change around it, or on the nearest line when that key is gone."""

    opened_by = 2  # clicks

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="ledger.up", tooltip="Move the cursor up"),
        Binding("down,j", "move(1)", "Down", show=False, id="ledger.down", tooltip="Move the cursor down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="ledger.page-up", tooltip="Move a page up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="ledger.page-down", tooltip="Move a page down"),
        Binding("home,g", "first", "First", show=False, id="ledger.first", tooltip="Go to the first line"),
        Binding("end,G", "last", "Last", show=False, id="ledger.last", tooltip="Go to the last line"),
        Binding("enter", "open", "Open", show=False, id="ledger.open", tooltip="Open the line under the cursor"),
    ]

    class Opened(Message):
        """A line was opened."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Moved(Message):
        """The cursor is on another line."""

        def can_replace(self, message: Message) -> bool:
            """Let one message stand for many."""
            return isinstance(message, Ledger.Moved)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.entries: Sequence[Entry] = ()
        self.at = -1  # the line of the cursor

    @property
    def key(self) -> str:
        """Return the key under the cursor, or ""."""
        return self.entries[self.at].key if 0 <= self.at < len(self.entries) else ""

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these lines."""
        key, before = self.key, self.at
        self.entries = entries
        self.say([entry.content for entry in entries])
        at = next((n for n, entry in enumerate(entries) if entry.key == key), -1) if key else -1
        self._place(at if at >= 0 else self._near(max(0, before)))

    def _near(self, at: int) -> int:
        """Return the line nearest to `at` that can be chosen, or -1."""
        chosen = [n for n, entry in enumerate(self.entries) if entry.key]
        return min(chosen, key=lambda n: (abs(n - at), n), default=-1)

    def _place(self, at: int) -> None:
        old, self.at = self.at, at
        if old != at:
            for n in (old, at):
                self.refresh(Region(0, n - round(self.scroll_y), self.size.width, 1))
            self.post_message(self.Moved())

    def go(self, at: int) -> None:
        """Put the cursor on the line nearest to `at`, and show it, with the title above it where that is the first one."""
        self._place(self._near(at))
        first = self.at == self._near(0)
        top, page = round(self.scroll_y), max(1, self.size.height)
        if self.at < top or first:
            self._scroll(0 if first else self.at)
        elif self.at >= top + page:
            self._scroll(self.at - page + 1)

    def _scroll(self, top: int) -> None:
        self.scroll_target_y = self.scroll_y = max(0, min(top, len(self.entries) - self.size.height))

    def action_move(self, by: int) -> None:
        """Move the cursor by one line that can be chosen."""
        at = self.at + by
        while 0 <= at < len(self.entries) and not self.entries[at].key:
            at += by
        if 0 <= at < len(self.entries):
            self.go(at)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self.go(self.at + by * max(1, self.size.height - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self.go(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self.go(len(self.entries) - 1)

    def action_open(self) -> None:
        """Tell that the line under the cursor is opened."""
        if self.key:
            self.post_message(self.Opened(self.key))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a line; open it on the click that does."""
        at = round(self.scroll_y) + event.y
        if 0 <= at < len(self.entries) and self.entries[at].key:
            self.go(at)
            if event.chain == self.opened_by:
                self.action_open()

    def draw_line(self, y: int) -> Strip:
        """Return row `y` of the pane, the cursor's on its own ground."""
        strip = super().draw_line(y)
        if self.at < 0 or y + round(self.scroll_y) != self.at:
            return strip
        ground = RichStyle(bgcolor=self.tints.style("text", "cursor" if self.has_focus or not self.can_focus else "cursor-blurred").bgcolor)
        bar = Segment(BAR, self.tints.style("accent") + ground)
        return Strip([bar, *Segment.apply_style(strip.crop(1), post_style=ground)], strip.cell_length)

    def on_focus(self) -> None:
        """Show that keys come here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh()
