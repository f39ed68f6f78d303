"""Sheet: a scrolling text of styled lines; other words repaint the lines that differ, and lay nothing out anew."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style as RichStyle
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
        self._width = 0
        self._drawn: dict[int, Strip] = {}
        self._styles: dict[Style | str, RichStyle] = {}  # of the text's styles, and of the empty ground ("")

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
        self._forget()

    def notify_style_update(self) -> None:
        """Forget what was drawn in another style."""
        super().notify_style_update()
        self._forget()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region."""
        self._width = self.size.width  # asked once for all lines: it looks through the whole screen's map
        return super().render_lines(crop)

    def draw_line(self, y: int) -> Strip:
        """Return row `y` of the pane."""
        n, width = y + round(self.scroll_y), self._width or self.size.width
        plain = self._plain
        if n >= len(self.lines) or not self.is_attached:  # it may be painted once more when it is taken away
            return Strip.blank(width, plain)
        if (strip := self._drawn.get(n)) is None or strip.cell_length != width:
            pieces = Strip(self._pieces(n)).apply_offsets(0, n)  # the place of each letter, for text that is selected by mouse
            strip = self._drawn[n] = Strip([Segment(" " * MARGIN, plain), *pieces]).adjust_cell_length(width, plain)
        return strip

    @property
    def _plain(self) -> RichStyle:
        """Return the style of the empty ground."""
        if (style := self._styles.get("")) is None:
            style = self._styles[""] = self.visual_style.background_style.rich_style
        return style

    def _pieces(self, n: int) -> list[Segment]:
        line, base = self.lines[n], self.visual_style
        if (selection := self.text_selection) is not None and (span := selection.get_span(n)) is not None:
            start, end = span
            chosen = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            line = line.stylize(chosen, start, len(line) if end < 0 else end)
        pieces: list[Segment] = []
        for text, style in line.render(base, end="", parse_style=self._get_style):
            if (known := self._styles.get(style)) is None:
                known = self._styles[style] = (base + style).rich_style
                if known._meta is not None and "@click" in known.meta:
                    known = self._styles[style] = known + self.link_style
            pieces.append(Segment(text, known))
        return pieces

    def _forget(self) -> None:
        self._drawn.clear()
        self._styles.clear()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text and what ends it."""
        return selection.extract("\n".join(line.plain for line in self.lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selected text."""
        self._forget()
        self.refresh()
