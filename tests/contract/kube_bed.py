"""A cluster to test a contract on, the demo's or a real one: plain requests, the program's own engine, a namespace of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.waiting import eventually
from tui.demo.kubernetes.resources import NODES
from tui.demo.kubernetes.server import KubernetesWorld
from tui.demo.kubernetes.story import machines
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.kubeconfig import Kubeconfig, load
from tui.engines.kubernetes.paths import KNOWN, collection, item
from tui.facts import Ref

Json = dict[str, Any]
SPEED = 20.0  # of the demo's clock
LIMIT = 90.0  # seconds that a real cluster may take
MERGE, STRATEGIC, STEPS = (f"application/{word}+json" for word in ("merge-patch", "strategic-merge-patch", "json-patch"))
APPS = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"}


@dataclass
class Answer:
    """A status and what the body says."""

    status: int
    body: Any

    @property
    def message(self) -> str:
        return str(self.body["message"])

    @property
    def reason(self) -> str:
        return str(self.body["reason"])


@dataclass
class Bed:
    """One cluster. `demo`: the world behind it, None for a real one; `seconds`: how long things may take."""

    url: str
    session: aiohttp.ClientSession
    engine: KubernetesEngine
    demo: KubernetesWorld | None
    space: str = field(default_factory=lambda: f"contract-{uuid.uuid4().hex[:8]}")
    spaces: list[str] = field(default_factory=list)

    # ---- requests -----------------------------------------------------------------------------------------------------

    async def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json", **query: Any) -> Answer:
        """Send one request; a body is JSON, or bytes as they are."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"Content-Type": kind} if data is not None else {}
        params = {key: str(value) for key, value in query.items()}
        async with self.session.request(method, self.url + path, data=data, headers=headers, params=params) as answer:
            raw = await answer.read()
            return Answer(answer.status, json.loads(raw) if answer.content_type == "application/json" and raw.strip() else raw.decode())

    def path(self, word: str, name: str = "", sub: str = "") -> str:
        """Return the path of our objects of a kind, or of one."""
        api = KNOWN.get(word, "")
        return item(api, self.space, name, sub) if name else collection(api, self.space)

    async def get(self, word: str, name: str = "", **query: Any) -> Any:
        """Return an object, or a list, that must be there."""
        answer = await self.ask("GET", self.path(word, name), **query)
        assert answer.status == 200, answer
        return answer.body

    async def make(self, word: str, body: Json) -> Any:
        """Return an object that was made."""
        answer = await self.ask("POST", self.path(word), body)
        assert answer.status == 201, answer
        return answer.body

    async def patch(self, word: str, name: str, patch: Any, kind: str = MERGE) -> Any:
        """Return an object that was patched."""
        answer = await self.ask("PATCH", self.path(word, name), patch, kind)
        assert answer.status == 200, answer
        return answer.body

    async def gone(self, word: str, name: str) -> bool:
        """Tell whether an object is no more."""
        return (await self.ask("GET", self.path(word, name))).status == 404

    async def names(self, word: str, **query: Any) -> list[str]:
        """Return the names of our objects of a kind."""
        return [one["metadata"]["name"] for one in (await self.get(word, **query))["items"]]

    @contextlib.asynccontextmanager
    async def watch(self, path: str, **query: Any) -> AsyncIterator[Watched]:
        """Open a watch."""
        params = {"watch": "true", **{key: str(value) for key, value in query.items()}}
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.session.get(self.url + path, params=params, timeout=timeout) as answer:
            assert answer.status == 200, await answer.text()
            yield Watched(answer)

    async def until(self, check: Callable[[], Awaitable[Any]], what: str) -> Any:
        """Wait until something is true, as long as a real cluster may take, and return it."""
        return await eventually(check, LIMIT, what)

    # ---- in short -----------------------------------------------------------------------------------------------------

    async def ref(self, word: str, name: str) -> Ref:
        """Return the program's reference to an object."""
        return Ref(self.engine.id, f"kubernetes/{word}", self.space, name, (await self.get(word, name))["metadata"]["uid"])

    async def namespace(self, name: str) -> None:
        """Make a namespace that is removed after the test."""
        body = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}
        assert (await self.ask("POST", "/api/v1/namespaces", body)).status == 201
        self.spaces.append(name)

    async def config(self, name: str, labels: Json | None = None, **data: str) -> Any:
        """Return a ConfigMap that was made."""
        return await self.make("configmaps", configmap(name, labels, **data))

    async def deployed(self, word: str, name: str) -> bool:
        """Tell whether a Deployment has reached what it wants."""
        one = await self.get(word, name)
        status, wanted = one.get("status", {}), one["spec"]["replicas"]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")]
        return status.get("observedGeneration") == one["metadata"]["generation"] and counts == [wanted] * 4

    async def pods(self, app: str) -> list[Json]:
        """Return the pods with this label app."""
        return list((await self.get("pods", labelSelector=f"app={app}"))["items"])


