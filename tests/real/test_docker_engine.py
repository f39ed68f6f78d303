"""Docker and Swarm against a real engine: the cells are those of the docker command, and verbs do what they say."""

from __future__ import annotations

import asyncio
import json
import subprocess
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docker_trial import Fed
from tests.waiting import eventually, until
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.hosts import load
from tui.engines.gate import Gate
from tui.engines.swarm.engine import SwarmEngine
from tui.facts import Conflict, LogOptions, Missing, Ref, State
from tui.kinds import kinds
from tui.model import Engine
from tui.values import text_of

pytestmark = pytest.mark.real
World = dict[str, str]


@pytest.fixture
async def engine(docker_world: World, tmp_path: Path) -> AsyncIterator[DockerEngine]:
    host = load(docker_world, tmp_path).chosen
    made = DockerEngine(host, Gate(audit=tmp_path / "audit.jsonl"))
    yield made
    await made.close()


@pytest.fixture
def docker(docker_world: World) -> Callable[..., str]:
    def run(*words: str) -> str:
        return subprocess.run(["docker", *words], env=docker_world, capture_output=True, text=True, check=True).stdout.strip()

    return run


@pytest.fixture
def name(docker: Callable[..., str]) -> Iterator[str]:
    """Give a name for a container of our own, which is removed after the test."""
    made = f"pht-{uuid.uuid4().hex[:8]}"
    yield made
    if made in docker("ps", "-a", "--format", "{{.Names}}").split():
        docker("rm", "-f", made)


async def watching(engine: Engine, word: str) -> tuple[Fed, asyncio.Task[None]]:
    fed = Fed()
    task = asyncio.create_task(engine.watch(kinds()[f"{engine.family}/{word}"], "", fed))
    await until(lambda: fed.listings and fed.state is State.LIVE, what=f"{word}: {fed.reason}")
    return fed, task


async def ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# What a cell must say -> how the docker command is asked for it.
CLI: dict[str, tuple[list[str], dict[str, str]]] = {
    "docker/containers": (
        ["ps", "-a"],
        {
            "NAME": "Names", "IMAGE": "Image", "COMMAND": "Command", "CREATED": "RunningFor", "STATUS": "Status", "PORTS": "Ports",
            "ID": "ID",
        },
    ),
    "docker/images": (
        ["images"],
        {"REPOSITORY": "Repository", "TAG": "Tag", "IMAGE ID": "ID", "CREATED": "CreatedSince", "SIZE": "Size"},
    ),
    "docker/volumes": (["volume", "ls"], {"VOLUME NAME": "Name", "DRIVER": "Driver"}),
    "docker/networks": (["network", "ls"], {"NAME": "Name", "DRIVER": "Driver", "SCOPE": "Scope", "NETWORK ID": "ID"}),
    "swarm/nodes": (
        ["node", "ls"],
        {
            "HOSTNAME": "Hostname", "STATUS": "Status", "AVAILABILITY": "Availability", "MANAGER STATUS": "ManagerStatus",
            "ENGINE VERSION": "EngineVersion",
        },
    ),
    "swarm/services": (
        ["service", "ls"],
        {"NAME": "Name", "MODE": "Mode", "REPLICAS": "Replicas", "IMAGE": "Image", "PORTS": "Ports", "ID": "ID"},
    ),
    "swarm/tasks": (
        ["service", "ps"],
        {
            "NAME": "Name", "IMAGE": "Image", "NODE": "Node", "DESIRED STATE": "DesiredState", "CURRENT STATE": "CurrentState",
            "ERROR": "Error", "PORTS": "Ports", "ID": "ID",
        },
    ),
}  # fmt: skip


def asked(docker: Callable[..., str], kind: str) -> list[tuple[str, ...]]:
    """Return what the docker command prints, in the order of our columns."""
    words, titles = CLI[kind]
    more = docker("service", "ls", "-q").split() if kind == "swarm/tasks" else []
    lines = docker(*words, "--format", "{{json .}}", *more).splitlines()
    rows = [tuple(json.loads(line)[key].strip() for key in titles.values()) for line in lines]
    return sorted(tuple(cell.removeprefix("\\_ ") for cell in row) for row in rows)


@pytest.mark.parametrize("kind", CLI)
async def test_cells_are_those_of_the_docker_command(engine: DockerEngine, docker: Callable[..., str], kind: str):
    described = kinds()[kind]
    fed, task = await watching(engine if described.family == "docker" else SwarmEngine(engine), described.word)
    columns = [next(column for column in described.columns if column.title == title) for title in CLI[kind][1]]
    seen: dict[str, Any] = {}

    async def equal() -> bool:
        seen["cli"] = await asyncio.to_thread(asked, docker, kind)
        seen["ours"] = sorted(tuple(text_of(column.value(one), engine.now()) for column in columns) for one in fed.objects.values())
        return bool(seen["cli"] == seen["ours"])

    try:
        await eventually(equal, what="equal cells")
    except AssertionError:
        assert seen["ours"] == seen["cli"]
    finally:
        await ended(task)


