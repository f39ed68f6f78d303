"""Port-forwards: local ports that lead to workloads, and how each is doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.actions import copy, delete
from tui.engines.local import ForwardRow
from tui.facts import Tone
from tui.model import Column, Fact, Kind, Section, Trouble
from tui.values import Bytes
from tui.views import FACTS

_TONES = {"listening": Tone.WELL, "degraded": Tone.STRAINED, "no ready pod": Tone.BROKEN, "stopped": Tone.OVER}


def tone(row: ForwardRow) -> Tone:
    """Return how a forward is doing."""
    return _TONES.get(row.state, Tone.MOVING)


def trouble(row: ForwardRow) -> Trouble | None:
    """Return what went wrong last, while it still matters."""
    if row.state == "no ready pod":
        return Trouble(tone(row), row.state, row.error or f"no pod of {row.name} is ready", "it goes on by itself as soon as one is")
    if row.state == "degraded" and row.error:
        return Trouble(tone(row), row.state, row.error, "it stays open; the next connection is tried anew")
    return None


def facts(row: ForwardRow, _: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return where a forward listens, where it leads and what went through it."""
    pairs = [
        Fact("listens on", row.listening),
        Fact("leads to", f"{row.kind}/{row.name} port {row.remote}"),
        Fact("pod now", row.pod or "none"),
        Fact("context", row.context),
        Fact("namespace", row.namespace),
        Fact("connections", f"{row.live} now, {row.total} in all"),
        Fact("received", Bytes(row.bytes_in)),
        Fact("sent", Bytes(row.bytes_out)),
        Fact("open for", row.started),
    ]
    if row.error and trouble(row) is None:
        pairs.append(Fact("last error", row.error, Tone.STRAINED))
    return (Section("", tuple(pairs)),)


KIND = Kind(
    "local/forwards",
    "Port-forwards",
    "forward",
    aliases=("pf", "portforward", "portforwards"),
    columns=(
        Column("Name", lambda row: row.name, keep=9),
        Column("Listening", lambda row: row.listening, keep=8),
        Column("Port", lambda row: row.remote, keep=7),
        Column("State", lambda row: row.state, tone=tone, keep=8),
        Column("Pod", lambda row: row.pod, keep=5),
        Column("In", lambda row: Bytes(row.bytes_in), keep=5, glow=False),
        Column("Out", lambda row: Bytes(row.bytes_out), keep=5, glow=False),
        Column("Conns", lambda row: row.live, keep=4, glow=False),
        Column("Context", lambda row: row.context, keep=3),
        Column("Namespace", lambda row: row.namespace, keep=3),
        Column("Last error", lambda row: row.error, keep=2),
        Column("Age", lambda row: row.started, keep=3),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    views=(FACTS,),
    actions=(delete, copy),
)
