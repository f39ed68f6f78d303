"""Words: ids, times and errors as a Docker engine writes them."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from typing import Any

from tui.demo.clock import SECOND

Json = dict[str, Any]
ZERO = "0001-01-01T00:00:00Z"  # Go's time that is none
VERSIONED = re.compile(r"/v\d+\.\d+(?=/)")  # what stands before a path when a client says which API it speaks
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


class Refusal(Exception):
    """What the engine will not do: an HTTP status and the sentence of its body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def identity(rand: random.Random) -> str:
    """Return an id of 64 hexadecimal letters, as containers, networks and images have."""
    return f"{rand.getrandbits(256):064x}"


def swarm_identity(rand: random.Random) -> str:
    """Return an id of 25 letters in base 36, as the objects of a swarm have."""
    return "".join(rand.choices(_BASE36, k=25))


def short(ident: str) -> str:
    """Return the first twelve letters of an id, without its algorithm."""
    return ident.rpartition(":")[2][:12]


def stamp(nano: int, *, fixed: bool = False) -> str:
    """Return a time in RFC 3339 as Go writes it; `fixed`: with all nine digits, as in logs; 0 is the time that is none."""
    if not nano:
        return ZERO
    text = datetime.fromtimestamp(nano // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    rest = f"{nano % SECOND:09d}"
    if not fixed:
        rest = rest.rstrip("0")
    return f"{text}.{rest}Z" if rest else f"{text}Z"


def moment(text: str) -> int:
    """Return the nanoseconds of a `since` or `until`, which are seconds: `1700000000.123456789`; 0 for "". Raises Refusal."""
    head, _, tail = text.partition(".")
    try:
        return int(head or 0) * SECOND + (int(tail[:9].ljust(9, "0")) if tail else 0)
    except ValueError:
        raise Refusal(400, f'strconv.ParseInt: parsing "{head}": invalid syntax') from None


def flag(text: str | None) -> bool:
    """Return a boolean of a query as the engine reads it."""
    return (text or "").strip().lower() not in {"", "0", "no", "false", "none"}


def number(text: str | None, other: int) -> int:
    """Return an integer of a query, `other` when there is none; raises Refusal."""
    if text in {None, ""}:
        return other
    try:
        return int(text or 0)
    except ValueError:
        raise Refusal(400, f'strconv.Atoi: parsing "{text}": invalid syntax') from None
