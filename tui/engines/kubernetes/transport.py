"""The way to one API server: short calls, streams, writes through the gate, and WebSockets, each with its own deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tui.engines.gate import Entry, Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.answers import Busy, NotKubernetes, check_json, error_of, unreachable
from tui.engines.kubernetes.credentials import Credential, Credentials, repeated_headers
from tui.engines.kubernetes.pools import Pools, prepare
from tui.facts import Denied, EngineError, Expired, OutcomeUnknown, Ref, Unreachable, Unsupported

if TYPE_CHECKING:
    import aiohttp

Params = Sequence[tuple[str, str]] | Mapping[str, str]

ASKS = ("/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/")  # POSTs that change nothing
LARGEST = 512 << 20  # bytes of one answer


class Deadlines(Struct, frozen=True):
    """Seconds. `answer`: until a short call's answer begins; `body`: between two pieces of it; `write`: a write in all."""

    connect: float = 5.0
    answer: float = 30.0
    body: float = 20.0
    write: float = 30.0
    handshake: float = 5.0
    heartbeat: float = 10.0


class _Request(Struct):
    pool: str
    method: str
    path: str
    params: Params
    body: bytes | None
    content_type: str
    session: aiohttp.ClientSession | None = None  # a write's own

    async def end(self) -> None:
        if self.session is not None:
            await self.session.close()
            self.session = None


