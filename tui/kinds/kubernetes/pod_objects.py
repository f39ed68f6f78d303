"""Pods as lists and watches give them: just the fields that cells, states and sentences need, common parts held once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from tui.engines.kubernetes.objects import KubeObject, Meta
from tui.kinds.kubernetes.common import Condition, share, share_as


class Memory(msgspec.Struct, frozen=True, gc=False):
    """The limits of a container that a sentence may name."""

    memory: str | int | None = None


class Resources(msgspec.Struct, frozen=True, gc=False):
    """`resources` of a container."""

    limits: Memory | None = None


class Container(msgspec.Struct, frozen=True, gc=False):
    """A container as it was asked for. `restartPolicy`: Always makes an init container a sidecar."""

    name: str = ""
    image: str = ""
    restartPolicy: str | None = None  # noqa: N815
    resources: Resources | None = None

    @property
    def is_sidecar(self) -> bool:
        """Tell whether an init container goes on beside the others."""
        return self.restartPolicy == "Always"

    @property
    def memory_limit(self) -> str:
        """Return the memory limit as it was written, or ""."""
        found = self.resources.limits.memory if self.resources and self.resources.limits else None
        return "" if found is None else str(found)


class Gate(msgspec.Struct, frozen=True, gc=False):
    """One of `readinessGates`."""

    conditionType: str = ""  # noqa: N815


class Waiting(msgspec.Struct, gc=False):
    """Why a container does not run yet."""

    reason: str = ""
    message: str = ""


class Running(msgspec.Struct, gc=False):
    """Since when a container runs."""

    startedAt: datetime | None = None  # noqa: N815


class Terminated(msgspec.Struct, gc=False):
    """How a container ended."""

    exitCode: int = 0  # noqa: N815
    signal: int = 0
    reason: str = ""
    message: str = ""
    startedAt: datetime | None = None  # noqa: N815
    finishedAt: datetime | None = None  # noqa: N815

    def __post_init__(self) -> None:
        """Hold the reason once."""
        self.reason = share(self.reason)


class ContainerState(msgspec.Struct, gc=False):
    """One of the three is there, or none."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


NO_STATE = ContainerState()


class ContainerStatus(msgspec.Struct, gc=False):
    """How a container does. `state_`, `last_` may lack; ask `state` and `ended`."""

    name: str = ""
    ready: bool = False
    started: bool | None = None
    restartCount: int = 0  # noqa: N815
    state_: ContainerState | None = msgspec.field(name="state", default=None)
    last_: ContainerState | None = msgspec.field(name="lastState", default=None)

    def __post_init__(self) -> None:
        """Hold the name once, and nothing for an empty last state."""
        self.name = share(self.name)
        if self.last_ is not None and self.last_.terminated is None:
            self.last_ = None

    @property
    def state(self) -> ContainerState:
        """Return its state."""
        return self.state_ or NO_STATE

    @property
    def ended(self) -> Terminated | None:
        """Return how its run before this one ended."""
        return self.last_.terminated if self.last_ else None


class PodIP(msgspec.Struct, gc=False):
    """One address of a pod."""

    ip: str = ""


class PodSpec(msgspec.Struct, gc=False):
    """`spec` of a pod."""

    nodeName: str = ""  # noqa: N815
    containers: tuple[Container, ...] | None = ()
    initContainers: tuple[Container, ...] | None = ()  # noqa: N815
    readinessGates: tuple[Gate, ...] | None = ()  # noqa: N815

    def __post_init__(self) -> None:
        """Hold what many pods have in common once."""
        self.nodeName = share(self.nodeName)
        self.containers = share(self.containers or ())
        self.initContainers = share(self.initContainers or ())


class PodStatus(msgspec.Struct, gc=False):
    """`status` of a pod."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    nominatedNodeName: str = ""  # noqa: N815
    podIPs: tuple[PodIP, ...] | None = ()  # noqa: N815
    conditions: tuple[Condition, ...] | None = ()
    initContainerStatuses: tuple[ContainerStatus, ...] | None = ()  # noqa: N815
    containerStatuses: tuple[ContainerStatus, ...] | None = ()  # noqa: N815

    def __post_init__(self) -> None:
        """Hold what many pods have in common once."""
        self.phase = share(self.phase)
        self.conditions = share(self.conditions or ())


NO_SPEC, NO_STATUS = PodSpec(), PodStatus()


class PodMeta(Meta, gc=False):
    """`metadata` of a pod; labels and owners are those of its siblings, and are held once for all of them."""

    def __post_init__(self) -> None:
        """Hold what many pods have in common once."""
        self.namespace = share(self.namespace)
        if self.labels:
            self.labels = share_as(("labels", *self.labels.items()), self.labels)
        if self.ownerReferences:
            key = tuple((item.kind, item.name, item.uid, item.controller) for item in self.ownerReferences)
            self.ownerReferences = share_as(("owners", key), self.ownerReferences)


class Pod(KubeObject, gc=False):
    """A pod. `spec_`, `status_` may lack; ask `spec` and `status`."""

    metadata: PodMeta
    spec_: PodSpec | None = msgspec.field(name="spec", default=None)
    status_: PodStatus | None = msgspec.field(name="status", default=None)

    @property
    def spec(self) -> PodSpec:
        """Return what was asked for."""
        return self.spec_ or NO_SPEC

    @property
    def status(self) -> PodStatus:
        """Return how it does."""
        return self.status_ or NO_STATUS

    @property
    def inits(self) -> Mapping[str, Container]:
        """Return the init containers by name."""
        return {item.name: item for item in self.spec.initContainers or ()}

    @property
    def init_statuses(self) -> Sequence[ContainerStatus]:
        """Return how the init containers do."""
        return self.status.initContainerStatuses or ()

    @property
    def statuses(self) -> Sequence[ContainerStatus]:
        """Return how the containers do."""
        return self.status.containerStatuses or ()
