"""The arithmetic of a Deployment's rolling update: how many pods the new set may have, and how many the old ones must give up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.demo.kubernetes.controllers.pods import share
from tui.demo.kubernetes.objects import Json, born, name_of

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"


def replicas(item: Json) -> int:
    """Return spec.replicas."""
    return int(item["spec"].get("replicas", 1))


def counted(sets: Sequence[Json], field: str) -> int:
    """Return the sum of a number in the status of some sets."""
    return sum(int((item.get("status") or {}).get(field, 0)) for item in sets)


def room(deployment: Json) -> tuple[int, int]:
    """Return maxSurge and maxUnavailable as counts; not both are 0."""
    rule: dict[str, Any] = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    if (deployment["spec"].get("strategy") or {}).get("type") != "RollingUpdate":
        return 0, 0
    surge = share(rule.get("maxSurge"), replicas(deployment), up=True)
    gone = share(rule.get("maxUnavailable"), replicas(deployment), up=False)
    return (surge, gone) if surge or gone else (0, 1)


def new_size(deployment: Json, new: Json, every: Sequence[Json]) -> int:
    """Return how many replicas the new set should have now."""
    wanted, has = replicas(deployment), replicas(new)
    if has >= wanted:
        return wanted
    most = wanted + room(deployment)[0]
    return min(wanted, has + max(0, most - sum(replicas(one) for one in every)))


def old_sizes(deployment: Json, new: Json | None, old: Sequence[Json]) -> dict[str, int]:
    """Return by name how many replicas each old set should have now: those that do not serve go first."""
    wanted, gone = replicas(deployment), room(deployment)[1]
    sizes = {name_of(one): replicas(one) for one in old}
    new_lacks = 0 if new is None else replicas(new) - counted([new], "availableReplicas")
    total = sum(sizes.values()) + (replicas(new) if new is not None else 0)
    spare = total - (wanted - gone) - new_lacks
    for one in sorted(old, key=born):
        sick = replicas(one) - counted([one], "availableReplicas")
        cut = max(0, min(spare, sick))
        sizes[name_of(one)] -= cut
        spare -= cut
    every = [*old, *([new] if new is not None else [])]
    spare = min(spare, counted(every, "availableReplicas") - (wanted - gone))
    for one in sorted(old, key=born):
        cut = max(0, min(spare, sizes[name_of(one)]))
        sizes[name_of(one)] -= cut
        spare -= cut
    return sizes


def spread(deployment: Json, sets: Sequence[Json]) -> dict[str, int]:
    """Return by name the sizes of sets that share a deployment which was scaled in the middle of a rollout."""
    most = replicas(deployment) + (room(deployment)[0] if replicas(deployment) else 0)
    total = sum(replicas(one) for one in sets)
    left = most - total
    sizes = {name_of(one): replicas(one) for one in sets}
    ordered = sorted(sets, key=lambda one: (-replicas(one), -born(one)) if left > 0 else (-replicas(one), born(one)))
    rest = left
    for one in ordered:
        part = round(replicas(one) * most / total) - replicas(one) if total else 0
        part = min(part, rest) if left > 0 else max(part, rest)
        sizes[name_of(one)] = max(0, sizes[name_of(one)] + part)
        rest -= part
    if ordered and rest:
        sizes[name_of(ordered[0])] = max(0, sizes[name_of(ordered[0])] + rest)
    return sizes


def is_complete(deployment: Json, status: Json) -> bool:
    """Tell whether a rollout has reached what is wanted."""
    wanted = replicas(deployment)
    return all(status.get(field, 0) == wanted for field in ("replicas", "updatedReplicas", "availableReplicas"))
