"""Updater: a rolling update: so many slots at a time, watched for failures, paused or rolled back by its policy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.demo.clock import SECOND
from tui.demo.docker.swarm.objects import Service, Task
from tui.demo.docker.words import Json, stamp

if TYPE_CHECKING:
    from tui.demo.docker.swarm.orchestrator import Orchestrator

MONITOR = 5 * SECOND  # nanoseconds a new task is watched, where the service does not say
SETTLE = 0.3  # seconds until the next slot, as states are told a little late
GOING = frozenset({"updating", "rollback_started"})
STOPPED = frozenset({"paused", "rollback_paused"})


class Updater:
    """One update of one service (swarmkit, orchestrator/update)."""

    def __init__(self, orchestrator: Orchestrator, service: Service) -> None:
        self.orchestrator = orchestrator
        self.cluster = orchestrator.cluster
        self.service = service
        self._made: dict[str, int] = {}  # task: since when it runs, nanoseconds; 0 = not yet
        self._failed: set[str] = set()
        self._dirty = 0

    @property
    def config(self) -> Json:
        """Return the policy that holds: of updates, or of rollbacks."""
        back = (self.service.updating or {}).get("State") == "rollback_started"
        found: Json = self.service.spec.get("RollbackConfig" if back else "UpdateConfig") or {}
        return found

    async def run(self) -> None:
        """Update until done, paused, rolled back or cancelled."""
        service = self.service
        if (service.updating or {}).get("State") in STOPPED:
            return
        dirty = [task for task in self.cluster.tasks_of(service) if task.wanted and task.template != service.template]
        if not dirty:
            if (service.updating or {}).get("State") in GOING:
                self._complete()
            return
        if service.updating is None:
            self.say({"State": "updating", "StartedAt": stamp(self.cluster.clock.nano()), "Message": "update in progress"})
        self._dirty = len(dirty)
        config = self.config
        workers = min(int(config.get("Parallelism", 1)) or len(dirty), len(dirty))
        queue = list(dirty)
        watch = asyncio.create_task(self._watch(config), name=f"watch {service.name}")
        roll = asyncio.create_task(self._all(queue, config, workers), name=f"roll {service.name}")
        try:
            await asyncio.wait([watch, roll], return_when=asyncio.FIRST_COMPLETED)
            if not watch.done():
                monitor, delay = config.get("Monitor") or MONITOR, config.get("Delay") or 0
                await asyncio.wait(
                    [watch], timeout=max(monitor, delay + SECOND if delay >= monitor else 0) / SECOND / self.cluster.clock.speed
                )
        finally:
            roll.cancel()
            watch.cancel()
            await asyncio.gather(roll, return_exceptions=True)
        if watch.done() and not watch.cancelled():
            self._act(watch.result(), config)
        else:
            self._complete()

    async def _all(self, queue: list[Task], config: Json, workers: int) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(queue, config))

    async def _work(self, queue: list[Task], config: Json) -> None:
        while queue:
            await self._replace(queue.pop(0), config.get("Order") or "stop-first")
            if queue and config.get("Delay"):
                await self.cluster.clock.sleep(config["Delay"] / SECOND)

    async def _replace(self, old: Task, order: str) -> None:
        lives = self.orchestrator.lives
        if order == "stop-first":
            lives.stop(old, "shutdown")
            await self.cluster.until(lambda: old.over or old.id not in self.cluster.tasks)
        global_node = old.node if self.service.replicas is None else None
        if self.service.id not in self.cluster.services:
            return
        fresh = self.orchestrator.make(self.service, old.slot, global_node)
        self._made[fresh.id] = 0
        await self.cluster.until(lambda: fresh.state == "running" or fresh.over)
        self._made[fresh.id] = self.cluster.clock.nano()
        await self.cluster.clock.sleep(SETTLE)
        if order == "start-first":
            lives.stop(old, "shutdown")

    async def _watch(self, config: Json) -> str:
        """Return the id of the task whose failure is one too many."""
        monitor = config.get("Monitor") or MONITOR

        def worst() -> str:
            for ident, since in self._made.items():
                task = self.cluster.tasks.get(ident)
                if task is None or ident in self._failed or task.state not in {"failed", "rejected", "complete"}:
                    continue
                if not since or task.since - since <= monitor:
                    self._failed.add(ident)
                    if len(self._failed) / self._dirty > float(config.get("MaxFailureRatio") or 0):
                        return ident
            return ""

        found = ""

        def failed() -> bool:
            nonlocal found
            found = found or ("" if config.get("FailureAction") == "continue" else worst())
            return bool(found)

        await self.cluster.until(failed)
        return found

    def _act(self, ident: str, config: Json) -> None:
        back = (self.service.updating or {}).get("State") == "rollback_started"
        if config.get("FailureAction") != "rollback" or back:
            word = "rollback" if back else "update"
            message = f"{word} paused due to failure or early termination of task {ident}"
            self.say({**(self.service.updating or {}), "State": "rollback_paused" if back else "paused", "Message": message})
            return
        message = f"update rolled back due to failure or early termination of task {ident}"
        service = self.service
        if service.previous is not None:
            service.spec, service.previous = service.previous, None
            self.say({**(service.updating or {}), "State": "rollback_started", "Message": message})
            asyncio.get_running_loop().call_soon(self.orchestrator.update, service)

    def _complete(self) -> None:
        before = self.service.updating
        if before is None:
            return
        back = before["State"] == "rollback_started"
        self.say(
            {**before, "State": "rollback_completed" if back else "completed", "CompletedAt": stamp(self.cluster.clock.nano()),
             "Message": "rollback completed" if back else "update completed"}
        )  # fmt: skip

    def say(self, state: Json) -> None:
        """Write how the update does, which is a change of the service."""
        before, self.service.updating = self.service.updating, state
        self.cluster.wrote(self.service)
        more = {"updatestate.new": state["State"]} | ({"updatestate.old": before["State"]} if before else {})
        self.cluster.say("service", "update", self.service.id, self.service.name, **more)
