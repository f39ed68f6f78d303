"""Clock: the time of a demo world, which may go faster than the machine's, and timers that go by it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

SECOND = 1_000_000_000  # nanoseconds


class Clock:
    """A world's time: begins now (or at `start`), goes `speed` times as fast as the machine's."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        self.speed = speed
        self._origin = int((start.timestamp() if start else time.time()) * SECOND)
        self._began = time.monotonic_ns()
        self._last = 0

    def nano(self) -> int:
        """Return the time in nanoseconds since 1970, never the same twice."""
        passed = time.monotonic_ns() - self._began
        self._last = max(self._last + 1, self._origin + int(passed * self.speed))
        return self._last

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        return self.nano() / SECOND

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.fromtimestamp(self.nano() / SECOND, UTC)

    def after(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        """Call a function in so many of the world's seconds; `cancel()` what is returned and it is not called."""
        return asyncio.get_running_loop().call_later(max(0.0, seconds) / self.speed, call)

    async def sleep(self, seconds: float) -> None:
        """Sleep so many of the world's seconds."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)
