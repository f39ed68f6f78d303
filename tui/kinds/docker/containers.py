"""Containers of a Docker host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tui.actions import copy, delete, restart, start, stop
from tui.engines.docker.objects import Listed, Part, Peek, Reading, Stats
from tui.facts import Object, Tone
from tui.kinds.docker import container_facts
from tui.kinds.docker.common import Ago, Status, Traffic, Usage, familiar, quoted, short_id, shorten, status
from tui.kinds.docker.ports import Port, ports_text
from tui.model import Column, Kind, Trouble
from tui.values import Percent, Value, utc
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, STATS, YAML

PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
SWARM_SERVICE = "com.docker.swarm.service.name"


class Mount(Part, frozen=True):
    """One mount of a container list item."""

    type: str = ""
    name_: str = msgspec.field(name="Name", default="")
    source: str = ""
    destination: str = ""


class Attachment(Part, frozen=True):
    """One network that a container is on."""

    network_id: str = ""
    ip_address: str = msgspec.field(name="IPAddress", default="")


class Settings(Part, frozen=True):
    """The networks of a container, by name."""

    networks: dict[str, Attachment] | None = None


class Container(Listed):
    """One item of /containers/json; `shown`, `stats` and `peek` are filled in by us."""

    id: str = ""
    names: tuple[str, ...] | None = ()
    image: str = ""
    image_id: str = ""
    command: str = ""
    created: int = 0
    ports: tuple[Port, ...] | None = ()
    labels_: dict[str, str] | None = msgspec.field(name="Labels", default=None)
    state: str = ""
    status: str = ""
    network_settings: Settings | None = None
    mounts: tuple[Mount, ...] | None = ()
    shown: Status | None = msgspec.field(name="pilothouse.shown", default=None)
    stats: Stats | None = msgspec.field(name="pilothouse.stats", default=None)
    peek: Peek | None = msgspec.field(name="pilothouse.peek", default=None)

    @property
    def uid(self) -> str:
        """Return the container's id."""
        return self.id

    @property
    def name(self) -> str:
        """Return the name without its slash."""
        plain = [name for name in self.names or () if name.count("/") < 2]
        return (plain or [short_id(self.id)])[0].removeprefix("/")

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels."""
        return self.labels_ or {}

    @property
    def running(self) -> bool:
        """Tell whether it has live figures."""
        return self.state in {"running", "paused"}

    @property
    def health(self) -> str:
        """Return healthy, unhealthy, starting or ""."""
        for word in ("(unhealthy)", "(healthy)", "(health: starting)"):
            if word in self.status:
                return word.strip("()").removeprefix("health: ")
        return ""

    @property
    def exit_code(self) -> int | None:
        """Return the exit code, where the status tells one."""
        code = self.status.partition("(")[2].partition(")")[0] if self.state in {"exited", "dead", "restarting"} else ""
        return int(code) if code.lstrip("-").isdigit() else None

    @property
    def wants_peek(self) -> bool:
        """Tell whether an inspect would say more about what is wrong."""
        return self.health == "unhealthy" or self.state in {"restarting", "dead"} or bool(self.exit_code)

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return this container with its time kept, and with the figures that are known of it."""
        known = reading.known.get(self.id)
        before = known if isinstance(known, Container) else None
        self.shown = status(self.status, reading.at, before.shown if before else None)
        # Lists give ports and mounts in any order; what is the same must compare the same.
        self.ports = tuple(sorted(self.ports or (), key=lambda one: (one.private_port, one.ip, one.public_port, one.type)))
        self.mounts = tuple(sorted(self.mounts or (), key=lambda one: one.destination))
        if before is not None:
            if self.shown == before.shown:
                self.status, self.peek = before.status, before.peek
            self.stats = before.stats if self.running else None
        return (self,)


def status_value(one: Container) -> Value:
    """Return the status, its time going on."""
    return one.shown.value() if one.shown else one.status


def image_text(one: Container) -> str:
    """Return the image as `docker ps` prints it: a bare id short, a reference without its digest."""
    if not one.image:
        return "<no image>"
    if short_id(one.image) == short_id(one.image_id):
        return short_id(one.image_id)
    return familiar(one.image)


