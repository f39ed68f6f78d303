"""Script: answers that are written down, given instead of the world's own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tui.demo.docker.answers import say
from tui.demo.docker.streams import MULTIPLEXED


@dataclass(frozen=True)
class Answer:
    """What is said: bytes as they are, a response, or whatever JSON can tell; or a function of the request that returns one of these."""

    said: Any
    status: int = 200

    async def give(self, request: web.Request) -> web.StreamResponse:
        """Return the response to a request."""
        said = self.said(request) if callable(self.said) else self.said
        if inspect.isawaitable(said):
            said = await said
        match said:
            case web.StreamResponse():
                return said
            case bytes():
                return web.Response(body=said, status=self.status, content_type="application/json")
            case _:
                return say(said, self.status)


class Script:
    """Answers by method, path (without the API version) and, where it matters, a part of the query (`has`, such as "follow=1")."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], dict[str, Answer]] = {}

    def on(self, path: str, said: Any, *, method: str = "GET", has: str = "", status: int = 200) -> None:
        """Answer so from now on (see Answer). Data is told as it is when it is asked for, so it may be changed meanwhile."""
        self._lines.setdefault((method, path), {})[has] = Answer(said, status)

    def off(self, path: str, method: str = "GET") -> None:
        """Let the world itself answer again."""
        self._lines.pop((method, path), None)

    def find(self, request: web.Request, path: str) -> Answer | None:
        """Return what is written down for a request to a path, None when the world is to answer; `has` goes before none."""
        lines = self._lines.get((request.method, path), {})
        fit = (answer for has, answer in lines.items() if has and has in request.query_string)
        return next(fit, None) or lines.get("")


def pieces(*chunks: bytes, kind: str = MULTIPLEXED) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a function for a script that sends these bytes one after the other, and ends in good order."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(0)
        return response

    return answer
