"""Containers of pods: a row per container, init container, sidecar and debug container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy
from tui.facts import Tone
from tui.kinds.kubernetes.common import UNKNOWN, at, filled, link, told
from tui.kinds.kubernetes.pod_facts import container_state
from tui.kinds.kubernetes.pod_objects import Container, ContainerStatus, Pod, PodSpec, PodStatus
from tui.kinds.kubernetes.pod_sentences import container_sentence, exit_sentence
from tui.model import Column, Fact, Kind, Section, Trouble
from tui.values import Counted, Value
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, PREVIOUS, STATS, YAML


class Port(msgspec.Struct, frozen=True, gc=False):
    """A declared port."""

    name: str = ""
    containerPort: int = 0  # noqa: N815
    hostPort: int = 0  # noqa: N815
    protocol: str = "TCP"


class Asked(Container, frozen=True, gc=False):
    """A container as it was asked for, with its ports."""

    ports: tuple[Port, ...] | None = ()


class Doing(ContainerStatus, gc=False):
    """How a container does, with the image it really runs."""

    imageID: str = ""  # noqa: N815


class Spec(PodSpec, gc=False):
    """`spec` of a pod, with all its containers."""

    containers: tuple[Asked, ...] | None = ()
    initContainers: tuple[Asked, ...] | None = ()  # noqa: N815
    ephemeralContainers: tuple[Asked, ...] | None = ()  # noqa: N815


class Status(PodStatus, gc=False):
    """`status` of a pod, with all its containers."""

    initContainerStatuses: tuple[Doing, ...] | None = ()  # noqa: N815
    containerStatuses: tuple[Doing, ...] | None = ()  # noqa: N815
    ephemeralContainerStatuses: tuple[Doing, ...] | None = ()  # noqa: N815


class ContainerRow(Pod, gc=False):
    """One container of a pod. As it is decoded it is the whole pod; `rows` tells it off for each container."""

    spec_: Spec | None = msgspec.field(name="spec", default=None)
    status_: Status | None = msgspec.field(name="status", default=None)
    asked: Asked = msgspec.field(name="pilothouse.asked", default_factory=Asked)
    doing: Doing = msgspec.field(name="pilothouse.doing", default_factory=Doing)
    role: str = msgspec.field(name="pilothouse.role", default="")

    @property
    def uid(self) -> str:
        """Return the pod's uid, its name and the container's, so that the engine finds the pod by it."""
        return f"{self.metadata.uid}/{self.metadata.name}/{self.asked.name}" if self.role else self.metadata.uid

    @property
    def name(self) -> str:
        """Return the container's name."""
        return self.asked.name if self.role else self.metadata.name

    @property
    def pod_uid(self) -> str:
        """Return the uid of the pod."""
        return self.metadata.uid


def rows(pod: ContainerRow) -> Sequence[ContainerRow]:
    """Return a row per container of a pod: init containers first, debug containers last."""
    spec, status = pod.spec_ or Spec(), pod.status_ or Status()
    groups = (
        ("init", spec.initContainers, status.initContainerStatuses),
        ("main", spec.containers, status.containerStatuses),
        ("debug", spec.ephemeralContainers, status.ephemeralContainerStatuses),
    )
    found = []
    for role, asked, doing in groups:
        known = {item.name: item for item in doing or ()}
        for item in asked or ():
            word = "sidecar" if role == "init" and item.is_sidecar else role
            found.append(ContainerRow(pod.metadata, pod.spec_, pod.status_, item, known.get(item.name, Doing()), word))
    return found


def tone(one: ContainerRow) -> Tone:
    """Return how the container does."""
    if one.metadata.deletionTimestamp is not None:
        return Tone.OVER
    return container_state(one.doing if one.doing.state_ else None)[1]


def trouble(one: ContainerRow) -> Trouble | None:
    """Return what is wrong with the container."""
    how = tone(one)
    if how not in {Tone.BROKEN, Tone.STRAINED}:
        return None
    cause, then = container_sentence(one.doing, one.asked)
    return Trouble(how, state(one), cause or f"{one.name} runs and is not ready", then)


def state(one: ContainerRow) -> str:
    """Return the state in one word."""
    return container_state(one.doing if one.doing.state_ else None)[0]


def ports(one: ContainerRow) -> str:
    """Return the declared ports: `http:8080/TCP`."""
    return ",".join(f"{item.name}:{item.containerPort}/{item.protocol}".removeprefix(":") for item in one.asked.ports or ())


def began(one: ContainerRow) -> Value:
    """Return since when it runs, or when it ended."""
    found = one.doing.state
    return (found.running.startedAt if found.running else found.terminated.startedAt if found.terminated else None) or UNKNOWN


def _restarts(one: ContainerRow) -> Value:
    return Counted(one.doing.restartCount, one.doing.ended.finishedAt if one.doing.ended else None)


def facts(one: ContainerRow, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections; `full` is the whole pod."""
    pod = one.metadata
    mine = _mine(one, full)
    first = [
        *told("state", state(one), tone(one)),
        *told("image", one.asked.image),
        *told("image ID", one.doing.imageID),
        *told("kind", one.role),
        *told("ports", ports(one)),
        *told("restarts", one.doing.restartCount or None),
        *told("before", exit_sentence(one.name, one.doing.ended, one.asked.memory_limit) if one.doing.ended else None),
        *told("pod", pod.name, link=link("pods", pod.namespace, pod.name)),
        *told("command", " ".join(str(word) for word in (mine.get("command") or [])) or None),
        *told("arguments", " ".join(str(word) for word in (mine.get("args") or [])) or None),
    ]
    return filled(Section("", first), *(_amounts(mine, key) for key in ("requests", "limits")), _mounts(mine))


def _mine(one: ContainerRow, full: Mapping[str, Any] | None) -> Mapping[str, Any]:
    for key in ("containers", "initContainers", "ephemeralContainers"):
        found = at(full, "spec", key)
        for item in found if isinstance(found, list) else ():
            if isinstance(item, Mapping) and item.get("name") == one.asked.name:
                return item
    return {}


def _amounts(mine: Mapping[str, Any], key: str) -> Section:
    found = at(mine, "resources", key)
    return Section(
        key.capitalize(), [Fact(str(name), str(value)) for name, value in sorted(found.items())] if isinstance(found, Mapping) else []
    )


def _mounts(mine: Mapping[str, Any]) -> Section:
    mounts = [item for item in mine.get("volumeMounts") or () if isinstance(item, Mapping)]
    return Section("Mounts", [Fact(str(item.get("mountPath", "")), str(item.get("name", ""))) for item in mounts])


KIND = Kind(
    id="kubernetes/containers",
    title="Containers",
    singular="container",
    aliases=("co", "container"),
    api="v1/pods",
    type=ContainerRow,
    expand=rows,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Image", lambda one: one.asked.image, keep=5),
        Column("Ready", lambda one: "yes" if one.doing.ready else "no", tone=tone, keep=7),
        Column("State", state, tone=tone, keep=8),
        Column("Restarts", _restarts, keep=6),
        Column("Ports", ports, keep=3),
        Column("Kind", lambda one: one.role, keep=2, glow=False),
        Column("Age", began, keep=5, glow=False),
        Column("Pod", lambda one: one.metadata.name, keep=1, wide=True, glow=False),
        Column("Image ID", lambda one: one.doing.imageID, keep=1, wide=True),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    owners=lambda one: (("kubernetes/pods", one.metadata.name),),
    views=(FACTS, YAML, EVENTS, LOGS, PREVIOUS, DESCRIBE, STATS),
    actions=(copy,),
)