class Stream:
    """An open answer that is read as it comes."""

    def __init__(self, response: aiohttp.ClientResponse, server: str) -> None:
        self._response = response
        self._server = server

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end; raises Unreachable when the connection breaks. May be cancelled and repeated."""
        import aiohttp

        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(error, self._server) from error


class Transport:
    """HTTP to one API server with one set of credentials. Sockets of streams are never shared or used twice."""

    def __init__(
        self, access: Access, gate: Gate, *, context: str = "", credentials: Credentials | None = None, deadlines: Deadlines | None = None
    ) -> None:
        self.access = access
        self.gate = gate
        self.context = context or access.context
        self.user = access.user
        self.deadlines = deadlines or Deadlines()
        self._credentials = credentials or Credentials(access)
        self._pools = Pools(access, self.deadlines.connect)

    async def get(self, path: str, params: Params = ()) -> bytes:
        """Return the body of a GET; raises one of the EngineErrors."""
        async with self._open("short", "GET", path, params) as response:
            body = await self._body(response)
            check_json(response.status, response.content_type, body, self.access.server)
            return body

    async def ask(self, path: str, body: bytes) -> bytes:
        """Return the answer to a POST that is a question (who am I, may I); allowed in read-only mode, and only those."""
        if not path.startswith(ASKS):
            raise Denied(f"{path} is not a question")
        async with self._open("short", "POST", path, (), body, "application/json") as response:
            return await self._body(response)

    @asynccontextmanager
    async def stream(self, path: str, params: Params = (), *, json: bool = True) -> AsyncIterator[Stream]:
        """Open a GET that goes on, on a socket of its own; whoever reads sets the deadline. `json`: refuse a page of html."""
        async with self._open("stream", "GET", path, params) as response:
            if json and "json" not in response.content_type:
                raise NotKubernetes(f"{self.access.server} is not a Kubernetes API: it answers with {response.content_type}")
            yield Stream(response, self.access.server)

    async def write(
        self,
        verb: str,
        ref: Ref,
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str = "application/json",
        params: Params = (),
    ) -> bytes:
        """Send one write, once, through the gate; raises Denied (read-only), OutcomeUnknown (no answer came), EngineErrors."""
        async with self.gate.write(verb, ref, method, path, context=self.context, server=self.access.server, user=self.user) as entry:
            try:
                async with asyncio.timeout(self.deadlines.write):
                    return await self._write(entry, method, path, params, body, content_type)
            except TimeoutError:
                raise OutcomeUnknown(f"{verb} {ref}: sent, but no answer came within {self.deadlines.write:g} s") from None
            except Busy as error:
                if entry.status in {502, 504}:  # whoever gave up in between, the server may have done it
                    raise OutcomeUnknown(f"{verb} {ref}: sent, but a gateway gave up ({error})") from error
                raise
            except _Lost as error:
                raise OutcomeUnknown(f"{verb} {ref}: sent, but the connection broke before an answer ({error})") from error

    async def _write(self, entry: Entry, method: str, path: str, params: Params, body: bytes, content_type: str) -> bytes:
        import aiohttp

        async with self._open("write", method, path, params, body, content_type, entry) as response:
            entry.status = response.status
            try:
                return await response.read()
            except (aiohttp.ClientError, OSError):
                return b""  # it was accepted; only the echo of the object was cut

    @asynccontextmanager
    async def websocket(
        self, verb: str, ref: Ref, path: str, params: Params, protocols: Sequence[str], *, recorded: bool = True
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open a WebSocket (exec, attach, port-forward): a write although it is a GET. `recorded` False: the caller did that."""
        if not recorded:
            if self.gate.refuses(ref.engine):
                raise Denied(f"read-only mode: {verb} {ref} was not sent")
            async with self._websocket(path, params, protocols) as socket:
                yield socket
            return
        async with self.gate.write(verb, ref, "GET", path, context=self.context, server=self.access.server, user=self.user) as entry:
            socket = await self._handshake(path, params, protocols)
            entry.status = 101
        try:
            yield socket
        finally:
            await _hang_up(socket)

    @asynccontextmanager
    async def _websocket(self, path: str, params: Params, protocols: Sequence[str]) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        socket = await self._handshake(path, params, protocols)
        try:
            yield socket
        finally:
            await _hang_up(socket)

    async def _handshake(self, path: str, params: Params, protocols: Sequence[str]) -> aiohttp.ClientWebSocketResponse:
        """Return an open WebSocket; the deadline is ours because neither library has one for this."""
        await prepare()
        import aiohttp

        fresh = True
        while True:
            credential = await self._credentials.get()
            session = await self._pools.session("stream", credential)
            try:
                async with asyncio.timeout(self.deadlines.handshake):
                    socket: aiohttp.ClientWebSocketResponse = await session.ws_connect(
                        self._url(path, params),
                        protocols=protocols,
                        heartbeat=self.deadlines.heartbeat,
                        headers=self._headers(credential)[1:],  # with an Accept of JSON the server will not upgrade (406)
                        max_msg_size=0,
                        proxy=self._pools.proxy,
                        compress=0,
                        **self._name(),
                    )
                    return socket
            except aiohttp.WSServerHandshakeError as error:
                if error.status == 401 and fresh and await self._credentials.refresh(credential.generation):
                    fresh = False
                    continue
                raise await self._why(path, params, error.status) from error
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                raise unreachable(error, self.access.server) from error

    async def _why(self, path: str, params: Params, status: int) -> EngineError:
        """Return the server's own words for a refused handshake: its library throws them away, so it is asked once more, plainly."""
        try:
            async with self._open("short", "GET", path, params):
                return error_of(status, b"")
        except EngineError as error:
            return error if status < 500 and not isinstance(error, Unsupported) else error_of(status, b"")

    # ---- one request ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _open(
        self,
        pool: str,
        method: str,
        path: str,
        params: Params,
        body: bytes | None = None,
        content_type: str = "",
        entry: Entry | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and give its good answer; a 401 renews the credentials once and sends it again (it was not done)."""
        request = _Request(pool, method, path, params, body, content_type)
        try:
            response = await self._send(request, entry)
            try:
                if response.status >= 300:
                    raise error_of(response.status, await self._fault(response), response.headers)
                yield response
            finally:
                if pool == "short":
                    response.release()
                else:
                    response.close()
        finally:
            await request.end()

    async def _send(self, request: _Request, entry: Entry | None) -> aiohttp.ClientResponse:
        await prepare()
        credential = await self._credentials.get()
        response = await self._send_once(request, credential)
        if response.status == 401 and await self._renewed(credential):
            response.close()
            response = await self._send_once(request, await self._credentials.get())
        if entry is not None:
            entry.status = response.status
        return response

    async def _renewed(self, credential: Credential) -> bool:
        try:
            return await self._credentials.refresh(credential.generation)
        except Denied as error:
            raise Expired(f"the server does not accept these credentials, and new ones were not to be had: {error}") from error

    async def _send_once(self, request: _Request, credential: Credential) -> aiohttp.ClientResponse:
        import aiohttp

        session = await self._pools.session(request.pool, credential)
        if request.pool == "write":
            await request.end()
            request.session = session
        headers = self._headers(credential) + ([("Content-Type", request.content_type)] if request.content_type else [])
        try:
            async with asyncio.timeout(self.deadlines.answer):
                return await session.request(
                    request.method,
                    self._url(request.path, request.params),
                    headers=headers,
                    data=request.body,
                    proxy=self._pools.proxy,
                    allow_redirects=False,
                    **self._name(),
                )
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            known = unreachable(error, self.access.server)
            raise (_Lost(str(known)) if request.pool == "write" and not _never_left(error) else known) from error

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        import aiohttp

        pieces: list[bytes] = []
        size = 0
        try:
            while True:
                async with asyncio.timeout(self.deadlines.body):
                    piece = await response.content.readany()
                if not piece:
                    return b"".join(pieces)
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST:
                    raise Unreachable(f"{self.access.server} answered with more than {LARGEST >> 20} MiB")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise unreachable(error, self.access.server) from error

    async def _fault(self, response: aiohttp.ClientResponse) -> bytes:
        import aiohttp

        try:
            async with asyncio.timeout(self.deadlines.body):
                return await response.content.read(1 << 16)
        except (TimeoutError, aiohttp.ClientError, OSError):
            return b""

    def _headers(self, credential: Credential) -> list[tuple[str, str]]:
        return [("Accept", "application/json"), *credential.headers.items(), *repeated_headers(self.access)]

    def _name(self) -> dict[str, Any]:
        return {"server_hostname": self.access.tls_server_name} if self.access.tls_server_name else {}

    def _url(self, path: str, params: Params) -> Any:
        from yarl import URL

        pairs = params.items() if isinstance(params, Mapping) else params
        return URL(self.access.server + path, encoded=True).extend_query(list(pairs))

    async def renew(self) -> None:
        """Let go of idle sockets: after a sleep or a change of network they are dead, and nobody says so. Streams are their readers'."""
        await self._pools.renew()

    async def close(self) -> None:
        """Let go of every socket; what still runs on them ends with Unreachable."""
        await self._pools.close()


class _Lost(Exception):
    """A write whose connection broke after it was sent."""


def _never_left(error: BaseException) -> bool:
    """Tell whether the request surely did not reach the server: no connection had been made."""
    import aiohttp

    return isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.ClientProxyConnectionError)


async def _hang_up(socket: aiohttp.ClientWebSocketResponse) -> None:
    try:
        async with asyncio.timeout(1.0):
            await socket.close()
    except TimeoutError:
        pass
