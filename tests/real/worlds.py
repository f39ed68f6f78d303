"""Real engines for tests: given by the environment, or started here and ended after the session."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent


def unavailable(reason: str) -> NoReturn:
    """Skip, with the reason; in CI that is a failure, because there the engines must be."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def kube_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the kubeconfig of a real cluster: $PILOTHOUSE_TEST_KUBECONFIG, or one of our own with a real and three fake nodes."""
    given = os.environ.get("PILOTHOUSE_TEST_KUBECONFIG", "")
    if given:
        yield Path(given)
        return
    programs = Path(os.environ.get("PILOTHOUSE_TESTBED_BIN", "") or HERE.parent.parent / ".cache" / "kubebin")
    if not (programs / "kubebin").exists():
        unavailable(f"no Kubernetes programs in {programs} (tests/real/testbed/kubernetes/build makes them)")
    bed, room = HERE / "testbed" / "kubernetes", tmp_path_factory.mktemp("kubernetes")
    options = ["--kubelet"] if os.geteuid() == 0 else []
    started = subprocess.run(
        [str(bed / "up"), "--dir", str(room), "--bin", str(programs), *options, "--fake", "3"], capture_output=True, text=True
    )
    try:
        if started.returncode != 0:
            unavailable(f"the cluster did not start: {started.stderr.strip()[-500:]}")
        yield room / "kubeconfig"
    finally:
        subprocess.run([str(bed / "down"), str(room)], capture_output=True)


@pytest.fixture(scope="session")
def docker_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Give the environment of a seeded Docker world: the one $PILOTHOUSE_TEST_DOCKER_HOST names, or one of our own."""
    if os.environ.get("PILOTHOUSE_TEST_DOCKER_HOST"):
        yield {"DOCKER_HOST": os.environ["PILOTHOUSE_TEST_DOCKER_HOST"], **os.environ}
        return
    bed, room = HERE / "testbed" / "docker", tmp_path_factory.mktemp("docker")
    modern = os.environ.get("PILOTHOUSE_TESTBED_DOCKER_BIN", "")  # where build-modern put a current engine
    options = ["--engine", "modern", "--bin", modern] if modern else []
    command = [str(bed / "up"), "--seed", *options, str(room)]
    started = subprocess.run(command, capture_output=True, text=True)
    if started.returncode != 0:  # once more: `up` on a world that is there repairs it
        started = subprocess.run(command, capture_output=True, text=True)
    try:
        if started.returncode != 0:
            unavailable(f"the Docker world did not start: {started.stderr.strip()[-500:]}")
        yield {**os.environ, **dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)}
    finally:
        subprocess.run([str(bed / "down"), str(room)], capture_output=True)
