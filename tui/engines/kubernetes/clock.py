"""Time and chance as the watches see them, so that a test can hold both in its hand."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime


class Clock:
    """The machine's clocks: `wall` goes on while the machine sleeps, `monotonic` does not."""

    def wall(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that no one sets; they stand still while the machine sleeps."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the wall clock's time, in UTC."""
        return datetime.fromtimestamp(self.wall(), UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait; a cancellation ends it at once."""
        await asyncio.sleep(seconds)

    def pick(self, low: float, high: float) -> float:
        """Return a number between two, by chance."""
        return random.uniform(low, high)
