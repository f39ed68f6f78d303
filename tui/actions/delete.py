"""Delete: delete the object for good."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("ctrl+d", "Delete", writes=True)
async def delete(host: Host, targets: Sequence[Target]) -> None:
    """Delete the object for good."""
    raise NotImplementedError
