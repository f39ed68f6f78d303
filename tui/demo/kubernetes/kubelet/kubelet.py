"""The kubelets of all nodes: they take up the pods that are put on their nodes, and let them go."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.kubelet import images
from tui.demo.kubernetes.kubelet.worker import Worker
from tui.demo.kubernetes.objects import Json, is_going, name_of, uid_of
from tui.demo.kubernetes.resources import CONFIGMAPS, NODES, PODS, SECRETS
from tui.demo.kubernetes.storage import Change


class Kubelet:
    """Has a worker for each pod that is on a node, by the pod's uid."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.workers: dict[str, Worker] = {}
        self._images: dict[str, set[str]] = {}  # by node
        self._last: dict[str, int] = {}  # by node: the address given last
        cluster.storage.listen(PODS, self._hear)
        cluster.storage.listen(NODES, self._hear_node)
        for resource in (CONFIGMAPS, SECRETS):
            cluster.storage.listen(resource, self._hear_config)

    def worker(self, pod: Json) -> Worker | None:
        """Return who keeps a pod."""
        return self.workers.get(uid_of(pod))

    def has_image(self, node: str, image: str) -> bool:
        """Tell whether a node has pulled an image before."""
        return images.full(image) in self._images.get(node, ())

    def keep_image(self, node: str, image: str) -> None:
        """Remember that a node has an image."""
        self._images.setdefault(node, set()).add(images.full(image))

    def address(self, node: str, pod: Json) -> str:
        """Return an address for a pod: the node's own, or a new one of the node's range."""
        found = self.cluster.storage.get(NODES, "", node)
        if pod and pod["spec"].get("hostNetwork"):
            return _host(found)
        base = str(((found or {}).get("spec") or {}).get("podCIDR", "10.244.9.0/24")).rpartition(".")[0]
        self._last[node] = self._last.get(node, 1) % 253 + 1
        return f"{base}.{self._last[node]}"

    def _hear(self, change: Change) -> None:
        pod = change.item
        uid, node = uid_of(pod), pod["spec"].get("nodeName")
        worker = self.workers.get(uid)
        if change.word == "DELETED":
            if worker is not None:
                worker.forget()
                del self.workers[uid]
        elif worker is None:
            if node and not is_going(pod) and pod["status"].get("phase") not in {"Succeeded", "Failed"}:
                found = self.cluster.storage.get(NODES, "", node)
                if found is not None:
                    self.workers[uid] = Worker(self, pod, _host(found))
        elif is_going(pod) and (not worker.ending or (change.before is not None and _grace(pod) < _grace(change.before))):
            worker.end(pod)
        elif change.before is not None and change.before["spec"] is not pod["spec"]:
            worker.reshape(pod)

    def _hear_config(self, change: Change) -> None:
        """Wake the pods of the namespace that wait for what was lacking."""
        if change.word != "DELETED":
            for worker in self.workers.values():
                if worker.key[0] == change.item["metadata"].get("namespace"):
                    worker.nudge()

    def _hear_node(self, change: Change) -> None:
        """Let go of the pods of a node that is no more."""
        if change.word == "DELETED":
            gone = name_of(change.item)
            for worker in [one for one in self.workers.values() if one.node == gone]:
                pod = self.cluster.storage.get(PODS, *worker.key)
                if pod is not None and uid_of(pod) == worker.uid:
                    self.cluster.storage.drop(PODS, pod)


def _grace(pod: Json) -> float:
    return float(pod["metadata"].get("deletionGracePeriodSeconds", 1e9))


def _host(node: Json | None) -> str:
    addresses = ((node or {}).get("status") or {}).get("addresses") or ()
    return next((str(one["address"]) for one in addresses if one["type"] == "InternalIP"), "127.0.0.1")
