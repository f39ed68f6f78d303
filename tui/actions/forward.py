"""Forward: forward a local port to a ready pod of the workload."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("F", "Forward", writes=True)
async def forward(host: Host, targets: Sequence[Target]) -> None:
    """Forward a local port to a ready pod of the workload."""
    raise NotImplementedError
