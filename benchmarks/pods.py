"""Ten thousand Pods to rows, against `kubectl get --raw` of the same list; and the memory of the whole program with them.

Run it with `python -m benchmarks.pods --bin BIN` (a cluster is made and filled: five minutes), or with
PILOTHOUSE_TEST_KUBECONFIG set. Both are started anew each time, in turn; medians count.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.engines import cluster
from benchmarks.terminal import environment, program, running, spread
from tui.__main__ import freeze
from tui.app import Pilothouse
from tui.config import Config

SPEED, MEMORY = 1.5, 120.0


def bytes_alone(environ: Mapping[str, str]) -> float:
    """Return the seconds that kubectl takes to get the list's bytes."""
    began = time.perf_counter()
    subprocess.run(["kubectl", "get", "--raw", "/api/v1/pods"], env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def pods_of(environ: Mapping[str, str]) -> int:
    """Return how many Pods there are."""
    names = subprocess.run(["kubectl", "get", "pods", "-A", "-o", "name"], env=environ, check=True, capture_output=True, text=True).stdout
    return len(names.splitlines())


async def rows(environ: Mapping[str, str], count: int) -> tuple[float, float]:
    """Return the seconds from asking for all Pods to the first rows in the table, and to all of them."""
    app = Pilothouse(Config(view="namespaces", home=Path("/nonexistent"), environ=dict(environ), kubeconfig=Path(environ["KUBECONFIG"])))
    app.store.loaded = freeze
    async with app.run_test(size=(160, 48)) as pilot:
        await _until(lambda: app.browse.table.total > 0)
        await pilot.pause()
        began = time.perf_counter()
        app.command("pods all")
        await _until(lambda: app.browse.place.kind.id == "kubernetes/pods" and app.browse.table.total > 0)
        first = time.perf_counter() - began
        await _until(lambda: app.browse.table.total >= count)
        return first, time.perf_counter() - began


async def _until(done: object) -> None:
    deadline = time.perf_counter() + 120
    assert callable(done)
    while not done():
        if time.perf_counter() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.002)


def memory(environ: Mapping[str, str], count: int) -> float:
    """Return the resident MB of the whole program in a terminal, with all the Pods in its table."""
    with running(program("pods", "all"), environ) as terminal:
        wanted = re.compile(rf"\b{count}\b".encode())
        deadline = time.perf_counter() + 120
        while not wanted.search(terminal.output) and time.perf_counter() < deadline:
            terminal.read(0.5)
        terminal.drain(3.0)
        return terminal.memory()


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser("benchmarks.pods", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--runs", type=int, default=5, help="how often each is done (default: 5)")
    parse.add_argument("--pods", type=int, default=10_000, help="Pods to make, where a cluster is made (default: 10000)")
    parse.add_argument("--bin", help="folder of the test bed's programs")
    options = parse.parse_args()
    with cluster(options.pods, options.bin) as where, environment(**where) as environ:
        count = pods_of(os.environ | where)
        raw: list[float] = []
        first: list[float] = []
        whole: list[float] = []
        for _ in range(options.runs):
            raw.append(bytes_alone(environ))
            found = asyncio.run(rows(environ, count))
            first.append(found[0])
            whole.append(found[1])
        resident = memory(environ, count)
    base = statistics.median(raw)
    print(f"{count:,} Pods")
    print(f"{'kubectl get --raw':22} {spread(raw)}    1.00x")
    print(f"{'first rows':22} {spread(first)}   {statistics.median(first) / base:5.2f}x")
    print(f"{'all rows':22} {spread(whole)}   {statistics.median(whole) / base:5.2f}x   target: at most {SPEED}x")
    print(f"{'memory':22} {resident:7.0f} MB   target: at most {MEMORY:.0f} MB")


if __name__ == "__main__":
    main()
