"""DaemonSets of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete, edit, forward, restart, rollback
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes.common import (
    Condition,
    aged,
    conditions_section,
    created,
    filled,
    going,
    images_section,
    labels_section,
    labels_text,
    owner_facts,
    seconds_old,
    told,
)
from tui.kinds.kubernetes.owning import owned_by, owners
from tui.kinds.kubernetes.selectors import selector_text
from tui.kinds.kubernetes.workload import NO_SPEC, YOUNG, Spec, share_tone, strategy_facts, template_columns
from tui.model import Column, Drill, Kind, Progress, Section, Trouble
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML


class Status(msgspec.Struct, gc=False):
    """`status` of a daemon set."""

    observedGeneration: int = 0  # noqa: N815
    desiredNumberScheduled: int = 0  # noqa: N815
    currentNumberScheduled: int = 0  # noqa: N815
    numberReady: int = 0  # noqa: N815
    updatedNumberScheduled: int = 0  # noqa: N815
    numberAvailable: int = 0  # noqa: N815
    numberMisscheduled: int = 0  # noqa: N815
    conditions: tuple[Condition, ...] | None = ()


NO_STATUS = Status()


class DaemonSet(KubeObject, gc=False):
    """A daemon set. `spec_`, `status_` may lack; ask `spec` and `status`."""

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


def node_selector(one: DaemonSet) -> str:
    """Return which nodes it is for."""
    found = one.spec.template.spec if one.spec.template else None
    return labels_text(found.nodeSelector if found else None)


def tone(one: DaemonSet) -> Tone:
    """Return how the daemon set does; one that no node fits is over."""
    status = one.status
    if going(one):
        return Tone.OVER
    behind = status.updatedNumberScheduled < status.desiredNumberScheduled or status.observedGeneration < one.metadata.generation
    if behind or (status.numberAvailable < status.desiredNumberScheduled and seconds_old(one) < YOUNG):
        return Tone.MOVING
    return share_tone(status.numberAvailable, status.desiredNumberScheduled)


def trouble(one: DaemonSet) -> Trouble | None:
    """Return what is wrong: nodes without an available pod."""
    how = tone(one)
    if how not in {Tone.BROKEN, Tone.STRAINED}:
        return None
    wanted, there = one.status.desiredNumberScheduled, one.status.numberAvailable
    lacking = wanted - there
    cause = f"on {lacking} node{'s' * (lacking != 1)} its pod is not available"
    return Trouble(how, f"{there} of {wanted} available", cause, "its pods tell why")


def progress(one: DaemonSet) -> Progress | None:
    """Return on how many nodes its newest pod is, while some lack it."""
    status = one.status
    behind = status.updatedNumberScheduled < status.desiredNumberScheduled or status.observedGeneration < one.metadata.generation
    if going(one) or not behind or not status.desiredNumberScheduled:
        return None
    return Progress(min(status.updatedNumberScheduled, status.desiredNumberScheduled), status.desiredNumberScheduled)


def facts(one: DaemonSet, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    status = one.status
    first = [
        *told(
            "nodes",
            f"{status.desiredNumberScheduled} wanted, {status.numberReady} ready, {status.updatedNumberScheduled} updated",
            tone(one),
        ),
        *told("misplaced", status.numberMisscheduled or None, Tone.STRAINED),
        *told("node selector", node_selector(one)),
        *strategy_facts(full),
        *told("selector", selector_text(one.spec.selector)),
        *aged(one),
        *owner_facts(one, owners(one)),
    ]
    return filled(Section("", first), images_section(one.spec.template), conditions_section(status.conditions), *labels_section(one, full))


KIND = Kind(
    id="kubernetes/daemonsets",
    title="DaemonSets",
    singular="daemonset",
    aliases=("ds", "daemonset"),
    api="apps/v1/daemonsets",
    type=DaemonSet,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Desired", lambda one: one.status.desiredNumberScheduled, keep=7),
        Column("Current", lambda one: one.status.currentNumberScheduled, keep=6),
        Column("Ready", lambda one: one.status.numberReady, tone=tone, keep=8),
        Column("Up-to-date", lambda one: one.status.updatedNumberScheduled, keep=6),
        Column("Available", lambda one: one.status.numberAvailable, keep=7),
        Column("Node Selector", node_selector, keep=3, glow=False),
        Column("Age", created, keep=5, glow=False),
        *template_columns(),
        Column("Selector", lambda one: selector_text(one.spec.selector), keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    progress=progress,
    facts=facts,
    owners=owners,
    views=(FACTS, YAML, EVENTS, LOGS, DESCRIBE),
    actions=(restart, rollback, forward, edit, delete, copy),
    drill=Drill("kubernetes/pods", owned_by),
)