class Watched:
    """The lines of a watch."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> tuple[str, Json]:
        """Return the next event; raises EOFError at the end."""
        line = await asyncio.wait_for(self._answer.content.readline(), LIMIT)
        if not line:
            raise EOFError
        event = json.loads(line)
        return event["type"], event["object"]

    async def named(self, name: str) -> tuple[str, Json]:
        """Return the next event about an object."""
        while True:
            word, one = await self.next()
            if one["metadata"].get("name") == name:
                return word, one


# ---- what is made -------------------------------------------------------------------------------------------------------


def configmap(name: str, labels: Json | None = None, **data: str) -> Json:
    """Return a ConfigMap."""
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "labels": labels or {}}, "data": data}


def script(text: str, image: str = "busybox:1", **more: Any) -> Json:
    """Return a container that runs a script, on a node with a real kubelet."""
    return {"name": "main", "image": image, "imagePullPolicy": "IfNotPresent", "command": ["sh", "-c", text], **more}


SERVES = "echo begun; exec httpd -f -p 8080 -h /www"
PROBED = {
    "ports": [{"name": "http", "containerPort": 8080}],
    "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
}


def shape(app: str, container: Json, **more: Any) -> Json:
    """Return a pod template."""
    spec = {"terminationGracePeriodSeconds": 1, "nodeSelector": {"type": "real"}, "containers": [container], **more}
    return {"metadata": {"labels": {"app": app}}, "spec": spec}


def pod(name: str, container: Json, **more: Any) -> Json:
    """Return a pod."""
    made = shape(name, container, **more)
    return {"kind": "Pod", "apiVersion": "v1", **made, "metadata": {"name": name, **made["metadata"]}}


def workload(kind: str, name: str, container: Json | None = None, replicas: int | None = 2, **spec: Any) -> Json:
    """Return a workload whose pods serve a page."""
    body: Json = {"selector": {"matchLabels": {"app": name}}, "template": shape(name, container or script(SERVES, **PROBED)), **spec}
    if replicas is not None:
        body["replicas"] = replicas
    return {"kind": kind, "apiVersion": "apps/v1", "metadata": {"name": name, "labels": {"app": name}}, "spec": body}


def image_of(name: str) -> Json:
    """Return a strategic patch to another image."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": name}]}}}}


# ---- what is seen --------------------------------------------------------------------------------------------------------

BAD = "nowhere.invalid/x:9"


def state(one: Json, place: int = 0) -> tuple[str, Json]:
    """Return the state of a pod's container and what is said of it; ("", {}) while nothing is known."""
    statuses = one["status"].get("containerStatuses") or ()
    return next(iter(statuses[place]["state"].items())) if len(statuses) > place else ("", {})


def is_true(one: Json, kind: str) -> bool:
    """Tell whether a condition holds."""
    return any(said["type"] == kind and said["status"] == "True" for said in one["status"].get("conditions") or ())


async def in_state(kube: Bed, name: str, word: str, reason: str = "") -> Json:
    """Wait until a pod's container is in a state, and return the pod."""

    async def there() -> Json | None:
        one: Json = await kube.get("pods", name)
        found, said = state(one)
        return one if found == word and reason in {"", said.get("reason")} else None

    return dict(await kube.until(there, f"{name} to be {word} {reason}"))


async def reasons(kube: Bed, word: str, name: str) -> list[str]:
    """Return the reasons of what was said about an object."""
    return [event.reason for event in await kube.engine.events(await kube.ref(word, name))]


async def web(kube: Bed, replicas: int = 2, **spec: Any) -> None:
    """Make a deployment that serves, and wait for it."""
    await kube.make("deployments", workload("Deployment", "web", replicas=replicas, **spec))
    await kube.until(lambda: kube.deployed("deployments", "web"), "the deployment")


# ---- the clusters -------------------------------------------------------------------------------------------------------


def _settled(world: KubernetesWorld) -> None:
    """Give the nodes the label by which the tests find one with a kubelet."""
    for node in world.cluster.storage.items(NODES):
        if not node["spec"].get("taints"):
            world.cluster.set_meta(NODES, node, labels={**node["metadata"]["labels"], "type": "real"})


async def _real(kubeconfig: Path) -> Bed:
    found = load({"KUBECONFIG": str(kubeconfig)}, Path("/nowhere"))
    access = found.resolve("admin")
    context = ssl.create_default_context(cafile=str(access.authority_file))
    context.load_cert_chain(str(access.certificate_file), str(access.key_file))
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, limit=0))
    return Bed(access.server, session, KubernetesEngine(found, "admin", Gate()), None)


async def _demo(world: KubernetesWorld) -> Bed:
    access = Access(context="demo", server=world.url, token="demo", namespace="shop")
    engine = KubernetesEngine(Kubeconfig((), "demo", (), ready={"demo": access}), "demo", Gate())
    return Bed(world.url, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)), engine, world)


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.real)])
async def kube(request: pytest.FixtureRequest) -> AsyncIterator[Bed]:
    """Give a cluster with an empty namespace; after the test the namespace is removed."""
    world: KubernetesWorld | None = None
    if request.param == "real":
        made = await _real(Path(request.getfixturevalue("kube_world")))
        await _label_real(made)
    else:
        world = KubernetesWorld(speed=SPEED, story=machines)
        await world.start()
        _settled(world)
        made = await _demo(world)
    try:
        await made.namespace(made.space)
        await made.until(lambda: _is_furnished(made), "the namespace's account and its root certificate")
        yield made
        if world is None:
            for name in made.spaces:
                await made.ask("DELETE", f"/api/v1/namespaces/{name}")
    finally:
        await made.engine.close()
        await made.session.close()
        if world is not None:
            await world.stop()


async def _is_furnished(bed: Bed) -> bool:
    """Tell whether two controllers, each in its own time, have put into a new namespace what every namespace has."""
    wanted = (bed.path("serviceaccounts", "default"), bed.path("configmaps", "kube-root-ca.crt"))
    return all([(await bed.ask("GET", path)).status == 200 for path in wanted])


async def _label_real(bed: Bed) -> None:
    """See to it that the node with the kubelet can be chosen."""
    answer = await bed.ask("GET", "/api/v1/nodes/real")
    if answer.status != 200:
        pytest.skip("the cluster has no node with a real kubelet (that needs root)")
    if answer.body["metadata"]["labels"].get("type") != "real":
        await bed.ask("PATCH", "/api/v1/nodes/real", {"metadata": {"labels": {"type": "real"}}}, MERGE)
