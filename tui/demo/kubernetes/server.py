"""The embedded cluster as a whole: its API on loopback, its controllers and nodes at work behind it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import TracebackType

from aiohttp import web

from tui.demo.faults import Faults
from tui.demo.kubernetes.api.router import Router
from tui.demo.kubernetes.clock import Clock
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.controllers import manager
from tui.demo.kubernetes.kubelet.kubelet import Kubelet
from tui.demo.kubernetes.objects import Json
from tui.demo.kubernetes.scheduler import Scheduler
from tui.demo.kubernetes.story import tell

CONTEXT, USER = "demo", "demo-user"


class KubernetesWorld:
    """A cluster in this process. `speed`: its seconds in one of ours; `story`: what has happened in it before it starts.

    `async with KubernetesWorld() as world` serves it at `world.url` (plain http on loopback) until the end. Everything
    happens on the event loop that it was started on; while nobody asks and nothing is due, nothing runs.
    """

    def __init__(
        self, *, speed: float = 1.0, seed: int = 1, now: float | None = None, story: Callable[[Cluster], None] | None = tell, port: int = 0
    ) -> None:
        self.clock = Clock(speed, now)
        self.cluster = Cluster(self.clock, seed)
        self.kubelet = Kubelet(self.cluster)
        self.scheduler = Scheduler(self.cluster)
        self.controllers = manager.start(self.cluster)
        self.faults = Faults(self.clock)
        self.router = Router(self.cluster, self.kubelet, USER)
        self.port = port
        self._story = story
        self._runner: web.AppRunner | None = None
        self._site: web.SockSite | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def kubeconfig(self, namespace: str = "shop") -> Json:
        """Return a kubeconfig with one context, `demo`, that leads here."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": CONTEXT, "cluster": {"server": self.url}}],
            "users": [{"name": USER, "user": {"token": "demo"}}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": USER, "namespace": namespace}}],
            "current-context": CONTEXT,
        }

    async def start(self) -> None:
        """Live through the story at once, then serve and go on from there."""
        if self._story is not None:
            self._story(self.cluster)
        self.clock.start()
        app = web.Application(client_max_size=1 << 24, middlewares=[self.faults.middleware])
        app.router.add_route("*", "/{tail:.*}", self.answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await self.open()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        return await self.router.answer(request)

    async def stop(self) -> None:
        """End it: no socket, timer or task is left."""
        self.clock.stop()
        await self.faults.release()
        if self._runner is not None:
            await self.close()
            await self._runner.cleanup()
            self._runner = None

    async def close(self) -> None:
        """Be gone for the network, as a server that is restarted: connections are cut and new ones refused, until `open`."""
        if self._site is not None and self._runner is not None:
            await self._site.stop()
            self._site = None
            server = self._runner.server
            for connection in list(server.connections) if server is not None else ():
                if connection.transport is not None:
                    connection.transport.abort()

    async def open(self) -> None:
        """Be there, on the same port as before."""
        if self._runner is None or self._site is not None:
            return
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", self.port))
        self.port = held.getsockname()[1]
        self._site = web.SockSite(self._runner, held)
        await self._site.start()

    async def restart(self) -> None:
        """Go away and come back; what was watched must be watched anew, and the past is forgotten."""
        await self.close()
        self.cluster.storage.compact()
        await self.open()

    async def __aenter__(self) -> KubernetesWorld:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()
