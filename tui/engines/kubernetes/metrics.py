"""Metrics: what pods, their containers and nodes use, as the cluster's metrics API tells it, if there is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

import msgspec

from tui.engines.kubernetes.rows import pod_of
from tui.engines.kubernetes.transport import Transport
from tui.engines.past import Past
from tui.facts import Figures, Missing, Ref, Unsupported
from tui.values import quantity

API = "/apis/metrics.k8s.io/v1beta1"
EVERY = 15.0  # seconds: the metrics server itself measures no more often


class _Used(msgspec.Struct):
    cpu: str = "0"
    memory: str = "0"


class _Container(msgspec.Struct):
    name: str = ""
    usage: _Used = msgspec.field(default_factory=_Used)


class Metrics(msgspec.Struct):
    """PodMetrics or NodeMetrics: a node has `usage`, a pod `containers`."""

    timestamp: datetime | None = None
    usage: _Used | None = None
    containers: tuple[_Container, ...] = ()


def path_of(ref: Ref) -> tuple[str, str]:
    """Return where an object's metrics are, and which container of it is meant ("" = all); raises Unsupported."""
    match ref.kind:
        case "kubernetes/nodes":
            return f"{API}/nodes/{ref.name}", ""
        case "kubernetes/pods":
            return f"{API}/namespaces/{ref.namespace}/pods/{ref.name}", ""
        case "kubernetes/containers":
            pod, container = pod_of(ref)
            return f"{API}/namespaces/{pod.namespace}/pods/{pod.name}", container
        case _:
            raise Unsupported(f"{ref.kind.rpartition('/')[2]} are not measured")


def figures_of(body: bytes, container: str, now: datetime) -> Figures:
    """Return what one answer tells; raises Missing when the container is not in it."""
    try:
        found = msgspec.json.decode(body, type=Metrics)
        used = [found.usage] if found.usage else [one.usage for one in found.containers if container in {"", one.name}]
        if not used:
            raise Missing("it is not measured yet")
        cpu, memory = sum(quantity(one.cpu) for one in used), sum(quantity(one.memory) for one in used)
    except (msgspec.DecodeError, ValueError) as error:
        raise Missing(f"the metrics API answered what cannot be read: {error}") from error
    return Figures((found.timestamp or now).astimezone(UTC), cpu * 100, round(memory))


async def follow(
    transport: Transport, past: Past, ref: Ref, now: Callable[[], datetime], every: float = EVERY
) -> AsyncIterator[Sequence[Figures]]:
    """Yield what an object used in the last minutes, and again after each poll; polls while somebody iterates.

    Raises Unsupported where the cluster has no metrics API, Denied where it may not be read.
    """
    path, container = path_of(ref)
    if past.of(ref.uid):
        yield past.of(ref.uid)
    while True:
        try:
            past.add(ref.uid, figures_of(await transport.get(path), container, now()))
        except Missing:
            await _make_sure(transport)  # what has just begun is measured a little later
        yield past.of(ref.uid)
        await asyncio.sleep(every)


async def _make_sure(transport: Transport) -> None:
    try:
        await transport.get(API)
    except Missing as error:
        raise Unsupported("this cluster does not measure: metrics.k8s.io is not there; metrics-server would serve it") from error
