"""Pods as those see them who make and count them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tui.demo.kubernetes.cluster import Cluster, Removal
from tui.demo.kubernetes.objects import Json, born, condition, holds, is_going, moment, name_of, owned_by, reference, space_of, uid_of
from tui.demo.kubernetes.resources import PODS, Resource


def pods_of(cluster: Cluster, owner: Json) -> list[Json]:
    """Return the pods that an object controls, those on their way out too."""
    return [item for resource, item in cluster.storage.owned(uid_of(owner)) if resource is PODS and owned_by(item, uid_of(owner))]


def owned_of(cluster: Cluster, owner: Json, resource: Resource) -> list[Json]:
    """Return the objects of a resource that an object controls."""
    return [item for found, item in cluster.storage.owned(uid_of(owner)) if found is resource and owned_by(item, uid_of(owner))]


def phase(pod: Json) -> str:
    """Return status.phase."""
    return str(pod["status"].get("phase", "Pending"))


def is_active(pod: Json) -> bool:
    """Tell whether it counts: it has not ended and is not on its way out."""
    return not is_going(pod) and phase(pod) not in {"Succeeded", "Failed"}


def is_ready(pod: Json) -> bool:
    """Tell whether its Ready condition holds."""
    return holds(pod, "Ready")


def is_available(pod: Json, least: float, now: float) -> bool:
    """Tell whether it has been ready for `least` seconds (minReadySeconds)."""
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True" and (not least or now - moment(ready["lastTransitionTime"]) >= least)


def make_pod(cluster: Cluster, owner: Json, template: Json, source: str, *, said: str = "Created pod: {name}", **more: Any) -> Json:
    """Make a pod of a template for an object and say so; `more`: name or generateName, labels, spec that are its own."""
    labels = {**(template["metadata"].get("labels") or {}), **more.pop("labels", {})}
    spec = {**template["spec"], **more.pop("spec", {})}
    own = {**template["metadata"], "labels": labels, "ownerReferences": [reference(owner)], **more}
    made = cluster.create(PODS, space_of(owner), {"kind": "Pod", "apiVersion": "v1", "metadata": own, "spec": spec})
    cluster.events.say(owner, "SuccessfulCreate", said.format(name=name_of(made)), source)
    return made


def end_pod(cluster: Cluster, owner: Json, pod: Json, source: str, *, said: str = "Deleted pod: {name}") -> None:
    """Delete a pod for an object and say so."""
    cluster.delete(PODS, pod, Removal())
    cluster.events.say(owner, "SuccessfulDelete", said.format(name=name_of(pod)), source)


def least_missed(pods: Sequence[Json]) -> list[Json]:
    """Return pods in the order in which a controller lets them go: those that serve least first, of equals the youngest."""
    order: Callable[[Json], tuple[bool, int, bool, float]] = lambda pod: (  # noqa: E731
        bool(pod["spec"].get("nodeName")),
        ("Pending", "Unknown", "Running").index(phase(pod)) if phase(pod) in {"Pending", "Unknown", "Running"} else 0,
        is_ready(pod),
        -born(pod),
    )
    return sorted(pods, key=order)


def share(amount: int | str | None, of: int, *, up: bool) -> int:
    """Return a count that may be given in percent ("25%"), rounded up or down."""
    if isinstance(amount, str) and amount.endswith("%"):
        exact = int(amount[:-1]) * of
        return -(-exact // 100) if up else exact // 100
    return int(amount or 0)
