"""Where the objects of the embedded cluster are: one version for every change, and a bounded memory of what has changed."""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from tui.demo.kubernetes.clock import Clock
from tui.demo.kubernetes.failures import too_old
from tui.demo.kubernetes.objects import Json, name_of, space_of, uid_of
from tui.demo.kubernetes.resources import RESOURCES, Resource

KEPT = 2000  # changes of one resource that a watch can go back
SNAPSHOTS = 64  # lists whose further pages can still be had
SNAPSHOT_LIFE = 300.0  # seconds: as long as etcd keeps versions by default

Key = tuple[str, str]
"""Namespace and name."""


@dataclass(eq=False)
class Change:
    """One change of one object; `before` is None when it was made. A deleted object has the version of its deletion."""

    version: int
    word: str  # ADDED, MODIFIED or DELETED
    item: Json
    before: Json | None = None

    @cached_property
    def encoded(self) -> bytes:
        """Return the object as JSON, made once for all who watch."""
        return msgspec.json.encode(self.item)

    @cached_property
    def line(self) -> bytes:
        """Return the line of a watch."""
        return b'{"type":"%s","object":%s}\n' % (self.word.encode(), self.encoded)


@dataclass
class _Shelf:
    items: dict[Key, Json] = field(default_factory=dict)
    past: deque[Change] = field(default_factory=lambda: deque(maxlen=KEPT))
    oldest: int = 0  # a watch can begin at this version, and at none before
    ears: list[Callable[[Change], None]] = field(default_factory=list)


class Storage:
    """Every object by resource, namespace and name. What is given out is shared: make a new object instead of changing it."""

    def __init__(self, clock: Clock, seed: int = 1) -> None:
        self.clock = clock
        self.chance = random.Random(seed)
        self.version = 1
        self._shelves: dict[Resource, _Shelf] = {resource: _Shelf(oldest=1) for resource in RESOURCES}
        self._bytes: dict[str, bytes] = {}  # by resourceVersion, for the objects of now
        self._owned: dict[str, dict[tuple[Resource, Key], None]] = {}  # by the uid of the owner
        self._snapshots: OrderedDict[tuple[Resource, str, int], tuple[float, list[Json]]] = OrderedDict()

    # ---- reading ----------------------------------------------------------------------------------------------------

    def get(self, resource: Resource, namespace: str, name: str) -> Json | None:
        """Return an object, or None."""
        return self._shelves[resource].items.get((namespace, name))

    def items(self, resource: Resource, namespace: str = "") -> list[Json]:
        """Return the objects of a namespace, or of all (""), in the order in which the API lists them."""
        found = self._shelves[resource].items
        return [found[key] for key in sorted(found) if not namespace or key[0] == namespace]

    def owned(self, uid: str) -> list[tuple[Resource, Json]]:
        """Return everything that names this uid as an owner."""
        return [(resource, self._shelves[resource].items[key]) for resource, key in tuple(self._owned.get(uid, ()))]

    def encoded(self, item: Json) -> bytes:
        """Return an object as JSON."""
        version = item["metadata"]["resourceVersion"]
        made = self._bytes.get(version)
        if made is None:
            made = self._bytes[version] = msgspec.json.encode(item)
        return made

    # ---- writing ----------------------------------------------------------------------------------------------------

    def put(self, resource: Resource, item: Json) -> Json:
        """Store an object, new or changed, under the next version, tell whoever listens, and return it as it is stored."""
        shelf = self._shelves[resource]
        key = (space_of(item), name_of(item))
        before = shelf.items.get(key)
        self.version += 1
        item = {**item, "metadata": {**item["metadata"], "resourceVersion": str(self.version)}}
        if before is not None:
            self._bytes.pop(before["metadata"]["resourceVersion"], None)
            if before["metadata"].get("ownerReferences") != item["metadata"].get("ownerReferences"):
                self._disown(resource, key, before)
                before_owned = False
            else:
                before_owned = True
        else:
            before_owned = False
        if not before_owned:
            for owner in item["metadata"].get("ownerReferences") or ():
                self._owned.setdefault(owner["uid"], {})[resource, key] = None
        shelf.items[key] = item
        self._tell(shelf, Change(self.version, "ADDED" if before is None else "MODIFIED", item, before))
        return item

    def drop(self, resource: Resource, item: Json) -> Json:
        """Take an object away, tell whoever listens, and return it as it was last."""
        shelf = self._shelves[resource]
        key = (space_of(item), name_of(item))
        before = shelf.items.pop(key)
        self._bytes.pop(before["metadata"]["resourceVersion"], None)
        self._disown(resource, key, before)
        self.version += 1
        last = {**before, "metadata": {**before["metadata"], "resourceVersion": str(self.version)}}
        self._tell(shelf, Change(self.version, "DELETED", last, before))
        return last

    def _disown(self, resource: Resource, key: Key, item: Json) -> None:
        for owner in item["metadata"].get("ownerReferences") or ():
            held = self._owned.get(owner["uid"])
            if held is not None:
                held.pop((resource, key), None)
                if not held:
                    del self._owned[owner["uid"]]

    def _tell(self, shelf: _Shelf, change: Change) -> None:
        if len(shelf.past) == KEPT:
            shelf.oldest = shelf.past[0].version
        shelf.past.append(change)
        for ear in tuple(shelf.ears):
            ear(change)

    # ---- history ----------------------------------------------------------------------------------------------------

    def listen(self, resource: Resource, ear: Callable[[Change], None]) -> Callable[[], None]:
        """Tell `ear` of every change from now on; returns what ends that."""
        ears = self._shelves[resource].ears
        ears.append(ear)

        def end() -> None:
            if ear in ears:
                ears.remove(ear)

        return end

    def since(self, resource: Resource, version: int) -> Iterable[Change]:
        """Return the changes after a version; raises Failure 410 when they are no longer known."""
        shelf = self._shelves[resource]
        if version < shelf.oldest:
            raise too_old(version, shelf.oldest)
        return [change for change in shelf.past if change.version > version]

    def snapshot(self, resource: Resource, namespace: str) -> tuple[int, list[Json]]:
        """Return the version and the objects of now, to be paged through."""
        found = self.items(resource, namespace)
        self._snapshots[resource, namespace, self.version] = (self.clock.time(), found)
        while len(self._snapshots) > SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return self.version, found

    def snapshot_at(self, resource: Resource, namespace: str, version: int) -> list[Json] | None:
        """Return the objects as they were at a version, or None when nobody remembers."""
        made, found = self._snapshots.get((resource, namespace, version), (0.0, []))
        return found if made and self.clock.time() - made < SNAPSHOT_LIFE else None

    def compact(self) -> None:
        """Forget the past: older versions can neither be watched from nor paged through."""
        self._snapshots.clear()
        for shelf in self._shelves.values():
            shelf.past.clear()
            shelf.oldest = self.version

    # ---- what only it can give --------------------------------------------------------------------------------------

    def new_uid(self) -> str:
        """Return a uid that was never given before."""
        word = f"{self.chance.getrandbits(128):032x}"
        return f"{word[:8]}-{word[8:12]}-4{word[13:16]}-{'89ab'[int(word[16], 16) % 4]}{word[17:20]}-{word[20:]}"

    def is_here(self, resource: Resource, item: Json) -> bool:
        """Tell whether this very object, not a namesake, still is there."""
        now = self.get(resource, space_of(item), name_of(item))
        return now is not None and uid_of(now) == uid_of(item)
