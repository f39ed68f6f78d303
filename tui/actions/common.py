"""What verbs share: how a dialog says where it acts, the equal command, and how outcomes are told."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Sequence

from textual.content import Content

from tui.facts import EngineError, OutcomeUnknown, Tone
from tui.model import Host, Target
from widgets.words import words

MANY = 8  # names that a dialog spells out before it counts the rest


def title(verb: str, targets: Sequence[Target]) -> str:
    """Return a dialog's title: the verb, the kind, and the name or how many."""
    kind = targets[0].kind
    return f"{verb} {kind.singular} {targets[0].ref.name}" if len(targets) == 1 else f"{verb} {len(targets)} {kind.title.lower()}"


def where(host: Host, targets: Sequence[Target]) -> list[Content]:
    """Return the lines that say where an action acts: engine and context, namespace, and the names when there are several."""
    ref = targets[0].ref
    engine = host.engine(ref)
    spaces = sorted({target.ref.namespace for target in targets} - {""})
    line = words(("in ", "faint"), (f"{engine.family} {engine.context}", "name bold"))
    if spaces:
        line = words(line, ("  namespace ", "faint"), (", ".join(spaces[:MANY]), "text"))
    if engine.about.server:
        line = words(line, (f"  {engine.about.server}", "faint"))
    lines = [line]
    if host.protected(ref.engine):
        lines.insert(0, words((f" {engine.context} is protected ", "protected-text on protected bold")))
    if len(targets) > 1:
        names = [target.ref.name for target in targets]
        lines.append(words(", ".join(names[:MANY]) + (f" and {len(names) - MANY} more" if len(names) > MANY else "")))
    return lines


def typed(host: Host, targets: Sequence[Target], grave: bool = False) -> str:
    """Return what a person must type out before this happens: how many of several; the name where it is grave or protected; or ""."""
    ref = targets[0].ref
    protected = host.protected(ref.engine)
    if len(targets) > 1:
        return str(len(targets)) if grave or protected else ""
    return ref.name if grave or protected else ""


def commands(targets: Sequence[Target], kubectl: str, docker: str = "", swarm: str = "") -> str:
    """Return the equal command line when there is one target; of several, one command would not be the equal."""
    return command(targets[0], kubectl, docker, swarm) if len(targets) == 1 else ""


def command(target: Target, kubectl: str, docker: str = "", swarm: str = "") -> str:
    """Return the equal command line. Patterns may hold {kind}, {name}, {ns} (kubectl's -n option) and {id}."""
    ref = target.ref
    pattern = {"kubernetes": kubectl, "docker": docker, "swarm": swarm}.get(target.kind.family, "")
    namespace = f" -n {shlex.quote(ref.namespace)}" if ref.namespace else ""
    return pattern.format(kind=target.kind.singular.lower(), name=shlex.quote(ref.name), ns=namespace, id=ref.uid[:12])


async def each(host: Host, targets: Sequence[Target], done: str, send: Callable[[Target], Awaitable[None]]) -> None:
    """Send one write per target, a few at a time, and tell each failure and the sum of the successes."""
    limit = asyncio.Semaphore(4)
    well: list[Target] = []

    async def one(target: Target) -> None:
        async with limit:
            try:
                await send(target)
            except OutcomeUnknown as error:
                host.tell(f"{target.ref}: no answer came, it may have happened: {error}", Tone.STRAINED)
            except EngineError as error:
                host.tell(f"{target.ref}: {error}", Tone.BROKEN)
            else:
                well.append(target)

    await asyncio.gather(*(one(target) for target in targets))
    if well:
        host.tell(
            f"{done} {well[0].kind.singular} {well[0].ref}" if len(well) == 1 else f"{done} {len(well)} {well[0].kind.title.lower()}",
            Tone.WELL,
        )
