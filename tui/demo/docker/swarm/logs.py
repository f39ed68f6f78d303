"""Logs of a service: what its tasks wrote, on whichever node, merged by time and followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from tui.demo.docker.logbook import Entry, Logbook, Wanted, encoded
from tui.demo.docker.streams import MULTIPLEXED, RAW, wanted_of
from tui.demo.docker.swarm.cluster import Cluster
from tui.demo.docker.swarm.objects import Task
from tui.demo.docker.words import flag

Found = tuple[str, Entry]  # the details of its task, and the line


async def serve(request: web.Request, cluster: Cluster, belongs: Callable[[Task], bool]) -> web.StreamResponse:
    """Send the logs of some tasks: all that is there, then, if asked, what they and later ones go on to say."""
    wanted = wanted_of(request)
    details = flag(request.query.get("details"))
    tasks = [task for task in cluster.tasks.values() if belongs(task)]
    raw = any((task.template["ContainerSpec"] or {}).get("TTY") for task in tasks)
    answer = web.StreamResponse(headers={"Content-Type": RAW if raw else MULTIPLEXED})
    queue: asyncio.Queue[Found] = asyncio.Queue()
    pumps: set[asyncio.Task[None]] = set()

    def encode(found: Found) -> bytes:
        return encoded([found[1]], replace(wanted, details=found[0] if details else ""), raw)

    def follow(task: Task, anew: bool = True) -> None:
        if belongs(task):
            pump = asyncio.get_running_loop().create_task(_pump(cluster, task, wanted, queue, anew), name=f"log {task.name}")
            pumps.add(pump)
            pump.add_done_callback(pumps.discard)

    try:
        if wanted.follow:  # before anything is read, so that nothing falls between
            cluster.arrivals.append(follow)
        before = sorted(
            ((details_of(task), entry) for task in tasks if task.container is not None for entry in task.container.log.read(wanted)),
            key=lambda found: found[1].nano,
        )
        for task in tasks if wanted.follow else ():
            follow(task, task.container is None)
        await answer.prepare(request)
        await answer.write(b"".join(encode(found) for found in before))
        while wanted.follow:
            await answer.write(encode(await queue.get()))
    finally:
        if follow in cluster.arrivals:
            cluster.arrivals.remove(follow)
        for pump in pumps:
            pump.cancel()
    return answer


async def _pump(cluster: Cluster, task: Task, wanted: Wanted, queue: asyncio.Queue[Found], anew: bool) -> None:
    """Pass on what a task writes from now on; `anew`: from its beginning, as it was not there yet."""
    await cluster.until(lambda: task.container is not None or task.over)
    if task.container is None:
        return
    log: Logbook = task.container.log
    async for entries in log.batches(replace(wanted, tail=-1 if anew else 0), task.container.running or task.wanted):
        for entry in entries:
            queue.put_nowait((details_of(task), entry))


def details_of(task: Task) -> str:
    """Return what stands before each line with `details`: where it comes from."""
    node = task.node.id if task.node else ""
    return f"com.docker.swarm.node.id={node},com.docker.swarm.service.id={task.service.id},com.docker.swarm.task.id={task.id}"
