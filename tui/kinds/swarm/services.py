"""Services of a swarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from tui.actions import copy, delete, restart, rollback, scale
from tui.engines.docker.objects import Part, Reading
from tui.engines.swarm.objects import SwarmObject
from tui.facts import Object, Tone
from tui.kinds.docker.common import Ago, familiar
from tui.kinds.swarm import service_facts
from tui.kinds.swarm.ports import Published, ports_text
from tui.model import Column, Drill, Kind, Progress, Trouble
from tui.values import Key, Ratio, Value
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML

STACK = "com.docker.stack.namespace"
UNDER_WAY = frozenset({"updating", "rollback_started", "paused", "rollback_paused"})


class Replicated(Part, frozen=True):
    """So many tasks, wherever there is room."""

    replicas: int = 1


class Job(Part, frozen=True):
    """So many tasks that end."""

    max_concurrent: int = 0
    total_completions: int = 0


class Mode(Part, frozen=True):
    """How a service spreads its tasks; one of the four is there."""

    replicated: Replicated | None = None
    global_: dict[str, Any] | None = msgspec.field(name="Global", default=None)
    replicated_job: Job | None = None
    global_job: dict[str, Any] | None = None


class ContainerSpec(Part, frozen=True):
    """What the tasks run."""

    image: str = ""


class Placement(Part, frozen=True):
    """Where tasks may run."""

    constraints: tuple[str, ...] | None = ()
    max_replicas: int = 0


class Template(Part, frozen=True):
    """What every task of a service is made from."""

    container_spec: ContainerSpec | None = None
    placement: Placement | None = None
    force_update: int = 0


class Spec(Part, frozen=True):
    """What was asked of a service."""

    name: str = ""
    labels: dict[str, str] | None = None
    task_template: Template = msgspec.field(default_factory=Template)
    mode: Mode = msgspec.field(default_factory=Mode)


class Endpoint(Part, frozen=True):
    """How a service is reached."""

    ports: tuple[Published, ...] | None = ()


class Counts(Part, frozen=True):
    """How many tasks run and should."""

    running_tasks: int = 0
    desired_tasks: int = 0
    completed_tasks: int = 0


class UpdateStatus(Part, frozen=True):
    """How a rolling update goes."""

    state: str = ""
    message: str = ""
    started_at: datetime | None = None


class Service(SwarmObject):
    """One item of /services?status=true.

    `error`: the newest error of its tasks, where replicas lack. `fresh`: how many tasks of its update run, while it is under way.
    """

    spec: Spec = msgspec.field(default_factory=Spec)
    endpoint: Endpoint | None = None
    service_status: Counts | None = None
    update_status: UpdateStatus | None = None
    error: str = msgspec.field(name="pilothouse.error", default="")
    fresh: int | None = msgspec.field(name="pilothouse.fresh", default=None)

    @property
    def name(self) -> str:
        """Return the service's name."""
        return self.spec.name

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the service's labels."""
        return self.spec.labels or {}

    @property
    def counts(self) -> Counts:
        """Return how many tasks run and should."""
        return self.service_status or Counts()

    @property
    def lacks(self) -> bool:
        """Tell whether fewer tasks run than should; a job's tasks are meant to end."""
        job = self.spec.mode.replicated_job or self.spec.mode.global_job
        return job is None and self.counts.running_tasks < self.counts.desired_tasks

    @property
    def updating(self) -> datetime | None:
        """Return since when an update or a rollback is under way, or None."""
        found = self.update_status
        return found.started_at if found and found.state in UNDER_WAY else None

    @property
    def replicas(self) -> int | None:
        """Return how many replicas were asked for; None where they cannot be scaled."""
        return self.spec.mode.replicated.replicas if self.spec.mode.replicated else None

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return the service with what its tasks failed of, and how far its update is."""
        told = reading.used.get(self.id) or ("",)
        self.error = told[0]
        self.fresh = int(told[1]) if len(told) > 1 else None
        return (self,)


class Replicas(Struct, frozen=True):
    """REPLICAS as docker prints it: 3/3, and what limits or completes them behind it."""

    part: int
    whole: int
    after: str = ""

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return such as `1/3 (max 1 per node)`."""
        return f"{self.part}/{self.whole}{self.after}"

    def key(self) -> Key:
        """Sort by the share that is there."""
        return Ratio(self.part, self.whole).key()


