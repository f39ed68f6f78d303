"""A text about one object, with search; YAML and describe are made of it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.model import Host, Target
from tui.views.pane import ObjectPane
from widgets.prompt import Prompt
from widgets.textpane import TextPane


class TextView(ObjectPane):
    """A scrolling text that keeps its place when it is read anew. `/` searches, `n` and `N` go on."""

    language = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Search", show=False, id="text.find", tooltip="Search; the other lines stay"),
        Binding("r", "again", "Refresh", show=False, id="text.again", tooltip="Read the object anew"),
        Binding("c", "copy_all", "Copy", show=False, id="text.copy", tooltip="Copy the whole text"),
    ]
    hints: ClassVar[tuple[tuple[str, str], ...]] = (
        ("slash", "search"),
        ("n", "next"),
        ("N", "previous"),
        ("w", "wrap"),
        ("r", "refresh"),
        ("c", "copy"),
    )

    def __init__(self, host: Host, target: Target) -> None:
        super().__init__(host, target)
        self._text = ""

    def compose(self) -> ComposeResult:
        """Lay out the text and the search line."""
        yield TextPane()
        yield Prompt()

    async def text(self) -> str:
        """Return the text; raises EngineError."""
        raise NotImplementedError

    def changed(self, other: bool) -> None:
        """Empty the pane for another object."""
        if other and self.is_mounted:
            self._text = ""
            self.query_one(TextPane).set_text("reading …")

    async def ask(self) -> None:
        """Read the text."""
        self._text = await self.text()
        self.query_one(TextPane).set_text(self._text, self.language)

    def said(self, text: str) -> None:
        """Show why there is no text."""
        self.query_one(TextPane).set_text(text)

    def action_find(self) -> None:
        """Search in the text; other lines stay."""
        self.query_one(Prompt).open("/")

    def action_again(self) -> None:
        """Read the object anew."""
        self._start(self._ask_soon(0.0))

    def action_copy_all(self) -> None:
        """Copy the whole text."""
        self.host.copy(self._text)

    @on(Prompt.Typed)
    def _typed(self, event: Prompt.Typed) -> None:
        event.stop()
        self.query_one(TextPane).search(event.text or None)

    @on(Prompt.Entered)
    def _entered(self, event: Prompt.Entered) -> None:
        event.stop()
        self.query_one(Prompt).close()
        self.query_one(TextPane).focus()

    @on(Prompt.Closed)
    def _search_closed(self, event: Prompt.Closed) -> None:
        event.stop()
        pane = self.query_one(TextPane)
        pane.search(None)
        pane.focus()
