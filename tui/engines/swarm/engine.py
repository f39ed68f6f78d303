"""The Swarm engine: the cluster that a Docker host manages, over that host's transport and event stream."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui.engines.docker import verbs
from tui.engines.docker.engine import REMEMBERED, DockerEngine
from tui.engines.docker.errors import NoSwarm, NotManager, OutOfSequence
from tui.engines.docker.events import Lines
from tui.engines.docker.listing import SAFETY, Listing
from tui.engines.docker.logs import Decoder, lines
from tui.engines.docker.transport import filters
from tui.engines.swarm.objects import TaskBrief, task_name
from tui.engines.swarm.reader import Directory, SwarmReader
from tui.facts import (
    About,
    Conflict,
    Denied,
    Drained,
    EngineError,
    Event,
    Fate,
    Feed,
    Health,
    LogLine,
    LogOptions,
    Ref,
    Revision,
    Sitting,
    State,
    Unsupported,
)  # fmt: skip
from tui.model import Engine, Kind

WORDS = ("nodes", "services", "tasks", "secrets", "configs")
EVERY = {"tasks": 1.5, "services": 2.0}  # seconds; tasks and replica counts change without an event
BUSY = {"new", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running"}  # states of a task that is not over
LOOK = 1.0  # seconds between two looks at a node that is drained
TRIES = 5  # times an "out of sequence" write is made anew from a fresh read


class SwarmEngine(Engine):
    """The swarm behind one Docker host."""

    family = "swarm"

    def __init__(self, docker: DockerEngine) -> None:
        self.id = f"swarm:{docker.host.name}"
        self.context = docker.host.name
        self.docker = docker
        self.transport = docker.transport
        self.directory = Directory(docker.transport)
        self._health = Health(State.CONNECTING)

    @property
    def about(self) -> About:
        """Return where the swarm is; the detail is such as "manager, 2 nodes"."""
        seen = self.directory.cluster
        if not seen.local_node_state:
            detail = ""
        elif seen.local_node_state != "active":
            detail = "not in a swarm" if seen.local_node_state == "inactive" else seen.local_node_state
        elif seen.control_available:
            detail = f"manager, {seen.nodes} node{'' if seen.nodes == 1 else 's'}"
        else:
            detail = "worker"
        host = self.docker.host
        return About(host.name, host.url, self.transport.software, detail=detail, insecure=host.insecure)

    @property
    def health(self) -> Health:
        """Return how the host does or, where it has no swarm to show, why."""
        stream = self.docker.stream.health
        if self._health.state in {State.ABSENT, State.FORBIDDEN} or stream.state is State.CONNECTING:
            return self._health
        return stream

    async def connect(self) -> None:
        """Find out whether the host manages a swarm; raises Unsupported (none), Denied (a worker), Unreachable."""
        try:
            await self.transport.ready()
            seen = await self.directory.survey()
            if seen.local_node_state in {"", "inactive"}:
                raise self.directory.explain(NoSwarm())
            if not seen.control_available:
                raise self.directory.explain(NotManager())
        except EngineError as error:
            state = {Denied: State.FORBIDDEN, Unsupported: State.ABSENT}.get(type(error), State.RETRYING)
            self._health = Health(state, str(error))
            raise
        self._health = Health(State.LIVE, since=self.docker.now())

    async def watch(self, kind: Kind, namespace: str, feed: Feed) -> None:
        """Feed nodes, services, tasks, secrets or configs until cancelled."""
        if kind.family != "swarm" or kind.word not in WORDS:
            raise Unsupported(f"swarm has no {kind.title}")

        def heard(delta: Any) -> None:
            if isinstance(delta, Health):
                self._health = delta
            feed(delta)

        reader = SwarmReader(self.directory, kind, self.docker.now)
        await Listing(reader, self.docker.stream, heard, self.docker.now, EVERY.get(kind.word, SAFETY)).run()

    async def close(self) -> None:
        """Let go of nothing: the connections are the Docker engine's."""

    # ---- about one object -------------------------------------------------------------------------------------------

    async def fetch(self, ref: Ref) -> Mapping[str, Any]:
        """Return what `docker inspect` shows; raises Missing."""
        return await self.transport.read(dict[str, Any], f"/{_word(ref)}/{ref.uid}")

    async def events(self, ref: Ref) -> Sequence[Event]:
        """Return what the engine remembers of the object, oldest first; of a task, how far it has come."""
        noun, now = _word(ref).removesuffix("s"), self.docker.now()
        if noun == "task":
            status = (await self.transport.read(TaskBrief, f"/tasks/{ref.uid}")).status
            return [Event(status.timestamp, bool(status.err), status.state, status.err or status.message)]
        params: dict[str, str | int] = {"since": int((now - REMEMBERED).timestamp()), "until": int(now.timestamp())}
        params["filters"] = filters(type=[noun], **{noun: [ref.uid]})
        body = await self.transport.get("/events", params)
        return [verbs.told(event) for event in Lines().feed(body + b"\n")]

    async def logs(self, ref: Ref, options: LogOptions) -> AsyncIterator[Sequence[LogLine]]:
        """Yield the output of a service's tasks or of one task; `source` names the task."""
        word = _word(ref)
        if word not in {"services", "tasks"}:
            raise Unsupported(f"{word} have no logs")
        full = await self.fetch(ref)
        template = full["Spec"]["TaskTemplate"] if word == "services" else full["Spec"]
        raw = bool((template.get("ContainerSpec") or {}).get("TTY"))
        names = _Names(self, str(full["ID"] if word == "services" else full["ServiceID"]))
        params = {**verbs.log_params(options, self.docker.now()), "details": 1}
        async with self.transport.stream(f"/{word}/{ref.uid}/logs", params) as answer:
            async for batch in lines(answer.content.iter_any(), Decoder(raw, details=True)):
                yield [line._replace(source=await names.of(line.source)) for line in batch]

    async def revisions(self, ref: Ref) -> Sequence[Revision]:
        """Return the present specification of a service and the one before it; swarm keeps no more."""
        full = await self._service(ref)
        state = full.get("UpdateStatus") or {}
        note = state.get("Message") or state.get("State") or ""
        changed = msgspec.convert(full["UpdatedAt"], datetime) if full.get("UpdatedAt") else None
        before = full.get("PreviousSpec")
        found = [Revision(2 if before else 1, changed, _images(full["Spec"]), full["Spec"], current=True, note=note)]
        return [*found, Revision(1, None, _images(before), before)] if before else found

    # ---- verbs ------------------------------------------------------------------------------------------------------

    async def scale(self, ref: Ref, replicas: int, was: int) -> None:
        """Set the replicas of a replicated service, if they still are `was`; raises Conflict, Unsupported."""

        def change(spec: dict[str, Any]) -> None:
            mode = spec.get("Mode", {}).get("Replicated")
            if mode is None:
                raise Unsupported(f"{ref.name} runs on every node: only replicated services can be scaled")
            if mode.get("Replicas", 1) != was:
                raise Conflict(f"{ref.name} has {mode.get('Replicas', 1)} replicas by now, not {was}; look again")
            mode["Replicas"] = replicas

        await self._change_service("scale", ref, change)

    async def restart(self, ref: Ref) -> None:
        """Make every task of a service anew, as its update policy says."""

        def change(spec: dict[str, Any]) -> None:
            spec["TaskTemplate"]["ForceUpdate"] = spec["TaskTemplate"].get("ForceUpdate", 0) + 1

        await self._change_service("restart", ref, change)

    async def rollback(self, ref: Ref, revision: int) -> None:
        """Go back to the specification before the present one."""
        if (await self._service(ref)).get("PreviousSpec") is None:
            raise Conflict(f"{ref.name} has no earlier specification to go back to")
        if revision != 1:
            raise Unsupported(f"{ref.name} can go back to revision 1 alone: a swarm keeps one earlier specification")
        await self._change_service("rollback", ref, lambda spec: None, rollback="previous")

    async def cordon(self, ref: Ref, closed: bool) -> None:
        """Set a node's availability to pause, or back to active."""
        await self._availability("cordon" if closed else "uncordon", ref, "pause" if closed else "active")

    async def sitting(self, ref: Ref) -> Sequence[Sitting]:
        """Return the tasks of a node that are to run; each is made anew elsewhere, where its service allows."""
        _only("nodes", ref)
        wanted = {"filters": filters(node=[ref.uid])}
        tasks = [one for one in await self.transport.read(list[TaskBrief], "/tasks", wanted) if one.status.state in BUSY]
        return [Sitting(Ref(ref.engine, "swarm/tasks", "", one.id, one.id), Fate.MOVES) for one in tasks]

    async def drain(self, ref: Ref, taken: frozenset[Fate]) -> AsyncIterator[Drained]:
        """Set a node's availability to drain and tell how many of its tasks are left."""
        whole = {one.ref.uid for one in await self.sitting(ref)}
        await self._availability("drain", ref, "drain")
        while True:
            left = {one.ref.uid for one in await self.sitting(ref)} & whole
            yield Drained(len(left), len(whole))
            if not left:
                return
            await asyncio.sleep(LOOK)

    async def _availability(self, verb: str, ref: Ref, availability: str) -> None:
        _only("nodes", ref)
        await self._update(verb, ref, lambda spec: spec.update(Availability=availability))

    async def remove(self, ref: Ref, *, force: bool = False, volumes: bool = False, propagation: str = "Background") -> None:
        """Remove a service, node, secret or config; their ids are never used again, so it is the right one or none."""
        word = _word(ref)
        if word == "tasks":
            raise Unsupported("a task cannot be removed: its service makes another; scale the service instead")

        def send(client: Any) -> None:
            params = {"force": 1} if force and word == "nodes" else {}
            client._raise_for_status(client._delete(client._url(f"/{word}/{{0}}", ref.uid), params=params))

        await self.docker.writer.call("remove", ref, "DELETE", f"/{word}/{ref.uid}", send)

    async def _service(self, ref: Ref) -> Mapping[str, Any]:
        _only("services", ref)
        return await self.fetch(ref)

    async def _change_service(self, verb: str, ref: Ref, change: Callable[[dict[str, Any]], None], **more: str) -> None:
        _only("services", ref)
        await self._update(verb, ref, change, registryAuthFrom="spec", **more)

    async def _update(self, verb: str, ref: Ref, change: Callable[[dict[str, Any]], None], **more: str) -> None:
        """Read, change, write; made anew from a fresh read when somebody, often the swarm itself, wrote in between."""
        path = f"/{_word(ref)}/{ref.uid}/update"
        for _ in range(TRIES):
            full = await self.fetch(ref)
            spec, version = copy.deepcopy(full["Spec"]), full["Version"]["Index"]
            change(spec)
            params = {"version": version, **more}

            def send(client: Any, spec: dict[str, Any] = spec, params: dict[str, Any] = params) -> None:
                url = client._url(path)
                client._raise_for_status(client._post_json(url, data=spec, params=params))

            try:
                await self.docker.writer.call(verb, ref, "POST", path, send)
            except OutOfSequence:
                continue
            return
        raise Conflict(f"{ref.name} changed {TRIES} times while {verb} was tried; nothing was done: look again")


