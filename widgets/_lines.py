"""Lines: the base of panes that show lines of text: scrolling by line, wrapping, sideways scrolling, and search."""

from __future__ import annotations

import re
from itertools import chain
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from widgets._tinted import Tinted

LONGEST = 16_000
"""So many characters of a line are drawn; the rest is counted."""

_STEP = 8  # cells a step sideways


def pattern_of(text: str) -> re.Pattern[str]:
    """Return a pattern that finds the text as it stands, without regard to case unless it has a capital letter."""
    return re.compile(re.escape(text), 0 if text != text.lower() else re.IGNORECASE)


def paint_matches(pieces: list[tuple[str, Style]], pattern: re.Pattern[str] | None, found: Style) -> list[Segment]:
    """Return the pieces as segments, what the pattern matches in their joined text in the style `found`."""
    if pattern is None:
        return [Segment(text, style) for text, style in pieces if text]
    spans = [match.span() for match in pattern.finditer("".join(text for text, _ in pieces)) if match.end() > match.start()]
    edges = [edge for span in spans for edge in span]
    segments: list[Segment] = []
    at = passed = 0  # characters, edges
    for text, style in pieces:
        start, end = at, at + len(text)
        while at < end:
            stop = min(end, edges[passed]) if passed < len(edges) else end
            if stop > at:
                segments.append(Segment(text[at - start : stop - start], style + found if passed % 2 else style))
            at = stop
            if passed < len(edges) and edges[passed] == stop:
                passed += 1
    return segments


