"""The longest that one turn of the event loop takes while Pods load, and while many rows are sorted and filtered.

Run it with `python -m benchmarks.stall`. The time is the processor time of the loop's thread, so that other programs on the
machine do not count; nothing else runs on the loop than the app in Textual's headless driver.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Callable
from functools import partial

from textual.pilot import Pilot

from benchmarks.world import Scripted, cockpit, pages
from tui.__main__ import freeze
from tui.app import Pilothouse

TARGET = 0.050
SIZE = (160, 48)


class Pulse:
    """A heartbeat in every turn of the loop; `worst` is the longest time between two, in seconds of processor time."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._last = time.thread_time()
        self._stopped = False
        self._beat()

    def _beat(self) -> None:
        now = time.thread_time()
        self.worst, self._last = max(self.worst, now - self._last), now
        if not self._stopped:
            asyncio.get_running_loop().call_soon(self._beat)

    def stop(self) -> float:
        """End it and return the worst."""
        self._stopped = True
        return self.worst


async def settled(pilot: Pilot[None], done: Callable[[], bool]) -> None:
    """Wait until something is so, and the screen is painted."""
    deadline = time.monotonic() + 120
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.2)
    await pilot.pause()


async def step(pilot: Pilot[None], name: str, does: Callable[[], object], done: Callable[[], bool]) -> None:
    """Do something, wait for its end, and print the worst stall."""
    pulse, began = Pulse(), time.perf_counter()
    does()
    await settled(pilot, done)
    worst, took = pulse.stop(), time.perf_counter() - began
    print(f"{name:32} worst {worst * 1000:6.1f} ms   {worst / TARGET:4.2f}x of {TARGET * 1000:.0f} ms   ({took:.1f} s)", flush=True)


async def load(rows: int, *, more: bool = False, moving: bool = False) -> None:
    """Load so many Pods, perhaps while the cursor moves; then, if wanted, sort and filter them."""
    engine = Scripted(pages(rows))
    app: Pilothouse = cockpit(engine)
    app.store.loaded = freeze
    gc.set_threshold(700, 10, 1_000_000)  # as the program itself does when its first frame is there
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot, lambda: bool(app.fleet.engines))

        def loaded() -> bool:
            return app.browse.shelf is not None and app.browse.shelf.loaded and app.browse.table.total == rows

        def idle() -> bool:
            table = app.browse.table
            return not table._sorting.busy and not table._filtering.busy

        def begin() -> None:
            engine.may_feed.set()
            if moving:
                app.set_interval(0.05, partial(app.browse.table.action_move, 1))

        await step(pilot, f"load {rows:,} Pods{', moving' if moving else ''}", begin, loaded)
        if not more:
            return
        for column in ("Age", "Restarts", "Status", "Name"):
            for reverse in (False, True):
                way = "down" if reverse else "up"
                await step(pilot, f"sort {rows:,} by {column}, {way}", partial(app.browse.table.sort, column, reverse), idle)
        for text in ("a", "ap", "app-7", "running"):
            await step(pilot, f"filter {rows:,} by {text}", partial(app.browse._set_filter, text), idle)
        await step(pilot, "filter off", partial(app.browse._set_filter, ""), idle)


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser("benchmarks.stall", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--load", type=int, default=10_000, help="Pods to load (default: 10000)")
    parse.add_argument("--rows", type=int, default=50_000, help="rows to sort and filter (default: 50000)")
    options = parse.parse_args()
    asyncio.run(load(options.load))
    asyncio.run(load(options.rows, moving=True))
    asyncio.run(load(options.rows, more=True))


if __name__ == "__main__":
    main()
