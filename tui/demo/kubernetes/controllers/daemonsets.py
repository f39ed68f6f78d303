"""DaemonSets: one pod on every node that may have it."""

from __future__ import annotations

from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.controllers.pods import end_pod, is_active, is_ready, make_pod, phase, pods_of, share
from tui.demo.kubernetes.controllers.revisions import GENERATION, forget, wanted_revision
from tui.demo.kubernetes.objects import Json, is_going, labels_of, name_of, notes_of, space_of
from tui.demo.kubernetes.resources import DAEMONSETS, NODES, PODS
from tui.demo.kubernetes.scheduler import suits, tolerated
from tui.demo.kubernetes.storage import Change, Key

SOURCE = "daemonset-controller"
HASH = "controller-revision-hash"
TOLERATED = ("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")


class DaemonSets(Controller):
    """Puts a pod on each node, and renews them a few at a time."""

    resource = DAEMONSETS

    def listen(self) -> None:
        """Hear of pods and nodes."""
        self.hear_owned(PODS)
        self.hear(NODES, self._all)

    def _all(self, change: Change) -> list[Key]:
        if change.before is not None and change.before.get("spec") == change.item.get("spec") and change.word == "MODIFIED":
            return []  # a heartbeat
        return [(space_of(one), name_of(one)) for one in self.storage.items(DAEMONSETS)]

    def sync(self, key: Key) -> None:
        """Make and end pods, then count."""
        item = self.storage.get(DAEMONSETS, *key)
        if item is None:
            return
        generation = str(item["metadata"].get("generation", 1))
        if notes_of(item).get(GENERATION) is None:
            item = self.cluster.set_meta(DAEMONSETS, item, annotations={**notes_of(item), GENERATION: generation})
        new = labels_of(wanted_revision(self.cluster, item, HASH))[HASH]
        nodes = [name_of(node) for node in self.storage.items(NODES) if self._wants(item, node)]
        if not is_going(item):
            self._manage(item, nodes, new)
        self._count(item, nodes, new)

    def _wants(self, item: Json, node: Json) -> bool:
        pod = {"spec": {**item["spec"]["template"]["spec"], "tolerations": self._tolerations(item)}, "metadata": {}}
        taints = [one for one in (node.get("spec") or {}).get("taints") or () if one["effect"] != "PreferNoSchedule"]
        return suits(pod, node) and all(tolerated(pod["spec"], taint) for taint in taints)

    @staticmethod
    def _tolerations(item: Json) -> list[Json]:
        own = list(item["spec"]["template"]["spec"].get("tolerations") or ())
        effects = {"not-ready": "NoExecute", "unreachable": "NoExecute"}
        more = [
            {"key": f"node.kubernetes.io/{word}", "operator": "Exists", "effect": effects.get(word, "NoSchedule")} for word in TOLERATED
        ]
        return own + more

    def _on(self, item: Json) -> dict[str, list[Json]]:
        """Return the pods by the node for which they were made."""
        found: dict[str, list[Json]] = {}
        for pod in pods_of(self.cluster, item):
            found.setdefault(_target(pod), []).append(pod)
        return found

    def _manage(self, item: Json, nodes: list[str], new: str) -> None:
        here = self._on(item)
        for name, pods in here.items():
            for pod in pods:
                if not is_going(pod) and (name not in nodes or phase(pod) in {"Succeeded", "Failed"}):
                    end_pod(self.cluster, item, pod, SOURCE)
        for name in nodes:
            if not here.get(name):
                self._make(item, name, new)
        self._renew(item, nodes, new)

    def _renew(self, item: Json, nodes: list[str], new: str) -> None:
        update = item["spec"]["updateStrategy"]
        if update["type"] != "RollingUpdate":
            return
        pods = [pod for found in self._on(item).values() for pod in found]
        old = [pod for pod in pods if labels_of(pod).get(HASH) != new and is_active(pod)]
        for pod in [one for one in old if not is_ready(one)]:
            end_pod(self.cluster, item, pod, SOURCE)
        serving = [pod for pod in pods if is_ready(pod) and not is_going(pod)]
        room = share(update["rollingUpdate"]["maxUnavailable"], len(nodes), up=True) - (len(nodes) - len(serving))
        for pod in [one for one in old if is_ready(one)][: max(0, room)]:
            end_pod(self.cluster, item, pod, SOURCE)

    def _make(self, item: Json, node: str, new: str) -> None:
        generation = notes_of(item).get(GENERATION, "1")
        labels = {HASH: new, "pod-template-generation": generation}
        fields = [{"key": "metadata.name", "operator": "In", "values": [node]}]
        terms = {"nodeSelectorTerms": [{"matchFields": fields}]}
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
        spec = {"affinity": affinity, "tolerations": self._tolerations(item)}
        make_pod(self.cluster, item, item["spec"]["template"], SOURCE, generateName=f"{name_of(item)}-", labels=labels, spec=spec)

    def _count(self, item: Json, nodes: list[str], new: str) -> None:
        here = self._on(item)
        pods = [pod for found in here.values() for pod in found if is_active(pod)]
        placed = [pod for pod in pods if _target(pod) in nodes]
        ready = sum(is_ready(pod) for pod in placed)
        status: Json = {
            "currentNumberScheduled": len(placed),
            "numberMisscheduled": len(pods) - len(placed),
            "desiredNumberScheduled": len(nodes),
            "numberReady": ready,
            "observedGeneration": item["metadata"].get("generation", 1),
            "updatedNumberScheduled": sum(labels_of(pod).get(HASH) == new for pod in placed),
            "numberAvailable": ready,
            "numberUnavailable": len(nodes) - ready,
        }
        zero = ("updatedNumberScheduled", "numberAvailable", "numberUnavailable")
        told = {word: value for word, value in status.items() if value or word not in zero}
        self.cluster.set_status(DAEMONSETS, item, told)
        used = {labels_of(pod).get(HASH, "") for pod in pods} | {new}
        forget(self.cluster, item, [f"{name_of(item)}-{word}" for word in used])


def _target(pod: Json) -> str:
    """Return the node that a daemon's pod is for, also before it is there."""
    terms = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    return str(terms[0]["matchFields"][0]["values"][0])
