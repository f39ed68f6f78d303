"""Copy: copy the name."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("c", "Copy", writes=False)
async def copy(host: Host, targets: Sequence[Target]) -> None:
    """Copy the name."""
    raise NotImplementedError
