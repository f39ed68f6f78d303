"""metrics.k8s.io: what pods and nodes use now, worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.failures import Failure, details
from tui.demo.kubernetes.kubelet.kubelet import Kubelet
from tui.demo.kubernetes.objects import Json, labels_of, name_of, space_of, stamp
from tui.demo.kubernetes.resources import NODES, PODS
from tui.demo.kubernetes.selectors import label_test

API = "metrics.k8s.io/v1beta1"
STEP = 15.0  # seconds between two measurements
NODE_CPU, NODE_MEMORY = 90.0, 640.0  # what a node uses for itself: thousandths of a core, MiB


def usage(cluster: Cluster, kubelet: Kubelet, pod: Json) -> list[tuple[str, float, float]]:
    """Return name, thousandths of a core and MiB of each running container."""
    worker, now = kubelet.worker(pod), cluster.clock.time()
    if worker is None:
        return []
    every = [*worker.boxes, *(box for box in worker.inits if box.is_sidecar)]
    when = now - now % STEP
    return [(box.name, box.now.cpu(when), box.now.memory(when)) for box in every if box.state == "running" and box.now is not None]


def _amount(cpu: float, memory: float) -> Json:
    return {"cpu": f"{int(cpu * 1e6)}n", "memory": f"{int(memory * 1024)}Ki"}


def _times(cluster: Cluster) -> Json:
    now = cluster.clock.time()
    return {"timestamp": stamp(now - now % STEP), "window": "15s"}


def _pod(cluster: Cluster, kubelet: Kubelet, pod: Json) -> Json | None:
    used = usage(cluster, kubelet, pod)
    if not used:
        return None
    own = {
        "name": name_of(pod),
        "namespace": space_of(pod),
        "creationTimestamp": stamp(cluster.clock.time()),
        "labels": dict(labels_of(pod)),
    }
    told = [{"name": name, "usage": _amount(cpu, memory)} for name, cpu, memory in used]
    return {"metadata": own, **_times(cluster), "containers": told}


def _node(cluster: Cluster, kubelet: Kubelet, node: Json, pods: Sequence[Json]) -> Json:
    used = [part for pod in pods if pod["spec"].get("nodeName") == name_of(node) for part in usage(cluster, kubelet, pod)]
    own = {"name": name_of(node), "creationTimestamp": stamp(cluster.clock.time()), "labels": dict(labels_of(node))}
    total = _amount(NODE_CPU + sum(part[1] for part in used), NODE_MEMORY + sum(part[2] for part in used))
    return {"metadata": own, **_times(cluster), "usage": total}


def metrics(cluster: Cluster, kubelet: Kubelet, words: Sequence[str], selector: str) -> Json | None:
    """Return the answer to the path after /apis/metrics.k8s.io/v1beta1, or None when there is nothing; raises Failure 404."""
    test = label_test(selector)
    pods = cluster.storage.items(PODS)
    match list(words):
        case ["nodes"]:
            items = [_node(cluster, kubelet, node, pods) for node in cluster.storage.items(NODES) if test(labels_of(node))]
            return {"kind": "NodeMetricsList", "apiVersion": API, "metadata": {}, "items": items}
        case ["nodes", name]:
            found = cluster.storage.get(NODES, "", name)
            if found is None:
                raise _missing("nodes", name)
            return {"kind": "NodeMetrics", "apiVersion": API, **_node(cluster, kubelet, found, pods)}
        case ["pods"] | ["namespaces", _, "pods"]:
            space = words[1] if len(words) == 3 else ""
            told = [_pod(cluster, kubelet, pod) for pod in pods if space in {"", space_of(pod)} and test(labels_of(pod))]
            return {"kind": "PodMetricsList", "apiVersion": API, "metadata": {}, "items": [one for one in told if one is not None]}
        case ["namespaces", space, "pods", name]:
            pod = cluster.storage.get(PODS, space, name)
            one = _pod(cluster, kubelet, pod) if pod is not None else None
            if one is None:
                raise _missing("podmetrics", name, f"{space}/")
            return {"kind": "PodMetrics", "apiVersion": API, **one}
    return None


def _missing(plural: str, name: str, space: str = "") -> Failure:
    said = f'{plural}.metrics.k8s.io "{space}{name}" not found'
    return Failure(404, "NotFound", said, details(f"{space}{name}", "metrics.k8s.io", plural))
