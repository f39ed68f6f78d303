"""Tinted: the base of the widgets that draw line by line; it turns theme roles into styles and paints past the styles cache."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

STATES = ("well", "moving", "strained", "broken", "over")
FAMILIES = ("docker", "swarm", "kubernetes", "local")
FOREGROUNDS = ("text", "muted", "faint", "name", "line", "accent", *STATES, *FAMILIES)
GROUNDS = ("cursor", "cursor-blurred", "glow", "match")


class Tints:
    """The colours of the roles, and the styles made of them."""

    def __init__(self, ground: Color, colours: dict[str, Color]) -> None:
        self.ground = ground
        self.colours = colours
        self._styles: dict[tuple[str, str, bool, float], Style] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tints) and (self.ground, self.colours) == (other.ground, other.colours)

    __hash__ = None  # type: ignore[assignment]

    def style(self, tone: str, ground: str = "", bold: bool = False, strength: float = 1.0) -> Style:
        """Return the style of a tone ("plain" is text) on a ground ("" is the widget's own, else so much of the role)."""
        key = (tone, ground, bold, strength)
        if (found := self._styles.get(key)) is None:
            above = self.colours.get(tone, self.colours["text"])
            below = self.below(ground, strength)
            found = Style(color=(below + above).rich_color, bgcolor=below.rich_color, bold=bold or None)
            self._styles[key] = found
        return found

    def below(self, ground: str, strength: float = 1.0) -> Color:
        """Return the colour of a ground, blended into the widget's own unless the terminal's own colours forbid it."""
        if not ground:
            return self.ground
        wanted = self.colours[ground]
        if strength >= 1 or wanted.ansi is not None or self.ground.ansi is not None:
            return wanted
        return self.ground.blend(wanted, strength)


class Tinted(ScrollView):
    """A line-API widget whose colours are roles of the theme.

    A class -docker, -swarm, -kubernetes or -local on it or above it chooses the accent. It draws by `draw_line(y)` and
    leaves out Textual's styles cache, which costs as much as the drawing: so it has no border, padding or opacity.
    """

    SCOPED_CSS = False  # the accent comes from a class above
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tint--accent"}
    DEFAULT_CSS = (
        "Tinted { background: $ph-ground; color: $ph-text; overflow-x: hidden; scrollbar-size-vertical: 1; }\n"
        "Tinted > .tint--accent { color: $ph-accent; }\n"
        + "".join(
            f".-{engine} Tinted > .tint--accent, Tinted.-{engine} > .tint--accent {{ color: $ph-{engine}; }}\n" for engine in FAMILIES
        )
    )

    _tints: Tints | None = None
    _tints_from: object = None

    @property
    def tints(self) -> Tints:
        """Return the styles, made anew when the theme or a class above has changed; then `tints_changed` is called."""
        # Textual makes these styles anew whenever it applies a style sheet, and get_component_styles a copy at each call.
        source = self._component_styles.get("tint--accent")
        if source is None and self._tints is not None:  # taken off the screen, and asked for its lines once more before the next layout
            return self._tints
        if self._tints is None or source is not self._tints_from:
            self._tints_from = source
            ground = self.background_colors[1]
            # A component class for each role would cost every such widget 20 matches of the whole style sheet.
            variables = self.app.theme_variables
            colours = {role: Color.parse(variables[f"ph-{role}"]) for role in (*FOREGROUNDS, *GROUNDS)}
            if source is not None:
                colours["accent"] = source.color
            made = Tints(ground, colours)
            if made != self._tints:
                self._tints = made
                self.tints_changed()
        return self._tints

    def tints_changed(self) -> None:
        """Forget what was drawn in other colours."""

    def set_height(self, lines: int) -> None:
        """Take note of how many lines there are to scroll over.

        The rest of the screen stays as it is (setting `virtual_size` would lay all of it out anew), unless the scrollbar comes or goes.
        """
        size = Size(self.size.width, lines)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)
            self.scroll_target_y = self.scroll_y = min(self.scroll_y, self.max_scroll_y)

    def draw_line(self, y: int) -> Strip:
        """Return line `y` of the widget, as wide as it."""
        return Strip.blank(self.size.width, self.tints.style("text"))

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the widget."""
        return self.draw_line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region, passed through the app's filters (monochrome, ANSI colours, safety)."""
        strips = [self.draw_line(y) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips
