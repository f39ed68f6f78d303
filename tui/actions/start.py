"""Start: run a container that does not."""

from __future__ import annotations

from collections.abc import Sequence

from tui.actions.common import each
from tui.model import Host, Target, action


@action("X", "Start", writes=True)
async def start(host: Host, targets: Sequence[Target]) -> None:
    """Start a stopped container."""
    await each(host, targets, "Started", lambda target: host.engine(target.ref).start(target.ref))
