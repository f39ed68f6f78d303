"""Stop: end a container's process, politely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.actions.common import commands, each, title, typed, where
from tui.model import Host, Target, action
from widgets.words import words


def _ready(one: Any) -> str:
    """Return why a container cannot be stopped, or "": it does not run."""
    return f"{one.name} does not run" if getattr(one, "state", "") in {"created", "exited", "dead"} else ""


@action("x", "Stop", writes=True, ready=_ready)
async def stop(host: Host, targets: Sequence[Target]) -> None:
    """Stop a running container, with its own grace period."""
    from widgets.dialogs import Confirm

    agreed = await host.ask(
        Confirm(
            title("Stop", targets),
            [*where(host, targets), words(""), words("It gets its stop signal, and is killed when its grace period is over.")],
            "Stop",
            command=commands(targets, "", "docker stop {name}"),
            danger=True,
            typed=typed(host, targets),
        )
    )
    if agreed is not None:
        await each(host, targets, "Stopped", lambda target: host.engine(target.ref).stop(target.ref))
