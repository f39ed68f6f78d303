"""The scheduler: it puts each pod on the node that suits it, or says why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.objects import Json, controller_of, is_going, labels_of, name_of, space_of, with_condition
from tui.demo.kubernetes.quantities import bytes_of, cores
from tui.demo.kubernetes.resources import NODES, PODS
from tui.demo.kubernetes.selectors import matches
from tui.demo.kubernetes.storage import Change

SOURCE = "default-scheduler"
SOON = 0.03  # seconds until a pod is looked at
TAINT = "node(s) had untolerated taint(s)"
OFF = "node(s) were unschedulable"
AFFINITY = "node(s) didn't match Pod's node affinity/selector"


class Scheduler:
    """Looks at pods without a node when they come, and at those it could not place when a node or another pod has changed."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._waiting: dict[tuple[str, str], None] = {}
        self._due = False
        cluster.storage.listen(PODS, self._hear)
        cluster.storage.listen(NODES, lambda _: self._look())

    def _hear(self, change: Change) -> None:
        pod, key = change.item, (space_of(change.item), name_of(change.item))
        if change.word == "ADDED" and not pod["spec"].get("nodeName"):
            self._waiting[key] = None
            self._look()
        elif change.word == "DELETED":
            self._waiting.pop(key, None)
            self._look()

    def _look(self) -> None:
        if self._waiting and not self._due:
            self._due = True
            self.cluster.clock.later(SOON, self._place_all)

    def _place_all(self) -> None:
        self._due = False
        for key in list(self._waiting):
            pod = self.cluster.storage.get(PODS, *key)
            if pod is None or pod["spec"].get("nodeName") or is_going(pod) or self._place(pod):
                self._waiting.pop(key, None)

    def _place(self, pod: Json) -> bool:
        nodes = self.cluster.storage.items(NODES)
        pods = [
            one
            for one in self.cluster.storage.items(PODS)
            if one["spec"].get("nodeName") and one["status"].get("phase") not in {"Succeeded", "Failed"}
        ]
        why: Counter[str] = Counter()
        fitting: list[tuple[int, float, str]] = []
        for node in nodes:
            here = [one for one in pods if one["spec"]["nodeName"] == name_of(node)]
            reasons = unfit(pod, node, here)
            if reasons:
                why.update(reasons)
            else:
                fitting.append((_kin(pod, here), _load(node, here), name_of(node)))
        if not fitting:
            self._refuse(pod, len(nodes), why)
            return False
        chosen = min(fitting)[2]
        self.cluster.events.say(pod, "Scheduled", f"Successfully assigned {space_of(pod)}/{name_of(pod)} to {chosen}", SOURCE)
        now = self.cluster.clock.time()
        bound = with_condition(pod["status"].get("conditions") or [], {"type": "PodScheduled", "status": "True"}, now, updated=False)
        self.cluster.storage.put(
            PODS, {**pod, "spec": {**pod["spec"], "nodeName": chosen}, "status": {**pod["status"], "conditions": bound}}
        )
        return True

    def _refuse(self, pod: Json, count: int, why: Counter[str]) -> None:
        parts = ", ".join(f"{number} {reason}" for reason, number in sorted(why.items()))
        told = f"0/{count} nodes are available: {parts}. no new claims to deallocate, preemption: 0/{count} nodes are available: {count} Preemption is not helpful for scheduling."  # noqa: E501
        said = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": told}
        conditions = with_condition(pod["status"].get("conditions") or [], said, self.cluster.clock.time(), updated=False)
        self.cluster.set_status(PODS, pod, {**pod["status"], "conditions": conditions})
        self.cluster.events.say(pod, "FailedScheduling", told, SOURCE, bad=True)


def unfit(pod: Json, node: Json, here: list[Json]) -> list[str]:
    """Return why a node cannot take a pod, as the scheduler words it; empty when it can. `here`: the pods that it has."""
    spec = pod["spec"]
    if not suits(pod, node):
        return [AFFINITY]
    taints = (node.get("spec") or {}).get("taints") or ()
    hard = [one for one in taints if one["effect"] in {"NoSchedule", "NoExecute"} and not tolerated(spec, one)]
    if hard:
        return [OFF if hard[0]["key"] == "node.kubernetes.io/unschedulable" else TAINT]
    room = (node.get("status") or {}).get("allocatable") or {}
    lacking = []
    if len(here) >= int(room.get("pods", 110)):
        lacking.append("Too many pods")
    if requested(pod, "cpu") + sum(requested(one, "cpu") for one in here) > cores(room.get("cpu", "4")):
        lacking.append("Insufficient cpu")
    if requested(pod, "memory") + sum(requested(one, "memory") for one in here) > bytes_of(room.get("memory", "8Gi")):
        lacking.append("Insufficient memory")
    return lacking


def suits(pod: Json, node: Json) -> bool:
    """Tell whether a node is one that the pod may want: its selector and required affinity."""
    spec, labels = pod["spec"], labels_of(node)
    if not (spec.get("nodeSelector") or {}).items() <= labels.items():
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms")
    if not terms:
        return True
    field = {"metadata.name": name_of(node)}
    return any(
        matches({"matchExpressions": term.get("matchExpressions") or ()}, labels)
        and matches({"matchExpressions": term.get("matchFields") or ()}, field)
        for term in terms
    )


def tolerated(spec: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    """Tell whether a pod puts up with a taint."""
    for one in spec.get("tolerations") or ():
        if one.get("effect") not in {None, "", taint["effect"]}:
            continue
        if one.get("operator") == "Exists" and one.get("key") in {None, "", taint["key"]}:
            return True
        if one.get("key") == taint["key"] and one.get("value", "") == taint.get("value", "") and one.get("operator", "Equal") == "Equal":
            return True
    return False


def requested(pod: Json, what: str) -> float:
    """Return what a pod asks for: cores of cpu, bytes of memory."""
    read = cores if what == "cpu" else bytes_of
    return sum(read(((one.get("resources") or {}).get("requests") or {}).get(what, "0")) for one in pod["spec"]["containers"])


def _kin(pod: Json, here: list[Json]) -> int:
    owner = controller_of(pod)
    return sum(1 for one in here if owner is not None and (controller_of(one) or {}).get("uid") == owner["uid"])


def _load(node: Json, here: list[Json]) -> float:
    room = cores(((node.get("status") or {}).get("allocatable") or {}).get("cpu", "4"))
    return sum(requested(one, "cpu") for one in here) / max(room, 0.001) + len(here) / 1000
