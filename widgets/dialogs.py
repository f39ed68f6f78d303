"""Dialogs: modal questions. Cancel comes first and has the focus; keys of the first moments are not taken as answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from widgets.answer import Answers, T
from widgets.safe import safe
from widgets.steady import Steady
from widgets.words import words


class Question(Steady[T], ModalScreen[T], Answers[T]):
    """The frame of every dialog: a title in the border, lines, the equal command in faint, and buttons at the end."""

    GUARD: ClassVar[float] = 0.3  # seconds in which no key is taken: a person was still typing at the table
    LEAVE: ClassVar[str] = "Cancel"
    AUTO_FOCUS = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("left,right", "other_button", "Other button", show=False),
    ]
    DEFAULT_CSS = """
    Question { align: center middle; background: $ph-ground 65%; }
    Question:ansi { background: transparent; }
    Question > Vertical {
        width: 100; max-width: 94%; height: auto; max-height: 90%; padding: 1 2;
        border: round $ph-accent; border-title-color: $ph-name; border-title-style: bold; background: $ph-panel;
    }
    Question #lines { height: auto; max-height: 24; scrollbar-size-vertical: 1; background: transparent; }
    Question .line { color: $ph-muted; height: auto; background: transparent; }
    Question .command { color: $ph-faint; margin-top: 1; height: auto; }
    Question #buttons { height: 1; margin: 1 0 0 0; align-horizontal: right; }
    Question #buttons Button {
        min-width: 8; height: 1; border: none; padding: 0 1; margin-left: 3;
        background: $ph-panel; background-tint: transparent 0%; color: $ph-muted; text-style: none;
    }
    Question #buttons Button:focus { background: $ph-cursor; background-tint: transparent 0%; color: $ph-name; text-style: bold; }
    Question #buttons Button:disabled { color: $ph-faint; text-opacity: 100%; }
    Question #buttons Button.-yes:focus { background: $ph-accent; color: $ph-ground; }
    Question.-docker > Vertical { border: round $ph-docker; }
    Question.-swarm > Vertical { border: round $ph-swarm; }
    Question.-kubernetes > Vertical { border: round $ph-kubernetes; }
    Question.-docker #buttons Button.-yes:focus { background: $ph-docker; }
    Question.-swarm #buttons Button.-yes:focus { background: $ph-swarm; }
    Question.-kubernetes #buttons Button.-yes:focus { background: $ph-kubernetes; }
    Question.-danger > Vertical { border: round $ph-broken; }
    Question.-danger #buttons Button.-yes:focus { background: $ph-broken; color: $ph-ground; }
    Question.-protected > Vertical {
        border: thick $ph-protected; border-title-color: $ph-protected-text; border-title-background: $ph-protected;
    }
    Question Input { height: 1; border: none; background: $ph-ground; color: $ph-name; padding: 0 1; margin-top: 1; }
    Question Input:focus { border: none; }
    Question #options { height: auto; margin-top: 1; }
    Question .fault { color: $ph-broken; height: auto; min-height: 1; }
    """

    def __init__(self, title: str, lines: Sequence[Content], yes: str, *, command: str = "", danger: bool = False) -> None:
        super().__init__()
        self._title, self._lines, self._yes, self._command = title, lines, yes, command
        self._opened = 0.0
        self.set_class(danger, "-danger")

    def compose(self) -> ComposeResult:
        """Lay out the frame; a dialog puts its own fields into `fields`."""
        with Vertical() as frame:
            frame.border_title = words((self._title, "name bold"))
            if self._lines:
                with VerticalScroll(id="lines", can_focus=False):
                    for line in self._lines:
                        yield Static(line, classes="line")
            yield from self.fields()
            if self._command:
                yield Static(words(self._command), classes="command")
            with Horizontal(id="buttons"):
                yield Button(Content(self.LEAVE), id="cancel", compact=True)
                if self._yes:
                    yield Button(Content(safe(self._yes)), id="yes", classes="-yes", compact=True)

    def fields(self) -> ComposeResult:
        """Yield what stands between the lines and the buttons."""
        yield from ()

    def on_mount(self) -> None:
        """Start the guard."""
        self._opened = time.monotonic()

    @property
    def guarded(self) -> bool:
        """Tell whether keys are still passed over."""
        return time.monotonic() - self._opened < self.GUARD

    async def on_event(self, event: events.Event) -> None:
        """Pass over the keys and pastes that were meant for what stood here before."""
        if isinstance(event, (events.Key, events.Paste)) and self.guarded and getattr(event, "key", "") != "escape":
            event.stop()
            event.prevent_default()
            return
        await super().on_event(event)

    def on_resize(self) -> None:
        """Let the longest part scroll, so that the buttons are always in sight."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        if not self.stands:
            return
        frame = self.query_one("Question > Vertical", Vertical)
        parts = [part for part in frame.query(VerticalScroll) if part.display and part.size.height]
        if not parts:
            return
        for part in parts:
            part.styles.max_height = None
        longest = max(parts, key=lambda part: part.virtual_size.height)
        others = sum(child.outer_size.height + child.styles.margin.height for child in frame.children if child is not longest)
        room = int(self.size.height * 0.9) - others - longest.styles.margin.height - 4  # the frame and its padding
        longest.styles.max_height = max(2, room)

    def answer(self) -> T | None:
        """Return what the yes button means, or None while it cannot be said."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    def action_other_button(self) -> None:
        """Move between the two buttons."""
        if isinstance(self.focused, Button) and self._yes:
            self.query_one("#yes" if self.focused.id == "cancel" else "#cancel").focus()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#yes")
    def _agreed(self) -> None:
        result = self.answer()
        if result is not None:
            self.dismiss(result)


class Toggle(Static, can_focus=True):
    """One option of a dialog: on or off by space, Enter or a click."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "turn", "Turn", show=False)]
    DEFAULT_CSS = """
    Toggle { height: 1; width: auto; color: $ph-muted; background: transparent; padding: 0 1; }
    Toggle:focus { background: $ph-cursor; color: $ph-name; }
    """
    on: reactive[bool] = reactive(False)

    def __init__(self, name: str, label: str, on: bool = False) -> None:
        super().__init__(name=name)
        self._label = label
        self.set_reactive(Toggle.on, on)

    def render(self) -> Content:
        """Return the box and the label."""
        return words("[x] " if self.on else "[ ] ", self._label)

    def action_turn(self) -> None:
        """Turn it."""
        self.on = not self.on

    def on_click(self) -> None:
        """Turn it."""
        self.action_turn()


