"""The Docker host of the demo: what only it has: its story, its clock, its quiet; and the program's engine live on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.docker_trial import Fed, kind
from tests.waiting import until
from tui.demo.clock import Clock
from tui.demo.docker.faults import Fault
from tui.demo.docker.server import DockerWorld
from tui.demo.docker.story import tell
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.hosts import HostEntry
from tui.engines.gate import Gate
from tui.engines.swarm.engine import SwarmEngine
from tui.facts import Conflict, LogOptions, Missing, Ref, State
from tui.model import Engine


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[DockerWorld]:
    made = DockerWorld(Clock(speed=20.0))
    made.daemon.images.add(["busybox:1"], [("ADD rootfs.tar / # buildkit", 4_280_000)], {"Cmd": ["sh"]}, made.clock.nano() - 10**16)
    await made.start(tmp_path / "d.sock")
    yield made
    await made.stop()


@pytest.fixture
async def engine(world: DockerWorld) -> AsyncIterator[DockerEngine]:
    made = DockerEngine(HostEntry("demo", world.host, "the demo"), Gate(), now=world.clock.now)
    made.stream.rand = lambda: 0.0
    yield made
    await made.close()


async def watching(engine: Engine, word: str) -> tuple[Fed, asyncio.Task[None]]:
    fed = Fed()
    task = asyncio.create_task(engine.watch(kind(f"{engine.family}/{word}"), "", fed))
    await until(lambda: fed.listings and fed.state is State.LIVE, what=f"{word}: {fed.reason}")
    return fed, task


async def ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def shell(script: str, **more: Any) -> dict[str, Any]:
    return {"Image": "busybox:1", "Cmd": ["sh", "-c", script], "StopTimeout": 1, **more}


async def test_the_engine_follows_a_container_through_its_life(world, engine):
    fed, task = await watching(engine, "containers")
    one = world.daemon.containers.create("box", shell("echo hello; echo bad >&2; printf end; sleep 600"))
    await until(lambda: one.id in fed.objects)
    ref = Ref(engine.id, "docker/containers", "", "box", one.id)
    await engine.start(ref)
    await until(lambda: fed.objects[one.id].state == "running")
    engine.look(kind("docker/containers"), frozenset({one.id}))
    await until(lambda: fed.objects[one.id].stats and fed.objects[one.id].stats.cpu is not None)
    with pytest.raises(Conflict, match="running"):
        await engine.remove(ref)
    await engine.stop(ref)
    await until(lambda: fed.objects[one.id].status.startswith("Exited (137)"))
    lines = [(line.text, line.stream) async for batch in engine.logs(ref, LogOptions(follow=False)) for line in batch]
    assert lines == [("hello", "stdout"), ("bad", "stderr"), ("end", "stdout")]
    assert [event.reason for event in await engine.events(ref)] == ["create", "start", "kill", "kill", "die", "stop"]
    await engine.remove(ref)
    await until(lambda: one.id not in fed.objects)
    with pytest.raises(Missing):
        await engine.start(ref)
    await ended(task)


async def test_the_story_of_a_cut_is_told_after_it(world, engine):
    """The engine is away for a while; what happened meanwhile is seen after it."""
    fed, task = await watching(engine, "containers")
    path = world.path
    await world.hang_up()
    await until(lambda: fed.state is State.RETRYING)
    one = world.daemon.containers.create("meanwhile", shell("sleep 5"))
    await world.start(path)
    await until(lambda: one.id in fed.objects and fed.state is State.LIVE)
    await ended(task)


# ---- the story ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[DockerWorld]:
    made = DockerWorld(story=tell)
    await made.start(tmp_path / "s.sock")
    yield made
    await made.stop()


@pytest.fixture
async def visitor(shop: DockerWorld) -> AsyncIterator[DockerEngine]:
    made = DockerEngine(HostEntry("demo", shop.host, "the demo"), Gate())
    made.stream.rand = lambda: 0.0
    yield made
    await made.close()


async def test_the_story_has_every_state_with_believable_words(visitor):
    fed, task = await watching(visitor, "containers")
    status = {one.name: one.status for one in fed.objects.values()}
    assert status["shop-web-1"] == "Up 3 days (healthy)"
    assert status["shop-search-1"] == "Up 6 hours (unhealthy)"
    assert status["legacy-import"] == "Up 2 days (Paused)"
    assert status["api-canary"] == "Created"
    assert status["report-nightly"].startswith("Exited (0) ")
    assert status["thumbnails-backfill"] == "Exited (137) 5 hours ago"
    assert status["migrate-orders"] == "Exited (1) 3 days ago"
    assert status["shop-mailer-1"].startswith(("Restarting (1) ", "Up "))
    visitor.look(kind("docker/containers"), frozenset(fed.objects))
    by_name = {one.name: uid for uid, one in fed.objects.items()}
    await until(lambda: fed.objects[by_name["shop-search-1"]].peek and fed.objects[by_name["thumbnails-backfill"]].peek)
    assert fed.objects[by_name["thumbnails-backfill"]].peek.oom
    search = fed.objects[by_name["shop-search-1"]].peek
    assert "shard products-2 is read-only" in search.probe
    assert search.failing > 100
    await until(lambda: fed.objects[by_name["shop-db-1"]].stats and fed.objects[by_name["shop-db-1"]].stats.cpu)
    await ended(task)


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("images", {"shop/web:3.4.1", "shop/api:2.9.0", "postgres:16", "busybox:1"}),
        ("volumes", {"shop_db-data", "old-uploads"}),
        ("networks", {"bridge", "shop_default", "ingress", "shop_backend", "monitoring_old"}),
    ],
)
async def test_what_lies_about(visitor, word, names):
    fed, task = await watching(visitor, word)
    assert names <= fed.names
    await ended(task)


async def test_the_swarm_of_the_story(visitor):
    swarm = SwarmEngine(visitor)
    services, first = await watching(swarm, "services")
    tasks, second = await watching(swarm, "tasks")
    nodes, third = await watching(swarm, "nodes")
    counts = {one.name: (one.counts.running_tasks, one.counts.desired_tasks) for one in services.objects.values()}
    assert counts == {
        "shop_web": (3, 3),
        "shop_api": (2, 2),
        "agent": (3, 3),
        "shop_mailer": (1, 2),
        "embedder": (0, 1),
        "shop_seasonal": (0, 0),
    }
    mailer = next(one for one in services.objects.values() if one.name == "shop_mailer")
    assert mailer.update_status.state == "paused"
    assert mailer.error == "task: non-zero exit (1)"
    assert {one.name for one in nodes.objects.values()} == {"harbor-1", "harbor-2", "harbor-3"}
    assert len(tasks.objects) >= 12
    await swarm.rollback(Ref(swarm.id, "swarm/services", "", "shop_mailer", mailer.uid), 1)
    await until(lambda: services.objects[mailer.uid].counts.running_tasks == 2)
    assert services.objects[mailer.uid].update_status.state.startswith("rollback_")
    await ended(first, second, third)


async def test_a_node_is_lost_and_comes_back(shop):
    cluster = shop.swarm()
    lost = cluster.node("harbor-3")
    web = cluster.service("shop_web")
    cluster.down(lost)

    def nodes() -> list[str]:
        return sorted(task.node.name for task in cluster.tasks_of(web) if task.wanted and task.state == "running")

    await until(lambda: len(nodes()) == 3 and "harbor-3" not in nodes())
    ghosts = [task for task in cluster.tasks_of(web) if task.node is lost]
    assert [task.state for task in ghosts] == ["running"]  # for all that the managers know
    cluster.up(lost)
    await until(lambda: ghosts[0].state == "shutdown")
    agent = cluster.service("agent")
    await until(lambda: sum(task.wanted and task.state == "running" for task in cluster.tasks_of(agent)) == 3)


async def test_a_task_whose_container_is_removed_is_made_anew(shop):
    cluster = shop.swarm()
    api = cluster.service("shop_api")
    api.template["RestartPolicy"]["Delay"] = 0
    old = next(task for task in cluster.tasks_of(api) if task.node is cluster.leader)
    await shop.daemon.containers.remove(old.container, force=True)
    await until(lambda: old.state == "failed")
    assert old.error == "task: non-zero exit (137)"
    await until(lambda: sum(task.wanted and task.state == "running" for task in cluster.tasks_of(api)) == 2)


async def test_logs_go_on(shop, visitor):
    one = shop.daemon.containers.named("shop-api-1")
    ref = Ref(visitor.id, "docker/containers", "", one.name, one.id)
    before = [line async for batch in visitor.logs(ref, LogOptions(follow=False)) for line in batch]
    assert len(before) > 100
    assert before == sorted(before, key=lambda line: line.stamp)
    async for batch in visitor.logs(ref, LogOptions(tail=0)):
        assert batch[0].stamp > before[-1].stamp
        break


# ---- quiet, and failures that are told ------------------------------------------------------------------------------


async def test_little_is_due_while_nobody_asks(tmp_path):
    world = DockerWorld(Clock(speed=50.0), story=tell)
    set_for: list[float] = []
    after = world.clock.after

    def counting(seconds: float, call: Any) -> asyncio.TimerHandle:
        set_for.append(seconds)
        return after(seconds, call)

    world.clock.after = counting
    await world.start(tmp_path / "q.sock")
    began, made = world.clock.time(), len(set_for)
    await until(lambda: len(set_for) > made + 200)
    assert (len(set_for) - made) / (world.clock.time() - began) < 15  # timers in one of the world's seconds
    await world.stop()


async def test_nothing_is_left_after_the_end(tmp_path):
    before = asyncio.all_tasks()
    world = DockerWorld(story=tell)
    await world.start(tmp_path / "e.sock")
    engine = DockerEngine(HostEntry("demo", world.host, "the demo"), Gate())
    fed, task = await watching(engine, "containers")
    await ended(task)
    await engine.close()
    await world.stop()
    await until(lambda: asyncio.all_tasks() == before)
    loop = asyncio.get_running_loop()
    await until(lambda: not [handle for handle in loop._scheduled if not handle.cancelled() and "tui.demo" in repr(handle)])
    assert not (tmp_path / "e.sock").exists()


@pytest.mark.parametrize("fault", [Fault("/containers/json", status=503, times=2), Fault("/containers/json", refuse=True, times=2),
                                   Fault("/containers/json", garble=True, times=1), Fault("/events", cut=1, times=1)])  # fmt: skip
async def test_the_engine_comes_back_from_a_fault(shop, visitor, fault):
    shop.faults.add(fault)
    fed, task = await watching(visitor, "containers")
    shop.daemon.containers.create("after", {"Image": "busybox:1"})
    await until(lambda: "after" in fed.names)
    assert fault.met
    await ended(task)


async def test_what_was_asked_for_is_done_though_the_client_left(shop):
    one = shop.daemon.containers.named("shop-db-1")
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(shop.path))) as session:
        stop = asyncio.create_task(session.post(f"http://docker/containers/{one.id}/stop"))
        await until(lambda: one.told_to_stop)
        stop.cancel()
        await asyncio.gather(stop, return_exceptions=True)
    assert one.state == "running"
    await until(lambda: one.state == "exited")
    assert one.exit_code == 0


async def test_a_socket_that_cannot_be_made_leaves_nothing(tmp_path):
    before = asyncio.all_tasks()
    world = DockerWorld(story=tell)
    with pytest.raises(OSError):
        await world.start(tmp_path / "no" / "such" / "folder" / "d.sock")
    await until(lambda: asyncio.all_tasks() == before)


async def test_a_restart_forgets_events_and_nothing_else(shop, visitor):
    fed, task = await watching(visitor, "containers")
    names = fed.names
    await shop.restart(0.0)
    await until(lambda: fed.state is State.LIVE and fed.listings > 1)
    assert fed.names == names
    assert not [event for event in shop.daemon.events.ring if event["Action"] == "create"]
    await ended(task)


async def test_the_clock_may_be_fast(tmp_path):
    world = DockerWorld(Clock(speed=200.0))
    world.daemon.images.add(["busybox:1"], [("ADD rootfs.tar / # buildkit", 4_280_000)], {"Cmd": ["sh"]}, 1)
    one = world.daemon.containers.create("slow", {"Image": "busybox:1", "Cmd": ["sleep", "60"]})
    world.daemon.containers.start(one)
    await until(lambda: one.state == "exited")
    assert one.finished - one.started >= 60 * 10**9
    await world.stop()