class Lines(Tinted, can_focus=True):
    """A pane of lines. It scrolls by whole lines, so that what a repaint costs depends on what is seen alone.

    A subclass gives `count`, `plain_line(n)` for the search, and `body_line(n)` and `lead_line(n)` for drawing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "by_lines(-1)", "Up", show=False, id="lines.up", tooltip="Scroll up"),
        Binding("down,j", "by_lines(1)", "Down", show=False, id="lines.down", tooltip="Scroll down"),
        Binding("pageup,ctrl+b", "by_pages(-1)", "Page up", show=False, id="lines.page-up", tooltip="Scroll a page up"),
        Binding("pagedown,ctrl+f", "by_pages(1)", "Page down", show=False, id="lines.page-down", tooltip="Scroll a page down"),
        Binding("home,g", "first", "First", show=False, id="lines.first", tooltip="Go to the first line"),
        Binding("end,G", "last", "Last", show=False, id="lines.last", tooltip="Go to the last line"),
        Binding("left,h", "sideways(-1)", "Left", show=False, id="lines.left", tooltip="Scroll left"),
        Binding("right,l", "sideways(1)", "Right", show=False, id="lines.right", tooltip="Scroll right"),
        Binding("w", "toggle_wrap", "Wrap", show=False, id="lines.wrap", tooltip="Wrap long lines, or not"),
        Binding("n", "next_match", "Next match", show=False, id="lines.next", tooltip="Go to the next match"),
        Binding("N", "previous_match", "Previous match", show=False, id="lines.previous", tooltip="Go to the previous match"),
    ]
    wrap = reactive(False)

    class Changed(Message):
        """The pane's `status` may say something else now."""

        def __init__(self, pane: Lines) -> None:
            super().__init__()
            self.pane = pane

        def can_replace(self, message: Message) -> bool:
            """Let one message stand for many."""
            return isinstance(message, Lines.Changed)

    def __init__(self, *, wrap: bool = False, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id, classes=classes)
        self.set_reactive(Lines.wrap, wrap)
        self.pattern: re.Pattern[str] | None = None
        self._found = -1  # the line the last match was found in
        self._left = 0
        self._bodies: LRUCache[int, Strip] = LRUCache(512)
        self._screen_rows: list[tuple[int, Strip]] = []
        self._screen_from = -1

    # ---- what a subclass gives --------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Return the number of lines."""
        return 0

    def plain_line(self, n: int) -> str:
        """Return the text of line `n` that a search looks at."""
        return ""

    def body_line(self, n: int) -> Strip:
        """Return line `n` drawn in its whole length, without what stands before it."""
        return Strip([])

    def lead_line(self, n: int) -> Strip:
        """Return what stands before line `n`; it stays when scrolling sideways."""
        return Strip([])

    # ---- scrolling --------------------------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Return how many rows the pane has."""
        return max(1, self.size.height)

    @property
    def top(self) -> int:
        """Return the first line on the screen."""
        return round(self.scroll_y)

    def bottom(self) -> int:
        """Return the scroll position of the end: the first of the lines that fit whole above it (`count`: not even one)."""
        if not self.wrap:
            return max(0, self.count - self.page)
        rows, n = 0, self.count
        while n > 0 and (rows := rows + len(self._rows_of(n - 1))) <= self.page:
            n -= 1
        return n

    def lines_changed(self) -> None:
        """Take note that there are more or fewer lines."""
        self.set_height(self.bottom() + self.page)
        self._screen_from = -1

    def scroll_lines(self, top: int) -> None:
        """Make this line the first on the screen, as far as there are lines below it."""
        self.scroll_target_y = self.scroll_y = max(0, min(top, self.bottom()))

    def forget_drawn(self) -> None:
        """Draw everything anew."""
        self._bodies.clear()
        self._screen_from = -1
        self.refresh()

    def tints_changed(self) -> None:
        """Forget what was drawn in other colours."""
        self._bodies.clear()
        self._screen_from = -1

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for the new width."""
        self.lines_changed()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw the lines that come into view."""
        self._screen_from = -1
        super().watch_scroll_y(old_value, new_value)

    def watch_wrap(self) -> None:
        """Wrap the lines, or show them in one row each."""
        top = self.top
        self._left = 0
        self.lines_changed()
        self.scroll_lines(top)
        self.refresh()
        self.post_message(self.Changed(self))

    # ---- drawing ----------------------------------------------------------------------------------------------------

    def draw_line(self, y: int) -> Strip:
        """Return row `y` of the pane."""
        tints = self.tints
        if self._screen_from != self.top:
            self._lay_rows()
        width, style = self.size.width, tints.style("text")
        if y >= len(self._screen_rows):
            return Strip.blank(width, style)
        return self._screen_rows[y][1].adjust_cell_length(width, style)

    def _lay_rows(self) -> None:
        self._screen_from = n = self.top
        self._screen_rows = []
        rows = self._screen_rows
        if not self.wrap or n < self.bottom():
            while n < self.count and len(rows) < self.page:
                rows.extend((n, strip) for strip in self._rows_of(n))
                n += 1
            return
        # At the end the last row counts: the line above those that fit shows its end only.
        n = self.count
        while n > 0 and len(rows) < self.page:
            n -= 1
            rows[:0] = [(n, strip) for strip in self._rows_of(n)]
        del rows[: max(0, len(rows) - self.page)]

    def _body(self, n: int) -> Strip:
        if (strip := self._bodies.get(n)) is None:
            strip = self._bodies[n] = self.body_line(n)
        return strip

    def _rows_of(self, n: int) -> list[Strip]:
        """Return the rows that line `n` takes."""
        lead, body = self.lead_line(n), self._body(n)
        room = max(8, self.size.width - lead.cell_length)
        if not self.wrap:
            return [Strip.join([lead, body.crop(self._left, self._left + room)])]
        if body.cell_length <= room:
            return [Strip.join([lead, body])]
        blank = Strip.blank(lead.cell_length, self.tints.style("text")) if lead.cell_length else Strip([])
        starts = range(0, body.cell_length, room)
        return [Strip.join([blank if start else lead, body.crop(start, start + room)]) for start in starts]

    def shown_lines(self) -> list[int]:
        """Return the lines on the screen."""
        if self._screen_from != self.top:
            self._lay_rows()
        return sorted({n for n, _ in self._screen_rows[: self.page]})

    # ---- search -----------------------------------------------------------------------------------------------------

    def search(self, text: str | None) -> bool:
        """Highlight a text wherever it stands, and go to the first match from here on; None or "" ends the search."""
        self.pattern = pattern_of(text) if text else None
        self._found = -1
        self.forget_drawn()
        self.post_message(self.Changed(self))
        return self.next_match() if self.pattern is not None else True

    def next_match(self) -> bool:
        """Go to the next line with a match, from the end on to the first; False if there is none."""
        return self._seek(1)

    def previous_match(self) -> bool:
        """Go to the line with a match before this one, from the first on to the last; False if there is none."""
        return self._seek(-1)

    def _seek(self, step: int) -> bool:
        if self.pattern is None or not self.count:
            return False
        start = (self._found + step if self._found >= 0 else self.top) % self.count
        ahead, behind = range(start, self.count), range(start)
        if step < 0:
            ahead, behind = range(start, -1, -1), range(self.count - 1, start, -1)
        search, plain = self.pattern.search, self.plain_line
        for n in chain(ahead, behind):
            if search(plain(n)):
                self._found = n
                self._bring_into_view(n)
                self.forget_drawn()
                return True
        return False

    def _bring_into_view(self, n: int) -> None:
        if n not in self.shown_lines():
            self.scroll_lines(n - self.page // 3)

    # ---- keys -------------------------------------------------------------------------------------------------------

    def action_by_lines(self, by: int) -> None:
        """Scroll by so many lines."""
        self.scroll_lines(self.top + by)

    def action_by_pages(self, by: int) -> None:
        """Scroll by so many pages."""
        self.scroll_lines(self.top + by * max(1, self.page - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self.scroll_lines(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self.scroll_lines(self.bottom())

    def action_sideways(self, by: int) -> None:
        """Scroll sideways, as far as a line on the screen reaches."""
        if self.wrap:
            return
        longest = max((self.lead_line(n).cell_length + self._body(n).cell_length for n in self.shown_lines()), default=0)
        self._left = max(0, min(self._left + by * _STEP, longest - self.size.width))
        self._screen_from = -1
        self.refresh()

    def action_toggle_wrap(self) -> None:
        """Wrap long lines, or show each in one row."""
        self.wrap = not self.wrap

    def action_next_match(self) -> None:
        """Go to the next match."""
        self.next_match()

    def action_previous_match(self) -> None:
        """Go to the previous match."""
        self.previous_match()
