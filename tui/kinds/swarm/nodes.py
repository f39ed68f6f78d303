"""Nodes of a swarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, cordon, delete, drain, uncordon
from tui.engines.docker.objects import Part, Reading
from tui.engines.swarm.objects import SwarmObject
from tui.facts import Object, Tone
from tui.kinds.docker.common import Ago, at, filled, labelled, told
from tui.model import Column, Drill, Fact, Kind, Section, Trouble
from tui.values import Bytes
from tui.views import DESCRIBE, EVENTS, FACTS, YAML


class Spec(Part, frozen=True):
    """What was asked of a node."""

    name: str = ""
    labels: dict[str, str] | None = None
    role: str = ""
    availability: str = ""


class Platform(Part, frozen=True):
    """What a node's machine is."""

    architecture: str = ""
    os: str = msgspec.field(name="OS", default="")


class Resources(Part, frozen=True):
    """What a node has to give."""

    nano_cpus: int = msgspec.field(name="NanoCPUs", default=0)
    memory_bytes: int = 0


class Software(Part, frozen=True):
    """The engine on a node."""

    engine_version: str = ""


class Description(Part, frozen=True):
    """What a node tells of itself."""

    hostname: str = ""
    platform: Platform | None = None
    resources: Resources | None = None
    engine: Software | None = None


class NodeStatus(Part, frozen=True):
    """How a node does."""

    state: str = ""
    message: str = ""
    addr: str = ""


class ManagerStatus(Part, frozen=True):
    """How a manager does."""

    leader: bool = False
    reachability: str = ""
    addr: str = ""


class Node(SwarmObject):
    """One item of /nodes; `myself`: it is the node we are connected to."""

    spec: Spec = msgspec.field(default_factory=Spec)
    description: Description = msgspec.field(default_factory=Description)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)
    manager_status: ManagerStatus | None = None
    myself: bool = msgspec.field(name="pilothouse.myself", default=False)

    @property
    def name(self) -> str:
        """Return the host name."""
        return self.description.hostname or self.spec.name or self.id[:12]

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the node's labels."""
        return self.spec.labels or {}

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return the node, marked when it is the one we are connected to."""
        self.myself = self.id == reading.myself
        return (self,)


def manager(one: Node) -> str:
    """Return Leader, Reachable, Unreachable or "" (a worker)."""
    if one.manager_status is None:
        return ""
    return "Leader" if one.manager_status.leader else one.manager_status.reachability.capitalize()


def tone(one: Node) -> Tone:
    """Return how the node does."""
    if one.status.state in {"down", "disconnected"} or manager(one) == "Unreachable":
        return Tone.BROKEN
    if one.status.state != "ready":
        return Tone.MOVING
    return Tone.WELL if one.spec.availability == "active" else Tone.STRAINED


def trouble(one: Node) -> Trouble | None:
    """Return what is wrong with the node."""
    if one.status.state in {"down", "disconnected"}:
        return Trouble(Tone.BROKEN, one.status.state, one.status.message or "the managers do not hear from it",
                       "its tasks are made anew on other nodes")  # fmt: skip
    if manager(one) == "Unreachable":
        return Trouble(Tone.BROKEN, "unreachable", "the other managers do not reach it", "the quorum may be lost with one more")
    if one.spec.availability in {"drain", "pause"}:
        keeps = "its tasks moved away" if one.spec.availability == "drain" else "its tasks stay"
        return Trouble(Tone.STRAINED, one.spec.availability, f"it takes no new tasks; {keeps}")
    return None


def facts(one: Node, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return what the node is and what it has to give."""
    platform, resources, software = one.description.platform, one.description.resources, one.description.engine
    plugins = at(full, "Description", "Engine", "Plugins") or []
    first = [
        *told("Role", one.spec.role),
        *told("Availability", one.spec.availability),
        *told("State", one.status.state),
        *told("Message", one.status.message),
        *told("Manager", manager(one)),
        *told("Address", one.status.addr),
        *told("Engine", software.engine_version if software else None),
        *told("Platform", f"{platform.os}/{platform.architecture}" if platform else None),
        *told("CPUs", resources.nano_cpus / 1e9 if resources and resources.nano_cpus else None),
        *told("Memory", Bytes(resources.memory_bytes, binary=True) if resources and resources.memory_bytes else None),
        *told("Joined", Ago(one.created_at) if one.created_at else None),
        *told("ID", one.id),
    ]
    kinds = sorted({str(plugin.get("Type")) for plugin in plugins})
    listed = [Fact(kind, ", ".join(sorted(str(p.get("Name")) for p in plugins if p.get("Type") == kind))) for kind in kinds]
    return filled(Section("", first), Section("Plugins", listed), labelled(one.spec.labels))


KIND = Kind(
    id="swarm/nodes",
    title="Nodes",
    singular="node",
    aliases=("node",),
    api="/nodes",
    type=Node,
    columns=(
        Column("HOSTNAME", lambda one: one.name, keep=9, glow=False),
        Column("STATUS", lambda one: one.status.state.capitalize(), tone=tone, keep=9),
        Column("AVAILABILITY", lambda one: one.spec.availability.capitalize(), keep=7),
        Column("MANAGER STATUS", manager, keep=6),
        Column("ADDRESS", lambda one: one.status.addr, keep=3),
        Column("ENGINE VERSION", lambda one: one.description.engine.engine_version if one.description.engine else "", keep=4),
        Column("ID", lambda one: f"{one.id} *" if one.myself else one.id, keep=1, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    views=(FACTS, YAML, DESCRIBE, EVENTS),
    actions=(cordon, uncordon, drain, delete, copy),
    drill=Drill("swarm/tasks", lambda node, task: task.node_id == node.id),
)
