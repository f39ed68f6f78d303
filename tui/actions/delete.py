"""Delete: remove objects for good."""

from __future__ import annotations

from collections.abc import Sequence

from tui.actions.common import commands, each, title, typed, where
from tui.model import Host, Target, action
from widgets.words import words

# what takes much with it is typed out; so is every deletion of more than one object
_GRAVE = {"kubernetes/namespaces", "kubernetes/nodes", "docker/volumes", "swarm/nodes"}
_OPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "docker/containers": (("force", "kill it first if it runs"), ("volumes", "its anonymous volumes too")),
    "docker/images": (("force", "even if it has several tags or a stopped container uses it"),),
    "docker/volumes": (("force", "even if its driver reports an error"),),
    "swarm/nodes": (("force", "even if the node is not down"),),
}
_KUBERNETES = (
    ("force", "at once, without a grace period"),
    ("orphan", "leave what it owns (orphan)"),
    ("foreground", "what it owns first (foreground)"),
)


@action("ctrl+d", "Delete", writes=True)
async def delete(host: Host, targets: Sequence[Target]) -> None:
    """Delete the objects for good; each only if it still is the one that was looked at."""
    from widgets.dialogs import Confirm

    first = targets[0]
    docker = {"docker/containers": "docker rm {name}", "docker/images": "docker rmi {name}"}.get(
        first.kind.id, "docker " + first.kind.singular.lower() + " rm {name}"
    )
    chosen = await host.ask(
        Confirm(
            title("Delete", targets),
            [*where(host, targets), words(""), words(("This cannot be undone.", "strained"))],
            "Delete" if len(targets) == 1 else f"Delete {len(targets)}",
            command=commands(targets, "kubectl delete {kind}/{name}{ns}", docker, "docker " + first.kind.singular.lower() + " rm {name}"),
            danger=True,
            typed=typed(host, targets, grave=len(targets) > 1 or first.kind.id in _GRAVE),
            options=_KUBERNETES if first.kind.family == "kubernetes" else _OPTIONS.get(first.kind.id, ()),
        )
    )
    if chosen is None:
        return
    propagation = "Orphan" if "orphan" in chosen else "Foreground" if "foreground" in chosen else "Background"
    await each(
        host,
        targets,
        "Deleted",
        lambda target: host.engine(target.ref).remove(
            target.ref, force="force" in chosen, volumes="volumes" in chosen, propagation=propagation
        ),
    )
