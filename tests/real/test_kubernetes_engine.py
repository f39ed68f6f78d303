"""The Kubernetes engine against a real API server, kubelet and controllers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tui.engines.gate import Gate
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.forward import open_forward
from tui.engines.kubernetes.kubeconfig import Kubeconfig, load
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Conflict, Delta, Denied, EngineError, Expired, LogOptions, Missing, Ref, State, Topic, Unreachable
from tui.model import Kind
from tui.store import Shelf, Store

pytestmark = pytest.mark.real


class _Status(msgspec.Struct, gc=False):
    phase: str = ""


class Pod(KubeObject, gc=False):
    """Just enough of a pod."""

    status: _Status = msgspec.field(default_factory=_Status)


PODS = Kind("kubernetes/pods", "Pods", "pod", (), api="v1/pods", type=Pod, namespaced=True)

SERVER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}, annotations: {kubernetes.io/change-cause: first}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: nginx:1.7.9
        imagePullPolicy: IfNotPresent
        command: [sh, -c, "echo begun; echo '{\\"code\\":500}'; exec httpd -f -p 8080 -h /www"]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: page, port: 80, targetPort: http}]}
"""

STATEFUL = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 1
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      nodeSelector: {type: fake}
      tolerations: [{operator: Exists}]
      containers: [{name: main, image: "db:1"}]
"""


async def until(true: Callable[[], Any | Awaitable[Any]], what: str, seconds: float = 60) -> Any:
    """Wait for a condition; its value is returned."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                value = true()
                if asyncio.iscoroutine(value):
                    value = await value
                if value:
                    return value
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"waited {seconds} s for {what}")


class Cluster:
    """A namespace of our own in the cluster, with kubectl as the second pair of eyes."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self.namespace = f"engine-{uuid.uuid4().hex[:8]}"

    def kubectl(self, *words: str, stdin: str = "") -> str:
        own = ["--kubeconfig", str(self.kubeconfig), "--context", "admin", "-n", self.namespace]
        done = subprocess.run([kubectl_program(), *own, *words], input=stdin, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def config(self) -> Kubeconfig:
        return load({"KUBECONFIG": str(self.kubeconfig)}, Path("/nowhere"))

    def ref(self, word: str, name: str) -> Ref:
        uid = self.kubectl("get", word, name, "-o", "jsonpath={.metadata.uid}")
        return Ref("kubernetes:admin", f"kubernetes/{word}", self.namespace, name, uid)


def kubectl_program() -> str:
    """Return kubectl as it was built with the cluster, else whichever is in PATH."""
    folder = os.environ.get("PILOTHOUSE_TESTBED_BIN", "") or str(Path(__file__).parents[2] / ".cache" / "kubebin")
    built = Path(folder) / "kubectl"
    return str(built) if built.exists() else "kubectl"


@pytest.fixture
def cluster(kube_world: Path) -> Iterator[Cluster]:
    it = Cluster(kube_world)
    it.kubectl("create", "namespace", it.namespace)
    try:
        yield it
    finally:
        it.kubectl("delete", "namespace", it.namespace, "--wait=false")


@pytest.fixture
async def engine(cluster: Cluster) -> AsyncIterator[KubernetesEngine]:
    it = KubernetesEngine(cluster.config(), "admin", Gate())
    yield it
    await it.close()


@pytest.fixture
async def shelf(cluster: Cluster, engine: KubernetesEngine) -> AsyncIterator[Shelf]:
    store = Store(tick=0.01)
    store.look(engine, PODS, cluster.namespace, lambda _, __: None)
    yield store.shelves[Topic(engine.id, PODS.id, cluster.namespace)]
    await store.close()


async def web(cluster: Cluster) -> Ref:
    cluster.kubectl("apply", "-f", "-", stdin=SERVER)
    await asyncio.to_thread(cluster.kubectl, "rollout", "status", "deployment/web", "--timeout=90s")
    return cluster.ref("deployments", "web")


async def test_connect_tells_server_version_user_and_namespace(engine: KubernetesEngine) -> None:
    await engine.connect()
    about = engine.about
    assert about.version.startswith("v1.")
    assert about.user == "admin"
    assert about.namespace == "default"
    assert about.server.startswith("https://")
    assert about.insecure == ""
    assert "default" in await engine.namespaces()
    assert await engine.can("delete", "pods", "default")


async def test_a_watch_sees_a_pod_made_changed_and_deleted(cluster: Cluster, shelf: Shelf) -> None:
    await until(lambda: shelf.health.state is State.LIVE and shelf.loaded, "a live watch")
    manifest = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"nodeName":"fake-0",
        "tolerations":[{"operator":"Exists"}],"containers":[{"name":"a","image":"x"}]}}"""
    cluster.kubectl("apply", "-f", "-", stdin=manifest)
    await until(lambda: [pod.name for pod in shelf.objects.values()] == ["p"], "the pod")
    await until(lambda: [pod.status.phase for pod in shelf.objects.values() if isinstance(pod, Pod)] == ["Running"], "the pod running")
    cluster.kubectl("label", "pod", "p", "colour=blue")
    await until(lambda: [dict(pod.labels) for pod in shelf.objects.values()] == [{"colour": "blue"}], "the label")
    cluster.kubectl("delete", "pod", "p", "--grace-period=0", "--force")
    await until(lambda: not shelf.objects, "no pod")


