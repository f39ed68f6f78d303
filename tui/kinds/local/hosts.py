"""Hosts: the docker contexts and hosts of this machine; Enter switches, and no file is ever written."""

from __future__ import annotations

from tui.actions import copy, use
from tui.kinds.local.contexts import facts, tone, trouble
from tui.model import Column, Kind
from tui.views import FACTS

KIND = Kind(
    "local/hosts",
    "Hosts",
    "host",
    aliases=("host",),
    columns=(
        Column("Name", lambda place: place.name, keep=9),
        Column("", lambda place: "in use" if place.current else "", keep=8),
        Column("Endpoint", lambda place: place.server, keep=6),
        Column("State", lambda place: place.state, tone=tone, keep=8),
        Column("From", lambda place: place.origin, keep=3),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    views=(FACTS,),
    actions=(use, copy),
)
