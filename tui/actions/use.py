"""Use: make another kube context or docker host the one the panes show."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("enter", "Use", many=False)
async def use(host: Host, targets: Sequence[Target]) -> None:
    """Switch to this context or host; no configuration file is written."""
    target = targets[0]
    await host.switch("docker" if target.kind.id == "local/hosts" else "kubernetes", target.ref.name)
