"""What the program costs while nothing changes: processor time in 20 s on a live engine, against an empty Textual app.

Run it with `python -m benchmarks.idle`, with PILOTHOUSE_TEST_KUBECONFIG, PILOTHOUSE_TEST_DOCKER_HOST or both set; else
`--bin BIN` starts a cluster for it. The time is the kernel's (schedstat), of the whole process.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from benchmarks.engines import cluster
from benchmarks.start import EMPTY
from benchmarks.terminal import cpu, environment, program, running

TARGET = 0.02


def share(command: Sequence[str], environ: Mapping[str, str], wanted: bytes, seconds: float) -> tuple[float, int, float]:
    """Return the share of a core that a program takes, the bytes a second it writes, and its MB, once it has settled."""
    with running(command, environ) as terminal:
        terminal.until(wanted, 60)
        for _ in range(20):  # until it has nothing more to say at once
            if terminal.drain(2.0) < 2000:
                break
        before = cpu(terminal.process.pid)
        written = terminal.drain(seconds)
        return (cpu(terminal.process.pid) - before) / seconds, round(written / seconds), terminal.memory()


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser("benchmarks.idle", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--seconds", type=float, default=20, help="how long to look (default: 20)")
    parse.add_argument("--bin", help="folder of the test bed's programs")
    options = parse.parse_args()
    host = os.environ.get("PILOTHOUSE_TEST_DOCKER_HOST", "")
    given = os.environ.get("PILOTHOUSE_TEST_KUBECONFIG", "")
    with environment() as nowhere:
        found = {"empty Textual app": share([sys.executable, "-c", EMPTY], nowhere, b"here it is", options.seconds)}
        if host:
            live = nowhere | {"DOCKER_HOST": host}
            found["images of a daemon"] = share(program("images"), live, b"Images", options.seconds)
        if given or options.bin or not host:
            with cluster(0, options.bin) as where:
                live = nowhere | where
                found["namespaces, cluster"] = share(program("namespaces"), live, b"kube-system", options.seconds)
                found["Pods of all, cluster"] = share(
                    program("pods", "all"), live, b"Running" if given else b"no pods here", options.seconds
                )
    base = found["empty Textual app"][0]
    for name, (taken, written, resident) in found.items():
        print(f"{name:22} {taken * 100:5.2f} % of a core   {taken / base:5.1f}x   {written:6} bytes/s   {resident:4.0f} MB")
    print(f"target: at most {TARGET * 100:.0f} %")


if __name__ == "__main__":
    main()
