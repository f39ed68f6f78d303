"""Forward: a local port that leads to a ready pod of a workload, whichever pod that is just then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui.actions.common import command, title, where
from tui.engines.local import LocalEngine
from tui.facts import EngineError, Tone
from tui.model import Host, Target, action
from widgets.words import words


@action("F", "Forward", writes=True, many=False)
async def forward(host: Host, targets: Sequence[Target]) -> None:
    """Forward a local port to the workload; it moves on to another ready pod when its pod goes, and is listed at :pf."""
    from widgets.dialogs import Ask

    target = targets[0]
    local = host.family("local")
    if not isinstance(local, LocalEngine):
        return
    try:
        full = await host.engine(target.ref).fetch(target.ref)
    except EngineError as error:
        host.tell(f"{target.ref}: {error}", Tone.BROKEN)
        return
    ports = list(declared(full))
    named = ", ".join(f"{name or 'port'} {number}" for name, number in ports) or "none declared"
    text = await host.ask(
        Ask(
            title("Forward to", targets),
            [
                *where(host, targets),
                words(""),
                words(("ports    ", "faint"), named),
                words(("type     ", "faint"), "LOCAL:REMOTE, or ADDRESS:LOCAL:REMOTE to listen elsewhere than on 127.0.0.1"),
            ],
            "Forward",
            value=f"{_free(ports[0][1])}:{ports[0][1]}" if ports else "",
            placeholder="8080:80",
            check=fault,
            command=command(target, "kubectl port-forward {kind}/{name}{ns} LOCAL:REMOTE"),
        )
    )
    if text is None:
        return
    address, here, there = parts(text)
    try:
        row = await local.open_forward(host.engine(target.ref), target.ref, there, here, address)
    except EngineError as error:
        host.tell(f"{target.ref}: {error}", Tone.BROKEN)
        return
    host.tell(f"Forwarding {row.listening} to {target.ref}; :pf lists it", Tone.WELL)


def declared(full: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the (name, port) pairs that a pod, a workload or a service declares."""
    spec = full.get("spec") or {}
    for port in spec.get("ports") or ():
        yield str(port.get("name") or ""), int(port.get("port") or 0)
    template = (spec.get("template") or {}).get("spec") or spec
    for container in template.get("containers") or ():
        for port in container.get("ports") or ():
            if port.get("protocol", "TCP") == "TCP":
                yield str(port.get("name") or ""), int(port.get("containerPort") or 0)


def parts(text: str) -> tuple[str, int, int | str]:
    """Return address, local port (0 = any free one) and remote port or port name; raises ValueError with a sentence."""
    pieces = text.rsplit(":", 2)
    if len(pieces) == 1:
        pieces = ["0", *pieces] if not pieces[0].isdecimal() else [pieces[0], pieces[0]]
    address = pieces[0].strip("[]") if len(pieces) == 3 else "127.0.0.1"
    here, there = pieces[-2], pieces[-1]
    if here and not (here.isdecimal() and int(here) < 65536):
        raise ValueError(f"{here} is not a local port (0..65535)")
    if there.isdecimal() and not 0 < int(there) < 65536:
        raise ValueError(f"{there} is not a port (1..65535)")
    if not there:
        raise ValueError("to which port of the pod?")
    return address, int(here or 0), int(there) if there.isdecimal() else there


def fault(text: str) -> str:
    """Return why a text is not a forward, or ""."""
    try:
        parts(text)
    except ValueError as error:
        return str(error)
    return ""


def _free(port: int) -> int:
    """Propose the same port, or one that needs no rights: 80 becomes 8080."""
    return port if port >= 1024 else port + 8000
