"""The Docker host of the demo: what only it has: its story, its clock, its quiet; and the program's engine live on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.docker_trial import Fed, kind
from tests.waiting import until
from tui.demo.clock import Clock
from tui.demo.docker.server import DockerWorld
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.hosts import HostEntry
from tui.engines.gate import Gate
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