@pytest.mark.parametrize(
    ("context", "error", "state"),
    [("nobody", Denied, State.FORBIDDEN), ("expired", Expired, State.EXPIRED), ("gone", Unreachable, State.RETRYING)],
)
async def test_each_bad_context_says_what_is_wrong(cluster: Cluster, context: str, error: type[Exception], state: State) -> None:
    engine = KubernetesEngine(cluster.config(), context, Gate())
    told: list[Delta] = []
    task = asyncio.create_task(engine.watch(PODS, cluster.namespace, told.append))
    try:
        await until(lambda: any(getattr(delta, "state", None) is state for delta in told), f"{state}")
        with pytest.raises(error):
            await engine.namespaces()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.close()


async def test_a_viewer_may_look_and_is_told_why_not_to_write(cluster: Cluster) -> None:
    cluster.kubectl("apply", "-f", "-", stdin=STATEFUL)
    engine = KubernetesEngine(cluster.config(), "viewer", Gate())
    ref = cluster.ref("statefulsets", "db")
    assert (await engine.fetch(ref))["metadata"]["name"] == "db"
    assert not await engine.can("patch", "statefulsets", cluster.namespace, group="apps", sub="scale")
    with pytest.raises(Denied, match='User "viewer" cannot'):
        await engine.remove(ref)
    await engine.close()


async def test_scale_restart_and_delete_are_bound_to_what_was_seen(cluster: Cluster, engine: KubernetesEngine) -> None:
    cluster.kubectl("apply", "-f", "-", stdin=STATEFUL)
    ref = cluster.ref("statefulsets", "db")
    stranger = Ref(ref.engine, ref.kind, ref.namespace, ref.name, "00000000-0000-0000-0000-000000000000")
    await engine.scale(ref, 3, 1)
    assert cluster.kubectl("get", "sts", "db", "-o", "jsonpath={.spec.replicas}") == "3"
    with pytest.raises(Conflict, match="3 replicas now"):
        await engine.scale(ref, 5, 1)
    with pytest.raises(Conflict):
        await engine.scale(stranger, 5, 3)
    await engine.restart(ref)
    assert "restartedAt" in cluster.kubectl("get", "sts", "db", "-o", "jsonpath={.spec.template.metadata.annotations}")
    managers = cluster.kubectl("get", "sts", "db", "--show-managed-fields", "-o", "jsonpath={.metadata.managedFields[*].manager}")
    assert "pilothouse" in managers.split()
    with pytest.raises(Missing):
        await engine.restart(stranger)
    with pytest.raises(Conflict):
        await engine.remove(stranger)
    await engine.remove(ref, propagation="Foreground")
    await until(lambda: "db" not in cluster.kubectl("get", "sts", "-o", "name"), "the set to be gone")
    with pytest.raises(Missing):
        await engine.remove(ref)


async def test_a_stateful_set_goes_back_to_an_earlier_revision(cluster: Cluster, engine: KubernetesEngine) -> None:
    cluster.kubectl("apply", "-f", "-", stdin=STATEFUL)
    ref = cluster.ref("statefulsets", "db")

    async def numbers() -> list[tuple[int, bool, tuple[str, ...]]]:
        return [(revision.number, revision.current, revision.images) for revision in await engine.revisions(ref)]

    await until(lambda: numbers_are(numbers, [(1, True, ("db:1",))]), "revision 1")
    cluster.kubectl("set", "image", "sts/db", "main=db:2")
    await until(lambda: numbers_are(numbers, [(2, True, ("db:2",)), (1, False, ("db:1",))]), "revision 2")
    await engine.rollback(ref, 1)
    assert cluster.kubectl("get", "sts", "db", "-o", "jsonpath={.spec.template.spec.containers[0].image}") == "db:1"
    await until(lambda: numbers_are(numbers, [(3, True, ("db:1",)), (2, False, ("db:2",))]), "the old one as revision 3")


async def numbers_are(numbers: Callable[[], Awaitable[Any]], wanted: Any) -> bool:
    return bool(await numbers() == wanted)


