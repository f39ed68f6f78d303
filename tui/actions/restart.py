"""Restart: begin anew with what is there."""

from __future__ import annotations

from collections.abc import Sequence

from tui.actions.common import commands, each, title, typed, where
from tui.model import Host, Target, action
from widgets.words import words

_WHAT = {
    "docker": "The container stops with its own grace period and starts again.",
    "swarm": "Every task is replaced, in the service's own update order.",
    "kubernetes": "Every pod is replaced, in the workload's own rolling order.",
}


@action("r", "Restart", writes=True)
async def restart(host: Host, targets: Sequence[Target]) -> None:
    """Restart a container, or roll a workload's pods or tasks anew."""
    from widgets.dialogs import Confirm

    first = targets[0]
    agreed = await host.ask(
        Confirm(
            title("Restart", targets),
            [*where(host, targets), words(""), words(_WHAT.get(first.kind.family, ""))],
            "Restart",
            command=commands(
                targets, "kubectl rollout restart {kind}/{name}{ns}", "docker restart {name}", "docker service update --force {name}"
            ),
            typed=typed(host, targets),
        )
    )
    if agreed is not None:
        await each(host, targets, "Restarting", lambda target: host.engine(target.ref).restart(target.ref))