class Confirm(Question[frozenset[str]]):
    """Yes or no; yes answers with the ids of the options that are on. `options`: (id, label) pairs, all off at first.

    With `typed`, yes counts only after that word was typed out, for what is gravest.
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[Content],
        yes: str,
        *,
        command: str = "",
        danger: bool = False,
        typed: str = "",
        options: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(title, lines, yes, command=command, danger=danger)
        self._typed, self._options = typed, options

    def fields(self) -> ComposeResult:
        """Yield the options, and the field for the typed word where one is asked."""
        if self._options:
            with Vertical(id="options"):
                for name, label in self._options:
                    yield Toggle(name, label)
        if self._typed:
            yield Input(placeholder=f"type {safe(self._typed)} to go on", id="typed")
            yield Static("", classes="fault")

    def answer(self) -> frozenset[str] | None:
        """Return the options that are on, or None while the typed word does not match."""
        if self._typed and self.query_one("#typed", Input).value != self._typed:
            self.query_one(".fault", Static).update(words(f"That is not {self._typed}."))
            return None
        return frozenset(toggle.name or "" for toggle in self.query(Toggle) if toggle.on)


class Ask(Question[str]):
    """A line of text. `check` returns why a text will not do, or "" when it will; Enter in the field answers."""

    AUTO_FOCUS = "#text"

    def __init__(
        self,
        title: str,
        lines: Sequence[Content],
        yes: str,
        *,
        value: str = "",
        placeholder: str = "",
        check: Callable[[str], str] = lambda _: "",
        command: str = "",
    ) -> None:
        super().__init__(title, lines, yes, command=command)
        self._value, self._placeholder, self._check = value, placeholder, check

    def fields(self) -> ComposeResult:
        """Yield the field and the place for what is wrong with it."""
        yield Input(value=safe(self._value), placeholder=safe(self._placeholder), id="text")
        yield Static("", classes="fault")

    def answer(self) -> str | None:
        """Return the text, or None (and say why) while it will not do."""
        text = self.query_one("#text", Input).value.strip()
        fault = self._check(text)
        self.query_one(".fault", Static).update(words(fault))
        return None if fault else text

    @on(Input.Changed, "#text")
    def _changed(self) -> None:
        self.query_one(".fault", Static).update(words(self._check(self.query_one("#text", Input).value.strip())))

    @on(Input.Submitted, "#text")
    def _submitted(self) -> None:
        result = self.answer()
        if result is not None:
            self.dismiss(result)


class Choice(Struct, frozen=True):
    """One row of a Pick: its line, why it cannot be taken ("" = it can), and the yes button's words for it."""

    line: Content
    blocked: str = ""
    yes: str = ""


