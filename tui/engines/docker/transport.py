"""Transport: how everything is read from a Docker engine: one API version, two sets of connections, named errors."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from tui.engines.docker import tls
from tui.engines.docker.errors import Withheld, message_of, refused, unreachable, unwanted
from tui.engines.docker.forward import Forward
from tui.engines.docker.hosts import HostEntry
from tui.facts import Unreachable, Unsupported

if TYPE_CHECKING:
    import aiohttp

OLDEST = (1, 40)  # Docker 19.03
NEWEST = (1, 56)  # the newest version these shapes were tested with; a newer engine is spoken to in this one
CONNECT = 3.0  # seconds until a connection must stand
SHORT = 10.0  # seconds a short call may take
PING = 5.0  # seconds a sign of life may take

Params = Mapping[str, str | int]
T = TypeVar("T")


class Ping(Struct, frozen=True):
    """What `/_ping` tells: the engine's newest API version, its software, and its clock."""

    api: str
    server: str
    clock: datetime | None


def negotiate(api: str, where: str) -> str:
    """Return the API version to speak with an engine whose newest is `api`; raises Unsupported when that is too old."""
    try:
        major, minor = (int(part) for part in api.split("."))
    except ValueError:
        raise Unsupported(f"{where} does not tell its API version; is a Docker engine behind it?") from None
    if (major, minor) < OLDEST:
        need = ".".join(map(str, OLDEST))
        raise Unsupported(f"{where} speaks API {api}; {need} (Docker 19.03) or newer is needed")
    return ".".join(map(str, min((major, minor), NEWEST)))


