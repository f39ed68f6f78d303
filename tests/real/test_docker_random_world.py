"""A random Docker world: odd names, states, ports, labels and ages; every cell is still what the docker command prints."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real.test_docker_engine import CLI, asked, ended, watching
from tests.waiting import eventually
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.hosts import load
from tui.engines.gate import Gate
from tui.engines.swarm.engine import SwarmEngine
from tui.kinds import kinds
from tui.values import text_of

pytestmark = pytest.mark.real

LETTERS = "abcXYZ019_.-"
COMMANDS = (
    ("sleep", "86400"), ("true",), ("sh", "-c", "exit 7"), ("sh", "-c", "kill -9 $$"), ("sh", "-c", 'echo "a  b"; sleep 86400'),
    ("sh", "-c", "echo 'it is \\'odd\\' [red]x[/]'; sleep 86400"), ("no-such-program",), ("echo", "x" * 200),
)  # fmt: skip
Run = Callable[..., str]


@pytest.fixture(scope="module")
def seed() -> int:
    """Give the seed of this run; a failure prints it, and RANDOM_WORLD_SEED repeats it."""
    return int(os.environ.get("RANDOM_WORLD_SEED", "") or random.SystemRandom().randrange(10**6))


@pytest.fixture(scope="module")
def run(docker_world: dict[str, str]) -> Run:
    def run(*words: str, fails: bool = False) -> str:
        done = subprocess.run(["docker", *words], env=docker_world, capture_output=True, text=True)
        assert fails or done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    return run


@pytest.fixture(scope="module")
def wild(run: Run, seed: int) -> Iterator[random.Random]:
    """Make about forty random objects, and remove them after."""
    dice = random.Random(seed)
    containers = [f"wild-{index}{odd(dice)}" for index in range(14)]
    networks = [f"wild-{index}{odd(dice)}" for index in range(3)]
    volumes = [f"wild-{index}{odd(dice)}" for index in range(3)]
    images = [f"wild.example:5000/a{index}/b{index}:{dice.choice(['1', 'v1.2-rc.3', 'latest'])}" for index in range(3)] + ["wild:x_Y-9"]
    services = [f"wild-{index}" for index in range(3)]
    for name in networks:
        run("network", "create", *labels(dice), name)
    for name in volumes:
        run("volume", "create", *labels(dice), name)
    for name in images:
        run("tag", "busybox:1", name)
    for index, name in enumerate(containers):
        container(run, dice, index, name, networks, volumes, images)
    for name in services:
        service(run, dice, name)
    assert len(run("ps", "-a", "-q", "--filter", "name=wild-").split()) >= len(containers) - 4, "hardly anything was made"
    yield dice
    run("service", "rm", *services, fails=True)
    run("rm", "-f", "-v", *containers, fails=True)
    run("volume", "rm", *volumes, fails=True)
    run("network", "rm", *networks, fails=True)
    run("rmi", *images, fails=True)


def odd(dice: random.Random) -> str:
    return "".join(dice.choice(LETTERS) for _ in range(dice.randrange(1, 30))) + "z"


def labels(dice: random.Random) -> list[str]:
    texts = ("a=b", "empty=", "deep.dotted/name=x=y", "markup=[red]no[/]", "colour=\x1b[31mred", "right=\u202eleft", "wide=漢字")
    return [word for text in dice.sample(texts, 3) for word in ("--label", text)]


def container(run: Run, dice: random.Random, index: int, name: str, networks: list[str], volumes: list[str], images: list[str]) -> None:
    ports = dice.sample(["-p=80", "-p=127.0.0.1::81", "-p=7000/udp", "-p=9000-9003", "--expose=1000-1005", "--expose=53/udp", "-P"], 3)
    words = ["--name", name, *labels(dice), *ports, "--stop-timeout", "0"]
    words += dice.choice([[], ["--network", dice.choice(networks)], ["-v", f"{dice.choice(volumes)}:/data"], ["-v", "/scratch"]])
    words += dice.choice([[], ["--restart", "on-failure:2"], ["--health-cmd", dice.choice(["true", "false"]), "--health-interval", "1s"]])
    image, command = dice.choice(["busybox:1", *images]), COMMANDS[index % len(COMMANDS)]
    if dice.random() < 0.2:
        run("create", *words, image, *command)
        return
    run("run", "-d", *words, image, *command, fails=True)
    after = dice.choice(["", "", "pause", "kill", "stop"])
    if after:
        run(after, name, fails=True)


def service(run: Run, dice: random.Random, name: str) -> None:
    mode = dice.choice([["--replicas", str(dice.randrange(0, 4))], ["--mode", "global"]])
    run(
        "service", "create", "-q", "-d", "--no-resolve-image", "--name", name, *mode, *labels(dice), "--endpoint-mode", "dnsrr",
        "--restart-max-attempts", "1", "--stop-grace-period", "1s", "busybox:1", *dice.choice([("sleep", "86400"), ("false",)]),
    )  # fmt: skip


@pytest.mark.parametrize("kind", CLI)
async def test_every_cell_of_a_random_world(wild, seed: int, docker_world: dict[str, str], run: Run, tmp_path: Path, kind: str):
    described = kinds()[kind]
    engine = DockerEngine(load(docker_world, tmp_path).chosen, Gate())
    fed, task = await watching(engine if described.family == "docker" else SwarmEngine(engine), described.word)
    columns = [next(column for column in described.columns if column.title == title) for title in CLI[kind][1]]
    agreed: set[tuple[str, str]] = set()
    seen: dict[str, set[tuple[str, ...]]] = {}

    async def equal() -> bool:
        """Each row has agreed in all its cells at some moment: seconds tick between the two looks, so not all do at once."""
        theirs = set(await asyncio.to_thread(asked, run, kind))
        ours = {tuple(text_of(column.value(one), engine.now()) for column in columns) for one in fed.objects.values()}
        seen["ours"], seen["docker"] = ours, theirs
        agreed.update((row[0], row[-1]) for row in ours & theirs)
        return {(row[0], row[-1]) for row in theirs} == {(row[0], row[-1]) for row in ours} <= agreed

    try:
        await eventually(equal, limit=60)
    except AssertionError:
        ours, theirs = seen["ours"], seen["docker"]
        pytest.fail(f"seed {seed}\nours only:   {sorted(ours - theirs)}\ndocker only: {sorted(theirs - ours)}")
    finally:
        await ended(task)
        await engine.close()
