"""Uncordon: let a node take new work again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.actions.common import commands, each, title, typed, where
from tui.actions.cordon import closed
from tui.model import Host, Target, action
from widgets.words import words


def _ready(one: Any) -> str:
    return "" if closed(one) else f"{one.name} takes new work already"


@action("X", "Uncordon", writes=True, ready=_ready)
async def uncordon(host: Host, targets: Sequence[Target]) -> None:
    """Let a node take new pods or tasks again."""
    from widgets.dialogs import Confirm

    agreed = await host.ask(
        Confirm(
            title("Uncordon", targets),
            [*where(host, targets), words(""), words("New work may be put there again; nothing moves back by itself.")],
            "Uncordon",
            command=commands(targets, "kubectl uncordon {name}", swarm="docker node update --availability active {name}"),
            typed=typed(host, targets),
        )
    )
    if agreed is not None:
        await each(host, targets, "Uncordoned", lambda target: host.engine(target.ref).cordon(target.ref, False))
