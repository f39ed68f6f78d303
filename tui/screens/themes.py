"""The themes to choose from: moving the cursor shows each at once, Enter keeps it, Esc gives the old one back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from themes import BUILT_IN, BadTheme
from widgets.steady import Steady
from widgets.words import words

if TYPE_CHECKING:
    from tui.comfort import Comfort


class ThemeScreen(Steady[None], ModalScreen[None]):
    """A list at the right end; what is left of it shows the theme under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "Back", show=False)]
    DEFAULT_CSS = """
    ThemeScreen { align: right middle; background: transparent; }
    ThemeScreen > Vertical {
        width: 40; max-width: 90%; height: auto; max-height: 90%; margin: 0 2; padding: 1 1;
        border: round $ph-accent; border-title-color: $ph-name; background: $ph-panel;
    }
    ThemeScreen OptionList, ThemeScreen OptionList:focus {
        height: auto; max-height: 16; border: none; padding: 0; background: $ph-panel; background-tint: transparent 0%;
        scrollbar-size-vertical: 1;
    }
    ThemeScreen OptionList > .option-list--option { padding: 0 1; color: $ph-text; text-wrap: nowrap; text-overflow: ellipsis; }
    ThemeScreen OptionList > .option-list--option-disabled { color: $ph-faint; }
    ThemeScreen OptionList > .option-list--option-highlighted { background: $ph-cursor; color: $ph-name; text-style: bold; }
    ThemeScreen Static { height: auto; margin-top: 1; padding: 0 1; background: $ph-panel; color: $ph-muted; }
    """

    def __init__(self, comfort: Comfort) -> None:
        super().__init__()
        self._comfort, self._before = comfort, comfort.theme
        self._faults: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out the list, and the line that says what is wrong with the one under the cursor."""
        with Vertical() as frame:
            frame.border_title = words(("Theme", "name bold"))
            yield OptionList(markup=False, compact=True)
            yield Static("")

    def on_mount(self) -> None:
        """Read the themes off the loop."""
        self.run_worker(self._list(), exit_on_error=False)

    async def _list(self) -> None:
        found = await asyncio.to_thread(self._read)
        rows = self.query_one(OptionList)
        rows.add_options(Option(self._line(name), id=name) for name in found)
        rows.highlighted = found.index(self._before) if self._before in found else 0
        rows.focus()

    def _read(self) -> Sequence[str]:
        names = self._comfort.theme_names()
        for name in names:
            try:
                self._comfort.theme_of(name)
            except BadTheme as error:
                self._faults[name] = str(error)
        return names

    def _line(self, name: str) -> Content:
        note = "✖ cannot be used" if name in self._faults else "" if name in BUILT_IN else "your own"
        return words((name, "faint" if name in self._faults else "text"), (f"  {note}" if note else "", "faint"))

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        name = str(event.option_id)
        fault = self._faults.get(name, "")
        self.query_one(Static).update(words((fault, "broken")) if fault else words(("⏎ keep   esc as it was", "faint")))
        if not fault and name != self._comfort.theme:
            self._show(name)

    def _show(self, name: str) -> None:
        try:
            self._comfort.try_theme(name)
        except BadTheme as error:  # the file was changed meanwhile
            self._faults[name] = str(error)
            self.query_one(Static).update(words((str(error), "broken")))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        name = str(event.option_id)
        if name not in self._faults:
            self._comfort.keep_theme(name)
            self.dismiss()

    def action_leave(self) -> None:
        """Give the old theme back."""
        if self._before != self._comfort.theme:
            self._show(self._before)
        self.dismiss()
