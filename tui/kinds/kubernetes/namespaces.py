"""Namespaces of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete, edit
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes.common import Condition, aged, created, filled, labels_section, said, told
from tui.model import Column, Drill, Kind, Section, Trouble
from tui.views import DESCRIBE, EVENTS, FACTS, YAML

_CONTENT = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining")


class Status(msgspec.Struct, gc=False):
    """`status` of a namespace; the conditions tell of a deletion that does not come to its end."""

    phase: str = ""
    conditions: tuple[Condition, ...] | None = ()


class Namespace(KubeObject, gc=False):
    """A namespace."""

    status: Status | None = None


def phase(one: Namespace) -> str:
    """Return Active or Terminating."""
    return one.status.phase if one.status else ""


def tone(one: Namespace) -> Tone:
    """Return how the namespace does."""
    return {"Active": Tone.WELL, "Terminating": Tone.OVER}.get(phase(one), Tone.PLAIN)


def trouble(one: Namespace) -> Trouble | None:
    """Return what holds its deletion up."""
    if phase(one) != "Terminating":
        return None
    held = [said(item) for item in (one.status.conditions if one.status else None) or () if item.status == "True" and item.type in _CONTENT]
    failed = [
        said(item) for item in (one.status.conditions if one.status else None) or () if item.status == "True" and "Failure" in item.type
    ]
    causes = failed or held
    return Trouble(Tone.BROKEN if failed else Tone.OVER, "Terminating", "; ".join(causes)) if causes else None


def facts(one: Namespace, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    return filled(Section("", [*told("status", phase(one), tone(one)), *aged(one)]), *labels_section(one, full))


KIND = Kind(
    id="kubernetes/namespaces",
    title="Namespaces",
    singular="namespace",
    aliases=("ns", "namespace"),
    api="v1/namespaces",
    type=Namespace,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Status", phase, tone=tone, keep=8),
        Column("Age", created, keep=5, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    views=(FACTS, YAML, EVENTS, DESCRIBE),
    actions=(edit, delete, copy),
    drill=Drill("kubernetes/pods", lambda one, pod: pod.namespace == one.name, namespace=lambda one: one.name),
)
