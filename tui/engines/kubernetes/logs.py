"""Logs of one pod's container, as lines with their stamps; a follower comes back after a cut, a rotation or a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from tui.engines.kubernetes.clock import Clock
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.workloads import decode
from tui.facts import LogLine, LogOptions, Missing, Unreachable

LONGEST = 1 << 20  # bytes of a line; a longer one is cut in pieces
DEFAULT = "kubectl.kubernetes.io/default-container"

SLICE = 64 * 1024  # bytes cut into lines in one go: about a thousand lines, a few milliseconds


class LogLines:
    """Cuts log bytes into LogLines. Nothing in them is taken for anything but text; `flush` gives a last line without newline."""

    def __init__(self, source: str = "", longest: int = LONGEST) -> None:
        self._source = source
        self._longest = longest
        self._rest = b""

    def feed(self, chunk: bytes) -> list[LogLine]:
        """Return the lines that this chunk ends; a character cut in two at its end waits for the rest."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > self._longest:
            lines.append(self._rest)
            self._rest = b""
        return [self._line(line) for line in lines]

    def flush(self) -> list[LogLine]:
        """Return what came after the last newline, once the log has ended."""
        rest, self._rest = self._rest, b""
        return [self._line(rest)] if rest else []

    def _line(self, line: bytes) -> LogLine:
        text = line.removesuffix(b"\r").decode("utf-8", "replace")
        head, space, tail = text.partition(" ")
        if space and len(head) >= 20 and head[:4].isdigit() and head[10:11] == "T":
            return LogLine(tail, head, "stdout", self._source)
        return LogLine(text, "", "stdout", self._source)


def container_of(pod: dict[str, Any], wanted: str) -> str:
    """Return the container whose log is meant: the wanted one, the annotated default, or the first; raises Missing."""
    spec = pod.get("spec") or {}
    names = [item.get("name", "") for key in ("containers", "initContainers", "ephemeralContainers") for item in spec.get(key) or ()]
    if wanted:
        if wanted not in names:
            raise Missing(f"the pod has no container {wanted!r} (it has {', '.join(names)})")
        return wanted
    default = ((pod.get("metadata") or {}).get("annotations") or {}).get(DEFAULT, "")
    return default if default in names else (names[0] if names else "")


async def pod_logs(
    transport: Transport, path: str, uid: str, options: LogOptions, *, source: str = "", clock: Clock | None = None
) -> AsyncGenerator[Sequence[LogLine], None]:
    """Yield batches of lines of one container until its log ends for good; `path`: the pod's path.

    A follower opens the log anew from the last stamp, without the lines it has given, when the connection breaks or the
    log ends while the container lives (kubelets end it at a rotation). Raises Missing, EngineError ("is waiting to start").
    """
    clock = clock or Clock()
    pod = decode(await transport.get(path))
    if uid and (pod.get("metadata") or {}).get("uid") != uid:
        raise Missing("the pod is gone; another of that name was made since")
    container = container_of(pod, options.container)
    place, pause = _Place(), 1.0
    while True:
        before = (place.stamp, place.same)
        broken: Unreachable | None = None
        try:
            async with aclosing(_once(transport, path, container, options, place, source)) as batches:
                async for batch in batches:
                    yield batch
        except Unreachable as error:
            if not options.follow or not place.stamp:
                raise
            broken = error
        if not options.follow or options.previous:
            return
        pause = 1.0 if before != (place.stamp, place.same) else min(10.0, pause * 2)
        await clock.sleep(pause)
        if broken is None and not await _goes_on(transport, path, uid, container):
            return


class _Place:
    """How far a log has been read: the last stamp, and how many lines had it."""

    def __init__(self) -> None:
        self.stamp = ""
        self.same = 0

    def passed(self, lines: list[LogLine], skip: _Skip) -> list[LogLine]:
        fresh = [line for line in lines if not skip.has_seen(line)]
        for line in fresh:
            if line.stamp == self.stamp:
                self.same += 1
            elif line.stamp:
                self.stamp, self.same = line.stamp, 1
        return fresh


class _Skip:
    """Knows the lines that a log opened anew repeats: older than the last stamp, and as many with it as were given."""

    def __init__(self, place: _Place) -> None:
        self._stamp = place.stamp
        self._left = place.same

    def has_seen(self, line: LogLine) -> bool:
        if not self._stamp or not line.stamp or _order(line.stamp) > _order(self._stamp):
            return False
        if line.stamp == self._stamp:
            self._left -= 1
            return self._left >= 0
        return True


def _order(stamp: str) -> tuple[str, str]:
    """Return a sort key for RFC 3339 stamps of one clock: the fraction has as many digits as it needs."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return whole, fraction


async def _once(
    transport: Transport, path: str, container: str, options: LogOptions, place: _Place, source: str
) -> AsyncGenerator[Sequence[LogLine], None]:
    params = {"container": container, "timestamps": "true"}
    if options.follow and not options.previous:
        params["follow"] = "true"
    if options.previous:
        params["previous"] = "true"
    if place.stamp:
        params["sinceTime"] = place.stamp
    else:
        if options.tail is not None:
            params["tailLines"] = str(options.tail)
        if options.since is not None:
            params["sinceSeconds"] = str(max(1, options.since))
    cutter, skip = LogLines(source), _Skip(place)
    async with transport.stream(f"{path}/log", params, json=False) as stream:
        while chunk := await stream.read():
            for at in range(0, len(chunk), SLICE):
                if lines := place.passed(cutter.feed(chunk[at : at + SLICE]), skip):
                    yield lines
                await asyncio.sleep(0)  # between two slices others have their turn
        lines = place.passed(cutter.flush(), skip)
        if lines:
            yield lines


async def _goes_on(transport: Transport, path: str, uid: str, container: str) -> bool:
    """Tell whether a container may write more: its pod is there, and it runs or will be started again."""
    try:
        pod = decode(await transport.get(path))
    except Missing:
        return False
    except Unreachable:
        return True
    if uid and (pod.get("metadata") or {}).get("uid") != uid:
        return False
    status = pod.get("status") or {}
    if status.get("phase") in {"Succeeded", "Failed"}:
        return False
    for key in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for item in status.get(key) or ():
            if item.get("name") == container:
                state = item.get("state") or {}
                return "running" in state or (key == "containerStatuses" and (pod.get("spec") or {}).get("restartPolicy") != "Never")
    return False
