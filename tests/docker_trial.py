"""The program's Docker engine on the demo's Docker host, and what it fed; for the tests of docker and swarm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.told_docker import ScriptedHost
from tui.demo.clock import Clock
from tui.demo.docker.container import Container
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.hosts import HostEntry
from tui.engines.gate import Gate
from tui.facts import Delta, Gone, Health, Listed, Put, Ref, State
from tui.kinds import kinds
from tui.model import Engine, Kind


@dataclass
class Fed:
    """What a watch has fed, folded as the store folds it."""

    objects: dict[str, Any] = field(default_factory=dict)
    health: list[Health] = field(default_factory=list)
    puts: int = 0
    listings: int = 0
    task: asyncio.Task[None] | None = None

    def __call__(self, delta: Delta) -> None:
        match delta:
            case Put(objects):
                self.puts += len(objects)
                self.objects.update((one.uid, one) for one in objects)
            case Gone(uids):
                for uid in uids:
                    self.objects.pop(uid, None)
            case Listed(uids):
                self.listings += 1
                self.objects = {uid: one for uid, one in self.objects.items() if uid in uids}
            case Health():
                self.health.append(delta)

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.objects.values()}

    @property
    def state(self) -> State:
        return self.health[-1].state if self.health else State.CONNECTING

    @property
    def reason(self) -> str:
        return self.health[-1].reason if self.health else ""


@dataclass
class Trial:
    """A world, an engine that speaks to it, and the watches."""

    world: ScriptedHost
    engine: DockerEngine
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def watch(self, word: str, engine: Engine | None = None) -> Fed:
        fed, chosen = Fed(), engine or self.engine
        fed.task = asyncio.create_task(chosen.watch(kind(f"{chosen.family}/{word}"), "", fed))
        self.tasks.append(fed.task)
        return fed

    def ref(self, word: str, one: Any, family: str = "docker") -> Ref:
        return Ref(self.engine.id, f"{family}/{word}", "", one.name, getattr(one, "uid", "") or one.id)

    # ---- what is on the host ----------------------------------------------------------------------------------------

    def add(self, name: str, script: str = "") -> Container:
        """Make a container that does not run yet, and will sleep or do what a script says."""
        return add(self.world, name, script)

    def run(self, name: str, script: str = "") -> Container:
        """Start a container."""
        one = self.add(name, script)
        self.world.daemon.containers.start(one)
        return one

    async def drop(self, one: Container) -> None:
        """Remove a container that does not run."""
        await self.world.daemon.containers.remove(one)

    def emit(self, kind: str, action: str, identity: str, scope: str = "local", **attributes: str) -> None:
        """Say an event, though nothing has happened."""
        self.world.daemon.events.emit(kind, action, identity, attributes, scope)

    def asked(self, path: str) -> list[Mapping[str, str]]:
        """Return the queries with which a path was asked for."""
        return [one.query for one in self.world.record.asked if one.path == path]


def kind(identity: str) -> Kind:
    return kinds()[identity]


def host(**more: Any) -> ScriptedHost:
    """Return a Docker host with an image that a container can be made from, and nothing else; `more`: as DockerWorld takes it."""
    world = ScriptedHost(**more)
    made = world.clock.nano() - 10**16
    world.daemon.images.add(["busybox:1"], [("ADD rootfs.tar / # buildkit", 4_280_000)], {"Cmd": ["sh"]}, made)
    return world


def add(world: ScriptedHost, name: str, script: str = "") -> Container:
    """Make a container that does not run yet, and will sleep or do what a script says."""
    command = ["sh", "-c", script] if script else ["sleep", "1d"]
    return world.daemon.containers.create(name, {"Image": "busybox:1", "Cmd": command, "StopTimeout": 1})


@asynccontextmanager
async def trial(folder: Path, gate: Gate | None = None) -> AsyncIterator[Trial]:
    """Give a trial with short patience, and check that nothing is left running after it."""
    world = host(clock=Clock(speed=20.0))
    await world.start(folder / "d.sock")
    engine = DockerEngine(HostEntry("test", world.host, "the test"), gate or Gate(), now=world.clock.now)
    engine.stream.rand = lambda: 0.0
    engine.transport.alive = 0.5
    given = Trial(world, engine)
    try:
        yield given
    finally:
        for task in given.tasks:
            task.cancel()
        await asyncio.gather(*given.tasks, return_exceptions=True)
        await engine.close()
        ours = ("events ", "probe ", "read events ", "lens ", "ssh ")
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(ours)]
        await world.stop()
