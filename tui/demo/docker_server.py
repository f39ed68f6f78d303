"""A small Docker Engine API server on a unix socket: it is told what to say, what to do, and how to fail."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass
class Fault:
    """How the next requests to a path fail: a status and message, or no answer at all (`hang`), or a cut (`drop`)."""

    status: int = 500
    message: str = "it does not work"
    hang: bool = False
    drop: bool = False
    after: bool = False  # the request takes effect first
    times: int = -1  # -1 = until taken back


@dataclass
class DockerServer:
    """The world is in plain lists and dicts; change them and `emit` the event, or do not, as a busy engine does."""

    path: Path
    api: str = "1.45"
    containers: dict[str, Json] = field(default_factory=dict)
    inspects: dict[str, Json] = field(default_factory=dict)
    stats: dict[str, Json] = field(default_factory=dict)
    logs: dict[str, list[bytes]] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)  # so many chunks of a log a follower gets before it is cut off
    images: list[Json] = field(default_factory=list)
    volumes: dict[str, Json] = field(default_factory=dict)
    networks: list[Json] = field(default_factory=list)
    swarm: dict[str, dict[str, Json]] = field(
        default_factory=lambda: {word: {} for word in ("nodes", "services", "tasks", "secrets", "configs")}
    )
    info: Json = field(default_factory=lambda: {"Swarm": {"LocalNodeState": "inactive"}})
    manager: bool = False
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)  # (method, beginning of the path without version)
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    paused: bool = False
    in_flight: int = 0
    most_in_flight: int = 0
    _ring: deque[Json] = field(default_factory=lambda: deque(maxlen=256))  # the engine remembers no more
    _ears: list[asyncio.Queue[bytes | None]] = field(default_factory=list)
    _runner: web.AppRunner | None = None
    _nano: int = 0

    # ---- up and down ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen on the socket."""
        app = web.Application(middlewares=[self._front])
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(self.path)).start()

    async def stop(self) -> None:
        """Stop listening and cut every connection, as kill -9 would; what was remembered of events is gone."""
        if self._runner is None:
            return
        server = self._runner.server
        for connection in server.connections if server else ():
            if connection.transport is not None:
                connection.transport.abort()
        await self._runner.cleanup()
        self._runner = None
        self._ring.clear()
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    # ---- events -----------------------------------------------------------------------------------------------------

    def emit(self, kind: str, action: str, identity: str, scope: str = "local", **attributes: str) -> None:
        """Say an event to all who listen, and remember it."""
        self._nano = max(self._nano + 1, time.time_ns())
        event: Json = {"Type": kind, "Action": action, "Actor": {"ID": identity, "Attributes": attributes}, "scope": scope}
        event |= {"time": self._nano // 10**9, "timeNano": self._nano}
        self._ring.append(event)
        self.say(json.dumps(event).encode() + b"\n")

    def say(self, raw: bytes) -> None:
        """Say bytes on the event stream, whatever they are."""
        for ear in self._ears:
            ear.put_nowait(raw)

    def hang_up(self) -> None:
        """End every event stream in good order."""
        for ear in self._ears:
            ear.put_nowait(None)

    @property
    def listeners(self) -> int:
        """Return how many event streams are open."""
        return len(self._ears)

    # ---- answering --------------------------------------------------------------------------------------------------

    @web.middleware
    async def _front(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append((request.method, _path(request), dict(request.query)))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answer(request, handler)
        finally:
            self.in_flight -= 1

    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.paused:
            await asyncio.Event().wait()
        fault = self._fault(request.method, _path(request))
        if fault is None or fault.after:
            answer: web.StreamResponse = await handler(request)
        if fault is None:
            return answer
        if fault.hang:
            await asyncio.Event().wait()
        if fault.drop and request.transport is not None:
            request.transport.abort()
        return _no(fault.status, fault.message)

    def _fault(self, method: str, path: str) -> Fault | None:
        for (verb, begin), fault in self.faults.items():
            if verb == method and path.startswith(begin) and fault.times:
                fault.times -= 1
                return fault
        return None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        match [request.method, *_path(request).strip("/").split("/")]:
            case ["GET", "_ping"]:
                return web.Response(text="OK", headers={"Api-Version": self.api, "Server": "Docker/27.3.1 (linux)"})
            case ["GET", "info"]:
                return web.json_response(self.info)
            case ["GET", "events"]:
                return await self._events(request)
            case [_, "containers", *rest]:
                return await self._containers(request, rest)
            case ["GET", "images", "json"]:
                return web.json_response(self.images)
            case ["GET", "images", *name, "json"]:
                return self._tagged("/".join(name))
            case ["GET", "volumes"]:
                return web.json_response({"Volumes": list(self.volumes.values()), "Warnings": None})
            case [method, "volumes", name]:
                return self._one(method, self.volumes, name)
            case ["GET", "networks"]:
                return web.json_response(self.networks)
            case [method, "networks", identity]:
                return self._one(method, {one["Id"]: one for one in self.networks}, identity)
            case [method, word, *rest] if word in self.swarm:
                return await self._swarm(request, method, word, rest)
            case _:
                return _no(404, "page not found")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        ear: asyncio.Queue[bytes | None] = asyncio.Queue()
        since = float(request.query.get("since", "inf"))
        for event in self._ring:
            if event["timeNano"] / 1e9 >= since:
                ear.put_nowait(json.dumps(event).encode() + b"\n")
        if "until" in request.query:
            ear.put_nowait(None)
        self._ears.append(ear)
        try:
            while (raw := await ear.get()) is not None:
                await answer.write(raw)
        finally:
            self._ears.remove(ear)
        return answer

    async def _containers(self, request: web.Request, rest: list[str]) -> web.StreamResponse:
        match [request.method, *rest]:
            case ["GET", "json"]:
                wanted = json.loads(request.query.get("filters", "{}")).get("id")
                found = [one for one in self.containers.values() if not wanted or one["Id"] in wanted]
                return web.json_response(found)
            case ["GET", identity, "json"]:
                return self._one("GET", self.inspects, identity)
            case ["GET", identity, "stats"]:
                return web.json_response(self.stats.get(identity, {}))
            case ["GET", identity, "logs"]:
                return await self._logs(request, identity)
            case ["POST", identity, "start" | "stop" | "restart" as verb]:
                return self._do(identity, verb)
            case ["DELETE", identity]:
                return self._one("DELETE", self.containers, identity)
            case _:
                return _no(404, "page not found")

    def _do(self, identity: str, verb: str) -> web.Response:
        if identity not in self.containers:
            return _no(404, f"No such container: {identity}")
        runs = verb != "stop"
        self.containers[identity] |= {
            "State": "running" if runs else "exited",
            "Status": "Up Less than a second" if runs else "Exited (0) Less than a second ago",
        }
        self.emit("container", "start" if runs else "die", identity)
        return web.Response(status=204)

    async def _logs(self, request: web.Request, identity: str) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/vnd.docker.multiplexed-stream"})
        await answer.prepare(request)
        chunks = self.logs.get(identity, [])
        for chunk in chunks[: self.cut.get(identity)] if request.query.get("follow") == "1" else chunks:
            await answer.write(chunk)
            await asyncio.sleep(0)
        return answer

    def _one(self, method: str, where: dict[str, Json], key: str) -> web.Response:
        if key not in where:
            return _no(404, f"no such object: {key}")
        if method == "DELETE":
            del where[key]
            return web.Response(status=204)
        return web.json_response(where[key])

    def _tagged(self, name: str) -> web.Response:
        for image in self.images:
            if name == image["Id"] or name in (image.get("RepoTags") or ()):
                return web.json_response(image)
        return _no(404, f"No such image: {name}")

    # ---- swarm ------------------------------------------------------------------------------------------------------

    async def _swarm(self, request: web.Request, method: str, word: str, rest: list[str]) -> web.StreamResponse:
        if not self.manager:
            state = self.info["Swarm"]["LocalNodeState"]
            tail = "Worker nodes can't be used to view or modify cluster state." if state == "active" else 'Use "docker swarm init".'
            return _no(503, f"This node is not a swarm manager. {tail}")
        where = self.swarm[word]
        match rest:
            case []:
                wanted = json.loads(request.query.get("filters", "{}")).get("service")
                return web.json_response([one for one in where.values() if not wanted or one.get("ServiceID") in wanted])
            case [identity]:
                return self._one(method, where, identity)
            case [identity, "update"] if identity in where:
                return await self._update(request, where[identity])
            case _:
                return _no(404, "page not found")

    async def _update(self, request: web.Request, service: Json) -> web.Response:
        if int(request.query["version"]) != service["Version"]["Index"]:
            return _no(500, "rpc error: code = Unknown desc = update out of sequence")
        if request.query.get("rollback") == "previous":
            service["Spec"], service["PreviousSpec"] = service["PreviousSpec"], service["Spec"]
        else:
            service["PreviousSpec"], service["Spec"] = service["Spec"], await request.json()
        service["Version"] = {"Index": service["Version"]["Index"] + 1}
        self.emit("service", "update", service["ID"], scope="swarm")
        return web.json_response({"Warnings": None})


def _path(request: web.Request) -> str:
    """Return the path without the API version."""
    path = request.path
    return "/" + path.split("/", 2)[2] if path.startswith("/v1.") else path


def _no(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


def container(identity: str, name: str, status: str = "Up 3 minutes", state: str = "running", **more: Any) -> Json:
    """Return a list item for a container; an id is filled up to 64 letters."""
    item: Json = {"Id": identity.ljust(64, "0"), "Names": [f"/{name}"], "Image": "busybox:1", "ImageID": "sha256:" + "b" * 64}
    item |= {"Command": "sleep 1d", "Created": 1795449415, "State": state, "Status": status, "Ports": [], "Labels": {}, "Mounts": []}
    return item | more


def service(identity: str, name: str, replicas: int = 3, version: int = 10) -> Json:
    """Return a list item for a replicated service."""
    spec: Json = {"Name": name, "Labels": {}, "Mode": {"Replicated": {"Replicas": replicas}}}
    spec["TaskTemplate"] = {"ContainerSpec": {"Image": "demo/web:1.0"}, "ForceUpdate": 0}
    counts = {"RunningTasks": replicas, "DesiredTasks": replicas}
    return {"ID": identity, "Version": {"Index": version}, "Spec": spec, "Endpoint": {"Spec": {}}, "ServiceStatus": counts}
