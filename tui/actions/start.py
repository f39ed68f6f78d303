"""Start: run a container that does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.actions.common import each
from tui.model import Host, Target, action


def _ready(one: Any) -> str:
    """Return why a container cannot be started, or "": one that runs, or waits to run again, needs no start."""
    match getattr(one, "state", ""):
        case "running" | "restarting":
            return f"{one.name} is running already"
        case "paused":
            return f"{one.name} is paused; docker unpause lets it go on"
        case _:
            return ""


@action("X", "Start", writes=True, ready=_ready)
async def start(host: Host, targets: Sequence[Target]) -> None:
    """Start a stopped container."""
    await each(host, targets, "Started", lambda target: host.engine(target.ref).start(target.ref))
