"""Lens: what is asked of the containers that a person sees, and of no others: live figures, and why one has trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from tui.engines.docker.listing import Listing
from tui.engines.docker.objects import Peek
from tui.engines.docker.stats import Sample, Samples
from tui.engines.docker.transport import Transport
from tui.engines.past import Past
from tui.facts import EngineError, Figures

DEADLINE = 3.0  # seconds one sample may take: on some engines a call hangs for ever
AGAIN = 5  # rounds until an unhealthy container is looked into again


class _Probe(msgspec.Struct, rename="pascal"):
    exit_code: int = 0
    output: str = ""


class _Health(msgspec.Struct, rename="pascal"):
    failing_streak: int = 0
    log: tuple[_Probe, ...] | None = None


class _State(msgspec.Struct):
    oom: bool = msgspec.field(name="OOMKilled", default=False)
    exit_code: int = msgspec.field(name="ExitCode", default=0)
    error: str = msgspec.field(name="Error", default="")
    health: _Health | None = msgspec.field(name="Health", default=None)


class _Inspect(msgspec.Struct):
    state: _State = msgspec.field(name="State", default_factory=_State)
    restarts: int = msgspec.field(name="RestartCount", default=0)


class Lens:
    """Polls the looked-at containers of a host, every two seconds (five over ssh), four calls at a time."""

    def __init__(self, transport: Transport) -> None:
        self.uids: frozenset[str] = frozenset()
        self.past = Past()
        self._looks: dict[str, frozenset[str]] = {}
        self._transport = transport
        self._samples = Samples()
        self._looking = asyncio.Event()
        self._few = asyncio.Semaphore(4)
        self.pause = 5.0 if transport.host.scheme == "ssh" else 2.0
        self.deadline = DEADLINE

    def look(self, uids: frozenset[str], by: str = "table") -> None:
        """Say which containers are seen now by a part of the screen; those that come new are asked at once."""
        if uids:
            self._looks[by] = uids
        else:
            self._looks.pop(by, None)
        every = frozenset().union(*self._looks.values())
        fresh = bool(every - self.uids)
        self.uids = every
        if fresh:
            self._looking.set()

    async def run(self, listing: Listing) -> None:
        """Poll and feed until cancelled."""
        turn = 0
        while True:
            seen: list[Any] = [listing.known[uid] for uid in self.uids if uid in listing.known]
            if listing.stream.up:
                await asyncio.gather(*self._calls(seen, listing, turn))
            self._samples.keep(self.uids)
            turn += 1
            self._looking.clear()
            try:
                async with asyncio.timeout(self.pause if seen else 30.0):
                    await self._looking.wait()
                    await asyncio.sleep(0.1)  # a person who scrolls passes many by
            except TimeoutError:
                pass

    def _calls(self, seen: Iterable[Any], listing: Listing, turn: int) -> Iterable[Any]:
        for one in seen:
            if one.running and self._transport.at_least(1, 41):
                yield self._sample(one.uid, listing)
            if one.wants_peek and (one.peek is None or turn % AGAIN == 0):
                yield self._peek(one.uid, listing)

    async def _sample(self, uid: str, listing: Listing) -> None:
        stats = None
        try:
            async with self._few:
                params = {"stream": "false", "one-shot": "true"}
                sample = await self._transport.read(Sample, f"/containers/{uid}/stats", params, self.deadline)
            stats = self._samples.take(uid, sample)
            if stats is None:
                return
            if stats.read is not None:
                self.past.add(uid, Figures(stats.read, stats.cpu, stats.memory, stats.limit, stats.received, stats.sent))
        except EngineError:
            pass  # it has just gone, or hangs: no figures is what a person should see
        self._put(uid, listing, stats=stats)

    async def _peek(self, uid: str, listing: Listing) -> None:
        try:
            async with self._few:
                found = await self._transport.read(_Inspect, f"/containers/{uid}/json", timeout=self.deadline)
        except EngineError:
            return
        self._put(uid, listing, peek=peek_of(found))

    @staticmethod
    def _put(uid: str, listing: Listing, **fresh: Any) -> None:
        known: Any = listing.known.get(uid)
        if known is not None:
            if not known.running:
                fresh.pop("stats", None)
            listing.put([msgspec.structs.replace(known, **fresh)])


def peek_of(found: _Inspect) -> Peek:
    """Return what columns and troubles need of an inspect."""
    state, health = found.state, found.state.health
    failed = [probe.output.strip() for probe in (health.log or ()) if probe.exit_code] if health else []
    return Peek(
        state.oom,
        state.exit_code,
        state.error,
        found.restarts,
        health.failing_streak if health else 0,
        failed[-1].splitlines()[0][:200] if failed and failed[-1] else "",
    )
