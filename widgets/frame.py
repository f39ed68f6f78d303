"""Frame: a container that only arranges what covers it, and so draws nothing line by line."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


def bare(crop: Region, widget: Widget) -> list[Strip]:
    """Return the lines of a region with nothing but the widget's ground: one strip for all, past the styles cache."""
    ground = widget.background_colors[1]
    strip = Strip.blank(crop.width, Style(bgcolor=ground.rich_color))
    for line_filter in widget.get_line_filters():
        strip = strip.apply_filter(line_filter, ground)
    return [strip] * crop.height


class Frame(Widget):
    """Has no border, padding or text of its own; the style sheet of the screen says how it arranges."""

    DEFAULT_CSS = "Frame { width: 1fr; height: 1fr; layout: vertical; overflow: hidden hidden; }"

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return bare lines."""
        return bare(crop, self)
