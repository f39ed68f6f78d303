"""Copy: put the name on the clipboard."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import Host, Target, action


@action("c", "Copy name")
async def copy(host: Host, targets: Sequence[Target]) -> None:
    """Copy the name, or the names of all marked rows, one a line."""
    host.copy("\n".join(target.ref.name for target in targets))
