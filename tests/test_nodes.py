"""Nodes: cordon, uncordon and drain, on the embedded cluster and swarm."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.cockpit import Cockpit, cockpit, config
from tests.kubernetes_trial import HeldClock
from tests.test_demo_kubernetes import engine_of
from tests.waiting import until
from tests.world import flying, still
from tests.world import world as shop_world
from tui.actions.drain import _OPTIONS, _radius
from tui.demo.faults import Fault
from tui.demo.kubernetes.objects import Json, name_of
from tui.demo.kubernetes.resources import BUDGETS, NODES, PODS
from tui.demo.kubernetes.server import KubernetesWorld
from tui.engines.kubernetes import nodes
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.facts import Conflict, Drained, EngineError, Fate, Missing, Ref, Sitting, Unsupported
from widgets.dialogs import Confirm, Question, Toggle
from widgets.progress import Work
from widgets.words import words

ALL = frozenset({Fate.MOVES, Fate.EMPTIED, Fate.LOST})


@pytest.fixture
async def world() -> AsyncIterator[KubernetesWorld]:
    async with KubernetesWorld(speed=50) as it:
        yield it


@pytest.fixture
async def engine(world: KubernetesWorld) -> AsyncIterator[KubernetesEngine]:
    it = engine_of(world)
    it._apis["kubernetes/nodes"] = "v1/nodes"
    yield it
    await it.close()


def node(world: KubernetesWorld, name: str = "node-a") -> Json:
    return next(one for one in world.cluster.storage.items(NODES) if name_of(one) == name)


def ref_of(world: KubernetesWorld, engine: KubernetesEngine, name: str = "node-a") -> Ref:
    return Ref(engine.id, "kubernetes/nodes", "", name, node(world, name)["metadata"]["uid"])


def on(world: KubernetesWorld, name: str = "node-a") -> list[Json]:
    return [pod for pod in world.cluster.storage.items(PODS) if pod["spec"].get("nodeName") == name]


def closed(world: KubernetesWorld, name: str = "node-a") -> bool:
    return bool(node(world, name)["spec"].get("unschedulable"))


def guard(world: KubernetesWorld, space: str, labels: dict[str, str], least: int) -> None:
    """Let no pod with these labels go."""
    meta = {"name": "all", "namespace": space}
    world.cluster.create(
        BUDGETS,
        space,
        {
            "kind": "PodDisruptionBudget",
            "apiVersion": "policy/v1",
            "metadata": meta,
            "spec": {"minAvailable": least, "selector": {"matchLabels": labels}},
        },
    )


def bare(world: KubernetesWorld, name: str = "bare", at: str = "node-a", **spec: Any) -> None:
    """Put a pod that nobody owns on a node."""
    body = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": "shop"}}
    world.cluster.create(PODS, "shop", {**body, "spec": {"nodeName": at, "containers": [{"name": "main", "image": "busybox:1"}], **spec}})


async def test_cordon_and_uncordon_set_and_clear_one_field(world, engine):
    ref = ref_of(world, engine)
    await engine.cordon(ref, True)
    assert closed(world)
    await engine.cordon(ref, False)
    assert "unschedulable" not in node(world)["spec"]


async def test_a_namesake_is_not_cordoned(world, engine):
    with pytest.raises(Missing, match="another of that name"):
        await engine.cordon(Ref(engine.id, "kubernetes/nodes", "", "node-a", "another"), True)
    assert not closed(world)


async def test_only_nodes_are_drained(world, engine):
    pod = Ref(engine.id, "kubernetes/pods", "shop", "x", "y")
    for call in (lambda: engine.cordon(pod, True), lambda: engine.sitting(pod)):
        with pytest.raises(Unsupported):
            await call()
    with pytest.raises(Unsupported):
        engine.drain(pod, ALL)


async def test_what_draining_does_to_each_pod(world, engine):
    bare(world)
    bare(world, "scratch", volumes=[{"name": "s", "emptyDir": {}}])
    found = {one.ref.name: one.fate for one in await engine.sitting(ref_of(world, engine))}
    assert found["bare"] is found["scratch"] is Fate.LOST
    assert {fate for name, fate in found.items() if name.startswith(("kube-proxy", "log-agent"))} == {Fate.STAYS}
    assert {fate for name, fate in found.items() if name.startswith("checkout")} == {Fate.MOVES}
    control = {one.ref.name: one.fate for one in await engine.sitting(ref_of(world, engine, "cp-1"))}
    assert control["etcd-cp-1"] is Fate.STAYS


async def test_drain_moves_what_can_move_and_leaves_the_rest(world, engine):
    ref = ref_of(world, engine)
    steps = [step async for step in engine.drain(ref, frozenset({Fate.MOVES}))]
    assert steps[0].whole == steps[-1].whole > 5
    assert steps[-1].left == 0
    assert closed(world)
    assert {pod["metadata"]["ownerReferences"][0]["kind"] for pod in on(world)} == {"DaemonSet"}


async def test_what_would_be_lost_is_asked_about_before_anything_is_done(world, engine):
    bare(world)
    ref, before = ref_of(world, engine), len(on(world))
    with pytest.raises(Conflict, match="shop/bare would be lost"):
        await anext(engine.drain(ref, frozenset({Fate.MOVES})))
    assert not closed(world)
    assert len(on(world)) == before
    assert [step async for step in engine.drain(ref, ALL)][-1].left == 0
    assert "bare" not in {name_of(pod) for pod in world.cluster.storage.items(PODS)}


async def test_a_budget_is_asked_again_until_it_agrees(world, engine):
    ref = ref_of(world, engine)
    guard(world, "shop", {"app": "checkout"}, 99)
    clock, waits, steps = HeldClock(), [], 0
    async for step in nodes.drain(engine.transport, clock, engine.path(ref), ref, frozenset({Fate.MOVES})):
        waits.append(step.waits)
        steps += 1
        if any("disruption budget" in wait for wait in step.waits) and nodes.AGAIN in clock.slept:
            for budget in list(world.cluster.storage.items(BUDGETS)):
                world.cluster.delete(BUDGETS, budget)
    assert any("shop/checkout" in wait for some in waits for wait in some)
    assert not waits[-1]
    assert clock.slept.count(nodes.AGAIN) >= 1


async def test_a_drain_that_is_stopped_leaves_the_node_closed_and_asks_no_more(world, engine):
    ref = ref_of(world, engine)
    guard(world, "shop", {"app": "checkout"}, 99)
    going = nodes.drain(engine.transport, HeldClock(), engine.path(ref), ref, frozenset({Fate.MOVES}))
    await _until_step(going, lambda step: bool(step.waits))
    await going.aclose()
    assert closed(world)
    assert [pod for pod in on(world) if name_of(pod).startswith("checkout")]
    await engine.namespaces()  # behind it nothing is under way any more
    asked = world.faults.asked
    for _ in range(20):
        await engine.namespaces()
    assert world.faults.asked == asked + 20


async def test_an_eviction_that_fails_for_good_is_told(world, engine):
    world.faults.add(Fault("/api/v1/namespaces/shop/pods/checkout", method="POST", status=500))
    ref = ref_of(world, engine)
    with pytest.raises(EngineError, match=r"checkout.*could not be moved"):
        async for _ in engine.drain(ref, frozenset({Fate.MOVES})):
            pass
    assert {name_of(pod).split("-")[0] for pod in on(world)} <= {"checkout", "kube", "log"}


async def _until_step(going: AsyncIterator[Drained], true: Callable[[Drained], bool]) -> None:
    async for step in going:
        if true(step):
            return
    raise AssertionError("the drain ended")


# ---- in the app -----------------------------------------------------------------------------------------------------


async def begin(one: Cockpit, line: str, name: str, key: str) -> Question[object]:
    await one.go(line)
    await one.select(name)
    await one.press(key)
    return await one.dialog()


def here(tmp_path, world: KubernetesWorld, **options: Any) -> Any:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(world.kubeconfig()))
    return cockpit(config(tmp_path, kubeconfig=kubeconfig, **options))


async def test_cordon_drain_and_uncordon_by_keys(tmp_path, world):
    bare(world)
    async with here(tmp_path, world) as one:
        await begin(one, "nodes", "node-a", "x")
        await one.yes()
        await one.cell_is("node-a", "Status", "Ready,SchedulingDisabled")
        dialog = await begin(one, "nodes", "node-a", "r")
        toggle = dialog.query_one(Toggle)
        assert toggle.name == "lost"
        toggle.on = True
        await one.yes()
        await one.told("drained node-a")
        assert all(pod["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet" for pod in on(world))
        await begin(one, "nodes", "node-a", "X")
        await one.yes()
        await one.cell_is("node-a", "Status", "Ready")


async def test_a_drain_shows_what_waits_and_can_be_stopped(tmp_path, world):
    guard(world, "shop", {"app": "checkout"}, 99)
    async with here(tmp_path, world) as one:
        await begin(one, "nodes", "node-a", "r")
        await one.yes()
        await until(lambda: isinstance(one.app.screen, Work), what="the progress")
        said = lambda: str(one.app.screen.query_one("#progress").render())  # noqa: E731
        await until(lambda: "disruption budget" in said() and "pods gone" in said(), what="the reason")
        await one.press("escape")
        await one.told("stopped draining node-a")
        assert one.app.screen is one.browse
        assert closed(world)


async def test_read_only_mode_drains_nothing(tmp_path, world):
    async with here(tmp_path, world, read_only=True) as one:
        await one.go("nodes")
        await one.select("node-a")
        for key in ("x", "r"):
            await one.press(key)
            await one.told("read-only")
        assert not closed(world)


# ---- looks ----------------------------------------------------------------------------------------------------------

SIZES = pytest.mark.parametrize(("wide", "high"), [(160, 45), (100, 30), (80, 24)])
FOUND = [
    Sitting(Ref("k", "kubernetes/pods", "shop", f"{name}-{number}", f"{name}{number}"), fate)
    for name, count, fate in (
        ("checkout-7d9f8c6b5", 12, Fate.MOVES),
        ("cache", 1, Fate.EMPTIED),
        ("debug", 2, Fate.LOST),
        ("kube-proxy", 1, Fate.STAYS),
    )
    for number in range(count)
]


@SIZES
async def test_look_of_the_question(look, wide, high):
    """See how many pods move, lose an emptyDir, are lost or stay, a line each; a box to tick for what would be lost; Cancel in front."""
    async with shop_world() as shop, flying(shop.config(), (wide, high), line="deployments") as one:
        options, command = list(_OPTIONS.values()), "kubectl drain node-a --ignore-daemonsets"
        await one.app.push_screen(
            Confirm("Drain node node-a", _radius(FOUND, "pod"), "Drain", command=command, danger=True, options=options)
        )
        await still(one)
        look(one.app)


@SIZES
async def test_look_of_the_progress(look, wide, high):
    """See a bar two thirds full, how many pods are gone, what waits and for which budget, and one button that stops it."""
    async with shop_world() as shop, flying(shop.config(), (wide, high), line="deployments") as one:
        work = Work(
            "Drain node node-a", [words(("If you stop, the node takes no new work, and what is left there stays.", "muted")), words("")]
        )
        await one.app.push_screen(work)
        waits = [
            f"shop/checkout-{n}: the server asks to wait (Cannot evict pod as it would violate the pod's disruption budget.)"
            for n in (1, 2)
        ]
        work.say(8, 12, "8 of 12 pods gone", waits)
        await still(one)
        look(one.app)
