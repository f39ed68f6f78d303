"""What every object of the API has, read and written the same way everywhere; objects that are stored are never changed in place."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # of names that the API makes up


def stamp(when: float) -> str:
    """Return a time as the API writes it: RFC 3339, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))


def micro(when: float) -> str:
    """Return a time with micro-seconds, as events have it."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nano(when: float) -> str:
    """Return a time with nano-seconds, as log lines have it."""
    return f"{stamp(when)[:-1]}.{int((when % 1) * 1e9):09d}Z"


def moment(text: object) -> float:
    """Return the seconds since 1970 of a time as the API writes it; 0 when it is none."""
    if not isinstance(text, str):
        return 0.0
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


def name_of(item: Mapping[str, Any]) -> str:
    """Return metadata.name."""
    return str(item["metadata"].get("name", ""))


def space_of(item: Mapping[str, Any]) -> str:
    """Return metadata.namespace, "" where there is none."""
    return str(item["metadata"].get("namespace", ""))


def uid_of(item: Mapping[str, Any]) -> str:
    """Return metadata.uid."""
    return str(item["metadata"].get("uid", ""))


def labels_of(item: Mapping[str, Any]) -> Mapping[str, str]:
    """Return metadata.labels, or none."""
    return item["metadata"].get("labels") or {}


def notes_of(item: Mapping[str, Any]) -> Mapping[str, str]:
    """Return metadata.annotations, or none."""
    return item["metadata"].get("annotations") or {}


def is_going(item: Mapping[str, Any]) -> bool:
    """Tell whether it is being deleted."""
    return "deletionTimestamp" in item["metadata"]


def born(item: Mapping[str, Any]) -> float:
    """Return when it was made."""
    return moment(item["metadata"].get("creationTimestamp"))


def with_meta(item: Json, **parts: Any) -> Json:
    """Return an object with other metadata; None takes a field away."""
    own = {**item["metadata"], **parts}
    return {**item, "metadata": {key: value for key, value in own.items() if value is not None}}


def noted(item: Json, notes: Mapping[str, str]) -> Json:
    """Return an object with these annotations added."""
    return with_meta(item, annotations={**notes_of(item), **notes})


def controller_of(item: Mapping[str, Any]) -> Json | None:
    """Return the ownerReference of what controls it."""
    for owner in item["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            return dict(owner)
    return None


def owned_by(item: Mapping[str, Any], uid: str) -> bool:
    """Tell whether an object of this uid controls it."""
    owner = controller_of(item)
    return owner is not None and owner.get("uid") == uid


def reference(owner: Mapping[str, Any]) -> Json:
    """Return the ownerReference of what an object controls."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name_of(owner),
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(item: Mapping[str, Any], kind: str) -> Json | None:
    """Return a condition of an object's status."""
    for one in (item.get("status") or {}).get("conditions") or ():
        if one["type"] == kind:
            return dict(one)
    return None


def holds(item: Mapping[str, Any], kind: str) -> bool:
    """Tell whether a condition is there and true."""
    found = condition(item, kind)
    return found is not None and found["status"] == "True"


def with_condition(had: Sequence[Mapping[str, Any]], new: Mapping[str, Any], now: float, *, updated: bool = True) -> list[Json]:
    """Return conditions with one set: its times move only when it does. `updated`: it has a lastUpdateTime too."""
    old = next((dict(one) for one in had if one["type"] == new["type"]), None)
    if old is not None and all(old.get(key, "") == new.get(key, "") for key in ("status", "reason", "message")):
        return [dict(one) for one in had]
    turned = stamp(now) if old is None or old["status"] != new["status"] else old["lastTransitionTime"]
    times = {"lastUpdateTime": stamp(now), "lastTransitionTime": turned} if updated else {"lastTransitionTime": turned}
    made = {"type": new["type"], "status": new["status"], **times, **{key: new[key] for key in ("reason", "message") if new.get(key)}}
    if old is None:
        return [*(dict(one) for one in had), made]
    return [made if one["type"] == new["type"] else dict(one) for one in had]
