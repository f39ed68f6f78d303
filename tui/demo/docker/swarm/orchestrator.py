"""Orchestrator: makes what is come true of what is wanted: slots filled, nodes emptied, failed tasks made anew."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING

from tui.demo.clock import SECOND
from tui.demo.docker.swarm.lives import Lives
from tui.demo.docker.swarm.objects import Node, Service, Task
from tui.demo.docker.swarm.placing import allowed, place
from tui.demo.docker.swarm.updater import Updater

if TYPE_CHECKING:
    from tui.demo.docker.swarm.cluster import Cluster

KEPT = 5  # ended tasks of a slot that are remembered
DELAY = 5.0  # seconds before a task is made anew, where the service does not say


class Orchestrator:
    """One cluster's hands."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.lives = Lives(cluster, self.changed)
        self._updates: dict[str, asyncio.Task[None]] = {}
        self._delays: dict[str, asyncio.TimerHandle] = {}
        self._forgetting: set[asyncio.Task[None]] = set()

    # ---- slots ------------------------------------------------------------------------------------------------------

    def reconcile(self, service: Service) -> None:
        """Give a service as many tasks as it should have, and no more."""
        wanted = {self._key(task): task for task in self.cluster.tasks_of(service) if task.wanted}
        if service.replicas is None:
            nodes = [node for node in self.cluster.nodes.values() if node.takes and allowed(node, service.template)]
            for node in nodes:
                if node.id not in wanted:
                    self.make(service, 0, node)
        else:
            # those that run are kept before others, low slots before high ones
            for key in sorted(wanted, key=lambda key: (wanted[key].state != "running", wanted[key].slot))[service.replicas :]:
                self.lives.stop(wanted.pop(key), "remove")
            slots = (number for number in range(1, 10_000) if number not in wanted)
            for _ in range(service.replicas - len(wanted)):
                self.make(service, next(slots))
        for task in self.cluster.tasks_of(service):
            if task.state == "pending" and task.wanted:
                self.schedule(task)

    @staticmethod
    def _key(task: Task) -> int | str:
        return task.slot or (task.node.id if task.node else "")

    def make(self, service: Service, slot: int, node: Node | None = None, desired: str = "running") -> Task:
        """Make a task for a slot or, in a global service, for a node."""
        cluster = self.cluster
        task = Task(*cluster.fresh(), service=service, template=copy.deepcopy(service.template), slot=slot, node=node, desired=desired)
        cluster.tasks[task.id] = task
        self.lives.put(task, "pending", "pending task scheduling")
        self._trim(service, slot, node)
        for told in list(cluster.arrivals):
            told(task)
        if node is not None:
            self.lives.assign(task, node)
        else:
            self.schedule(task)
        return task

    def schedule(self, task: Task) -> None:
        """Send a task to a node, or note why there is none for it."""
        found = place(task, self.cluster.nodes.values(), list(self.cluster.tasks.values()))
        if isinstance(found, Node):
            self.lives.assign(task, found)
        elif task.error != found:
            self.lives.put(task, "pending", "pending task scheduling", found)

    def _trim(self, service: Service, slot: int, node: Node | None) -> None:
        """Forget all but the last five ended tasks of a slot."""
        same = [one for one in self.cluster.tasks_of(service) if one.slot == slot and (slot or one.node is node)]
        over = [one for one in same if one.over and not one.wanted]
        for task in over[: max(0, len(over) - KEPT + 1)]:
            self.forget(task)

    def forget(self, task: Task) -> None:
        """Let a task be no more, with its container."""
        self.cluster.tasks.pop(task.id, None)
        work = asyncio.get_running_loop().create_task(self.lives.forget(task), name=f"forget {task.name}")
        self._forgetting.add(work)
        work.add_done_callback(self._forgetting.discard)
        self.cluster.look()

    # ---- what happens -----------------------------------------------------------------------------------------------

    def changed(self, task: Task) -> None:
        """Take in that a task runs, or has ended."""
        if task.over or (task.node is not None and task.node.state != "ready"):
            if task.desired == "remove":
                self.forget(task)
            elif task.wanted:
                self._again(task)
        self.cluster.look()

    def _again(self, task: Task) -> None:
        """Make a task anew in its slot, as the service's restart policy says (swarmkit, orchestrator/restart)."""
        self.lives.stop(task, "shutdown")
        service = task.service
        policy = task.template.get("RestartPolicy") or {}
        condition = policy.get("Condition") or "any"
        if service.id not in self.cluster.services or condition == "none" or (condition == "on-failure" and task.state == "complete"):
            return
        tries = [one for one in self.cluster.tasks_of(service) if one.slot == task.slot and one.template == task.template and one.over]
        most = policy.get("MaxAttempts") or 0
        if most and len(tries) > most:
            return
        if service.replicas is None and task.node is not None and not task.node.takes:
            return
        delay = policy["Delay"] / SECOND if "Delay" in policy else DELAY
        fresh = self.make(service, task.slot, task.node if service.replicas is None else None, desired="ready")
        self._delays[fresh.id] = self.cluster.clock.after(delay, lambda: self._release(fresh))

    def _release(self, task: Task) -> None:
        self._delays.pop(task.id, None)
        if task.desired == "ready":
            self.lives.release(task)

    def node_back(self, node: Node) -> None:
        """Stop what went on running on a node while nobody heard of it, and give it tasks again."""
        for task in list(self.cluster.tasks.values()):
            if task.node is node and not task.wanted and task.container is not None and task.container.running:
                self.lives.end(task, task.container)
        self.node_changed(node)

    def node_changed(self, node: Node) -> None:
        """Take tasks off a node that may have none any more, and give tasks to one that may again."""
        if node.availability == "drain" or node.state != "ready":
            for task in list(self.cluster.tasks.values()):
                if task.node is node and task.wanted:
                    self._evict(task)
        for service in list(self.cluster.services.values()):
            self.reconcile(service)

    def _evict(self, task: Task) -> None:
        self.lives.stop(task, "shutdown")
        if task.node is not None and task.node.state != "ready":
            self.lives.put(task, task.state, task.message, task.error)

    def node_gone(self, node: Node) -> None:
        """Forget what was on a node that is no more."""
        for task in list(self.cluster.tasks.values()):
            if task.node is node:
                self.lives.put(task, "orphaned", "orphaned", "")
                task.desired = "remove"
                self.forget(task)
        for service in list(self.cluster.services.values()):
            self.reconcile(service)

    # ---- services ---------------------------------------------------------------------------------------------------

    def update(self, service: Service) -> None:
        """Bring a service's tasks to its specification, a few at a time."""
        running = self._updates.pop(service.id, None)
        if running is not None:
            running.cancel()
        self.reconcile(service)
        work = asyncio.get_running_loop().create_task(Updater(self, service).run(), name=f"update {service.name}")
        self._updates[service.id] = work

    def removed(self, service: Service) -> None:
        """Let go of a service's tasks."""
        running = self._updates.pop(service.id, None)
        if running is not None:
            running.cancel()
        for task in self.cluster.tasks_of(service):
            self.lives.stop(task, "remove")

    def close(self) -> None:
        """Stop every timer and every update."""
        self.lives.close()
        for timer in self._delays.values():
            timer.cancel()
        for work in (*self._updates.values(), *self._forgetting):
            work.cancel()
