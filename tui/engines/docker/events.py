"""Events: the engine's event stream, decoded without ever losing its footing, and shared by all that watch the host."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec import Struct, field

from tui.engines.docker.transport import Transport
from tui.facts import Denied, EngineError, Expired, Health, State, Unreachable, Unsupported

LONGEST = 8 * 1024 * 1024  # bytes of one event; a longer line is passed over
FIRST, LAST = 0.8, 30.0  # seconds of back-off
NEAR = 4.0  # the longest back-off from a socket on this machine: trying it costs nothing, and nobody else is held up
PROBE = 15.0  # seconds between two signs of life
NOISE = ("exec_", "top", "resize", "attach", "detach", "archive-path", "copy", "export")


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Whom an event is about."""

    id: str = msgspec.field(name="ID", default="")
    attributes: dict[str, str] = msgspec.field(name="Attributes", default_factory=dict)


class Happening(msgspec.Struct, frozen=True, gc=False):
    """One event, as /events gives it in API 1.40 to 1.56."""

    type: str = msgspec.field(name="Type", default="")
    action: str = msgspec.field(name="Action", default="")
    actor: Actor = msgspec.field(name="Actor", default_factory=Actor)
    scope: str = ""
    nano: int = msgspec.field(name="timeNano", default=0)

    @property
    def mark(self) -> tuple[int, str, str, str]:
        """Return what tells this event from every other."""
        return self.nano, self.type, self.action, self.actor.id


class Lines:
    """Bytes to events. A line that is no event, or too long, is counted in `faults` and passed over."""

    def __init__(self, longest: int = LONGEST) -> None:
        self.faults = 0
        self._rest = bytearray()
        self._skipping = False
        self._longest = longest
        self._decode = msgspec.json.Decoder(Happening).decode

    def feed(self, chunk: bytes) -> Iterator[Happening]:
        """Yield the events that a chunk completes, noise left out."""
        first, *more = chunk.split(b"\n")
        self._keep(first)
        for piece in more:
            line = bytes(self._rest)
            self._rest.clear()
            skipped, self._skipping = self._skipping, False
            self._keep(piece)
            if skipped or not line.strip():
                continue
            try:
                event = self._decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.faults += 1
                continue
            if not event.action.startswith(NOISE):
                yield event

    def _keep(self, piece: bytes) -> None:
        if self._skipping:
            return
        self._rest += piece
        if len(self._rest) > self._longest:
            self.faults += 1
            self._rest.clear()
            self._skipping = True


class Watcher(Protocol):
    """Who is told by the stream. The calls must not block: they note what is to be read, and return."""

    def heard(self, event: Happening) -> None:
        """Take in one event."""
        ...

    def reconnected(self) -> None:
        """Read everything anew: the stream has just begun, or something in it was lost."""
        ...

    def ailing(self, health: Health) -> None:
        """Take in that the stream is down."""
        ...


def backoff(attempt: int, rand: Callable[[], float] = random.random, last: float = LAST) -> float:
    """Return how long to wait before the next try, in seconds: full jitter under 0.8 x 2^attempt, at most `last`."""
    ceiling: float = min(last, FIRST * 2 ** min(attempt, 10))
    return max(0.1, ceiling * rand())


def state_of(error: EngineError) -> State:
    """Return the state of a watch whose read failed with `error`, when waiting will not mend it; else RETRYING."""
    match error:
        case Expired():
            return State.EXPIRED
        case Denied():
            return State.FORBIDDEN
        case Unsupported():
            return State.ABSENT
        case _:
            return State.RETRYING


