"""Rollback: make an earlier revision of a workload the current one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from textual.content import Content

from tui.actions.common import command, each, title, where
from tui.facts import EngineError, Revision, Tone
from tui.model import Host, Target, action
from tui.values import age
from widgets.dialogs import Choice, Pick
from widgets.words import words

CONTEXT = 1  # unchanged lines around a change


@action("u", "Undo rollout", writes=True, many=False)
async def rollback(host: Host, targets: Sequence[Target]) -> None:
    """Go back to an earlier revision of a workload, also in the middle of a bad rollout; shows what changes first."""
    target = targets[0]
    try:
        revisions = await host.engine(target.ref).revisions(target.ref)
    except EngineError as error:
        host.tell(f"{target.ref}: {error}", Tone.BROKEN)
        return
    current = next((revision for revision in revisions if revision.current), None)
    earlier = [index for index, revision in enumerate(revisions) if not revision.current]
    if not earlier or current is None:
        host.tell(f"{target.ref} has no earlier revision to go back to")
        return
    to = "" if target.kind.family == "swarm" else " --to-revision={number}"
    picked = await host.ask(
        Pick(
            title("Roll back", targets),
            where(host, targets),
            "Roll back",
            [_choice(host, revision) for revision in revisions],
            head=f"{'REVISION':<14}{'AGE':<7}{'IMAGE':<40}CHANGE",
            first=earlier[0],
            preview=lambda row: difference(current, revisions[row]),
            commands=lambda row: command(
                target,
                "kubectl rollout undo {kind}/{name}{ns}" + to.format(number=revisions[row].number),
                swarm="docker service rollback {name}",
            ),
        )
    )
    if picked is None:
        return
    chosen = revisions[picked]
    await each(host, targets, f"Rolling back to {chosen.number}:", lambda one: host.engine(one.ref).rollback(one.ref, chosen.number))


def _choice(host: Host, revision: Revision) -> Choice:
    number = f"{revision.number}{'  now' if revision.current else ''}"
    when = age(revision.created, host.now()) if revision.created else ""
    images = ", ".join(revision.images)
    images = images if len(images) <= 38 else images[:37] + "…"
    line = words(f"{number:<14}{when:<7}{images:<40}", (revision.note, "muted"))
    return Choice(line, "This is the current one" if revision.current else "", f"Roll back to {revision.number}")


def difference(current: Revision, other: Revision) -> Content:
    """Return what a rollback from `current` to `other` changes in the template, as a short diff."""
    if current is other:
        return words(("Choose the revision to go back to.", "faint"))
    old, new = flat(current.template), flat(other.template)
    lines = [words(("WHAT GOES BACK", "faint"))]
    for line in difflib.unified_diff(old, new, lineterm="", n=CONTEXT):
        if not line.startswith(("---", "+++", "@@")):
            lines.append(words((f"  {line}", {"-": "broken", "+": "well"}.get(line[:1], "muted"))))
    if len(lines) == 1:
        lines.append(words(("  nothing: the two templates are equal", "muted")))
    lines.append(words(("  ! ConfigMaps, Secrets and volumes are not part of a revision; they stay as they are now", "strained")))
    return Content("\n").join(lines)


def flat(template: Mapping[str, object], indent: int = 0) -> list[str]:
    """Return a nested mapping as lines of `key: value`, lists with dashes, in a stable order."""
    lines: list[str] = []
    pad = "  " * indent
    for key in sorted(template):
        value = template[key]
        match value:
            case Mapping():
                lines += [f"{pad}{key}:", *flat(value, indent + 1)]
            case list() | tuple():
                lines.append(f"{pad}{key}:")
                for item in value:
                    if isinstance(item, Mapping):
                        inner = flat(item, indent + 2)
                        lines += [f"{pad}  - {inner[0].lstrip()}" if inner else f"{pad}  -", *inner[1:]]
                    else:
                        lines.append(f"{pad}  - {item}")
            case _:
                lines.append(f"{pad}{key}: {value}")
    return lines
