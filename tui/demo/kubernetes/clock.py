"""The time of the embedded world: it can run faster than ours, be jumped forward, and be lived through in advance without waiting."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count

TURN = 0.004  # seconds of work before others have their turn on the event loop
LATE = 0.001  # seconds by which the event loop may wake us early


class Timer:
    """Something that will be done; `cancel` it and it will not."""

    __slots__ = ("_action", "when")

    def __init__(self, when: float, action: Callable[[], None]) -> None:
        self.when = when
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget it."""
        self._action = None

    @property
    def is_dead(self) -> bool:
        """Tell whether it was cancelled or done."""
        return self._action is None

    def run(self) -> None:
        """Do it, once."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Clock:
    """Seconds since 1970 as the world has them, and everything it means to do later. `speed`: its seconds in one of ours.

    Until `start` it stands still at `now` and only `run_until` moves it; after, it runs by itself on the event loop, one
    wake-up for the next thing to do and none when there is nothing.
    """

    def __init__(self, speed: float = 1.0, now: float | None = None) -> None:
        self.speed = speed
        self.skew = 0.0  # seconds by which the world is wrong about the time
        self._still: float | None = time.time() if now is None else now
        self._base = 0.0
        self._began = 0.0
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Handle | None = None
        self._wakes_at = 0.0
        self._running = False

    def time(self) -> float:
        """Return the world's time in seconds since 1970."""
        if self._still is not None:
            return self._still
        assert self._loop is not None
        return self._base + (self._loop.time() - self._began) * self.speed

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do something so many of the world's seconds from now."""
        timer = Timer(self.time() + max(0.0, seconds), action)
        heapq.heappush(self._heap, (timer.when, next(self._order), timer))
        self._set()
        return timer

    def soon(self, action: Callable[[], None]) -> Timer:
        """Do something as soon as what goes on now is done."""
        return self.later(0.0, action)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many of the world's seconds; a jump forward shortens it."""
        done = asyncio.get_running_loop().create_future()
        timer = self.later(seconds, lambda: None if done.done() else done.set_result(None))
        try:
            await done
        finally:
            timer.cancel()

    def rewind(self, when: float) -> None:
        """Stand at another time; only before it has begun to run."""
        assert self._loop is None
        self._still = when

    # ---- being moved by hand ----------------------------------------------------------------------------------------

    def run_until(self, when: float) -> None:
        """Live through everything that is to be done until a time, in its order, at once."""
        live = self._still is None
        self._still = self.time()
        while self._heap and self._heap[0][0] <= when:
            at, _, timer = heapq.heappop(self._heap)
            if not timer.is_dead:
                self._still = max(self._still, at)
                timer.run()
        self._still = max(self._still, when)
        if live:
            self._go_on(self._still)

    def skip(self, seconds: float) -> None:
        """Jump forward: everything in between happens, in its order, at once."""
        self.run_until(self.time() + seconds)

    # ---- running by itself ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run on the event loop of now, from the time at which it stands."""
        self._loop = asyncio.get_running_loop()
        self._go_on(self.time())

    def stop(self) -> None:
        """Stand still."""
        if self._still is None:
            self._still = self.time()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def _go_on(self, when: float) -> None:
        assert self._loop is not None
        self._base, self._began, self._still = when, self._loop.time(), None
        self._wakes_at = float("inf")
        self._set()

    def _set(self) -> None:
        """See to it that we wake for the first thing to do."""
        if self._still is not None or self._running or not self._heap or self._loop is None:
            return
        first = self._heap[0][0]
        if self._wake is not None and self._wakes_at <= first:
            return
        if self._wake is not None:
            self._wake.cancel()
        self._wakes_at = first
        wait = (first - self.time()) / self.speed
        self._wake = self._loop.call_later(wait, self._turn) if wait > 0 else self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Do what is due, for a few milliseconds at most."""
        assert self._loop is not None
        self._wake, self._running = None, True
        ends = self._loop.time() + TURN
        try:
            while self._still is None and self._heap and self._heap[0][0] <= self.time() + LATE and self._loop.time() < ends:
                heapq.heappop(self._heap)[2].run()
        finally:
            self._running = False
        self._set()
