"""Every cell of every Kubernetes kind against what `kubectl get -o wide` prints, in a random world of good and bad objects."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.real.test_kubernetes_engine import Cluster, until
from tui.engines.gate import Gate
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.facts import LogOptions, Ref, Topic
from tui.kinds import kinds
from tui.model import Kind
from tui.store import Shelf, Store
from tui.values import text_of

pytestmark = pytest.mark.real
SEED = 20_260
WORDS = (
    "pods", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "configmaps", "secrets", "services",
    "ingresses", "events", "namespaces", "nodes", "pods",  # and the pods again, when the world has gone on
)  # fmt: skip
ODD = ("a", "A-b.c_d", "0", "x" * 63, "", "true", "null")
IMAGE = "nginx:1.7.9"  # in the test cluster it holds a shell and small tools


def container(name: str, script: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "image": IMAGE, "imagePullPolicy": "IfNotPresent", "command": ["sh", "-c", script], **more}


RECIPES: dict[str, dict[str, Any]] = {
    "sleeps": {"containers": [container("main", "sleep 1000")]},
    "two": {"containers": [container("first", "echo first; sleep 1000"), container("second", "echo second; sleep 1000")]},
    "crashes": {"containers": [container("api", "sleep 1; exit 3")]},
    "fails": {"containers": [container("api", "exit 7")], "restartPolicy": "Never"},
    "killed": {"containers": [container("api", "kill -9 $$")], "restartPolicy": "Never"},
    "done": {"containers": [container("api", "true")], "restartPolicy": "Never"},
    "half-done": {"containers": [container("ends", "true"), container("stays", "sleep 1000")], "restartPolicy": "Never"},
    "no-image": {"containers": [{"name": "api", "image": "nginx:nope"}]},
    "bad-name": {"containers": [{"name": "api", "image": "UPPER/case:!"}]},
    "never-pulled": {"containers": [{"name": "api", "image": "absent:1", "imagePullPolicy": "Never"}]},
    "no-command": {"containers": [{**container("api", ""), "command": ["/not/there"]}]},
    "no-config": {"containers": [container("api", "sleep 1000", envFrom=[{"configMapRef": {"name": "absent"}}])]},
    "not-ready": {"containers": [container("api", "sleep 1000", readinessProbe={"exec": {"command": ["false"]}, "periodSeconds": 1})]},
    "memory": {"containers": [container("api", "tail /dev/zero", resources={"limits": {"memory": "24Mi"}})]},
    "init": {"initContainers": [container("one", "true"), container("two", "sleep 1000")], "containers": [container("api", "sleep 1")]},
    "init-crash": {"initContainers": [container("one", "sleep 1; exit 4")], "containers": [container("api", "sleep 1000")]},
    "init-error": {"initContainers": [container("one", "exit 4")], "containers": [container("api", "true")], "restartPolicy": "Never"},
    "init-image": {"initContainers": [{"name": "one", "image": "nginx:nope"}], "containers": [container("api", "true")]},
    "sidecar": {
        "initContainers": [container("beside", "sleep 1000", restartPolicy="Always"), container("after", "true")],
        "containers": [container("api", "sleep 1000")],
    },
    "sidecar-crash": {
        "initContainers": [container("beside", "sleep 2; exit 1", restartPolicy="Always")], "containers": [container("api", "sleep 1000")],
    },
    "gated": {"schedulingGates": [{"name": "example.com/wait"}], "containers": [container("api", "true")]},
    "too-large": {"containers": [container("api", "true", resources={"requests": {"cpu": "4000"}})]},
    "gates": {"readinessGates": [{"conditionType": "example.com/a"}], "containers": [container("api", "sleep 1000")]},
    "late": {"activeDeadlineSeconds": 3, "containers": [container("api", "sleep 1000")]},
}  # fmt: skip
FAKE = {"nodeSelector": {"type": "fake"}, "tolerations": [{"operator": "Exists"}]}


def thing(api: str, kind: str, name: str, body: dict[str, Any], labels: dict[str, str] | None = None, **meta: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": labels or {}, **meta}, **body}


def world(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the objects of a random world."""
    for name, spec in RECIPES.items():
        labels = {f"odd-{index}": dice.choice(ODD) for index in range(dice.randrange(3))}
        yield thing("v1", "Pod", name, {"spec": {"terminationGracePeriodSeconds": 0, **spec}}, labels)
    yield thing("v1", "Pod", "held", {"spec": RECIPES["sleeps"]}, finalizers=["example.com/hold"])
    for index in range(4):
        labels = {"app": f"web-{index}", "odd": dice.choice(ODD)}
        recipe = RECIPES[dice.choice(("sleeps", "two", "crashes", "no-image", "sidecar"))] if index % 2 else {**RECIPES["two"], **FAKE}
        more = [{"key": "odd", "operator": dice.choice(("Exists",))}, {"key": "never", "operator": "DoesNotExist"}]
        more += [
            {"key": "app", "operator": "In", "values": [f"web-{index}", "a"]},
            {"key": "odd", "operator": "NotIn", "values": ["z", "q"]},
        ]
        selector = {"matchLabels": {"app": f"web-{index}"}, "matchExpressions": dice.sample(more, index)}
        spec = {
            "replicas": dice.randrange(4), "selector": selector,
            "template": {"metadata": {"labels": labels}, "spec": recipe},
        }  # fmt: skip
        yield thing("apps/v1", "Deployment", f"web-{index}", {"spec": spec}, labels)
    for kind, more in (("StatefulSet", {"replicas": dice.randrange(1, 4), "serviceName": "db"}), ("DaemonSet", {})):
        name = kind.lower()
        template = {"metadata": {"labels": {"set": name}}, "spec": {**RECIPES["two"], **FAKE}}
        yield thing("apps/v1", kind, name, {"spec": {**more, "selector": {"matchLabels": {"set": name}}, "template": template}})
    for name, recipe, more in (
        ("done", "done", {}), ("fails", "fails", {"backoffLimit": 0}), ("many", "done", {"completions": 3, "parallelism": 2}),
        ("queue", "done", {"completions": None, "parallelism": 3}), ("asleep", "done", {"suspend": True}), ("runs", "half-done", {}),
    ):  # fmt: skip
        body = {"template": {"spec": RECIPES[recipe]}, **more}
        yield thing("batch/v1", "Job", name, {"spec": {key: value for key, value in body.items() if value is not None}})
    job = {"spec": {"template": {"spec": RECIPES["done"]}}}
    yield thing("batch/v1", "CronJob", "each-minute", {"spec": {"schedule": "* * * * *", "jobTemplate": job}})
    yield thing(
        "batch/v1", "CronJob", "new-year", {"spec": {"schedule": "0 0 1 1 *", "timeZone": "Etc/UTC", "suspend": True, "jobTemplate": job}}
    )
    yield from services()
    rules = [{"host": f"{letter}.example.com"} for letter in "abcde"[: dice.randrange(6)]] or [{"host": ""}]
    backend = {"service": {"name": "plain", "port": {"number": 80}}}
    yield thing("networking.k8s.io/v1", "Ingress", "door", {"spec": {"defaultBackend": backend, "rules": rules}})
    yield thing("networking.k8s.io/v1", "Ingress", "safe", {"spec": {"defaultBackend": backend, "ingressClassName": "x", "tls": [{}]}})
    for index in range(4):
        keys = {f"key.{number}": dice.choice(("", "1", "many\nlines\n")) for number in range(dice.randrange(4))}
        yield thing("v1", "ConfigMap", f"config-{index}", {"data": keys, "binaryData": {"raw": "AAEC"} if index % 2 else {}})
        yield thing("v1", "Secret", f"secret-{index}", {"stringData": keys, "type": dice.choice(("Opaque", "example.com/own"))})


