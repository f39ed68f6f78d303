"""The help: every key that works right now, made from the live bindings, and the grammar of the two lines one types at."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.model import Kind
from widgets.bars import display
from widgets.steady import Steady
from widgets.words import words

GRAMMAR = (
    (":pods", "a kind: plural, singular or short name; swarm/services, docker/networks where two engines share a word"),
    (":po kube-system", "in a namespace; all for every one"),
    (":po /regex", "filtered; also app=x,env=y and -f fuzzy"),
    (":po @context", "in another kube context"),
    (":ctx  :ctx NAME", "the kube contexts; use one"),
    (":host  :host NAME", "the docker hosts; use one"),
    (":ns  :ns NAME", "the namespaces; use one"),
    (":pf", "the port-forwards"),
    (":theme  :theme NAME", "the colours, to choose; use one"),
    (":overview  :find  :tour", "every engine at a glance; find anything; one minute over the panes"),
    (":q", "leave"),
    ("/web !old", "rows with web and without old (regular expressions, a space is AND)"),
    ("/-l app=web", "rows by label"),
    ("/-f wbapi", "rows whose name has these letters in this order"),
)

SETTINGS = (
    ("config.yaml", "in ~/.config/pilothouse: theme, read_only, keys, contexts and hosts with colour, protected, read_only; followed live"),
    ("keys: {delete: f8}", "another key for a binding; pilothouse doctor says what is wrong with one"),
    (
        "--keys k9s-strict",
        "k9s's letters where they differ: ^l rolls back, ^k asks to delete as ^d does, q goes back, ^q clears the filter, ⇧c clears a log",
    ),
    ("themes/NAME.yaml", "a theme of your own, next to config.yaml"),
)

NARROW = 70  # cells below which what a key does stands below it


class HelpScreen(Steady[None], ModalScreen[None]):
    """Keys in groups, and what can be typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark", "leave", "Back", show=False)]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $ph-ground 65%; }
    HelpScreen:ansi { background: transparent; }
    HelpScreen > Vertical {
        width: 110; max-width: 96%; height: 92%; border: round $ph-accent; background: $ph-panel; padding: 0 2;
        border-title-color: $ph-name;
    }
    HelpScreen VerticalScroll { scrollbar-size-vertical: 1; background: $ph-panel; }
    HelpScreen Static { height: auto; background: $ph-panel; }
    """

    def __init__(self, kind: Kind, groups: list[tuple[str, list[tuple[str, str, str]]]]) -> None:
        super().__init__()
        self._kind, self._groups = kind, groups

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical() as frame:
            frame.border_title = words(("Keys", "name bold"))
            with VerticalScroll():
                yield Static("")

    def on_resize(self) -> None:
        """Fold the lines to the width."""
        self.call_after_refresh(self._fold)

    def _fold(self) -> None:
        if self.stands:
            text = self.query_one(Static)
            text.update(self._text(text.size.width))

    def _text(self, width: int) -> Content:
        lines: list[Content] = []
        for title, rows in self._groups:
            lines.append(words((title.upper(), "faint")))
            for key, label, about in rows:
                keys = "  ".join(display(one) for one in key.split(","))
                keys = f"{keys:<5} " if width < NARROW else f"{keys:>14}  "
                lines += _folded(words((keys, "accent bold"), (f"{label:<18}", "text")), about, width)
            lines.append(words(""))
        for title, said in (("TO TYPE", GRAMMAR), ("TO SET", SETTINGS)):
            lines.append(words((title, "faint")))
            for text, about in said:
                lines += _folded(words((text if width < NARROW else f"{text:>20}  ", "accent bold")), about, width)
            lines.append(words(""))
        return Content("\n").join(lines)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss()


def _folded(first: Content, about: str, width: int) -> list[Content]:
    """Return what a key does beside it; what does not fit stands below, as far in. On a narrow screen all of it stands below."""
    if width < NARROW:
        lines = textwrap.wrap(about, max(20, width - 5))
        return [first, *(words("    ", (line, "muted")) for line in lines)]
    at = first.cell_length
    head, *rest = textwrap.wrap(about, max(20, width - at - 1)) or [""]
    return [words(first, (head, "muted")), *(words(" " * at, (line, "muted")) for line in rest)]


def groups(screen: Screen[object], kind: Kind) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return what the keys that work on a screen do, (keys, label, more) in groups; the kind's own verbs come first."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    seen: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.action in seen or binding.action in _TEXTUAL or not active.enabled:
            continue
        seen.add(binding.action)
        title = kind.title if binding.action.startswith(("verb", "open_view")) else type(active.node).__name__
        keys = ",".join(key for key, other in screen.active_bindings.items() if other.binding.action == binding.action)
        found.setdefault(_GROUPS.get(title, title), []).append((keys, binding.description, binding.tooltip))
    verbs = [*(verb.label for verb in kind.actions), *(view.title for view in kind.views)]
    found.get(kind.title, []).sort(key=lambda row: verbs.index(row[1]) if row[1] in verbs else len(verbs))
    return sorted(found.items(), key=lambda item: 0 if item[0] == kind.title else 1)


_TEXTUAL = {"screen.copy_text", "page_left", "page_right"}  # keys that textual gives every screen, and that nobody looks for
_GROUPS = {"BrowseScreen": "Moves", "SingleScreen": "Moves", "LiveTable": "Table", "Pilothouse": "Program"}
