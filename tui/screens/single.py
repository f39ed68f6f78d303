"""One view of one object over the whole screen; Esc comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from tui.model import Target, View
from tui.screens import status
from tui.screens.keyed import Keyed
from tui.views.pane import ObjectPane, focus_first
from widgets.bars import Hint, KeyBar, Line, TopBar, fit
from widgets.words import words

if TYPE_CHECKING:
    from tui.bridge import Bridge


class SingleScreen(Keyed):
    """A line of where and what, the view, and the keys of the view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", id="single.back"),
        Binding("question_mark", "help", "Help", id="single.help"),
    ]
    CSS = """
    SingleScreen { background: $ph-ground; color: $ph-text; }
    SingleScreen #crumbs { height: 1; padding: 0 1; margin: 0 0 1 0; }
    SingleScreen #view { height: 1fr; }
    """

    def __init__(self, cockpit: Bridge, view: View, target: Target) -> None:
        super().__init__(classes=f"-{target.kind.family}")
        self.cockpit, self.view, self.target = cockpit, view, target

    def compose(self) -> ComposeResult:
        """Lay out the lines and the view."""
        yield TopBar(id="top")
        yield Line(id="crumbs")
        yield Container(self.view.build(self.cockpit, self.target), id="view")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Say where this is, and which keys the view has."""
        ref, kind = self.target.ref, self.target.kind
        title = f"   {self.view.title}"
        name = fit(str(ref), max(12, self.size.width - len(kind.singular) - len(title) - 4))
        self.query_one("#crumbs", Line).say(words((f"{kind.singular} ", "faint"), (name, "name bold"), (title, kind.family)))
        focus_first(self.query_one("#view", Container))
        self.query_one(KeyBar).role = kind.family
        self.settings_changed()

    def settings_changed(self) -> None:
        """Say in which engine this is, and the keys."""
        self.keymap = self.cockpit.comfort.keymap
        namespace = self.target.ref.namespace or self.cockpit.browse.current_namespace
        status.say(self.query_one("#top", TopBar), self.cockpit, self.target.kind.family, namespace, self.size.width)
        self.query_one(KeyBar).hints = self.with_keys(self._hints())

    def _hints(self) -> tuple[Hint, ...]:
        pane = self.query_one(ObjectPane)
        return (
            Hint("escape", "back", "leave"),
            *(Hint(key, label, "") for key, label in pane.hints),
            Hint("question_mark", "help", "help"),
        )

    def action_leave(self) -> None:
        """Go back, unless a search line is open."""
        self.dismiss()

    def action_help(self) -> None:
        """Show every key that works here."""
        self.cockpit.show_help(self.target.kind)

    def action_jump(self, kind_id: str, namespace: str, name: str) -> None:
        """Go to an object by kind and name."""
        self.dismiss()
        self.cockpit.jump(kind_id, namespace, name)