class _Names:
    """The names of a service's tasks, learnt when a line of an unknown one comes."""

    def __init__(self, engine: SwarmEngine, service: str) -> None:
        self._engine = engine
        self._service = service
        self._known: dict[str, str] = {}

    async def of(self, details: str) -> str:
        """Return the task's name for the details that stand before a log line."""
        pairs = dict(pair.split("=", 1) for pair in details.split(",") if "=" in pair)
        task = pairs.get("com.docker.swarm.task.id", "")
        if task and task not in self._known:
            directory = self._engine.directory
            wanted = {"filters": filters(service=[self._service])}
            tasks = await self._engine.transport.read(list[TaskBrief], "/tasks", wanted)
            await directory.learn({self._service, *(one.node_id for one in tasks)})
            for one in tasks:
                node = directory.names.get(one.node_id, one.node_id)
                self._known[one.id] = task_name(directory.names.get(self._service, ""), one.slot, node)
            self._known.setdefault(task, task[:12])
        return self._known.get(task, task)


def _only(word: str, ref: Ref) -> None:
    if _word(ref) != word:
        raise Unsupported(f"this verb is for {word}, not for {_word(ref)}")


def _word(ref: Ref) -> str:
    word = ref.kind.rpartition("/")[2]
    if word not in WORDS:
        raise Unsupported(f"swarm has no {word}")
    return word


def _images(spec: Mapping[str, Any] | None) -> tuple[str, ...]:
    image = (((spec or {}).get("TaskTemplate") or {}).get("ContainerSpec") or {}).get("Image")
    return (str(image).partition("@")[0],) if image else ()
