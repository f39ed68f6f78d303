"""Writes: the docker SDK's own client, which lets nothing but reads pass unless the gate has opened for one call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tui.engines.docker.errors import message_of, refused, unreachable
from tui.engines.docker.transport import Transport
from tui.engines.gate import Entry, Gate
from tui.facts import Denied, EngineError, OutcomeUnknown, Ref

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")
DEADLINE = 30.0  # seconds until a write counts as unanswered


@dataclass(frozen=True, slots=True)
class Pass:
    """The right to send one write: the audit entry it is recorded in, and how long to wait for the answer."""

    entry: Entry
    deadline: float


_pass: ContextVar[Pass | None] = ContextVar("pass", default=None)


def guarded(transport: Transport) -> APIClient:
    """Return a docker APIClient that refuses every write without a Pass; blocking, so made in a thread."""
    import docker

    class Guarded(docker.APIClient):
        """The SDK's client with one door: below every verb of it, all requests go through `send`."""

        def send(self, request: Any, **options: Any) -> Any:
            """Send a read, or the one write that the gate has let through; raises Denied."""
            right = _pass.get()
            if right is None:
                if request.method not in {"GET", "HEAD"}:
                    raise Denied(f"a write that did not pass the gate was not sent: {request.method} {request.path_url}")
                return super().send(request, **options)
            options["timeout"] = right.deadline
            answer = super().send(request, **options)
            right.entry.status = answer.status_code
            return answer

    client = Guarded(base_url=_base(transport), version=transport.version, tls=_tls(transport))
    client.trust_env = False
    return client


def _base(transport: Transport) -> str:
    return f"unix://{transport.socket}" if transport.socket else transport.base


def _tls(transport: Transport) -> Any:
    if not transport.host.secure:
        return False
    from docker.tls import TLSConfig

    files, verify = transport.host.tls, not transport.host.skip_verify
    pair = (str(files.cert), str(files.key)) if files and files.cert and files.key else None
    return TLSConfig(client_cert=pair, ca_cert=str(files.ca) if files and files.ca else None, verify=verify)


@dataclass(eq=False)
class Writer:
    """Sends writes one by one through the gate; a write is never sent twice by itself."""

    transport: Transport
    gate: Gate
    _client: APIClient | None = None
    _made_for: tuple[str, str] = ("", "")

    async def call(self, verb: str, ref: Ref, method: str, path: str, send: Callable[[Any], T], deadline: float = DEADLINE) -> T:
        """Return what `send(client)` does; it runs in a thread and sends one request.

        Raises Denied before anything is sent in read-only mode; OutcomeUnknown when it was sent and no answer came.
        """
        host = self.transport.host
        async with self.gate.write(verb, ref, method, path, context=host.name, server=host.url) as entry:
            client = await self._ready()
            token = _pass.set(Pass(entry, deadline))
            try:
                return await asyncio.to_thread(send, client)
            except EngineError:
                raise
            except Exception as error:  # the edge: the SDK lets errors of three libraries through
                raise self._meaning(error, f"{verb} {ref}", path) from error
            finally:
                _pass.reset(token)

    async def _ready(self) -> APIClient:
        version = await self.transport.ready()
        made_for = (version, _base(self.transport))
        if self._client is None or self._made_for != made_for:
            self._client = await asyncio.to_thread(guarded, self.transport)
            self._made_for = made_for
        return self._client

    def _meaning(self, error: Exception, what: str, path: str) -> EngineError:
        """Return the named error behind one of the SDK's."""
        import requests
        from docker.errors import APIError
        from urllib3.exceptions import NewConnectionError

        if isinstance(error, APIError) and error.response is not None:
            explained = error.explanation
            said = explained.decode("utf-8", "replace") if isinstance(explained, bytes) else str(explained or "")
            return refused(error.response.status_code, said or message_of(error.response.content), path)
        if isinstance(error, requests.ConnectTimeout):
            return unreachable(self.transport.host, error)
        if isinstance(error, requests.RequestException):
            chain: BaseException | None = error
            while chain is not None:
                if isinstance(chain, FileNotFoundError | ConnectionRefusedError | PermissionError | NewConnectionError):
                    return unreachable(self.transport.host, chain)
                chain = chain.__cause__ or chain.__context__
            return OutcomeUnknown(f"{what}: the engine did not answer; it may have happened: look before trying again")
        return EngineError(f"{what}: {type(error).__name__}: {error}")

    async def close(self) -> None:
        """Close the SDK's connections."""
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.close)