class Pick(Question[int]):
    """One of several rows, with a preview of what it means below; answers with the row's number, from 0."""

    AUTO_FOCUS = "#rows"
    DEFAULT_CSS = """
    Pick OptionList, Pick OptionList:focus {
        height: auto; max-height: 10; border: none; padding: 0; background: $ph-panel; background-tint: transparent 0%;
        scrollbar-size-vertical: 1;
    }
    Pick OptionList > .option-list--option { padding: 0 1; color: $ph-text; text-wrap: nowrap; text-overflow: ellipsis; }
    Pick OptionList > .option-list--option-highlighted { background: $ph-cursor; color: $ph-name; text-style: bold; }
    Pick .head { color: $ph-faint; margin-top: 1; }
    Pick #preview { height: auto; max-height: 14; margin-top: 1; scrollbar-size-vertical: 1; }
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[Content],
        yes: str,
        choices: Sequence[Choice],
        *,
        head: str = "",
        first: int = 0,
        preview: Callable[[int], Content] = lambda _: Content(""),
        commands: Callable[[int], str] = lambda _: "",
    ) -> None:
        super().__init__(title, lines, yes, command=" ")
        self._choices, self._head, self._first = choices, head, first
        self._preview, self._commands = preview, commands

    def fields(self) -> ComposeResult:
        """Yield the rows and the preview."""
        if self._head:
            yield Static(words(self._head), classes="head")
        yield OptionList(*(Option(choice.line) for choice in self._choices), id="rows", markup=False, compact=True)
        with VerticalScroll(id="preview", can_focus=False):
            yield Static("", id="preview-text")

    def on_mount(self) -> None:
        """Put the cursor on the first row to take."""
        super().on_mount()
        self.query_one(OptionList).highlighted = self._first

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        choice = self._choices[event.option_index]
        self.query_one("#preview-text", Static).update(self._preview(event.option_index))
        self.call_after_refresh(self._fit)
        self.query_one(".command", Static).update(words(self._commands(event.option_index)))
        button = self.query_one("#yes", Button)
        button.disabled = bool(choice.blocked)
        button.label = Content(safe(choice.blocked or choice.yes or self._yes))

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        # Enter on a row only leads to the buttons, with Cancel first: nothing is sent by one key
        self.query_one("#cancel").focus()

    def answer(self) -> int | None:
        """Return the row under the cursor."""
        row = self.query_one(OptionList).highlighted
        return None if row is None or self._choices[row].blocked else row
