"""Drain: close a node and move away what runs there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from textual.content import Content

from tui.actions.common import commands, title, typed, where
from tui.facts import EngineError, Fate, Sitting, Tone
from tui.model import Host, Target, action
from widgets.bars import fit
from widgets.words import words

WIDE = 88  # cells of a line in a dialog
_OPTIONS = {
    Fate.LOST: ("lost", "delete those that nothing makes anew (--force)"),
    Fate.EMPTIED: ("emptied", "move those that lose an emptyDir (--delete-emptydir-data)"),
}


@action("r", "Drain", writes=True, many=False)
async def drain(host: Host, targets: Sequence[Target]) -> None:
    """Close a node and move its pods or tasks away, as their budgets allow; shows first what moves, stays or is lost."""
    from widgets.dialogs import Confirm

    target = targets[0]
    try:
        found = await host.engine(target.ref).sitting(target.ref)
    except EngineError as error:
        host.tell(f"{target.ref}: {error}", Tone.BROKEN)
        return
    fates = Counter(one.fate for one in found)
    noun = "task" if target.kind.family == "swarm" else "pod"
    chosen = await host.ask(
        Confirm(
            title("Drain", targets),
            [*where(host, targets), words(""), *_radius(found, noun)],
            "Drain",
            command=commands(targets, "kubectl drain {name} --ignore-daemonsets", swarm="docker node update --availability drain {name}"),
            danger=True,
            typed=typed(host, targets),
            options=[option for fate, option in _OPTIONS.items() if fates[fate]],
        )
    )
    if chosen is None:
        return
    taken = frozenset({Fate.MOVES, *(fate for fate, (name, _) in _OPTIONS.items() if name in chosen)})
    await _empty(host, target, taken, noun)


def _radius(found: Sequence[Sitting], noun: str) -> list[Content]:
    """Return a line for each fate: how many, what happens, and the first names."""
    says = {
        Fate.MOVES: "made anew on other nodes",
        Fate.EMPTIED: "made anew elsewhere, without what is in their emptyDir",
        Fate.LOST: "lost: nothing makes them anew",
        Fate.STAYS: "stay: a DaemonSet's, or the kubelet's own",
    }
    lines = []
    for fate, said in says.items():
        names = sorted(one.ref.name for one in found if one.fate is fate)
        if names:
            begin = f"{len(names):>4} {noun}{'s' if names[1:] else ' '}  "
            shown = "" if noun == "task" else fit(", ".join(names), max(12, WIDE - len(begin) - len(said)))
            lines.append(words((begin, "strained" if fate in _OPTIONS else "text"), (said, "text"), (f"   {shown}", "faint")))
    return lines or [words("Nothing runs there.")]


async def _empty(host: Host, target: Target, taken: frozenset[Fate], noun: str) -> None:
    """Drain behind a dialog that shows how far it is; when that is left, the drain stops and the node stays closed."""
    from widgets.progress import Work

    name = target.ref.name
    note = words(("If you stop, the node takes no new work, and what is left there stays.", "muted"))
    work = Work(f"Drain {target.kind.singular} {name}", [note, words("")])

    async def go() -> None:
        try:
            async for step in host.engine(target.ref).drain(target.ref, taken):
                gone = step.whole - step.left
                work.say(gone, step.whole, f"{gone} of {step.whole} {noun}s gone", step.waits)
        finally:
            work.finish()

    going = asyncio.ensure_future(go())
    try:
        done = await host.ask(work)
    finally:
        stopped = going.cancel()
        await asyncio.wait({going})
    if stopped or not done:
        host.tell(f"stopped draining {name}: it takes no new work", Tone.STRAINED)
    elif isinstance(error := going.exception(), EngineError):
        host.tell(f"{target.ref}: {error}", Tone.BROKEN)
    elif error is not None:
        raise error
    else:
        host.tell(f"drained {name}", Tone.WELL)
