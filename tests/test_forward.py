"""Forwards on the demo's API, told what to say: the listener outlives pods, refusals and the engine it was opened with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.kubernetes_trial import PODS, until
from tests.told_kubernetes import KubernetesServer, drop, event, listing, pod, says, status, stream, tunnel
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.forward import Forward, open_forward
from tui.engines.kubernetes.kubeconfig import Kubeconfig
from tui.facts import Denied, EngineError, Missing, Ref, Unsupported

WEB = "/apis/apps/v1/namespaces/default/deployments/web"
REF = Ref("kubernetes:trial", "kubernetes/deployments", "default", "web", "uid-web")


def ready(name: str, version: int = 1, *, is_ready: bool = True, **meta: object) -> dict[str, Any]:
    it = pod(name, version, **meta)  # type: ignore[arg-type]
    it["spec"] = {"containers": [{"ports": [{"name": "http", "containerPort": 8080}]}]}
    it["status"]["conditions"] = [{"type": "Ready", "status": "True" if is_ready else "False"}]
    return it


def serve_by(name: str) -> Any:
    return tunnel(lambda data: None if data == b"end" else name.encode() + b":" + data)


def at(name: str) -> str:
    return f"{PODS}/{name}/portforward"


@pytest.fixture
async def server() -> AsyncIterator[KubernetesServer]:
    async with KubernetesServer() as it:
        it.on(WEB, says({"metadata": {"uid": "uid-web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}))
        it.watch(PODS, stream())
        for name in "abc":
            it.on(at(name), serve_by(name))
        yield it


def engine_of(server: KubernetesServer, **gate: Any) -> KubernetesEngine:
    config = Kubeconfig((), "trial", (), ready={"trial": Access(context="trial", server=server.url)})
    return KubernetesEngine(config, "trial", Gate(**gate))


async def opened(server: KubernetesServer, port: int | str = "http", ref: Ref = REF, **more: Any) -> Forward:
    engine = engine_of(server)
    forward = await open_forward(engine, ref, port, **more)
    await engine.close()
    return forward


async def say(forward: Forward, *words: bytes) -> bytes:
    """Say the words over a new connection, each after the answer to the one before; return all that came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", forward.local_port)
    heard = b""
    try:
        for word in words:
            writer.write(word)
            heard += await reader.read(1000)
        writer.write(b"end")
        return heard + await reader.read()
    except ConnectionError:
        return heard
    finally:
        writer.close()


async def test_bytes_go_both_ways_and_are_counted(server: KubernetesServer) -> None:
    server.on(PODS, listing(ready("a")))
    seen: list[tuple[str, int]] = []
    forward = await opened(server, changed=lambda it: seen.append((it.state, it.live)))
    assert await say(forward, b"hello", b"you") == b"a:helloa:you"
    await until(lambda: forward.live == 0)
    assert (forward.pod, forward.total, forward.bytes_out, forward.bytes_in) == ("a", 1, 11, 12)
    assert server.asked(at("a"))[0].query["ports"] == "8080"
    assert server.asked(PODS)[0].query["labelSelector"] == "app=web"
    await forward.close()
    assert seen[0] == ("listening", 0)
    assert ("listening", 1) in seen
    assert seen[-1] == ("stopped", 0)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", forward.local_port)


async def test_a_refused_connection_never_ends_the_forward(server: KubernetesServer) -> None:
    server.on(PODS, listing(ready("a")))
    server.on(at("a"), tunnel(lambda data: data, refusal=b"dial tcp4: connect: connection refused"), serve_by("a"))
    forward = await opened(server, 81)
    assert await say(forward, b"x") == b""
    await until(lambda: forward.live == 0)
    assert forward.error == "nothing listens on port 81 in the pod (connection refused)"
    assert forward.state == "degraded"
    assert await say(forward, b"x") == b"a:x"
    await until(lambda: forward.live == 0)
    assert (forward.error, forward.state) == ("", "listening")
    await forward.close()


async def test_when_its_pod_goes_the_next_connection_finds_another(server: KubernetesServer) -> None:
    go = asyncio.Event()
    changes = [event("DELETED", ready("a", 11)), event("MODIFIED", ready("b", 12))]
    server.on(PODS, listing(ready("a"), ready("b", is_ready=False)))
    server.watch(PODS, stream(go, *changes))
    forward = await opened(server)
    assert await say(forward, b"1") == b"a:1"
    go.set()
    await until(lambda: forward._ready() and forward._ready()[0].name == "b")
    assert await say(forward, b"2") == b"b:2"
    await forward.close()


async def test_a_pod_that_cannot_be_reached_is_passed_over_for_three_others(server: KubernetesServer) -> None:
    server.on(PODS, listing(ready("a"), ready("b"), ready("c")))
    server.on(at("a"), status(500, "", "kubelet is gone"))
    server.on(at("b"), drop())
    forward = await opened(server)
    assert await say(forward, b"x") == b"c:x"
    await forward.close()


