"""Verbs on workloads: scale, restart, delete; each bound to the uid and the state that a person saw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tui.engines.kubernetes.transport import Transport
from tui.facts import Conflict, Missing, Ref, Unreachable, Unsupported

MANAGER = (("fieldManager", "pilothouse"),)
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
ROLLABLE = {"deployments", "statefulsets", "daemonsets"}


def word_of(ref: Ref) -> str:
    """Return the resource word of a reference: "pods" for "kubernetes/pods"."""
    return ref.kind.partition("/")[2]


async def read(transport: Transport, path: str, ref: Ref) -> dict[str, Any]:
    """Return the object as the API has it; raises Missing when it is gone or a namesake with another uid stands there."""
    body = decode(await transport.get(path))
    uid = (body.get("metadata") or {}).get("uid", "")
    if ref.uid and uid != ref.uid:
        raise Missing(f"{ref} is gone; another of that name was made since")
    return body


def decode(data: bytes) -> dict[str, Any]:
    """Return a JSON object; raises Unreachable when it is none."""
    try:
        body = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreachable(f"the server's answer cannot be read ({error})") from error
    if not isinstance(body, dict):
        raise Unreachable("the server's answer is not an object")
    return body


async def scale(transport: Transport, path: str, ref: Ref, replicas: int, was: int) -> None:
    """Set spec.replicas by the scale subresource, if it still is `was` on the same object; raises Conflict.

    When only something else about the object has moved (its status, every second of a rollout), it looks and tries
    again, three times: a 409 means that nothing was done.
    """
    for chance in (2, 1, 0):
        body = decode(await transport.get(f"{path}/scale"))
        meta, spec = body.get("metadata") or {}, body.get("spec") or {}
        if ref.uid and meta.get("uid") != ref.uid:
            raise Conflict(f"{ref} was replaced by another of that name")
        now = spec.get("replicas", 0)
        if now != was:
            raise Conflict(f"{ref} has {now} replicas now, no longer {was}")
        body["spec"] = {**spec, "replicas": replicas}
        try:
            await transport.write("scale", ref, "PUT", f"{path}/scale", msgspec.json.encode(body), params=MANAGER)
            return
        except Conflict:
            if not chance:
                raise


async def restart(transport: Transport, path: str, ref: Ref, now: datetime) -> None:
    """Roll all pods of a workload anew, as `kubectl rollout restart` does; raises Conflict when it is paused or replaced."""
    word = word_of(ref)
    if word not in ROLLABLE:
        raise Unsupported(f"{word} cannot be restarted; delete a pod and its controller makes a new one")
    body = await read(transport, path, ref)
    refuse_paused(body, ref, "restarted")
    stamp = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    patch = {
        "metadata": {"uid": ref.uid},  # a namesake made since answers with a conflict
        "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": stamp}}}},
    }
    await transport.write("restart", ref, "PATCH", path, msgspec.json.encode(patch), STRATEGIC, MANAGER)


def refuse_paused(body: Mapping[str, Any], ref: Ref, done: str) -> None:
    """Raise Conflict for a paused deployment: what is done to it would not happen now, but at some later time."""
    if (body.get("spec") or {}).get("paused"):
        raise Conflict(f"{ref} is paused and cannot be {done}; resume it first")


async def remove(transport: Transport, path: str, ref: Ref, *, force: bool, propagation: str) -> None:
    """Delete exactly the object with `ref.uid`; `force`: with no grace period. Raises Conflict, Missing."""
    options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
    if ref.uid:
        options["preconditions"] = {"uid": ref.uid}
    if force:
        options["gracePeriodSeconds"] = 0
    await transport.write("delete", ref, "DELETE", path, msgspec.json.encode(options))
