"""Scale: change how many copies of a workload run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.actions.common import command, each, title, where
from tui.model import Host, Target, action
from widgets.words import words

HIGHEST = 100_000


def _fault(text: str) -> str:
    if not text:
        return ""
    if not text.isdecimal():
        return f"{text} is not a number of replicas"
    return f"{text} is more than {HIGHEST}" if int(text) > HIGHEST else ""


def _ready(one: Any) -> str:
    """Return why an object cannot be scaled, or "": a global service has no count."""
    return f"{one.name} has no replica count to set" if getattr(one, "replicas", 0) is None else ""


@action("s", "Scale", writes=True, ready=_ready)
async def scale(host: Host, targets: Sequence[Target]) -> None:
    """Set how many replicas a workload runs; shows from and to, and nothing is filled in for several rows."""
    from widgets.dialogs import Ask

    counts = {target.ref: _replicas(target) for target in targets}
    fixed = [target for target in targets if counts[target.ref] is None]
    if fixed:
        host.tell(f"{fixed[0].ref.name} has no replica count to set")
        return
    now = [counts[target.ref] or 0 for target in targets]
    said = str(now[0]) if len(set(now)) == 1 else f"{min(now)} to {max(now)}"
    lines = [*where(host, targets), words(""), words(("now    ", "faint"), (f"{said} replicas", "text"))]
    first = targets[0]
    text = await host.ask(
        Ask(
            title("Scale", targets),
            lines,
            "Scale",
            value=str(now[0]) if len(targets) == 1 else "",
            placeholder="replicas",
            check=lambda text: _fault(text) or ("" if text else "how many replicas?"),
            command=command(first, "kubectl scale {kind}/{name}{ns} --replicas=N", swarm="docker service scale {name}=N")
            if len(targets) == 1
            else "",
        )
    )
    if text is None:
        return
    count = int(text)
    await each(
        host,
        targets,
        f"Scaled {said} → {count}:",
        lambda target: host.engine(target.ref).scale(target.ref, count, counts[target.ref] or 0),
    )


def _replicas(target: Target) -> int | None:
    found: Any = target.kind.replicas(target.object)
    return None if found is None else int(found)
