"""The reflector: one kind in one namespace, listed and then watched for ever, through every fault, with what it knows fed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from datetime import timedelta
from typing import Any, NoReturn, Protocol

import msgspec
from msgspec import Struct

from tui.engines.kubernetes.answers import Busy, Status, TooNew, TooOld, error_from
from tui.engines.kubernetes.backoff import HEALTHY, Backoff
from tui.engines.kubernetes.clock import Clock
from tui.engines.kubernetes.transport import Params
from tui.engines.kubernetes.wire import LONGEST_LINE, Lines, Marked, Page, event_of
from tui.facts import Denied, EngineError, Expired, Feed, Gone, Health, Listed, Missing, Object, Put, State, Unreachable


class Readable(Protocol):
    """An open stream."""

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end."""
        ...


class Source(Protocol):
    """What a reflector needs of a Transport."""

    async def get(self, path: str, params: Params = ()) -> bytes:
        """Return the body of a GET."""
        ...

    def stream(self, path: str, params: Params = ()) -> AbstractAsyncContextManager[Readable]:
        """Open a GET that goes on."""
        ...

    async def renew(self) -> None:
        """Let go of idle sockets."""
        ...


class Limits(Struct, frozen=True):
    """Seconds and counts by which a reflector goes."""

    first: int = 100  # objects of the first page: something to see at once
    page: int = 500  # objects of a later page, as kubectl asks for: decoded in about 12 ms on a slow machine
    page_bytes: int = 16 << 20  # what a later page should not be larger than
    opening: float = 30.0  # until a watch's answer begins
    idle: float = 90.0  # without a byte, bookmarks included, a watch is taken for half-open
    tick: float = 5.0  # how often the clocks are compared
    jump: float = 10.0  # between wall and monotonic clock: the machine has slept
    forbidden: float = 300.0  # until a refused list is tried again
    expired: float = 60.0  # until refused credentials are tried again
    absent: float = 60.0  # until a kind that the server does not know is tried again
    stale: float = 60.0  # without life, retrying is called stale
    line: int = LONGEST_LINE


class Asleep(Unreachable):
    """The machine has slept, so every socket is suspect."""


