"""A Docker engine on a scripted server, and what it fed; for the tests of docker and swarm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui.demo.docker_server import DockerServer
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
    """A server, an engine that speaks to it, and the watches."""

    server: DockerServer
    engine: DockerEngine
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def watch(self, word: str, engine: Engine | None = None) -> Fed:
        fed, chosen = Fed(), engine or self.engine
        fed.task = asyncio.create_task(chosen.watch(kind(f"{chosen.family}/{word}"), "", fed))
        self.tasks.append(fed.task)
        return fed

    def ref(self, word: str, one: Any, family: str = "docker") -> Ref:
        return Ref(self.engine.id, f"{family}/{word}", "", one.name, one.uid)


def kind(identity: str) -> Kind:
    return kinds()[identity]


@asynccontextmanager
async def trial(folder: Path, gate: Gate | None = None, *, serve: bool = True) -> AsyncIterator[Trial]:
    """Give a trial with short patience, and check that nothing is left running after it."""
    server = DockerServer(folder / "d.sock")
    if serve:
        await server.start()
    engine = DockerEngine(HostEntry("test", f"unix://{folder / 'd.sock'}", "the test"), gate or Gate())
    engine.stream.rand = lambda: 0.0
    engine.transport.alive = 0.5
    given = Trial(server, engine)
    try:
        yield given
    finally:
        for task in given.tasks:
            task.cancel()
        await asyncio.gather(*given.tasks, return_exceptions=True)
        await engine.close()
        ours = ("events ", "probe ", "read events ", "lens ", "ssh ")
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(ours)]
        await server.stop()
