"""What the docker and swarm kinds share: how the docker command writes images, ports, times and states."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from tui.model import Fact, Section
from tui.values import Key, Value, docker_duration
from tui.views.mask import COVER, SECRET_NAME

_SCALE = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}
_STATUS = re.compile(r"^(?P<before>Up |Exited \(-?\d+\) |Restarting \(-?\d+\) )(?P<span>.+?)(?P<after>(?: ago)?(?: \([^()]*\))?)$")


class Ago(Struct, frozen=True):
    """A time in docker's words: `3 days ago`; `lower` as `docker service ps` writes it."""

    then: datetime
    before: str = ""
    after: str = " ago"
    lower: bool = False

    right: ClassVar[bool] = False

    def text(self, now: datetime) -> str:
        """Return how long ago it was at the moment `now`."""
        said = docker_duration((now - self.then).total_seconds())
        return f"{self.before}{said.lower() if self.lower else said}{self.after}"

    def key(self) -> Key:
        """Sort by what stands before, then the youngest first."""
        return (0, -self.then.timestamp(), self.before) if not self.before else (0, 0.0, f"{self.before}{-self.then.timestamp():020.3f}")


class Usage(Struct, frozen=True):
    """Memory in use and its limit, as `docker stats` writes it."""

    used: int
    limit: int

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return `1.5MiB / 64MiB`."""
        from tui.values import binary_size

        return f"{binary_size(self.used)} / {binary_size(self.limit)}"

    def key(self) -> Key:
        """Sort by what is in use."""
        return (0, float(self.used), "")


class Traffic(Struct, frozen=True):
    """Bytes received and sent, as `docker stats` writes them."""

    received: int
    sent: int

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return `1.2kB / 648B`."""
        from tui.values import decimal_size

        return f"{decimal_size(self.received)} / {decimal_size(self.sent)}"

    def key(self) -> Key:
        """Sort by the sum."""
        return (0, float(self.received + self.sent), "")


class Status(msgspec.Struct, frozen=True, gc=False):
    """A container's status taken apart: `Up ` + a time that goes on + ` (healthy)`; without `then` it is all `before`."""

    before: str = ""
    then: datetime | None = None
    after: str = ""

    def value(self) -> Value:
        """Return the cell."""
        return Ago(self.then, self.before, self.after) if self.then else self.before


def span(words: str) -> tuple[float, float] | None:
    """Return the shortest and the longest time in seconds that docker writes as these words; None when it is no time."""
    match words:
        case "Less than a second":
            return 0.0, 1.0
        case "About a minute":
            return 60.0, 120.0
        case "About an hour":
            return 3600.0, 5400.0
    number, _, unit = words.partition(" ")
    scale = _SCALE.get(unit.removesuffix("s"))
    if scale is None or not number.isdigit():
        return None
    count = int(number)
    if scale == 3600:  # hours are rounded
        return (count - 0.5) * 3600, (count + 0.5) * 3600
    least = count * scale - (1800 if 3600 < scale < 31536000 else 0)  # and days are counted from rounded hours
    return float(least), float(least + scale)


def status(text: str, read: datetime, before: Status | None = None) -> Status:
    """Return a status that keeps its time while nobody reads it anew.

    The words tell the time only roughly: where `before` still fits them it stays, else it is moved just as far as it must.
    """
    found = _STATUS.match(text)
    times = span(found["span"]) if found else None
    if found is None or times is None:
        return Status(text)
    latest, earliest = read - timedelta(seconds=times[0]), read - timedelta(seconds=times[1] - 0.001)
    then = latest
    if before is not None and before.then is not None and before.before == found["before"]:
        then = max(earliest, min(latest, before.then))
    return Status(found["before"], then, found["after"])


def shorten(text: str, width: int) -> str:
    """Return the text cut to so many cells, the last one an ellipsis, as the docker command cuts."""
    if sum(_cells(one) for one in text) <= width:
        return text
    kept, room = "", width - 1
    for one in text:
        room -= _cells(one)
        if room < 0:
            break
        kept += one
    return kept + "…"


def _cells(one: str) -> int:
    return 2 if unicodedata.east_asian_width(one) in "WF" else 1


def quoted(text: str) -> str:
    """Return the text in double quotes, with escapes, as Go's %q writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\\b", "\\b").replace("\x7f", "\\x7f")


def short_id(identity: str) -> str:
    """Return the first twelve letters of an id, without its algorithm (moby, stringid.TruncateID: behind the first colon)."""
    head, colon, tail = identity.partition(":")
    return (tail if colon else head)[:12]


def familiar(reference: str) -> str:
    """Return an image reference as people write it: without the default registry and without the digest behind a tag."""
    name, _, _digest = reference.partition("@")
    for prefix in ("docker.io/library/", "index.docker.io/library/", "docker.io/", "index.docker.io/"):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def split_tag(reference: str) -> tuple[str, str]:
    """Return repository and tag of a reference; the tag is "" where there is none (a port is no tag)."""
    name = reference.partition("@")[0]
    head, colon, tail = name.rpartition(":")
    return (head, tail) if colon and "/" not in tail else (name, "")


def host_port(address: str, port: str | int) -> str:
    """Return address and port in one word, an IPv6 address in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def is_secret(name: str) -> bool:
    """Tell whether a variable of this name may hold something that is not for every eye."""
    return bool(SECRET_NAME.search(name))


def environment(pairs: Sequence[str] | None) -> list[Fact]:
    """Return the environment as facts, with what looks like a secret masked."""
    facts = []
    for pair in sorted(pairs or ()):
        name, _, value = pair.partition("=")
        facts.append(Fact(name, COVER if value and is_secret(name) else value))
    return facts


def labelled(labels: Mapping[str, str] | None) -> Section:
    """Return the labels as a section."""
    return Section("Labels", [Fact(name, value) for name, value in sorted((labels or {}).items())])


def at(full: Mapping[str, Any] | None, *path: str) -> Any:
    """Return what is at a path of nested mappings, or None."""
    found: Any = full
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def filled(*sections: Section) -> list[Section]:
    """Return those sections that say something."""
    return [section for section in sections if section.facts]


def told(label: str, value: Value) -> list[Fact]:
    """Return one fact, or none when there is nothing to tell."""
    return [] if value is None or value == "" else [Fact(label, value)]