def mode(one: Service) -> str:
    """Return the mode in docker's word."""
    asked = one.spec.mode
    if asked.global_ is not None:
        return "global"
    if asked.replicated_job is not None:
        return "replicated job"
    return "global job" if asked.global_job is not None else "replicated"


def replicas(one: Service) -> Value:
    """Return running/desired."""
    counts, asked = one.counts, one.spec.mode
    placement = one.spec.task_template.placement
    after = ""
    if asked.replicated is not None and placement and placement.max_replicas:
        after = f" (max {placement.max_replicas} per node)"
    elif asked.replicated_job is not None:
        after = f" ({counts.completed_tasks}/{asked.replicated_job.total_completions} completed)"
    elif asked.global_job is not None:
        after = f" ({counts.completed_tasks}/{counts.desired_tasks + counts.completed_tasks} completed)"
    return Replicas(counts.running_tasks, counts.desired_tasks, after)


def image(one: Service) -> str:
    """Return the image without its digest."""
    asked = one.spec.task_template.container_spec
    return familiar(asked.image) if asked else ""


def _updating(one: Service) -> str:
    return one.update_status.state if one.update_status else ""


def tone(one: Service) -> Tone:
    """Return how the service does."""
    counts = one.counts
    if _updating(one) in {"paused", "rollback_paused"}:
        return Tone.BROKEN
    if _updating(one) in {"updating", "rollback_started"}:
        return Tone.MOVING
    if one.lacks:
        return Tone.STRAINED if counts.running_tasks else Tone.BROKEN
    return Tone.WELL if counts.running_tasks else Tone.OVER


def trouble(one: Service) -> Trouble | None:
    """Return what is wrong: replicas that lack and what their tasks failed of, or an update that stopped."""
    said = one.update_status.message if one.update_status else ""
    if _updating(one) in {"paused", "rollback_paused"}:
        return Trouble(Tone.BROKEN, _updating(one).replace("_", " "), said or "its update stopped", "roll back, or update it anew")
    if not one.lacks:
        return None
    counts = one.counts
    cause = f"task error: {one.error}" if one.error else "its tasks have not started yet"
    return Trouble(tone(one), f"{counts.running_tasks}/{counts.desired_tasks} replicas", cause)


def progress(one: Service) -> Progress | None:
    """Return how many tasks of the update run, while it is under way or paused."""
    if one.updating is None:
        return None
    word = _updating(one).replace("_", " ")
    return Progress(None if one.fresh is None else min(one.fresh, one.counts.desired_tasks), one.counts.desired_tasks, word)


def _ports(one: Service) -> Value:
    return ports_text(one.endpoint.ports if one.endpoint else None)


KIND = Kind(
    id="swarm/services",
    title="Services",
    singular="service",
    aliases=("svc", "service"),
    api="/services?status=true",
    type=Service,
    columns=(
        Column("NAME", lambda one: one.name, keep=9, glow=False),
        Column("MODE", mode, keep=4, glow=False),
        Column("REPLICAS", replicas, tone=tone, keep=9),
        Column("IMAGE", image, keep=6),
        Column("PORTS", _ports, keep=3),
        Column("UPDATE", lambda one: _updating(one).replace("_", " "), keep=5),
        Column("UPDATED", lambda one: Ago(one.updated_at) if one.updated_at else None, keep=2, glow=False, wide=True),
        Column("STACK", lambda one: one.labels.get(STACK, ""), keep=3, glow=False),
        Column("ID", lambda one: one.id[:12], keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    progress=progress,
    facts=service_facts.facts,
    replicas=lambda one: one.replicas,
    views=(FACTS, LOGS, YAML, DESCRIBE, EVENTS),
    actions=(scale, restart, rollback, delete, copy),
    drill=Drill("swarm/tasks", lambda service, task: task.service_id == service.id),
)
