"""The embedded cluster by itself: its clock, its story, its faults; and the cockpit's engine and panes on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.waiting import until
from tui.demo.kubernetes.resources import DEPLOYMENTS
from tui.demo.kubernetes.server import KubernetesWorld
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.kubeconfig import Kubeconfig
from tui.facts import Ref
from tui.kinds import kinds
from tui.store import Store


def engine_of(world: KubernetesWorld, *, read_only: bool = False) -> KubernetesEngine:
    access = Access(context="demo", server=world.url, token="demo", namespace="shop")
    return KubernetesEngine(Kubeconfig((), "demo", (), ready={"demo": access}), "demo", Gate(read_only))


@pytest.fixture
async def world() -> AsyncIterator[KubernetesWorld]:
    async with KubernetesWorld(speed=50) as it:
        yield it


@pytest.fixture
async def engine(world: KubernetesWorld) -> AsyncIterator[KubernetesEngine]:
    it = engine_of(world)
    yield it
    await it.close()


def kind_of(word: str) -> Any:
    return kinds()[f"kubernetes/{word}"]


async def test_the_engine_lives_on_it(world, engine):
    """What the panes need: who, where, a live watch, and a scale that the watch sees come true."""
    await engine.connect()
    assert engine.about.version == "v1.34.4"
    assert engine.about.user == "demo-user"
    assert {"shop", "kube-system"} <= set(await engine.namespaces())
    store = Store(tick=0.01)
    store.look(engine, kind_of("pods"), "shop", lambda _, __: None)
    shelf = next(iter(store.shelves.values()))
    await until(lambda: shelf.loaded)

    def web() -> int:
        return sum(pod.name.startswith("web-") for pod in shelf.objects.values())

    had = web()
    assert had > 1
    item = world.cluster.storage.items(DEPLOYMENTS, "shop")
    found = next(one for one in item if one["metadata"]["name"] == "web")
    ref = Ref("kubernetes:demo", "kubernetes/deployments", "shop", "web", found["metadata"]["uid"])
    await engine.scale(ref, had + 2, had)
    await until(lambda: web() == had + 2)
    await engine.scale(ref, 1, had + 2)
    await until(lambda: web() == 1)
    await store.close()
