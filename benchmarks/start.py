"""Time from the start of the process to the first live frame, against a Textual app that shows one Static.

Run it with `python -m benchmarks.start`. With PILOTHOUSE_TEST_DOCKER_HOST set (`unix://...`), the first rows of containers are
timed too. Runs are interleaved; medians count; bytecode is there, as in an installed program.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping

from benchmarks.terminal import environment, program, running, spread

TARGET = 1.3
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App[None]):
    def compose(self):
        yield Static("here it is")
Empty().run()
"""
# the last thing that a whole screen paints is its last line
FRAME = b"\xe2\x80\xa6"  # "looking for docker ..."; in the table
KEYS = b"help"


def empty(environ: Mapping[str, str]) -> float:
    """Return the seconds until a Textual app has painted its one line."""
    with running([sys.executable, "-c", EMPTY], environ) as terminal:
        return terminal.until(b"here it is") - terminal.began


def frame(environ: Mapping[str, str]) -> float:
    """Return the seconds until the browse screen is painted: its tabs, its table, its line of keys."""
    with running(program(), environ) as terminal:
        return max(terminal.until(KEYS), terminal.until(FRAME), terminal.until(b"Containers")) - terminal.began


def rows(environ: Mapping[str, str]) -> float:
    """Return the seconds until a row of a container is on the screen (every one says Up or Exited or Created)."""
    with running(program(), environ) as terminal:
        terminal.until(KEYS)
        while not any(word in terminal.output for word in (b"Up ", b"Exited", b"running", b"exited", b"About")):
            if not terminal.read(1.0) and terminal.process.poll() is not None:
                raise RuntimeError("the program has ended")
        return time.perf_counter() - terminal.began


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser("benchmarks.start", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--runs", type=int, default=9, help="how often each is started (default: 9)")
    options = parse.parse_args()
    host = os.environ.get("PILOTHOUSE_TEST_DOCKER_HOST", "")
    with environment() as nowhere:
        live = nowhere | {"DOCKER_HOST": host}
        kinds: dict[str, Callable[[], float]] = {"empty Textual app": lambda: empty(nowhere), "first live frame": lambda: frame(nowhere)}
        if host:
            kinds["first container rows"] = lambda: rows(live)
        for start in kinds.values():  # writes the bytecode
            start()
        found: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(options.runs):
            for name, start in kinds.items():
                found[name].append(start())
    base = statistics.median(found["empty Textual app"])
    for name, seconds in found.items():
        print(f"{name:22} {spread(seconds)}   {statistics.median(seconds) / base:5.2f}x")
    print(f"target: first live frame at most {TARGET}x")


if __name__ == "__main__":
    main()
