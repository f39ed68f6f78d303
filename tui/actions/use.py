"""Use: use this context or host from now on."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("enter", "Use", writes=False)
async def use(host: Host, targets: Sequence[Target]) -> None:
    """Use this context or host from now on."""
    raise NotImplementedError
