"""The tabs: the panes that stand on the bar, each with its count and how fresh it is, watched from the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tui.facts import State, Topic
from tui.kinds import kinds
from tui.model import Engine, Kind
from tui.store import Change, Shelf, Store
from widgets.bars import Tab

TABS = (
    "docker/containers",
    "docker/images",
    "docker/volumes",
    "docker/networks",
    "swarm/nodes",
    "swarm/services",
    "kubernetes/pods",
    "kubernetes/deployments",
    "kubernetes/configmaps",
)


@dataclass
class Counts:
    """Looks at every kind of the bar, so that each tab tells its number before it is opened."""

    store: Store
    changed: Callable[[], None]
    shelves: dict[str, Shelf] = field(default_factory=dict)
    _leave: dict[str, Callable[[], None]] = field(default_factory=dict)

    def look(self, engines: Mapping[str, Engine], namespace: str) -> None:
        """Watch every kind of the bar in the engines and the namespace of now."""
        wanted = {kind_id: engines.get(kinds()[kind_id].family) for kind_id in TABS if kind_id in kinds()}
        for kind_id, engine in wanted.items():
            kind = kinds()[kind_id]
            scope = namespace if kind.namespaced else ""
            shelf = self.shelves.get(kind_id)
            if engine is not None and shelf is not None and self.store.shelves.get(Topic(engine.id, kind_id, scope)) is shelf:
                continue
            if (leave := self._leave.pop(kind_id, None)) is not None:
                leave()
            self.shelves.pop(kind_id, None)
            if engine is not None:
                self._leave[kind_id] = self.store.look(engine, kind, scope, self._note)

    def _note(self, shelf: Shelf, change: Change) -> None:
        known = self.shelves.get(shelf.topic.kind)
        self.shelves[shelf.topic.kind] = shelf
        if known is not shelf or change.put or change.gone or change.health or change.listed:
            self.changed()

    def tabs(self, extra: Kind | None, extra_count: int, absent: Mapping[str, str]) -> tuple[Tab, ...]:
        """Return the tabs, and behind its engine's own the pane that is open and has no tab of its own."""
        found: list[Tab] = []
        shown = [kinds()[kind_id] for kind_id in TABS if kind_id in kinds()]
        for at, kind in enumerate(shown):
            found.append(self._tab(kind, absent))
            last = at + 1 == len(shown) or shown[at + 1].family != kind.family
            if last and extra is not None and extra.family == kind.family and extra not in shown:
                found.append(Tab(extra.id, extra.title, str(extra_count), extra.family, extra.family))
        if extra is not None and extra.family == "local":
            found.append(Tab(extra.id, extra.title, str(extra_count), "local", "here"))
        return tuple(found)

    def _tab(self, kind: Kind, absent: Mapping[str, str]) -> Tab:
        shelf = self.shelves.get(kind.id)
        if kind.family in absent:
            return Tab(kind.id, kind.title, "", kind.family, kind.family)
        if shelf is None:
            return Tab(kind.id, kind.title, "…", kind.family, kind.family)
        match shelf.health.state:
            case State.LIVE:
                return Tab(kind.id, kind.title, str(len(shelf.objects)), kind.family, kind.family)
            case State.CONNECTING:
                return Tab(kind.id, kind.title, str(len(shelf.objects)) if shelf.objects else "…", kind.family, kind.family)
            case State.RETRYING | State.STALE:
                note = f"▲{len(shelf.objects)}" if shelf.loaded else "▲"
                return Tab(kind.id, kind.title, note, kind.family, kind.family, "strained")
            case _:
                return Tab(kind.id, kind.title, "✖", kind.family, kind.family, "faint")