def tone(one: Container) -> Tone:
    """Return how the container does."""
    match one.state:
        case "running":
            return {"unhealthy": Tone.BROKEN, "starting": Tone.MOVING}.get(one.health, Tone.WELL)
        case "restarting" | "dead":
            return Tone.BROKEN
        case "exited":
            return Tone.BROKEN if one.exit_code else Tone.OVER
        case "paused" | "created" | "removing":
            return Tone.MOVING
        case _:
            return Tone.PLAIN


def trouble(one: Container) -> Trouble | None:
    """Return what is wrong, with its cause as far as it is known."""
    if tone(one) is not Tone.BROKEN:
        return None
    peek, code = one.peek, one.exit_code or 0
    if one.health == "unhealthy":
        count = f"{peek.failing} probes failed" if peek and peek.failing else "its health probe fails"
        said = f': "{peek.probe}"' if peek and peek.probe else ""
        return Trouble(Tone.BROKEN, "unhealthy", f"{count}{said}")
    why = exit_reason(code, peek is not None and peek.oom, peek.error if peek else "")
    if one.state == "restarting":
        times = f", {peek.restarts} restarts so far" if peek and peek.restarts else ""
        return Trouble(Tone.BROKEN, "restarting", f"exited {code}: {why}{times}", "docker waits longer before each try, up to a minute")
    if one.state == "dead":
        return Trouble(Tone.BROKEN, "dead", "docker could not remove it in full", "remove it with force")
    return Trouble(Tone.BROKEN, f"exited {code}", why)


def exit_reason(code: int, oom: bool, error: str) -> str:
    """Return what an exit code means, in words."""
    if oom:
        return "killed for memory: it reached its limit"
    if error:
        return error
    match code:
        case 125:
            return "docker could not run it"
        case 126:
            return "its command cannot be run (no permission, or not a program)"
        case 127:
            return "its command was not found"
        case 137:
            return "killed (SIGKILL): by hand, after its grace period, or for the machine's memory"
        case 139:
            return "crashed: segmentation fault"
        case 143:
            return "told to end (SIGTERM)"
        case _ if code > 128:
            return f"ended by signal {code - 128}"
        case _:
            return "its program failed; its last log lines may tell why"


def _gauge(one: Container) -> float | None:
    return one.stats.memory / one.stats.limit * 100 if one.stats and one.stats.limit else None


def _cpu_gauge(one: Container) -> float | None:
    return min(100.0, one.stats.cpu) if one.stats and one.stats.cpu is not None else None


def _owners(one: Container) -> Sequence[tuple[str, str]]:
    service = one.labels.get(SWARM_SERVICE)
    return (("swarm/services", service),) if service else ()


def _created(one: Container) -> Value:
    return Ago(utc(one.created)) if one.created else None


KIND = Kind(
    id="docker/containers",
    title="Containers",
    singular="container",
    aliases=("c", "container", "ps"),
    api="/containers/json?all=1",
    type=Container,
    columns=(
        Column("NAME", lambda one: one.name, keep=9, glow=False),
        Column("IMAGE", image_text, keep=5),
        Column("COMMAND", lambda one: quoted(shorten(one.command, 20)), keep=1, wide=True, glow=False),
        Column("CREATED", _created, keep=2, glow=False),
        Column("STATUS", status_value, tone=tone, keep=9),
        Column("PORTS", lambda one: ports_text(one.ports), keep=3, width=44),
        Column("CPU %", lambda one: Percent(one.stats.cpu) if one.stats and one.stats.cpu is not None else None, keep=7, glow=False,
               gauge=_cpu_gauge),
        Column("MEM", lambda one: Usage(one.stats.memory, one.stats.limit) if one.stats else None, keep=6, glow=False, gauge=_gauge),
        Column("NET I/O", lambda one: Traffic(one.stats.received, one.stats.sent) if one.stats else None, keep=1, glow=False),
        Column("PROJECT", lambda one: one.labels.get(PROJECT, ""), keep=4, glow=False),
        Column("ID", lambda one: short_id(one.id), keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=container_facts.facts,
    owners=_owners,
    views=(FACTS, LOGS, YAML, DESCRIBE, EVENTS, STATS),
    actions=(start, stop, restart, delete, copy),
)  # fmt: skip
