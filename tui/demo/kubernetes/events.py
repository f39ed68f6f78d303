"""What the parts of the cluster say about objects: events, counted when they repeat and forgotten after an hour."""

from __future__ import annotations

from tui.demo.kubernetes.objects import Json, micro, name_of, space_of, stamp, uid_of
from tui.demo.kubernetes.resources import EVENTS
from tui.demo.kubernetes.storage import Storage

LIFE = 3600.0  # seconds an event is kept
SWEEP = 300.0  # seconds between two looks for old ones
Said = tuple[str, str, str, str, str]
"""About whom (uid), reason, message, field and speaker."""


class Recorder:
    """Writes events. Nothing is written before `since`: what nobody could still read need not be said."""

    def __init__(self, storage: Storage) -> None:
        self.since = 0.0
        self._storage = storage
        self._known: dict[Said, tuple[str, str]] = {}  # -> namespace and name
        self._sweeping = False

    def say(self, about: Json, reason: str, message: str, source: str, *, bad: bool = False, host: str = "", field: str = "", times: int = 1) -> None:  # fmt: skip  # noqa: E501
        """Say something about an object; `field`: which part of it; `times`: how often it has happened since it was last said."""
        now = self._storage.clock.time()
        if now < self.since or times < 1:
            return
        said: Said = (uid_of(about), reason, message, field, source)
        old = self._storage.get(EVENTS, *self._known[said]) if said in self._known else None
        if old is not None:
            if "count" in old:
                old = {**old, "count": old["count"] + times, "lastTimestamp": stamp(now)}
            else:
                series = old.get("series") or {"count": 1}
                old = {**old, "series": {"count": series["count"] + times, "lastObservedTime": micro(now)}}
            self._storage.put(EVENTS, old)
            return
        made = self._made(about, reason, message, source, "Warning" if bad else "Normal", host, field, times)
        self._known[said] = (space_of(made), name_of(made))
        self._storage.put(EVENTS, made)
        if not self._sweeping:
            self._sweeping = True
            self._storage.clock.later(SWEEP, self._sweep)

    def _made(self, about: Json, reason: str, message: str, source: str, kind: str, host: str, field: str, times: int) -> Json:
        now, space = self._storage.clock.time(), space_of(about)
        name = f"{name_of(about)}.{int(now * 1e9) + self._storage.chance.randrange(100000):x}"
        own = {"name": name, "namespace": space or "default", "uid": self._storage.new_uid(), "creationTimestamp": stamp(now)}
        target = {
            "kind": about["kind"], "namespace": space, "name": name_of(about), "uid": uid_of(about), "apiVersion": about["apiVersion"],
            "resourceVersion": about["metadata"].get("resourceVersion", ""), "fieldPath": field,
        }  # fmt: skip
        head = {"kind": "Event", "apiVersion": "v1", "metadata": own}
        made: Json = {
            **head,
            "involvedObject": {key: value for key, value in target.items() if value},
            "reason": reason,
            "message": message,
        }
        if source == "default-scheduler":  # it writes events of the newer kind, which have no count
            times_said: Json = {"source": {}, "firstTimestamp": None, "lastTimestamp": None, "type": kind, "eventTime": micro(now)}
            return {**made, **times_said, "action": "Binding", "reportingComponent": source, "reportingInstance": f"{source}-cp-1"}
        who = {"component": source, **({"host": host} if host else {})}
        when = {"firstTimestamp": stamp(now), "lastTimestamp": stamp(now), "count": times}
        return {**made, "source": who, **when, "type": kind, "eventTime": None, "reportingComponent": source, "reportingInstance": host}

    def _sweep(self) -> None:
        """Forget what was said too long ago."""
        ends = stamp(self._storage.clock.time() - LIFE)
        for item in self._storage.items(EVENTS):
            last = (item.get("series") or {}).get("lastObservedTime") or item.get("lastTimestamp") or item.get("eventTime") or ""
            if last < ends:
                self._storage.drop(EVENTS, item)
        left = {(space_of(item), name_of(item)) for item in self._storage.items(EVENTS)}
        self._known = {said: key for said, key in self._known.items() if key in left}
        self._sweeping = bool(left)
        if left:
            self._storage.clock.later(SWEEP, self._sweep)
