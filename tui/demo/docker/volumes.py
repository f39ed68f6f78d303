"""Volumes: where containers keep what must outlive them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tui.demo.docker.container import Container
from tui.demo.docker.events import Events
from tui.demo.docker.filters import Filters, boolean, labelled, named
from tui.demo.docker.words import Json, Refusal, identity, stamp

KEYS = ("dangling", "driver", "label", "name")
ROOT = "/var/lib/docker/volumes"
ANONYMOUS = "com.docker.volume.anonymous"


@dataclass(eq=False)
class Volume:
    """One volume. `created`: nanoseconds, whole seconds; `size`: bytes."""

    name: str
    created: int
    driver: str = "local"
    labels: dict[str, str] | None = None
    options: dict[str, str] | None = None
    size: int = 0

    @property
    def folder(self) -> str:
        """Return where it lies on the host."""
        return f"{ROOT}/{self.name}/_data"


@dataclass(eq=False)
class Volumes:
    """The volumes of one engine. `users`: gives all containers."""

    events: Events
    rand: random.Random
    users: Callable[[], Iterable[Container]]
    known: dict[str, Volume] = field(default_factory=dict)

    def find(self, name: str) -> Volume:
        """Return a volume; raises Refusal 404."""
        if name not in self.known:
            raise Refusal(404, f"get {name}: no such volume")
        return self.known[name]

    def create(self, name: str, labels: dict[str, str] | None = None, driver: str = "", options: dict[str, str] | None = None) -> Volume:
        """Return the volume of this name, made when it is not there; "" = an anonymous one."""
        if name in self.known:
            return self.known[name]
        if driver not in {"", "local"}:
            said = f'plugin "{driver}" not found'
            raise Refusal(404, f"error looking up volume plugin {driver}: {said}")
        if not name:
            name, labels = identity(self.rand), {ANONYMOUS: "", **(labels or {})}
        second = self.events.clock.nano() // 10**9 * 10**9
        volume = self.known[name] = Volume(name, second, labels=labels, options=options)
        self.events.emit("volume", "create", name, {"driver": volume.driver})
        return volume

    def using(self, name: str) -> list[Container]:
        """Return the containers that use a volume, running or not."""
        return [one for one in self.users() if any(mount.get("Name") == name for mount in one.mounts)]

    def listed(self, wanted: Filters) -> list[Volume]:
        """Return the volumes that pass the filters, by name."""
        dangling = boolean(wanted, "dangling")
        return [
            one
            for _, one in sorted(self.known.items())
            if (dangling is None or dangling == (not self.using(one.name)))
            and labelled(wanted.get("label", ()), one.labels)
            and ("name" not in wanted or named(wanted["name"], one.name))
            and ("driver" not in wanted or one.driver in wanted["driver"])
        ]

    def remove(self, name: str, force: bool = False) -> None:
        """Remove a volume; raises Refusal 404 (not with `force`), 409."""
        if force and name not in self.known:
            return
        volume = self.find(name)
        if users := self.using(name):
            raise Refusal(409, f"remove {name}: volume is in use - [{', '.join(one.id for one in users)}]")
        del self.known[volume.name]
        self.events.emit("volume", "destroy", name, {"driver": volume.driver})

    def prune(self, wanted: Filters, named_ones: bool) -> Json:
        """Remove what no container uses: anonymous volumes or, with `named_ones`, all."""
        gone = []
        freed = 0
        for volume in list(self.known.values()):
            anonymous = ANONYMOUS in (volume.labels or {})
            if self.using(volume.name) or not (anonymous or named_ones) or not labelled(wanted.get("label", ()), volume.labels):
                continue
            gone.append(volume.name)
            freed += volume.size
            self.remove(volume.name)
        self.events.emit("volume", "prune", "", {"reclaimed": str(freed)})
        return {"VolumesDeleted": gone, "SpaceReclaimed": freed}


def shape(volume: Volume) -> Json:
    """Return a volume as the API gives it."""
    return {
        "CreatedAt": stamp(volume.created), "Driver": volume.driver, "Labels": volume.labels, "Mountpoint": volume.folder,
        "Name": volume.name, "Options": volume.options, "Scope": "local",
    }  # fmt: skip
