"""Reader: how each swarm kind is listed, with the names and the task errors that its own list does not tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct, field

from tui.engines.docker.errors import NoSwarm, NotManager
from tui.engines.docker.events import Happening
from tui.engines.docker.objects import Part, Reading
from tui.engines.docker.readers import decode
from tui.engines.docker.transport import Transport, filters
from tui.engines.swarm.objects import TaskBrief
from tui.facts import Denied, EngineError, Object, Unsupported
from tui.model import Kind

PATIENCE = 5.0  # seconds; a swarm without a leader may keep a call waiting for a minute
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Spec(Part, frozen=True):
    name: str = ""


class _Description(Part, frozen=True):
    hostname: str = ""


class _Named(Part, frozen=True):
    id: str = msgspec.field(name="ID", default="")
    spec: _Spec = msgspec.field(default_factory=_Spec)
    description: _Description = msgspec.field(default_factory=_Description)


class Peer(Part, frozen=True):
    """A manager that a node knows of."""

    addr: str = ""


class Cluster(Part, frozen=True):
    """What `/info` tells of the swarm."""

    node_id: str = ""
    local_node_state: str = ""
    control_available: bool = False
    nodes: int = 0
    managers: int = 0
    remote_managers: tuple[Peer, ...] | None = ()


class _Info(Part, frozen=True):
    swarm: Cluster = msgspec.field(default_factory=Cluster)


class Directory(Struct, eq=False):
    """Who is who in the swarm: its shape, and the names of nodes and services by id."""

    transport: Transport
    cluster: Cluster = field(default_factory=Cluster)
    names: dict[str, str] = field(default_factory=dict)

    async def survey(self) -> Cluster:
        """Return what the engine knows of its swarm, asked anew."""
        self.cluster = (await self.transport.read(_Info, "/info", timeout=PATIENCE)).swarm
        return self.cluster

    async def learn(self, ids: Iterable[str]) -> None:
        """Find out the names of these ids, if one of them is not known."""
        if all(one in self.names for one in ids if one):
            return
        for path in ("/nodes", "/services"):
            for found in await self.transport.read(list[_Named], path, timeout=PATIENCE):
                self.names[found.id] = found.spec.name or found.description.hostname
        for one in ids:
            self.names.setdefault(one, one[:12])  # removed by now: its id is all there is

    def explain(self, error: EngineError) -> EngineError:
        """Return an error with the sentence of what to do when the engine has no swarm to show."""
        where = self.transport.host.name
        match error:
            case NotManager():
                peers = ", ".join(peer.addr.rpartition(":")[0] for peer in self.cluster.remote_managers or ())
                to = f"a manager ({peers})" if peers else "a manager"
                return Denied(f"{where} is a worker: it may not see its swarm; connect to {to}, or promote it: docker node promote")
            case NoSwarm():
                return Unsupported(f"{where} is not in a swarm; docker swarm init makes one, docker swarm join joins one")
            case _:
                return error


class SwarmReader(Struct, eq=False):
    """Reads one swarm kind."""

    directory: Directory
    kind: Kind
    now: Callable[[], datetime]

    def hears(self, event: Happening) -> str | None:
        """Return "" when an event is about an object of this kind; there are no events of tasks."""
        own = self.kind.word.removesuffix("s")
        if event.type in {"node", "service"} and event.action in {"update", "remove"}:
            self.directory.names.pop(event.actor.id, None)  # it may have another name by now
        if event.type == own:
            return ""
        return "" if self.kind.word == "tasks" and event.type in {"service", "node"} else None

    async def everything(self, known: dict[str, Object]) -> Sequence[Object]:
        """Return all rows; raises Denied on a worker, Unsupported where there is no swarm."""
        path, _, query = self.kind.api.partition("?")
        try:
            body = await self.directory.transport.get(path, dict(parse_qsl(query)), PATIENCE)
        except (NotManager, NoSwarm) as error:
            await self.directory.survey()
            raise self.directory.explain(error) from error
        items: Sequence[Any] = decode(self.kind, body)
        if self.kind.word == "nodes" and not self.directory.cluster.node_id:
            await self.directory.survey()
        if self.kind.word == "tasks":
            await self.directory.learn({one for task in items for one in (task.service_id, task.node_id) if one})
        used = await self._tasks(items) if self.kind.word == "services" else {}
        reading = Reading(self.now(), known, used, self.directory.names, self.directory.cluster.node_id)
        return [row for item in items for row in item.rows(reading)]

    async def these(self, ids: frozenset[str], known: dict[str, Object]) -> Sequence[Object]:
        """Return all rows: swarm objects are few."""
        return await self.everything(known)

    async def _tasks(self, services: Sequence[Any]) -> dict[str, tuple[str, ...]]:
        """Return what tasks tell of services that lack replicas or are updated: the newest error, how many tasks of the update run."""
        since = {one.id: one.updating for one in services if one.lacks or one.updating}
        if not since:
            return {}
        try:
            wanted = {"filters": filters(service=list(since)[:50])}
            tasks = await self.directory.transport.read(list[TaskBrief], "/tasks", wanted, PATIENCE)
        except EngineError:
            return {}  # the counts are shown without their cause
        errors = {task.service_id: task.status.err for task in sorted(tasks, key=_reached) if task.status.err}
        fresh = Counter(task.service_id for task in tasks if _is_fresh(task, since.get(task.service_id)))
        return {uid: (errors.get(uid, ""), *((str(fresh[uid]),) if began else ())) for uid, began in since.items()}


def _reached(task: TaskBrief) -> datetime:
    return task.status.timestamp or EPOCH


def _is_fresh(task: TaskBrief, began: datetime | None) -> bool:
    return began is not None and task.status.state == "running" and (task.created_at or EPOCH) >= began
