"""What has happened in the shop's cluster before one looks at it: it is lived through, not written down."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.nodes import node
from tui.demo.kubernetes.objects import Json
from tui.demo.kubernetes.resources import DEPLOYMENTS, NAMESPACES, NODES


def tell(cluster: Cluster) -> None:
    """Live through it."""
    now = cluster.clock.time()
    clock = cluster.clock
    clock.rewind(now - 86400)
    for name in ("default", "kube-system", "shop"):
        cluster.create(NAMESPACES, "", {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}})
    for place, name in enumerate(("node-a", "node-b", "node-c")):
        cluster.create(NODES, "", node(name, place, now))
    cluster.create(DEPLOYMENTS, "shop", deployment("web", "shop/web:2.7.1"))
    clock.run_until(now)


def deployment(name: str, image: str) -> Json:
    """Return a deployment."""
    spec = {
        "replicas": 3,
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": image}]}},
    }
    return {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": name}, "spec": spec}
