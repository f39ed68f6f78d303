"""The prompt: one line to type a command or a filter, with a ghost of what it may become, candidates, and a history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from widgets.words import words

Completer = Callable[[str], Sequence[str]]


class _Ghost(Suggester):
    def __init__(self, complete: Completer) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """Return the best line that begins with what is typed."""
        return next((line for line in self._complete(value) if line.startswith(value) and line != value), None)


class _Line(Input):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "accept", "Accept", show=False),
        Binding("ctrl+f", "accept", "Accept", show=False),
        Binding("ctrl+u,ctrl+w", "wipe", "Wipe", show=False),
        Binding("up", "older", "Older", show=False),
        Binding("down", "newer", "Newer", show=False),
        Binding("ctrl+e", "submit", "Run", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]

    class Left(Message):
        """Esc was pressed."""

    def __init__(self) -> None:
        super().__init__(id="prompt-line", select_on_focus=False, compact=True)
        self.past: list[str] = []
        self.at = 0

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
        """Close the prompt."""
        self.post_message(self.Left())


class Prompt(Horizontal):
    """Hidden until `open` is called with a sigil (":" or "/"); posts Typed, Entered and Closed."""

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; background: $ph-panel; padding: 0 1; }
    Prompt.-open { display: block; }
    Prompt #prompt-sigil { width: 2; color: $ph-accent; text-style: bold; }
    Prompt #prompt-line { width: 1fr; border: none; background: $ph-panel; color: $ph-name; padding: 0; height: 1; }
    Prompt #prompt-line:focus { background-tint: transparent 0%; }
    Prompt #prompt-line > .input--suggestion { color: $ph-faint; }
    Prompt #prompt-hint { width: auto; max-width: 60%; color: $ph-faint; }
    """

    class Typed(Message):
        """The text has changed."""

        def __init__(self, sigil: str, text: str) -> None:
            super().__init__()
            self.sigil, self.text = sigil, text

    class Entered(Message):
        """The text was entered."""

        def __init__(self, sigil: str, text: str) -> None:
            super().__init__()
            self.sigil, self.text = sigil, text

    class Closed(Message):
        """The prompt was left by Esc."""

        def __init__(self, sigil: str) -> None:
            super().__init__()
            self.sigil = sigil

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.sigil = ":"
        self._complete: Completer = lambda _: ()
        self._history: dict[str, list[str]] = {}

    def compose(self) -> ComposeResult:
        """Lay out sigil, line and hint."""
        yield Static("", id="prompt-sigil")
        yield _Line()
        yield Static("", id="prompt-hint")

    @property
    def line(self) -> Input:
        """Return the input."""
        return self.query_one(_Line)

    def open(self, sigil: str, text: str = "", complete: Completer = lambda _: ()) -> None:
        """Show the prompt with a text to begin with."""
        self.sigil, self._complete = sigil, complete
        line = self.query_one(_Line)
        line.past = self._history.setdefault(sigil, [])
        line.at = len(line.past)
        line.suggester = _Ghost(complete)
        with self.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.query_one("#prompt-sigil", Static).update(words(sigil))
        self.add_class("-open")
        self.screen.set_focus(line)  # at once: `line.focus()` would let the next key still go to the table
        self._hint(text)

    def close(self) -> None:
        """Hide the prompt."""
        self.remove_class("-open")

    def fault(self, text: str) -> None:
        """Say at the right end why the line will not do."""
        self.query_one("#prompt-hint", Static).update(words((text, "broken")))

    def _hint(self, text: str) -> None:
        lines = [line for line in self._complete(text) if line != text][:6]
        self.query_one("#prompt-hint", Static).update(words("   ".join(line.rpartition(" ")[2] for line in lines)))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._hint(event.value)
        self.post_message(self.Typed(self.sigil, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        past = self._history.setdefault(self.sigil, [])
        if event.value and (not past or past[-1] != event.value):
            past.append(event.value)
        self.post_message(self.Entered(self.sigil, event.value))

    @on(_Line.Left)
    def _left(self, event: _Line.Left) -> None:
        event.stop()
        self.close()
        self.post_message(self.Closed(self.sigil))
