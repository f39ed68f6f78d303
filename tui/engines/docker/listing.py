"""Listing: one watched kind: read in full when the stream begins, and in part when an event says so; only changes are fed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct, field

from tui.engines.docker.events import EventStream, Happening, backoff, state_of
from tui.facts import EngineError, Feed, Gone, Health, Listed, Object, Put, State

SPACE = 0.25  # seconds between two reads of a kind: a storm of events costs four reads a second
MANY = 16  # so many objects are read one by one; more are read as a full list
SAFETY = 60.0  # seconds until everything is read anew, events or not: the engine drops events silently
POLLED = 5.0  # the same, where the engine does not let us hear events
DENIED = 15.0  # seconds until a refused list is tried again


class Reader(Protocol):
    """How a kind is read."""

    async def everything(self, known: dict[str, Object]) -> Sequence[Object]:
        """Return all objects, as rows."""
        ...

    async def these(self, ids: frozenset[str], known: dict[str, Object]) -> Sequence[Object]:
        """Return those of the objects that are still there."""
        ...

    def hears(self, event: Happening) -> str | None:
        """Return the id of the object to read, "" for all of them, None when the event does not matter."""
        ...


class Listing(Struct, eq=False):
    """Keeps one kind in step with the engine, and feeds what truly changed."""

    reader: Reader
    stream: EventStream
    feed: Feed
    now: Callable[[], datetime]
    every: float = SAFETY
    known: dict[str, Object] = field(default_factory=dict)
    rand: Callable[[], float] = random.random
    _all: bool = False
    _ids: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _live: datetime | None = None
    _attempt: int = 0
    _polling: bool = False

    # ---- told by the stream -----------------------------------------------------------------------------------------

    def heard(self, event: Happening) -> None:
        """Note what an event makes stale."""
        match self.reader.hears(event):
            case None:
                return
            case "":
                self._all = True
            case one:
                self._ids.add(one)
        self._wake.set()

    def reconnected(self) -> None:
        """Note that everything is to be read."""
        self._polling = False
        self._all = True
        self._wake.set()

    def ailing(self, health: Health) -> None:
        """Pass the stream's trouble on; where it may not be heard, the kind is polled."""
        self._polling = health.state is State.FORBIDDEN
        if self._polling:
            self._all = True
            self._wake.set()
        else:
            self.feed(Health(health.state, health.reason, self._live, health.retry_at))

    # ---- the loop ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Feed until cancelled."""
        self.stream.join(self)
        wait = self.every
        try:
            while True:
                try:
                    async with asyncio.timeout(POLLED if self._polling else wait):
                        await self._wake.wait()
                except TimeoutError:
                    self._all = True
                self._wake.clear()
                wait = self.every
                if not (self.stream.up or self._polling):
                    continue
                try:
                    await self._read()
                except EngineError as error:
                    wait = self._failed(error)
                await asyncio.sleep(SPACE)
        finally:
            await self.stream.leave(self)

    async def _read(self) -> None:
        everything, ids = self._all, frozenset(self._ids)
        self._all, self._ids = False, set()
        if everything or len(ids) > MANY:
            try:
                objects = await self.reader.everything(self.known)
            except BaseException:
                self._all = True
                raise
            self._replace(objects)
        elif ids:
            try:
                objects = await self.reader.these(ids, self.known)
            except BaseException:
                self._all = True
                raise
            self._merge(objects, ids)
        self._attempt = 0
        self._live = self.now()
        self.feed(Health(State.LIVE, since=self._live))

    def _failed(self, error: EngineError) -> float:
        """Say why a read failed and return how long to wait until the next."""
        state = state_of(error)
        wait = backoff(self._attempt, self.rand) if state is State.RETRYING else DENIED
        self._attempt += 1
        self.feed(Health(state, str(error), self._live, self.now() + timedelta(seconds=wait)))
        return wait

    # ---- what changed -----------------------------------------------------------------------------------------------

    def put(self, objects: Iterable[Object]) -> None:
        """Feed those objects that are new or differ from what was fed."""
        fresh = [one for one in objects if self.known.get(one.uid) != one]
        self.known.update((one.uid, one) for one in fresh)
        if fresh:
            self.feed(Put(fresh))

    def _replace(self, objects: Sequence[Object]) -> None:
        uids = frozenset(one.uid for one in objects)
        self.put(objects)
        for uid in self.known.keys() - uids:
            del self.known[uid]
        self.feed(Listed(uids))

    def _merge(self, objects: Sequence[Object], asked: frozenset[str]) -> None:
        self.put(objects)
        gone = [uid for uid in asked - {one.uid for one in objects} if self.known.pop(uid, None) is not None]
        if gone:
            self.feed(Gone(gone))
