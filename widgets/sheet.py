"""Sheet: a scrolling text of styled lines; other words repaint the lines that differ, and lay nothing out anew."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from widgets._tinted import Tinted

MARGIN = 1  # cells left free before and behind a line


class Sheet(Tinted):
    """Lines of text, each a row; what is wider than the pane is cut, so fold it first. Links and selected text work as in a Static."""

    ALLOW_SELECT = True
    DEFAULT_CSS = "Sheet { height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.lines: Sequence[Content] = ()
        self._drawn: dict[int, Strip] = {}

    def say(self, lines: Sequence[Content]) -> None:
        """Show these lines; the place on the screen stays as far as there are lines below it."""
        old, self.lines = self.lines, list(lines)
        for n in range(max(len(old), len(self.lines))):
            if n >= len(old) or n >= len(self.lines) or not old[n].is_same(self.lines[n]):
                self._drawn.pop(n, None)
                self.refresh(Region(0, n - round(self.scroll_y), self.size.width, 1))
        self.set_height(len(self.lines))

    def tints_changed(self) -> None:
        """Forget what was drawn in other colours."""
        self._drawn.clear()

    def notify_style_update(self) -> None:
        """Forget what was drawn in another style."""
        super().notify_style_update()
        self._drawn.clear()

    def draw_line(self, y: int) -> Strip:
        """Return row `y` of the pane."""
        plain, n = self.visual_style.background_style.rich_style, y + round(self.scroll_y)
        if n >= len(self.lines) or not self.is_attached:  # it may be painted once more when it is taken away
            return Strip.blank(self.size.width, plain)
        if (strip := self._drawn.get(n)) is None:
            strip = self._drawn[n] = Strip([Segment(" " * MARGIN, plain), *self._drawn_line(n)])
        return strip.adjust_cell_length(self.size.width, plain)

    def _drawn_line(self, n: int) -> Strip:
        line = self.lines[n]
        if (selection := self.text_selection) is not None and (span := selection.get_span(n)) is not None:
            start, end = span
            chosen = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            line = line.stylize(chosen, start, len(line) if end < 0 else end)
        base = self.visual_style
        pieces = line.render(base, end="", parse_style=self._get_style)
        strip = Strip([Segment(text, (base + style).rich_style) for text, style in pieces])
        if any("@click" in segment.style.meta for segment in strip if segment.style is not None and segment.style._meta):
            strip = strip._apply_link_style(self.link_style)
        return strip.apply_offsets(0, n)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text and what ends it."""
        return selection.extract("\n".join(line.plain for line in self.lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selected text."""
        self._drawn.clear()
        self.refresh()
