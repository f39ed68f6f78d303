"""Evictions: a pod asked to leave its node, if its disruption budgets let it."""

from __future__ import annotations

from tui.demo.kubernetes.api.asked import Asked
from tui.demo.kubernetes.cluster import Cluster, Removal
from tui.demo.kubernetes.controllers.pods import is_active, is_ready, share
from tui.demo.kubernetes.failures import Failure, bad
from tui.demo.kubernetes.objects import Json, is_going, labels_of, name_of, space_of
from tui.demo.kubernetes.resources import BUDGETS, PODS
from tui.demo.kubernetes.selectors import matches


def healthy_needed(budget: Json, count: int) -> int:
    """Return how many of `count` pods must stay healthy."""
    spec = budget["spec"]
    if "minAvailable" in spec:
        return share(spec["minAvailable"], count, up=True)
    return max(0, count - share(spec.get("maxUnavailable", 1), count, up=True))


def evict(cluster: Cluster, asked: Asked) -> Json:
    """Evict a pod; raises Failure 400, 404 and 429 (a budget forbids it now)."""
    body = asked.mapping()
    pod = cluster.need(PODS, asked.namespace, asked.name)
    if (body.get("metadata") or {}).get("name", asked.name) != asked.name:
        raise bad("name in URL does not match name in Eviction object")
    done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    options = body.get("deleteOptions") or {}
    only = options.get("preconditions") or {}
    how = Removal(
        options.get("gracePeriodSeconds"),
        "",
        only.get("uid") or "",
        only.get("resourceVersion") or "",
        asked.is_dry or bool(options.get("dryRun")),
    )
    if not is_going(pod) and is_ready(pod):
        _ask_budgets(cluster, pod)
    cluster.delete(PODS, pod, how)
    return done


def _ask_budgets(cluster: Cluster, pod: Json) -> None:
    for budget in cluster.storage.items(BUDGETS, space_of(pod)):
        selector = budget["spec"].get("selector") or {}
        if not matches(selector, labels_of(pod)):
            continue
        covered = [one for one in cluster.storage.items(PODS, space_of(pod)) if matches(selector, labels_of(one)) and is_active(one)]
        healthy, needed = sum(is_ready(one) for one in covered), healthy_needed(budget, len(covered))
        if healthy - 1 < needed:
            said = f"The disruption budget {name_of(budget)} needs {needed} healthy pods and has {healthy} currently"
            causes = {"causes": [{"reason": "DisruptionBudget", "message": said}]}
            raise Failure(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", causes)
