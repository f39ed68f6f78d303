"""Rollback: make an earlier revision of a workload the current one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui.actions.common import command, each, title, where
from tui.facts import EngineError, Revision, Tone
from tui.model import Host, Target, action
from tui.values import age
from widgets.bars import fit
from widgets.words import words

if TYPE_CHECKING:
    from widgets.dialogs import Choice

IMAGE = 44  # cells of the image column, at most
FIELDS, LENGTH = 60, 160  # of a difference: fields, and letters of each, that a person is shown


@action("u", "Undo rollout", writes=True, many=False)
async def rollback(host: Host, targets: Sequence[Target]) -> None:
    """Go back to an earlier revision of a workload, also in the middle of a bad rollout; shows what changes first."""
    from widgets.dialogs import Pick

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
    wide = min(IMAGE, max(len(_images(revision)) for revision in revisions))
    to = "" if target.kind.family == "swarm" else " --to-revision={number}"
    picked = await host.ask(
        Pick(
            title("Roll back", targets),
            where(host, targets),
            "Roll back",
            [_choice(host, revision, wide) for revision in revisions],
            head=f"{'REVISION':<10}{'AGE':<7}{'IMAGE':<{wide}}  CHANGE",
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


def _images(revision: Revision) -> str:
    return re.sub(r"@sha256:[0-9a-f]+", "", ", ".join(revision.images))


def _choice(host: Host, revision: Revision, wide: int) -> Choice:
    from widgets.dialogs import Choice

    number = f"{revision.number}{'  now' if revision.current else ''}"
    when = age(revision.created, host.now()) if revision.created else ""
    line = words(f"{number:<10}{when:<7}{fit(_images(revision), wide):<{wide}}  ", (revision.note, "muted"))
    return Choice(line, "This is the current one" if revision.current else "", f"Roll back to {revision.number}")


def difference(current: Revision, other: Revision) -> Content:
    """Return what a rollback from `current` to `other` changes in the template: each field that differs, before and after."""
    if current is other:
        return words(("Choose the revision to go back to.", "faint"))
    old, new = leaves(current.template), leaves(other.template)
    changed = [path for path in [*old, *(path for path in new if path not in old)] if old.get(path) != new.get(path)]
    lines = [words(("WHAT GOES BACK", "faint"))]
    wide = min(40, max((len(path) for path in changed), default=0))
    for path in changed[:FIELDS]:
        for sign, tone, side in (("-", "broken", old), ("+", "well", new)):
            if path in side:
                lines.append(words((f"  {sign} ", tone), (f"{fit(path, 80):<{wide}}  ", tone), (fit(side[path], LENGTH), "text")))
    if len(changed) > FIELDS:
        lines.append(words((f"  … and {len(changed) - FIELDS} more fields", "muted")))
    if not changed:
        lines.append(words(("  nothing: the two templates are equal", "muted")))
    lines.append(words(("  ! Configs, secrets and volumes stay as they are now", "strained")))
    return Content("\n").join(lines)


_SHELLS = {"spec", "Spec", "TaskTemplate", "ContainerSpec"}  # levels that say nothing to a person


def leaves(part: object, path: str = "") -> dict[str, str]:
    """Return every field of a nested template as path and text; items of a list go by their name where they have one."""
    found: dict[str, str] = {}
    match part:
        case Mapping():
            for key in sorted(part, key=str):
                inner = path if key in _SHELLS else f"{path}.{key}" if path else str(key)
                found |= leaves(part[key], inner)
        case list() | tuple() if part and all(isinstance(item, Mapping) for item in part):
            for index, item in enumerate(part):
                name = item.get("name") or item.get("Name") or item.get("Source") or index
                rest = {key: value for key, value in item.items() if key not in {"name", "Name"}} or {"": name}
                found |= leaves(rest.get("value", rest) if len(rest) == 1 else rest, f"{path}.{name}".replace("containers.", ""))
        case list() | tuple() if part and all(isinstance(item, str) and "=" in item for item in part):
            found |= {f"{path}.{item.partition('=')[0]}": item.partition("=")[2] for item in part}
        case list() | tuple():
            found[path] = " ".join(str(item) for item in part)
        case _:
            found[path] = re.sub(r"(@sha256:[0-9a-f]{12})[0-9a-f]+", r"\1…", str(part))
    return found
