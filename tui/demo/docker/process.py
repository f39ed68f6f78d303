"""Process: a program that runs in a container: its steps go by the clock, signals reach it, it ends with a code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.demo.clock import SECOND, Clock
from tui.demo.docker.logbook import Logbook
from tui.demo.docker.shell import Die, Program, Say, Wait

SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "TERM": 15, "CONT": 18, "STOP": 19}
ENDING = frozenset({2, 3, 15})  # a program that listens ends at these
KILL = 9
TURNS = 2000  # steps between two waits; a script that never waits is held there for a moment


@dataclass(eq=False)
class Process:
    """One run of a program. `ending`: the code it ends with when told to, None when it does not listen; `slow`: seconds it takes."""

    clock: Clock
    program: Program
    log: Logbook
    ended: Callable[[int, bool], None]  # exit code, killed for memory
    ending: Callable[[], int | None] = lambda: None
    slow: float = 0.2
    pid: int = 0
    over: bool = False
    frozen: bool = False
    _past: int = 0  # what time it is while a past is lived through
    _timer: asyncio.TimerHandle | None = None
    _due: int = 0  # when the timer is due, nanoseconds; 0 = never
    _pending: list[int] = field(default_factory=list)

    def time(self) -> int:
        """Return what time it is for the program, in nanoseconds."""
        return self._past or self.clock.nano()

    def begin(self) -> None:
        """Run until the first wait, soon."""
        self._in(0.0)

    def rehearse(self, since: int, until: int) -> None:
        """Live through the time from `since` to `until` (nanoseconds) at once, then go on by the clock."""
        self._past = since
        while self._past < until and not self.over:
            match next(self.program, None):
                case Say(text, stream):
                    self.log.write(text, stream, at=self._past)
                case Wait(seconds) if seconds is not None:
                    self._past += int(seconds * SECOND)
                case _:  # it waits for ever, or ends, which does not belong into a past
                    self._past = 0
                    return
        left, self._past = self._past - until, 0
        self._in(left / SECOND)

    def _in(self, seconds: float) -> None:
        self._due = self.clock.nano() + int(seconds * SECOND)
        self._timer = self.clock.after(seconds, self._go)

    def _go(self) -> None:
        self._timer = None
        for _ in range(TURNS):
            try:
                step = next(self.program)
            except StopIteration as end:
                self._end(end.value or 0)
                return
            match step:
                case Say(text, stream):
                    self.log.write(text, stream)
                case Wait(None):
                    self._due = 0
                    return
                case Wait(seconds):
                    self._in(seconds or 0.0)
                    return
                case Die(code):
                    self._end(code, memory=True)
                    return
        self._in(0.05)

    def _end(self, code: int, memory: bool = False) -> None:
        if not self.over:
            self.over = True
            self._stop_timer()
            self.program.close()
            self.ended(code, memory)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def signal(self, number: int) -> None:
        """Take in a signal: KILL ends it at once, others when it listens for them and is not frozen."""
        if self.over:
            return
        if number == KILL:
            self._end(128 + KILL)
        elif self.frozen:
            self._pending.append(number)
        elif number in ENDING and (code := self.ending()) is not None:
            self._stop_timer()
            self._timer = self.clock.after(self.slow, lambda: self._end(code))

    def freeze(self) -> None:
        """Stand still."""
        self.frozen = True
        self._stop_timer()

    def thaw(self) -> None:
        """Go on; signals that came meanwhile arrive now."""
        self.frozen = False
        if self._due:
            self._in((self._due - self.clock.nano()) / SECOND)
        pending, self._pending = self._pending, []
        for number in pending:
            self.signal(number)

    def vanish(self) -> None:
        """Stop without a word, as when the engine itself ends."""
        self.over = True
        self._stop_timer()


def signal_number(word: str) -> int:
    """Return the number of a signal: `TERM`, `SIGTERM` or `15`; 0 when there is no such."""
    word = word.upper().removeprefix("SIG")
    if word.isdigit():
        return int(word) if 0 < int(word) < 65 else 0
    return SIGNALS.get(word, 0)
