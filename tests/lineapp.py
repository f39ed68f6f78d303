"""An app around one line-drawn widget, and what its tests share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

import themes
from widgets.table import LiveTable, TableColumn

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

HOSTILE = (
    "\x1b[2Jclear",
    "\x1b]52;c;aGk=\x07clip",
    "\x1b]0;title\x1b\\t",
    "\x9b31mc1",
    "a\rb",
    "tab\tnew\nline",
    "\u202eevil\u2066x",
    "zero\u200bwidth\ufeff",
    "e" + "\u0301" * 1000,
    "lone\ud800surrogate",
    "tag\U000e0041s",
    "[/]",
    "[@click=app.simulate_key('d')]x[/]",
    "[red]r[/red]",
    "名前が長い名前が長い名前が長い",
    "👩‍👩‍👧 family",
    "\x7f\x00nul",
)


@dataclass(frozen=True)
class Thing:
    """A row's object."""

    name: str
    status: str = "Running"
    tone: str = "well"
    cpu: float | None = None
    born: datetime = NOW - timedelta(hours=9)


def age_text(thing: Thing, now: datetime) -> str:
    return f"{int((now - thing.born).total_seconds())}s"


COLUMNS = (
    TableColumn("name", lambda o, _: o.name, lambda o: (0, 0.0, o.name)),
    TableColumn("status", lambda o, _: o.status, lambda o: (0, 0.0, o.status), tone=lambda o: o.tone, keep=8),
    TableColumn(
        "cpu",
        lambda o, _: "" if o.cpu is None else f"{o.cpu:.0f}m",
        lambda o: (1, 0.0, "") if o.cpu is None else (0, o.cpu, ""),
        right=True,
        keep=3,
        gauge=lambda o: o.cpu,
    ),
    TableColumn("age", age_text, lambda o: (0, -o.born.timestamp(), ""), right=True, keep=6, ages=True, glow=False),
    TableColumn("image", lambda o, _: "repo/" + o.name, lambda o: (0, 0.0, o.name), wide=True),
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds - 100)


class LineApp(App[None]):
    """One widget in the dark theme."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widget: Widget, theme: str = "dark") -> None:
        super().__init__()
        self.widget = widget
        self.heard: list[Message] = []
        found = themes.load(theme) if theme in themes.BUILT_IN else None
        if found is not None:
            self.register_theme(found)
        self.theme = found.name if found is not None else theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        self.widget.focus()


class TableApp(LineApp):
    """One table; it keeps what the table says."""

    def on_live_table_filtered(self, message: LiveTable.Filtered) -> None:
        self.heard.append(message)

    def on_live_table_cursor_moved(self, message: LiveTable.CursorMoved) -> None:
        self.heard.append(message)

    def on_live_table_opened(self, message: LiveTable.Opened) -> None:
        self.heard.append(message)

    def on_live_table_sorted(self, message: LiveTable.Sorted) -> None:
        self.heard.append(message)

    def on_live_table_marked(self, message: LiveTable.Marked) -> None:
        self.heard.append(message)

    def on_live_table_width_changed(self, message: LiveTable.WidthChanged) -> None:
        self.heard.append(message)

    def on_live_table_looked(self, message: LiveTable.Looked) -> None:
        self.heard.append(message)

    def last(self, kind: type[Message]) -> Message | None:
        return next((message for message in reversed(self.heard) if isinstance(message, kind)), None)


def drawn(widget: Widget) -> list[str]:
    """Return the lines as they go to the terminal, widths checked, no control character among them."""
    strips = widget.render_lines(widget.size.region)
    texts = [strip.text for strip in strips]
    for strip, text in zip(strips, texts, strict=True):
        assert sum(segment.cell_length for segment in strip) == widget.size.width, repr(text)
        assert all(character.isprintable() or character in "\u200d\ufe0f" for character in text), ascii(text)
    return [text.rstrip() for text in texts]


def things(count: int, **more: object) -> dict[str, Thing]:
    """Return so many rows, named in order."""
    return {f"u{n:05}": Thing(f"thing-{n:05}", **more) for n in range(count)}  # type: ignore[arg-type]
