"""Values: what a cell holds, how it is written, and how it sorts.

A column returns one of: str, int, float, datetime, None, or a `Shown` from here. The value's type decides
text, sort key and alignment, so "10d" never sorts before "9h" by its letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from msgspec import Struct

Key = tuple[int, float, str]
"""A sort key: (0 for a value, 1 for a missing one), the number, the text."""

MISSING: Key = (1, 0.0, "")


class Shown(Protocol):
    """A value that writes itself; `right` says whether it is aligned like a number."""

    right: ClassVar[bool]

    def text(self, now: datetime) -> str:
        """Return what the cell says at the moment `now`."""
        ...

    def key(self) -> Key:
        """Return the sort key; it does not depend on the time of day."""
        ...


Value = str | int | float | datetime | None | Shown


class Bytes(Struct, frozen=True):
    """A size in bytes; `binary` writes KiB, MiB ... (docker stats), else kB, MB ... (docker images)."""

    count: int
    binary: bool = False

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return the size as docker writes it."""
        return binary_size(self.count) if self.binary else decimal_size(self.count)

    def key(self) -> Key:
        """Sort by the count."""
        return (0, float(self.count), "")


class Percent(Struct, frozen=True):
    """A share in percent (12.3 means 12.3 %), drawn as a number and, where a column asks, as a gauge."""

    share: float

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return two decimals, as `docker stats` does."""
        return f"{self.share:.2f}%"

    def key(self) -> Key:
        """Sort by the share."""
        return (0, self.share, "")


class Ratio(Struct, frozen=True):
    """So many of so many, as in READY 1/2."""

    part: int
    whole: int

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return `part/whole`."""
        return f"{self.part}/{self.whole}"

    def key(self) -> Key:
        """Sort by the part that is there, then by the whole."""
        return (0, self.part / self.whole if self.whole else 1.0, f"{self.whole:09d}")


class Counted(Struct, frozen=True):
    """A count and when it last grew, as in RESTARTS `14 (41s ago)`."""

    count: int
    last: datetime | None = None

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return the count as `kubectl get pods` prints it."""
        return f"{self.count} ({age(self.last, now)} ago)" if self.last and self.count else str(self.count)

    def key(self) -> Key:
        """Sort by the count."""
        return (0, float(self.count), "")


def text_of(value: Value, now: datetime) -> str:
    """Return what a cell with `value` says at the moment `now`; a missing value is an empty cell."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool() | int():
            return str(value)
        case float():
            return f"{value:g}"
        case datetime():
            return age(value, now)
        case _:
            return value.text(now)


def key_of(value: Value) -> Key:
    """Return the sort key of a cell: numbers by size, times by age (youngest first), text without case, missing last."""
    match value:
        case None:
            return MISSING
        case str():
            return (0, 0.0, value.casefold())
        case bool() | int() | float():
            return (0, float(value), "")
        case datetime():
            return (0, -value.timestamp(), "")
        case _:
            return value.key()


def is_right(value: Value) -> bool:
    """Tell whether a cell with this value stands to the right: numbers, times and shares do, words do not."""
    match value:
        case None | str():
            return False
        case int() | float() | datetime():
            return True
        case _:
            return value.right


def age(then: datetime | None, now: datetime) -> str:
    """Return how long ago `then` was, as kubectl writes it (apimachinery `duration.HumanDuration`); never negative."""
    if then is None:
        return "<unknown>"
    return duration((now - then).total_seconds())


def duration(seconds: float) -> str:
    """Return a length of time in kubectl's short form: 41s, 2m5s, 10m, 3h4m, 27h, 3d4h, 61d, 2y35d, 9y."""
    if seconds < 0:
        return "0s"
    whole = int(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 120:
        return f"{whole}s"
    if minutes < 10:
        return _pair(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _pair(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    if days < 2920:
        return _pair(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _pair(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"


def docker_duration(seconds: float) -> str:
    """Return a length of time in docker's words (go-units `HumanDuration`): About a minute, 3 hours, 2 weeks."""
    whole = int(max(0.0, seconds))
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < 60:
        return f"{whole} seconds"
    minutes = whole // 60
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    hours = int(whole / 3600 + 0.5)
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    if hours < 24 * 7 * 2:
        return f"{hours // 24} days"
    if hours < 24 * 30 * 2:
        return f"{hours // 24 // 7} weeks"
    if hours < 24 * 365 * 2:
        return f"{hours // 24 // 30} months"
    return f"{int(whole / 3600) // 24 // 365} years"


def decimal_size(count: float) -> str:
    """Return a size with three digits and decimal units, as `docker images` prints it (go-units `HumanSizeWithPrecision`)."""
    return _scaled(count, 1000.0, ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"), 3)


def binary_size(count: float) -> str:
    """Return a size with four digits and binary units, as `docker stats` prints it (go-units `BytesSize`)."""
    return _scaled(count, 1024.0, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"), 4)


def _scaled(count: float, base: float, units: tuple[str, ...], digits: int) -> str:
    step = 0
    while count >= base and step < len(units) - 1:
        count /= base
        step += 1
    return f"{count:.{digits}g}{units[step]}"


_SUFFIX: Mapping[str, float] = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def quantity(text: str) -> float:
    """Return a Kubernetes quantity (`250m`, `1Gi`, `1e3`) as a plain number; raises ValueError on anything else."""
    number = text.strip().rstrip("numkKMGTPEi")
    suffix = text.strip()[len(number) :]
    if suffix not in _SUFFIX:
        raise ValueError(f"not a quantity: {text!r}")
    if number[-1:] in {"e", "E"}:
        raise ValueError(f"not a quantity: {text!r}")
    return float(number) * _SUFFIX[suffix]


def utc(stamp: float) -> datetime:
    """Return seconds since 1970 as a time with a zone."""
    return datetime.fromtimestamp(stamp, UTC)
