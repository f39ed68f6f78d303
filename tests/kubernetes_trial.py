"""What the Kubernetes tests share: a clock held in the hand, a small pod, and a reflector that is watched at work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from tests.told_kubernetes import KubernetesServer
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.clock import Clock
from tui.engines.kubernetes.objects import KubeObject
from tui.engines.kubernetes.reflector import Limits, Reflector
from tui.engines.kubernetes.transport import Deadlines, Transport
from tui.facts import Delta, Gone, Health, Listed, Put, State

PODS = "/api/v1/namespaces/default/pods"
QUICK = Deadlines(connect=2.0, answer=2.0, body=2.0, write=0.3, handshake=0.3, heartbeat=5.0)


class HeldClock(Clock):
    """A clock that stands still; a sleep moves it on and takes no time. `slept`: every sleep, in seconds."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.away = 0.0  # seconds the machine was asleep
        self.slept: list[float] = []

    def wall(self) -> float:
        return self.time + self.away

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

    def pick(self, low: float, high: float) -> float:
        return high


class _Status(msgspec.Struct, gc=False):
    phase: str = ""


class Pod(KubeObject, gc=False):
    """Just enough of a pod."""

    status: _Status = msgspec.field(default_factory=_Status)


class Told:
    """All that a reflector fed, and what a store would make of it."""

    def __init__(self) -> None:
        self.deltas: list[Delta] = []
        self.rows: dict[str, Any] = {}
        self._news = asyncio.Event()

    def feed(self, delta: Delta) -> None:
        self.deltas.append(delta)
        match delta:
            case Put(objects):
                self.rows.update((item.uid, item) for item in objects)
            case Gone(uids):
                for uid in uids:
                    self.rows.pop(uid, None)
            case Listed(uids):
                self.rows = {uid: item for uid, item in self.rows.items() if uid in uids}
        self._news.set()

    @property
    def names(self) -> list[str]:
        return sorted(item.name for item in self.rows.values())

    @property
    def healths(self) -> list[Health]:
        return [delta for delta in self.deltas if isinstance(delta, Health)]

    @property
    def states(self) -> list[State]:
        return [health.state for health in self.healths]

    @property
    def puts(self) -> list[list[str]]:
        return [[item.name for item in delta.objects] for delta in self.deltas if isinstance(delta, Put)]

    async def until(self, true: Callable[[], object], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self._news.clear()
                await self._news.wait()


def access_to(it: KubernetesServer, **more: Any) -> Access:
    return Access(**{"context": "trial", "server": it.url, "token": "sesame", **more})


@asynccontextmanager
async def reflecting(
    server: KubernetesServer, limits: Limits | None = None, clock: Clock | None = None
) -> AsyncIterator[tuple[Told, Reflector]]:
    """Run a reflector of the server's pods, and end it after."""
    told = Told()
    transport = Transport(access_to(server), Gate(), deadlines=QUICK)
    reflector = Reflector(transport, PODS, Pod, told.feed, clock=clock or HeldClock(), limits=limits or Limits())
    task = asyncio.create_task(reflector.run())
    try:
        yield told, reflector
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await transport.close()


async def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something that no event tells of."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
