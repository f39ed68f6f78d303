"""One run of a container and its log, which is worked out when it is read: a log that nobody reads costs nothing."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from tui.demo.kubernetes.kubelet.programs import Program

Line = tuple[float, str]
"""When it was written, and what."""
KEPT = 4000  # lines that a node keeps of one run


@dataclass(eq=False)
class Instance:
    """A container from one start to its end. `seed` makes its lines; `heard`: lines that others caused (a request that came)."""

    program: Program
    seed: int
    started: float
    ended: float | None = None
    told_to_stop: bool = False
    heard: deque[Line] = field(default_factory=lambda: deque(maxlen=200))

    def _chance(self, number: int) -> random.Random:
        return random.Random(self.seed * 1_000_003 + number)

    def _begins(self) -> float:
        head = self.program.voice.head
        return self.started + (head[-1][0] if head else 0.0) + 0.2

    def _flow_at(self, number: int) -> float:
        voice = self.program.voice
        return self._begins() + (number + self._chance(-number - 1).random() * 0.9) * voice.period

    def _number_at(self, when: float) -> int:
        """Return how many lines of the flow there were before a time, one more or less."""
        return max(0, math.floor((when - self._begins()) / self.program.voice.period))

    def lines(self, since: float, until: float) -> list[Line]:
        """Return what was written after `since` and not after `until`, in order."""
        voice, end = self.program.voice, min(until, self.ended if self.ended is not None else until)
        found = [(self.started + after, text) for after, text in voice.head if since < self.started + after <= end]
        if voice.flow is not None:
            first = max(self._number_at(since) - 1, self._number_at(end) - KEPT, 0)
            for number in range(first, self._number_at(end) + 1):
                when = self._flow_at(number)
                if since < when <= end:
                    found.append((when, voice.flow(self._chance(number), when)))
        found += [line for line in tuple(self.heard) if since < line[0] <= end]
        found.sort(key=lambda line: line[0])
        if self.ended is not None:
            last = voice.stop if self.told_to_stop else voice.end
            found += [(self.ended, text) for text in last if since < self.ended <= until]
        return found

    def newest(self, until: float) -> Iterator[Line]:
        """Yield what was written until then, the newest first; as much as is asked for is worked out, and no more."""
        span, upper = max(self.program.voice.period * 64, 1.0), until
        while True:
            lower = upper - span if upper - span > self.started else self.started - 1.0
            yield from reversed(self.lines(lower, upper))
            if lower < self.started:
                return
            upper, span = lower, span * 4

    def next_after(self, when: float) -> float | None:
        """Return when the next line is written, or None when none is foreseen."""
        voice = self.program.voice
        ahead = [self.started + after for after, _ in voice.head if self.started + after > when]
        if ahead:
            return ahead[0]
        if voice.flow is None:
            return None
        number = max(0, self._number_at(when) - 1)
        while (at := self._flow_at(number)) <= when:
            number += 1
        return at

    @property
    def rest(self) -> str:
        """Return what is written at the very end, without a newline."""
        return self.program.voice.rest if self.ended is not None else ""

    # ---- what it uses ---------------------------------------------------------------------------------------------------

    def cpu(self, when: float) -> float:
        """Return thousandths of a core: waves that last minutes, and noise."""
        wave = 1 + 0.35 * math.sin(when / 97 + self.seed % 7) + 0.15 * math.sin(when / 23 + self.seed % 5)
        noise = 0.8 + 0.4 * self._chance(int(when / 15)).random()
        warm = 1.6 if when - self.started < 20 else 1.0
        return self.program.cpu * wave * noise * warm

    def memory(self, when: float) -> float:
        """Return MiB: it rises after the start, and then goes up and down a little; one that will be killed for it rises on."""
        age, lasts = max(0.0, when - self.started), self.program.lasts
        if self.program.reason == "OOMKilled" and lasts:
            return self.program.memory * (0.35 + 0.65 * min(1.0, age / lasts))
        return self.program.memory * (1 - 0.3 * math.exp(-age / 60)) * (1 + 0.05 * math.sin(when / 310 + self.seed % 11))
