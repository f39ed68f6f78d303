"""The keymap: which bindings there are and where they hold, and what a person's own keys come to; clashes are told with their line."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct
from textual.binding import Binding
from textual.keys import Keys, _character_to_key

from tui.kinds import kinds
from tui.screens import keys
from tui.settings import PRESETS, Bound, Problem, near
from widgets.bars import display

K9S: Mapping[str, tuple[str, ...]] = {
    "rollback": ("ctrl+l",),
    "delete": ("ctrl+d", "ctrl+k"),
    "filter.clear": ("ctrl+u", "ctrl+q"),
    "back": ("escape", "q"),
    "logs.clear": ("C",),
}
"""Where k9s has other letters: ctrl+l rolls back, ctrl+k kills (here it asks, as ctrl+d does), q goes back, ctrl+q clears the filter,
and shift+c clears a log."""
_OTHERWISE = {"esc": "escape", "del": "delete", "ins": "insert", "return": "enter", "pgup": "pageup", "pgdn": "pagedown"}
_MODIFIERS = {"ctrl", "alt", "shift"}


class Spoken(Struct, frozen=True):
    """One binding: its keys as they come, what it does, and where it holds ("table", "logs", "text", or a kind's id for verbs)."""

    keys: tuple[str, ...]
    says: str
    places: frozenset[str]


def known() -> dict[str, Spoken]:
    """Return every binding that has an id a person may use; imports the panes, so not before the first frame."""
    from tui.screens.single import SingleScreen
    from tui.views.logs import LogsPane
    from tui.views.text import TextView
    from tui.views.yaml import YamlPane
    from widgets._lines import Lines
    from widgets._table_hands import TableHands
    from widgets.logpane import LogPane

    found: dict[str, Spoken] = {}
    everywhere = frozenset(kinds())
    _add(found, keys.MOVES, everywhere)
    _add(found, _declared(TableHands), everywhere)
    for binding in keys.verbs():
        having = {
            kind.id for kind in kinds().values() if binding.id in {*(verb.id for verb in kind.actions), *(view.id for view in kind.views)}
        }
        _add(found, (binding,), frozenset(having))
    both = frozenset({"logs", "text"})
    _add(found, _declared(SingleScreen), both)
    _add(found, _declared(Lines), both)
    for pane in (LogsPane, LogPane):
        _add(found, _declared(pane), frozenset({"logs"}))
    for view in (TextView, YamlPane):
        _add(found, _declared(view), frozenset({"text"}))
    _add(found, (Binding("ctrl+c", "quit", "Quit", id="quit"),), everywhere | both)
    return found


def _declared(node: type) -> list[Binding]:
    """Return the bindings that a class itself declares."""
    return [one for one in vars(node).get("BINDINGS", ()) if isinstance(one, Binding)]


def _add(found: dict[str, Spoken], bindings: Iterable[Binding], places: frozenset[str]) -> None:
    for one in bindings:
        if one.id:
            found[one.id] = Spoken(tuple(one.key.split(",")), one.description or one.tooltip, places)


def key_named(text: str) -> str:
    """Return a key as Textual names it: x, X or shift+x, ctrl+x, f5, ?, space, pgdn; raises ValueError for what is none."""
    head, plus, last = text.rpartition("+") if len(text) > 1 else ("", "", text)
    before = head.lower().split("+") if plus else []
    if not last or not set(before) <= _MODIFIERS or len(set(before)) != len(before):
        raise ValueError(text)
    if len(last) == 1:
        if not last.isprintable() or last.isspace():
            raise ValueError(text)
        named = _character_to_key(last)
        if before == ["shift"] and last.isalpha():
            return last.upper()
        return "+".join((*before, named.lower())) if before else named
    last = _OTHERWISE.get(last.lower(), last.lower())
    if last not in _names():
        raise ValueError(text)
    return "+".join((*before, last))


@cache
def _names() -> frozenset[str]:
    """Return the names of the keys that are more than one letter: Textual's own, and those of signs, such as question_mark."""
    named = {key.value for key in Keys if "+" not in key.value and not key.value.startswith("<")}
    return frozenset(named | {"space"} | {_character_to_key(sign) for sign in string.punctuation})


def keymap_of(chosen: Mapping[str, Bound], preset: str, file: Path) -> tuple[dict[str, tuple[str, ...]], tuple[Problem, ...]]:
    """Return the keys of the bindings that are not as they come, and a problem for each entry that is passed over.

    An entry is passed over when its binding is unknown, one of its keys is none, or a key of it does something else at the
    same place; the entries are taken in their order, so that two bindings can exchange their keys.
    """
    if not chosen and not preset:
        return {}, ()
    there = known()
    problems: list[Problem] = []
    asked: dict[str, tuple[str, ...]] = {}
    for name, bound in chosen.items():
        if name not in there:
            problems.append(Problem(file, bound.line, f"No binding is called {name}{near(name, there)}"))
            continue
        try:
            asked[name] = tuple(dict.fromkeys(key_named(key) for key in bound.keys))
        except ValueError as error:
            problems.append(Problem(file, bound.line, f"{str(error)!r} is not a key; keys are such as x, X, ctrl+x, f5, space, ?."))
    base = {name: held for name, held in (K9S if preset == PRESETS[0] else {}).items() if name not in asked}
    while clash := _clash(there, base, asked):
        mine, other, key = clash
        says = f"keys.{mine}: the key {display(key)} already does {there[other].says} ({other}) there; give {other} another key first."
        problems.append(Problem(file, chosen[mine].line, says))
        del asked[mine]
        if preset == PRESETS[0] and mine in K9S:
            base[mine] = K9S[mine]
    changed = {name: held for name, held in (base | asked).items() if held != there[name].keys}
    return changed, tuple(sorted(problems, key=lambda one: one.line))


def _clash(
    there: Mapping[str, Spoken], base: Mapping[str, tuple[str, ...]], asked: Mapping[str, tuple[str, ...]]
) -> tuple[str, str, str] | None:
    """Return the first entry whose key does something else at a place of its own, that other binding, and the key."""
    whole = {name: asked.get(name) or base.get(name) or one.keys for name, one in there.items()}
    holders: dict[str, list[str]] = {}
    for name, held in whole.items():
        for key in held:
            holders.setdefault(key, []).append(name)
    for mine in reversed(list(asked)):
        for key in asked[mine]:
            for other in holders[key]:
                if other != mine and key not in there[mine].keys and there[mine].places & there[other].places:
                    return mine, other, key
    return None
