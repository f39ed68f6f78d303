"""The tabs: the panes that stand on the bar, each with its count and how fresh it is, watched from the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from tui.facts import State, Topic
from tui.kinds import kinds
from tui.model import Engine, Kind
from tui.store import Change, Shelf, Store
from widgets.bars import Tab

TABS: Mapping[str, str] = {
    "docker/containers": "Containers",
    "docker/images": "Images",
    "docker/volumes": "Volumes",
    "docker/networks": "Networks",
    "swarm/nodes": "Nodes",
    "swarm/services": "Services",
    "kubernetes/pods": "Pods",
    "kubernetes/deployments": "Deployments",
    "kubernetes/configmaps": "ConfigMaps",
}
"""The panes of the bar, by kind, with the kinds' titles: they stand here too, so that the first frame needs no kind but its own."""


class Counts(Struct):
    """Looks at every kind of the bar, so that each tab tells its number before it is opened."""

    store: Store
    changed: Callable[[], None]
    shelves: dict[str, Shelf] = field(default_factory=dict)
    _leave: dict[str, Callable[[], None]] = field(default_factory=dict)

    def look(self, engines: Mapping[str, Engine], namespace: str) -> None:
        """Watch every kind of the bar in the engines and the namespace of now."""
        wanted = {kind_id: engines.get(kind_id.partition("/")[0]) for kind_id in TABS}
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
        shown = list(TABS)
        for at, kind_id in enumerate(shown):
            family = kind_id.partition("/")[0]
            found.append(self._tab(kind_id, family, absent))
            last = at + 1 == len(shown) or shown[at + 1].partition("/")[0] != family
            if last and extra is not None and extra.family == family and extra.id not in TABS:
                found.append(Tab(extra.id, extra.title, str(extra_count), family, family))
        if extra is not None and extra.family == "local":
            found.append(Tab(extra.id, extra.title, str(extra_count), "local", "here"))
        return tuple(found)

    def _tab(self, kind_id: str, family: str, absent: Mapping[str, str]) -> Tab:
        shelf, title = self.shelves.get(kind_id), TABS[kind_id]
        if family in absent:
            return Tab(kind_id, title, "", family, family)
        if shelf is None:
            return Tab(kind_id, title, "…", family, family)
        count = str(len(shelf.objects))
        match shelf.health.state:
            case State.LIVE:
                return Tab(kind_id, title, count, family, family)
            case State.CONNECTING:
                return Tab(kind_id, title, count if shelf.objects else "…", family, family)
            case State.RETRYING | State.STALE:
                return Tab(kind_id, title, f"▲{count}" if shelf.loaded else "▲", family, family, "strained")
            case _:
                return Tab(kind_id, title, "✖", family, family, "faint")
