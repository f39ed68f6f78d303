"""The demo's Kubernetes API, told what to say: answers that a test puts in its mouth stand before what the cluster itself knows."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from tui.demo.kubernetes.server import KubernetesWorld


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    every: Sequence[tuple[str, str]]  # all headers, those that stand twice too
    body: bytes

    @property
    def is_watch(self) -> bool:
        """Tell whether it is a watch."""
        return self.query.get("watch") == "true"

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


Answer = Callable[[web.Request, Request], Awaitable[web.StreamResponse]]


class KubernetesServer(KubernetesWorld):
    """An empty cluster of the demo that answers some paths by script: a list of answers each, used in order, the last one for ever.

    `on` scripts everything but watches, `watch` the watches of a path; `requests` is what was asked. `url` is plain http.
    Every other path is answered by the cluster.
    """

    def __init__(self) -> None:
        super().__init__(story=None)
        self.requests: list[Request] = []
        self._plain: dict[tuple[str, str], list[Answer]] = {}
        self._watches: dict[str, list[Answer]] = {}
        self._asked = asyncio.Condition()

    def on(self, path: str, *answers: Answer, method: str = "GET") -> None:
        """Script what a path answers, from now on."""
        self._plain[method, path] = list(answers)

    def watch(self, path: str, *answers: Answer) -> None:
        """Script what the watches of a path answer, from now on."""
        self._watches[path] = list(answers)

    def asked(self, path: str, *, watch: bool | None = None, method: str = "") -> list[Request]:
        """Return the requests for a path, with or without the watches."""
        return [
            said
            for said in self.requests
            if said.path == path and (watch is None or said.is_watch == watch) and method in {"", said.method}
        ]

    async def until(self, true: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until something holds, looked at after each request; raises TimeoutError."""
        async with asyncio.timeout(seconds), self._asked:
            await self._asked.wait_for(lambda: bool(true()))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Take note of what was asked, and answer."""
        every = list(request.headers.items())
        said = Request(request.method, request.path, dict(request.query), dict(every), every, await request.read())
        self.requests.append(said)
        async with self._asked:
            self._asked.notify_all()
        return await self.say(request, said)

    async def say(self, request: web.Request, said: Request) -> web.StreamResponse:
        """Answer by script, else as the cluster does."""
        answers = self._watches.get(said.path) if said.is_watch else self._plain.get((said.method, said.path))
        if not answers:
            return await super().answer(request)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return await answer(request, said)


# ---- answers --------------------------------------------------------------------------------------------------------


def reply(body: bytes, code: int = 200, kind: str = "application/json", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with these bytes."""

    async def answer(_: web.Request, __: Request) -> web.StreamResponse:
        return web.Response(body=body, status=code, headers={"Content-Type": kind, **(headers or {})})

    return answer


def says(value: object, code: int = 200) -> Answer:
    """Answer with a value as JSON."""
    return reply(json.dumps(value).encode(), code)


def status(code: int, reason: str = "", message: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a Status of failure."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code}
    return reply(json.dumps(body).encode(), code, headers=headers)


def hang() -> Answer:
    """Take the request and never answer."""

    async def answer(_: web.Request, __: Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    return answer


def drop() -> Answer:
    """Take the request and cut the connection."""

    async def answer(request: web.Request, _: Request) -> web.StreamResponse:
        _abort(request)
        return web.Response()

    return answer


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


Piece = bytes | asyncio.Event
"""A part of a stream: bytes to send, or something to wait for before going on."""


def stream(*pieces: Piece, end: str = "hang", kind: str = "application/json") -> Answer:
    """Answer with a stream of pieces that then ends: "hang" (half-open: nothing more, ever), "close" or "cut" (reset)."""

    async def answer(request: web.Request, _: Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for piece in pieces:
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            else:
                await response.write(piece)
        if end == "hang":
            await asyncio.Event().wait()
        if end == "cut":
            await asyncio.sleep(0)
            _abort(request)
        else:
            await response.write_eof()
        return response

    return answer


def tunnel(serve: Callable[[bytes], bytes | None], *, refusal: bytes = b"") -> Answer:
    """Answer with a port-forward WebSocket: `serve` turns each message of data into an answer, None ends it."""

    async def answer(request: web.Request, said: Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("v4.channel.k8s.io",))
        await socket.prepare(request)
        port = int(said.query["ports"]).to_bytes(2, "little")
        await socket.send_bytes(b"\0" + port)
        await socket.send_bytes(b"\1" + port)
        if refusal:
            await socket.send_bytes(b"\1" + refusal)
        async for message in socket:
            if message.type is WSMsgType.BINARY and not refusal:
                back = serve(message.data[1:])
                if back is None:
                    break
                await socket.send_bytes(b"\0" + back)
        with contextlib.suppress(ConnectionError):
            await socket.close()
        return socket

    return answer


# ---- what objects look like -----------------------------------------------------------------------------------------


def pod(name: str, version: int | str = 1, uid: str = "", phase: str = "Running", **meta: object) -> dict[str, Any]:
    """Return a small pod."""
    metadata = {"name": name, "namespace": "default", "uid": uid or f"uid-{name}", "resourceVersion": str(version), **meta}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": {}, "status": {"phase": phase}}


def listing(*items: Mapping[str, Any], version: int | str = 10, more: str = "") -> Answer:
    """Answer with a list, or with a page of one."""
    return says({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": str(version), "continue": more}, "items": list(items)})


def event(word: str, item: object) -> bytes:
    """Return a line of a watch."""
    return json.dumps({"type": word, "object": item}).encode() + b"\n"


def bookmark(version: int | str) -> bytes:
    """Return a BOOKMARK line."""
    return event("BOOKMARK", {"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": str(version)}})


def failure(code: int, reason: str = "", message: str = "") -> bytes:
    """Return an ERROR line."""
    return event("ERROR", {"kind": "Status", "apiVersion": "v1", "metadata": {}, "code": code, "reason": reason, "message": message})
