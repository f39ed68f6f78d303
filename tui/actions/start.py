"""Start: start a stopped container."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("X", "Start", writes=True)
async def start(host: Host, targets: Sequence[Target]) -> None:
    """Start a stopped container."""
    raise NotImplementedError
