"""The Kubernetes engine's verbs on the demo's API, told what to say: bound to what was seen, and never done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kubernetes_trial import PODS, Pod, Told
from tests.told_kubernetes import KubernetesServer, listing, pod, says, status, stream
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.kubeconfig import Kubeconfig
from tui.engines.kubernetes.selectors import selector_of
from tui.facts import Conflict, Denied, Expired, LogOptions, Missing, Ref, State, Unreachable, Unsupported
from tui.model import Kind

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KIND = Kind("kubernetes/pods", "Pods", "pod", (), api="v1/pods", type=Pod, namespaced=True)
APPS = "/apis/apps/v1/namespaces/default"
WEB = f"{APPS}/deployments/web"
REF = Ref("kubernetes:trial", "kubernetes/deployments", "default", "web", "uid-web")


@pytest.fixture
async def server() -> AsyncIterator[KubernetesServer]:
    async with KubernetesServer() as it:
        yield it


@pytest.fixture
async def engine(server: KubernetesServer) -> AsyncIterator[KubernetesEngine]:
    it = engine_of(server)
    yield it
    await it.close()


def engine_of(server: KubernetesServer, *, read_only: bool = False) -> KubernetesEngine:
    access = Access(context="trial", server=server.url, user="me", namespace="team")
    return KubernetesEngine(Kubeconfig((), "trial", (), ready={"trial": access}), "trial", Gate(read_only), lambda: NOW)


def deployment(image: str = "a:2", **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": image}]}}
    meta = {"name": "web", "uid": "uid-web", "annotations": {"deployment.kubernetes.io/revision": "2", "mine": "new"}}
    return {"metadata": meta, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template, **spec}}


def replicaset(number: int, image: str, owner: str = "uid-web") -> dict[str, Any]:
    it = deployment(image)
    it["metadata"] = {
        "name": f"web-{number}",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "annotations": {"deployment.kubernetes.io/revision": str(number), "kubernetes.io/change-cause": f"cause {number}"},
        "ownerReferences": [{"uid": owner, "controller": True}],
    }
    it["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = "abc"
    return it


async def test_connect_fills_in_about_also_in_read_only_mode(server: KubernetesServer) -> None:
    engine = engine_of(server, read_only=True)
    server.on("/version", says({"gitVersion": "v1.34.4"}))
    server.on("/apis/authentication.k8s.io/v1/selfsubjectreviews", says({"status": {"userInfo": {"username": "ann"}}}), method="POST")
    assert engine.about.user == "me"
    await engine.connect()
    about = engine.about
    assert (about.server, about.version, about.user, about.namespace) == (server.url, "v1.34.4", "ann", "team")
    assert about.insecure == ""  # plain http, but to this machine
    assert engine.health.state is State.LIVE
    await engine.close()


async def test_a_server_too_old_to_say_who_we_are_leaves_the_kubeconfigs_word(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on("/version", says({"gitVersion": "v1.24.0"}))
    server.on("/apis/authentication.k8s.io/v1/selfsubjectreviews", status(404), method="POST")
    await engine.connect()
    assert engine.about.user == "me"


async def test_connect_says_why_not(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on("/version", status(401))
    with pytest.raises(Expired):
        await engine.connect()
    assert engine.health.state is State.EXPIRED
    await server.close()
    with pytest.raises(Unreachable):
        await engine.connect()
    assert engine.health.state is State.RETRYING
    broken = KubernetesEngine(Kubeconfig((), "", ()), "none", Gate())
    with pytest.raises(Missing):
        await broken.connect()
    assert broken.about.context == "none"
    await broken.close()


async def test_a_watch_feeds_and_ends_with_its_task(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on(PODS, listing(pod("a")))
    server.watch(PODS, stream())
    told = Told()
    task = asyncio.create_task(engine.watch(KIND, "default", told.feed))
    await told.until(lambda: State.LIVE in told.states)
    assert told.names == ["a"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with pytest.raises(Unsupported):
        await engine.watch(Kind("kubernetes/x", "Xs", "x", ()), "", told.feed)


async def test_fetch_refuses_a_namesake(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on(WEB, says(deployment()))
    assert (await engine.fetch(REF))["metadata"]["uid"] == "uid-web"
    with pytest.raises(Missing, match="another of that name"):
        await engine.fetch(Ref(REF.engine, REF.kind, REF.namespace, REF.name, "older"))
    with pytest.raises(Unsupported):
        await engine.fetch(Ref(REF.engine, "kubernetes/widgets", "", "x", ""))


def scale_of(replicas: int, version: str = "1", uid: str = "uid-web") -> Any:
    return says({"kind": "Scale", "metadata": {"name": "web", "uid": uid, "resourceVersion": version}, "spec": {"replicas": replicas}})


async def test_scale_sends_the_version_it_read_and_tries_again_only_if_the_count_is_unchanged(
    server: KubernetesServer, engine: KubernetesEngine
) -> None:
    path = f"{WEB}/scale"
    server.on(path, scale_of(2, "7"), scale_of(2, "8"))
    server.on(path, status(409, "Conflict", "modified"), says({}), method="PUT")
    await engine.scale(REF, 5, 2)
    sent = [said.json() for said in server.asked(path, method="PUT")]
    assert [(it["metadata"]["resourceVersion"], it["spec"]["replicas"]) for it in sent] == [("7", 5), ("8", 5)]
    assert server.asked(path, method="PUT")[0].query == {"fieldManager": "pilothouse"}
    server.on(path, scale_of(2, "9"), scale_of(4, "10"))
    server.on(path, status(409, "Conflict", "modified"), method="PUT")
    with pytest.raises(Conflict, match="4 replicas now, no longer 2"):
        await engine.scale(REF, 5, 2)
    server.on(path, scale_of(2, "1", "another"))
    with pytest.raises(Conflict, match="replaced"):
        await engine.scale(REF, 5, 2)
    assert len(server.asked(path, method="PUT")) == 3
    with pytest.raises(Unsupported):
        await engine.scale(Ref(REF.engine, "kubernetes/daemonsets", "default", "web", "x"), 1, 0)


async def test_restart_is_kubectls_annotation_bound_to_the_uid(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on(WEB, says(deployment()))
    server.on(WEB, says({}), method="PATCH")
    await engine.restart(REF)
    sent = server.asked(WEB, method="PATCH")[0]
    assert sent.headers["Content-Type"] == "application/strategic-merge-patch+json"
    assert sent.json() == {
        "metadata": {"uid": "uid-web"},
        "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-02T03:04:05Z"}}}},
    }
    server.on(WEB, says(deployment(paused=True)))
    with pytest.raises(Conflict, match="paused"):
        await engine.restart(REF)
    with pytest.raises(Unsupported):
        await engine.restart(Ref(REF.engine, "kubernetes/pods", "default", "a", "x"))


async def test_remove_names_the_uid_and_how(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on(WEB, says({}), method="DELETE")
    await engine.remove(REF, force=True, propagation="Foreground")
    assert server.asked(WEB)[0].json() == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Foreground",
        "preconditions": {"uid": "uid-web"},
        "gracePeriodSeconds": 0,
    }
    await engine.remove(REF)
    assert "gracePeriodSeconds" not in server.asked(WEB)[1].json()


async def test_read_only_refuses_every_verb_before_it_is_sent(server: KubernetesServer) -> None:
    engine = engine_of(server, read_only=True)
    server.on(WEB, says(deployment()))
    server.on(f"{WEB}/scale", scale_of(1))
    server.on(f"{APPS}/replicasets", listing(replicaset(1, "a:1"), replicaset(2, "a:2")))
    for verb in (engine.scale(REF, 2, 1), engine.restart(REF), engine.remove(REF), engine.rollback(REF, 1)):
        with pytest.raises(Denied, match="read-only"):
            await verb
    assert {said.method for said in server.requests} == {"GET"}
    await engine.close()


async def test_a_deployment_goes_back_as_kubectl_would(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on(WEB, says(deployment()))
    server.on(WEB, says({}), method="PATCH")
    server.on(f"{APPS}/replicasets", listing(replicaset(1, "a:1"), replicaset(2, "a:2"), replicaset(9, "x", "stranger")))
    found = await engine.revisions(REF)
    assert [(it.number, it.current, it.images, it.note) for it in found] == [
        (2, True, ("a:2",), "cause 2"),
        (1, False, ("a:1",), "cause 1"),
    ]
    await engine.rollback(REF, 1)
    sent = server.asked(WEB, method="PATCH")[0]
    assert sent.headers["Content-Type"] == "application/json-patch+json"
    test, template, notes = sent.json()
    assert test == {"op": "test", "path": "/metadata/uid", "value": "uid-web"}
    assert template["value"] == deployment("a:1")["spec"]["template"]
    assert notes["value"] == {"deployment.kubernetes.io/revision": "2", "kubernetes.io/change-cause": "cause 1"}
    for number, error, words in ((2, Conflict, "already"), (5, Missing, "no revision 5")):
        with pytest.raises(error, match=words):
            await engine.rollback(REF, number)
    server.on(WEB, says(deployment(paused=True)))
    with pytest.raises(Conflict, match="paused"):
        await engine.rollback(REF, 1)


async def test_events_are_found_by_uid_and_those_of_nodes_by_name(server: KubernetesServer, engine: KubernetesEngine) -> None:
    items = [
        {"reason": "Late", "type": "Warning", "message": "m", "eventTime": "2026-01-01T00:00:02.123456Z", "series": {"count": 4}},
        {"reason": "Early", "type": "Normal", "count": 3, "lastTimestamp": "2026-01-01T00:00:01Z", "source": {"component": "kubelet"}},
        {"reason": "Bare", "metadata": {"creationTimestamp": None}, "firstTimestamp": None},
    ]
    server.on("/api/v1/namespaces/default/events", says({"items": items}))
    found = await engine.events(REF)
    assert [(it.reason, it.count, it.warning) for it in found] == [("Bare", 1, True), ("Early", 3, False), ("Late", 4, True)]
    assert server.requests[0].query["fieldSelector"] == "involvedObject.uid=uid-web"
    server.on("/api/v1/events", says({"items": None}))
    assert await engine.events(Ref(REF.engine, "kubernetes/nodes", "", "n1", "u")) == []
    assert server.requests[1].query["fieldSelector"] == "involvedObject.kind=Node,involvedObject.name=n1"


async def test_logs_of_a_workload_are_those_of_its_pods(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on(WEB, says(deployment()))
    both = [pod("a"), pod("b")]
    for it in both:
        it["spec"] = {"containers": [{"name": "main"}]}
        path = f"{PODS}/{it['metadata']['name']}"
        server.on(path, says(it))
        server.on(f"{path}/log", stream(b"2026-01-01T00:00:00Z hello\n", end="close", kind="text/plain"))
    server.on(PODS, listing(*both))
    lines = [line async for batch in engine.logs(REF, LogOptions(follow=False)) for line in batch]
    assert sorted((line.source, line.text) for line in lines) == [("a", "hello"), ("b", "hello")]
    with pytest.raises(Unsupported):
        engine.logs(Ref(REF.engine, "kubernetes/secrets", "default", "x", ""), LogOptions())


async def test_a_followed_workload_takes_in_pods_made_later_and_ends_clean(server: KubernetesServer, engine: KubernetesEngine) -> None:
    server.on(WEB, says(deployment()))
    late = pod("late", 11)
    late["spec"] = {"containers": [{"name": "main"}]}
    server.on(PODS, listing())
    server.watch(PODS, stream(b'{"type":"ADDED","object":%s}\n' % __import__("json").dumps(late).encode()))
    server.on(f"{PODS}/late", says(late))
    server.on(f"{PODS}/late/log", stream(b"2026-01-01T00:00:00Z hello\n", kind="text/plain"))
    batches = engine.logs(REF, LogOptions())
    first = await anext(batches)
    assert [(line.source, line.text) for line in first] == [("late", "hello")]
    await batches.aclose()  # type: ignore[attr-defined]
    assert not [task for task in asyncio.all_tasks() if "log" in task.get_name()]


async def test_can_asks_and_takes_silence_for_yes(server: KubernetesServer, engine: KubernetesEngine) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    server.on(path, says({"status": {"allowed": False}}), status(500), method="POST")
    assert not await engine.can("delete", "pods", "default")
    assert await engine.can("delete", "pods", "default")


def test_selectors_are_written_as_queries_have_them() -> None:
    terms = [
        {"key": "tier", "operator": "In", "values": ["b", "a"]},
        {"key": "old", "operator": "NotIn", "values": ["x"]},
        {"key": "here", "operator": "Exists"},
        {"key": "gone", "operator": "DoesNotExist"},
    ]
    body = {"spec": {"selector": {"matchLabels": {"app": "web"}, "matchExpressions": terms}}}
    assert selector_of("deployments", body) == "app=web,tier in (a,b),old notin (x),here,!gone"
    assert selector_of("services", {"spec": {"selector": {"app": "web"}}}) == "app=web"
