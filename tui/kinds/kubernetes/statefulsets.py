"""StatefulSets of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.actions import copy, delete, edit, forward, restart, rollback, scale
from tui.facts import Tone
from tui.kinds.kubernetes.common import (
    aged,
    at,
    conditions_section,
    created,
    filled,
    going,
    images_section,
    labels_section,
    link,
    owner_facts,
    seconds_old,
    told,
)
from tui.kinds.kubernetes.owning import owned_by, owners
from tui.kinds.kubernetes.selectors import selector_text
from tui.kinds.kubernetes.workload import YOUNG, Workload, share_tone, strategy_facts, template_columns
from tui.model import Column, Drill, Kind, Progress, Section, Trouble
from tui.values import Ratio
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML


class StatefulSet(Workload, gc=False):
    """A stateful set; its pods are made one after the other, and are updated from the last to the first."""


def tone(one: StatefulSet) -> Tone:
    """Return how the stateful set does."""
    if going(one) or (not one.wanted and not one.status.replicas):
        return Tone.OVER
    ready = one.status.readyReplicas
    if not one.seen or not one.wanted or (ready < one.wanted and seconds_old(one) < YOUNG):
        return Tone.MOVING
    return share_tone(ready, one.wanted)


def trouble(one: StatefulSet) -> Trouble | None:
    """Return what is wrong: pods that are not ready."""
    how = tone(one)
    if how not in {Tone.BROKEN, Tone.STRAINED}:
        return None
    made = one.status.replicas
    waits = "; the next one is made when those before it are ready" if made < one.wanted else ""
    return Trouble(
        how, f"{one.status.readyReplicas} of {one.wanted} ready", f"{made} of {one.wanted} pods are made{waits}", "its pods tell why"
    )


def progress(one: StatefulSet) -> Progress | None:
    """Return how many pods are of the newest template, while the controller replaces them or makes more."""
    if going(one) or not one.wanted:
        return None
    status = one.status
    updating = bool(status.updateRevision) and status.updateRevision != status.currentRevision
    if one.seen and not updating and status.replicas >= one.wanted:
        return None
    done = status.updatedReplicas if updating or not one.seen else status.readyReplicas
    return Progress(min(done, one.wanted), one.wanted, "one after the other" if updating else "")


def facts(one: StatefulSet, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    service = at(full, "spec", "serviceName")
    first = [
        *told("replicas", f"{one.wanted} wanted, {one.status.readyReplicas} ready, {one.status.updatedReplicas} updated", tone(one)),
        *strategy_facts(full),
        *told("pods made", at(full, "spec", "podManagementPolicy")),
        *told("service", service, link=link("services", one.namespace, str(service))),
        *told("revision", at(full, "status", "updateRevision")),
        *told("selector", selector_text(one.spec.selector)),
        *aged(one),
        *owner_facts(one, owners(one)),
    ]
    return filled(
        Section("", first), images_section(one.spec.template), conditions_section(one.status.conditions), *labels_section(one, full)
    )


KIND = Kind(
    id="kubernetes/statefulsets",
    title="StatefulSets",
    singular="statefulset",
    aliases=("sts", "statefulset"),
    api="apps/v1/statefulsets",
    type=StatefulSet,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Ready", lambda one: Ratio(one.status.readyReplicas, one.wanted), tone=tone, keep=8),
        Column("Age", created, keep=5, glow=False),
        *template_columns(),
    ),
    tone=tone,
    trouble=trouble,
    progress=progress,
    facts=facts,
    owners=owners,
    replicas=lambda one: one.wanted,
    views=(FACTS, YAML, EVENTS, LOGS, DESCRIBE),
    actions=(scale, restart, rollback, forward, edit, delete, copy),
    drill=Drill("kubernetes/pods", owned_by),
)
