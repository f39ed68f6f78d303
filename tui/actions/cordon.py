"""Cordon: let a node take no new work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.actions.common import commands, each, title, typed, where
from tui.model import Host, Target, action
from widgets.words import words


def closed(one: Any) -> bool:
    """Tell whether a node takes no new work: it is cordoned, paused or drained."""
    availability = getattr(getattr(one, "spec", None), "availability", "active")
    return bool(getattr(one, "cordoned", False)) or availability in {"pause", "drain"}


def _ready(one: Any) -> str:
    return f"{one.name} takes no new work already" if closed(one) else ""


@action("x", "Cordon", writes=True, ready=_ready)
async def cordon(host: Host, targets: Sequence[Target]) -> None:
    """Let a node take no new pods or tasks; what runs there stays."""
    from widgets.dialogs import Confirm

    agreed = await host.ask(
        Confirm(
            title("Cordon", targets),
            [*where(host, targets), words(""), words("No new work is put there; what runs there stays.")],
            "Cordon",
            command=commands(targets, "kubectl cordon {name}", swarm="docker node update --availability pause {name}"),
            typed=typed(host, targets),
        )
    )
    if agreed is not None:
        await each(host, targets, "Cordoned", lambda target: host.engine(target.ref).cordon(target.ref, True))
