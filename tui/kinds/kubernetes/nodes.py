"""Nodes of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, cordon, delete, drain, edit, uncordon
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes.common import (
    NONE,
    UNKNOWN,
    Condition,
    aged,
    at,
    condition,
    conditions_section,
    created,
    filled,
    holds,
    labels_section,
    said,
    told,
)
from tui.model import Column, Drill, Fact, Kind, Section, Trouble
from tui.values import Value, binary_size, quantity
from tui.views import DESCRIBE, EVENTS, FACTS, STATS, YAML

PRESSURE = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
ROLE, OLD_ROLE = "node-role.kubernetes.io/", "kubernetes.io/role"


class Spec(msgspec.Struct, gc=False):
    """`spec` of a node."""

    unschedulable: bool | None = None


class Address(msgspec.Struct, gc=False):
    """One of a node's addresses."""

    type: str = ""
    address: str = ""


class Info(msgspec.Struct, gc=False):
    """What a node runs."""

    kubeletVersion: str = ""  # noqa: N815
    osImage: str = ""  # noqa: N815
    kernelVersion: str = ""  # noqa: N815
    containerRuntimeVersion: str = ""  # noqa: N815
    architecture: str = ""


class Status(msgspec.Struct, gc=False):
    """`status` of a node, without its long list of images."""

    addresses: tuple[Address, ...] | None = ()
    conditions: tuple[Condition, ...] | None = ()
    nodeInfo: Info | None = None  # noqa: N815


NO_STATUS, NO_INFO = Status(), Info()


class Node(KubeObject, gc=False):
    """A node. `status_` may lack; ask `status` and `info`."""

    spec: Spec | None = None
    status_: Status | None = msgspec.field(name="status", default=None)

    @property
    def status(self) -> Status:
        """Return how it does."""
        return self.status_ or NO_STATUS

    @property
    def info(self) -> Info:
        """Return what it runs."""
        return self.status.nodeInfo or NO_INFO

    @property
    def cordoned(self) -> bool:
        """Tell whether no new pods are put on it."""
        return bool(self.spec and self.spec.unschedulable)

    def address(self, type_: str) -> str:
        """Return its first address of a type."""
        return next((item.address for item in self.status.addresses or () if item.type == type_), NONE)


def word(one: Node) -> str:
    """Return STATUS in kubectl's words."""
    last = {item.type: item for item in conditions_of(one)}.get("Ready")
    first = "Unknown" if last is None else "Ready" if last.status == "True" else "NotReady"
    return f"{first},SchedulingDisabled" if one.cordoned else first


def conditions_of(one: Node) -> Sequence[Condition]:
    """Return the conditions."""
    return one.status.conditions or ()


def roles(one: Node) -> str:
    """Return the roles that its labels give it."""
    found = {key.removeprefix(ROLE) for key in one.labels if key.startswith(ROLE)} | {one.labels.get(OLD_ROLE, "")}
    return ",".join(sorted(found - {""})) or NONE


def _pressed(one: Node) -> list[Condition]:
    return [item for item in conditions_of(one) if item.type in PRESSURE and item.status == "True"]


def tone(one: Node) -> Tone:
    """Return how the node does."""
    if not holds(conditions_of(one), "Ready"):
        return Tone.BROKEN
    return Tone.STRAINED if one.cordoned or _pressed(one) else Tone.WELL


def trouble(one: Node) -> Trouble | None:
    """Return what is wrong: its kubelet does not answer or is not ready, something is short, or it is cordoned."""
    how = tone(one)
    if how is Tone.BROKEN:
        found = condition(conditions_of(one), "Ready")
        return Trouble(
            how, word(one), said(found) or "its kubelet has not reported yet", "its pods move elsewhere after about five minutes"
        )
    if pressed := _pressed(one):
        return Trouble(how, pressed[0].type, "; ".join(said(item) or item.type for item in pressed))
    return Trouble(how, word(one), "cordoned: no new pods are put on it", "until it is uncordoned") if one.cordoned else None


def facts(one: Node, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    info = one.info
    first = [
        *told("roles", roles(one)),
        *(Fact(item.type, item.address) for item in one.status.addresses or ()),
        *told("kubelet", info.kubeletVersion),
        *told("runtime", info.containerRuntimeVersion),
        *told("system", ", ".join(part for part in (info.osImage, info.kernelVersion, info.architecture) if part)),
        *told("pod network", at(full, "spec", "podCIDR")),
        *aged(one),
    ]
    bad = frozenset(item.type for item in conditions_of(one)) - {"Ready"}
    return filled(
        Section("", first), Section("Capacity", _capacity(full)), conditions_section(conditions_of(one), bad),
        Section("Taints", _taints(full)), *labels_section(one, full),
    )  # fmt: skip


def _capacity(full: Mapping[str, Any] | None) -> list[Fact]:
    whole, free = at(full, "status", "capacity"), at(full, "status", "allocatable")
    if not isinstance(whole, Mapping):
        return []
    given = free if isinstance(free, Mapping) else {}
    return [
        Fact(str(key), f"{_amount(str(key), given.get(key, value))} of {_amount(str(key), value)} for pods")
        for key, value in sorted(whole.items())
    ]


def _amount(key: str, value: Any) -> Value:
    try:
        return binary_size(quantity(str(value))) if key in {"memory", "ephemeral-storage"} or key.startswith("hugepages") else str(value)
    except ValueError:
        return str(value)


def _taints(full: Mapping[str, Any] | None) -> list[Fact]:
    taints = at(full, "spec", "taints")
    found = [item for item in taints if isinstance(item, Mapping)] if isinstance(taints, list) else []
    return [Fact(str(item.get("key", "")), f"{item.get('value', '')} {item.get('effect', '')}".strip()) for item in found]


KIND = Kind(
    id="kubernetes/nodes",
    title="Nodes",
    singular="node",
    aliases=("no", "node"),
    api="v1/nodes",
    type=Node,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Status", word, tone=tone, keep=8),
        Column("Roles", roles, keep=6),
        Column("Age", created, keep=5, glow=False),
        Column("Version", lambda one: one.info.kubeletVersion, keep=6),
        Column("Internal-IP", lambda one: one.address("InternalIP"), keep=4),
        Column("External-IP", lambda one: one.address("ExternalIP"), keep=3),
        Column("OS-Image", lambda one: one.info.osImage or UNKNOWN, keep=1, wide=True),
        Column("Kernel-Version", lambda one: one.info.kernelVersion or UNKNOWN, keep=1, wide=True),
        Column("Container-Runtime", lambda one: one.info.containerRuntimeVersion or UNKNOWN, keep=1, wide=True),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    views=(FACTS, YAML, EVENTS, DESCRIBE, STATS),
    actions=(cordon, uncordon, drain, edit, delete, copy),
    drill=Drill("kubernetes/pods", lambda node, pod: pod.spec.nodeName == node.name, namespace=lambda _: ""),
)
