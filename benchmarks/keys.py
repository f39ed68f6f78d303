"""From a key to the painted cursor, in a terminal, with 10,000 Pods in the table and 2,000 changes a second coming in.

Run it with `python -m benchmarks.keys`. The changes are watch events of about 8 KB, decoded as from a real server, by an engine
inside the program. Measured is the time from writing the key until the row under the cursor has arrived, once idle and once
under load; the ratio is that of the two.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping

from benchmarks.terminal import Terminal, environment, percentile, running

TARGET = 0.033
DOWN, UP = b"\x1b[B", b"\x1b[A"
APP = """
import os, sys
os.environ.setdefault("TEXTUAL_FPS", "240")
from benchmarks.world import Scripted, cockpit, events, pages
from tui.__main__ import tune
rate, rows = int(sys.argv[1]), int(sys.argv[2])
engine = Scripted(pages(rows), events(3000, rows) if rate else (), rate)
engine.may_feed.set()
app = cockpit(engine)
tune(app)
app.run()
"""
# the ground of the row under the cursor, in the dark theme: #22344a
CURSOR = b"48;2;34;52;74"


def press(terminal: Terminal, key: bytes) -> float:
    """Return the seconds from a key to the next line with the cursor's ground."""
    start = len(terminal.output)
    pressed = terminal.send(key)
    return terminal.until(CURSOR, 10, start) - pressed


def latency(environ: Mapping[str, str], rate: int, rows: int, count: int) -> list[float]:
    """Return the seconds from key to paint, for so many keys."""
    with running([sys.executable, "-c", APP, str(rate), str(rows)], environ) as terminal:
        terminal.until(str(rows).encode(), 120)
        terminal.drain(2.0)
        found: list[float] = []
        for number in range(count):
            found.append(press(terminal, DOWN if number // 20 % 2 == 0 else UP))
            terminal.drain(0.05 + number % 7 * 0.009)  # past a possible second paint, at ever other phases of the ticks
        return found


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser("benchmarks.keys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--keys", type=int, default=200, help="keys for each (default: 200)")
    parse.add_argument("--rows", type=int, default=10_000, help="Pods in the table (default: 10000)")
    parse.add_argument("--rate", type=int, default=2000, help="changes a second (default: 2000)")
    options = parse.parse_args()
    with environment() as environ:
        began = time.perf_counter()
        idle = latency(environ, 0, options.rows, options.keys)
        busy = latency(environ, options.rate, options.rows, options.keys)
        again = latency(environ, 0, options.rows, options.keys)
        idle += again
    for name, found in (("idle", idle), (f"{options.rate:,} changes/s", busy)):
        p50, p90, p99 = (percentile(found, share) * 1000 for share in (0.5, 0.9, 0.99))
        print(f"{name:18} p50 {p50:6.1f}   p90 {p90:6.1f}   p99 {p99:6.1f} ms   ({len(found)} keys)")
    print(f"ratio of the medians {statistics.median(busy) / statistics.median(idle):.2f}x")
    print(f"target: p99 at most {TARGET * 1000:.0f} ms   ({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()