class Transport:
    """Reads from one engine. The API version is agreed on before the first call and again after `forget`."""

    def __init__(self, host: HostEntry, *, short: float = SHORT, connect: float = CONNECT, alive: float = PING) -> None:
        self.host = host
        self.version = ""  # the API version in use, "" before it is agreed on
        self.software = ""  # the engine's own version, such as 20.10.24
        self.socket = host.url.removeprefix("unix://") if host.scheme == "unix" else ""
        self.short = short
        self.connect = connect
        self.alive = alive
        self._calls: aiohttp.ClientSession | None = None
        self._streams: aiohttp.ClientSession | None = None
        self._forward = Forward(host.url) if host.scheme == "ssh" else None
        self._lock = asyncio.Lock()

    # ---- connections ------------------------------------------------------------------------------------------------

    @property
    def base(self) -> str:
        """Return what paths are appended to."""
        if self.socket:
            return "http://docker"
        rest = self.host.url.partition("://")[2]
        return f"{'https' if self.host.secure else 'http'}://{rest}"

    async def _sessions(self) -> tuple[aiohttp.ClientSession, aiohttp.ClientSession]:
        if "aiohttp" not in sys.modules:  # 0.1 s and more, which the screen must not wait for
            await asyncio.to_thread(importlib.import_module, "aiohttp")
        import aiohttp

        if self.host.broken:
            raise Unreachable(self.host.broken)
        if self._forward is not None:
            socket = await self._forward.socket()
            if socket != self.socket:
                await self._drop()
                self.socket = socket
        if self._calls is None or self._streams is None:
            short = aiohttp.ClientTimeout(total=self.short, sock_connect=self.connect)
            endless = aiohttp.ClientTimeout(total=None, sock_connect=self.connect)
            self._calls = aiohttp.ClientSession(connector=self._connector(), timeout=short, trust_env=False)
            self._streams = aiohttp.ClientSession(connector=self._connector(), timeout=endless, trust_env=False)
        return self._calls, self._streams

    def _connector(self) -> aiohttp.BaseConnector:
        import aiohttp

        # No limit: with the library's 100 a fleet of streams leaves no connection for a list, which then waits for ever.
        if self.socket:
            return aiohttp.UnixConnector(self.socket, limit=0)
        return aiohttp.TCPConnector(limit=0, ssl=self._tls()) if self.host.secure else aiohttp.TCPConnector(limit=0)

    def _tls(self) -> ssl.SSLContext:
        files = self.host.tls
        try:
            context = ssl.create_default_context(cafile=str(files.ca) if files and files.ca else None)
            if files and files.cert and files.key:
                context.load_cert_chain(files.cert, files.key)
        except (OSError, ssl.SSLError) as error:
            raise Unreachable(f"the certificates of {self.host.source} cannot be used: {error}") from error
        if self.host.skip_verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    async def _drop(self) -> None:
        for session in (self._calls, self._streams):
            if session is not None:
                await session.close()
        self._calls = self._streams = None

    async def close(self) -> None:
        """Close every connection, and end ssh."""
        await self._drop()
        if self._forward is not None:
            await self._forward.close()

    # ---- the API version --------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Agree on the API version again before the next call: the engine may have been upgraded meanwhile."""
        self.version = ""

    async def ready(self) -> str:
        """Return the API version in use, agreeing on one first; raises Unreachable, Denied, Unsupported."""
        async with self._lock:
            if not self.version:
                ping = await self.ping()
                self.version = negotiate(ping.api, self.host.url)
                self.software = ping.server
        return self.version

    async def ping(self) -> Ping:
        """Return a sign of life, within 5 seconds; raises Unreachable."""
        try:
            _, headers = await self._fetch("/_ping", {}, self.alive)
        except Unreachable as error:
            if self.host.secure and (said := await self._alert(error)) is not None:
                raise unwanted(self.host, said) from error
            raise
        date = headers.get("Date")
        software = headers.get("Server", "").partition(" ")[0].partition("/")[2]
        return Ping(headers.get("Api-Version", ""), software, parsedate_to_datetime(date) if date else None)

    async def _alert(self, error: Unreachable) -> str | None:
        """Return what the engine said against our certificate, "" when it cut us off without a word, None for other faults."""
        found = tls.cause(error)
        if found is None:
            broken = "broke off" in str(error)
            return await asyncio.to_thread(tls.alert, self.host.url, self._tls(), self.connect) if broken else None
        return tls.words(found) if "ALERT" in (found.reason or "") else None

    def at_least(self, major: int, minor: int) -> bool:
        """Tell whether the API version in use is this one or newer."""
        return bool(self.version) and tuple(int(part) for part in self.version.split(".")) >= (major, minor)

    # ---- reading ----------------------------------------------------------------------------------------------------

    async def get(self, path: str, params: Params | None = None, timeout: float | None = None) -> bytes:
        """Return the body of a GET; `path` without the version. Raises the EngineErrors."""
        version = await self.ready()
        body, _ = await self._fetch(f"/v{version}{path}", params or {}, timeout)
        return body

    async def read(self, shape: type[T], path: str, params: Params | None = None, timeout: float | None = None) -> T:
        """Return the body of a GET, decoded; an answer of another shape raises Withheld."""
        body = await self.get(path, params, timeout)
        try:
            return msgspec.json.decode(body, type=shape)
        except msgspec.DecodeError as error:
            raise Withheld(f"{self.host.url}{path} answered something else than expected: {error}", 200) from error

    async def _fetch(self, path: str, params: Params, timeout: float | None) -> tuple[bytes, Mapping[str, str]]:
        calls, _ = await self._sessions()
        import aiohttp

        limit = aiohttp.ClientTimeout(total=timeout or self.short, sock_connect=self.connect)
        try:
            async with calls.get(self.base + path, params=params, timeout=limit) as answer:
                body = await answer.read()
                if answer.status >= 300:
                    raise refused(answer.status, message_of(body), path)
                return body, answer.headers
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(self.host, error) from error

    @contextlib.asynccontextmanager
    async def stream(self, path: str, params: Params | None = None) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open an endless GET; its headers must come in 10 seconds. A connection that breaks raises Unreachable."""
        version = await self.ready()
        _, streams = await self._sessions()
        import aiohttp

        try:
            async with asyncio.timeout(self.short):
                answer = await streams.get(f"{self.base}/v{version}{path}", params=params or {})
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(self.host, error) from error
        try:
            if answer.status >= 300:
                raise refused(answer.status, message_of(await answer.read()), path)
            yield answer
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(self.host, error) from error
        finally:
            answer.close()


def filters(**wanted: Any) -> str:
    """Return the `filters` parameter: a JSON object of lists."""
    return msgspec.json.encode({key: value for key, value in wanted.items() if value}).decode()
