"""Gradual: long work on many rows done in slices of a few milliseconds, so that keys and paints come between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator

SLICE_SECONDS = 0.008
BREATH = 0.001


class Gradual:
    """Runs one generator at a time, a slice in each turn of the event loop; a new one takes the place of the old."""

    def __init__(self, alive: Callable[[], bool]) -> None:
        self._alive = alive
        self._work: Generator[None, None, None] | None = None

    @property
    def busy(self) -> bool:
        """Tell whether something is being done."""
        return self._work is not None

    def start(self, work: Generator[None, None, None]) -> None:
        """Do this from now on; what was being done is given up."""
        self._work = work
        self._go_on(work)

    def stop(self) -> None:
        """Give up what is being done."""
        self._work = None

    def _go_on(self, work: Generator[None, None, None]) -> None:
        if work is not self._work or not self._alive():
            return
        end = time.perf_counter() + SLICE_SECONDS
        for _ in work:
            if time.perf_counter() >= end:
                asyncio.get_running_loop().call_later(BREATH, self._go_on, work)
                return
        if work is self._work:
            self._work = None
