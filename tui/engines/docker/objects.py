"""The lean structs that docker and swarm lists are decoded to, and what a list tells each of them beside its own fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, field

from tui.facts import Object

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NONE: Mapping[str, str] = {}
_WORDS = {"id": "ID", "ip": "IP", "cpus": "CPUs", "ram": "RAM", "oom": "OOM", "os": "OS"}


def api_name(field_name: str) -> str:
    """Return the engine API's spelling of a field: image_id is ImageID, running_tasks is RunningTasks, id alone is Id."""
    first, *rest = field_name.split("_")
    if not rest and first == "id":
        return "Id"
    return "".join(_WORDS.get(word, word.capitalize()) for word in (first, *rest))


class Reading(Struct, frozen=True):
    """What is known when a list has come in.

    `at`: when it came (UTC). `known`: the objects as they were, by uid. `used`: which containers use an image (by image
    id), a volume (by name) or a network (by id). `names`: the names of nodes and services, by id. `myself`: the node's id.
    """

    at: datetime = LONG_AGO
    known: Mapping[str, Object] = field(default_factory=dict)
    used: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    myself: str = ""


class Part(msgspec.Struct, rename=api_name, frozen=True, gc=False):
    """The base of what listed objects are made of."""


class Listed(msgspec.Struct, rename=api_name, gc=False):
    """The base of every docker and swarm struct; msgspec passes over the fields that no column needs."""

    @property
    def uid(self) -> str:
        """Return the identity that a namesake made later does not share."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """Return the name a person calls it by."""
        raise NotImplementedError

    @property
    def namespace(self) -> str:
        """Return "": neither docker nor swarm has namespaces."""
        return ""

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels."""
        return _NONE

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return the rows that this one item of a list makes; mostly itself, with what the list cannot say filled in."""
        return (self,)


class Stats(msgspec.Struct, frozen=True, gc=False):
    """Live figures of one container. `cpu`: percent, 100 is one processor; `memory`, `limit`, `received`, `sent`: bytes."""

    cpu: float | None
    memory: int
    limit: int
    received: int
    sent: int
    read: datetime | None = None


class Peek(msgspec.Struct, frozen=True, gc=False):
    """What only an inspect tells of a container: why it ended, how its health check does."""

    oom: bool = False
    exit_code: int = 0
    error: str = ""
    restarts: int = 0
    failing: int = 0
    probe: str = ""  # what the last failing health probe said
