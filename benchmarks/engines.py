"""Engines for the benchmarks: those that the environment names, else throwaway ones of the test bed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.terminal import ROOT

BED = ROOT / "tests" / "real" / "testbed"


@contextmanager
def cluster(pods: int, bin_folder: str | None) -> Iterator[dict[str, str]]:
    """Give KUBECONFIG and the PATH to a kubectl; with PILOTHOUSE_TEST_KUBECONFIG set, that cluster as it is.

    Else a cluster of fake nodes with so many Pods (10,000 take about five minutes), ended afterwards.
    """
    folder = bin_folder or os.environ.get("PILOTHOUSE_TESTBED_BIN", "")
    path = f"{folder}:{os.environ['PATH']}"
    if given := os.environ.get("PILOTHOUSE_TEST_KUBECONFIG"):
        yield {"KUBECONFIG": given, "PATH": path}
        return
    if not folder:
        raise SystemExit("set PILOTHOUSE_TEST_KUBECONFIG, or name the test bed's programs by --bin or PILOTHOUSE_TESTBED_BIN")
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as parent:
        world = Path(parent, "cluster")
        try:
            subprocess.run(
                [BED / "kubernetes" / "up", "--dir", world, "--bin", folder, "--fake", "10"], check=True, stdout=subprocess.DEVNULL
            )
            environ = {"KUBECONFIG": str(world / "kubeconfig"), "PATH": path}
            if pods:
                subprocess.run([BED / "kubernetes" / "fill", str(pods)], check=True, env=os.environ | environ)
            yield environ
        finally:
            if world.exists():
                subprocess.run([BED / "kubernetes" / "down", world], check=False)


@contextmanager
def docker() -> Iterator[dict[str, str]]:
    """Give DOCKER_HOST, DOCKER_CONFIG and WORLD (the folder) of a throwaway docker engine, ended afterwards (root only)."""
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as parent:
        world = Path(parent, "docker")
        try:
            said = subprocess.run([BED / "docker" / "up", "--seed", world], check=True, capture_output=True, text=True).stdout
            found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
            yield {"DOCKER_HOST": found["DOCKER_HOST"], "DOCKER_CONFIG": found["DOCKER_CONFIG"], "WORLD": str(world)}
        finally:
            if world.exists():
                subprocess.run([BED / "docker" / "down", world], check=False)


def pid_of(program: str, world: str) -> int:
    """Return the process of a program that has the world's folder on its command line; raises RuntimeError."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words[0].rpartition("/")[2] == program and any(f"{world}/manager" in word for word in words):
            return int(folder.name)
    raise RuntimeError(f"no {program} of {world} is running")
