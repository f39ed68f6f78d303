"""Logs of one container, pod, service or workload: followed, searched, filtered, kept in a bounded ring."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from widgets.logpane import LogPane

from tui.facts import LogOptions
from tui.model import Host, Target, View
from tui.views.pane import ObjectPane
from widgets.prompt import Prompt
from widgets.words import words

AGAIN = 2.0  # seconds before a log that ended is looked at again: a restarted container goes on
# k9s's keys: 0 the tail, 1 everything from the head, 2..6 since so many seconds
HORIZONS: dict[str, tuple[int | None, int | None, str]] = {
    "0": (500, None, "last 500 lines"),
    "1": (None, None, "from the beginning"),
    "2": (None, 60, "last minute"),
    "3": (None, 300, "last 5 minutes"),
    "4": (None, 900, "last 15 minutes"),
    "5": (None, 1800, "last 30 minutes"),
    "6": (None, 3600, "last hour"),
}


class LogsPane(ObjectPane):
    """The log of the target, live. A line above it tells from where on, and whether it flows."""

    DEFAULT_CSS = """
    LogsPane #log-status { height: 1; padding: 0 1; color: $ph-faint; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Search", id="logs.find"),
        Binding("ampersand", "only", "Filter", id="logs.only"),
        Binding("n", "next", "Next", id="logs.next"),
        Binding("N", "before", "Previous", id="logs.before"),
        *(Binding(key, f"horizon('{key}')", said, show=False, id=f"logs.horizon.{key}") for key, (_, _, said) in HORIZONS.items()),
    ]

    def __init__(self, host: Host, target: Target, previous: bool = False) -> None:
        super().__init__(host, target)
        self._options = LogOptions(previous=previous, follow=not previous)
        self._horizon = "0"
        self._state = ""

    def compose(self) -> ComposeResult:
        """Lay out status, log and search line."""
        yield Static("", id="log-status")
        yield LogPane()
        yield Prompt()

    @property
    def typing(self) -> bool:
        """Tell whether a search is being typed."""
        return self.query_one(Prompt).has_class("-open")

    def changed(self, other: bool) -> None:
        """Empty the pane for another object."""
        if other and self.is_mounted:
            self.query_one(LogPane).clear()
            self._tell("reading …")

    async def ask(self) -> None:
        """Follow the log; when it ends, look again for more of it."""
        options = self._options
        while True:
            began = self.host.now()
            async for lines in self.host.engine(self.target.ref).logs(self.target.ref, options):
                self.query_one(LogPane).extend(lines)
                self._tell("following" if options.follow else "ended")
            if not options.follow:
                self._tell("ended")
                return
            self._tell("ended; waiting for more")
            await asyncio.sleep(AGAIN)
            # what was read is not read twice: from the moment on at which the last look began
            seconds = (self.host.now() - began).total_seconds()
            options = replace(options, tail=None, since=max(1, int(seconds)))

    def said(self, text: str) -> None:
        """Show why there is no log."""
        self._tell(text)

    def _tell(self, state: str) -> None:
        self._state = state
        pane = self.query_one(LogPane)
        _, _, said = HORIZONS[self._horizon]
        which = "previous run" if self._options.previous else said
        self.query_one("#log-status", Static).update(words((f"{which}   {state}   {pane.status}", "faint")))

    def action_horizon(self, key: str) -> None:
        """Read from elsewhere on."""
        tail, since, _ = HORIZONS[key]
        self._horizon = key
        self._options = replace(self._options, tail=tail, since=since)
        self.show(self.target, fresh=True)

    def action_find(self) -> None:
        """Search; the other lines stay."""
        self.query_one(Prompt).open("/")

    def action_only(self) -> None:
        """Show only the lines that match."""
        self.query_one(Prompt).open("&")

    def action_next(self) -> None:
        """Go to the next hit."""
        self.query_one(LogPane).next_match()

    def action_before(self) -> None:
        """Go to the hit before."""
        self.query_one(LogPane).previous_match()

    @on(Prompt.Typed)
    def _typed(self, event: Prompt.Typed) -> None:
        event.stop()
        pane = self.query_one(LogPane)
        (pane.search if event.sigil == "/" else pane.only)(event.text or None)

    @on(Prompt.Entered)
    def _entered(self, event: Prompt.Entered) -> None:
        event.stop()
        self.query_one(Prompt).close()
        self.query_one(LogPane).focus()

    @on(Prompt.Closed)
    def _search_closed(self, event: Prompt.Closed) -> None:
        event.stop()
        pane = self.query_one(LogPane)
        (pane.search if event.sigil == "/" else pane.only)(None)
        pane.focus()


def build(host: Host, target: Target) -> LogsPane:
    """Return the pane for the running log."""
    return LogsPane(host, target)


def build_previous(host: Host, target: Target) -> LogsPane:
    """Return the pane for the log of the run before."""
    return LogsPane(host, target, previous=True)


LOGS = View("logs", "Logs", "l", build, "The log, followed.")
PREVIOUS = View("previous", "Previous", "p", build_previous, "The log of the container's run before.")
