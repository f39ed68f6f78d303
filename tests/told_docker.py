"""The demo's Docker host, told what to say: what a test wrote down stands before what the host itself has."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tui.demo.docker.answers import done, say
from tui.demo.docker.server import DockerWorld
from tui.demo.docker.streams import MULTIPLEXED
from tui.demo.docker.words import Json, Refusal

SWARM = ("nodes", "services", "tasks", "secrets", "configs")

# ---- answers by path ------------------------------------------------------------------------------------------------


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


class ScriptedHost(DockerWorld):
    """A host of the demo with a `script` of answers that go before its own."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.script = Script()

    async def route(self, request: web.Request, parts: list[str], version: tuple[int, int]) -> web.StreamResponse:
        """Answer by the script, else as the host does."""
        if (answer := self.script.find(request, "/" + "/".join(parts))) is not None:
            return await answer.give(request)
        return await super().route(request, parts, version)


# ---- objects --------------------------------------------------------------------------------------------------------


class DockerServer(DockerWorld):
    """A host of the demo whose objects are written down by id or name, so that every letter of them is known.

    They can be read and removed; whatever else is asked, the host of the demo answers, which is empty. `emit` says an event, or does
    not: a busy engine forgets. `logs`: the pieces in which a container's log is sent. `info`: what /info has other than the demo.
    """

    def __init__(self) -> None:
        super().__init__()
        self.daemon.software, self.daemon.api = "27.3.1", "1.45"
        self.info: Json = {}
        self.manager = False
        self.containers: dict[str, Json] = {}
        self.inspects: dict[str, Json] = {}
        self.stats: dict[str, Json] = {}
        self.logs: dict[str, list[bytes]] = {}
        self.images: dict[str, Json] = {}
        self.volumes: dict[str, Json] = {}
        self.networks: dict[str, Json] = {}
        self.told: dict[str, dict[str, Json]] = {word: {} for word in SWARM}

    def emit(self, kind: str, action: str, identity: str, scope: str = "local", **attributes: str) -> None:
        """Say an event."""
        self.daemon.events.emit(kind, action, identity, attributes, scope)

    async def route(self, request: web.Request, parts: list[str], version: tuple[int, int]) -> web.StreamResponse:
        """Answer by what was written down, else as the host does."""
        match [request.method, *parts]:
            case ["GET", "info"]:
                return say(self.daemon.info() | self.info)
            case ["GET", "containers", "json"]:
                return say(_wanted(self.containers.values(), request, "id", "Id"))
            case ["GET", "containers", identity, "json"] if identity in self.inspects:
                return say(self.inspects[identity])
            case ["GET", "containers", identity, "stats"] if identity in self.stats:
                return say(self.stats[identity])
            case ["GET", "containers", identity, "logs"] if identity in self.logs:
                return await pieces(*self.logs[identity])(request)
            case ["GET", "images", "json"]:
                return say(list(self.images.values()))
            case ["GET", "images", *name, "json"] if (image := self._image("/".join(name))) is not None:
                return say(image)
            case ["GET", "volumes"]:
                return say({"Volumes": list(self.volumes.values()), "Warnings": None})
            case ["DELETE", "volumes", name] if name in self.volumes:
                del self.volumes[name]
                return done()
            case ["GET", "networks"]:
                return say(list(self.networks.values()))
            case ["GET", "networks" | "volumes" as word, name] if name in (found := getattr(self, word)):
                return say(found[name])
            case ["GET", word, *rest] if word in SWARM and self.manager:
                return self._swarm(request, word, rest)
            case _:
                return await super().route(request, parts, version)

    def _image(self, name: str) -> Json | None:
        return next((one for one in self.images.values() if name == one["Id"] or name in (one.get("RepoTags") or ())), None)

    def _swarm(self, request: web.Request, word: str, rest: list[str]) -> web.Response:
        if not rest:
            return say(_wanted(self.told[word].values(), request, "service", "ServiceID"))
        if rest[0] not in self.told[word]:
            raise Refusal(404, f"{word.removesuffix('s')} {rest[0]} not found")
        return say(self.told[word][rest[0]])


def _wanted(objects: Iterable[Mapping[str, Any]], request: web.Request, word: str, key: str) -> list[Mapping[str, Any]]:
    wanted = json.loads(request.query.get("filters", "{}")).get(word)
    return [one for one in objects if not wanted or one.get(key) in wanted]
