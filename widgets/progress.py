"""Progress: a dialog that shows how far a long work is, and stops it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from widgets.dialogs import Question
from widgets.words import words

WIDE = 40  # cells of the bar
SHOWN = 6  # reasons why something waits that are spelt out


class Work(Question[bool]):
    """A bar, how far it is in words, and what waits. Left by the person, it answers None: stop; `finish` answers True."""

    LEAVE: ClassVar[str] = "Stop"

    def __init__(self, title: str, lines: Sequence[Content]) -> None:
        super().__init__(title, lines, "")
        self._said = words(("…", "faint"))
        self._over = False

    def fields(self) -> ComposeResult:
        """Yield the place for the bar."""
        yield Static(self._said, id="progress")

    def on_mount(self) -> None:
        """Leave at once if the work was over before this came up."""
        super().on_mount()
        if self._over:
            self.dismiss(True)

    def answer(self) -> bool | None:
        """Return nothing: only the work itself says when it is done."""
        return None

    def say(self, done: int, whole: int, text: str, waits: Sequence[str] = ()) -> None:
        """Show another state; `waits`: what waits, each with its reason."""
        full = WIDE * done // whole if whole else WIDE
        lines = [words(("━" * full, "accent"), ("─" * (WIDE - full), "line"), f"  {text}")]
        lines += [words(("▲ ", "strained"), (wait, "muted")) for wait in waits[:SHOWN]]
        if waits[SHOWN:]:
            lines.append(words((f"  and {len(waits) - SHOWN} more wait", "muted")))
        self._said = Content("\n").join(lines)
        if self.stands:
            self.query_one("#progress", Static).update(self._said)
            self.call_after_refresh(self._fit)

    def finish(self) -> None:
        """Answer True: the work is over, well or not."""
        self._over = True
        if self.is_mounted:
            self.dismiss(True)
