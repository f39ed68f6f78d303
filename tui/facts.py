"""Facts: what engines report and everything else reads: identities, states, deltas, log lines, errors; no I/O, no Textual."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from msgspec import Struct


class Tone(enum.StrEnum):
    """How a state is doing; a tone is a colour and a glyph, and a word stands beside it."""

    PLAIN = "plain"
    WELL = "well"
    MOVING = "moving"
    STRAINED = "strained"
    BROKEN = "broken"
    OVER = "over"


GLYPHS: Mapping[Tone, str] = {
    Tone.PLAIN: " ",
    Tone.WELL: "●",
    Tone.MOVING: "◐",
    Tone.STRAINED: "▲",
    Tone.BROKEN: "✖",
    Tone.OVER: "○",
}


class Ref(Struct, frozen=True):
    """Which object: the engine it lives in, its kind, and its own identity. A recreated namesake is another object."""

    engine: str  # Engine.id, such as "kubernetes:prod-eu"
    kind: str  # Kind.id, such as "kubernetes/pods"
    namespace: str  # "" where the kind has none
    name: str
    uid: str

    def __str__(self) -> str:
        """Return `namespace/name`, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Object(Protocol):
    """One object as its engine decoded it: a lean struct with just what the columns need."""

    @property
    def uid(self) -> str:
        """Return the identity that a namesake made later does not share."""
        ...

    @property
    def name(self) -> str:
        """Return the name a person calls it by."""
        ...

    @property
    def namespace(self) -> str:
        """Return the namespace, "" where there is none."""
        ...

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels."""
        ...


# ---- errors that engines raise; each carries a sentence for a person ------------------------------------------------


class EngineError(Exception):
    """Something an engine could not do, said in a sentence for a person."""


class Unreachable(EngineError):
    """The engine does not answer: refused, timed out, no such socket, a broken certificate."""


class Denied(EngineError):
    """The engine answered, and will not let us: 401, 403, read-only mode."""


class Expired(Denied):
    """The credentials are no longer good (401); signing in again would help."""


class Conflict(EngineError):
    """The object is no longer what it was when the person looked (409, out of sequence, another uid)."""


class Missing(EngineError):
    """The object is not there (any more)."""


class Unsupported(EngineError):
    """This engine or this kind of object has no such verb."""


class OutcomeUnknown(EngineError):
    """A write was sent and no answer came: it may have happened. Never sent again by itself."""


# ---- edits ----------------------------------------------------------------------------------------------------------


class Change(Struct, frozen=True):
    """One field of an object, before and after. `path`: keys, and the places in lists, from 0."""

    path: tuple[str | int, ...]
    before: Any = None
    after: Any = None
    added: bool = False
    removed: bool = False


# ---- nodes ----------------------------------------------------------------------------------------------------------


class Fate(enum.Enum):
    """What draining a node does to something that runs there."""

    MOVES = "moves"  # made anew elsewhere, or over anyway
    EMPTIED = "emptied"  # made anew elsewhere, without what it kept in an emptyDir
    LOST = "lost"  # nothing makes it anew
    STAYS = "stays"  # a DaemonSet's, or the kubelet's own


class Sitting(Struct, frozen=True):
    """A pod or task on a node."""

    ref: Ref
    fate: Fate


class Drained(Struct, frozen=True):
    """How far a drain is: so many of so many are still there; `waits`: what waits, each with its reason."""

    left: int
    whole: int
    waits: Sequence[str] = ()


# ---- live state -----------------------------------------------------------------------------------------------------


class State(enum.StrEnum):
    """How fresh a watched kind is."""

    CONNECTING = "connecting"
    LIVE = "live"
    RETRYING = "retrying"
    STALE = "stale"
    FORBIDDEN = "forbidden"
    EXPIRED = "expired"
    ABSENT = "absent"


class Health(Struct, frozen=True):
    """The state of a watch. `since`: when it was last live (UTC); `retry_at`: when it tries again (UTC)."""

    state: State
    reason: str = ""
    since: datetime | None = None
    retry_at: datetime | None = None


class Put(Struct, frozen=True):
    """Objects that are new or have changed."""

    objects: Sequence[Object]


class Gone(Struct, frozen=True):
    """Objects that are no longer there, by uid."""

    uids: Sequence[str]


class Listed(Struct, frozen=True):
    """A listing is complete: these uids, all put before, are all there is."""

    uids: frozenset[str]


Delta = Put | Gone | Listed | Health
Feed = Callable[[Delta], None]
"""Where a watch puts what it learns; called on the event loop's thread only."""


class Topic(Struct, frozen=True):
    """What is watched: one kind in one engine, in one namespace ("" = all, or the kind has none)."""

    engine: str
    kind: str
    namespace: str = ""


# ---- what an engine can do ------------------------------------------------------------------------------------------


class LogLine(NamedTuple):
    """One line of a log. `stamp`: RFC 3339 as the engine wrote it, or ""; `source`: container or task, when several."""

    text: str
    stamp: str = ""
    stream: str = "stdout"
    source: str = ""


class LogOptions(Struct, frozen=True):
    """How to read a log: the last `tail` lines (None = all), from `since` seconds ago, and on as it grows."""

    container: str = ""
    tail: int | None = 500
    since: int | None = None
    follow: bool = True
    previous: bool = False


class Revision(Struct, frozen=True):
    """One revision of a workload. `template`: what a rollback to it would restore, as a plain mapping."""

    number: int
    created: datetime | None
    images: tuple[str, ...]
    template: Mapping[str, object]
    current: bool = False
    note: str = ""  # change cause, or how it is doing


class Event(Struct, frozen=True):
    """Something that was said about an object."""

    when: datetime | None
    warning: bool
    reason: str
    message: str
    count: int = 1
    source: str = ""


class Figures(Struct, frozen=True):
    """What an object used at one moment; None is not known.

    `cpu`: percent, 100 is one processor. `memory`, `limit`: bytes, a limit of 0 is none. `received`, `sent`: bytes since it began.
    """

    when: datetime
    cpu: float | None = None
    memory: int | None = None
    limit: int = 0
    received: int | None = None
    sent: int | None = None


class About(Struct, frozen=True):
    """Where an engine is, for the top line. `detail` is a few words such as "manager, 3 nodes"."""

    context: str
    server: str = ""
    version: str = ""
    user: str = ""
    namespace: str = ""
    detail: str = ""
    insecure: str = ""  # why the connection is not safe, or ""
