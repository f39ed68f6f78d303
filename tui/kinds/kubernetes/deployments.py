"""Deployments of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.actions import copy, delete, edit, forward, restart, rollback, scale
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
    told,
)
from tui.kinds.kubernetes.owning import owners
from tui.kinds.kubernetes.selectors import chosen, selector_text
from tui.kinds.kubernetes.workload import Workload, revision_facts, share_tone, strategy_facts, template_columns
from tui.model import Column, Drill, Kind, Progress, Section, Trouble
from tui.values import Ratio
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML

BAD = frozenset({"ReplicaFailure"})


class Deployment(Workload, gc=False):
    """A deployment."""

    @property
    def stuck(self) -> str:
        """Return why its rollout came to a stop, or ""."""
        found = condition(self.status.conditions, "Progressing")
        return said(found) if found is not None and found.status == "False" and found.reason == "ProgressDeadlineExceeded" else ""

    @property
    def refused(self) -> str:
        """Return why its pods cannot be made (a quota, an admission hook), or ""."""
        found = condition(self.status.conditions, "ReplicaFailure")
        return said(found) if found is not None and found.status == "True" else ""

    @property
    def updating(self) -> bool:
        """Tell whether a rollout is under way: pods of the newest template lack or are new, or old ones are still there."""
        status, found = self.status, condition(self.status.conditions, "Progressing")
        rolling = found is not None and found.status == "True" and found.reason != "NewReplicaSetAvailable"
        behind = status.updatedReplicas < self.wanted or status.replicas > status.updatedReplicas
        return not self.seen or behind or (rolling and status.availableReplicas < self.wanted)


def tone(one: Deployment) -> Tone:
    """Return how the deployment does."""
    if going(one) or (not one.wanted and not one.status.replicas):
        return Tone.OVER
    if one.stuck or one.refused:
        return Tone.BROKEN
    if one.updating:
        return Tone.MOVING
    return share_tone(one.status.availableReplicas, one.wanted)


def trouble(one: Deployment) -> Trouble | None:
    """Return what is wrong: a rollout that stopped, pods that cannot be made, pods that are not available, or a pause."""
    how, word = tone(one), f"{one.status.availableReplicas} of {one.wanted} available"
    if one.refused:
        return Trouble(Tone.BROKEN, word, one.refused)
    if one.stuck:
        return Trouble(Tone.BROKEN, word, one.stuck, "roll back, or mend its image or settings")
    if how in {Tone.BROKEN, Tone.STRAINED}:
        held = condition(one.status.conditions, "Available")
        cause = said(held) if held is not None and held.status == "False" else "not every pod is ready for long enough"
        return Trouble(how, word, cause, "its pods tell why")
    if one.spec.paused and one.updating:
        return Trouble(Tone.MOVING, "paused", "its rollout waits until it is resumed")
    return None


def progress(one: Deployment) -> Progress | None:
    """Return how many pods are of the newest template and there, while not all are; a scaling shows in the same way."""
    if going(one) or not one.wanted or not one.updating:
        return None
    old, status = max(0, one.status.replicas - one.status.updatedReplicas), one.status
    there = max(0, min(status.updatedReplicas, status.availableReplicas - old))  # at least: that the old ones are available is not known
    word = "stuck" if one.stuck else "paused" if one.spec.paused else f"{old} old left" if old else ""
    return Progress(there, one.wanted, word)


def facts(one: Deployment, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    first = [
        *told(
            "replicas", f"{one.wanted} wanted, {one.status.updatedReplicas} updated, {one.status.availableReplicas} available", tone(one)
        ),
        *told("paused", "yes" if one.spec.paused else None),
        *strategy_facts(full),
        *revision_facts(full),
        *told("selector", selector_text(one.spec.selector)),
        *aged(one),
        *owner_facts(one, owners(one)),
    ]
    return filled(
        Section("", first), images_section(one.spec.template), conditions_section(one.status.conditions, BAD), *labels_section(one, full)
    )


KIND = Kind(
    id="kubernetes/deployments",
    title="Deployments",
    singular="deployment",
    aliases=("deploy", "dp", "deployment"),
    api="apps/v1/deployments",
    type=Deployment,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Ready", lambda one: Ratio(one.status.readyReplicas, one.wanted), tone=tone, keep=8),
        Column("Up-to-date", lambda one: one.status.updatedReplicas, keep=6),
        Column("Available", lambda one: one.status.availableReplicas, keep=7),
        Column("Age", created, keep=5, glow=False),
        *template_columns(),
        Column("Selector", lambda one: selector_text(one.spec.selector, ""), keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    progress=progress,
    facts=facts,
    owners=owners,
    replicas=lambda one: one.wanted,
    views=(FACTS, YAML, EVENTS, LOGS, DESCRIBE),
    actions=(scale, restart, rollback, forward, edit, delete, copy),
    drill=Drill("kubernetes/pods", lambda one, pod: pod.namespace == one.namespace and chosen(one.spec.selector, pod.labels)),
)
