"""The pods behind a workload or service: which they are now, which are ready, and all their logs as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from tui.engines.kubernetes import paths
from tui.engines.kubernetes.logs import pod_logs
from tui.engines.kubernetes.objects import KubeObject
from tui.engines.kubernetes.reflector import Reflector
from tui.engines.kubernetes.selectors import selector_of
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.workloads import read, word_of
from tui.facts import Delta, EngineError, Gone, Listed, LogLine, LogOptions, Put, Ref

MOST = 40  # pods whose logs are followed at once


class _Condition(msgspec.Struct, gc=False):
    type: str = ""
    status: str = ""


class _Started(msgspec.Struct, gc=False):
    restartCount: int = 0  # noqa: N815
    state: dict[str, Any] = {}


class _Status(msgspec.Struct, gc=False):
    phase: str = ""
    conditions: tuple[_Condition, ...] = ()
    containerStatuses: tuple[_Started, ...] = ()  # noqa: N815


class _Port(msgspec.Struct, gc=False):
    name: str = ""
    containerPort: int = 0  # noqa: N815


class _Container(msgspec.Struct, gc=False):
    ports: tuple[_Port, ...] = ()


class _Spec(msgspec.Struct, gc=False):
    containers: tuple[_Container, ...] = ()
    initContainers: tuple[_Container, ...] = ()  # noqa: N815


class PodSeen(KubeObject, gc=False):
    """A pod as logs and forwards need it: is it ready, has it begun, and how are its ports named."""

    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)

    @property
    def is_ready(self) -> bool:
        """Tell whether it serves: the Ready condition, as a Service has it, and not on its way out."""
        ready = any(item.type == "Ready" and item.status == "True" for item in self.status.conditions)
        return ready and self.metadata.deletionTimestamp is None

    @property
    def has_begun(self) -> bool:
        """Tell whether there may be a log."""
        return self.status.phase not in {"", "Pending"} or any(
            item.restartCount or not {"running", "terminated"}.isdisjoint(item.state) for item in self.status.containerStatuses
        )

    def port(self, name: str) -> int | None:
        """Return the number of a named container port."""
        containers = (*self.spec.containers, *self.spec.initContainers)
        return next((port.containerPort for container in containers for port in container.ports if port.name == name), None)


class _PodList(msgspec.Struct, gc=False):
    items: list[PodSeen] | None = None


_PODS = msgspec.json.Decoder(_PodList)


async def pods_of(transport: Transport, namespace: str, selector: str) -> list[PodSeen]:
    """Return the pods that a selector chooses now."""
    body = await transport.get(paths.collection("v1/pods", namespace), {"labelSelector": selector})
    try:
        return _PODS.decode(body).items or []
    except msgspec.DecodeError:
        return []


async def selector_for(transport: Transport, path: str, ref: Ref) -> str:
    """Return the label selector of a workload or service."""
    return selector_of(word_of(ref), await read(transport, path, ref))


async def workload_logs(transport: Transport, path: str, ref: Ref, options: LogOptions) -> AsyncGenerator[Sequence[LogLine], None]:
    """Yield the logs of all pods of a workload, `LogLine.source` being the pod's name; pods made later are followed too."""
    selector = await selector_for(transport, path, ref)
    crowd = _Crowd(transport, ref.namespace, options)
    keeper = asyncio.create_task(crowd.keep(selector), name=f"logs of {ref}")
    try:
        while (batch := await crowd.lines.get()) is not None:
            yield batch
    finally:
        await crowd.close(keeper)
    if crowd.error is not None:
        raise crowd.error


class _Crowd:
    """The tails of many pods, and the queue they all write to; it is short, so a slow reader slows them."""

    def __init__(self, transport: Transport, namespace: str, options: LogOptions) -> None:
        self.lines: asyncio.Queue[Sequence[LogLine] | None] = asyncio.Queue(64)
        self.error: EngineError | None = None
        self._transport = transport
        self._namespace = namespace
        self._options = options
        self._tails: dict[str, asyncio.Task[None]] = {}

    async def keep(self, selector: str) -> None:
        """Start a tail for each pod, now and, when following, later; ends with a None in the queue."""
        try:
            if self._options.follow:
                reflector = Reflector(
                    self._transport, paths.collection("v1/pods", self._namespace), PodSeen, self._see, narrow={"labelSelector": selector}
                )
                await reflector.run()
            for pod in await pods_of(self._transport, self._namespace, selector):
                self._begin(pod)
            await asyncio.gather(*self._tails.values())
        except EngineError as error:
            self.error = error
        await self.lines.put(None)

    def _see(self, delta: Delta) -> None:
        match delta:
            case Put(objects):
                for pod in objects:
                    if isinstance(pod, PodSeen):
                        self._begin(pod)
            case Gone() | Listed():
                self._tails = {uid: task for uid, task in self._tails.items() if not task.done()}

    def _begin(self, pod: PodSeen) -> None:
        task = self._tails.get(pod.uid)
        if task is None and pod.has_begun and len(self._tails) < MOST:
            self._tails[pod.uid] = asyncio.create_task(self._tail(pod), name=f"log of {pod.name}")

    async def _tail(self, pod: PodSeen) -> None:
        path = paths.item("v1/pods", self._namespace, pod.name)
        try:
            async for batch in pod_logs(self._transport, path, pod.uid, self._options, source=pod.name):
                await self.lines.put(batch)
        except EngineError as error:
            await self.lines.put([LogLine(str(error), "", "stderr", pod.name)])

    async def close(self, keeper: asyncio.Task[None]) -> None:
        """End every tail and wait until it has ended."""
        tasks = [keeper, *self._tails.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
