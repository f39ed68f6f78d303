"""The embedded cluster by itself: its clock, its story, its rest; and the cockpit's engine, panes and verbs on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import aiohttp
import pytest

from tests.cockpit import cockpit, config
from tests.waiting import until
from tui.demo.kubernetes.clock import Clock
from tui.demo.kubernetes.controllers.schedule import following, parse
from tui.demo.kubernetes.kubelet.shell import run
from tui.demo.kubernetes.objects import Json, is_going, moment, name_of, space_of
from tui.demo.kubernetes.resources import CRONJOBS, DEPLOYMENTS, EVENTS, JOBS, NODES, PODS, REPLICASETS, RESOURCES, Resource
from tui.demo.kubernetes.server import KubernetesWorld
from tui.demo.kubernetes.story import machines, tell
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.kubeconfig import Kubeconfig
from tui.facts import LogOptions, Ref
from tui.kinds import kinds
from tui.store import Store

NOON = 1_773_144_000.0  # a Tuesday


def engine_of(world: KubernetesWorld) -> KubernetesEngine:
    access = Access(context="demo", server=world.url, token="demo", namespace="shop")
    return KubernetesEngine(Kubeconfig((), "demo", (), ready={"demo": access}), "demo", Gate())


@pytest.fixture
async def world() -> AsyncIterator[KubernetesWorld]:
    async with KubernetesWorld(speed=50) as it:
        yield it


@pytest.fixture
async def engine(world: KubernetesWorld) -> AsyncIterator[KubernetesEngine]:
    it = engine_of(world)
    yield it
    await it.close()


@pytest.fixture(scope="module")
def told() -> KubernetesWorld:
    """Give a world that has lived through its story and does not run; its tests only look."""
    return lived(now=NOON)


def lived(*, now: float | None = None, seed: int = 1) -> KubernetesWorld:
    it = KubernetesWorld(now=now, seed=seed)
    tell(it.cluster)
    return it


def find(world: KubernetesWorld, resource: Resource, space: str, name: str) -> Json:
    found = world.cluster.storage.get(resource, space, name)
    assert found is not None, name
    return found


def pods(world: KubernetesWorld, prefix: str, space: str = "shop") -> list[Json]:
    return [one for one in world.cluster.storage.items(PODS, space) if name_of(one).startswith(prefix)]


def ref_of(world: KubernetesWorld, resource: Resource, space: str, name: str) -> Ref:
    return Ref("kubernetes:demo", f"kubernetes/{resource.plural}", space, name, find(world, resource, space, name)["metadata"]["uid"])


# ---- the clock ------------------------------------------------------------------------------------------------------------


def test_a_clock_does_everything_in_its_order_and_jumps_over_the_rest():
    clock, done = Clock(now=100.0), []
    for after in (30.0, 10.0, 20.0):
        clock.later(after, lambda after=after: done.append((after, clock.time())))
    clock.later(15.0, lambda: clock.later(1.0, lambda: done.append((16.0, clock.time()))))
    clock.later(12.0, lambda: done.append((0.0, 0.0))).cancel()
    clock.run_until(125.0)
    assert done == [(10.0, 110.0), (16.0, 116.0), (20.0, 120.0)]
    assert clock.time() == 125.0
    clock.skip(5.0)
    assert done[-1] == (30.0, 130.0)


async def test_a_running_clock_goes_as_fast_as_it_is_told_and_can_be_jumped():
    clock, done = Clock(speed=1000.0, now=0.0), asyncio.Event()
    clock.start()
    clock.later(20.0, done.set)
    await asyncio.wait_for(done.wait(), 20)
    assert clock.time() >= 20.0 - 1
    sleeper = asyncio.create_task(clock.sleep(10**9))
    await asyncio.sleep(0)
    clock.skip(10**9 + 1)
    await asyncio.wait_for(sleeper, 20)
    clock.stop()
    still = clock.time()
    await asyncio.sleep(0)
    assert clock.time() == still


@pytest.mark.parametrize(
    ("text", "after", "wanted"),
    [
        ("* * * * *", "2026-03-10T12:00:30", "2026-03-10T12:01:00"), ("30 2 * * *", "2026-03-10T12:00:00", "2026-03-11T02:30:00"),
        ("*/10 * * * *", "2026-03-10T12:00:00", "2026-03-10T12:10:00"),
        ("0 9-17/4 * * mon-fri", "2026-03-13T17:30:00", "2026-03-16T09:00:00"),
        ("0 0 1 jan *", "2026-03-10T12:00:00", "2027-01-01T00:00:00"), ("@daily", "2026-03-10T12:00:00", "2026-03-11T00:00:00"),
        ("0 0 13 * 5", "2026-03-10T12:00:00", "2026-03-13T00:00:00"), ("0 0 1 * 7", "2026-03-10T12:00:00", "2026-03-15T00:00:00"),
    ],
)  # fmt: skip
def test_schedules(text: str, after: str, wanted: str):
    assert following(text, moment(f"{after}Z")) == moment(f"{wanted}Z")


def test_schedules_that_are_none():
    for text in ("", "* * * *", "60 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *"):
        with pytest.raises(ValueError):
            parse(text)
    assert following("0 0 31 2 *", NOON) is None


def test_a_shell_knows_what_manuals_write():
    one = run(["sh", "-c", "echo begun; echo '{\"code\":500}'; exec httpd -f -p 8080 -h /www"])
    assert ([text for _, text in one.lines], one.code, one.ports) == (["begun", '{"code":500}'], None, (8080,))
    one = run(["sh", "-c", "echo one; printf two; sleep 3 && exit 4; echo never"])
    assert ([text for _, text in one.lines], one.rest, one.time, one.code) == (["one"], "two", 3.0, 4)
    one = run(["/bin/sh", "-c", "while true; do echo tick; sleep 2; done"])
    assert ([text for _, text in one.again], one.period, one.code) == (["tick"], 2.0, None)
    assert run(["sleep", "5"]).time == 5.0
    assert run(["sleep", "infinity"]).code is None
    assert run(["sh", "-c", "frobnicate"]).code == 127


# ---- the story ------------------------------------------------------------------------------------------------------------


def test_the_shop_is_as_a_person_would_find_it(told: KubernetesWorld):
    storage = told.cluster.storage
    assert told.clock.time() == NOON
    phases = [one["status"]["phase"] for one in storage.items(PODS)]
    assert len(phases) > 40
    assert {"Running", "Pending", "Succeeded"} <= set(phases)
    waiting = {
        state["waiting"]["reason"] for one in storage.items(PODS) for box in one["status"].get("containerStatuses", ())
        if "waiting" in (state := box["state"])
    }  # fmt: skip
    assert {"CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError"} <= waiting
    canary = pods(told, "recommender-canary")[0]["status"]["containerStatuses"][0]
    assert canary["restartCount"] > 15
    assert canary["lastState"]["terminated"]["exitCode"] == 2
    search = pods(told, "search")[0]["status"]["containerStatuses"][0]
    assert search["lastState"]["terminated"]["reason"] == "OOMKilled"
    checkout = find(told, DEPLOYMENTS, "shop", "checkout")
    assert {one["type"]: one["reason"] for one in checkout["status"]["conditions"]}["Progressing"] == "ProgressDeadlineExceeded"
    assert checkout["status"]["availableReplicas"] == 3
    assert find(told, DEPLOYMENTS, "shop", "web")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "4"
    sets = [one for one in storage.items(REPLICASETS, "shop") if one["metadata"]["ownerReferences"][0]["name"] == "web"]
    assert sorted(one["spec"]["replicas"] for one in sets) == [0, 0, 0, 4]
    assert sum(name_of(one).startswith("invoice-nightly-") for one in storage.items(JOBS, "shop")) == 3
    assert is_going(find(told, RESOURCES[2], "", "preview-412"))
    assert len(storage.items(NODES)) == 4


def test_nothing_is_younger_than_what_owns_it_or_older_than_its_namespace(told: KubernetesWorld):
    storage = told.cluster.storage
    every = [(resource, one) for resource in RESOURCES for one in storage.items(resource)]
    born = {one["metadata"]["uid"]: moment(one["metadata"]["creationTimestamp"]) for _, one in every}
    spaces = {name_of(one): moment(one["metadata"]["creationTimestamp"]) for one in storage.items(RESOURCES[2])}
    for resource, one in every:
        mine = born[one["metadata"]["uid"]]
        assert mine <= NOON, (resource.plural, name_of(one))
        for owner in one["metadata"].get("ownerReferences") or ():
            assert born.get(owner["uid"], 0.0) <= mine, (resource.plural, name_of(one))
        if space_of(one):
            assert spaces[space_of(one)] <= mine
    assert all(moment(one["metadata"]["creationTimestamp"]) > NOON - 3700 for one in storage.items(EVENTS))


def test_two_worlds_of_one_seed_are_the_same():
    first, second = (lived(now=NOON).cluster.storage for _ in range(2))
    assert [first.items(resource) for resource in RESOURCES] == [second.items(resource) for resource in RESOURCES]


def test_a_world_at_rest_does_next_to_nothing():
    """Ten minutes of the demo: a few things that are due, and no controller that goes round in circles."""
    world = lived(now=NOON)
    before, done = world.cluster.storage.version, 0
    real = world.clock.later

    def counted(seconds: float, action: Any) -> Any:
        nonlocal done
        done += 1
        return real(seconds, action)

    world.clock.later = counted  # type: ignore[method-assign]
    world.clock.skip(600)
    assert done < 1200
    assert world.cluster.storage.version - before < 400


def test_the_canary_waits_five_minutes_between_its_crashes(told: KubernetesWorld):
    world = lived(now=NOON)
    box = next(worker.box("recommender") for worker in world.kubelet.workers.values() if worker.key[1].startswith("recommender-canary"))
    assert box is not None
    starts = []
    for _ in range(900):
        world.clock.skip(2)
        if box.now is not None and box.now.started not in starts:
            starts.append(box.now.started)
    assert len(starts) > 3
    assert all(300 < later - earlier < 312 for earlier, later in pairwise(starts))


def test_a_cron_job_is_on_time():
    world = lived(now=NOON)
    world.clock.skip(3630)
    jobs = [one for one in world.cluster.storage.items(JOBS, "shop") if name_of(one).startswith("stock-sync-")]
    assert len(jobs) == 2
    assert find(world, CRONJOBS, "shop", "stock-sync")["status"]["lastScheduleTime"] == "2026-03-10T13:00:00Z"


def test_what_was_made_wrong_and_is_mended_comes_up():
    world = lived(now=NOON)
    secret = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "db-credentials"}, "data": {"password": "eA=="}}
    world.cluster.create(next(one for one in RESOURCES if one.kind == "Secret"), "staging", secret)
    world.clock.skip(30)
    (pod,) = pods(world, "api-", "staging")
    assert pod["status"]["phase"] == "Running"


# ---- the engine and the panes on it ---------------------------------------------------------------------------------------


async def test_the_engine_lives_on_it(world: KubernetesWorld, engine: KubernetesEngine):
    """What the panes need: who, where, a live watch, and a scale that the watch sees come true."""
    await engine.connect()
    assert engine.about.version == "v1.34.4"
    assert engine.about.user == "demo-user"
    assert {"shop", "kube-system"} <= set(await engine.namespaces())
    store = Store(tick=0.01)
    store.look(engine, kinds()["kubernetes/pods"], "shop", lambda _, __: None)
    shelf = next(iter(store.shelves.values()))
    await until(lambda: shelf.loaded)

    def web() -> int:
        return sum(pod.name.startswith("web-") for pod in shelf.objects.values())

    ref = ref_of(world, DEPLOYMENTS, "shop", "web")
    assert web() == 4
    await engine.scale(ref, 6, 4)
    await until(lambda: web() == 6)
    await engine.scale(ref, 1, 6)
    await until(lambda: web() == 1)
    await store.close()


async def test_every_log_says_something(world: KubernetesWorld, engine: KubernetesEngine):
    for prefix, part in (
        ("web-", "GET /"),
        ("api-", '"msg":"request"'),
        ("worker-", "INFO  worker"),
        ("invoice-nightly-", "invoice: done"),
    ):
        name = name_of(pods(world, prefix)[0])
        options = LogOptions(follow=False, tail=50)
        lines = [line.text async for batch in engine.logs(ref_of(world, PODS, "shop", name), options) for line in batch]
        assert any(part in line for line in lines), (name, lines[-3:])
        again = [line.text async for batch in engine.logs(ref_of(world, PODS, "shop", name), options) for line in batch]
        assert set(lines) & set(again)
    canary = ref_of(world, PODS, "shop", name_of(pods(world, "recommender-canary")[0]))
    lines = [line.text async for batch in engine.logs(canary, LogOptions(follow=False, previous=True)) for line in batch]
    assert "panic: runtime error: index out of range [128] with length 128" in lines


async def test_a_drained_node_is_empty_and_everything_is_elsewhere(world: KubernetesWorld):
    async with aiohttp.ClientSession() as session:
        patch = {"spec": {"unschedulable": True}}
        headers = {"Content-Type": "application/merge-patch+json"}
        async with session.patch(f"{world.url}/api/v1/nodes/node-b", json=patch, headers=headers) as answer:
            assert (await answer.json())["spec"]["unschedulable"] is True
        await until(lambda: find(world, NODES, "", "node-b")["spec"].get("taints"))

        def here() -> list[Json]:
            every = [one for one in world.cluster.storage.items(PODS) if one["spec"].get("nodeName") == "node-b"]
            kinds = {one["metadata"]["uid"]: (one["metadata"].get("ownerReferences") or [{"kind": ""}])[0]["kind"] for one in every}
            return [one for one in every if kinds[one["metadata"]["uid"]] not in {"DaemonSet", "Job"}]

        async def all_gone() -> bool:
            for one in here():
                name = name_of(one)
                body = {"kind": "Eviction", "apiVersion": "policy/v1", "metadata": {"name": name}}
                path = f"{world.url}/api/v1/namespaces/{space_of(one)}/pods/{name}/eviction"
                async with session.post(path, json=body) as answer:
                    assert answer.status in {201, 404, 429}, await answer.text()
            return not here()

        for _ in range(400):
            if await all_gone():
                break
            await asyncio.sleep(0.05)
        assert not here()
    await until(lambda: find(world, DEPLOYMENTS, "shop", "web")["status"].get("availableReplicas") == 4)
    assert len([one for one in pods(world, "kube-proxy", "kube-system") if one["spec"]["nodeName"] == "node-b"]) == 1


async def test_figures_move_and_are_of_what_runs(world: KubernetesWorld):
    async with aiohttp.ClientSession() as session:

        async def figures(path: str) -> dict[str, Any]:
            async with session.get(f"{world.url}/apis/metrics.k8s.io/v1beta1/{path}") as answer:
                return {one["metadata"]["name"]: one for one in (await answer.json())["items"]}

        before, nodes = await figures("namespaces/shop/pods"), await figures("nodes")
        assert set(nodes) == {"cp-1", "node-a", "node-b", "node-c"}
        assert "db-0" in before
        assert not any(name.startswith(("analytics", "invoice")) for name in before)
        world.clock.skip(60)
        after = await figures("namespaces/shop/pods")
        assert after["db-0"]["containers"][0]["usage"] != before["db-0"]["containers"][0]["usage"]


async def test_what_is_not_simulated_says_so(world: KubernetesWorld):
    async with aiohttp.ClientSession() as session:
        for sub in ("exec", "attach"):
            async with session.get(f"{world.url}/api/v1/namespaces/shop/pods/db-0/{sub}?command=sh") as answer:
                assert answer.status == 501
                assert (await answer.json())["message"] == f"pods/{sub} is not simulated in the demo world"
        patch = {"data": b"apiVersion: v1", "headers": {"Content-Type": "application/apply-patch+yaml"}}
        async with session.patch(f"{world.url}/api/v1/namespaces/shop/configmaps/api-env?fieldManager=me", **patch) as answer:
            assert answer.status == 415
            assert "server-side apply is not simulated" in (await answer.json())["message"]


async def test_the_cockpit_flies_on_it(tmp_path, world: KubernetesWorld):
    """The stuck rollout is undone by the keys that one presses anywhere, and the rows come true."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(world.kubeconfig()))
    async with cockpit(config(tmp_path, kubeconfig=kubeconfig)) as one:
        await one.go("deployments shop")
        await one.select("checkout")
        assert one.cell("checkout", "Ready") == "3/4"
        await one.press("u")
        await one.yes()
        await one.cell_is("checkout", "Ready", "4/4")
        await one.press("s")
        await one.fill("2")
        await one.cell_is("checkout", "Ready", "2/2")
        for line in ("pods shop", "nodes", "events shop", "jobs shop", "cronjobs shop", "services shop", "daemonsets kube-system"):
            await one.go(line)
            await until(lambda: one.names, what=f"rows of {line}")


async def test_an_end_leaves_nothing_behind():
    before = asyncio.all_tasks()
    world = KubernetesWorld(story=machines)
    await world.start()
    async with aiohttp.ClientSession() as session:
        url = f"{world.url}/api/v1/pods?watch=true&resourceVersion={world.cluster.storage.version}"
        async with session.get(url) as answer:
            assert answer.status == 200
            await world.stop()
    await until(lambda: asyncio.all_tasks() == before)
    assert world.clock._wake is None
