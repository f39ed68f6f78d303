"""Contexts: the kube contexts of the kubeconfig files; Enter switches, and no file is ever written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.actions import copy, use
from tui.engines.local import Place
from tui.facts import Tone
from tui.model import Column, Fact, Kind, Section, Trouble
from tui.views import FACTS

TONES = {"reachable": Tone.WELL, "asking": Tone.MOVING, "unreachable": Tone.BROKEN, "expired": Tone.STRAINED, "broken": Tone.BROKEN}


def tone(place: Place) -> Tone:
    """Return how a place is doing: whether it answers."""
    return TONES.get(place.state, Tone.PLAIN)


def trouble(place: Place) -> Trouble | None:
    """Return why a place cannot be reached."""
    return Trouble(tone(place), place.state, place.reason) if place.reason else None


def facts(place: Place, _: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return where a context leads and where it is written down."""
    pairs = (("cluster", place.cluster), ("server", place.server), ("user", place.user), ("namespace", place.scope), ("from", place.origin))
    return (Section("", tuple(Fact(label, value) for label, value in pairs if value)),)


KIND = Kind(
    "local/contexts",
    "Contexts",
    "context",
    aliases=("ctx", "context"),
    columns=(
        Column("Name", lambda place: place.name, keep=9),
        Column("", lambda place: "in use" if place.current else "", keep=8),
        Column("Cluster", lambda place: place.cluster, keep=4),
        Column("Server", lambda place: place.server, keep=5),
        Column("User", lambda place: place.user, keep=4),
        Column("Namespace", lambda place: place.scope, keep=3),
        Column("State", lambda place: place.state, tone=tone, keep=8),
        Column("From", lambda place: place.origin, keep=2),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    views=(FACTS,),
    actions=(use, copy),
)
