"""Volumes of a Docker host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui.actions import copy, delete
from tui.engines.docker.objects import Listed, Reading
from tui.engines.docker.verbs import volume_uid
from tui.facts import Object, Tone
from tui.kinds.docker.common import Ago, filled, labelled, told
from tui.model import Column, Drill, Fact, Kind, Section
from tui.values import Value
from tui.views import DESCRIBE, EVENTS, FACTS, YAML

PROJECT = "com.docker.compose.project"


class Volume(Listed):
    """One item of /volumes."""

    name_: str = msgspec.field(name="Name", default="")
    driver: str = ""
    mountpoint: str = ""
    created_at: str = ""
    scope: str = ""
    labels_: dict[str, str] | None = msgspec.field(name="Labels", default=None)
    options: dict[str, str] | None = None
    users: tuple[str, ...] = msgspec.field(name="pilothouse.users", default=())

    @property
    def uid(self) -> str:
        """Return name and time of birth: a volume has no id."""
        return volume_uid(self.name_, self.created_at)

    @property
    def name(self) -> str:
        """Return the name."""
        return self.name_

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels."""
        return self.labels_ or {}

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return the volume with the names of the containers that mount it."""
        self.users = reading.used.get(self.name_, ())
        return (self,)


def created(one: Volume) -> datetime | None:
    """Return when it was made, where the driver tells."""
    try:
        return datetime.fromisoformat(one.created_at)
    except ValueError:
        return None


def _created(one: Volume) -> Value:
    born = created(one)
    return Ago(born) if born else None


def tone(one: Volume) -> Tone:
    """Return OVER for a volume that nothing mounts."""
    return Tone.PLAIN if one.users else Tone.OVER


def facts(one: Volume, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return where the volume is, and who mounts it."""
    first = [
        *told("Driver", one.driver),
        *told("Mount point", one.mountpoint),
        *told("Created", _created(one)),
        *told("Scope", one.scope),
        *told("Project", one.labels.get(PROJECT)),
    ]
    return filled(
        Section("", first),
        Section("Used by", [Fact("Container", name) for name in one.users]),
        Section("Options", [Fact(name, value) for name, value in sorted((one.options or {}).items())]),
        labelled(one.labels),
    )


def _mounts(volume: Volume, container: Any) -> bool:
    return any(mount.type == "volume" and mount.name_ == volume.name_ for mount in container.mounts or ())


KIND = Kind(
    id="docker/volumes",
    title="Volumes",
    singular="volume",
    aliases=("vol", "volume"),
    api="/volumes",
    type=Volume,
    columns=(
        Column("VOLUME NAME", lambda one: one.name_, keep=9, glow=False),
        Column("DRIVER", lambda one: one.driver, keep=5, glow=False),
        Column("CREATED", _created, keep=4, glow=False),
        Column("IN USE", lambda one: len(one.users) or None, keep=7),
        Column("PROJECT", lambda one: one.labels.get(PROJECT, ""), keep=3, glow=False),
        Column("MOUNT POINT", lambda one: one.mountpoint, keep=1, wide=True, glow=False),
    ),
    tone=tone,
    facts=facts,
    views=(FACTS, YAML, DESCRIBE, EVENTS),
    actions=(delete, copy),
    drill=Drill("docker/containers", _mounts),
)
