"""The world of the looks and flows: a Docker host, its swarm and two clusters on loopback, the same on every run."""

from __future__ import annotations

import asyncio
import copy
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from textual.widgets import Input

from tests import shop_docker, shop_kubernetes
from tests.cockpit import Cockpit
from tests.shop_kubernetes import FIXED
from tests.told_docker import DockerServer
from tests.told_kubernetes import Answer, KubernetesServer, Request, event, says, status, stream
from tests.waiting import until
from tui.app import Pilothouse
from tui.config import Config
from tui.engines.kubernetes.paths import KNOWN, collection, item
from tui.facts import State
from tui.views.events import EventsPane
from tui.views.logs import LogsPane
from tui.views.pane import ObjectPane
from widgets.dialogs import Question

Json = dict[str, Any]
LOG = [
    "2026-03-10T11:59:18.100000000Z INFO  starting checkout 2.14.0",
    "2026-03-10T11:59:18.200000000Z INFO  reading /etc/checkout",
    "2026-03-10T11:59:18.700000000Z WARN  no cache at redis://queue:6379, going on without",
    "2026-03-10T11:59:18.800000000Z ERROR DB_URL is empty",
    "2026-03-10T11:59:18.900000000Z FATAL giving up",
]


def now() -> datetime:
    """Return the moment at which the world stands still."""
    return FIXED


@dataclass
class Cluster:
    """A cluster behind the demo's API, told what to say: change it with `put` and `gone`, and whoever watches is told."""

    server: KubernetesServer
    objects: dict[str, dict[str, Json]] = field(default_factory=dict)  # by word, then by uid
    _ears: list[tuple[str, str, asyncio.Queue[bytes]]] = field(default_factory=list)
    _version: int = 1000

    def fill(self, objects: Mapping[str, list[Json]], user: str) -> None:
        """Serve these objects, by the word of their kind; every other kind is empty."""
        self.server.on("/version", says({"gitVersion": "v1.34.4"}))
        review = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        self.server.on(review, says({"status": {"userInfo": {"username": user}}}), method="POST")
        for word, api in KNOWN.items():
            here = {one["metadata"]["uid"]: copy.deepcopy(one) for one in objects.get(word, ())}
            self.objects[word] = here
            for space in {"", "default", "shop", "kube-system", "staging", *(_space(one) for one in here.values())}:
                self._serve(word, api, space)
            for one in here.values():
                self._serve_one(word, api, one)

    def _serve(self, word: str, api: str, space: str) -> None:
        path = collection(api, space)
        self.server.on(path, self._list(word, space))
        self.server.watch(path, self._watch(word, space))

    def _serve_one(self, word: str, api: str, one: Json) -> None:
        name, uid = one["metadata"]["name"], one["metadata"]["uid"]
        path = item(api, _space(one), name)

        async def read(request: web.Request, said: Request) -> web.StreamResponse:
            found = self.objects[word].get(uid)
            answer = says(found) if found is not None else status(404, "NotFound", f'{word} "{name}" not found')
            return await answer(request, said)

        async def delete(request: web.Request, said: Request) -> web.StreamResponse:
            found = self.objects[word].get(uid)
            if found is not None:
                self.gone(word, found)
            return await says({"kind": "Status", "status": "Success"})(request, said)

        self.server.on(path, read)
        self.server.on(path, delete, method="DELETE")
        for sub in ("", "/scale"):
            self.server.on(path + sub, says({"spec": {"replicas": 1}, "metadata": one["metadata"]}), method="PATCH")
        lines = "\n".join(LOG).encode() + b"\n"
        self.server.on(f"{path}/log", stream(lines, kind="text/plain"))

    def _list(self, word: str, space: str) -> Answer:
        async def answer(request: web.Request, said: Request) -> web.StreamResponse:
            items = [one for one in self.objects[word].values() if space in {"", _space(one)}]
            about = said.query.get("fieldSelector", "").partition("involvedObject.uid=")[2]
            if about:
                items = [one for one in items if one["involvedObject"]["uid"] == about]
            body = {"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": str(self._version)}, "items": items}
            return await says(body)(request, said)

        return answer

    def _watch(self, word: str, space: str) -> Answer:
        async def answer(request: web.Request, said: Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "application/json"})
            await response.prepare(request)
            ear: tuple[str, str, asyncio.Queue[bytes]] = (word, space, asyncio.Queue())
            self._ears.append(ear)
            try:
                while True:
                    await response.write(await ear[2].get())
            finally:
                self._ears.remove(ear)

        return answer

    def put(self, word: str, one: Json) -> None:
        """Add an object or change it, and say so."""
        known = one["metadata"]["uid"] in self.objects[word]
        self._say(word, "MODIFIED" if known else "ADDED", one)
        self.objects[word][one["metadata"]["uid"]] = one
        self._serve_one(word, KNOWN[word], one)

    def gone(self, word: str, one: Json) -> None:
        """Remove an object, and say so."""
        self.objects[word].pop(one["metadata"]["uid"])
        self._say(word, "DELETED", one)

    def _say(self, word: str, what: str, one: Json) -> None:
        self._version += 1
        one["metadata"]["resourceVersion"] = str(self._version)
        for heard, space, queue in self._ears:
            if heard == word and space in {"", _space(one)}:
                queue.put_nowait(event(what, one))

    def find(self, word: str, name: str) -> Json:
        """Return an object by its name."""
        return next(one for one in self.objects[word].values() if one["metadata"]["name"] == name)


def _space(one: Json) -> str:
    return str(one["metadata"].get("namespace", ""))


