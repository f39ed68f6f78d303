"""Findings: where engines were looked for, what was found there, why it does not answer, and what to do about it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import Struct

from tui.engines.fleet import Fleet

AT_ONCE = 8  # places asked for a sign of life at the same time
SOCKETS = (  # where others than the system's dockerd listen, below $XDG_RUNTIME_DIR and the home folder
    ("{run}/docker.sock", "rootless Docker"),
    ("{run}/podman/podman.sock", "Podman"),
    ("{home}/.docker/run/docker.sock", "Docker Desktop"),
    ("{home}/.docker/desktop/docker.sock", "Docker Desktop"),
    ("{home}/.colima/default/docker.sock", "Colima"),
    ("{home}/.rd/docker.sock", "Rancher Desktop"),
    ("{home}/.orbstack/run/docker.sock", "OrbStack"),
)


class Finding(Struct, frozen=True):
    """One place that was looked at. `answers`: an engine is there and speaks; `chosen`: it is the one in use."""

    family: str  # "docker" or "kubernetes"
    place: str  # an address, a context's name, or a file
    source: str  # who named the place
    answers: bool = False
    chosen: bool = False
    said: str = ""  # why it does not answer
    advice: str = ""


async def look_around(fleet: Fleet) -> Sequence[Finding]:
    """Look at every place that may lead to an engine, and ask each for a sign of life; writes nothing, takes seconds."""
    docker, kubernetes = await asyncio.gather(_docker(fleet), _kubernetes(fleet))
    return [*docker, *kubernetes]


async def _docker(fleet: Fleet) -> list[Finding]:
    hosts = await asyncio.to_thread(fleet.read_hosts)

    async def ask(name: str, place: str, source: str, chosen: bool, broken: str) -> Finding:
        state, reason = ("broken", broken) if broken else await fleet.probe_host(name)
        answers = state == "reachable"
        return Finding("docker", place, source, answers, chosen, reason, "" if answers else _docker_advice(place, reason))

    found = await _all(
        [
            lambda entry=entry: ask(entry.name, entry.url or entry.name, entry.source, entry is hosts.chosen, entry.broken)  # type: ignore[misc]
            for entry in hosts.entries
        ]
    )
    known = {entry.url for entry in hosts.entries}
    run = fleet.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    for pattern, name in SOCKETS:
        path = Path(pattern.format(run=run, home=fleet.home))
        if f"unix://{path}" not in known and await asyncio.to_thread(path.is_socket):
            found.append(Finding("docker", f"unix://{path}", name, said="not asked", advice=f"To use it: pilothouse --host unix://{path}"))
    return found


def _docker_advice(place: str, reason: str) -> str:
    if "permission" in reason.lower():
        return "Join the group docker (usermod -aG docker $USER, then sign in anew), or use rootless Docker."
    if place.startswith("unix://"):
        return "Or name another host with --host."
    return "Look whether the host is up and its address is right: docker context ls."


async def _kubernetes(fleet: Fleet) -> list[Finding]:
    config = await asyncio.to_thread(fleet.read_kubeconfig)

    async def ask(name: str, file: str, broken: str) -> Finding:
        state, reason = ("broken", broken) if broken else await fleet.probe_context(name)
        chosen = name == (fleet.context or config.current)
        advice = {"expired": "Sign in anew, as for kubectl.", "reachable": ""}.get(state, f"Compare: kubectl --context {name} version")
        return Finding("kubernetes", name, file, state == "reachable", chosen, reason, advice)

    found = await _all(
        [lambda entry=entry: ask(entry.name, str(entry.file), entry.broken) for entry in config.contexts]  # type: ignore[misc]
    )
    for problem in config.problems:
        found.append(Finding("kubernetes", problem.partition(": ")[0], "kubeconfig", said=problem.partition(": ")[2] or problem))
    if not found:
        named = fleet.environ.get("KUBECONFIG", "")
        place, source = (named, "$KUBECONFIG") if named else (str(fleet.home / ".kube" / "config"), "the default file")
        there = await asyncio.to_thread(Path(fleet.kubeconfig or place).exists)
        said = "no context is in it" if there or os.pathsep in place else "there is no such file"
        advice = "Name a file with --kubeconfig, or let your cluster's tool write one (kind, minikube, az, gcloud, aws …)."
        found.append(Finding("kubernetes", str(fleet.kubeconfig or place), source, chosen=True, said=said, advice=advice))
    elif not any(one.chosen for one in found):
        said = f"no context is called {fleet.context}" if fleet.context else "no current context"
        found.append(Finding("kubernetes", "current-context", "kubeconfig", said=said, advice="Choose one with :ctx or --context."))
    return found


async def _all(asks: Sequence[Callable[[], Awaitable[Finding]]]) -> list[Finding]:
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(ask: Callable[[], Awaitable[Finding]]) -> Finding:
        async with limit:
            return await ask()

    return list(await asyncio.gather(*(one(ask) for ask in asks)))


def sentence(text: str) -> str:
    """Return an engine's words as a sentence: a capital at the start unless it is a name with signs in it, a full stop at the end."""
    first = text.partition(" ")[0]
    text = text[:1].upper() + text[1:] if first.isalpha() else text
    return text if not text or text[-1] in ".!?…" else f"{text}."
