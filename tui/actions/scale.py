"""Scale: set how many replicas a workload runs."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("s", "Scale", writes=True)
async def scale(host: Host, targets: Sequence[Target]) -> None:
    """Set how many replicas a workload runs."""
    raise NotImplementedError