async def test_a_container_is_followed_through_its_life(engine: DockerEngine, docker: Callable[..., str], name: str):
    fed, task = await watching(engine, "containers")
    run = ["run", "-d", "--name", name, "--stop-timeout", "1", "busybox:1", "sh", "-c", "echo hello; printf end; sleep 600"]
    uid = await asyncio.to_thread(docker, *run)
    await until(lambda: uid in fed.objects and fed.objects[uid].state == "running")
    engine.look(kinds()["docker/containers"], frozenset({uid}))
    await until(lambda: fed.objects[uid].stats and fed.objects[uid].stats.cpu is not None)
    ref = Ref(engine.id, "docker/containers", "", name, uid)
    await engine.stop(ref)
    await until(lambda: fed.objects[uid].state == "exited")
    await engine.start(ref)
    await until(lambda: fed.objects[uid].state == "running")
    await engine.restart(ref)
    lines = [line async for batch in engine.logs(ref, LogOptions(follow=False)) for line in batch]
    assert {line.text for line in lines} >= {"hello", "end"}
    assert all(line.stamp for line in lines)
    assert [event.reason for event in await engine.events(ref)][:2] == ["create", "start"]
    with pytest.raises(Conflict):
        await engine.remove(ref)  # it runs
    await engine.remove(ref, force=True)
    await until(lambda: uid not in fed.objects)
    with pytest.raises(Missing):
        await engine.start(ref)
    await ended(task)


async def test_followed_logs_end_with_the_container(engine: DockerEngine, docker: Callable[..., str], name: str):
    script = "for n in 1 2 3; do echo $n; sleep 0.1; done; echo bad >&2; printf last"
    uid = await asyncio.to_thread(docker, "run", "-d", "--name", name, "busybox:1", "sh", "-c", script)
    ref = Ref(engine.id, "docker/containers", "", name, uid)
    lines = [line async for batch in engine.logs(ref, LogOptions()) for line in batch]
    assert [line.text for line in lines if line.stream == "stdout"] == ["1", "2", "3", "last"]
    assert [line.text for line in lines if line.stream == "stderr"] == ["bad"]


async def test_a_terminal_s_log_has_no_frames(engine: DockerEngine, docker: Callable[..., str], name: str):
    uid = await asyncio.to_thread(docker, "run", "-d", "-t", "--name", name, "busybox:1", "sh", "-c", "echo one; echo two")
    ref = Ref(engine.id, "docker/containers", "", name, uid)
    assert [line.text async for batch in engine.logs(ref, LogOptions()) for line in batch] == ["one", "two"]


async def test_a_line_longer_than_the_engine_s_buffer_is_one_line(engine: DockerEngine, docker: Callable[..., str], name: str):
    script = "head -c 40000 /dev/zero | tr '\\0' a; echo; echo next"
    uid = await asyncio.to_thread(docker, "run", "-d", "--name", name, "busybox:1", "sh", "-c", script)
    ref = Ref(engine.id, "docker/containers", "", name, uid)
    assert [len(line.text) async for batch in engine.logs(ref, LogOptions()) for line in batch] == [40000, 4]


async def test_a_volume_made_anew_under_its_name_is_not_removed(engine: DockerEngine, docker: Callable[..., str]):
    volume = f"pht-{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(docker, "volume", "create", volume)
    try:
        with pytest.raises(Conflict):
            await engine.remove(Ref(engine.id, "docker/volumes", "", volume, f"{volume} 2020-01-01T00:00:00Z"))
        fed, task = await watching(engine, "volumes")
        one = next(one for one in fed.objects.values() if one.name == volume)
        await engine.remove(Ref(engine.id, "docker/volumes", "", volume, one.uid))
        await until(lambda: volume not in fed.names)
        await ended(task)
    finally:
        await asyncio.to_thread(docker, "volume", "rm", "-f", volume)


async def test_a_service_is_scaled_restarted_and_rolled_back(engine: DockerEngine, docker: Callable[..., str]):
    service = f"pht-{uuid.uuid4().hex[:8]}"
    # The image is on the manager alone.
    create = ["service", "create", "-d", "-q", "--no-resolve-image", "--stop-grace-period", "1s", "--constraint", "node.role==manager"]
    uid = await asyncio.to_thread(docker, *create, "--name", service, "busybox:1", "sleep", "600")
    swarm = SwarmEngine(engine)
    ref = Ref(swarm.id, "swarm/services", "", service, uid)
    try:
        fed, task = await watching(swarm, "services")
        await until(lambda: uid in fed.objects and fed.objects[uid].counts.running_tasks == 1)
        await swarm.scale(ref, 2, 1)
        await until(lambda: fed.objects[uid].counts.running_tasks == 2)
        with pytest.raises(Conflict):
            await swarm.scale(ref, 5, 1)
        await swarm.restart(ref)
        found = await swarm.revisions(ref)
        assert [one.current for one in found] == [True, False]
        await swarm.rollback(ref, 1)
        template = (await swarm.fetch(ref))["Spec"]["TaskTemplate"]
        assert template.get("ForceUpdate", 0) == 0
        await swarm.remove(ref)
        await until(lambda: uid not in fed.objects)
        await ended(task)
    finally:
        if service in await asyncio.to_thread(docker, "service", "ls", "--format", "{{.Name}}"):
            await asyncio.to_thread(docker, "service", "rm", service)


async def test_a_worker_says_where_to_go(docker_world: World, tmp_path: Path):
    worker = docker_world.get("PILOTHOUSE_TEST_SWARM_WORKER_HOST")
    if not worker:
        pytest.skip("this world has no second node")
    engine = DockerEngine(load(docker_world, tmp_path, host=worker).chosen, Gate())
    fed = Fed()
    task = asyncio.create_task(SwarmEngine(engine).watch(kinds()["swarm/nodes"], "", fed))
    await until(lambda: fed.state is State.FORBIDDEN)
    assert "connect to a manager" in fed.reason
    await ended(task)
    await engine.close()
