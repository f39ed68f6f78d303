"""Configs of a swarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete
from tui.engines.docker.objects import Part
from tui.engines.swarm.objects import SwarmObject
from tui.kinds.docker.common import Ago, filled, labelled, told
from tui.model import Column, Kind, Section
from tui.views import DESCRIBE, EVENTS, FACTS, YAML


class Driver(Part, frozen=True):
    """What keeps it, when that is not the swarm itself."""

    name: str = ""


class Spec(Part, frozen=True):
    """What was asked for."""

    name: str = ""
    labels: dict[str, str] | None = None
    driver: Driver | None = None


class Kept(SwarmObject):
    """One item of /configs or of /secrets: what tasks are given as files."""

    spec: Spec = msgspec.field(default_factory=Spec)

    @property
    def name(self) -> str:
        """Return the name."""
        return self.spec.name

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels."""
        return self.spec.labels or {}


def facts(one: Kept, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return when it was made and changed."""
    first = [
        *told("Driver", one.spec.driver.name if one.spec.driver else None),
        *told("Created", Ago(one.created_at) if one.created_at else None),
        *told("Updated", Ago(one.updated_at) if one.updated_at else None),
        *told("ID", one.id),
    ]
    return filled(Section("", first), labelled(one.spec.labels))


COLUMNS = (
    Column("NAME", lambda one: one.name, keep=9, glow=False),
    Column("CREATED", lambda one: Ago(one.created_at) if one.created_at else None, keep=6, glow=False),
    Column("UPDATED", lambda one: Ago(one.updated_at) if one.updated_at else None, keep=5, glow=False),
    Column("ID", lambda one: one.id, keep=1, glow=False),
)

KIND = Kind(
    id="swarm/configs",
    title="Configs",
    singular="config",
    aliases=("config",),
    api="/configs",
    type=Kept,
    columns=COLUMNS,
    facts=facts,
    views=(FACTS, YAML, DESCRIBE, EVENTS),
    actions=(delete, copy),
)
