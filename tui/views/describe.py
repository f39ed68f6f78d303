"""Describe one object: everything about it in words, and what was said about it, as `kubectl describe` and `docker inspect` do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tui.facts import EngineError, Event
from tui.values import age
from tui.views.mask import LAST_APPLIED, masked
from tui.views.text import TextView

LEFT_OUT = {"managedFields", "kind", "apiVersion"}


class DescribePane(TextView):
    """The full object in words, then its events."""

    async def text(self) -> str:
        """Return the description."""
        engine = self.host.engine(self.target.ref)
        full = masked(await engine.fetch(self.target.ref))
        try:
            events = await engine.events(self.target.ref)
        except EngineError:
            events = None  # kinds without events
        return describe(full, events, self.host.now())


def describe(full: Mapping[str, Any], events: Sequence[Event] | None, now: datetime) -> str:
    """Return an object in words: metadata first, then every other part, then events, oldest first."""
    metadata = full.get("metadata")
    lines: list[str] = []
    if isinstance(metadata, Mapping):
        lines += _entries({key: value for key, value in metadata.items() if key not in LEFT_OUT}, 0)
    lines += _entries({key: value for key, value in full.items() if key not in {*LEFT_OUT, "metadata"}}, 0)
    if events is not None:
        lines += ["", "Events:", *event_lines(events, now)]
    return "\n".join(lines)


def event_lines(events: Sequence[Event], now: datetime) -> list[str]:
    """Return events as a table: TYPE REASON AGE FROM MESSAGE."""
    if not events:
        return ["  <none>"]
    rows = [("Type", "Reason", "Age", "From", "Message")]
    for event in events:
        when = age(event.when, now) + (f" (x{event.count})" if event.count > 1 else "")
        rows.append(("Warning" if event.warning else "Normal", event.reason, when, event.source, event.message))
    wide = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  " + "  ".join([*(f"{row[column]:<{wide[column]}}" for column in range(4)), row[4].replace("\n", " ")]) for row in rows]


def _entries(part: Mapping[str, Any], depth: int) -> list[str]:
    pad = "  " * depth
    lines: list[str] = []
    wide = max((len(title(str(key))) for key, value in part.items() if not _nested(value)), default=0)
    for key, value in part.items():
        if key == LAST_APPLIED or value in (None, {}, []):
            continue
        name = str(key) if depth and "/" in str(key) else title(str(key))
        if isinstance(value, Mapping):
            lines += [f"{pad}{name}:", *_entries(value, depth + 1)]
        elif isinstance(value, list) and _nested(value):
            lines.append(f"{pad}{name}:")
            for item in value:
                inner = _entries(item, depth + 2) if isinstance(item, Mapping) else [f"{pad}    {item}"]
                lines += [f"{pad}  - {inner[0].lstrip()}" if inner else f"{pad}  -", *inner[1:]]
        else:
            text = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
            first, *rest = text.split("\n")
            lines.append(f"{pad}{name + ':':<{wide + 2}}{first}")
            lines += [f"{pad}  {line}" for line in rest]
    return lines


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value))


def title(key: str) -> str:
    """Return a field's name in words: `restartPolicy` is Restart Policy, `podIP` is Pod IP."""
    if "/" in key or "." in key or "-" in key or "_" in key:
        return key
    out = key[:1].upper()
    for before, letter, after in zip(key, key[1:], [*key[2:], ""], strict=False):
        if letter.isupper() and (before.islower() or (after and after.islower() and before.isupper())):
            out += " "
        out += letter
    return out
