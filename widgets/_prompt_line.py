"""The prompt's input: a ghost of what the line may become, a history, and keys typed ahead that wait for the line's fate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Self

from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

ENTER = ("enter", "ctrl+e")
PATIENCE = 2.0  # seconds
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
    """One line; `leave` is called on Esc. Who takes an entered line calls `decided`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "accept", "Accept", show=False),
        Binding("ctrl+f", "accept", "Accept", show=False),
        Binding("ctrl+u,ctrl+w", "wipe", "Wipe", show=False),
        Binding("up", "older", "Older", show=False),
        Binding("down", "newer", "Newer", show=False),
        Binding("ctrl+e", "submit", "Run", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]

    class Decided(Message):
        """It is known what became of the line that was entered."""

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__(id="prompt-line", select_on_focus=False, compact=True)
        self.past: list[str] = []
        self.at = 0
        self.undecided = False
        self._leave = leave

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw anew. The line is as wide as its place: a letter typed is no reason to lay out the whole screen."""
        return super().refresh(*regions, repaint=repaint, layout=layout and not self.is_mounted, recompose=recompose)

    def enter(self) -> None:
        """Take note that Enter is on its way here; until `decided`, or for PATIENCE, nobody knows where the next keys belong."""
        self.undecided = True
        self.set_timer(PATIENCE, self.decided)

    def decided(self) -> None:
        """Take note that the line was taken, or cannot be."""
        if self.undecided:
            self.undecided = False
            self.post_message(self.Decided().set_sender(self))  # else it would go no further up than to whoever decided

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
