"""ReplicaSets: as many pods as are wanted."""

from __future__ import annotations

from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.controllers.pods import end_pod, is_active, is_available, is_ready, least_missed, make_pod, pods_of
from tui.demo.kubernetes.objects import Json, condition, is_going, labels_of, moment, name_of, reference, space_of
from tui.demo.kubernetes.resources import PODS, REPLICASETS
from tui.demo.kubernetes.selectors import matches
from tui.demo.kubernetes.storage import Key

SOURCE = "replicaset-controller"


class ReplicaSets(Controller):
    """Makes pods where there are too few, and lets go of those that are missed least where there are too many."""

    resource = REPLICASETS

    def listen(self) -> None:
        """Hear of the pods."""
        self.hear_owned(PODS)

    def sync(self, key: Key) -> None:
        """Make or delete pods, then count them."""
        item = self.storage.get(REPLICASETS, *key)
        if item is None:
            return
        if not is_going(item):
            self._adopt(item)
            self._manage(item, [pod for pod in pods_of(self.cluster, item) if is_active(pod)])
        self._count(item)

    def _adopt(self, item: Json) -> None:
        """Take pods that fit and belong to nobody."""
        for pod in self.storage.items(PODS, space_of(item)):
            if not pod["metadata"].get("ownerReferences") and is_active(pod) and matches(item["spec"]["selector"], labels_of(pod)):
                self.cluster.set_meta(PODS, pod, ownerReferences=[reference(item)])

    def _manage(self, item: Json, pods: list[Json]) -> None:
        wanted = item["spec"]["replicas"]
        for _ in range(wanted - len(pods)):
            make_pod(self.cluster, item, item["spec"]["template"], SOURCE, generateName=f"{name_of(item)}-")
        for pod in least_missed(pods)[: max(0, len(pods) - wanted)]:
            end_pod(self.cluster, item, pod, SOURCE)

    def _count(self, item: Json) -> None:
        pods = [pod for pod in pods_of(self.cluster, item) if is_active(pod)]
        least, now = item["spec"].get("minReadySeconds", 0), self.cluster.clock.time()
        ready = [pod for pod in pods if is_ready(pod)]
        available = [pod for pod in ready if is_available(pod, least, now)]
        labels = item["spec"]["template"]["metadata"].get("labels") or {}
        counts = {
            "fullyLabeledReplicas": sum(labels.items() <= labels_of(pod).items() for pod in pods),
            "readyReplicas": len(ready),
            "availableReplicas": len(available),
        }
        status = {"replicas": len(pods), **{key: count for key, count in counts.items() if count}}
        self.cluster.set_status(REPLICASETS, item, {**status, "observedGeneration": item["metadata"].get("generation", 1)})
        if len(available) < len(ready):
            since = max(moment((condition(pod, "Ready") or {}).get("lastTransitionTime")) for pod in ready)
            self.look((space_of(item), name_of(item)), max(0.5, since + least - now))
