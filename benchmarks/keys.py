"""From a key to the painted cursor, in a terminal, with 10,000 Pods in the table and 2,000 changes a second coming in.

Run it with `python -m benchmarks.keys`. The changes are watch events of about 8 KB, decoded as from a real server, by an engine
inside the program. Measured is the time from writing the key until the row under the cursor has arrived: idle, under the changes, and
of a Textual app with one line; the three run side by side and get their keys in turn, so that whatever else the machine does counts for
all. The ratio is that to the empty app.
"""

from __future__ import annotations

import argparse
import select
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack

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
EMPTY = """
import os
os.environ.setdefault("TEXTUAL_FPS", "240")
from textual.app import App
from textual.widgets import Static
class Empty(App[None]):
    CSS = "Static { color: #010203; background: #22344a; }"
    count = 0
    def compose(self):
        yield Static("0")
    def on_key(self):
        self.count += 1
        self.query_one(Static).update(f"line {self.count}")
Empty().run()
"""
# the ground of the row under the cursor, in the dark theme: #22344a
CURSOR = b"48;2;34;52;74"


def read_all(terminals: Mapping[str, Terminal], seconds: float) -> None:
    """Take what comes from all the programs within so many seconds, so that none waits for us to read."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        for terminal in select.select(list(terminals.values()), [], [], left)[0]:
            terminal.read(0)


def press(terminals: Mapping[str, Terminal], name: str, key: bytes) -> float:
    """Return the seconds from a key to the next line with the cursor's ground; raises TimeoutError."""
    terminal = terminals[name]
    start = len(terminal.output)
    pressed = terminal.send(key)
    while terminal.output.find(CURSOR, start) < 0:
        for other in select.select(list(terminals.values()), [], [], 1.0)[0]:
            other.read(0)
        if time.perf_counter() - pressed > 20:
            raise TimeoutError(f"{name} does not answer a key")
    return time.perf_counter() - pressed


def measure(rows: int, rate: int, count: int) -> dict[str, list[float]]:
    """Return the seconds from key to paint of each program, the keys going to each in turn."""
    found: dict[str, list[float]] = {}
    with environment() as environ, ExitStack() as stack:
        terminals = {
            "empty Textual app": stack.enter_context(running([sys.executable, "-c", EMPTY], environ)),
            "idle": stack.enter_context(running([sys.executable, "-c", APP, "0", str(rows)], environ)),
            f"{rate:,} changes/s": stack.enter_context(running([sys.executable, "-c", APP, str(rate), str(rows)], environ)),
        }
        for terminal in list(terminals.values())[1:]:
            terminal.until(str(rows).encode(), 180)
        read_all(terminals, 6.0)
        for number in range(count):
            key = DOWN if number // 20 % 2 == 0 else UP
            for name in terminals:
                found.setdefault(name, []).append(press(terminals, name, key))
                read_all(terminals, 0.06 + number % 7 * 0.009)  # past a possible second paint, at ever other phases of the ticks
    return found


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser("benchmarks.keys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--keys", type=int, default=200, help="keys for each (default: 200)")
    parse.add_argument("--rows", type=int, default=10_000, help="Pods in the table (default: 10000)")
    parse.add_argument("--rate", type=int, default=2000, help="changes a second (default: 2000)")
    options = parse.parse_args()
    found = measure(options.rows, options.rate, options.keys)
    base = statistics.median(found["empty Textual app"])
    for name, seconds in found.items():
        p50, p90, p99 = (percentile(seconds, share) * 1000 for share in (0.5, 0.9, 0.99))
        print(f"{name:18} p50 {p50:6.1f}   p90 {p90:6.1f}   p99 {p99:6.1f} ms   {statistics.median(seconds) / base:5.2f}x")
    print(f"target: p99 under changes at most {TARGET * 1000:.0f} ms on a machine that does nothing else")


if __name__ == "__main__":
    main()
