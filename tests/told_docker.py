"""The demo's Docker host, told what to say: objects that a test wrote down stand before what the host itself has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from tui.demo.docker.answers import done, say
from tui.demo.docker.server import DockerWorld
from tui.demo.docker.streams import MULTIPLEXED
from tui.demo.docker.words import Json, Refusal

SWARM = ("nodes", "services", "tasks", "secrets", "configs")


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
                return await _pieces(request, self.logs[identity])
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


async def _pieces(request: web.Request, pieces: Iterable[bytes]) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": MULTIPLEXED})
    await answer.prepare(request)
    for piece in pieces:
        await answer.write(piece)
    return answer
