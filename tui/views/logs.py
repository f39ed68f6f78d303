"""Logs of one container, pod, service or workload: followed, searched, filtered, kept in a bounded ring."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.facts import LogOptions
from tui.model import Host, Target
from tui.views.pane import ObjectPane
from widgets.bars import Line
from widgets.logpane import LogPane
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
        Binding("slash", "find", "Search", show=False, id="logs.find", tooltip="Search; the other lines stay"),
        Binding("ampersand", "only", "Filter", show=False, id="logs.only", tooltip="Only the lines that match"),
        Binding("ctrl+s", "save", "Save", show=False, id="logs.save", tooltip="Save the lines that are kept to a file"),
        Binding("c", "copy_all", "Copy", show=False, id="logs.copy", tooltip="Copy the lines that are kept"),
        *(
            Binding(key, f"horizon('{key}')", said, show=False, id=f"logs.horizon.{key}", tooltip=f"Read the {said}")
            for key, (_, _, said) in HORIZONS.items()
        ),
    ]
    hints = (
        ("slash", "search"), ("n", "next"), ("ampersand", "filter"), ("s", "follow"), ("t", "times"), ("w", "wrap"), ("m", "mark"),
        ("0", "tail"), ("1", "all"), ("2", "1m"), ("3", "5m"), ("4", "15m"), ("5", "30m"), ("6", "1h"), ("ctrl+s", "save"), ("c", "copy"),
    )  # fmt: skip

    def __init__(self, host: Host, target: Target, previous: bool = False) -> None:
        super().__init__(host, target)
        self._options = LogOptions(previous=previous, follow=not previous)
        self._horizon = "0"
        self._state = ""

    def compose(self) -> ComposeResult:
        """Lay out status, log and search line."""
        yield Line(id="log-status")
        yield LogPane()
        yield Prompt()

    def changed(self, other: bool) -> None:
        """Empty the pane for another object."""
        if other and self.is_mounted:
            self.query_one(LogPane).clear()
            self._tell("reading …")

    async def ask(self) -> None:
        """Follow the log; when it ends, look again for more of it, and show no line twice."""
        options, last = self._options, ""
        pane = self.query_one(LogPane)
        while True:
            async for lines in self.host.engine(self.target.ref).logs(self.target.ref, options):
                fresh = [line for line in lines if not last or not line.stamp or line.stamp > last]
                pane.extend(fresh)
                last = max((line.stamp for line in fresh if line.stamp), default=last)
                self._tell("following" if options.follow else "ended")
            if not options.follow:
                self._tell("ended")
                return
            self._tell("ended; waiting for more")
            await asyncio.sleep(AGAIN)
            options = replace(options, tail=None, since=self._since(last)) if last else options

    def _since(self, stamp: str) -> int:
        """Return how many whole seconds ago a line was written, and one more to lose none."""
        try:
            return max(1, int((self.host.now() - datetime.fromisoformat(stamp[:19] + "+00:00")).total_seconds()) + 2)
        except ValueError:
            return 60

    def said(self, text: str) -> None:
        """Show why there is no log."""
        self._tell(text)

    def _tell(self, state: str) -> None:
        self._state = state
        pane = self.query_one(LogPane)
        _, _, said = HORIZONS[self._horizon]
        which = "previous run" if self._options.previous else said
        flow = "" if state == "following" else f"   {state}"  # whether the pane itself follows is said by its status
        self.query_one("#log-status", Line).say(words((f"{which}{flow}   {pane.status}", "faint")))

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

    async def action_save(self) -> None:
        """Save the lines that are kept to a file in the state folder, readable by its owner alone."""
        path = await asyncio.to_thread(save, self.host.folder / "logs", self.target.ref.name, self.query_one(LogPane).text(raw=True))
        self.host.tell(f"saved {path}")

    def action_copy_all(self) -> None:
        """Copy the lines that are kept."""
        self.host.copy(self.query_one(LogPane).text())

    @on(LogPane.Changed)
    def _log_changed(self, event: LogPane.Changed) -> None:
        event.stop()
        self._tell(self._state)

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


def save(folder: Path, name: str, text: str) -> Path:
    """Write a log to a new file with mode 0600 and return its path; the text is as it came, control characters and all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    clean = "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in name)[:80]
    path = folder / f"{clean}-{datetime.now():%Y%m%d-%H%M%S}.log"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    return path
