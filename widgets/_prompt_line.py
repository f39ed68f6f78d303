"""The prompt's input: a ghost of what the line may become, a history, and keys typed ahead that wait for the line's fate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

Completer = Callable[[str], Sequence[str]]


class Ghost(Suggester):
    """Shows the best line that begins with what is typed."""

    def __init__(self, complete: Completer) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """Return the best line that begins with what is typed."""
        return next((line for line in self._complete(value) if line.startswith(value) and line != value), None)


class PromptLine(Input):
    """One line; `leave` is called on Esc. From Enter until `entered` is False again, keys go back to the app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "accept", "Accept", show=False),
        Binding("ctrl+f", "accept", "Accept", show=False),
        Binding("ctrl+u,ctrl+w", "wipe", "Wipe", show=False),
        Binding("up", "older", "Older", show=False),
        Binding("down", "newer", "Newer", show=False),
        Binding("ctrl+e", "submit", "Run", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__(id="prompt-line", select_on_focus=False, compact=True)
        self.past: list[str] = []
        self.at = 0
        self.entered = False
        self._leave = leave

    async def _on_key(self, event: events.Key) -> None:
        # What was typed behind Enter is meant for whatever has the focus when the line is done: it is asked again.
        if self.entered:
            event.stop()
            event.prevent_default()
            self.app.post_message(events.Key(event.key, event.character))
            return
        await super()._on_key(event)

    async def action_submit(self) -> None:
        """Hand the line over."""
        self.entered = True
        await super().action_submit()

    def action_accept(self) -> None:
        """Take the ghost over."""
        if self._suggestion:
            self.value = self._suggestion
            self.cursor_position = len(self.value)

    def action_wipe(self) -> None:
        """Clear the line."""
        self.value = ""

    def action_older(self) -> None:
        """Bring back the line typed before."""
        self._recall(self.at - 1)

    def action_newer(self) -> None:
        """Bring back the line typed after."""
        self._recall(self.at + 1)

    def _recall(self, at: int) -> None:
        if self.past and 0 <= at <= len(self.past):
            self.at = at
            self.value = self.past[at] if at < len(self.past) else ""
            self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        """Give up."""
        self._leave()
