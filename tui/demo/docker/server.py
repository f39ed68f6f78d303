"""Server: a Docker host that is not there, on a unix socket of its own."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web

from tui.demo.clock import Clock
from tui.demo.docker import container_routes, other_routes
from tui.demo.docker.answers import path_of, refuse
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.record import Record
from tui.demo.docker.swarm import routes
from tui.demo.docker.swarm.cluster import Cluster
from tui.demo.docker.words import Refusal, swarm_identity
from tui.demo.faults import Faults


class DockerWorld:
    """A Docker host with its swarm in this process. `story`: what has happened on it before it starts; without one it is empty.

    It lives on the event loop that it was started on; while nobody asks and nothing is due, nothing runs. `faults`: what
    goes wrong; `record`: what was asked.
    """

    def __init__(self, clock: Clock | None = None, *, name: str = "harbor-1", story: Callable[[DockerWorld], None] | None = None) -> None:
        self.clock = clock or Clock()
        self.faults = Faults(self.clock)
        self.record = Record()
        self._story = story
        self.daemon = Daemon(name, self.clock)
        self.cluster: Cluster | None = None
        self.path = Path()
        self._runner: web.AppRunner | None = None

    @property
    def host(self) -> str:
        """Return the URL to give a client: `unix:///...`."""
        return f"unix://{self.path}"

    def swarm(self) -> Cluster:
        """Make the host the leader of a swarm, if it is not, and return the swarm."""
        if self.cluster is None:
            self.cluster = Cluster(self.daemon)
        return self.cluster

    def join(self, *managers: str) -> None:
        """Make the host a worker of a swarm elsewhere; `managers`: addresses of its managers."""
        remote = [{"NodeID": swarm_identity(self.daemon.rand), "Addr": f"{address}:2377"} for address in managers]
        self.daemon.swarm = lambda: {"NodeID": "", "NodeAddr": "", "LocalNodeState": "active", "ControlAvailable": False, "Error": "",
                                     "RemoteManagers": remote}  # fmt: skip

    async def start(self, path: Path) -> None:
        """Listen on a socket at this path, which only its owner may open."""
        self.path = path
        await self._listen(lambda runner: web.UnixSite(runner, str(path)))
        os.chmod(path, 0o600)

    async def start_on_port(self, tls: ssl.SSLContext | None = None) -> int:
        """Listen on a free port of loopback, behind TLS if so told; returns the port."""
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        await self._listen(lambda runner: web.SockSite(runner, held, ssl_context=tls))
        return port

    async def _listen(self, site: Callable[[web.AppRunner], web.BaseSite]) -> None:
        story, self._story = self._story, None
        if story is not None:
            story(self)
        app = web.Application(middlewares=[self.record.middleware, self.faults.middleware], client_max_size=8 * 2**20)
        app.router.add_route("*", "/{tail:.*}", self._serve)
        app.on_response_prepare.append(self._sign)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        try:
            await site(self._runner).start()
        except OSError:
            await self.stop()
            raise

    async def hang_up(self) -> None:
        """Stop listening and cut every connection, as when the engine is killed; the world itself goes on, its events are forgotten."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for connection in runner.server.connections if runner.server else ():
            if connection.transport is not None:
                connection.transport.abort()
        await runner.cleanup()
        self.daemon.events.ring.clear()
        if self.path.is_socket():
            self.path.unlink(missing_ok=True)

    async def restart(self, away: float = 1.0) -> None:
        """Be killed, and come back after so many of the world's seconds."""
        path = self.path
        await self.hang_up()
        await self.clock.sleep(away)
        await self.start(path)

    async def stop(self) -> None:
        """End the world: no timer of it is left, no connection, no socket."""
        if self.cluster is not None:
            self.cluster.close()
        self.daemon.close()
        await self.faults.release()
        await self.hang_up()

    async def _sign(self, request: web.Request, answer: web.StreamResponse) -> None:
        now = datetime.fromtimestamp(int(self.clock.now().timestamp()), UTC)
        answer.headers.update({"Api-Version": self.daemon.api, "Docker-Experimental": "false", "Ostype": "linux",
                               "Server": f"Docker/{self.daemon.software} (linux)",
                               "Date": request.get("date") or format_datetime(now, usegmt=True)})  # fmt: skip

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            path, version = path_of(request, self.daemon.api)
            return await self.route(request, path.strip("/").split("/"), version)
        except Refusal as error:
            return refuse(error)

    async def route(self, request: web.Request, parts: list[str], version: tuple[int, int]) -> web.StreamResponse:
        """Answer a request for a path, in its parts, in a version of the API; raises Refusal."""
        match parts:
            case ["containers", *rest]:
                return await container_routes.serve(request, self.daemon, rest)
            case ["images", *rest]:
                return await other_routes.serve_images(request, self.daemon, rest)
            case ["volumes", *rest]:
                return await other_routes.serve_volumes(request, self.daemon, rest, version)
            case ["networks", *rest]:
                return await other_routes.serve_networks(request, self.daemon, rest)
            case [word, *rest] if word in routes.WORDS:
                return await routes.serve(request, self.cluster, word, rest, self.daemon.swarm()["LocalNodeState"] == "active")
            case _:
                return await other_routes.serve_engine(request, self.daemon, parts)
