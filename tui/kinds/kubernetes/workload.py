"""What deployments, replica sets, stateful sets and daemon sets share: their spec, and how far along they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes.common import Condition, Template, at, images, names, told
from tui.kinds.kubernetes.selectors import Selector
from tui.model import Column, Fact


class Spec(msgspec.Struct, gc=False):
    """`spec` of a workload."""

    replicas: int | None = None
    paused: bool | None = None
    selector: Selector | None = None
    template: Template | None = None


class Status(msgspec.Struct, gc=False):
    """`status` of a workload with a replica count."""

    observedGeneration: int = 0  # noqa: N815
    replicas: int = 0
    readyReplicas: int = 0  # noqa: N815
    availableReplicas: int = 0  # noqa: N815
    updatedReplicas: int = 0  # noqa: N815
    currentRevision: str = ""  # noqa: N815  (of stateful sets)
    updateRevision: str = ""  # noqa: N815
    conditions: tuple[Condition, ...] | None = ()


NO_SPEC, NO_STATUS = Spec(), Status()
YOUNG = 60.0  # seconds in which pods may lack without anything being wrong


class Workload(KubeObject, gc=False):
    """A workload. `spec_`, `status_` may lack; ask `spec` and `status`."""

    spec_: Spec | None = msgspec.field(name="spec", default=None)
    status_: Status | None = msgspec.field(name="status", default=None)

    @property
    def spec(self) -> Spec:
        """Return what was asked for."""
        return self.spec_ or NO_SPEC

    @property
    def status(self) -> Status:
        """Return how far it is."""
        return self.status_ or NO_STATUS

    @property
    def wanted(self) -> int:
        """Return how many pods are wanted; the API's default is one."""
        return 1 if self.spec.replicas is None else self.spec.replicas

    @property
    def seen(self) -> bool:
        """Tell whether its controller has seen the newest spec."""
        return self.status.observedGeneration >= self.metadata.generation


def share_tone(there: int, wanted: int) -> Tone:
    """Return how so many of so many do."""
    if not wanted:
        return Tone.OVER
    if there >= wanted:
        return Tone.WELL
    return Tone.STRAINED if there else Tone.BROKEN


def template_columns() -> tuple[Column, ...]:
    """Return the wide columns of what a workload runs."""
    return (
        Column("Containers", lambda one: names(one.spec.template), keep=1, wide=True, glow=False),
        Column("Images", lambda one: images(one.spec.template), keep=1, wide=True),
    )


def strategy_facts(full: Mapping[str, Any] | None) -> list[Fact]:
    """Return how new pods take the place of old ones."""
    found = at(full, "spec", "strategy") or at(full, "spec", "updateStrategy")
    if not isinstance(found, Mapping):
        return []
    rolling = found.get("rollingUpdate")
    parts = [f"{key} {value}" for key, value in sorted(rolling.items())] if isinstance(rolling, Mapping) else []
    return told("strategy", ", ".join([str(found.get("type", "")), *parts]))


def revision_facts(full: Mapping[str, Any] | None) -> list[Fact]:
    """Return the revision and what is said to have changed with it."""
    notes = at(full, "metadata", "annotations")
    if not isinstance(notes, Mapping):
        return []
    cause = notes.get("kubernetes.io/change-cause")
    return [*told("revision", notes.get("deployment.kubernetes.io/revision")), *told("change cause", cause)]
