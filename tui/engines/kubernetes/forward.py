"""Port-forwards that belong to a workload, not to a pod: the listener stays, and every connection finds a ready pod of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tui.engines.kubernetes import paths
from tui.engines.kubernetes.backing import Backing, backing_of
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.pods import PodSeen
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.tunnel import Refused, run_tunnel
from tui.engines.kubernetes.workloads import word_of
from tui.facts import Delta, EngineError, Gone, Health, Listed, Put, Ref, State

TRIES = 3  # other pods that are tried when the first does not answer
VERB = "forward"


@dataclass(eq=False)
class Forward:
    """One forward: a local listener and whatever pods stand behind it. Read its fields; `close` ends it.

    `state`: "listening", "no ready pod", "degraded" (the last connection failed, or the pods are not seen live) or
    "stopped". `pod`: the one that served last. `bytes_in`: from the pod; `bytes_out`: to it. `live`, `total`: connections.
    """

    ref: Ref
    kind: str  # "deployments", "pods", ...
    address: str
    local_port: int
    remote_port: int | str
    context: str = ""
    state: str = "listening"
    pod: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    live: int = 0
    total: int = 0
    error: str = ""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    changed: Callable[[Forward], None] = field(default=lambda _: None, repr=False)
    _transport: Transport | None = field(default=None, repr=False)
    _backing: Backing | None = field(default=None, repr=False)
    _server: asyncio.Server | None = field(default=None, repr=False)
    _watch: asyncio.Task[None] | None = field(default=None, repr=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)
    _pods: dict[str, PodSeen] = field(default_factory=dict, repr=False)
    _listed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _lost: str = field(default="", repr=False)  # why the pods are not seen live

    async def close(self) -> None:
        """End the listener, every connection and the watch; returns when all are gone."""
        if self.state == "stopped":
            return
        self.state = "stopped"
        if self._server is not None:
            self._server.close()
        tasks = [*self._tasks, *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._transport is not None:
            await self._transport.close()
        self.changed(self)

    # ---- pods -------------------------------------------------------------------------------------------------------

    def _see(self, delta: Delta) -> None:
        match delta:
            case Put(objects):
                self._pods.update((pod.uid, pod) for pod in objects if isinstance(pod, PodSeen))
            case Gone(uids):
                for uid in uids:
                    self._pods.pop(uid, None)
            case Listed(uids):
                self._pods = {uid: pod for uid, pod in self._pods.items() if uid in uids}
                self._listed.set()
            case Health(state, reason):
                self._lost = "" if state in {State.LIVE, State.CONNECTING} else reason
                if self._lost:
                    self._listed.set()  # nobody waits for a list that does not come
        self._judge()

    def _judge(self) -> None:
        if self.state == "stopped":
            return
        before = self.state
        if self._listed.is_set() and not self._ready():
            self.state = "degraded" if self._lost else "no ready pod"
        else:
            self.state = "degraded" if self._lost or self.error else "listening"
        if self.state != before:
            self.changed(self)

    def _ready(self) -> list[PodSeen]:
        """Return the ready pods: the one asked for first, then the one that served last, then the youngest."""
        backing = self._backing
        assert backing is not None
        ready = [pod for pod in self._pods.values() if pod.is_ready and backing.takes(pod)]
        return sorted(ready, key=lambda pod: (pod.uid != self.ref.uid, pod.name != self.pod, pod.name))

    # ---- connections ------------------------------------------------------------------------------------------------

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name=f"forward {self.ref}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection; whatever happens to it, the forward goes on."""
        self.live += 1
        self.total += 1
        self.changed(self)
        try:
            await self._carry(reader, writer)
            self.error = ""
        except (EngineError, OSError) as error:
            self.error = str(error)
        finally:
            self.live -= 1
            writer.close()
            if self.state != "stopped":
                self._judge()
                self.changed(self)
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._transport is not None
        assert self._backing is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._listed.wait()
        ready = self._ready()
        if not ready:
            raise EngineError(self._lost or f"no pod of {self.ref} is ready")
        fault: Exception | None = None
        for pod in ready[: TRIES + 1]:
            try:
                port = self._backing.port(self.remote_port, pod)
                path = paths.item("v1/pods", pod.namespace, pod.name, "portforward")
                async with self._transport.websocket(
                    VERB, self.ref, path, {"ports": str(port)}, ("v4.channel.k8s.io",), recorded=False
                ) as socket:
                    self.pod = pod.name
                    await run_tunnel(socket, port, reader, writer, self._count)
                    return
            except Refused:
                raise  # the pod answered, and said no: another pod would not be what was asked for
            except EngineError as error:
                fault = error
        raise fault or EngineError("no pod answered")

    def _count(self, inward: int, outward: int) -> None:
        self.bytes_in += inward
        self.bytes_out += outward


async def open_forward(
    engine: KubernetesEngine,
    ref: Ref,
    remote_port: int | str,
    *,
    local_port: int = 0,
    address: str = "127.0.0.1",
    changed: Callable[[Forward], None] = lambda _: None,
) -> Forward:
    """Listen on a local port (0 = a free one) and forward it to the ready pods of a pod, workload or service.

    `remote_port`: a number or a name; for a service, one of its ports, else the pods'. It outlives the engine it was
    opened with. Raises Denied in read-only mode, Missing, Unsupported, and EngineError when the local port is taken.
    """
    word = word_of(ref)
    forward = Forward(ref, word, address, local_port, remote_port, engine.context, changed=changed)
    path = paths.item("v1/pods", ref.namespace, ref.name, "portforward") if word == "pods" else engine.path(ref) + " portforward"
    transport = Transport(engine.transport.access, engine.gate, context=engine.context)
    transport.user = engine.transport.user
    gate = engine.gate.write(VERB, ref, "GET", path, context=engine.context, server=transport.access.server, user=transport.user)
    try:
        async with gate as entry:
            forward._transport = transport
            forward._backing = await backing_of(transport, engine.path(ref), ref)
            forward._server = await _listen(forward, address, local_port)
            forward.local_port = forward._server.sockets[0].getsockname()[1]
            entry.note = f"{address}:{forward.local_port} -> {remote_port}"
    except BaseException:
        await forward.close()
        raise
    forward._watch = asyncio.create_task(forward._backing.watch(transport, forward._see), name=f"pods of {ref}")
    changed(forward)
    return forward


async def _listen(forward: Forward, address: str, port: int) -> asyncio.Server:
    try:
        return await asyncio.start_server(forward._accept, address, port, limit=256 << 10)
    except OSError as error:
        raise EngineError(f"cannot listen on {address}:{port} ({error.strerror or error}); choose another local port") from error
