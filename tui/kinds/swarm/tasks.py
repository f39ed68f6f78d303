"""Tasks of a swarm: each try to run one replica of a service on one node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy
from tui.engines.docker.objects import Part, Reading
from tui.engines.swarm.objects import SwarmObject, TaskStatus, task_name
from tui.facts import Object, Tone
from tui.kinds.docker.common import Ago, at, environment, familiar, filled, shorten, told
from tui.model import Column, Fact, Kind, Section, Trouble
from tui.values import Value
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML


class ContainerSpec(Part, frozen=True):
    """What a task runs."""

    image: str = ""


class Spec(Part, frozen=True):
    """What a task was made from."""

    container_spec: ContainerSpec | None = None


class Task(SwarmObject):
    """One item of /tasks; the names of service and node are filled in by us."""

    labels_: dict[str, str] | None = msgspec.field(name="Labels", default=None)
    spec: Spec = msgspec.field(default_factory=Spec)
    service_id: str = ""
    node_id: str = ""
    slot: int = 0
    status: TaskStatus = msgspec.field(default_factory=TaskStatus)
    desired_state: str = ""
    service: str = msgspec.field(name="pilothouse.service", default="")
    node: str = msgspec.field(name="pilothouse.node", default="")

    @property
    def name(self) -> str:
        """Return service.slot, or service.node in a global service."""
        return task_name(self.service or self.service_id[:12], self.slot, self.node_id)

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the task's labels."""
        return self.labels_ or {}

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return the task with the names of its service and node."""
        self.service = reading.names.get(self.service_id, "")
        self.node = reading.names.get(self.node_id, "")
        return (self,)


def current(one: Task) -> Value:
    """Return how far the task has come, and since when."""
    word = one.status.state.capitalize()
    return Ago(one.status.timestamp, f"{word} ", " ago", lower=True) if one.status.timestamp else word


def error(one: Task) -> str:
    """Return the error in quotes, at most thirty cells wide."""
    return f'"{shorten(one.status.err, 30)}"' if one.status.err else ""


def ports(one: Task) -> str:
    """Return the ports that the task has published on its node."""
    found = (one.status.port_status.ports if one.status.port_status else None) or ()
    return ",".join(f"*:{port.published_port}->{port.target_port}/{port.protocol}" for port in found)


def tone(one: Task) -> Tone:
    """Return how the task does; one that failed and is replaced by now is over."""
    match one.status.state:
        case "running":
            return Tone.WELL if one.desired_state == "running" else Tone.MOVING
        case "failed" | "rejected" | "orphaned":
            return Tone.BROKEN
        case "complete" | "shutdown" | "remove":
            return Tone.OVER
        case "pending":
            return Tone.STRAINED if one.status.err else Tone.MOVING
        case "":
            return Tone.PLAIN
        case _:
            return Tone.MOVING


def trouble(one: Task) -> Trouble | None:
    """Return what the task failed of, or waits for."""
    if tone(one) not in {Tone.BROKEN, Tone.STRAINED}:
        return None
    code = one.status.container_status.exit_code if one.status.container_status else 0
    cause = one.status.err or one.status.message or (f"exit code {code}" if code else "")
    over = "the swarm has made another in its place" if one.desired_state in {"shutdown", "remove"} else ""
    return Trouble(tone(one), one.status.state, cause, over)


def facts(one: Task, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return where the task runs, how far it has come, and its networks."""
    ended = one.status.container_status
    first = [
        *told("Service", one.service or one.service_id),
        *told("Node", one.node or one.node_id),
        *told("Slot", one.slot or None),
        *told("State", current(one)),
        *told("Desired", one.desired_state),
        *told("Message", one.status.message),
        *told("Error", one.status.err),
        *told("Exit code", ended.exit_code if ended and ended.exit_code else None),
        *told("Image", _image(one)),
        *told("Container", ended.container_id[:12] if ended else None),
        *told("Created", Ago(one.created_at) if one.created_at else None),
        *told("ID", one.id),
    ]
    networks = [
        Fact(str(at(found, "Network", "Spec", "Name") or ""), ", ".join(found.get("Addresses") or ()))
        for found in at(full, "NetworksAttachments") or ()
    ]
    return filled(
        Section("", first), Section("Networks", networks), Section("Environment", environment(at(full, "Spec", "ContainerSpec", "Env")))
    )


def _image(one: Task) -> str:
    return familiar(one.spec.container_spec.image) if one.spec.container_spec else ""


KIND = Kind(
    id="swarm/tasks",
    title="Tasks",
    singular="task",
    aliases=("task",),
    api="/tasks",
    type=Task,
    columns=(
        Column("NAME", lambda one: one.name, keep=9, glow=False),
        Column("IMAGE", _image, keep=4),
        Column("NODE", lambda one: one.node, keep=7),
        Column("DESIRED STATE", lambda one: one.desired_state.capitalize(), keep=5),
        Column("CURRENT STATE", current, tone=tone, keep=9),
        Column("ERROR", error, keep=8),
        Column("PORTS", ports, keep=2),
        Column("ID", lambda one: one.id[:12], keep=1, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    owners=lambda one: (("swarm/services", one.service),) if one.service else (),
    views=(FACTS, LOGS, YAML, DESCRIBE, EVENTS),
    actions=(copy,),
)
