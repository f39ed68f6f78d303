"""Edit: change an object's YAML in one's own editor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from tui.actions.common import command, title, typed, where
from tui.facts import Change, Denied, EngineError, OutcomeUnknown, Tone
from tui.model import Host, Target, action
from tui.views.yaml import dump
from widgets.bars import fit
from widgets.words import words

FIELDS, LENGTH = 40, 120  # of what changes: fields, and cells of each, that a person is shown


@action("e", "Edit", writes=True, many=False)
async def edit(host: Host, targets: Sequence[Target]) -> None:
    """Edit the object's YAML in $EDITOR; shows what changes, and sends those fields alone, if they still are what was read."""
    target = targets[0]
    try:
        before = _bare(await host.engine(target.ref).fetch(target.ref))
        text = whole = dump(before)
        while True:
            text = await host.edit(text, f"{target.ref.name[:60].replace('/', '-')}.yaml")
            if text == whole:
                host.tell(f"{target.ref}: nothing was changed")
                return
            some, fault = await _tried(host, target, before, text)
            if not some and not fault:
                host.tell(f"{target.ref}: nothing was changed")
                return
            if not fault:
                break
            if not await _again(host, target, fault):
                return
        await _save(host, target, some)
    except EngineError as error:
        host.tell(f"{target.ref}: {error}", Tone.BROKEN)


def _bare(full: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without what cannot be edited: its managedFields, and its status, which the API takes from controllers alone."""
    body = {key: value for key, value in full.items() if key != "status"}
    return {**body, "metadata": {key: value for key, value in full["metadata"].items() if key != "managedFields"}}


async def _tried(host: Host, target: Target, before: Mapping[str, Any], text: str) -> tuple[list[Change], str]:
    """Return the changes, and why the server would not take them, or "" when it would."""
    engine = host.engine(target.ref)
    try:
        some = engine.changes(target.ref, before, text)
    except ValueError as error:
        return [], f"This cannot be sent: {error}"
    if not some:
        return [], ""
    try:
        await engine.edit(target.ref, some, dry=True)
    except (Denied, OutcomeUnknown):
        raise
    except EngineError as error:
        return some, str(error)
    return some, ""


async def _again(host: Host, target: Target, fault: str) -> bool:
    from widgets.dialogs import Confirm

    lines = [*where(host, [target]), words(""), words((fault, "broken")), words(""), words("Nothing was sent. Your text is kept.")]
    return await host.ask(Confirm(title("Edit", [target]), lines, "Edit again")) is not None


async def _save(host: Host, target: Target, some: list[Change]) -> None:
    from widgets.dialogs import Confirm

    agreed = await host.ask(
        Confirm(
            title("Save", [target]),
            [*where(host, [target]), words(""), *difference(some)],
            "Save",
            command=command(target, "kubectl edit {kind}/{name}{ns}"),
            typed=typed(host, [target]),
        )
    )
    if agreed is None:
        host.tell(f"{target.ref}: nothing was sent")
        return
    try:
        await host.engine(target.ref).edit(target.ref, some)
    except OutcomeUnknown as error:
        host.tell(f"{target.ref}: no answer came, it may have happened: {error}", Tone.STRAINED)
    else:
        host.tell(f"saved {target.kind.singular} {target.ref}", Tone.WELL)


def difference(some: Sequence[Change]) -> list[Content]:
    """Return the fields that change, before and after."""
    lines: list[Content] = []
    for one in some[:FIELDS]:
        path = ".".join(str(key) for key in one.path)
        if not one.added:
            lines.append(words((fit(f"- {path}  {_shown(one.before)}", LENGTH), "broken")))
        if not one.removed:
            lines.append(words((fit(f"+ {path}  {_shown(one.after)}", LENGTH), "well")))
    if some[FIELDS:]:
        lines.append(words((f"and {len(some) - FIELDS} more fields", "muted")))
    return lines


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
