"""Stop: end a container's process, politely."""

from __future__ import annotations

from collections.abc import Sequence

from tui.actions.common import commands, each, title, where
from tui.model import Host, Target, action
from widgets.words import words


@action("x", "Stop", writes=True)
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
        )
    )
    if agreed is not None:
        await each(host, targets, "Stopped", lambda target: host.engine(target.ref).stop(target.ref))
