"""Record: what was asked of a server, and how much of it is being answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tui.demo.docker.words import VERSIONED

KEPT = 5000  # requests; older ones are forgotten


class Asked(NamedTuple):
    """One request; its path is without the API version."""

    method: str
    path: str
    query: Mapping[str, str]


class Record:
    """The last requests, oldest first, also those that a fault struck. `in_flight`: how many have no whole answer yet."""

    def __init__(self) -> None:
        self.asked: deque[Asked] = deque(maxlen=KEPT)
        self.in_flight: int = 0
        self.most_in_flight: int = 0

    def writes(self) -> list[Asked]:
        """Return the requests that change something."""
        return [one for one in self.asked if one.method not in {"GET", "HEAD"}]

    @property
    def middleware(self) -> Middleware:
        """Return the middleware for the server's application; it must be the outermost."""

        @web.middleware
        async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked.append(Asked(request.method, VERSIONED.sub("", request.path, count=1), dict(request.query)))
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            try:
                return await handler(request)
            finally:
                self.in_flight -= 1

        return record
