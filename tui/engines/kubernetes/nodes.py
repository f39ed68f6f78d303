"""Verbs on nodes: cordon, and drain by the Eviction API, which asks every disruption budget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from tui.engines.kubernetes.answers import Busy
from tui.engines.kubernetes.clock import Clock
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.workloads import MANAGER, STRATEGIC, decode, read
from tui.facts import Conflict, Drained, EngineError, Fate, Missing, Ref, Sitting

AGAIN = 5.0  # seconds until a budget that said no is asked again, as kubectl does
LOOK = 1.0  # seconds between two looks at what is still there
AT_ONCE = 8  # evictions asked for at the same time
_MIRROR = "kubernetes.io/config.mirror"
_OVER = {"Succeeded", "Failed"}
PODS = "/api/v1/pods"


async def cordon(transport: Transport, path: str, ref: Ref, closed: bool) -> None:
    """Set or clear spec.unschedulable of exactly the node with `ref.uid`; raises Missing when another stands there."""
    await read(transport, path, ref)
    patch = {"metadata": {"uid": ref.uid}, "spec": {"unschedulable": True if closed else None}}
    await transport.write("cordon" if closed else "uncordon", ref, "PATCH", path, msgspec.json.encode(patch), STRATEGIC, MANAGER)


async def sitting(transport: Transport, ref: Ref) -> Sequence[Sitting]:
    """Return the pods of a node and what draining does to each, by kubectl's rules (kubectl drain, filters.go)."""
    body = decode(await transport.get(PODS, (("fieldSelector", f"spec.nodeName={ref.name}"),)))
    return [Sitting(_ref(ref, pod), _fate(pod)) for pod in body.get("items") or () if isinstance(pod, dict)]


def _ref(node: Ref, pod: Mapping[str, Any]) -> Ref:
    meta = pod.get("metadata") or {}
    return Ref(node.engine, "kubernetes/pods", str(meta.get("namespace", "")), str(meta.get("name", "")), str(meta.get("uid", "")))


def _fate(pod: Mapping[str, Any]) -> Fate:
    meta, spec, status = pod.get("metadata") or {}, pod.get("spec") or {}, pod.get("status") or {}
    owner = next((one for one in meta.get("ownerReferences") or () if one.get("controller")), None)
    if _MIRROR in (meta.get("annotations") or {}):
        return Fate.STAYS
    if status.get("phase") in _OVER:
        return Fate.MOVES
    if owner is None:
        return Fate.LOST
    if owner.get("kind") == "DaemonSet":
        return Fate.STAYS
    return Fate.EMPTIED if any("emptyDir" in volume for volume in spec.get("volumes") or ()) else Fate.MOVES


async def drain(transport: Transport, clock: Clock, path: str, ref: Ref, taken: frozenset[Fate]) -> AsyncIterator[Drained]:
    """Cordon a node and evict the pods whose fate is in `taken`; raises Conflict, before anything is sent, when others would be left.

    A pod whose budget says no is asked for again every 5 s, until it goes or the iteration ends; the node then stays cordoned.
    """
    found = await sitting(transport, ref)
    barred = [one for one in found if one.fate not in taken | {Fate.STAYS}]
    if barred:
        raise Conflict(f"{barred[0].ref} and {len(barred) - 1} more would be lost or lose data: say so first" if barred[1:] else
                       f"{barred[0].ref} would be lost or lose data: say so first")  # fmt: skip
    await cordon(transport, path, ref, True)
    leaving = {one.ref.uid: one.ref for one in found if one.fate in taken}
    waits: dict[str, str] = {}
    failed: dict[str, str] = {}
    limit = asyncio.Semaphore(AT_ONCE)
    asks = [asyncio.create_task(_evict(transport, clock, limit, pod, waits, failed)) for pod in leaving.values()]
    try:
        while True:
            there = {one.ref.uid for one in await sitting(transport, ref)} & leaving.keys()
            reasons = [f"{leaving[uid]}: {why}" for uid, why in sorted((waits | failed).items()) if uid in there]
            yield Drained(len(there), len(leaving), reasons)
            if not there - failed.keys() and all(ask.done() for ask in asks):
                break
            await clock.sleep(LOOK)
    finally:
        for ask in asks:
            ask.cancel()
        await asyncio.gather(*asks, return_exceptions=True)
    if failed:
        uid, why = next(iter(failed.items()))
        raise EngineError(f"{leaving[uid]} could not be moved: {why}" + (f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""))


async def _evict(
    transport: Transport, clock: Clock, limit: asyncio.Semaphore, pod: Ref, waits: dict[str, str], failed: dict[str, str]
) -> None:
    """Ask until the pod may go; each time is a write of its own, for the same uid."""
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod.name, "namespace": pod.namespace},
        "deleteOptions": {"preconditions": {"uid": pod.uid}},
    }
    path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction"
    while True:
        try:
            async with limit:
                await transport.write("evict", pod, "POST", path, msgspec.json.encode(body))
        except Busy as error:
            if error.code != 429:
                failed[pod.uid] = str(error)
                return
            waits[pod.uid] = str(error)
            await clock.sleep(max(AGAIN, error.after or 0.0))
        except (Missing, Conflict):
            return  # gone already, or a namesake that is not on this node's list
        except EngineError as error:
            failed[pod.uid] = str(error)
            return
        else:
            waits.pop(pod.uid, None)
            return