async def test_without_a_ready_pod_it_says_so_and_waits_for_one(server: KubernetesServer) -> None:
    go = asyncio.Event()
    server.on(PODS, listing(ready("a", is_ready=False)))
    server.watch(PODS, stream(go, event("MODIFIED", ready("a", 11))))
    forward = await opened(server)
    await until(lambda: forward.state == "no ready pod")
    assert await say(forward, b"x") == b""
    go.set()
    await until(lambda: forward._ready())
    assert await say(forward, b"x") == b"a:x"
    await forward.close()


async def test_two_hundred_connections_at_once(server: KubernetesServer) -> None:
    server.on(PODS, listing(ready("a")))
    forward = await opened(server)
    assert await asyncio.gather(*(say(forward, b"%d" % n) for n in range(200))) == [b"a:%d" % n for n in range(200)]
    await until(lambda: forward.live == 0)
    await forward.close()


async def test_a_service_port_is_turned_into_the_pods_port(server: KubernetesServer) -> None:
    ref = Ref("kubernetes:trial", "kubernetes/services", "default", "web", "uid-svc")
    ports = [{"name": "page", "port": 80, "targetPort": "http"}, {"name": "raw", "port": 81, "targetPort": 9000}]
    server.on(
        "/api/v1/namespaces/default/services/web",
        says({"metadata": {"uid": "uid-svc"}, "spec": {"selector": {"app": "web"}, "ports": ports}}),
    )
    server.on(PODS, listing(ready("a")))
    for wanted, number in ((80, "8080"), ("page", "8080"), (81, "9000"), (4000, "4000")):
        forward = await opened(server, wanted, ref)
        await say(forward, b"x")
        assert server.asked(at("a"))[-1].query["ports"] == number
        await forward.close()
    forward = await opened(server, "nothing", ref)
    assert await say(forward, b"x") == b""
    await until(lambda: forward.error)
    assert "no port named 'nothing'" in forward.error
    await forward.close()


async def test_a_bare_pod_is_followed_by_another_of_its_controller(server: KubernetesServer) -> None:
    owner = [{"kind": "ReplicaSet", "name": "web-1", "uid": "uid-rs", "controller": True}]
    a, b, stranger = (ready(name, ownerReferences=owner) for name in "abc")
    stranger["metadata"]["ownerReferences"] = []
    server.on(f"{PODS}/a", says(a))
    server.on("/apis/apps/v1/namespaces/default/replicasets/web-1", says({"spec": {"selector": {"matchLabels": {"app": "web"}}}}))
    server.on(PODS, listing(stranger, b, a))
    go = asyncio.Event()
    server.watch(PODS, stream(go, event("DELETED", a)))
    forward = await opened(server, 80, Ref("kubernetes:trial", "kubernetes/pods", "default", "a", "uid-a"))
    assert await say(forward, b"x") == b"a:x"
    go.set()
    await until(lambda: len(forward._ready()) == 1)
    assert await say(forward, b"x") == b"b:x"
    await forward.close()


async def test_what_cannot_be_forwarded_is_refused_before_anything_listens(server: KubernetesServer) -> None:
    server.on(PODS, listing(ready("a")))
    with pytest.raises(Denied, match="read-only"):
        await open_forward(engine_of(server, read_only=True), REF, 80)
    with pytest.raises(Missing, match="another of that name"):
        await opened(server, 80, Ref(REF.engine, REF.kind, REF.namespace, REF.name, "older"))
    server.on(WEB, says({"metadata": {"uid": "uid-web"}, "spec": {}}))
    with pytest.raises(Unsupported, match="chooses no pods"):
        await opened(server, 80)


async def test_a_taken_local_port_is_said_clearly(server: KubernetesServer) -> None:
    server.on(PODS, listing(ready("a")))
    first = await opened(server)
    with pytest.raises(EngineError, match=f"cannot listen on 127.0.0.1:{first.local_port} .*another local port"):
        await opened(server, local_port=first.local_port)
    await first.close()


async def test_a_slow_reader_stops_the_pod_from_being_read(server: KubernetesServer) -> None:
    sent = 0

    def flood(_: bytes) -> bytes:
        nonlocal sent
        sent += 1
        return b"x" * 1_000_000

    server.on(PODS, listing(ready("a")))
    server.on(at("a"), tunnel(flood))
    forward = await opened(server)
    reader, writer = await asyncio.open_connection("127.0.0.1", forward.local_port, limit=1000)
    for _ in range(60):
        writer.write(b"more")
        await asyncio.sleep(0)
    assert (await reader.readexactly(1000)) == b"x" * 1000
    writer.close()
    await forward.close()
    assert forward.bytes_in < 60_000_000


async def test_closing_ends_live_connections(server: KubernetesServer) -> None:
    server.on(PODS, listing(ready("a")))
    forward = await opened(server)
    reader, writer = await asyncio.open_connection("127.0.0.1", forward.local_port)
    writer.write(b"x")
    assert await reader.read(100) == b"a:x"
    await forward.close()
    assert await reader.read() == b""
    writer.close()
    assert forward.live == 0