async def test_a_deployment_goes_back_from_a_half_done_bad_rollout(cluster: Cluster, engine: KubernetesEngine) -> None:
    ref = await web(cluster)
    cluster.kubectl("set", "image", "deployment/web", "main=nowhere.invalid/x:9")
    bad = await until(lambda: two(engine, ref), "a second revision")
    assert [(revision.number, revision.current) for revision in bad] == [(2, True), (1, False)]
    assert bad[1].images == ("nginx:1.7.9",)
    assert bad[1].note == "first"
    assert "pod-template-hash" not in bad[1].template["metadata"]["labels"]
    cluster.kubectl("rollout", "pause", "deployment/web")
    with pytest.raises(Conflict, match="paused"):
        await engine.rollback(ref, 1)
    cluster.kubectl("rollout", "resume", "deployment/web")
    await engine.rollback(ref, 1)
    assert cluster.kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}") == "nginx:1.7.9"
    with pytest.raises(Missing):
        await engine.rollback(ref, 77)


async def two(engine: KubernetesEngine, ref: Ref) -> Any:
    found = await engine.revisions(ref)
    return found if len(found) == 2 else None


async def test_logs_of_a_workload_and_of_a_pod_hold_just_what_was_written(cluster: Cluster, engine: KubernetesEngine) -> None:
    ref = await web(cluster)
    name = cluster.kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
    pod = cluster.ref("pods", name)
    lines = [line async for batch in engine.logs(pod, LogOptions(follow=False)) for line in batch]
    assert [line.text for line in lines] == ["begun", '{"code":500}']
    assert all(line.stamp.startswith("20") and line.stamp.endswith("Z") for line in lines)
    merged = [line async for batch in engine.logs(ref, LogOptions(follow=False)) for line in batch]
    assert [line.source for line in merged] == [name] * 2
    followed: list[str] = []
    async for batch in engine.logs(ref, LogOptions()):
        followed += [line.text for line in batch]
        if len(followed) >= 2:
            break
    assert followed[0] == "begun"
    events = await engine.events(pod)
    assert {"Scheduled", "Started"} <= {event.reason for event in events}
    with pytest.raises(Missing):
        await engine.fetch(Ref(pod.engine, pod.kind, pod.namespace, pod.name, "another"))


async def test_a_follower_gives_the_last_line_without_newline_and_ends_with_the_container(
    cluster: Cluster, engine: KubernetesEngine
) -> None:
    manifest = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"once"},"spec":{"restartPolicy":"Never","containers":[
        {"name":"main","image":"busybox:1","command":["sh","-c","echo one; printf two"]}]}}"""
    cluster.kubectl("apply", "-f", "-", stdin=manifest)
    await asyncio.to_thread(cluster.kubectl, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/once", "--timeout=60s")
    pod = cluster.ref("pods", "once")
    lines = [line.text async for batch in engine.logs(pod, LogOptions()) for line in batch]
    assert lines == ["one", "two"]
    with pytest.raises(Missing):
        [batch async for batch in engine.logs(pod, LogOptions(container="other"))]


async def page(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /index.html HTTP/1.0\r\n\r\n")
    try:
        return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()


async def test_a_forward_outlives_its_pod_its_engine_and_bad_requests(cluster: Cluster, engine: KubernetesEngine) -> None:
    ref = await web(cluster)
    seen: list[str] = []
    forward = await open_forward(engine, ref, "http", changed=lambda it: seen.append(it.state))
    await engine.close()
    try:
        assert (await page(forward.local_port)).endswith(b"hello\n")
        first = forward.pod
        assert first
        assert await asyncio.gather(*(page(forward.local_port) for _ in range(8)))
        assert forward.bytes_in > 0
        assert forward.bytes_out > 0
        cluster.kubectl("delete", "pod", first, "--grace-period=0", "--force")
        await until(lambda: served(forward.local_port), "another pod to serve")
        assert forward.pod != first
        await until(lambda: forward.live == 0, "no connection left")
    finally:
        await forward.close()
    assert seen[-1] == "stopped"


async def served(port: int) -> bool:
    return (await page(port)).endswith(b"hello\n")


async def test_a_forward_to_a_service_a_pod_and_a_closed_port(cluster: Cluster, engine: KubernetesEngine) -> None:
    await web(cluster)
    name = cluster.kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
    for ref, port in ((cluster.ref("services", "web"), 80), (cluster.ref("services", "web"), "page"), (cluster.ref("pods", name), 8080)):
        forward = await open_forward(engine, ref, port)
        assert await served(forward.local_port), f"{ref} {port}"
        await forward.close()
    forward = await open_forward(engine, cluster.ref("pods", name), 9)
    try:
        assert await page(forward.local_port) == b""
        await until(lambda: forward.error, "the reason")
        assert "nothing listens on port 9" in forward.error
        assert forward.state == "degraded"
        with pytest.raises(EngineError, match="cannot listen"):
            await open_forward(engine, cluster.ref("services", "web"), 80, local_port=forward.local_port)
    finally:
        await forward.close()
    with pytest.raises(Denied, match="read-only"):
        await open_forward(KubernetesEngine(cluster.config(), "admin", Gate(read_only=True)), cluster.ref("services", "web"), 80)
