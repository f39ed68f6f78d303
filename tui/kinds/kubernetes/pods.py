"""Pods of a cluster."""

from __future__ import annotations

from tui.actions import copy, delete, edit, forward
from tui.kinds.kubernetes import pod_facts
from tui.kinds.kubernetes.common import NONE, created
from tui.kinds.kubernetes.owning import owners
from tui.kinds.kubernetes.pod_objects import Pod
from tui.kinds.kubernetes.pod_status import summary
from tui.kinds.kubernetes.pod_trouble import tone, trouble
from tui.model import Column, Drill, Kind
from tui.values import Counted, Ratio, Value
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, PREVIOUS, STATS, YAML


def ready(pod: Pod) -> Value:
    """Return how many containers are ready, of how many; sidecars count."""
    found = summary(pod)
    return Ratio(found.ready, found.total)


def status(pod: Pod) -> str:
    """Return STATUS in kubectl's word."""
    return summary(pod).word


def restarts(pod: Pod) -> Value:
    """Return the restarts, and when the last one was."""
    found = summary(pod)
    return Counted(found.restarts, found.last)


def address(pod: Pod) -> str:
    """Return the pod's first address."""
    found = pod.status.podIPs or ()
    return (found[0].ip if found else "") or NONE


def gates(pod: Pod) -> str:
    """Return how many readiness gates are open, of how many."""
    asked = pod.spec.readinessGates or ()
    states: dict[str, str] = {}
    for item in pod.status.conditions or ():
        states.setdefault(item.type, item.status)
    return f"{sum(states.get(gate.conditionType) == 'True' for gate in asked)}/{len(asked)}" if asked else NONE


KIND = Kind(
    id="kubernetes/pods",
    title="Pods",
    singular="pod",
    aliases=("po", "pod"),
    api="v1/pods",
    type=Pod,
    namespaced=True,
    columns=(
        Column("Name", lambda pod: pod.name, keep=9, glow=False),
        Column("Ready", ready, tone=tone, keep=8),
        Column("Status", status, tone=tone, keep=8),
        Column("Restarts", restarts, keep=6),
        Column("Age", created, keep=5, glow=False),
        Column("IP", address, keep=2),
        Column("Node", lambda pod: pod.spec.nodeName or NONE, keep=3),
        Column("Nominated Node", lambda pod: pod.status.nominatedNodeName or NONE, keep=1, wide=True),
        Column("Readiness Gates", gates, keep=1, wide=True),
    ),
    tone=tone,
    trouble=trouble,
    facts=pod_facts.facts,
    owners=owners,
    views=(FACTS, YAML, EVENTS, LOGS, PREVIOUS, DESCRIBE, STATS),
    actions=(forward, edit, delete, copy),
    drill=Drill("kubernetes/containers", lambda pod, row: row.pod_uid == pod.uid),
)
