"""Past: how a made-up host is given what it would have after weeks: containers, images and volumes with their ages and logs."""

from __future__ import annotations

import hashlib
from typing import Any

from tui.demo.clock import SECOND
from tui.demo.docker import health, roles
from tui.demo.docker.container import Container
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.images import Image
from tui.demo.docker.shell import Say, Wait
from tui.demo.docker.volumes import Volume
from tui.demo.docker.words import Json, stamp

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
REMEMBERED = 15 * MINUTE  # seconds of a running container's log that are made up


class Past:
    """One engine's past, told piece by piece; `ago` is always in seconds. `told` writes its events down in their order."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.now = daemon.clock.nano()
        self._events: list[tuple[int, str, str, str, dict[str, str]]] = []

    def at(self, ago: float) -> int:
        """Return the time so many seconds ago, in nanoseconds."""
        return self.now - int(ago * SECOND)

    def say(self, ago: float, kind: str, action: str, ident: str, attributes: dict[str, str]) -> None:
        """Note an event of the past."""
        self._events.append((self.at(ago), kind, action, ident, attributes))

    def told(self) -> None:
        """Forget the events of the making, and remember those of the past."""
        self.daemon.events.ring.clear()
        for at, kind, action, ident, attributes in sorted(self._events, key=lambda event: event[0]):
            self.daemon.events.emit(kind, action, ident, attributes, at=at)

    # ---- what lies there --------------------------------------------------------------------------------------------

    def image(self, tags: list[str], ago: float, megabytes: float, command: list[str], parent: Image | None = None, **config: Any) -> Image:
        """Put an image there; its layers are the parent's and its own."""
        own = int(megabytes * 1_000_000)
        base = list(parent.layers) if parent else [("/bin/sh -c #(nop) ADD file:8f1a in / ", min(own, 74_800_000))]
        left = max(0, own - sum(size for _, size in base))
        layers = [*base, ("WORKDIR /app", 0), ("RUN /bin/sh -c pip install -r requirements.txt # buildkit", left * 3 // 4),
                  ("COPY . . # buildkit", left - left * 3 // 4), (f"CMD {command}".replace("'", '"'), 0)]  # fmt: skip
        settings = {"Cmd": command, "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "Labels": None, **config}
        return self.daemon.images.add(tags, layers, settings, self.at(ago), parent.id if parent and not parent.tags else "")

    def volume(self, name: str, ago: float, megabytes: float, labels: dict[str, str] | None = None) -> Volume:
        """Put a volume there."""
        made = self.daemon.volumes.create(name, labels)
        made.created, made.size = self.at(ago) // SECOND * SECOND, int(megabytes * 1_000_000)
        return made

    # ---- containers -------------------------------------------------------------------------------------------------

    def made(self, name: str, image: str, ago: float, **body: Any) -> Container:
        """Put a container there that was never started."""
        one = self.daemon.containers.create(name, {"Image": image, **body})
        one.created = self.at(ago)
        one.written = self.daemon.rand.randrange(0, 900_000)
        self.say(ago, "container", "create", one.id, one.attributes)
        return one

    def running(self, name: str, image: str, ago: float, made: float = 0.0, sound: str = "healthy", **body: Any) -> Container:
        """Put a container there that runs since `ago`; `sound`: its health, where it is probed."""
        one = self.made(name, image, made or ago + 1, **body)
        self.run(one, ago)
        if one.config.get("Healthcheck"):
            self.probed(one, sound, ago)
        return one

    def run(self, one: Container, ago: float) -> None:
        """Let a container run since `ago`."""
        since = self.at(min(ago, REMEMBERED))
        self.daemon.containers.revive(one, self.at(ago), since)
        self.say(ago, "container", "start", one.id, one.attributes)

    def probed(self, one: Container, sound: str, ago: float) -> None:
        """Give a running container the health it has come to."""
        health.begin(self.daemon.containers, one, sound)
        assert one.health is not None
        code, output = roles.probe(one.config["Healthcheck"]["Test"], one.argv)
        one.health.streak = int(ago // 30) if code else 0
        begins = [self.at(30.0 * back + 7) for back in range(5, 0, -1)]
        one.health.log = [{"Start": stamp(at), "End": stamp(at + 80_000_000), "ExitCode": code, "Output": output} for at in begins]
        self.say(max(1.0, ago - 31), "container", f"health_status: {sound}", one.id, one.attributes)

    def over(self, name: str, image: str, began: float, ended: float, code: int, *, memory: bool = False, **body: Any) -> Container:
        """Put a container there that ran from `began` to `ended` seconds ago."""
        one = self.made(name, image, began + 1, **body)
        one.started, one.finished, one.exit_code, one.oom = self.at(began), self.at(ended), code, memory
        self._lived(one, began, ended)
        self.say(began, "container", "start", one.id, one.attributes)
        if memory:
            self.say(ended, "container", "oom", one.id, one.attributes)
        lived = {"execDuration": str(int(began - ended)), "exitCode": str(code)}
        self.say(ended, "container", "die", one.id, {**one.attributes, **lived})
        return one

    def _lived(self, one: Container, began: float, ended: float) -> None:
        """Write what its program wrote in that time."""
        times = [self.at(began)]
        found = roles.start(one.argv, roles.Scene(self.daemon.rand, one.name, lambda: times[0]), one.config["Env"])
        if found is None:
            return
        for step in found[0]:
            match step:
                case Say(text, stream):
                    one.log.write(text, stream, at=times[0])
                case Wait(seconds) if seconds is not None:
                    times[0] += int(seconds * SECOND)
                case _:
                    break
            if times[0] > self.at(ended):
                break
        one.log.end(at=self.at(ended))

    def again(self, name: str, image: str, began: float, restarts: int, wait: float, **body: Any) -> Container:
        """Put a container there that fails again and again; the next try is `wait` seconds from now."""
        there = self.daemon.containers
        one = self.made(
            name, image, began + 1, HostConfig={"RestartPolicy": {"Name": "unless-stopped"}, **body.pop("HostConfig", {})}, **body
        )
        for back in range(min(restarts, 12), 0, -1):
            tried = wait + 62.0 * back - 58
            self._lived(one, tried, tried - 2)
            self.say(tried, "container", "start", one.id, one.attributes)
            self.say(tried - 1.2, "container", "die", one.id, {**one.attributes, "execDuration": "1", "exitCode": "1"})
        one.started, one.finished, one.exit_code = self.at(wait + 5.2), self.at(wait + 4), 1
        one.running = one.restarting = True
        one.restarts, one.backoff = restarts, 60.0
        one.timer = there.clock.after(wait, lambda: there.restart_now(one))
        return one


def compose(project: str, service: str, number: int = 1, needs: str = "") -> Json:
    """Return the labels that docker compose gives a container."""
    begin = "com.docker.compose"
    folder = f"/srv/{project}"
    return {
        f"{begin}.project": project, f"{begin}.service": service, f"{begin}.container-number": str(number), f"{begin}.oneoff": "False",
        f"{begin}.version": "2.32.4", f"{begin}.project.working_dir": folder, f"{begin}.project.config_files": f"{folder}/compose.yaml",
        f"{begin}.depends_on": needs, f"{begin}.config-hash": hashlib.sha256(service.encode()).hexdigest(),
    }  # fmt: skip
