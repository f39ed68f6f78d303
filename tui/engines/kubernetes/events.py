"""What was said about an object: its events, from the core API, oldest first."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tui.engines.kubernetes import paths
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.workloads import word_of
from tui.facts import Event, Ref, Unreachable

MOST = 500  # events of one object that are read


class _Source(msgspec.Struct):
    component: str = ""
    host: str = ""


class _Series(msgspec.Struct):
    count: int = 1
    lastObservedTime: datetime | None = None  # noqa: N815


class _Meta(msgspec.Struct):
    creationTimestamp: datetime | None = None  # noqa: N815


class _Event(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 1
    firstTimestamp: datetime | None = None  # noqa: N815
    lastTimestamp: datetime | None = None  # noqa: N815
    eventTime: datetime | None = None  # noqa: N815
    series: _Series | None = None
    source: _Source = msgspec.field(default_factory=_Source)
    reportingComponent: str = ""  # noqa: N815


class _Events(msgspec.Struct):
    items: list[_Event] | None = None


_EVENTS = msgspec.json.Decoder(_Events)


async def events_of(transport: Transport, ref: Ref) -> list[Event]:
    """Return the events about one object; those of a node are found by name, for kubelets put the name where the uid belongs."""
    selector = f"involvedObject.uid={ref.uid}"
    if word_of(ref) == "nodes":
        selector = f"involvedObject.kind=Node,involvedObject.name={ref.name}"
    body = await transport.get(paths.collection("v1/events", ref.namespace), {"fieldSelector": selector, "limit": str(MOST)})
    try:
        found = _EVENTS.decode(body).items or []
    except msgspec.DecodeError as error:
        raise Unreachable(f"the server's events cannot be read ({error})") from error
    return sorted((_event(item) for item in found), key=lambda event: event.when.timestamp() if event.when else 0.0)


def _event(item: _Event) -> Event:
    series = item.series
    when = (series.lastObservedTime if series else None) or item.lastTimestamp or item.eventTime or item.firstTimestamp
    count = series.count if series else max(1, item.count)
    source = item.source.component or item.reportingComponent
    return Event(when or item.metadata.creationTimestamp, item.type != "Normal", item.reason, item.message, count, source)
