"""The local engine: what the program itself holds: kube contexts, docker hosts, and the list of port-forwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from tui.facts import About, EngineError, Feed, Gone, Health, Listed, Missing, Put, Ref, State
from tui.model import Engine, Kind

PROBE_EVERY = 30.0  # seconds between two looks at who answers
PROBES_AT_ONCE = 6

_NONE: Mapping[str, str] = {}


class Place(Struct, frozen=True):
    """A kube context or docker host that a person can switch to. `state` is "asking", "broken", or what a Probe says."""

    name: str
    server: str
    cluster: str = ""
    user: str = ""
    scope: str = ""
    origin: str = ""
    current: bool = False
    state: str = ""
    reason: str = ""

    namespace = ""
    labels = _NONE

    @property
    def uid(self) -> str:
        """Return the name: places are known by nothing else."""
        return self.name


class RunningForward(Protocol):
    """A forward as the Kubernetes engine runs it."""

    ref: Ref
    address: str
    local_port: int
    remote_port: int | str
    state: str
    pod: str
    bytes_in: int
    bytes_out: int
    live: int
    total: int
    error: str
    started: datetime

    async def close(self) -> None:
        """End it."""
        ...


class ForwardRow(Struct, frozen=True):
    """One forward as the list shows it, copied from the running one at each change."""

    uid: str
    name: str
    namespace: str
    context: str
    kind: str
    listening: str
    remote: str
    state: str
    pod: str
    bytes_in: int
    bytes_out: int
    live: int
    total: int
    error: str
    started: datetime

    labels = _NONE


Probe = Callable[[str], Awaitable[tuple[str, str]]]
"""Return the state of a context or host ("reachable", "unreachable", "expired"), and why it is not reachable."""


class Directory(Struct):
    """One of the lists of places: how to read it, and how to ask one of them for a sign of life."""

    read: Callable[[], Sequence[Place]]
    probe: Probe
    states: dict[str, tuple[str, str]] = field(default_factory=dict)


class LocalEngine(Engine):
    """Feeds contexts, hosts and forwards as rows, so that they are panes like all others."""

    id = "local"
    family = "local"
    context = "pilothouse"

    def __init__(self, contexts: Directory, hosts: Directory) -> None:
        self._directories = {"local/contexts": contexts, "local/hosts": hosts}
        self._forwards: dict[str, RunningForward] = {}
        self._contexts: dict[str, str] = {}
        self._listeners: list[Callable[[], None]] = []
        self._count = 0

    @property
    def about(self) -> About:
        """Return this program."""
        return About("pilothouse")

    @property
    def health(self) -> Health:
        """Return live: there is no wire here."""
        return Health(State.LIVE)

    async def watch(self, kind: Kind, namespace: str, feed: Feed) -> None:
        """Feed the rows of one list until cancelled."""
        if kind.id == "local/forwards":
            await self._watch_forwards(feed)
        else:
            await self._watch_places(self._directories[kind.id], feed)

    async def _watch_places(self, directory: Directory, feed: Feed) -> None:
        limit = asyncio.Semaphore(PROBES_AT_ONCE)

        async def ask(place: Place) -> None:
            async with limit:
                directory.states[place.name] = await directory.probe(place.name)
            feed(Put([self._with_state(directory, place)]))

        while True:
            places = await asyncio.to_thread(directory.read)
            feed(Put([self._with_state(directory, place) for place in places]))
            feed(Listed(frozenset(place.uid for place in places)))
            feed(Health(State.LIVE, since=datetime.now(UTC)))
            await asyncio.gather(*(ask(place) for place in places if place.state != "broken"))
            await asyncio.sleep(PROBE_EVERY)

    @staticmethod
    def _with_state(directory: Directory, place: Place) -> Place:
        if place.state == "broken":
            return place
        state, reason = directory.states.get(place.name, ("asking", ""))
        return replace(place, state=state, reason=reason)

    async def _watch_forwards(self, feed: Feed) -> None:
        changed = asyncio.Event()
        self._listeners.append(changed.set)
        known: set[str] = set()
        try:
            while True:
                rows = [self._row(uid) for uid in self._forwards]
                feed(Put(rows))
                feed(Gone(sorted(known - set(self._forwards))))
                known = set(self._forwards)
                feed(Listed(frozenset(known)))
                feed(Health(State.LIVE, since=datetime.now(UTC)))
                await changed.wait()
                changed.clear()
                await asyncio.sleep(0.25)  # bytes move often; four looks a second are enough
        finally:
            self._listeners.remove(changed.set)

    def _row(self, uid: str) -> ForwardRow:
        one = self._forwards[uid]
        address = f"[{one.address}]" if ":" in one.address else one.address
        return ForwardRow(
            uid, one.ref.name, one.ref.namespace, self._contexts[uid], one.ref.kind.partition("/")[2], f"{address}:{one.local_port}",
            str(one.remote_port), one.state, one.pod, one.bytes_in, one.bytes_out, one.live, one.total, one.error, one.started,
        )  # fmt: skip

    def _changed(self, _: object = None) -> None:
        for listener in self._listeners:
            listener()

    async def open_forward(self, engine: Engine, ref: Ref, remote: int | str, local_port: int, address: str) -> ForwardRow:
        """Open a forward and list it; raises EngineErrors of the engine and of the local port."""
        from tui.engines.kubernetes.engine import KubernetesEngine
        from tui.engines.kubernetes.forward import open_forward

        if not isinstance(engine, KubernetesEngine):
            raise EngineError(f"{engine.family} objects publish their ports themselves")
        running = await open_forward(engine, ref, remote, local_port=local_port, address=address, changed=self._changed)
        self._count += 1
        uid = f"forward-{self._count}"
        self._forwards[uid] = running
        self._contexts[uid] = engine.context
        self._changed()
        return self._row(uid)

    async def remove(self, ref: Ref, *, force: bool = False, volumes: bool = False, propagation: str = "Background") -> None:
        """End a forward."""
        running = self._forwards.pop(ref.uid, None)
        if running is None:
            raise Missing(f"the forward to {ref.name} has ended already")
        self._changed()
        await running.close()

    async def fetch(self, ref: Ref) -> Mapping[str, Any]:
        """Return a forward or place as a plain mapping."""
        if ref.uid in self._forwards:
            row = self._row(ref.uid)
            return {name: getattr(row, name) for name in ForwardRow.__struct_fields__}
        for place in self._directories[ref.kind].read():
            if place.name == ref.name:
                return {name: getattr(place, name) for name in Place.__struct_fields__ if getattr(place, name)}
        raise Missing(f"{ref.name} is not there any more")

    async def close(self) -> None:
        """End every forward."""
        for uid in list(self._forwards):
            await self._forwards.pop(uid).close()
