"""The prompt: one line to type a command or a filter, with a ghost of what it may become, candidates, and a history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message

from widgets.bars import Line
from widgets.words import words

if TYPE_CHECKING:
    from textual.widgets import Input

    from widgets._prompt_line import Completer, PromptLine


class Prompt(Horizontal):
    """Hidden until `open` is called with a sigil (":" or "/"); posts Typed, Entered and Closed.

    With the class -rule it is a rule until then, and takes the rule's place: nothing on the screen moves.
    """

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; background: $ph-panel; }
    Prompt.-rule { display: block; background: $ph-ground; color: $ph-line; }
    Prompt.-rule > * { display: none; }
    Prompt.-open { display: block; background: $ph-panel; }
    Prompt.-open > * { display: block; }
    Prompt Line { background: $ph-panel; }
    Prompt #prompt-sigil { width: 3; padding: 0 0 0 1; color: $ph-accent; text-style: bold; }
    Prompt #prompt-line { width: 1fr; border: none; background: $ph-panel; color: $ph-name; padding: 0; height: 1; }
    Prompt #prompt-line:focus { background-tint: transparent 0%; }
    Prompt #prompt-line > .input--suggestion { color: $ph-faint; }
    Prompt #prompt-hint { width: 50%; padding: 0 1 0 0; text-align: right; color: $ph-faint; }
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

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.sigil = ":"
        self._complete: Completer = lambda _: ()
        self._history: dict[str, list[str]] = {}

    def on_mount(self) -> None:
        """Make the line when the screen is painted: its style sheet is half as long as all the others."""
        self.call_after_refresh(self._furnish)

    def render(self) -> Content:
        """Return the rule that lies under what is typed."""
        return Content("─" * self.size.width if self.has_class("-rule") else "")

    def _furnish(self) -> bool:
        """Make the line, and tell whether there is one: a screen that is being taken away takes nothing new."""
        from widgets._prompt_line import PromptLine

        if not self.children:
            self.mount(Line(id="prompt-sigil"), PromptLine(self._leave), Line(id="prompt-hint"))
        return bool(self.children)

    @property
    def line(self) -> PromptLine:
        """Return the input."""
        from widgets._prompt_line import PromptLine

        return self.query_one(PromptLine)

    def open(self, sigil: str, text: str = "", complete: Completer = lambda _: ()) -> None:
        """Show the prompt with a text to begin with."""
        from widgets._prompt_line import Ghost

        if not self._furnish():
            return
        self.sigil, self._complete = sigil, complete
        line = self.line
        line.decided()
        line.past = self.past(sigil)
        line.at = len(line.past)
        line.suggester = Ghost(complete)
        with line.prevent(line.Changed):
            line.value = text
        line.cursor_position = len(text)
        self.query_one("#prompt-sigil", Line).say(words(sigil))
        self.add_class("-open")
        self.screen.set_focus(line)  # at once: `line.focus()` would let the next key still go to the table
        self._hint(text)

    def past(self, sigil: str) -> list[str]:
        """Return the lines that were typed behind a sigil, oldest first; the list itself."""
        return self._history.setdefault(sigil, [])

    def close(self) -> None:
        """Hide the prompt."""
        self.remove_class("-open")
        if self.children:
            self.line.decided()

    def fault(self, text: str) -> None:
        """Say at the right end why the line will not do; it can be mended then."""
        self.line.decided()
        self.query_one("#prompt-hint", Line).say(words((text, "broken")))

    def _hint(self, text: str) -> None:
        lines = [line for line in self._complete(text) if line != text][:6]
        self.query_one("#prompt-hint", Line).say(words("   ".join(line.rpartition(" ")[2] for line in lines)))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what is typed so far."""
        event.stop()
        self._hint(event.value)
        self.post_message(self.Typed(self.sigil, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Remember the line and tell it."""
        event.stop()
        past = self.past(self.sigil)
        if event.value and (not past or past[-1] != event.value):
            past.append(event.value)
        self.post_message(self.Entered(self.sigil, event.value))

    def _leave(self) -> None:
        self.close()
        self.post_message(self.Closed(self.sigil))
