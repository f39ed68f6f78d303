"""Events of a cluster: what was said about its objects, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui.actions import copy
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes.common import UNKNOWN, aged, filled, link, told
from tui.kinds.kubernetes.owning import WORDS
from tui.model import Column, Fact, Kind, Section, Trouble
from tui.views import FACTS, YAML


class Involved(msgspec.Struct, gc=False):
    """The object an event speaks of."""

    kind: str = ""
    namespace: str = ""
    name: str = ""
    fieldPath: str = ""  # noqa: N815


class Source(msgspec.Struct, gc=False):
    """Who said it, in the older form."""

    component: str = ""
    host: str = ""


class Series(msgspec.Struct, gc=False):
    """How often it was said, in the newer form."""

    count: int = 0
    lastObservedTime: datetime | None = None  # noqa: N815


NOTHING, NOBODY = Involved(), Source()


class Event(KubeObject, gc=False):
    """One event. The newer API writes eventTime and series, the older one firstTimestamp, lastTimestamp and count."""

    involved_: Involved | None = msgspec.field(name="involvedObject", default=None)
    type: str = ""
    reason: str = ""
    message: str = ""
    count_: int = msgspec.field(name="count", default=0)
    source: Source | None = None
    series: Series | None = None
    reportingComponent: str = ""  # noqa: N815
    reportingInstance: str = ""  # noqa: N815
    firstTimestamp: datetime | None = None  # noqa: N815
    lastTimestamp: datetime | None = None  # noqa: N815
    eventTime: datetime | None = None  # noqa: N815

    @property
    def involved(self) -> Involved:
        """Return the object it speaks of."""
        return self.involved_ or NOTHING

    @property
    def first(self) -> datetime | None:
        """Return when it was first said."""
        return self.firstTimestamp or self.eventTime

    @property
    def last(self) -> datetime | None:
        """Return when it was last said."""
        return self.series.lastObservedTime if self.series else self.lastTimestamp or self.first

    @property
    def count(self) -> int:
        """Return how often it was said."""
        return self.series.count if self.series else self.count_ or 1


def spoken_of(one: Event) -> str:
    """Return OBJECT: `pod/web-0`."""
    word, name = one.involved.kind.lower(), one.involved.name
    return f"{word}/{name}" if name else word


def who(one: Event) -> str:
    """Return SOURCE: the component, and the node it speaks from."""
    source = one.source or NOBODY
    return ", ".join(part for part in (source.component or one.reportingComponent, source.host or one.reportingInstance) if part)


def tone(one: Event) -> Tone:
    """Return whether it is a warning."""
    return Tone.STRAINED if one.type == "Warning" else Tone.PLAIN


def trouble(one: Event) -> Trouble | None:
    """Return what a warning says."""
    return Trouble(Tone.STRAINED, one.reason, one.message.strip()) if one.type == "Warning" else None


def owners(one: Event) -> Sequence[tuple[str, str]]:
    """Return the object it speaks of, so that one can go there."""
    word = WORDS.get(one.involved.kind)
    return ((f"kubernetes/{word}" if word else one.involved.kind, one.involved.name),) if one.involved.name else ()


def facts(one: Event, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return what was said, by whom, about what."""
    word, about = WORDS.get(one.involved.kind), one.involved
    first = [
        *told("message", one.message.strip()),
        *told("reason", one.reason, tone(one)),
        *([Fact("object", spoken_of(one), link=link(word, about.namespace, about.name) if word else None)] if about.name else []),
        *told("part", about.fieldPath),
        *told("said by", who(one)),
        *told("first seen", one.first),
        *told("last seen", one.last),
        *told("count", one.count),
    ]
    return filled(Section("", first or aged(one)))


KIND = Kind(
    id="kubernetes/events",
    title="Events",
    singular="event",
    aliases=("ev", "event"),
    api="v1/events",
    type=Event,
    namespaced=True,
    columns=(
        Column("Last Seen", lambda one: one.last or UNKNOWN, keep=9, glow=False),
        Column("Type", lambda one: one.type, tone=tone, keep=6, glow=False),
        Column("Reason", lambda one: one.reason, tone=tone, keep=8, glow=False),
        Column("Object", spoken_of, keep=8, glow=False),
        Column("Subobject", lambda one: one.involved.fieldPath, keep=1, wide=True, glow=False),
        Column("Source", who, keep=1, wide=True, glow=False),
        Column("Message", lambda one: one.message.strip(), keep=7, glow=False, width=120),
        Column("First Seen", lambda one: one.first or UNKNOWN, keep=1, wide=True, glow=False),
        Column("Count", lambda one: one.count, keep=4, wide=True),
        Column("Name", lambda one: one.name, keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    owners=owners,
    views=(FACTS, YAML),
    actions=(copy,),
    sort="Last Seen",
)
