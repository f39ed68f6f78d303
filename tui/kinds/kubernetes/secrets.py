"""Secrets of a cluster: their type and how many keys they have; what they hold is never decoded into a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete, edit
from tui.engines.kubernetes.objects import KubeObject
from tui.kinds.kubernetes.common import aged, at, created, filled, owner_facts, told
from tui.kinds.kubernetes.owning import owners
from tui.model import Column, Fact, Kind, Section
from tui.values import binary_size
from tui.views import EVENTS, FACTS


class Secret(KubeObject, gc=False):
    """A secret. Its values pass by as undecoded bytes and are let go of once their keys are counted in `count`."""

    type: str = ""
    data: dict[str, msgspec.Raw] | None = None
    immutable: bool | None = None
    count: int = msgspec.field(name="pilothouse.count", default=0)

    def __post_init__(self) -> None:
        """Count the keys, and keep no value."""
        self.count = len(self.data or ())
        self.data = None


def facts(one: Secret, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the keys and how large their values are; never a value."""
    data = at(full, "data")
    sizes = [Fact(str(key), binary_size(_bytes(value))) for key, value in sorted(data.items())] if isinstance(data, Mapping) else []
    first = [
        *told("type", one.type),
        *told("keys", one.count),
        *told("immutable", "yes" if one.immutable else None),
        *aged(one),
        *owner_facts(one, owners(one)),
    ]
    labels = Section("Labels", [Fact(key, value) for key, value in sorted(one.labels.items())])
    return filled(Section("", first), Section("Data", sizes), labels)


def _bytes(value: Any) -> int:
    """Return the length of what base64 text stands for."""
    return len(str(value or "").rstrip("=")) * 3 // 4


# No YAML and no description: they would put the values on the screen.
KIND = Kind(
    id="kubernetes/secrets",
    title="Secrets",
    singular="secret",
    aliases=("sec", "secret"),
    api="v1/secrets",
    type=Secret,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Type", lambda one: one.type, keep=7),
        Column("Data", lambda one: one.count, keep=8),
        Column("Age", created, keep=5, glow=False),
    ),
    facts=facts,
    owners=owners,
    views=(FACTS, EVENTS),
    actions=(edit, delete, copy),
)
