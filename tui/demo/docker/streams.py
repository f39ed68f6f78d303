"""Streams: the answers that go on: events, logs, stats."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web

from tui.demo.docker import figures
from tui.demo.docker.container import Container
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.events import KEYS
from tui.demo.docker.filters import parse
from tui.demo.docker.logbook import Entry, Wanted, encoded
from tui.demo.docker.words import Json, Refusal, flag, moment

MULTIPLEXED = "application/vnd.docker.multiplexed-stream"
RAW = "application/vnd.docker.raw-stream"


async def _open(request: web.Request, kind: str) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": kind})
    await answer.prepare(request)
    return answer


async def events(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    """Send events until they end or the client leaves."""
    query = request.query
    wanted = parse(query.get("filters"), KEYS)
    lines = daemon.events.listen(wanted, moment(query.get("since", "")), moment(query.get("until", "")))
    answer = await _open(request, "application/json")
    try:
        async for line in lines:
            await answer.write(line)
    finally:
        await lines.aclose()  # type: ignore[attr-defined]
    return answer


def wanted_of(request: web.Request) -> Wanted:
    """Return what of a log a request asks for; raises Refusal 400."""
    query = request.query
    stdout, stderr = flag(query.get("stdout")), flag(query.get("stderr"))
    if not (stdout or stderr):
        raise Refusal(400, "Bad parameters: you must choose at least one stream")
    tail = query.get("tail", "all")
    lines = int(tail) if tail.isdigit() else -1
    since, until = moment(query.get("since", "")), moment(query.get("until", ""))
    return Wanted(stdout, stderr, flag(query.get("follow")), lines, since, until, flag(query.get("timestamps")))


async def logs(request: web.Request, one: Container) -> web.StreamResponse:
    """Send a container's log and, if asked, what it goes on to say."""
    wanted = wanted_of(request)
    answer = await _open(request, RAW if one.log.raw else MULTIPLEXED)
    batches = one.log.batches(wanted, one.running)
    await send(answer, batches, lambda entries: encoded(entries, wanted, one.log.raw))
    return answer


async def send(answer: web.StreamResponse, batches: AsyncIterator[list[Entry]], encode: Callable[[Sequence[Entry]], bytes]) -> None:
    """Write batches of log entries, and let go of them when the client leaves."""
    try:
        async for entries in batches:
            await answer.write(encode(entries))
    finally:
        await batches.aclose()  # type: ignore[attr-defined]


async def stats(request: web.Request, daemon: Daemon, one: Container) -> web.StreamResponse:
    """Send one sample, or one a second while the container is there."""
    query = request.query
    clock = daemon.clock
    if not flag(query.get("stream", "1")):
        nano = clock.nano()
        if flag(query.get("one-shot")) or not one.alive:
            return _json(figures.sample(one, nano))
        await clock.sleep(1.0)
        return _json(figures.sample(one, clock.nano(), nano))
    answer = await _open(request, "application/json")
    before = 0
    while one.id in daemon.containers.known:
        nano = clock.nano()
        await answer.write(json.dumps(figures.sample(one, nano, before)).encode() + b"\n")
        before = nano if one.alive else 0
        await clock.sleep(1.0)
    return answer


def _json(found: Json) -> web.Response:
    return web.Response(body=json.dumps(found).encode() + b"\n", content_type="application/json")
