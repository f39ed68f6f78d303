"""Ingresses of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete, edit
from tui.engines.kubernetes.objects import KubeObject
from tui.kinds.kubernetes.common import NONE, aged, at, created, filled, labels_section, link, told
from tui.kinds.kubernetes.owning import owners
from tui.kinds.kubernetes.services import Status
from tui.model import Column, Fact, Kind, Section
from tui.views import DESCRIBE, EVENTS, FACTS, YAML

HOSTS = 3  # hosts that kubectl writes out


class Rule(msgspec.Struct, gc=False):
    """A host's rule."""

    host: str = ""


class Spec(msgspec.Struct, gc=False):
    """`spec` of an ingress; of its TLS it matters here only that there is some."""

    ingressClassName: str | None = None  # noqa: N815
    rules: tuple[Rule, ...] | None = ()
    tls: tuple[dict[str, Any], ...] | None = ()


NO_SPEC = Spec()


class Ingress(KubeObject, gc=False):
    """An ingress. `spec_` may lack; ask `spec`."""

    spec_: Spec | None = msgspec.field(name="spec", default=None)
    status: Status | None = None

    @property
    def spec(self) -> Spec:
        """Return what was asked for."""
        return self.spec_ or NO_SPEC


def hosts(one: Ingress) -> str:
    """Return HOSTS: the first three, and how many rules there are beside them."""
    rules, more = one.spec.rules or (), False
    found: list[str] = []
    for rule in rules:
        more = more or len(found) == HOSTS
        if rule.host and not more:
            found.append(rule.host)
    text = ",".join(found) or "*"
    return f"{text} + {len(rules) - HOSTS} more..." if more else text


def facts(one: Ingress, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections; a path and where it leads to each."""
    first = [
        *told("class", one.spec.ingressClassName),
        *told("address", one.status.addresses if one.status else ""),
        *told("TLS", "yes" if one.spec.tls else "no"),
        *aged(one),
    ]
    return filled(Section("", first), Section("Paths", _paths(one, full)), *labels_section(one, full))


def _paths(one: Ingress, full: Mapping[str, Any] | None) -> list[Fact]:
    found = []
    rules = at(full, "spec", "rules")
    for rule in rules if isinstance(rules, list) else ():
        paths = at(rule, "http", "paths")
        for path in paths if isinstance(paths, list) else ():
            service = at(path, "backend", "service", "name")
            port = at(path, "backend", "service", "port", "number") or at(path, "backend", "service", "port", "name") or ""
            target = link("services", one.namespace, service) if isinstance(service, str) else None
            found.append(Fact(f"{at(rule, 'host') or '*'}{at(path, 'path') or '/'}", f"{service or '?'}:{port}", link=target))
    return found


KIND = Kind(
    id="kubernetes/ingresses",
    title="Ingresses",
    singular="ingress",
    aliases=("ing", "ingress"),
    api="networking.k8s.io/v1/ingresses",
    type=Ingress,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Class", lambda one: NONE if one.spec.ingressClassName is None else one.spec.ingressClassName, keep=6),
        Column("Hosts", hosts, keep=8),
        Column("Address", lambda one: one.status.addresses if one.status else "", keep=7),
        Column("Ports", lambda one: "80, 443" if one.spec.tls else "80", keep=5),
        Column("Age", created, keep=5, glow=False),
    ),
    facts=facts,
    owners=owners,
    views=(FACTS, YAML, EVENTS, DESCRIBE),
    actions=(edit, delete, copy),
)
