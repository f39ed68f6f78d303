"""ConfigMaps of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete, edit
from tui.engines.kubernetes.objects import KubeObject
from tui.kinds.kubernetes.common import aged, at, created, filled, labels_section, owner_facts, told
from tui.kinds.kubernetes.owning import owners
from tui.model import Column, Fact, Kind, Section
from tui.values import binary_size
from tui.views import DESCRIBE, EVENTS, FACTS, YAML

SHORT = 60  # characters of a value that is shown beside its key


class ConfigMap(KubeObject, gc=False):
    """A ConfigMap. Its values are not decoded, and let go of once their keys are counted in `count`."""

    data: dict[str, msgspec.Raw] | None = None
    binaryData: dict[str, msgspec.Raw] | None = None  # noqa: N815
    immutable: bool | None = None
    count: int = msgspec.field(name="pilothouse.count", default=0)

    def __post_init__(self) -> None:
        """Count the keys; a Raw would keep the whole page of the list in memory."""
        self.count = len(self.data or ()) + len(self.binaryData or ())
        self.data = self.binaryData = None


def facts(one: ConfigMap, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the keys with their sizes, and the values that are short."""
    first = [*told("keys", one.count), *told("immutable", "yes" if one.immutable else None), *aged(one), *owner_facts(one, owners(one))]
    return filled(Section("", first), Section("Data", _data(full)), *labels_section(one, full))


def _data(full: Mapping[str, Any] | None) -> list[Fact]:
    plain, binary = at(full, "data"), at(full, "binaryData")
    found = []
    for key, value in sorted(plain.items()) if isinstance(plain, Mapping) else ():
        text = str(value or "")
        lines = text.count("\n") + (not text.endswith("\n"))
        short = len(text) <= SHORT and "\n" not in text.strip()
        found.append(Fact(str(key), text.strip() if short else f"{binary_size(len(text.encode()))}, {lines} lines"))
    for key, value in sorted(binary.items()) if isinstance(binary, Mapping) else ():
        found.append(Fact(str(key), f"{binary_size(len(str(value or '').rstrip('=')) * 3 // 4)}, binary"))
    return found


KIND = Kind(
    id="kubernetes/configmaps",
    title="ConfigMaps",
    singular="configmap",
    aliases=("cm", "configmap"),
    api="v1/configmaps",
    type=ConfigMap,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Data", lambda one: one.count, keep=8),
        Column("Age", created, keep=5, glow=False),
    ),
    facts=facts,
    owners=owners,
    views=(FACTS, YAML, EVENTS, DESCRIBE),
    actions=(edit, delete, copy),
)
