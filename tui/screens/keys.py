"""The keys of the browse screen: verbs and views from the registry, declared once each, and the moves that every pane has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from textual.binding import Binding

from tui import actions, views
from tui.kinds import kinds
from tui.model import Action, Kind, View
from widgets.bars import Hint, display

MOVES: tuple[Binding, ...] = (
    # these two come first, so that what is typed right behind them, or pasted, goes to the line and not to the table
    Binding("colon", "command", "Go", priority=True, tooltip="Type where to go: a kind, a namespace, a context.", id="go"),
    Binding("slash", "filter", "Filter", priority=True, tooltip="Narrow the rows: words, !not, -l labels, -f fuzzy.", id="filter"),
    Binding("question_mark", "help", "Help", tooltip="Every key that works here.", id="help"),
    Binding("escape", "back", "Back", tooltip="Clear the filter, else the marks, else go back.", id="back"),
    Binding("tab", "tab(1)", "Next pane", tooltip="The next pane.", id="pane.next"),
    Binding("shift+tab", "tab(-1)", "Previous pane", tooltip="The pane before.", id="pane.previous"),
    Binding("left_square_bracket", "trail('back')", "Back", tooltip="Where I was before.", id="trail.back"),
    Binding("right_square_bracket", "trail('forward')", "Forward", tooltip="Where I was after.", id="trail.forward"),
    Binding("minus", "trail('last')", "Last", tooltip="The last place, and back again.", id="trail.last"),
    Binding("v", "view(1)", "View", tooltip="The next view of the details pane.", id="view.next"),
    Binding("V", "view(-1)", "View", tooltip="The view before.", id="view.previous"),
    Binding("ctrl+e", "details", "Details", tooltip="Show or hide the details pane.", id="details"),
    Binding("m", "maximise", "Large", tooltip="The details pane over the whole screen, and back.", id="large"),
    Binding("J", "owner", "Owner", tooltip="Jump to what owns this object.", id="owner"),
    Binding("w", "warp", "Warp", tooltip="Go into the namespace of this row.", id="warp"),
    Binding("n", "copy_namespace", "Copy namespace", tooltip="Copy the namespace.", id="copy.namespace"),
    Binding("ctrl+w", "wide", "Wide", tooltip="More columns, and fewer.", id="wide"),
    Binding("ctrl+z", "faults", "Faults", tooltip="Only what is broken or strained.", id="faults"),
    Binding("ctrl+r", "again", "Reload", tooltip="Read everything anew.", id="reload"),
    Binding("ctrl+u", "clear_filter", "Clear filter", tooltip="Show all rows again.", id="filter.clear"),
    Binding("N", "sort('name')", "By name", tooltip="Sort by name.", id="sort.name"),
    Binding("A", "sort('age')", "By age", tooltip="Sort by age.", id="sort.age"),
    Binding("S", "sort('status')", "By status", tooltip="Sort by status.", id="sort.status"),
    Binding("O", "sort_next", "By next column", tooltip="Sort by the next column.", id="sort.next"),
    Binding("P", "sort('namespace')", "By namespace", tooltip="Sort by namespace.", id="sort.namespace"),
    Binding("C", "contexts", "Contexts", tooltip="The kube contexts, to switch.", id="contexts"),
    Binding("H", "hosts", "Hosts", tooltip="The docker hosts, to switch.", id="hosts"),
    Binding("T", "tour('next')", "Tour", tooltip="One minute over the panes; its next step.", id="tour"),
    Binding("ctrl+t", "tour('end')", "End tour", tooltip="No more of the tour.", id="tour.end"),
    Binding("ctrl+p", "room('palette')", "Find", tooltip="Find panes, verbs, contexts, objects by a few letters.", id="palette"),
    Binding("o", "room('overview')", "Overview", tooltip="All engines: what is wrong, rollouts, load, warnings.", id="overview"),
    Binding("f", "forwards", "Forwards", tooltip="The list of port-forwards.", id="forwards"),
    *(
        Binding(
            str(digit),
            f"namespace({digit})",
            "Namespace",
            tooltip="Every namespace." if not digit else f"Favourite namespace {digit}.",
            id=f"namespace.{digit}",
        )
        for digit in range(10)
    ),
)


def every_action() -> dict[str, Action]:
    """Return every verb by its id. The package names them, so that no kind is imported before the first frame."""
    return {action.id: action for action in (getattr(actions, name) for name in actions.__all__)}


def every_view() -> dict[str, View]:
    """Return every view by its id, as the package names them."""
    return {view.id: view for view in (getattr(views, name) for name in views.__all__)}


def verbs() -> Iterator[Binding]:
    """Yield a binding for every verb and every view that has a key; Enter is left to the table."""
    for action in every_action().values():
        if action.key != "enter":
            yield Binding(action.key, f"verb('{action.id}')", action.label, tooltip=action.help, id=action.id)
    for view in every_view().values():
        if view.key:
            yield Binding(view.key, f"open_view('{view.id}')", view.title, tooltip=view.help, id=view.id)


def hints(kind: Kind, read_only: bool, drill: str, rows: Sequence[Any] = ()) -> tuple[Hint, ...]:
    """Return the keys that act on these rows now, most used first, then the moves. `rows`: those marked, or the one under the cursor.

    A verb that none of the rows is ready for is left out; without rows every verb of the kind is there.
    """
    found = [Hint("enter", drill, "enter")] if drill not in {"", "logs", "describe"} else []
    views = [Hint(view.key, view.title.lower(), f"open_view('{view.id}')") for view in kind.views if view.key]
    found += [hint for hint in views if hint.label in {"logs", "previous"}]
    found += [
        Hint(action.key, action.label.lower(), f"verb('{action.id}')")
        for action in kind.actions
        if action.key != "enter" and not (action.writes and read_only) and (not rows or not all(map(action.ready, rows)))
    ]
    found += [hint for hint in views if hint.label not in {"logs", "previous"}]
    found += [
        Hint("space", "mark", "mark"),
        Hint("slash", "filter", "filter"),
        Hint("colon", "go", "command"),
        Hint("question_mark", "help", "help"),
    ]
    return tuple(found)


def markdown() -> str:
    """Return every key as a table in Markdown: verbs and views with the kinds they are for, then the moves."""
    every, digits = kinds().values(), [move for move in MOVES if move.key.isdigit() and move.key != "0"]
    rows = [
        (action.key, action.label, action.help.splitlines()[0], _where([kind for kind in every if action in kind.actions]))
        for action in sorted(every_action().values(), key=lambda one: one.id)
    ]
    rows += [(view.key, view.title, view.help, _where([kind for kind in every if view in kind.views])) for view in every_view().values()]
    rows += [(move.key, move.description, move.tooltip, "everywhere") for move in MOVES if move not in digits[1:]]
    lines = [f"| `{display(key)}` | {label} | {about} | {where} |" for key, label, about, where in rows if key]
    last = f"`{display(digits[-1].key)}`"
    lines[-1] = lines[-1].replace("` |", f"` to {last} |", 1).replace(" 1. |", " 1 to 9. |")
    return "\n".join(["| key | does | | where |", "|---|---|---|---|", *lines])


def _where(having: Sequence[Kind]) -> str:
    """Return in words which kinds these are."""
    without = [kind.id for kind in kinds().values() if kind not in having]
    if not without:
        return "every kind"
    if len(without) < len(having):
        return f"all but {', '.join(without)}"
    engines: dict[str, list[str]] = {}
    for kind in having:
        engines.setdefault(kind.family, []).append(kind.id.partition("/")[2])
    return "; ".join(f"{engine}: {', '.join(words)}" for engine, words in engines.items())
