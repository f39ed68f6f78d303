"""The garbage collector: what is owned goes with its owners, before them, or stays, as the one who deleted them wished."""

from __future__ import annotations

from functools import partial

from tui.demo.kubernetes.cluster import FOREGROUND, ORPHAN, Cluster, Removal
from tui.demo.kubernetes.objects import Json, is_going, uid_of
from tui.demo.kubernetes.resources import RESOURCES, Resource
from tui.demo.kubernetes.storage import Change

SOON = 0.02  # seconds until what an owner has left behind is looked at


class Garbage:
    """Hears of everything that goes."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        for resource in RESOURCES:
            cluster.storage.listen(resource, partial(self._hear, resource))

    def _hear(self, resource: Resource, change: Change) -> None:
        uid = uid_of(change.item)
        if change.word == "DELETED":
            if self.cluster.storage.owned(uid):
                self.cluster.clock.later(SOON, lambda: self._orphaned(uid))
            for owner in change.item["metadata"].get("ownerReferences") or ():
                self._ask(owner["uid"])
        elif is_going(change.item):
            words = change.item["metadata"].get("finalizers") or ()
            if ORPHAN in words:
                self.cluster.clock.later(SOON, lambda: self._let_be(resource, change.item))
            elif FOREGROUND in words:
                self.cluster.clock.later(SOON, lambda: self._first_others(resource, change.item))

    def _ask(self, uid: str) -> None:
        """Look again at an owner that waits for what it owns."""
        for resource in RESOURCES:
            if not resource.counted:
                continue
            for item in self.cluster.storage.items(resource):
                if uid_of(item) == uid and is_going(item):
                    self.cluster.clock.later(SOON, lambda item=item, resource=resource: self._first_others(resource, item))  # type: ignore[misc]

    def _orphaned(self, uid: str) -> None:
        """Delete what an owner that is gone has left, unless another owner is there."""
        for resource, item in self.cluster.storage.owned(uid):
            owners = [one for one in item["metadata"].get("ownerReferences") or () if one["uid"] != uid]
            if owners:
                self.cluster.set_meta(resource, item, ownerReferences=owners)
            elif not is_going(item):
                self.cluster.delete(resource, item, Removal(propagation="Background"))

    def _let_be(self, resource: Resource, owner: Json) -> None:
        for kind, item in self.cluster.storage.owned(uid_of(owner)):
            owners = [one for one in item["metadata"].get("ownerReferences") or () if one["uid"] != uid_of(owner)]
            self.cluster.set_meta(kind, item, ownerReferences=owners or None)
        self._release(resource, owner, ORPHAN)

    def _first_others(self, resource: Resource, owner: Json) -> None:
        if not self.cluster.storage.is_here(resource, owner):
            return
        left = self.cluster.storage.owned(uid_of(owner))
        for kind, item in left:
            if not is_going(item):
                self.cluster.delete(kind, item, Removal(propagation="Foreground" if kind.counted and kind.kind != "Pod" else "Background"))
        blocking = [
            item
            for _, item in self.cluster.storage.owned(uid_of(owner))
            if any(one["uid"] == uid_of(owner) and one.get("blockOwnerDeletion") for one in item["metadata"]["ownerReferences"])
        ]
        if not blocking:
            self._release(resource, owner, FOREGROUND)

    def _release(self, resource: Resource, owner: Json, word: str) -> None:
        now = self.cluster.storage.get(resource, str(owner["metadata"].get("namespace", "")), owner["metadata"]["name"])
        if now is not None and uid_of(now) == uid_of(owner):
            rest = [one for one in now["metadata"].get("finalizers") or () if one != word]
            self.cluster.set_meta(resource, now, finalizers=rest or None)
