"""Pulse: what is wrong, under way, hot or warned of over every engine, kept true delta by delta from the store's own watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from tui.facts import Figures, Health, Object, State, Tone, Topic
from tui.kinds import kinds
from tui.model import Engine, Kind, Progress, Trouble
from tui.store import Change, Shelf, Store

CONTAINERS, EVENTS, PODS = "docker/containers", "kubernetes/events", "kubernetes/pods"
WATCHED = (
    CONTAINERS, "swarm/nodes", "swarm/services", "kubernetes/nodes", "kubernetes/deployments", "kubernetes/statefulsets",
    "kubernetes/daemonsets", "kubernetes/jobs", PODS, EVENTS,
)  # fmt: skip
RANK = {Tone.BROKEN: 0, Tone.STRAINED: 1}
FINEST = {CONTAINERS: 0, PODS: 0, "kubernetes/jobs": 1}  # of a group, the member of the finest kind tells why
AGAIN = 300  # objects looked at again in one go, because time alone may change how they do
POLLED, STAYS = 12, 3  # containers measured at a time; ticks until others have their turn
HOT = timedelta(seconds=60)
GOING = frozenset({"created", "exited", "dead", "removing"})

Slot = tuple[str, str]  # kind id, uid


class Woe(Struct, frozen=True):
    """An object that is broken or strained. `group`: (kind, namespace, name) of what it belongs to, outermost."""

    kind: Kind
    object: Object
    trouble: Trouble
    group: tuple[str, str, str]


class Problem(Struct, frozen=True):
    """What one line tells: the object that tells why, and how many others of the same owner have trouble, too."""

    lead: Woe
    others: int
    tone: Tone


class Rollout(Struct, frozen=True):
    """A rollout under way."""

    kind: Kind
    object: Object
    progress: Progress


class Warned(Struct, frozen=True):
    """What was said lately about one object: the newest warning, and how often any was."""

    event: Any
    count: int


class Hot(Struct, frozen=True):
    """A container and what it used in the last minutes. `cpu`: percent, over the last minute."""

    object: Any
    past: Sequence[Figures]
    cpu: float


class Pulse(Struct, eq=False):
    """Looks at the kinds that have troubles, in every engine at hand. `changed` is called whenever something may read otherwise."""

    store: Store
    changed: Callable[[], None]
    shelves: dict[str, Shelf] = field(default_factory=dict)
    engines: dict[str, Engine] = field(default_factory=dict)
    woes: dict[Slot, Woe] = field(default_factory=dict)
    rollouts: dict[Slot, Rollout] = field(default_factory=dict)
    warnings: dict[str, Any] = field(default_factory=dict)
    running: dict[str, Any] = field(default_factory=dict)
    narrowed: str = ""  # the namespace that pods and workloads are watched in, when not in all of them
    _moving: dict[Slot, None] = field(default_factory=dict)
    _leave: dict[str, Callable[[], None]] = field(default_factory=dict)
    _refused: bool = False
    _turn: int = 0
    _problems: list[Problem] | None = None
    _warned: list[Warned] | None = None

    # ---- watching ----------------------------------------------------------------------------------------------------

    def look(self, engines: Mapping[str, Engine], namespace: str) -> None:
        """Watch in the engines of now: in all namespaces or, where that was refused, in the one given. May be called again and again."""
        if self._refused and not self.narrowed:
            self.narrowed = namespace or "default"
        for kind_id in WATCHED:
            kind, engine = kinds()[kind_id], engines.get(kind_id.partition("/")[0])
            scope = self.narrowed if kind.namespaced else ""
            shelf = self.shelves.get(kind_id)
            if engine is not None and shelf is not None and self.store.shelves.get(Topic(engine.id, kind_id, scope)) is shelf:
                continue
            self._forget(kind_id)
            if engine is not None:
                if self.engines.get(kind.family) not in {None, engine} and kind.family == "kubernetes" and self.narrowed:
                    self.narrowed, self._refused, scope = "", False, ""
                self.engines[kind.family] = engine
                self._leave[kind_id] = self.store.look(engine, kind, scope, self._note)
        for family in self.engines.keys() - engines.keys():
            del self.engines[family]

    def leave(self) -> None:
        """Look no more."""
        if (docker := self.engines.get("docker")) is not None:
            docker.look(kinds()[CONTAINERS], frozenset(), "overview")
        for kind_id in WATCHED:
            self._forget(kind_id)

    def _forget(self, kind_id: str) -> None:
        if (leave := self._leave.pop(kind_id, None)) is not None:
            leave()
        if (shelf := self.shelves.pop(kind_id, None)) is not None:
            for uid in list(shelf.objects):
                self._drop(kind_id, uid)
        for known in (self.woes, self.rollouts, self._moving):
            for slot in [slot for slot in known if slot[0] == kind_id]:
                del known[slot]
        self._problems = self._warned = None

    def _note(self, shelf: Shelf, change: Change) -> None:
        kind_id = shelf.topic.kind
        self.shelves[kind_id] = shelf
        if shelf.health.state is State.FORBIDDEN and not shelf.topic.namespace and kinds()[kind_id].namespaced:
            self._refused = True
        before = len(self.running), len(self.rollouts)
        for uid in change.gone:
            self._drop(kind_id, uid)
        for uid in change.put:
            if (obj := shelf.objects.get(uid)) is not None:
                self._judge(kinds()[kind_id], obj)
        only_figures = kind_id == CONTAINERS and not (change.gone or change.health or change.listed) and self._problems is not None
        if not only_figures or before != (len(self.running), len(self.rollouts)):
            self.changed()

    # ---- judging -----------------------------------------------------------------------------------------------------

    def _drop(self, kind_id: str, uid: str) -> None:
        slot = (kind_id, uid)
        if self.woes.pop(slot, None) is not None:
            self._problems = None
        self.rollouts.pop(slot, None)
        self._moving.pop(slot, None)
        if kind_id == CONTAINERS:
            self.running.pop(uid, None)
        elif kind_id == EVENTS and self.warnings.pop(uid, None) is not None:
            self._warned = None

    def _judge(self, kind: Kind, obj: Any) -> None:
        if kind.id == EVENTS:
            if obj.type == "Warning":
                self.warnings[obj.uid], self._warned = obj, None
            return
        if kind.id == CONTAINERS:
            if obj.running:
                self.running[obj.uid] = obj
            else:
                self.running.pop(obj.uid, None)
        slot, tone = (kind.id, obj.uid), kind.tone(obj)
        trouble = kind.trouble(obj) if tone in RANK else None
        woe = Woe(kind, obj, trouble, group_of(kind, obj)) if trouble is not None and not told_elsewhere(kind, obj) else None
        before = self.woes.pop(slot, None)
        if woe is not None:
            self.woes[slot] = woe
        if (before and (before.trouble, before.group)) != (woe and (woe.trouble, woe.group)):
            self._problems = None
        progress = kind.progress(obj)
        if progress is not None:
            self.rollouts[slot] = Rollout(kind, obj, progress)
        else:
            self.rollouts.pop(slot, None)
        if tone is Tone.MOVING:
            self._moving[slot] = None
        else:
            self._moving.pop(slot, None)

    def again(self) -> None:
        """Judge once more what time alone may change: what is on its way may be late by now, a restart is no longer recent."""
        slots = [*self._moving, *self.woes]
        start = self._turn * AGAIN % max(1, len(slots))
        for kind_id, uid in slots[start : start + AGAIN]:
            shelf = self.shelves.get(kind_id)
            if shelf is not None and (obj := shelf.objects.get(uid)) is not None:
                self._judge(kinds()[kind_id], obj)

    # ---- what there is to tell ----------------------------------------------------------------------------------------

    def problems(self) -> Sequence[Problem]:
        """Return what is wrong, the worst first, one line for all that belongs to the same owner."""
        if self._problems is None:
            groups: dict[tuple[str, str, str], list[Woe]] = {}
            for woe in self.woes.values():
                groups.setdefault(woe.group, []).append(woe)
            self._problems = sorted((problem_of(members) for members in groups.values()), key=_worst)
        return self._problems

    def warned(self) -> Sequence[Warned]:
        """Return what was warned of, the newest first, one line an object."""
        if self._warned is None:
            told: dict[tuple[str, str, str], list[Any]] = {}
            for event in self.warnings.values():
                about = event.involved
                told.setdefault((about.kind, about.namespace, about.name), []).append(event)
            newest = [Warned(max(events, key=_said), sum(event.count for event in events)) for events in told.values()]
            self._warned = sorted(newest, key=lambda one: _said(one.event), reverse=True)
        return self._warned

    def hottest(self, most: int) -> list[Hot]:
        """Return the containers that used the processors most in the last minute."""
        docker = self.engines.get("docker")
        if docker is None:
            return []
        found = [Hot(obj, past, mean(past)) for uid, obj in self.running.items() if (past := docker.past(uid))]
        return sorted(found, key=lambda one: (-round(one.cpu, 1), one.object.name))[:most]

    def measure(self) -> None:
        """Have the hottest containers measured, and of the others so many at a time, each in its turn; called once in two seconds."""
        docker = self.engines.get("docker")
        if docker is None:
            return
        uids = sorted(self.running)
        if len(uids) > POLLED:
            first = [one.object.uid for one in self.hottest(POLLED // 2)]
            rest = [uid for uid in uids if uid not in first]
            room = POLLED - len(first)
            start = self._turn // STAYS * room % len(rest)
            uids = [*first, *(rest + rest)[start : start + room]]
        self._turn += 1
        ailing = [uid for kind_id, uid in self.woes if kind_id == CONTAINERS][:POLLED]  # an inspect tells why
        docker.look(kinds()[CONTAINERS], frozenset([*uids, *ailing]), "overview")

    def health(self, family: str) -> Health:
        """Return how fresh what is told of an engine is: the state of its worst watch, the kinds apart that it does not let us see."""
        found = [shelf.health for kind_id, shelf in self.shelves.items() if kind_id.partition("/")[0] == family]
        for state in (State.EXPIRED, State.RETRYING, State.STALE, State.ABSENT, State.CONNECTING):
            if (worst := next((health for health in found if health.state is state), None)) is not None:
                return worst
        alive = next((health for health in found if health.state is State.LIVE), None)
        return alive or (found[0] if found else Health(State.CONNECTING))

    def count(self, kind_id: str) -> int | None:
        """Return how many objects of a kind there are, or None while they are being read or when they may not be seen."""
        shelf = self.shelves.get(kind_id)
        return len(shelf.objects) if shelf is not None and shelf.loaded else None


def group_of(kind: Kind, obj: Any) -> tuple[str, str, str]:
    """Return (kind, namespace, name) of the outermost owner, or of the object itself."""
    owners = kind.owners(obj) if kind.id in FINEST else ()
    kind_id, name = owners[0] if owners else (kind.id, obj.name)
    return kind_id, obj.namespace, name


def told_elsewhere(kind: Kind, obj: Any) -> bool:
    """Tell whether a container is what is left of a swarm's task: its service tells whether anything lacks."""
    return kind.id == CONTAINERS and obj.state in GOING and bool(kind.owners(obj))


def problem_of(members: Sequence[Woe]) -> Problem:
    """Return the line for several woes of one owner."""
    lead = min(members, key=lambda woe: (FINEST.get(woe.kind.id, 2), RANK[woe.trouble.tone], woe.object.name))
    worst = min((woe.trouble.tone for woe in members), key=RANK.__getitem__)
    same = sum(woe.kind is lead.kind for woe in members)
    return Problem(lead, same - 1, worst)


def _worst(one: Problem) -> tuple[int, int, str, str]:
    kind_id = one.lead.kind.id
    first = 0 if kind_id.endswith("/nodes") else 1
    return RANK[one.tone], first, one.lead.object.namespace, one.lead.object.name


def _said(event: Any) -> float:
    last: datetime | None = event.last
    return last.timestamp() if last is not None else 0.0


def mean(past: Sequence[Figures]) -> float:
    """Return the processor's share over the last minute that was measured."""
    since = past[-1].when - HOT
    known = [one.cpu for one in past if one.cpu is not None and one.when >= since]
    return sum(known) / len(known) if known else 0.0