class Reflector:
    """Lists, then watches, `path` (such as "/api/v1/pods"), and feeds objects of `type_` (a msgspec struct)."""

    def __init__(
        self,
        source: Source,
        path: str,
        type_: Any,
        feed: Feed,
        *,
        narrow: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.skipped = 0  # objects and lines that could not be understood
        self._source = source
        self._path = path
        self._narrow = dict(narrow or {})  # labelSelector, fieldSelector
        self._type = type_
        self._feed = feed
        self._clock = clock or Clock()
        self._limits = limits or Limits()
        self._backoff = Backoff(self._clock)
        self._known: dict[str, str] = {}  # uid -> resourceVersion, of all that has been fed
        self._outdated_at = -HEALTHY  # when the version was last too old or too new
        self._version = ""
        self._trusted = False  # whether a watch may be resumed from `_version`
        self._last_live: float | None = None
        self._state: State | None = None

    async def run(self) -> NoReturn:
        """Feed for ever; only a cancellation ends it."""
        listed = False
        while True:
            try:
                if not listed:
                    await self._list()
                    listed = True
                await self._watch()
                listed = self._trusted
            except (TooOld, TooNew) as error:
                listed = False
                now = self._clock.monotonic()
                if now - self._outdated_at < HEALTHY:
                    await self._wait(error)
                else:
                    self._backoff.failed()  # once is nobody's fault, also right after an outage: list at once
                self._outdated_at = now
            except _Resync as error:
                listed = False
                await self._wait(error)
            except Asleep as error:
                self._say(State.RETRYING, str(error), 0.0)
                await self._source.renew()
                listed = listed and self._trusted
            except EngineError as error:
                await self._wait(error)
                listed = listed and self._trusted

    # ---- listing ----------------------------------------------------------------------------------------------------

    async def _list(self) -> None:
        """List everything, page by page, and feed what is new or changed; Listed says the rest is gone."""
        if self._state is None:
            self._say(State.CONNECTING)
        uids: set[str] = set()
        try:
            version = await self._pages(uids)
        except TooOld:  # the pages' snapshot is gone: one list in one piece, and nothing of the old pages counts
            uids = set()
            version = await self._page(self._narrow, uids)
        self._known = {uid: rv for uid, rv in self._known.items() if uid in uids}
        self._version, self._trusted = version, version not in {"", "0"}
        self._feed(Listed(frozenset(uids)))

    async def _pages(self, uids: set[str]) -> str:
        limit, more = self._limits.first, ""
        while True:
            body = await self._source.get(self._path, {"limit": str(limit), **({"continue": more} if more else {}), **self._narrow})
            page = await self._take(body, uids)
            if not page.more:
                return page.version
            each = max(1, len(body) // max(1, page.count))
            limit, more = max(50, min(self._limits.page, self._limits.page_bytes // each)), page.more

    async def _page(self, params: Params, uids: set[str]) -> str:
        return (await self._take(await self._source.get(self._path, params), uids)).version

    async def _take(self, body: bytes, uids: set[str]) -> Page:
        try:
            page = Page(body, self._type)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreachable(f"the server's list cannot be read ({error})") from error
        for objects in page.slices():
            known = self._known
            changed = [item for item in objects if known.get(item.uid) != item.metadata.resourceVersion]
            for item in objects:
                known[item.uid] = item.metadata.resourceVersion
                uids.add(item.uid)
            if changed:
                self._feed(Put(changed))
            await asyncio.sleep(0)
        self.skipped += page.skipped
        return page

    # ---- watching ---------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Watch until the server ends it or a fault does; what comes is fed chunk by chunk."""
        params = {
            **self._narrow,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(int(self._clock.pick(300, 600))),
        }
        began, events = self._clock.monotonic(), 0
        lines = Lines(self._limits.line)
        async with aclosing(self._chunks({key: value for key, value in params.items() if value})) as chunks:
            async for chunk in chunks:
                events += self._apply(lines.feed(chunk))
                if lines.dropped:
                    self.skipped += lines.dropped
                    raise _Resync("a change was too long to read")
        lived = self._clock.monotonic() - began
        if lived < 1.0 and not events:
            raise Unreachable("the server ends every watch at once")
        if lived < 1.0:
            await self._clock.sleep(1.0 - lived)

    async def _chunks(self, params: Params) -> AsyncGenerator[bytes, None]:
        """Yield the watch's bytes; raises Unreachable when none come for too long, Asleep when the machine has slept."""
        limits, clock = self._limits, self._clock
        drift = clock.wall() - clock.monotonic()
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(limits.opening):
                    stream = await stack.enter_async_context(self._source.stream(self._path, params))
            except TimeoutError:
                raise Unreachable("the watch does not begin: the server is slow, or a proxy on the way holds streams back") from None
            self._alive()
            quiet = 0.0
            while True:
                try:
                    async with asyncio.timeout(min(limits.tick, limits.idle)):
                        chunk = await stream.read()
                except TimeoutError:
                    chunk, quiet = None, quiet + min(limits.tick, limits.idle)
                if abs(clock.wall() - clock.monotonic() - drift) > limits.jump:
                    raise Asleep("the machine has slept; connecting anew")
                if chunk is None and quiet >= limits.idle:
                    raise Unreachable(f"no sign of life from the server for {limits.idle:g} s")
                if chunk == b"":
                    return
                if chunk:
                    quiet = 0.0
                    self._last_live = clock.wall()
                    yield chunk

    def _apply(self, lines: list[bytes]) -> int:
        """Feed the changes that these lines tell; returns how many events they were. An ERROR event is raised."""
        puts: dict[str, Object] = {}
        gone: list[str] = []
        try:
            for line in lines:
                self._event(line, puts, gone)
        finally:
            if puts:
                self._feed(Put(list(puts.values())))
            if gone:
                self._feed(Gone(gone))
        return len(lines)

    def _event(self, line: bytes, puts: dict[str, Object], gone: list[str]) -> None:
        try:
            word, item = event_of(line, self._type)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.skipped += 1
            raise _Resync("a change could not be read") from None
        match word, item:
            case "ERROR", _:
                raise self._error(item)
            case "BOOKMARK", Marked() if item.metadata.resourceVersion:
                self._version, self._trusted = item.metadata.resourceVersion, True
            case "ADDED" | "MODIFIED" | "DELETED", None:
                self.skipped += 1
            case "ADDED" | "MODIFIED", _:
                version = item.metadata.resourceVersion
                self._move(version, settled=word == "MODIFIED")
                if self._known.get(item.uid) != version:
                    self._known[item.uid] = version
                    puts[item.uid] = item
            case "DELETED", _:
                self._move(item.metadata.resourceVersion, settled=True)
                puts.pop(item.uid, None)
                if self._known.pop(item.uid, None) is not None:
                    gone.append(item.uid)

    def _move(self, version: str, *, settled: bool) -> None:
        """Go on to a version, but never to that of a synthetic ADDED: those come in no order, and would lead back in time."""
        self._trusted = self._trusted or settled
        if self._trusted and version:
            self._version = version

    @staticmethod
    def _error(status: Status | None) -> EngineError:
        if status is None or not status.code:
            return _Resync("the server ended the watch with an error")
        error = error_from(status, status.code)
        return _Resync(str(error)) if status.code == 500 else error

    # ---- health -----------------------------------------------------------------------------------------------------

    def _alive(self) -> None:
        self._last_live = self._clock.wall()
        self._backoff.alive()
        self._say(State.LIVE)

    async def _wait(self, error: EngineError) -> None:
        """Say what is wrong and until when we wait, and wait."""
        limits = self._limits
        match error:
            case Expired():
                state, delay = State.EXPIRED, limits.expired
            case Denied():
                state, delay = State.FORBIDDEN, limits.forbidden
            case Missing():
                state, delay = State.ABSENT, limits.absent
            case _:
                state, delay = State.RETRYING, self._backoff.failed()
                if isinstance(error, Busy) and error.after is not None:
                    delay = max(delay, error.after)
                if self._last_live is not None and self._clock.wall() - self._last_live > limits.stale:
                    state = State.STALE
        self._say(state, str(error), delay)
        await self._clock.sleep(delay)

    def _say(self, state: State, reason: str = "", delay: float | None = None) -> None:
        """Feed the state, unless it is the one that was said last and has nothing to add."""
        if state in {State.LIVE, State.CONNECTING} and state is self._state:
            return
        self._state = state
        now = self._clock.now()
        since = None if self._last_live is None else now - timedelta(seconds=max(0.0, self._clock.wall() - self._last_live))
        retry_at = None if delay is None else now + timedelta(seconds=delay)
        self._feed(Health(state, reason, None if state is State.LIVE else since, retry_at))


class _Resync(EngineError):
    """The stream can no longer be trusted to tell everything: wait a little, and list anew."""
