"""Sockets to one API server, in three pools: short calls share theirs, a stream has its own, and so has each write."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.credentials import Credential
from tui.facts import Unreachable

if TYPE_CHECKING:
    import aiohttp

    from tui.engines.kubernetes.tls import Wire

USER_AGENT = "pilothouse"
RENEWAL = 10.0  # seconds between two times that idle sockets are let go


LIBRARIES = ("aiohttp", "kubernetes.aio.client.rest")


async def prepare() -> None:
    """Import the HTTP library and the official client, once, in a thread: it takes half a second.

    Every call does this; a program that is drawing its first frame may do it beforehand.
    """
    for name in LIBRARIES:
        if name not in sys.modules:
            await asyncio.to_thread(importlib.import_module, name)


def _socket(address: Any) -> socket.socket:
    """Return a socket whose peer's silent death is found within 90 s, also when nothing is sent (a quiet log)."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made


class Pools:
    """The HTTP sessions of one context: "short", "stream" and "write"."""

    def __init__(self, access: Access, connect: float) -> None:
        self._access = access
        self._connect = connect
        self._sessions: dict[str, aiohttp.ClientSession] = {}
        self._made_for: tuple[bytes, bytes] | None = None
        self._wire: Wire | None = None
        self._making = asyncio.Lock()
        self._renewed_at = -RENEWAL
        self._closed = False

    @property
    def proxy(self) -> str | None:
        """Return the proxy's address, or None."""
        return (self._wire.proxy if self._wire else "") or None

    async def session(self, pool: str, credential: Credential) -> aiohttp.ClientSession:
        """Return the session of a pool; all are made anew, and every old socket closed, when the client certificate has changed."""
        if self._closed:
            raise Unreachable("the connection was closed")
        async with self._making:
            made_for = (credential.certificate, credential.key)
            if self._wire is None or self._made_for != made_for:
                from tui.engines.kubernetes.tls import make_wire

                self._wire = await asyncio.to_thread(make_wire, self._access, credential)
                self._made_for = made_for
                await self._drop()
            if self._closed:  # meanwhile: what is made now, nobody would close
                raise Unreachable("the connection was closed")
            if pool == "write":  # never pooled: a write must not die of a stale socket, nor with the others
                return self._make(pool)
            if pool not in self._sessions:
                self._sessions[pool] = self._make(pool)
            return self._sessions[pool]

    def _make(self, pool: str) -> aiohttp.ClientSession:
        import aiohttp

        tls = self._wire.tls if self._wire and self._wire.tls else True
        if pool == "short":
            connector = aiohttp.TCPConnector(ssl=tls, limit=16, keepalive_timeout=30, socket_factory=_socket)
        else:
            connector = aiohttp.TCPConnector(ssl=tls, limit=0, force_close=True, socket_factory=_socket)
        session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect),
            trust_env=False,
            read_bufsize=2 << 20,
            headers={"User-Agent": USER_AGENT},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        if pool != "short":
            session._retry_connection = False  # aiohttp sends a GET, PUT or DELETE again by itself when the connection breaks
        return session

    async def _drop(self) -> None:
        old, self._sessions = self._sessions, {}
        for session in old.values():
            await session.close()

    async def renew(self) -> None:
        """Let go of idle sockets: after a sleep or a change of network they are dead, and nobody says so. Streams are their readers'."""
        async with self._making:
            now = time.monotonic()
            if now - self._renewed_at > RENEWAL:  # every watch asks for it at once
                self._renewed_at = now
                session = self._sessions.pop("short", None)
                if session is not None:
                    await session.close()

    async def close(self) -> None:
        """Let go of every socket; what still runs on them ends with Unreachable."""
        self._closed = True
        await self._drop()
