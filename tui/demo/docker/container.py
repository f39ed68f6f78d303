"""Container: one container: what was asked for, and how it is, in the words of the docker command."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tui.demo.clock import SECOND, Clock
from tui.demo.docker.logbook import Logbook
from tui.demo.docker.process import Process
from tui.demo.docker.words import Json
from tui.values import docker_duration

PROBES_KEPT = 5


@dataclass
class Health:
    """How the health probes do: starting, healthy or unhealthy; the last five are kept."""

    status: str = "starting"
    streak: int = 0
    log: list[Json] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


@dataclass(eq=False)
class Container:
    """One container. Times are nanoseconds since 1970, 0 = never; `config` and `host`: as they were asked for, filled up."""

    id: str
    name: str
    image: str
    image_id: str
    config: Json
    host: Json
    created: int
    argv: list[str]
    log: Logbook
    mounts: list[Json] = field(default_factory=list)
    networks: dict[str, Json] = field(default_factory=dict)
    ports: list[Json] = field(default_factory=list)
    running: bool = False
    paused: bool = False
    restarting: bool = False
    oom: bool = False
    exit_code: int = 0
    error: str = ""
    started: int = 0
    finished: int = 0
    pid: int = 0
    restarts: int = 0
    rested: int = 0  # nanoseconds of this run that it was paused
    paused_at: int = 0
    backoff: float = 0.0  # seconds the last restart waited
    told_to_stop: bool = False
    health: Health | None = None
    process: Process | None = None
    timer: asyncio.TimerHandle | None = None  # of the next restart
    written: int = 0  # bytes in its own layer
    _waiting: list[asyncio.Future[int]] = field(default_factory=list)
    _removal: list[asyncio.Future[int]] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels."""
        found: dict[str, str] = self.config["Labels"]
        return found

    @property
    def alive(self) -> bool:
        """Tell whether its program runs."""
        return self.running and not self.restarting

    @property
    def state(self) -> str:
        """Return the state in one word (moby, container.State.StateString)."""
        if self.running:
            return "paused" if self.paused else "restarting" if self.restarting else "running"
        return "exited" if self.started else "created"

    def status(self, clock: Clock) -> str:
        """Return the state as `docker ps` prints it (moby, container.State.String)."""
        now = clock.nano()
        up, ended = docker_duration((now - self.started) / SECOND), docker_duration((now - self.finished) / SECOND)
        match self.state:
            case "paused":
                return f"Up {up} (Paused)"
            case "restarting":
                return f"Restarting ({self.exit_code}) {ended} ago"
            case "running" if self.health is not None:
                word = "health: starting" if self.health.status == "starting" else self.health.status
                return f"Up {up} ({word})"
            case "running":
                return f"Up {up}"
            case "created":
                return "Created"
        return f"Exited ({self.exit_code}) {ended} ago"

    @property
    def grace(self) -> float:
        """Return how many seconds it has to end when told to; negative = for ever."""
        found = self.config.get("StopTimeout")
        return float(10 if found is None else found)

    @property
    def attributes(self) -> dict[str, str]:
        """Return what each of its events says of it."""
        return {**self.labels, "image": self.image, "name": self.name}

    def wait(self, removal: bool = False) -> asyncio.Future[int]:
        """Return a future of the exit code, done when its program has ended (or when it is removed)."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        (self._removal if removal else self._waiting).append(future)
        return future

    def settle(self, removal: bool = False) -> None:
        """Tell those who wait."""
        waiting = self._removal if removal else self._waiting
        for future in waiting:
            if not future.done():
                future.set_result(self.exit_code)
        waiting.clear()

    def still(self) -> None:
        """Stop every timer, as when the engine itself ends."""
        for timer in (self.timer, self.health.timer if self.health else None):
            if timer is not None:
                timer.cancel()
        if self.process is not None:
            self.process.vanish()
