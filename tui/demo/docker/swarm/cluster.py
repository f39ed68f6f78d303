"""Cluster: a swarm's store: who is in it, what is asked of it, and who is told of a change."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, TypeVar

from tui.demo.clock import Clock
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.swarm.objects import Kept, Node, Service, Stored, Task
from tui.demo.docker.words import Json, Refusal, swarm_identity

if TYPE_CHECKING:
    from tui.demo.docker.swarm.orchestrator import Orchestrator

S = TypeVar("S", bound=Stored)
KeptKind = Literal["secret", "config"]


class Cluster:
    """One swarm; its first node is the leader, and the one that is asked."""

    def __init__(self, daemon: Daemon, address: str = "192.0.2.21") -> None:
        self.clock: Clock = daemon.clock
        self.rand = daemon.rand
        self.daemon = daemon
        self.id = swarm_identity(self.rand)
        self.created = self.clock.nano()
        self.tokens = {role: self._token() for role in ("Worker", "Manager")}
        self.nodes: dict[str, Node] = {}
        self.services: dict[str, Service] = {}
        self.tasks: dict[str, Task] = {}
        self.secrets: dict[str, Kept] = {}
        self.configs: dict[str, Kept] = {}
        self.arrivals: list[Callable[[Task], None]] = []  # told of every new task
        self._index = 10
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        leader = self.add_node(daemon.name, address, "manager", daemon)
        leader.leader = True
        daemon.swarm = self.info
        daemon.networks.services = self.network_users
        ingress = daemon.networks.create("ingress", "overlay", created=self.created, quiet=True)
        ingress.ingress = True
        daemon.networks.create("docker_gwbridge", created=self.created, quiet=True)
        from tui.demo.docker.swarm.orchestrator import Orchestrator

        self.orchestrator: Orchestrator = Orchestrator(self)

    def _token(self) -> str:
        return f"SWMTKN-1-{swarm_identity(self.rand)}{swarm_identity(self.rand)}-{swarm_identity(self.rand)}"

    @property
    def leader(self) -> Node:
        """Return the node that is asked."""
        return next(node for node in self.nodes.values() if node.leader)

    def next_index(self) -> int:
        """Return the index of the next write."""
        self._index += 1
        return self._index

    def wrote(self, one: Stored) -> None:
        """Note that an object was written, and look who waits for that."""
        one.index, one.updated = self.next_index(), self.clock.nano()
        self.look()

    def look(self) -> None:
        """Tell those who wait for something that has come true."""
        for ready, future in list(self._waiting):
            if future.done():
                self._waiting.remove((ready, future))
            elif ready():
                future.set_result(None)

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait until something is true of the store."""
        if ready():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ready, future))
        try:
            await future
        finally:
            self._waiting = [pair for pair in self._waiting if pair[1] is not future]

    def say(self, kind: str, action: str, ident: str, name: str, **more: str) -> None:
        """Say an event of the swarm."""
        self.daemon.events.emit(kind, action, ident, {"name": name, **more}, "swarm")

    def fresh(self) -> tuple[str, int, int, int]:
        """Return what a new object begins with: id, created, updated, index."""
        now = self.clock.nano()
        return swarm_identity(self.rand), now, now, self.next_index()

    # ---- finding ----------------------------------------------------------------------------------------------------

    def find(self, kind: str, where: dict[str, S], key: str, name: Callable[[S], str]) -> S:
        """Return an object by id, name or the beginning of its id; raises Refusal 404."""
        if key in where:
            return where[key]
        for one in where.values():
            if name(one) == key:
                return one
        close = [one for ident, one in where.items() if key and ident.startswith(key)]
        if len(close) != 1:
            raise Refusal(404, f"{kind} {key} not found")
        return close[0]

    def node(self, key: str) -> Node:
        """Return a node; raises Refusal 404."""
        return self.find("node", self.nodes, self.leader.id if key == "self" else key, lambda one: one.name)

    def service(self, key: str) -> Service:
        """Return a service; raises Refusal 404."""
        return self.find("service", self.services, key, lambda one: one.name)

    def task(self, key: str) -> Task:
        """Return a task; raises Refusal 404."""
        return self.find("task", self.tasks, key, lambda one: one.name)

    def tasks_of(self, service: Service) -> list[Task]:
        """Return a service's tasks, oldest first."""
        return [task for task in self.tasks.values() if task.service is service]

    def network_users(self, network: str) -> list[str]:
        """Return the ids of the services that use a network."""
        return [
            one.id for one in self.services.values()
            if any(network == self._network(asked["Target"]) for asked in one.template.get("Networks") or one.spec.get("Networks") or ())
        ]  # fmt: skip

    def _network(self, key: str) -> str:
        try:
            return self.daemon.networks.find(key).id
        except Refusal:
            return ""

    # ---- nodes ------------------------------------------------------------------------------------------------------

    def add_node(self, name: str, address: str, role: str, daemon: Daemon | None = None) -> Node:
        """Let a machine join, with the leader's images."""
        if daemon is None:
            daemon = Daemon(name, self.clock, seed=len(self.nodes) + 7)
            daemon.images.known.update(self.daemon.images.known)
        node = Node(*self.fresh(), name=name, address=address, daemon=daemon, role=role)
        self.nodes[node.id] = node
        if len(self.nodes) > 1:
            self.say("node", "create", node.id, name)
        return node

    def update_node(self, node: Node, version: int, spec: Json) -> None:
        """Change role, availability or labels of a node; raises Refusal 400, 500."""
        in_sequence(node, version)
        role, availability = spec.get("Role", node.role), spec.get("Availability", node.availability)
        if role not in {"worker", "manager"}:
            raise Refusal(400, f'invalid Role: "{role}"')
        if availability not in {"active", "pause", "drain"}:
            raise Refusal(400, f'invalid Availability: "{availability}"')
        if node.role == "manager" and role == "worker" and sum(one.role == "manager" for one in self.nodes.values()) == 1:
            raise Refusal(400, "rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm")
        before = node.availability
        node.role, node.availability, node.labels = role, availability, dict(spec.get("Labels") or {})
        self.wrote(node)
        more = {"availability.old": before, "availability.new": availability} if before != availability else {}
        self.say("node", "update", node.id, node.name, **more)
        self.orchestrator.node_changed(node)

    def remove_node(self, node: Node, force: bool) -> None:
        """Remove a node; raises Refusal 400 unless it is down, or `force` for a worker."""
        if node.role == "manager":
            said = f"node {node.id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal"
            raise Refusal(400, f"rpc error: code = FailedPrecondition desc = {said}")
        if node.state == "ready" and not force:
            raise Refusal(400, f"rpc error: code = FailedPrecondition desc = node {node.id} is not down and can't be removed")
        del self.nodes[node.id]
        self.say("node", "remove", node.id, node.name)
        self.orchestrator.node_gone(node)

    def down(self, node: Node, message: str = "heartbeat failure") -> None:
        """Let a node be heard of no more; its tasks are made anew elsewhere."""
        old, node.state, node.message = node.state, "down", message
        self.wrote(node)
        self.say("node", "update", node.id, node.name, **{"state.old": old, "state.new": "down"})
        self.orchestrator.node_changed(node)

    def up(self, node: Node) -> None:
        """Let a node be heard of again."""
        old, node.state, node.message = node.state, "ready", ""
        self.wrote(node)
        self.say("node", "update", node.id, node.name, **{"state.old": old, "state.new": "ready"})
        self.orchestrator.node_back(node)

    # ---- secrets and configs ----------------------------------------------------------------------------------------

    def kept(self, kind: KeptKind) -> dict[str, Kept]:
        """Return the secrets, or the configs."""
        return self.secrets if kind == "secret" else self.configs

    def keep(self, kind: KeptKind, body: Json) -> Kept:
        """Make a secret or config; raises Refusal 400, 409."""
        name, data = str(body.get("Name") or ""), str(body.get("Data") or "")
        if not name:
            raise Refusal(400, "rpc error: code = InvalidArgument desc = name must be provided")
        if any(one.name == name for one in self.kept(kind).values()):
            raise Refusal(409, f"rpc error: code = AlreadyExists desc = {kind} {name} already exists")
        if not base64.b64decode(data or ""):
            raise Refusal(400, f"rpc error: code = InvalidArgument desc = {kind} data must be larger than 0 and less than 512000 bytes")
        made = Kept(*self.fresh(), name=name, labels=dict(body.get("Labels") or {}), data=data)
        self.kept(kind)[made.id] = made
        self.say(kind, "create", made.id, name)
        return made

    def users(self, kind: KeptKind, one: Kept) -> list[str]:
        """Return the names of the services that use a secret or config."""
        field, key = ("Secrets", "SecretID") if kind == "secret" else ("Configs", "ConfigID")
        return sorted(
            service.name for service in self.services.values()
            if any(asked.get(key) == one.id for asked in service.template["ContainerSpec"].get(field) or ())
        )  # fmt: skip

    def forget(self, kind: KeptKind, one: Kept) -> None:
        """Remove a secret or config; raises Refusal 400 when a service uses it."""
        if users := self.users(kind, one):
            count = "service" if len(users) == 1 else "services"
            said = f"{kind} '{one.name}' is in use by the following {count}: {', '.join(users)}"
            raise Refusal(400, f"rpc error: code = InvalidArgument desc = {said}")
        del self.kept(kind)[one.id]
        self.say(kind, "remove", one.id, one.name)

    # ---- about itself -----------------------------------------------------------------------------------------------

    def info(self) -> Json:
        """Return what /info tells of the swarm."""
        from tui.demo.docker.swarm.shapes import cluster

        managers = [node for node in self.nodes.values() if node.role == "manager"]
        return {
            "NodeID": self.leader.id, "NodeAddr": self.leader.address, "LocalNodeState": "active", "ControlAvailable": True, "Error": "",
            "RemoteManagers": [{"NodeID": node.id, "Addr": f"{node.address}:2377"} for node in managers], "Nodes": len(self.nodes),
            "Managers": len(managers), "Cluster": cluster(self),
        }  # fmt: skip

    def daemons(self) -> Iterable[Daemon]:
        """Return the engines of all nodes."""
        return [node.daemon for node in self.nodes.values()]

    def close(self) -> None:
        """Stop every timer."""
        self.orchestrator.close()
        for daemon in self.daemons():
            daemon.close()


def in_sequence(one: Stored, version: int) -> None:
    """Raise Refusal 500 when an object was written since it had this version."""
    if version != one.index:
        raise Refusal(500, "rpc error: code = Unknown desc = update out of sequence")
