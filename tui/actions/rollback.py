"""Undo rollout: go back to an earlier revision of a workload."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("u", "Undo rollout", writes=True)
async def rollback(host: Host, targets: Sequence[Target]) -> None:
    """Go back to an earlier revision of a workload."""
    raise NotImplementedError
