"""The fleet: the engines in use, one a family; brings them up, and switches to another context or host."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from tui.engines.gate import Gate
from tui.engines.local import Directory, LocalEngine, Place
from tui.facts import Denied, EngineError, Expired, Missing, State
from tui.model import Engine

if TYPE_CHECKING:
    from tui.config import Config
    from tui.engines.docker.hosts import Hosts
    from tui.engines.kubernetes.kubeconfig import Kubeconfig

PROBE_DEADLINE = 5.0  # seconds a context or host has to answer


class Fleet(Struct):
    """The engines by family; `absent` says for a family without one what was tried and what to do.

    `changed` is called with a family whenever its engine comes, goes or learns more about itself.
    """

    gate: Gate
    environ: Mapping[str, str]
    home: Path
    host: str | None = None
    docker_context: str | None = None
    context: str | None = None
    kubeconfig: Path | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    changed: Callable[[str], None] = lambda _: None
    engines: dict[str, Engine] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # contexts and hosts known, by family
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        """Bring up every family, each on its own; none waits for another."""
        self.engines["local"] = LocalEngine(Directory(self._contexts, self.probe_context), Directory(self._hosts, self.probe_host))
        self.changed("local")
        await asyncio.gather(self._begin(self._start_docker, "docker", "swarm"), self._begin(self._start_kubernetes, "kubernetes"))

    async def _begin(self, start: Callable[[], Awaitable[None]], *families: str) -> None:
        try:
            await start()
        except Exception as error:  # the edge: a fault in bringing up one family must be said, and not take the other along
            for family in families:
                self._say_absent(family, f"{family} could not be brought up by a fault of the program: {type(error).__name__}: {error}")

    async def use(self, family: str, name: str) -> Engine:
        """Use another kube context ("kubernetes") or docker host ("docker") from now on; raises Missing, EngineError.

        The old engine is closed after the new one is made; a context that does not answer can be used, and left, too.
        """
        if family == "kubernetes":
            config = await asyncio.to_thread(self.read_kubeconfig)
            if name not in {entry.name for entry in config.contexts}:
                raise Missing(f"no kube context is called {name}; :ctx lists them")
            await self._replace("kubernetes", await asyncio.to_thread(self._kubernetes, config, name))
        else:
            hosts = await asyncio.to_thread(self.read_hosts)
            entry = next((entry for entry in hosts.entries if entry.name == name), None)
            if entry is None:
                raise Missing(f"no docker host is called {name}; :host lists them")
            await self._put_docker(entry)
        return self.engines[family]

    async def aim(self, *, host: str | None = None, kubeconfig: Path | None = None) -> None:
        """Look for Docker at another host, or for clusters in another file, from now on."""
        if host is not None:
            self.host = host
            await self._begin(self._start_docker, "docker", "swarm")
        if kubeconfig is not None:
            self.kubeconfig = kubeconfig
            await self._begin(self._start_kubernetes, "kubernetes")

    async def again(self) -> None:
        """Try now, and not when their pause is over, the engines that do not answer."""
        for family, start in (("docker", self._start_docker), ("kubernetes", self._start_kubernetes)):
            engine = self.engines.get(family)
            if engine is None or engine.health.state is not State.LIVE:
                await self._begin(start, *(("docker", "swarm") if family == "docker" else (family,)))

    async def close(self) -> None:
        """Close every engine."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(engine.close() for engine in self.engines.values()), return_exceptions=True)

    # ---- docker and swarm --------------------------------------------------------------------------------------------

    def read_hosts(self) -> Hosts:
        """Read which docker hosts there are."""
        from tui.engines.docker.hosts import load

        return load(self.environ, self.home, self.host, self.docker_context)

    async def _start_docker(self) -> None:
        try:
            hosts = await asyncio.to_thread(self.read_hosts)
            self.names["docker"] = tuple(entry.name for entry in hosts.entries)
            await self._put_docker(hosts.chosen)
        except EngineError as error:
            self._say_absent("docker", str(error))
            self._say_absent("swarm", str(error))

    async def _put_docker(self, entry: Any) -> None:
        from tui.engines.swarm.engine import SwarmEngine

        docker = await asyncio.to_thread(self._docker, entry)
        old = self.engines.get("docker"), self.engines.get("swarm")
        self._put(docker)
        self._put(SwarmEngine(docker))
        for engine in old[::-1]:
            if engine is not None:
                await engine.close()

    def _docker(self, entry: Any) -> Any:
        from tui.engines.docker.engine import DockerEngine

        return DockerEngine(entry, self.gate, self.now)

    def _hosts(self) -> Sequence[Place]:
        current = self.engines.get("docker")
        return [
            Place(
                entry.name, entry.url, origin=entry.source, current=current is not None and current.context == entry.name,
                state="broken" if entry.broken else "", reason=entry.broken,
            )
            for entry in self.read_hosts().entries
        ]  # fmt: skip

    async def probe_host(self, name: str) -> tuple[str, str]:
        """Return a docker host's state ("reachable", "unreachable", "expired"), and why it is not reachable."""
        hosts = await asyncio.to_thread(self.read_hosts)
        entry = next(entry for entry in hosts.entries if entry.name == name)
        return await _answers(lambda: self._docker(entry))

    # ---- kubernetes --------------------------------------------------------------------------------------------------

    def read_kubeconfig(self) -> Kubeconfig:
        """Read which kube contexts there are."""
        from tui.engines.kubernetes.kubeconfig import load

        return load(self.environ, self.home, self.kubeconfig)

    async def _start_kubernetes(self) -> None:
        try:
            config = await asyncio.to_thread(self.read_kubeconfig)
            self.names["kubernetes"] = tuple(entry.name for entry in config.contexts)
            name = self.context or config.current
            if not name or name not in {entry.name for entry in config.contexts}:
                self._say_absent("kubernetes", _no_context(config, name))
                return
            await self._replace("kubernetes", await asyncio.to_thread(self._kubernetes, config, name))
        except EngineError as error:
            self._say_absent("kubernetes", str(error))

    def _kubernetes(self, config: Kubeconfig, name: str) -> Engine:
        from tui.engines.kubernetes.engine import KubernetesEngine

        return KubernetesEngine(config, name, self.gate, self.now)

    def _contexts(self) -> Sequence[Place]:
        current = self.engines.get("kubernetes")
        return [
            Place(
                entry.name, entry.server, entry.cluster, entry.user, entry.namespace, str(entry.file),
                current is not None and current.context == entry.name, "broken" if entry.broken else "", entry.broken,
            )
            for entry in self.read_kubeconfig().contexts
        ]  # fmt: skip

    async def probe_context(self, name: str) -> tuple[str, str]:
        """Return a kube context's state ("reachable", "unreachable", "expired"), and why it is not reachable."""
        config = await asyncio.to_thread(self.read_kubeconfig)
        return await _answers(lambda: self._kubernetes(config, name))

    # ---- both --------------------------------------------------------------------------------------------------------

    def _put(self, engine: Engine) -> None:
        self.engines[engine.family] = engine
        self.absent.pop(engine.family, None)
        self.changed(engine.family)
        task = asyncio.create_task(self._connect(engine), name=f"connect {engine.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, engine: Engine) -> None:
        with contextlib.suppress(EngineError):  # the engine's health has the reason, and its watches try again
            await engine.connect()
        self.changed(engine.family)

    async def _replace(self, family: str, engine: Engine) -> None:
        old = self.engines.get(family)
        self._put(engine)
        if old is not None:
            await old.close()

    def _say_absent(self, family: str, reason: str) -> None:
        self.absent[family] = reason
        self.changed(family)


def fleet_of(config: Config, now: Callable[[], datetime]) -> Fleet:
    """Return the fleet that a configuration asks for; nothing is read or asked yet."""
    gate = Gate(config.read_only, config.audit_file, now)
    return Fleet(gate, config.environ, config.home, config.host, config.docker_context, config.context, config.kubeconfig, now)


async def _answers(make: Callable[[], Any]) -> tuple[str, str]:
    """Return whether an engine made just for this answers in time, and if not, why."""
    engine: Engine | None = None
    try:
        engine = await asyncio.to_thread(make)
        assert engine is not None
        await asyncio.wait_for(engine.connect(), PROBE_DEADLINE)
    except TimeoutError:
        return "unreachable", f"no answer in {PROBE_DEADLINE:.0f} s"
    except Expired as error:
        return "expired", str(error)
    except Denied:
        return "reachable", ""  # it answers; what it lets one do is another question
    except EngineError as error:
        return "unreachable", str(error)
    finally:
        if engine is not None:
            await engine.close()
    return "reachable", ""


def _no_context(config: Kubeconfig, name: str) -> str:
    lines = []
    if name:
        lines.append(f"No context is called {name}.")
    elif config.contexts:
        lines.append("The kubeconfig names no current context.")
    else:
        lines.append("No kube context was found: looked at $KUBECONFIG and ~/.kube/config.")
    lines += config.problems
    lines.append("Choose one with :ctx, or name a file with --kubeconfig." if config.contexts else "Name a file with --kubeconfig.")
    return "\n".join(lines)
