"""Faults that a demo world is told to have: each strikes as it says, and the program gets over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.kubernetes_trial import QUICK, Pod
from tests.waiting import until
from tui.demo.faults import Fault
from tui.demo.kubernetes.resources import PODS
from tui.demo.kubernetes.server import KubernetesWorld
from tui.demo.kubernetes.story import machines
from tui.engines.gate import Gate
from tui.engines.kubernetes import backoff
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.kubeconfig import Kubeconfig
from tui.engines.kubernetes.transport import Transport
from tui.facts import State
from tui.model import Kind
from tui.store import Shelf, Store

KIND = Kind("kubernetes/pods", "Pods", "pod", (), api="v1/pods", type=Pod, namespaced=True)
LIST = "/api/v1/namespaces/kube-system/pods"


@pytest.fixture
async def world() -> AsyncIterator[KubernetesWorld]:
    async with KubernetesWorld(speed=20, story=machines) as it:
        yield it


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as it:
        yield it


@pytest.fixture
async def shelf(world: KubernetesWorld, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shelf]:
    monkeypatch.setattr(backoff, "LEAST", backoff.LEAST / 20)  # as quick as the world's clock
    access = Access(context="demo", server=world.url, token="demo")
    engine = KubernetesEngine(Kubeconfig((), "demo", (), ready={"demo": access}), "demo", Gate())
    engine._open = Transport(access, engine.gate, context="demo", deadlines=QUICK)
    store = Store(tick=0.01)
    store.look(engine, KIND, "kube-system", lambda _, __: None)
    it = next(iter(store.shelves.values()))
    await until(lambda: it.loaded and it.health.state is State.LIVE)
    yield it
    await store.close()
    await engine.close()


@pytest.mark.parametrize(("status", "headers"), [(401, {}), (403, {}), (410, {}), (429, {"Retry-After": "7"}), (503, {})])
async def test_somebody_else_answers_so_often_and_no_more(world, client, status, headers):
    rule = world.faults.add(Fault(LIST, status=status, headers=headers, times=2))
    for _ in range(2):
        async with client.get(world.url + LIST) as answer:
            assert answer.status == status
            assert (await answer.json())["code"] == status
            assert answer.headers.items() >= headers.items()
    async with client.get(world.url + LIST) as answer:
        assert answer.status == 200
    assert rule.met == 2


async def test_a_rule_is_for_a_method_a_path_and_a_question(world, client):
    world.faults.add(Fault("/api/v1/nodes", method="GET", has="watch=true", status=500))
    async with client.get(f"{world.url}/api/v1/nodes") as answer:
        assert answer.status == 200
    async with client.get(f"{world.url}{LIST}?watch=true&timeoutSeconds=1") as answer:
        assert answer.status == 200
    async with client.get(f"{world.url}/api/v1/nodes?watch=true") as answer:
        assert answer.status == 500


async def test_a_connection_is_refused_or_cut(world, client):
    world.faults.add(Fault(LIST, refuse=True, times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.post(world.url + LIST)
    world.faults.add(Fault(LIST, cut=100))
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError)):
        async with client.get(world.url + LIST) as answer:
            await answer.read()


async def test_an_answer_never_comes_or_stops_in_the_middle(world, client):
    world.faults.add(Fault(LIST, hang=True, times=1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await client.get(world.url + LIST)
    world.faults.add(Fault(LIST, stall=200, times=1))
    async with client.get(world.url + LIST) as answer:
        assert answer.status == 200
        assert len(await answer.content.readexactly(200)) == 200
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await answer.content.readany()


async def test_json_is_broken(world, client):
    world.faults.add(Fault(LIST, garble=True))
    async with client.get(world.url + LIST) as answer:
        assert answer.status == 200
        with pytest.raises(ValueError):
            await answer.json()


async def test_a_slow_server_is_slow_by_its_own_clock(world, client):
    world.faults.add(Fault("/version", delay=3600.0))
    asking = asyncio.create_task(client.get(f"{world.url}/version"))
    await until(lambda: world.faults.rules[0].met)
    await asyncio.sleep(0)
    world.clock.skip(3601)
    async with await asking as answer:
        assert answer.status == 200
    world.faults.clear()
    rule = world.faults.add(Fault("/version", pace=100))
    async with client.get(f"{world.url}/version") as answer:
        assert (await answer.json())["major"] == "1"
    assert rule.met == 1


async def test_the_time_of_a_server_is_wrong(world, client):
    world.faults.skew = -86400 * 400
    async with client.get(f"{world.url}/version") as answer:
        wrong = answer.headers["Date"]
    world.faults.clear()
    async with client.get(f"{world.url}/version") as answer:
        assert answer.headers["Date"][12:16] != wrong[12:16]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(refuse=True, times=2), Fault(status=503, times=2), Fault(status=429, headers={"Retry-After": "0"}, times=2),
        Fault(status=410, times=1), Fault(garble=True, times=1), Fault(LIST, has="watch=true", cut=0, times=1),
    ],
    ids=["refused", "503", "429", "410", "garbled", "cut"],
)  # fmt: skip
async def test_the_program_gets_over_it(world, shelf, fault):
    """The server goes away, is broken when it comes back, and then is well: the rows are those of the world again."""
    world.faults.add(fault)
    await world.restart()
    pod = next(one for one in world.cluster.storage.items(PODS, "kube-system") if one["metadata"]["name"].startswith("coredns"))
    world.cluster.delete(PODS, pod)
    await until(lambda: fault.met)

    def same() -> bool:
        here = {one["metadata"]["name"] for one in world.cluster.storage.items(PODS, "kube-system")}
        return {one.name for one in shelf.objects.values()} == here and shelf.health.state is State.LIVE

    await until(same, limit=60)
