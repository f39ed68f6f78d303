"""What a Deployment's status says: its counts, and whether it is available, goes on or is stuck."""

from __future__ import annotations

from collections.abc import Sequence

from tui.demo.kubernetes.controllers.rollout import counted, is_complete, replicas, room
from tui.demo.kubernetes.objects import Json, condition, moment, name_of, stamp, with_condition

COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")


def status_of(item: Json, sets: Sequence[Json], new: Json | None, now: float) -> tuple[Json, float | None]:
    """Return the status of a deployment, and the seconds until it must be looked at again, if it must."""
    newest = [new] if new is not None else []
    available, total = counted(sets, "availableReplicas"), counted(sets, "replicas")
    wanted_in_all = sum(replicas(one) for one in sets)
    numbers = {
        "replicas": total,
        "updatedReplicas": counted(newest, "replicas"),
        "readyReplicas": counted(sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, wanted_in_all - available),
    }
    status: Json = {"observedGeneration": item["metadata"].get("generation", 1)}
    status |= {key: numbers[key] for key in COUNTS if numbers[key]}
    said, again = _progress(item, numbers, new, now)
    had = item["status"].get("conditions") or []
    conditions = with_condition(had, _available(item, available), now)
    if said:
        moved = any(numbers[key] != item["status"].get(key, 0) for key in ("updatedReplicas", "readyReplicas", "availableReplicas"))
        conditions = with_condition(conditions, said, now)
        if moved and said["reason"] == "ReplicaSetUpdated":  # every step forward begins the deadline anew
            conditions = [{**one, "lastUpdateTime": stamp(now)} if one["type"] == "Progressing" else one for one in conditions]
    return {**status, "conditions": conditions}, again


def _available(item: Json, available: int) -> Json:
    if available >= replicas(item) - room(item)[1]:
        reason, message = "MinimumReplicasAvailable", "Deployment has minimum availability."
        return {"type": "Available", "status": "True", "reason": reason, "message": message}
    reason, message = "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
    return {"type": "Available", "status": "False", "reason": reason, "message": message}


def _progress(item: Json, numbers: Json, new: Json | None, now: float) -> tuple[Json, float | None]:
    def said(status: str, reason: str, message: str) -> Json:
        return {"type": "Progressing", "status": status, "reason": reason, "message": message}

    had = condition(item, "Progressing")
    if item["spec"].get("paused"):
        return said("Unknown", "DeploymentPaused", "Deployment is paused"), None
    if new is None:
        return {}, None
    name = name_of(new)
    if is_complete(item, numbers):
        return said("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.'), None
    deadline = item["spec"].get("progressDeadlineSeconds", 600)
    updating = said("True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
    moved = any(numbers[key] > item["status"].get(key, 0) for key in ("updatedReplicas", "readyReplicas", "availableReplicas"))
    if had is None or moved or f'"{name}"' not in had.get("message", "") or had["reason"] in {"NewReplicaSetAvailable", "DeploymentPaused"}:
        if had is None:
            return said("True", "NewReplicaSetCreated", f'Created new replica set "{name}"'), deadline
        if had["reason"] == "NewReplicaSetAvailable" and f'"{name}"' in had["message"]:
            return had, None  # it was there already: pods that are lost later are no rollout
        return updating, deadline
    if had["reason"] == "ProgressDeadlineExceeded":
        return had, None
    left = moment(had["lastUpdateTime"]) + deadline - now
    if left <= 0:
        return said("False", "ProgressDeadlineExceeded", f'ReplicaSet "{name}" has timed out progressing.'), None
    return (updating if had["reason"] == "NewReplicaSetCreated" else had), left + 0.5
