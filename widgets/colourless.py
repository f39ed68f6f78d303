"""Colourless: a line filter that lets no colour reach the terminal; grounds become reverse video, underline or bold, dark words dim."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

LIGHT = 0x70  # brightness from which on a ground is reverse video; a word below it is dim
# the monochrome theme's grounds, almost black, and what stands for them
_MARKS = {
    (1, 0, 0): Style(reverse=True),  # cursor
    (0, 1, 0): Style(underline=True),  # cursor of a table without the focus
    (0, 0, 1): Style(bold=True),  # glow
    (1, 1, 0): Style(underline=True, bold=True),  # match
    (0, 1, 1): Style(reverse=True, bold=True),  # protected
}


class Colourless(LineFilter):
    """Turns every colour into emphasis."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without any colour, the terminal's default ones included."""
        return [Segment(text, None if style is None else bare(style), control) for text, style, control in segments]


@lru_cache(4096)
def bare(style: Style) -> Style:
    """Return a style without its colours, with the emphasis that stands for them."""
    above, below = _triplet(style.color), _triplet(style.bgcolor)
    plain = style.without_color + Style.from_meta(style.meta) if style.meta else style.without_color
    if below is not None:
        if _brightness(below) >= LIGHT:
            return plain + Style(reverse=not style.reverse)
        if below in _MARKS:
            return plain + _MARKS[below]
    if above is not None and _brightness(above) < LIGHT * 1.2 and above != below:
        return plain + Style(dim=True)
    return plain


def _triplet(colour: RichColor | None) -> tuple[int, int, int] | None:
    if colour is None or colour.is_default:
        return None
    red, green, blue = colour.get_truecolor()
    return red, green, blue


def _brightness(colour: tuple[int, int, int]) -> float:
    red, green, blue = colour
    return 0.3 * red + 0.59 * green + 0.11 * blue
