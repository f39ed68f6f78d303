"""Restart: restart a container, or roll a workload's pods or tasks anew."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("r", "Restart", writes=True)
async def restart(host: Host, targets: Sequence[Target]) -> None:
    """Restart a container, or roll a workload's pods or tasks anew."""
    raise NotImplementedError
