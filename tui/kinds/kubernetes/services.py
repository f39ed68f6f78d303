"""Services of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete, edit, forward
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes.common import NONE, UNKNOWN, aged, at, created, filled, labels_section, labels_text, owner_facts, told
from tui.kinds.kubernetes.owning import owners
from tui.kinds.kubernetes.pod_objects import Pod
from tui.model import Column, Drill, Fact, Kind, Section, Trouble
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML

PENDING = "<pending>"


class Port(msgspec.Struct, gc=False):
    """One port of a service."""

    name: str = ""
    port: int = 0
    nodePort: int = 0  # noqa: N815
    protocol: str = ""
    targetPort: int | str | None = None  # noqa: N815


class Spec(msgspec.Struct, gc=False):
    """`spec` of a service."""

    type: str = ""
    clusterIPs: tuple[str, ...] | None = ()  # noqa: N815
    externalIPs: tuple[str, ...] | None = ()  # noqa: N815
    externalName: str = ""  # noqa: N815
    ports: tuple[Port, ...] | None = ()
    selector: dict[str, str] | None = None


class Ingress(msgspec.Struct, frozen=True, gc=False):
    """An address that a load balancer gave."""

    ip: str = ""
    hostname: str = ""


class Balancer(msgspec.Struct, gc=False):
    """`status.loadBalancer`."""

    ingress: tuple[Ingress, ...] | None = ()

    @property
    def addresses(self) -> str:
        """Return all addresses, in order."""
        return ",".join(sorted({item.ip or item.hostname for item in self.ingress or ()} - {""}))


class Status(msgspec.Struct, gc=False):
    """`status` of a service or an ingress."""

    loadBalancer: Balancer | None = None  # noqa: N815

    @property
    def addresses(self) -> str:
        """Return the addresses that a load balancer gave."""
        return self.loadBalancer.addresses if self.loadBalancer else ""


NO_SPEC = Spec()


class Service(KubeObject, gc=False):
    """A service. `spec_` may lack; ask `spec`."""

    spec_: Spec | None = msgspec.field(name="spec", default=None)
    status: Status | None = None

    @property
    def spec(self) -> Spec:
        """Return what was asked for."""
        return self.spec_ or NO_SPEC


def inside(one: Service) -> str:
    """Return CLUSTER-IP; None is what kubectl writes for a headless service."""
    return (one.spec.clusterIPs or (NONE,))[0]


def outside(one: Service) -> str:
    """Return EXTERNAL-IP: given by hand, by a load balancer, or a name elsewhere."""
    by_hand = ",".join(one.spec.externalIPs or ())
    match one.spec.type:
        case "ClusterIP" | "NodePort":
            return by_hand or NONE
        case "LoadBalancer":
            given = one.status.addresses if one.status else ""
            return ",".join(part for part in (given, by_hand) if part) or PENDING
        case "ExternalName":
            return one.spec.externalName
        case _:
            return UNKNOWN


def ports(one: Service) -> str:
    """Return PORT(S): `80:30080/TCP`."""
    pieces = (
        f"{item.port}:{item.nodePort}/{item.protocol}" if item.nodePort > 0 else f"{item.port}/{item.protocol}"
        for item in one.spec.ports or ()
    )
    return ",".join(pieces) or NONE


def tone(one: Service) -> Tone:
    """Return how the service does, as far as it tells itself: a load balancer may be on its way."""
    return Tone.MOVING if outside(one) == PENDING else Tone.PLAIN


def trouble(one: Service) -> Trouble | None:
    """Return what it waits for."""
    return Trouble(Tone.MOVING, "pending", "no load balancer has given it an address yet") if tone(one) is Tone.MOVING else None


def belongs(one: Service, pod: Pod) -> bool:
    """Tell whether a service leads to a pod; one without a selector leads to none by itself."""
    wanted = one.spec.selector
    return bool(wanted) and pod.namespace == one.namespace and all(pod.labels.get(key) == value for key, value in (wanted or {}).items())


def facts(one: Service, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    first = [
        *told("type", one.spec.type),
        *told("cluster IP", ", ".join(one.spec.clusterIPs or ())),
        *told("external IP", outside(one), tone(one)),
        *told("selector", labels_text(one.spec.selector)),
        *told("affinity", at(full, "spec", "sessionAffinity")),
        *told("traffic from outside", at(full, "spec", "externalTrafficPolicy")),
        *aged(one),
        *owner_facts(one, owners(one)),
    ]
    return filled(Section("", first), Section("Ports", [_port(item) for item in one.spec.ports or ()]), *labels_section(one, full))


def _port(item: Port) -> Fact:
    target = f" to {item.targetPort}" if item.targetPort not in {None, "", item.port} else ""
    node = f", {item.nodePort} on every node" if item.nodePort else ""
    return Fact(item.name or "port", f"{item.port}/{item.protocol}{target}{node}")


KIND = Kind(
    id="kubernetes/services",
    title="Services",
    singular="service",
    aliases=("svc", "service"),
    api="v1/services",
    type=Service,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Type", lambda one: one.spec.type, keep=7),
        Column("Cluster-IP", inside, keep=6),
        Column("External-IP", outside, tone=tone, keep=5),
        Column("Port(s)", ports, keep=8),
        Column("Age", created, keep=5, glow=False),
        Column("Selector", lambda one: labels_text(one.spec.selector), keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    owners=owners,
    views=(FACTS, YAML, EVENTS, LOGS, DESCRIBE),
    actions=(forward, edit, delete, copy),
    drill=Drill("kubernetes/pods", belongs),
)
