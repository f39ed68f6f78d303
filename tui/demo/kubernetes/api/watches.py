"""Watches: what has changed since a version, and from then on every change as it happens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec
from aiohttp import web

from tui.demo.kubernetes.api.asked import Asked
from tui.demo.kubernetes.api.lists import version_of
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.failures import Failure
from tui.demo.kubernetes.objects import Json
from tui.demo.kubernetes.resources import Resource
from tui.demo.kubernetes.selectors import chosen
from tui.demo.kubernetes.storage import Change, Storage
from tui.demo.kubernetes.validation import refused_option

BOOKMARKS = 60.0  # seconds between two bookmarks
LONGEST = (1800.0, 3600.0)  # seconds after which a watch ends that has no limit of its own
MOST = 4000  # lines that wait for a slow reader; after that it is cut off
INITIAL = "k8s.io/initial-events-end"

Test = Callable[[Json], bool]


def line(word: str, item: bytes) -> bytes:
    """Return a line of a watch."""
    return b'{"type":"%s","object":%s}\n' % (word.encode(), item)


def bookmark(resource: Resource, version: int, *, initial: bool = False) -> bytes:
    """Return a BOOKMARK; `initial`: everything that there is has been told."""
    meta: Json = {"resourceVersion": str(version), "creationTimestamp": None}
    if initial:
        meta["annotations"] = {INITIAL: "true"}
    return line("BOOKMARK", msgspec.json.encode({"kind": resource.kind, "apiVersion": resource.api, "metadata": meta}))


def told(change: Change, namespace: str, test: Test | None) -> bytes:
    """Return the line that a change is for one who sees a namespace (or all, "") and what passes a test; b"" when it is none."""
    if namespace and change.item["metadata"].get("namespace") != namespace:
        return b""
    if test is None:
        return change.line
    was = change.before is not None and test(change.before)
    is_ = change.word != "DELETED" and test(change.item)
    if was and is_:
        return change.line
    if was:
        return line("DELETED", change.encoded)
    return line("ADDED", change.encoded) if is_ else b""


class Watch:
    """One client's watch: what it has still to be told."""

    def __init__(self, cluster: Cluster, asked: Asked) -> None:
        self._storage: Storage = cluster.storage
        self._clock = cluster.clock
        self._asked = asked
        self._test = chosen(asked.resource, asked.query.get("labelSelector", ""), asked.query.get("fieldSelector", ""))
        self._lines: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._over = False
        self._marks = asked.query.get("allowWatchBookmarks") in {"true", "1"}
        self._end: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """Take up the past and listen from now on, in one go; raises Failure 422 and 500 for what makes no sense."""
        query, resource, storage = self._asked.query, self._asked.resource, self._storage
        initial = query.get("sendInitialEvents") in {"true", "1"}
        if initial and query.get("resourceVersionMatch") != "NotOlderThan":
            said = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            raise refused_option("ListOptions", "resourceVersionMatch", "FieldValueForbidden", said)
        try:
            version = version_of(query.get("resourceVersion", ""))
        except Failure as error:
            raise Failure(500, "", error.message.removeprefix("invalid resource version: ")) from None
        if initial or (version == 0 and query.get("sendInitialEvents") not in {"false", "0"}):
            for item in storage.items(resource, self._asked.namespace):
                if self._test is None or self._test(item):
                    self._lines.append(line("ADDED", storage.encoded(item)))
            if initial and self._marks:
                self._lines.append(bookmark(resource, storage.version, initial=True))
        elif version:
            try:
                for change in storage.since(resource, version):
                    self._hear(change)
            except Failure as error:
                self._lines.append(line("ERROR", msgspec.json.encode(error.body)))
                self._over = True
        self._news.set()
        self._end = storage.listen(resource, self._hear)

    def _hear(self, change: Change) -> None:
        said = told(change, self._asked.namespace, self._test)
        if said and not self._over:
            self._lines.append(said)
            self._over = len(self._lines) > MOST
            self._news.set()

    async def run(self, response: web.StreamResponse) -> None:
        """Write lines until the watch's time is over."""
        limit = self._asked.number("timeoutSeconds") or int(self._storage.chance.uniform(*LONGEST))
        ends = self._clock.later(limit, self._finish)
        marks = self._clock.later(BOOKMARKS, self._mark) if self._marks else None
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                if self._lines:
                    whole = b"".join(self._lines)
                    self._lines.clear()
                    await response.write(whole)
                if self._over and not self._lines:
                    return
        finally:
            self._end()
            ends.cancel()
            if marks is not None:
                marks.cancel()
            self._marks = False

    def _finish(self) -> None:
        self._over = True
        self._news.set()

    def _mark(self) -> None:
        if self._marks and not self._over:
            self._lines.append(bookmark(self._asked.resource, self._storage.version))
            self._news.set()
            self._clock.later(BOOKMARKS, self._mark)


async def watch(cluster: Cluster, asked: Asked, request: web.Request) -> web.StreamResponse:
    """Answer with a watch."""
    one = Watch(cluster, asked)
    one.begin()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await one.run(response)
    return response
