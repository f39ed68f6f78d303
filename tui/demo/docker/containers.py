"""Containers: those of one engine, and how each lives: started, stopped, killed, paused, restarted by policy, removed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.demo.clock import SECOND, Clock
from tui.demo.docker import health, roles
from tui.demo.docker.container import Container
from tui.demo.docker.events import Events
from tui.demo.docker.images import Images
from tui.demo.docker.making import checked, create, policy
from tui.demo.docker.networks import Networks
from tui.demo.docker.process import KILL, Process
from tui.demo.docker.volumes import ANONYMOUS, Volumes
from tui.demo.docker.words import Json, Refusal

TERM = 15
FIRST, LAST = 0.1, 60.0  # seconds a restart waits: doubled each time, from the first to the last
STEADY = 10.0  # seconds a program must have run for the waiting to begin anew


@dataclass(eq=False)
class Containers:
    """The containers of one engine; methods raise Refusal as the engine would answer."""

    clock: Clock
    rand: random.Random
    events: Events
    images: Images
    volumes: Volumes
    networks: Networks
    known: dict[str, Container] = field(default_factory=dict)
    ends: dict[str, Callable[[Container], None]] = field(default_factory=dict)  # who is told that a container has ended
    taken: dict[tuple[str, int], str] = field(default_factory=dict)  # (protocol, port of the host): the container that has it
    _pids: int = 1800
    _port: int = 32768

    def find(self, key: str) -> Container:
        """Return a container by id, name or the beginning of its id; raises Refusal 404, 400."""
        if key in self.known:
            return self.known[key]
        if (found := self.named(key.removeprefix("/"))) is not None:
            return found
        close = [one for ident, one in self.known.items() if key and ident.startswith(key)]
        if len(close) > 1:
            raise Refusal(400, f"multiple IDs found with provided prefix: {key}")
        if not close:
            raise Refusal(404, f"No such container: {key}")
        return close[0]

    def named(self, name: str) -> Container | None:
        """Return the container of a name, or None."""
        return next((one for one in self.known.values() if one.name == name), None)

    def create(self, name: str, body: Json) -> Container:
        """Make a container; it does not run yet."""
        made = create(self, name, body)
        self.known[made.id] = made
        self.say(made, "create")
        return made

    def say(self, one: Container, action: str, **more: str) -> None:
        """Say an event of a container."""
        self.events.emit("container", action, one.id, {**one.attributes, **more})

    # ---- start ------------------------------------------------------------------------------------------------------

    def start(self, one: Container, again: bool = False) -> None:
        """Start a container; `again`: its policy does it, not a person. Raises Refusal 304, 409, 400, 500."""
        if one.paused:
            raise Refusal(409, "cannot start a paused container, try unpause instead")
        if one.running and not again:
            raise Refusal(304, "")
        if not again:
            one.restarts, one.backoff, one.told_to_stop = 0, 0.0, False
        joined = [self.networks.find(name) for name in one.networks]
        self._bind(one)
        process = self._process(one)
        for network in joined:
            self.networks.join(one, network)
        if process is None:
            self._leave(one)
            one.exit_code, one.running, one.restarting = 127, False, False
            one.error = (
                "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable "
                f'to start container process: exec: "{one.argv[0]}": executable file not found in $PATH: unknown'
            )
            raise Refusal(400, one.error)
        for mount in self._volumes(one):
            more = {"destination": mount["Destination"], "propagation": "", "read/write": str(mount["RW"]).lower()}
            self.events.emit("volume", "mount", mount["Name"], {"container": one.id, "driver": "local", **more})
        self._pids += self.rand.randrange(7, 60)
        one.process, one.pid, process.pid = process, self._pids, self._pids
        one.running, one.restarting, one.oom, one.exit_code, one.error = True, False, False, 0, ""
        one.started, one.rested = self.clock.nano(), 0
        self.say(one, "start")
        process.begin()
        health.begin(self, one)

    def _process(self, one: Container) -> Process | None:
        scene = roles.Scene(self.rand, one.name, self.clock.nano)
        found = roles.start(one.argv, scene, one.config["Env"])
        if found is None:
            return None
        program, ending = found
        process = Process(self.clock, program, one.log, lambda code, memory: self.ended(one, code, memory), ending)
        process.slow = roles.role_of(one.argv).slow if ending() is not None else 0.05
        scene.nano = process.time
        return process

    def revive(self, one: Container, started: int, since: int) -> None:
        """Let a container have run since `started` (nanoseconds), with what it logged from `since` on; it says no event."""
        one.process = self._process(one)
        assert one.process is not None, one.argv
        self._pids += self.rand.randrange(7, 60)
        one.pid, one.running, one.started = self._pids, True, started
        self._bind(one)
        for name in one.networks:
            self.networks.join(one, self.networks.find(name))
        one.process.rehearse(since, self.clock.nano())

    def _bind(self, one: Container) -> None:
        """Take the ports of the host that a container publishes; raises Refusal 500."""
        exposed = list(one.config["ExposedPorts"])
        one.ports = []
        for port in exposed:
            inner, _, protocol = port.partition("/")
            asked = (one.host["PortBindings"] or {}).get(port)
            if not asked:
                one.ports.append({"PrivatePort": int(inner), "Type": protocol or "tcp"})
            for binding in asked or ():
                outer = int(binding.get("HostPort") or 0) or self._free(protocol or "tcp")
                address = binding.get("HostIp") or "0.0.0.0"
                if self.taken.setdefault((protocol or "tcp", outer), one.id) != one.id:
                    raise Refusal(
                        500,
                        f"driver failed programming external connectivity on endpoint {one.name}: Bind for {address}:{outer} failed: "
                        "port is already allocated",
                    )
                addresses = [address] if binding.get("HostIp") else ["0.0.0.0", "::"]
                one.ports += [{"IP": ip, "PrivatePort": int(inner), "PublicPort": outer, "Type": protocol or "tcp"} for ip in addresses]

    def _free(self, protocol: str) -> int:
        while (protocol, self._port) in self.taken:
            self._port += 1
        return self._port

    def _volumes(self, one: Container) -> list[Json]:
        return [mount for mount in one.mounts if mount["Type"] == "volume"]

    # ---- the end ----------------------------------------------------------------------------------------------------

    def ended(self, one: Container, code: int, memory: bool) -> None:
        """Take in that a program has ended: say so, and start it again when its policy says that."""
        one.paused, one.pid, one.process = False, 0, None
        one.exit_code, one.oom, one.finished = code, memory, self.clock.nano()
        one.log.end()
        health.end(one)
        if memory:
            self.say(one, "oom")
        lived = (one.finished - one.started) / SECOND
        self.say(one, "die", exitCode=str(code), execDuration=str(int(lived)))
        self._leave(one)
        if self._again(one, code, lived):
            one.restarting = True
            one.restarts += 1
            one.timer = self.clock.after(one.backoff, lambda: self.restart_now(one))
        else:
            one.running = False
        one.settle()
        if (told := self.ends.get(one.id)) is not None:
            told(one)
        if not one.running and one.host["AutoRemove"]:
            asyncio.get_running_loop().call_soon(lambda: self._gone(one, True))

    def restart_now(self, one: Container) -> None:
        """Start a container again that waits for it."""
        one.timer = None
        try:
            self.start(one, again=True)
        except Refusal as error:
            one.running = one.restarting = False
            one.error = error.message

    def _again(self, one: Container, code: int, lived: float) -> bool:
        """Tell whether the policy starts it again, and count how long it waits (moby, restartmanager.ShouldRestart)."""
        one.backoff = FIRST if lived >= STEADY or not one.backoff else min(LAST, one.backoff * 2)
        rule = one.host["RestartPolicy"]
        match rule["Name"]:
            case "always" | "unless-stopped":
                return not one.told_to_stop
            case "on-failure":
                return code != 0 and not one.told_to_stop and (not rule["MaximumRetryCount"] or one.restarts < rule["MaximumRetryCount"])
            case _:
                return False

    def _leave(self, one: Container) -> None:
        for name in one.networks:
            self.networks.leave(one, self.networks.find(name))
        for mount in self._volumes(one) if one.started else ():
            self.events.emit("volume", "unmount", mount["Name"], {"container": one.id, "driver": "local"})
        self.taken = {key: ident for key, ident in self.taken.items() if ident != one.id}
        one.ports = [{"PrivatePort": int(port.partition("/")[0]), "Type": port.partition("/")[2]} for port in one.config["ExposedPorts"]]

    # ---- verbs ------------------------------------------------------------------------------------------------------

    async def stop(self, one: Container, grace: float | None = None, quiet: bool = False) -> None:
        """Stop a container: told to end, killed after its grace (seconds; negative = never). Raises Refusal 304 when it does not run."""
        if not one.running:
            raise Refusal(304, "")
        one.told_to_stop = True
        grace = one.grace if grace is None else grace
        if one.restarting:
            self._give_up(one)
        else:
            over = one.wait()
            self._signal(one, TERM)
            try:
                await asyncio.wait_for(asyncio.shield(over), None if grace < 0 else grace / self.clock.speed)
            except TimeoutError:
                self._signal(one, KILL)
                await over
        if not quiet:
            self.say(one, "stop")

    def _give_up(self, one: Container) -> None:
        if one.timer is not None:
            one.timer.cancel()
        one.running = one.restarting = False
        one.timer = None
        one.settle()

    def _signal(self, one: Container, number: int) -> None:
        self.say(one, "kill", signal=str(number))
        process = one.process
        if process is not None:
            process.signal(number)
            if one.paused and number in {TERM, KILL}:
                self.unpause(one)

    def kill(self, one: Container, number: int) -> None:
        """Send a signal; raises Refusal 409 when it does not run."""
        if not one.running or one.restarting:
            raise Refusal(409, f"cannot kill container: {one.name}: container {one.id} is not running")
        if number == KILL:
            one.told_to_stop = True
        self._signal(one, number)

    async def restart(self, one: Container, grace: float | None = None) -> None:
        """Stop a container if it runs, and start it."""
        if one.running:
            await self.stop(one, grace)
        self.start(one)
        self.say(one, "restart")

    def pause(self, one: Container) -> None:
        """Let its program stand still; raises Refusal 409."""
        if not one.alive or one.process is None:
            raise Refusal(409, f"Container {one.id} is not running" if not one.restarting else f"Container {one.id} is restarting")
        if one.paused:
            raise Refusal(409, f"Container {one.id} is already paused")
        one.paused, one.paused_at = True, self.clock.nano()
        one.process.freeze()
        self.say(one, "pause")

    def unpause(self, one: Container) -> None:
        """Let its program go on; raises Refusal 500."""
        if not one.paused or one.process is None:
            raise Refusal(500, f"Container {one.id} is not paused")
        one.paused = False
        one.rested += self.clock.nano() - one.paused_at
        self.say(one, "unpause")
        one.process.thaw()

    def rename(self, one: Container, name: str) -> None:
        """Give a container another name; raises Refusal 400, 409."""
        if not name:
            raise Refusal(400, "Neither old nor new names may be empty")
        try:
            name = checked(self, name)
        except Refusal as error:
            raise Refusal(error.status, f"Error when allocating new name: {error.message}") from None
        old, one.name = one.name, name
        self.say(one, "rename", oldName=f"/{old}")

    def update(self, one: Container, body: Json) -> None:
        """Change limits or the restart policy of a container; raises Refusal 400, 409."""
        if 0 < int(body.get("Memory") or 0) < 6 * 2**20:
            raise Refusal(400, "Minimum memory limit allowed is 6MB")
        if "RestartPolicy" in body:
            one.host["RestartPolicy"] = policy(body["RestartPolicy"])
        one.host |= {key: value for key, value in body.items() if key in one.host and key != "RestartPolicy"}
        self.say(one, "update")

    async def remove(self, one: Container, force: bool = False, volumes: bool = False) -> None:
        """Remove a container; raises Refusal 409 when it runs and `force` is not given."""
        if one.running and not force:
            how = "paused and must be unpaused first" if one.paused else (
                f"{one.state}: stop the container before removing or force remove"
            )  # fmt: skip
            raise Refusal(409, f'cannot remove container "/{one.name}": container is {how}')
        one.told_to_stop = True
        if one.restarting:
            self._give_up(one)
        elif one.running:
            over = one.wait()
            self._signal(one, KILL)
            await over
        self._gone(one, volumes)

    def _gone(self, one: Container, volumes: bool) -> None:
        if self.known.pop(one.id, None) is None:
            return
        one.still()
        self.ends.pop(one.id, None)
        for mount in self._volumes(one) if volumes else ():
            known = self.volumes.known.get(mount["Name"])
            if known is not None and ANONYMOUS in (known.labels or {}) and not self.volumes.using(known.name):
                self.volumes.remove(known.name)
        self.say(one, "destroy")
        one.settle(removal=True)

    def close(self) -> None:
        """Stand still, all of them, as when the engine is killed."""
        for one in self.known.values():
            one.still()
