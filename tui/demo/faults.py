"""Faults of a server, told by rules: for which requests, how often, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.typedefs import Handler, Middleware

ALWAYS = 1 << 60


class Time(Protocol):
    """A clock of the world that has the faults."""

    def time(self) -> float:
        """Return seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(eq=False)
class Fault:
    """One rule. It fits requests by `method` ("" = all), path prefix, and a part of the query (`has`, such as "watch=true").

    What goes wrong, at most `times` times: `refuse` (the connection is cut before an answer), `hang` (no answer, ever),
    `status` with `body` and `headers` (the answer of somebody in between), `garble` (broken JSON), `delay` (seconds of the
    world before the answer), `cut` (reset after so many bytes), `stall` (half-open: after so many bytes nothing more, and no
    end), `pace` (bytes in each piece, one piece per second of the world). `after`: the request takes effect first, and then it is
    refused, hangs, or is answered wrongly. `meanwhile`: called before all that: what somebody else does at the same time.
    `met`: how often it has struck.
    """

    prefix: str = "/"
    method: str = ""
    has: str = ""
    times: int = ALWAYS
    refuse: bool = False
    hang: bool = False
    status: int = 0
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    garble: bool = False
    delay: float = 0.0
    cut: int | None = None
    stall: int | None = None
    pace: int = 0
    after: bool = False
    meanwhile: Callable[[], None] | None = None
    met: int = 0

    def fits(self, request: web.Request) -> bool:
        """Tell whether it strikes this request."""
        return (
            self.met < self.times
            and self.method in {"", request.method}
            and request.path.startswith(self.prefix)
            and self.has in request.query_string
        )


class _Tampered(AbstractStreamWriter):
    """A response's writer that lets through only so much, and not as fast."""

    def __init__(self, real: AbstractStreamWriter, fault: Fault, clock: Time, request: web.Request) -> None:
        self._real, self._fault, self._clock, self._request = real, fault, clock, request
        self._sent = 0
        self.buffer_size, self.output_size = 0, 0

    def __setattr__(self, name: str, value: object) -> None:
        """Tell the real writer how long the body is."""
        object.__setattr__(self, name, value)
        if name == "length":
            self._real.length = value  # type: ignore[assignment]

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Write as much as the fault lets through."""
        data, fault = bytes(chunk), self._fault
        limit = fault.cut if fault.cut is not None else fault.stall
        if limit is not None and self._sent + len(data) > limit:
            await self._real.write(data[: max(0, limit - self._sent)])
            await self._real.drain()
            if fault.cut is not None:
                _abort(self._request)
                raise ConnectionResetError("cut by a fault")
            await asyncio.Event().wait()
        while fault.pace and len(data) > fault.pace:
            await self._real.write(data[: fault.pace])
            self._sent += fault.pace
            data = data[fault.pace :]
            await self._clock.sleep(1.0)
        self._sent += len(data)
        await self._real.write(data)

    async def write_eof(self, chunk: bytes = b"") -> None:
        """End, if the fault lets it."""
        if chunk:
            await self.write(chunk)
        await self._real.write_eof()

    async def drain(self) -> None:
        """Wait for a slow reader."""
        await self._real.drain()

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """Compress nothing."""

    def enable_chunking(self) -> None:
        """Send in chunks."""
        self._real.enable_chunking()

    async def write_headers(self, status_line: str, headers: object) -> None:
        """Write the head as it is."""
        await self._real.write_headers(status_line, headers)  # type: ignore[arg-type]

    def send_headers(self) -> None:
        """Send the head at once."""
        self._real.send_headers()


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


class Faults:
    """The rules in force, asked for each request in their order; `skew`: seconds by which the Date header of whole answers is wrong."""

    def __init__(self, clock: Time) -> None:
        self.rules: list[Fault] = []
        self.skew: float | None = None
        self.asked: int = 0  # requests in all
        self._clock = clock
        self._open = asyncio.Event()

    def add(self, fault: Fault) -> Fault:
        """Put a rule in force; returns it, so that one can look at `met`."""
        self.rules.append(fault)
        return fault

    def lift(self, fault: Fault) -> None:
        """Lift one rule."""
        self.rules.remove(fault)

    def clear(self) -> None:
        """Lift every rule; what hangs goes on hanging, as it would."""
        self.rules.clear()
        self.skew = None

    async def release(self) -> None:
        """Let go of everything that hangs."""
        self.clear()
        self._open.set()

    @property
    def middleware(self) -> Middleware:
        """Return the middleware for the server's application."""

        @web.middleware
        async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked += 1
            fault = next((rule for rule in self.rules if rule.fits(request)), None)
            if fault is None and self.skew is None:
                return await handler(request)
            response = await self._struck(fault, request, handler) if fault is not None else await handler(request)
            if self.skew is not None and not response.prepared:
                date = datetime.fromtimestamp(self._clock.time() + self.skew, UTC)
                response.headers["Date"] = format_datetime(date, usegmt=True)
            return response

        return strike

    async def _struck(self, fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault.met += 1
        if fault.meanwhile is not None:
            fault.meanwhile()
        if fault.after:
            await handler(request)
        if fault.refuse:
            _abort(request)
            return web.Response()
        if fault.delay:
            await self._clock.sleep(fault.delay)
        if fault.hang:
            await self._open.wait()
            _abort(request)
            return web.Response()
        if fault.status:
            return self._answered(fault)
        if fault.garble:
            return web.Response(body=b'{"kind":"List","items":[{"metadata":{"name":"bro', headers={"Content-Type": "application/json"})
        if fault.cut is None and fault.stall is None and not fault.pace:
            return await handler(request)
        request._payload_writer = _Tampered(request._payload_writer, fault, self._clock, request)
        return await handler(request)

    @staticmethod
    def _answered(fault: Fault) -> web.Response:
        kind = {"Content-Type": "application/json", **fault.headers}
        if fault.body is not None:
            return web.Response(status=fault.status, body=fault.body, headers=kind)
        words = {401: "Unauthorized", 403: "Forbidden", 410: "Expired", 429: "TooManyRequests", 503: "ServiceUnavailable"}
        reason = words.get(fault.status, "InternalError")
        said = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": f"the demo was told to say {fault.status}",
        }
        return web.Response(status=fault.status, body=json.dumps({**said, "reason": reason, "code": fault.status}).encode(), headers=kind)
