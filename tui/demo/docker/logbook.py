"""Logbook: what a container's program wrote, kept line by line with its time, read back and followed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tui.demo.clock import SECOND, Clock
from tui.demo.docker.words import stamp

STDOUT, STDERR = 1, 2
KEPT = 5000  # lines; older ones are gone, as with a log that is rotated
PART = 16 * 1024  # bytes; the engine cuts longer lines into parts


class Entry(NamedTuple):
    """One line, or a part of one: when (nanoseconds), on which stream, and its bytes with the newline, if it has one."""

    nano: int
    stream: int
    data: bytes


@dataclass(frozen=True)
class Wanted:
    """What of a log is asked for. `tail`: lines, -1 = all; `since`, `until`: nanoseconds, 0 = open."""

    stdout: bool = True
    stderr: bool = True
    follow: bool = False
    tail: int = -1
    since: int = 0
    until: int = 0
    timestamps: bool = False
    details: str = ""

    def fits(self, entry: Entry) -> bool:
        """Tell whether an entry is asked for; the tail is counted elsewhere."""
        if not (self.stdout if entry.stream == STDOUT else self.stderr):
            return False
        return entry.nano >= self.since and (not self.until or entry.nano <= self.until)


@dataclass(eq=False)
class Logbook:
    """One container's log. A line counts when its newline is written, or when the program ends."""

    clock: Clock
    raw: bool = False  # the container has a terminal: no frames, and lines end with carriage return and newline
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    _open: dict[int, bytes] = field(default_factory=dict)
    _followers: set[asyncio.Queue[Entry | None]] = field(default_factory=set)

    def write(self, text: str, stream: int = STDOUT, at: int = 0) -> None:
        """Take in what a program writes; `at`: nanoseconds, for a past that is made up."""
        stream = STDOUT if self.raw else stream
        data = self._open.pop(stream, b"") + text.encode().replace(b"\n", b"\r\n" if self.raw else b"\n")
        *whole, rest = data.split(b"\n")
        for one in whole:
            self._keep(one + b"\n", stream, at)
        while len(rest) >= PART:
            self._keep(rest[:PART], stream, at)
            rest = rest[PART:]
        if rest:
            self._open[stream] = rest

    def _keep(self, data: bytes, stream: int, at: int) -> None:
        for begin in range(0, len(data), PART):
            entry = Entry(at or self.clock.nano(), stream, data[begin : begin + PART])
            self.entries.append(entry)
            for follower in self._followers:
                follower.put_nowait(entry)

    def end(self, at: int = 0) -> None:
        """Take in that the program has ended: a last line without newline counts, and whoever follows has read all."""
        for stream, rest in sorted(self._open.items()):
            self._keep(rest, stream, at)
        self._open.clear()
        for follower in self._followers:
            follower.put_nowait(None)

    def read(self, wanted: Wanted) -> list[Entry]:
        """Return the entries that are asked for, oldest first."""
        entries = list(self.entries)
        if wanted.tail >= 0:  # counted before anything else, as the json-file driver does
            entries = entries[len(entries) - min(wanted.tail, len(entries)) :]
        return [entry for entry in entries if wanted.fits(entry)]

    async def batches(self, wanted: Wanted, alive: bool) -> AsyncIterator[list[Entry]]:
        """Yield what is asked for and then, with `follow` and while the program is `alive`, what comes; nothing falls between."""
        queue: asyncio.Queue[Entry | None] = asyncio.Queue()
        self._followers.add(queue)
        timer = self.clock.after((wanted.until - self.clock.nano()) / SECOND, lambda: queue.put_nowait(None)) if wanted.until else None
        try:
            if found := self.read(wanted):
                yield found
            while wanted.follow and alive and (entry := await queue.get()) is not None:
                if wanted.fits(entry):
                    yield [entry]
        finally:
            self._followers.discard(queue)
            if timer is not None:
                timer.cancel()


def encoded(entries: Iterable[Entry], wanted: Wanted, raw: bool) -> bytes:
    """Return entries as they are sent: with time and details before each if asked for, and in frames unless `raw`."""
    out = bytearray()
    for entry in entries:
        data = entry.data
        if wanted.details:
            data = wanted.details.encode() + b" " + data
        if wanted.timestamps:
            data = stamp(entry.nano, fixed=True).encode() + b" " + data
        if not raw:
            out += bytes((entry.stream, 0, 0, 0)) + len(data).to_bytes(4, "big")
        out += data
    return bytes(out)
