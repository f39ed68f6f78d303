"""Stop: stop a running container, with its own grace period."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("x", "Stop", writes=True)
async def stop(host: Host, targets: Sequence[Target]) -> None:
    """Stop a running container, with its own grace period."""
    raise NotImplementedError
