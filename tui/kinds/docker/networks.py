"""Networks of a Docker host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui.actions import copy, delete
from tui.engines.docker.objects import Listed, Part, Reading
from tui.facts import Object
from tui.kinds.docker.common import Ago, at, filled, labelled, short_id, told
from tui.model import Column, Drill, Fact, Kind, Section
from tui.views import DESCRIBE, EVENTS, FACTS, YAML


class Pool(Part, frozen=True):
    """One address range of a network."""

    subnet: str = ""
    gateway: str = ""


class Ipam(Part, frozen=True):
    """How a network gives out addresses."""

    config: tuple[Pool, ...] | None = ()


class Network(Listed):
    """One item of /networks."""

    id: str = ""
    name_: str = msgspec.field(name="Name", default="")
    created: datetime | None = None
    scope: str = ""
    driver: str = ""
    ipam: Ipam | None = msgspec.field(name="IPAM", default=None)
    internal: bool = False
    attachable: bool = False
    ingress: bool = False
    labels_: dict[str, str] | None = msgspec.field(name="Labels", default=None)
    users: tuple[str, ...] = msgspec.field(name="pilothouse.users", default=())

    @property
    def uid(self) -> str:
        """Return the network's id."""
        return self.id

    @property
    def name(self) -> str:
        """Return the name."""
        return self.name_

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels."""
        return self.labels_ or {}

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return the network with the names of the containers on it."""
        self.users = reading.used.get(self.id, ())
        return (self,)


def subnets(one: Network) -> str:
    """Return the address ranges."""
    return ", ".join(pool.subnet for pool in (one.ipam.config if one.ipam else None) or () if pool.subnet)


def facts(one: Network, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return what the network is, and who is on it with which address."""
    pools = (one.ipam.config if one.ipam else None) or ()
    first = [
        *told("Driver", one.driver),
        *told("Scope", one.scope),
        *told("Subnets", subnets(one)),
        *told("Gateways", ", ".join(pool.gateway for pool in pools if pool.gateway)),
        *told("Internal", "yes" if one.internal else None),
        *told("Attachable", "yes" if one.attachable else None),
        *told("Created", Ago(one.created) if one.created else None),
        *told("ID", short_id(one.id)),
    ]
    ends = (at(full, "Containers") or {}).values()
    here = {str(end.get("Name")): str(end.get("IPv4Address") or end.get("IPv6Address") or "") for end in ends}
    options = at(full, "Options") or {}
    return filled(
        Section("", first),
        Section("Containers", [Fact(name, here.get(name, "")) for name in sorted({*one.users, *here})]),
        Section("Options", [Fact(name, str(value)) for name, value in sorted(options.items())]),
        labelled(one.labels),
    )


def _joins(network: Network, container: Any) -> bool:
    networks = (container.network_settings.networks if container.network_settings else None) or {}
    return any(attached.network_id == network.id for attached in networks.values())


KIND = Kind(
    id="docker/networks",
    title="Networks",
    singular="network",
    aliases=("net", "network"),
    api="/networks",
    type=Network,
    columns=(
        Column("NAME", lambda one: one.name_, keep=9, glow=False),
        Column("DRIVER", lambda one: one.driver, keep=6, glow=False),
        Column("SCOPE", lambda one: one.scope, keep=5, glow=False),
        Column("SUBNET", subnets, keep=4, glow=False),
        Column("IN USE", lambda one: len(one.users) or None, keep=7),
        Column("NETWORK ID", lambda one: short_id(one.id), keep=3, glow=False),
    ),
    facts=facts,
    views=(FACTS, YAML, DESCRIBE, EVENTS),
    actions=(delete, copy),
    drill=Drill("docker/containers", _joins),
)
