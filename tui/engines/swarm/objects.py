"""The parts of swarm objects that engine and kinds share."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tui.engines.docker.objects import Listed, Part


class Version(Part, frozen=True):
    """The version of a swarm object; a write names the one it was made from."""

    index: int = 0


class SwarmObject(Listed):
    """The base of every swarm struct."""

    id: str = msgspec.field(name="ID", default="")
    version: Version = msgspec.field(default_factory=Version)
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def uid(self) -> str:
        """Return the object's id."""
        return self.id


class ContainerStatus(Part, frozen=True):
    """Where a task's container is, and how it ended."""

    container_id: str = ""
    exit_code: int = 0


class PortStatus(Part, frozen=True):
    """One port that a task has published on its node."""

    published_port: int = 0
    target_port: int = 0
    protocol: str = "tcp"


class PortsStatus(Part, frozen=True):
    """The ports that a task has published on its node."""

    ports: tuple[PortStatus, ...] | None = ()


class TaskStatus(Part, frozen=True):
    """How far a task has come."""

    timestamp: datetime | None = None
    state: str = ""
    message: str = ""
    err: str = ""
    container_status: ContainerStatus | None = None
    port_status: PortsStatus | None = None


class TaskBrief(Part, frozen=True):
    """What tells a task's name, its age and why it failed."""

    id: str = msgspec.field(name="ID", default="")
    service_id: str = ""
    node_id: str = ""
    slot: int = 0
    desired_state: str = ""
    created_at: datetime | None = None
    status: TaskStatus = msgspec.field(default_factory=TaskStatus)


def task_name(service: str, slot: int, node_id: str) -> str:
    """Return a task's name as docker makes it: by its slot or, in a global service, by its node."""
    return f"{service}.{slot or node_id}"
