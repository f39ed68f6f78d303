"""StatefulSets: pods with numbers, one after the other upwards, and changed one after the other downwards."""

from __future__ import annotations

from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.controllers.pods import end_pod, is_available, is_ready, make_pod, phase, pods_of
from tui.demo.kubernetes.controllers.revisions import forget, wanted_revision
from tui.demo.kubernetes.failures import Failure
from tui.demo.kubernetes.objects import Json, is_going, labels_of, name_of, space_of
from tui.demo.kubernetes.resources import CLAIMS, PODS, STATEFULSETS
from tui.demo.kubernetes.storage import Key

SOURCE = "statefulset-controller"
HASH = "controller-revision-hash"
MADE, ENDED = "create Pod {name} in StatefulSet {set} successful", "delete Pod {name} in StatefulSet {set} successful"


def number_of(pod: Json) -> int:
    """Return a pod's number."""
    return int(name_of(pod).rpartition("-")[2])


class StatefulSets(Controller):
    """Keeps the order: the next pod only when all before it are ready, unless the set says Parallel."""

    resource = STATEFULSETS

    def listen(self) -> None:
        """Hear of the pods."""
        self.hear_owned(PODS)

    def sync(self, key: Key) -> None:
        """Make, end or change one pod, then count."""
        item = self.storage.get(STATEFULSETS, *key)
        if item is None:
            return
        new = wanted_revision(self.cluster, item, "controller.kubernetes.io/hash")
        current = item["status"].get("currentRevision") or name_of(new)
        if not is_going(item):
            self._manage(item, name_of(new), current)
        self._count(key, name_of(new), current)

    def _pods(self, item: Json) -> dict[int, Json]:
        return {number_of(pod): pod for pod in pods_of(self.cluster, item)}

    def _manage(self, item: Json, new: str, current: str) -> None:
        pods, wanted = self._pods(item), item["spec"]["replicas"]
        in_order = item["spec"].get("podManagementPolicy") != "Parallel"
        for number in range(wanted):
            pod = pods.get(number)
            if pod is not None and phase(pod) in {"Succeeded", "Failed"} and not is_going(pod):
                self._end(item, pod)
                return
            if pod is None:
                self._make(item, number, new)
                if in_order:
                    return
            elif in_order and (is_going(pod) or not is_ready(pod)):
                self._unstick(item, pod, new)
                return
        spare = sorted((number for number in pods if number >= wanted), reverse=True)
        for number in spare:
            if not is_going(pods[number]):
                self._end(item, pods[number])
            if in_order:
                return
        self._renew(item, pods, new)

    def _unstick(self, item: Json, pod: Json, new: str) -> None:
        """Let a pod that never came up have the newest template, if it has an older one."""
        if not is_going(pod) and labels_of(pod).get(HASH) != new and phase(pod) == "Pending":
            update = item["spec"]["updateStrategy"]
            if update["type"] == "RollingUpdate" and number_of(pod) >= update["rollingUpdate"]["partition"]:
                self._end(item, pod)

    def _renew(self, item: Json, pods: dict[int, Json], new: str) -> None:
        """End the highest pod that has an older template; the next one only when that one is back."""
        update = item["spec"]["updateStrategy"]
        if update["type"] != "RollingUpdate":
            return
        for number in range(item["spec"]["replicas"] - 1, update["rollingUpdate"]["partition"] - 1, -1):
            pod = pods.get(number)
            if pod is None or is_going(pod):
                return
            if labels_of(pod).get(HASH) != new:
                self._end(item, pod)
                return
            if not is_ready(pod):
                return

    def _make(self, item: Json, number: int, revision: str) -> None:
        name = f"{name_of(item)}-{number}"
        labels = {HASH: revision, "statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": str(number)}
        spec = {"hostname": name, "subdomain": item["spec"].get("serviceName", "")}
        claims = self._claim(item, name)
        if claims:
            spec["volumes"] = [*(item["spec"]["template"]["spec"].get("volumes") or ()), *claims]
        said = MADE.format(name="{name}", set=name_of(item))
        make_pod(self.cluster, item, item["spec"]["template"], SOURCE, said=said, name=name, labels=labels, spec=spec)

    def _claim(self, item: Json, pod: str) -> list[Json]:
        """Make the disks that a pod of the set has, unless they are there already; returns the volumes."""
        volumes = []
        for template in item["spec"].get("volumeClaimTemplates") or ():
            name = f"{template['metadata']['name']}-{pod}"
            size = template["spec"]["resources"]["requests"]["storage"]
            bound = {"phase": "Bound", "accessModes": template["spec"].get("accessModes"), "capacity": {"storage": size}}
            own = {"name": name, "labels": dict(item["spec"]["selector"].get("matchLabels") or {})}
            body = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": own, "spec": template["spec"], "status": bound}
            if self.storage.get(CLAIMS, space_of(item), name) is None:
                try:
                    self.cluster.create(CLAIMS, space_of(item), body)
                except Failure as error:
                    self.cluster.events.say(item, "FailedCreate", f"create Claim {name} failed: {error}", SOURCE, bad=True)
            volumes.append({"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": name}})
        return volumes

    def _end(self, item: Json, pod: Json) -> None:
        end_pod(self.cluster, item, pod, SOURCE, said=ENDED.format(name="{name}", set=name_of(item)))

    def _count(self, key: Key, new: str, current: str) -> None:
        item = self.storage.get(STATEFULSETS, *key)
        if item is None:
            return
        pods = [pod for pod in self._pods(item).values() if phase(pod) not in {"Succeeded", "Failed"}]
        alive = [pod for pod in pods if not is_going(pod)]
        updated = sum(labels_of(pod).get(HASH) == new for pod in alive)
        least, now = item["spec"].get("minReadySeconds", 0), self.cluster.clock.time()
        if updated == len(pods) == item["spec"]["replicas"] and all(is_ready(pod) for pod in pods):
            current = new
        counts = {
            "readyReplicas": sum(is_ready(pod) for pod in pods),
            "currentReplicas": sum(labels_of(pod).get(HASH) == current for pod in alive),
            "updatedReplicas": updated,
        }
        status: Json = {"observedGeneration": item["metadata"].get("generation", 1), "replicas": len(pods)}
        status |= {word: count for word, count in counts.items() if count}
        status |= {"currentRevision": current, "updateRevision": new, "collisionCount": 0}
        status["availableReplicas"] = sum(is_available(pod, least, now) for pod in pods)
        self.cluster.set_status(STATEFULSETS, item, status)
        forget(self.cluster, item, [new, current, *(labels_of(pod).get(HASH, "") for pod in pods)])