@dataclass
class World:
    """Everything there is; `config` leads to it."""

    folder: Path
    docker: DockerServer
    shop: Cluster
    lab: Cluster

    def config(self, *, docker: bool = True, kubernetes: bool = True, **more: Any) -> Config:
        """Return a configuration that knows this world and nothing of the machine it runs on."""
        environ = {"PATH": "/usr/bin:/bin", "DOCKER_CONFIG": str(self.folder / "docker")}
        environ["DOCKER_HOST"] = f"unix://{self.folder}/{'docker' if docker else 'nobody'}.sock"
        environ["KUBECONFIG"] = str(self.folder / ("kubeconfig" if kubernetes else "none"))
        environ |= more.pop("environ", {})
        return Config(home=self.folder, environ=environ, **more)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """Start the world and end it. Its folder has a name of fixed length, so that lines that show it stay as long."""
    folder = Path(tempfile.mkdtemp(prefix="ph-", dir="/tmp"))
    docker = DockerServer()
    shop_docker.fill(docker)
    await docker.start(folder / "docker.sock")
    try:
        async with KubernetesServer() as one, KubernetesServer() as other:
            made = World(folder, docker, Cluster(one), Cluster(other))
            made.shop.fill(
                {
                    "pods": shop_kubernetes.pods(), "deployments": shop_kubernetes.deployments(),
                    "replicasets": shop_kubernetes.replicasets(), "configmaps": shop_kubernetes.configmaps(),
                    "namespaces": shop_kubernetes.namespaces(), "events": shop_kubernetes.events(),
                }, "alice@example.com",
            )  # fmt: skip
            lab = [shop_kubernetes.pod(f"lab-{word}", None, shop_kubernetes.before(days=1), [], namespace="default") for word in ("a", "b")]
            made.lab.fill({"pods": lab}, "lab-admin")
            _write(folder, one.url, other.url)
            yield made
    finally:
        await docker.stop()
        shutil.rmtree(folder)


def _write(folder: Path, shop: str, lab: str) -> None:
    """Write the kubeconfig and the docker contexts; the clusters go by names, and are found by way of a proxy."""
    clusters = [
        {"name": "eu-1", "cluster": {"server": "http://eu-1.localhost", "proxy-url": shop}},
        {"name": "lab", "cluster": {"server": "http://lab.example.com", "proxy-url": lab}},
    ]
    contexts = [
        {"name": "shop-eu", "context": {"cluster": "eu-1", "user": "alice", "namespace": "shop"}},
        {"name": "lab", "context": {"cluster": "lab", "user": "alice"}},
        {"name": "left-over", "context": {"cluster": "us-9", "user": "alice"}},
    ]
    users = [{"name": "alice", "user": {"token": "sesame"}}]
    whole = {"apiVersion": "v1", "kind": "Config", "clusters": clusters, "contexts": contexts, "users": users, "current-context": "shop-eu"}
    (folder / "kubeconfig").write_text(json.dumps(whole))
    for name, host in (("build", "tcp://127.0.0.1:1"), ("windows", "npipe:////./pipe/docker_engine")):
        meta = folder / "docker" / "contexts" / "meta" / name
        meta.mkdir(parents=True)
        (meta / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host}}}))


# ---- hands on it ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def flying(config: Config, size: tuple[int, int] = (160, 45), line: str = "") -> AsyncIterator[Cockpit]:
    """Run the cockpit in the world, at its moment; `line`: where to go first."""
    app = Pilothouse(config, now=now, glow=False)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        one = Cockpit(app, pilot)
        if line:
            await until(lambda: len(app.fleet.engines) + len(app.fleet.absent) >= 4, what="the engines")
            await one.go(line)
        yield one


async def still(one: Cockpit, *, tabs: bool = True) -> None:
    """Wait until the screen shows all that it will: tabs counted, figures polled, views read."""
    await until(lambda: _told(one, tabs), what=f"the screen to be told everything: {_lacks(one, tabs)}")
    for line in one.app.screen.query(Input):
        line.cursor_blink = False
    last = ""
    for _ in range(50):
        await one.pilot.pause()
        await asyncio.sleep(0.02)
        shown = words(one)
        if shown == last and _told(one, tabs):
            return
        last = shown
    raise AssertionError("the screen does not come to rest")


def _told(one: Cockpit, tabs: bool) -> bool:
    return not _lacks(one, tabs)


def _lacks(one: Cockpit, tabs: bool) -> str:
    app, browse = one.app, one.browse
    if app.store._timer is not None or browse._detail_timer is not None:
        return "news"
    if tabs and any(tab.note in {"…"} for tab in browse.query_one("TabBar").tabs):  # type: ignore[attr-defined]
        return "counts"
    if any(engine.health.state is State.CONNECTING for engine in app.fleet.engines.values()):
        return "engines"
    shelf = browse.shelf
    if shelf is not None and shelf.topic.kind == "docker/containers" and shelf.health.state is State.LIVE:
        looked = browse.engine._lens.uids
        if not looked and browse.table.shown and app.screen is browse:
            return "a look at the figures"
        for row in shelf.objects.values():
            lacking: Any = row
            if row.uid in looked and ((lacking.running and not lacking.stats) or (lacking.wants_peek and not lacking.peek)):
                return f"figures of {row.name}"
    for pane in app.screen.query(ObjectPane):
        if pane.display and not isinstance(pane, (EventsPane, LogsPane)) and pane._asking is not None and not pane._asking.done():
            return "a view"
    dialog = app.screen
    return "the guard" if isinstance(dialog, Question) and dialog.guarded else ""


async def shows(one: Cockpit, text: str) -> None:
    """Wait until these words stand on the screen."""
    await until(lambda: text in words(one), what=f"{text!r} on the screen")


def words(one: Cockpit) -> str:
    """Return the screen as text, a line a line."""
    return "\n".join("".join(part.text for part in strip).rstrip() for strip in one.app.screen._compositor.render_strips())
