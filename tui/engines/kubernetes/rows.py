"""Rows: the deltas of objects turned into the deltas of what each of them is made of, as a pod of its containers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

from tui.facts import Delta, Feed, Gone, Listed, Put, Ref


class Rows(Struct):
    """Stands between a watch and its feed; `expand` gives the rows of one object, each with a uid of its own."""

    expand: Callable[[Any], Sequence[Any]]
    feed: Feed
    _known: dict[str, frozenset[str]] = field(default_factory=dict)  # an object's uid -> those of its rows

    def __call__(self, delta: Delta) -> None:
        """Feed the same news about the rows."""
        match delta:
            case Put(objects):
                self._put(objects)
            case Gone(uids):
                self.feed(Gone([row for uid in uids for row in self._known.pop(uid, ())]))
            case Listed(uids):
                self._known = {uid: rows for uid, rows in self._known.items() if uid in uids}
                self.feed(Listed(frozenset().union(*self._known.values())))
            case _:
                self.feed(delta)

    def _put(self, objects: Sequence[Any]) -> None:
        rows: list[Any] = []
        gone: list[str] = []
        for item in objects:
            made = self.expand(item)
            uids = frozenset(row.uid for row in made)
            gone += self._known.get(item.uid, frozenset()) - uids
            self._known[item.uid] = uids
            rows += made
        self.feed(Put(rows))
        if gone:
            self.feed(Gone(gone))


def pod_of(ref: Ref) -> tuple[Ref, str]:
    """Return the pod of a container's reference, and the container's name: its uid is `pod uid/pod name/container`."""
    uid, _, rest = ref.uid.partition("/")
    return Ref(ref.engine, "kubernetes/pods", ref.namespace, rest.partition("/")[0], uid), ref.name
