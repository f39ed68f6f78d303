"""ReplicaSets of a cluster: a deployment's revisions, each with its pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.actions import copy, delete, edit, forward, scale
from tui.facts import Tone
from tui.kinds.kubernetes.common import (
    aged,
    condition,
    conditions_section,
    created,
    filled,
    going,
    images_section,
    labels_section,
    owner_facts,
    said,
    seconds_old,
    told,
)
from tui.kinds.kubernetes.owning import owned_by, owners
from tui.kinds.kubernetes.selectors import selector_text
from tui.kinds.kubernetes.workload import YOUNG, Workload, revision_facts, share_tone, template_columns
from tui.model import Column, Drill, Kind, Section, Trouble
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML

BAD = frozenset({"ReplicaFailure"})


def _refused(one: Workload) -> str:
    found = condition(one.status.conditions, "ReplicaFailure")
    return said(found) if found is not None and found.status == "True" else ""


def tone(one: Workload) -> Tone:
    """Return how the replica set does; an old revision without pods is over."""
    if going(one) or (not one.wanted and not one.status.replicas):
        return Tone.OVER
    if _refused(one):
        return Tone.BROKEN
    if not one.wanted or (one.status.readyReplicas < one.wanted and (not one.seen or seconds_old(one) < YOUNG)):
        return Tone.MOVING
    return share_tone(one.status.readyReplicas, one.wanted)


def trouble(one: Workload) -> Trouble | None:
    """Return what is wrong: pods that cannot be made, or are not ready."""
    how = tone(one)
    if how not in {Tone.BROKEN, Tone.STRAINED}:
        return None
    ready = f"{one.status.readyReplicas} of {one.wanted} ready"
    return Trouble(how, ready, _refused(one) or "its pods tell why")


def facts(one: Workload, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    first = [
        *told("replicas", f"{one.wanted} wanted, {one.status.replicas} made, {one.status.readyReplicas} ready", tone(one)),
        *revision_facts(full),
        *told("selector", selector_text(one.spec.selector)),
        *aged(one),
        *owner_facts(one, owners(one)),
    ]
    return filled(
        Section("", first), images_section(one.spec.template), conditions_section(one.status.conditions, BAD), *labels_section(one, full)
    )


KIND = Kind(
    id="kubernetes/replicasets",
    title="ReplicaSets",
    singular="replicaset",
    aliases=("rs", "replicaset"),
    api="apps/v1/replicasets",
    type=Workload,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Desired", lambda one: one.wanted, keep=8),
        Column("Current", lambda one: one.status.replicas, keep=7),
        Column("Ready", lambda one: one.status.readyReplicas, tone=tone, keep=8),
        Column("Age", created, keep=5, glow=False),
        *template_columns(),
        Column("Selector", lambda one: selector_text(one.spec.selector), keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    owners=owners,
    replicas=lambda one: one.wanted,
    views=(FACTS, YAML, EVENTS, LOGS, DESCRIBE),
    actions=(scale, forward, edit, delete, copy),
    drill=Drill("kubernetes/pods", owned_by),
)
