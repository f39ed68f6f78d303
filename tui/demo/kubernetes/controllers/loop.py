"""The loop that all controllers share: what changed is looked at once, soon after, however often it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui.demo.kubernetes.clock import Timer
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.objects import controller_of, name_of, space_of
from tui.demo.kubernetes.resources import Resource
from tui.demo.kubernetes.storage import Change, Key

SOON = 0.03  # seconds until a change is looked at: what belongs together comes together


class Controller:
    """Looks at the objects of one resource, by namespace and name. A kind of controller says what it hears, and what `sync` does."""

    resource: Resource

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.storage = cluster.storage
        self._due: dict[Key, Timer] = {}
        self.hear(self.resource, lambda change: [(space_of(change.item), name_of(change.item))])
        self.listen()

    def listen(self) -> None:
        """Hear of other resources too."""

    def sync(self, key: Key) -> None:
        """Take one object a step nearer to what is wanted; it may be gone."""
        raise NotImplementedError

    def hear(self, resource: Resource, keys: Callable[[Change], Iterable[Key]]) -> None:
        """Look at the objects that a change of a resource is about."""

        def ear(change: Change) -> None:
            for key in keys(change):
                self.look(key)

        self.storage.listen(resource, ear)

    def hear_owned(self, resource: Resource) -> None:
        """Look at whatever controls an object that changed."""

        def owners(change: Change) -> Iterable[Key]:
            for item in (change.item, change.before):
                owner = controller_of(item) if item is not None else None
                if owner is not None and owner["kind"] == self.resource.kind:
                    yield space_of(change.item), owner["name"]

        self.hear(resource, owners)

    def look(self, key: Key, after: float = SOON) -> None:
        """Look at an object after so many seconds, or earlier if that was said before."""
        when = self.cluster.clock.time() + after
        due = self._due.get(key)
        if due is not None and not due.is_dead:
            if due.when <= when:
                return
            due.cancel()

        def now() -> None:
            self._due.pop(key, None)
            self.sync(key)

        self._due[key] = self.cluster.clock.later(after, now)