class EventStream(Struct, eq=False):
    """One /events stream for everything watched on a host; it runs while somebody watches, and always comes back.

    It starts before the first list and asks for all since the last event it saw, so nothing falls between.
    """

    transport: Transport
    now: Callable[[], datetime]
    rand: Callable[[], float] = random.random
    probe: float = PROBE
    up: bool = False
    health: Health = field(default_factory=lambda: Health(State.CONNECTING))
    faults: int = 0
    _watchers: list[Watcher] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None
    _last: int = 0  # timeNano of the newest event
    _seen: deque[tuple[int, str, str, str]] = field(default_factory=lambda: deque(maxlen=512))
    _live: datetime | None = None
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def join(self, watcher: Watcher) -> None:
        """Tell a watcher of everything from now on; it is told at once how the stream is doing."""
        self._watchers.append(watcher)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"events {self.transport.host.name}")
        elif self.up:
            watcher.reconnected()
        else:
            watcher.ailing(self.health)

    async def leave(self, watcher: Watcher) -> None:
        """Tell a watcher no more; the last one that leaves ends the stream."""
        self._watchers.remove(watcher)
        if not self._watchers:
            await self.close()

    async def close(self) -> None:
        """End the stream."""
        task, self._task = self._task, None
        self.up = False
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def hurry(self) -> None:
        """Try now rather than when the back-off is over."""
        self._hurry.set()

    async def _run(self) -> None:
        attempt = 0
        while True:
            loop = asyncio.get_running_loop()
            began = loop.time()
            try:
                await self._follow()
                reason: EngineError = Unreachable("the engine closed the event stream")
            except EngineError as error:
                reason = error
            except Exception as error:  # the edge: a stream that has died unnoticed would leave every row looking live
                reason = EngineError(f"the event stream stopped by a fault of the program: {type(error).__name__}: {error}")
            was_up, self.up = self.up, False
            attempt = 0 if was_up and loop.time() - began > 5 else attempt + 1
            self.transport.forget()
            near = self.transport.host.scheme == "unix"
            wait = backoff(attempt, self.rand, NEAR if near else LAST)
            self._tell(Health(state_of(reason), str(reason), self._live, self.now() + timedelta(seconds=wait)))
            self._hurry.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._hurry.wait()
            except TimeoutError:
                pass

    async def _follow(self) -> None:
        params: dict[str, str | int] = {"since": await self._since()}
        async with self.transport.stream("/events", params) as answer:
            self.up, self._live = True, self.now()
            self.health = Health(State.LIVE, since=self._live)
            for watcher in tuple(self._watchers):
                watcher.reconnected()
            prober = asyncio.create_task(self._probe(), name=f"probe {self.transport.host.name}")
            reader = asyncio.create_task(self._read(answer.content.iter_any()), name=f"read events {self.transport.host.name}")
            try:
                done, _ = await asyncio.wait([prober, reader], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in (prober, reader):
                    task.cancel()
                await asyncio.gather(prober, reader, return_exceptions=True)

    async def _since(self) -> str:
        """Return where to begin: at the last event seen or, at first, a little before now by the engine's own clock."""
        if self._last:
            return f"{self._last // 10**9}.{self._last % 10**9:09d}"
        await self.transport.ready()
        clock = (await self.transport.ping()).clock or self.now()
        return f"{int(clock.timestamp()) - 1}"

    async def _probe(self) -> None:
        """Ask for a sign of life now and then: a paused engine and a half-open connection are silent, not closed."""
        while True:
            await asyncio.sleep(self.probe)
            await self.transport.ping()
            self._live = self.now()

    async def _read(self, chunks: object) -> None:
        lines = Lines()
        async for chunk in chunks:  # type: ignore[attr-defined]
            before = lines.faults
            for event in lines.feed(chunk):
                self._pass(event)
            self._live = self.now()
            if lines.faults > before:  # something was said that we could not read: look at everything again
                self.faults += lines.faults - before
                for watcher in tuple(self._watchers):
                    watcher.reconnected()

    def _pass(self, event: Happening) -> None:
        mark = event.mark
        if event.nano <= self._last and mark in self._seen:
            return
        self._seen.append(mark)
        self._last = max(self._last, event.nano)
        for watcher in tuple(self._watchers):
            watcher.heard(event)

    def _tell(self, health: Health) -> None:
        self.health = health
        for watcher in tuple(self._watchers):
            watcher.ailing(health)
