"""Secrets of a swarm: their names and labels; what they hold is never told by the engine."""

from __future__ import annotations

from tui.actions import copy, delete
from tui.kinds.swarm.configs import COLUMNS, Kept, facts
from tui.model import Kind
from tui.views import DESCRIBE, EVENTS, FACTS, YAML

KIND = Kind(
    id="swarm/secrets",
    title="Secrets",
    singular="secret",
    aliases=("secret",),
    api="/secrets",
    type=Kept,
    columns=COLUMNS,
    facts=facts,
    views=(FACTS, YAML, DESCRIBE, EVENTS),
    actions=(delete, copy),
)
