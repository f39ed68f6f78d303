"""Live figures of 100 running containers: the program and the daemon together, against `docker stats` and the daemon.

Run it as root with `python -m benchmarks.stats`: it makes a throwaway docker engine with the containers, and ends it. Times are the
kernel's (schedstat) over so many seconds each, in turn; what the daemon takes by itself is told too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
from collections.abc import Callable, Mapping

from benchmarks.engines import docker, pid_of
from benchmarks.terminal import cpu, environment, program, running


def containers(environ: Mapping[str, str], count: int) -> None:
    """Start so many sleeping containers from an image that is there."""

    def run(*words: str) -> str:
        return subprocess.run(["docker", *words], env=environ, check=True, capture_output=True, text=True).stdout

    image = next(line for line in run("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").splitlines() if "busybox" in line)
    for number in range(count):
        run("run", "-d", "--name", f"bench-{number:03}", "--network", "none", image, "sleep", "100000")


def taken(pids: Callable[[], list[int]], drain: Callable[[float], object], seconds: float) -> list[float]:
    """Return the share of a core that each process takes while a terminal is read."""
    before = [cpu(pid) for pid in pids()]
    drain(seconds)
    return [(cpu(pid) - was) / seconds for pid, was in zip(pids(), before, strict=True)]


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser("benchmarks.stats", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--containers", type=int, default=100, help="containers (default: 100)")
    parse.add_argument("--seconds", type=float, default=15, help="how long to look at each (default: 15)")
    parse.add_argument("--runs", type=int, default=2, help="how often (default: 2)")
    options = parse.parse_args()
    commands = {"docker stats": ["docker", "stats"], "Pilothouse": program("containers")}
    found: dict[str, list[list[float]]] = {name: [] for name in commands}
    with docker() as world, environment(**{key: world[key] for key in ("DOCKER_HOST", "DOCKER_CONFIG")}) as environ:
        containers(os.environ | environ, options.containers)
        daemon = pid_of("dockerd", world["WORLD"])
        alone: list[float] = []
        for _ in range(options.runs):
            with running(["sleep", "1000"], environ) as terminal:
                alone += taken(lambda: [daemon], terminal.drain, options.seconds / 2)
            for name, command in commands.items():
                with running(command, environ) as terminal:
                    terminal.until(b"bench-0", 60)
                    terminal.drain(8.0)
                    mine = terminal.process.pid
                    found[name].append(taken(lambda mine=mine: [mine, daemon], terminal.drain, options.seconds))  # type: ignore[misc]
    print(f"the daemon alone: {statistics.median(alone) * 100:.1f} % of a core")
    whole: dict[str, float] = {name: statistics.median([sum(run) for run in runs]) for name, runs in found.items()}
    for name, runs in found.items():
        own, theirs = (statistics.median(run[part] for run in runs) * 100 for part in (0, 1))
        print(f"{name:14} itself {own:5.1f} %   daemon {theirs:5.1f} %   together {whole[name] * 100:5.1f} %")
    print(f"ratio {whole['Pilothouse'] / whole['docker stats']:.2f}x of docker stats")


if __name__ == "__main__":
    main()
