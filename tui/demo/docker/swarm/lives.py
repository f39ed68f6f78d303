"""Lives: how a task goes from new to running on its node, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.demo.clock import SECOND
from tui.demo.docker.container import Container
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.swarm.objects import RANK, Node, Task
from tui.demo.docker.words import Json, Refusal

if TYPE_CHECKING:
    from tui.demo.docker.swarm.cluster import Cluster

STEPS = {"assigned": 0.05, "accepted": 0.05, "preparing": 0.15, "ready": 0.1, "starting": 0.35}  # seconds each takes
MESSAGES = {"assigned": "scheduler assigned task to node", "accepted": "accepted", "preparing": "preparing", "ready": "prepared",
            "starting": "starting", "running": "started"}  # fmt: skip


class Lives:
    """Moves tasks on, by the clock. `changed`: told of every task that has another state."""

    def __init__(self, cluster: Cluster, changed: Callable[[Task], None]) -> None:
        self.cluster = cluster
        self.changed = changed
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stops: set[asyncio.Task[None]] = set()

    def put(self, task: Task, state: str, message: str = "", error: str = "", at: int = 0) -> None:
        """Give a task another state."""
        task.state, task.message, task.error = state, message or MESSAGES.get(state, state), error
        task.since = at or self.cluster.clock.nano()
        self.cluster.wrote(task)

    def assign(self, task: Task, node: Node) -> None:
        """Send a task to a node; there it goes on by itself."""
        task.node = node
        self.put(task, "assigned")
        self._on(task, "assigned")

    def _on(self, task: Task, state: str) -> None:
        self._timers[task.id] = self.cluster.clock.after(STEPS[state], lambda: self._go(task))

    def _go(self, task: Task) -> None:
        self._timers.pop(task.id, None)
        if task.over:
            return
        following = {"assigned": "accepted", "accepted": "preparing", "preparing": "ready", "ready": "starting", "starting": "running"}
        state = following[task.state]
        if RANK[state] > RANK[task.desired]:
            return  # it is ready, and waits until it may start
        try:
            if state == "ready":
                self._prepare(task)
            elif state == "running" and task.container is not None:
                daemon = self._daemon(task)
                daemon.containers.start(task.container)
                task.pid = task.container.pid
        except Refusal as error:
            self.put(task, "rejected" if state == "ready" else "failed", MESSAGES["preparing"], error.message)
            self.changed(task)
            return
        self.put(task, state)
        if state == "running":
            self.changed(task)
        else:
            self._on(task, state)

    def release(self, task: Task) -> None:
        """Let a task that was held at `ready` start."""
        task.desired = "running"
        self.cluster.wrote(task)
        if task.state == "ready" and task.id not in self._timers:
            self._go(task)

    @staticmethod
    def _daemon(task: Task) -> Daemon:
        assert task.node is not None
        return task.node.daemon

    def _prepare(self, task: Task) -> None:
        """Make the task's container on its node."""
        daemon = self._daemon(task)
        task.container = daemon.containers.create(task.name, body_of(self.cluster, task))
        task.container_id = task.container.id
        daemon.containers.ends[task.container.id] = lambda one: self._ended(task, one)

    def adopt(self, task: Task, container: Container) -> None:
        """Take a container that runs already for a task's."""
        task.container, task.container_id, task.pid = container, container.id, container.pid
        self._daemon(task).containers.ends[container.id] = lambda one: self._ended(task, one)

    def _ended(self, task: Task, one: Container) -> None:
        task.exit_code, task.pid = one.exit_code, 0
        if task.over:
            self.changed(task)
            return
        if not task.wanted:
            self.put(task, "shutdown", "shutdown")
        elif one.exit_code == 0:
            self.put(task, "complete", "finished")
        else:
            self.put(task, "failed", "started", f"task: non-zero exit ({one.exit_code})")
        self.changed(task)

    def stop(self, task: Task, desired: str) -> None:
        """Want a task no more: `shutdown`, or `remove` when it is to be forgotten too."""
        if RANK[task.desired] >= RANK[desired]:
            return
        task.desired = desired
        self.cluster.wrote(task)
        if (timer := self._timers.pop(task.id, None)) is not None:
            timer.cancel()
        container = task.container
        if task.over:
            self.changed(task)
        elif container is not None and container.running and task.node is not None and task.node.state == "ready":
            self.end(task, container)
        elif task.node is not None and task.node.state != "ready":
            self.changed(task)  # nobody can tell it
        else:
            self.put(task, "shutdown", "shutdown")
            self.changed(task)

    def end(self, task: Task, container: Container) -> None:
        """Tell a task's program to end."""
        stop = asyncio.get_running_loop().create_task(self._stop(task, container), name=f"stop {task.name}")
        self._stops.add(stop)
        stop.add_done_callback(self._stops.discard)

    async def _stop(self, task: Task, container: Container) -> None:
        grace = (task.template.get("ContainerSpec") or {}).get("StopGracePeriod")
        try:
            await self._daemon(task).containers.stop(container, grace / SECOND if grace else None)
        except Refusal:
            self._ended(task, container)

    async def forget(self, task: Task) -> None:
        """Remove a task's container."""
        if task.container is not None and task.node is not None:
            containers = task.node.daemon.containers
            containers.ends.pop(task.container.id, None)
            if task.container.id in containers.known:
                await containers.remove(task.container, force=True, volumes=True)

    def close(self) -> None:
        """Stop every timer."""
        for timer in self._timers.values():
            timer.cancel()
        for stop in self._stops:
            stop.cancel()


def body_of(cluster: Cluster, task: Task) -> Json:
    """Return the create request for a task's container."""
    spec = task.template["ContainerSpec"]
    assert task.node is not None
    labels = {
        "com.docker.swarm.node.id": task.node.id, "com.docker.swarm.service.id": task.service.id,
        "com.docker.swarm.service.name": task.service.name, "com.docker.swarm.task": "", "com.docker.swarm.task.id": task.id,
        "com.docker.swarm.task.name": task.name, **(spec.get("Labels") or {}),
    }  # fmt: skip
    here = task.node.daemon is cluster.daemon
    wanted = [asked["Target"] for asked in task.template.get("Networks") or ()] if here else []
    if here and task.service.ports:
        wanted.append("ingress")
    names = [cluster.daemon.networks.find(key).name for key in wanted]
    limits = (task.template.get("Resources") or {}).get("Limits") or {}
    host: Json = {"Mounts": spec.get("Mounts"), "Memory": limits.get("MemoryBytes", 0), "NanoCpus": limits.get("NanoCPUs", 0)}
    host["NetworkMode"] = names[0] if names else "bridge"
    body: Json = {"Image": spec["Image"].partition("@")[0], "Env": spec.get("Env"), "Labels": labels, "HostConfig": host}
    body |= {"Entrypoint": spec.get("Command"), "Cmd": spec.get("Args"), "Tty": spec.get("TTY"), "Hostname": spec.get("Hostname")}
    if spec.get("Healthcheck"):
        body["Healthcheck"] = spec["Healthcheck"]
    if spec.get("StopGracePeriod"):
        body["StopTimeout"] = max(1, spec["StopGracePeriod"] // SECOND)
    return body | {"NetworkingConfig": {"EndpointsConfig": {name: {} for name in names}}}
