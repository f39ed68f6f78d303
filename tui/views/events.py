"""Events of one object: what was said about it, newest last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.facts import EngineError, Event
from tui.model import Host, Target
from tui.values import age
from tui.views.pane import ObjectPane, nothing
from widgets.words import words

INDENT = 11  # cells before a message
EVERY = 3.0  # seconds between two looks while the pane is open


class EventsPane(ObjectPane):
    """Age, reason and message of each event; warnings stand out by word and colour."""

    DEFAULT_CSS = """
    EventsPane VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; background: $ph-ground; }
    EventsPane Static { height: auto; padding: 0 1; }
    """

    def __init__(self, host: Host, target: Target) -> None:
        super().__init__(host, target)
        self._events: Sequence[Event] | None = None

    def compose(self) -> ComposeResult:
        """Lay out one scrolling text."""
        with VerticalScroll():
            yield Static("")

    def changed(self, other: bool) -> None:
        """Empty the pane for another object."""
        if other:
            self._events = None
            self._say(nothing("reading the events …"))

    async def ask(self) -> None:
        """Read the events, again and again."""
        while True:
            try:
                events = await self.host.engine(self.target.ref).events(self.target.ref)
            except EngineError as error:
                self._say(nothing(str(error)))
                return
            self._events = events
            self._draw()
            await asyncio.sleep(EVERY)

    def on_resize(self) -> None:
        """Fold the messages anew."""
        self._draw()

    def _draw(self) -> None:
        if self._events is None:
            return
        now, width = self.host.now(), max(20, self.size.width - 3 - INDENT)
        lines: list[Content] = []
        for event in self._events:
            lines.append(
                words(
                    (f"{age(event.when, now):>7}  ", "faint"),
                    ("▲ " if event.warning else "  ", "strained"),
                    (event.reason, "strained bold" if event.warning else "text"),
                    (f"  ×{event.count}" if event.count > 1 else "", "faint"),
                )
            )
            lines += [words(" " * INDENT, line) for line in words((event.message.strip(), "muted")).wrap(width)]
        self._say(Content("\n").join(lines) if lines else nothing("nothing was said about it"))

    def _say(self, text: Content) -> None:
        if self.is_mounted:
            self.query_one(Static).update(text)