def services() -> Iterator[dict[str, Any]]:
    port, named = {"port": 80, "name": "a"}, {"port": 53, "name": "b", "protocol": "UDP", "targetPort": "dns"}
    yield thing("v1", "Service", "plain", {"spec": {"ports": [port, named], "selector": {"app": "web-0", "odd": "a"}}})
    yield thing("v1", "Service", "headless", {"spec": {"clusterIP": "None", "selector": {"app": "web-1"}}})
    yield thing("v1", "Service", "node-port", {"spec": {"type": "NodePort", "ports": [port, named]}})
    yield thing("v1", "Service", "by-hand", {"spec": {"ports": [port], "externalIPs": ["192.0.2.1", "192.0.2.2"]}})
    yield thing("v1", "Service", "waits", {"spec": {"type": "LoadBalancer", "ports": [port]}})
    yield thing("v1", "Service", "balanced", {"spec": {"type": "LoadBalancer", "ports": [port], "externalIPs": ["192.0.2.3"]}})
    yield thing("v1", "Service", "elsewhere", {"spec": {"type": "ExternalName", "externalName": "db.example.com"}})


@pytest.fixture(scope="module")
def cluster(kube_world: Path) -> Iterator[Cluster]:
    """Give a namespace with a random world in it."""
    found = Cluster(kube_world)
    found.kubectl("create", "namespace", found.namespace)
    try:
        items = list(world(random.Random(SEED)))
        found.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        found.kubectl("delete", "pod", "held", "--wait=false")
        given = {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}, {"hostname": "lb.example.com"}, {"ip": "203.0.113.10"}]}}}
        found.kubectl("patch", "service", "balanced", "--subresource=status", "--type=merge", "-p", json.dumps(given))
        yield found
    finally:
        found.kubectl("patch", "pod", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        found.kubectl("delete", "namespace", found.namespace, "--wait=false")


@pytest.fixture
async def engine(cluster: Cluster) -> AsyncIterator[KubernetesEngine]:
    """Give an engine for the cluster."""
    made = KubernetesEngine(cluster.config(), "admin", Gate())
    yield made
    await made.close()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Give a store, empty again afterwards."""
    made = Store(tick=0.01)
    yield made
    await made.close()


async def shelf_of(store: Store, engine: KubernetesEngine, kind: Kind, namespace: str) -> Shelf:
    """Look at a kind and return its shelf once its first listing is in."""
    scope = namespace if kind.namespaced else ""
    store.look(engine, kind, scope, lambda *_: None)
    shelf = store.shelves[Topic(engine.id, kind.id, scope)]
    await until(lambda: shelf.loaded, f"the listing of {kind.id}")
    return shelf


def printed(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return kubectl's header and its rows by name, cut at the columns' offsets."""
    head, *lines = text.splitlines()
    starts = [found.start() for found in re.finditer(r"(?:^|(?<=  ))\S", head)]
    spans = list(zip(starts, [*starts[1:], None], strict=True))
    titles = [head[start:end].strip() for start, end in spans]
    rows = [[line[start:end].strip() for start, end in spans] for line in lines]
    return titles, {row[titles.index("NAME")]: row for row in rows}


def ours(kind: Kind, shelf: Shelf) -> dict[str, list[str]]:
    """Return our rows by name."""
    now = datetime.now(UTC)
    return {row.name: [text_of(column.value(row), now).strip() for column in kind.columns] for row in shelf.objects.values()}


@pytest.mark.parametrize("word", WORDS)
async def test_every_cell_is_what_kubectl_prints(cluster, engine, store, word):
    kind = kinds()[f"kubernetes/{word}"]
    shelf = await shelf_of(store, engine, kind, cluster.namespace)
    differences: list[Any] = ["never compared"]

    async def same() -> bool:
        before = ours(kind, shelf)
        text = await asyncio.to_thread(cluster.kubectl, "get", word, "-o", "wide")
        after = ours(kind, shelf)
        titles, rows = printed(text)
        assert titles == [column.title.upper() for column in kind.columns]
        differences[:] = [(rows.keys() ^ after.keys())] if rows.keys() != after.keys() else []
        for name in rows.keys() & after.keys() & before.keys():
            for title, theirs, first, last in zip(titles, rows[name], before[name], after[name], strict=True):
                if theirs not in (first, last):
                    differences.append((name, title, theirs, last))
        return not differences

    for _ in range(3):  # while the world goes on: as it starts, and later
        try:
            await until(same, word, 40)
        except pytest.fail.Exception:
            pytest.fail(f"{word}: {differences[:10]}")


async def test_a_tone_and_a_sentence_for_every_row(cluster, engine, store):
    """What is wrong is said in a sentence; no column, fact or owner stumbles over a real object."""
    for word in WORDS:
        kind = kinds()[f"kubernetes/{word}"]
        shelf = await shelf_of(store, engine, kind, cluster.namespace)
        for row in list(shelf.objects.values())[:40]:
            full = await engine.fetch(Ref(engine.id, kind.id, row.namespace, row.name, row.uid)) if word != "events" else None
            kind.tone(row)
            found = kind.trouble(row)
            assert found is None or found.cause, (word, row.name, found)
            assert kind.facts(row, full)
            kind.owners(row)


async def test_containers_of_a_pod_and_the_log_of_its_second_one(cluster, engine, store):
    kind = kinds()["kubernetes/containers"]
    shelf = await shelf_of(store, engine, kind, cluster.namespace)
    pods = json.loads(cluster.kubectl("get", "pods", "-o", "json"))["items"]
    wanted = {
        (pod["metadata"]["uid"], item["name"], item["image"])
        for pod in pods
        for key in ("containers", "initContainers")
        for item in pod["spec"].get(key, ())
    }
    await until(lambda: wanted <= {(row.pod_uid, row.name, row.asked.image) for row in shelf.objects.values()}, "a row per container")
    second = next(row for row in shelf.objects.values() if row.name == "second" and row.metadata.name == "two")
    ref = Ref(engine.id, kind.id, second.namespace, second.name, second.uid)
    assert (await engine.fetch(ref))["metadata"]["name"] == "two"
    assert any(event.reason == "Scheduled" for event in await engine.events(ref))

    async def lines() -> list[str]:
        return [line.text async for batch in engine.logs(ref, LogOptions(follow=False)) for line in batch]

    await until(lambda: second.uid in shelf.objects and shelf.objects[second.uid].doing.started, "the second container")
    assert await until(lines, "its log") == ["second"]
