"""All controllers of the cluster, started together."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.controllers.cronjobs import CronJobs
from tui.demo.kubernetes.controllers.daemonsets import DaemonSets
from tui.demo.kubernetes.controllers.deployments import Deployments
from tui.demo.kubernetes.controllers.endpoints import ServiceEndpoints
from tui.demo.kubernetes.controllers.garbage import Garbage
from tui.demo.kubernetes.controllers.jobs import Jobs
from tui.demo.kubernetes.controllers.namespaces import Namespaces
from tui.demo.kubernetes.controllers.nodes import Nodes
from tui.demo.kubernetes.controllers.replicasets import ReplicaSets
from tui.demo.kubernetes.controllers.statefulsets import StatefulSets

KINDS = (Namespaces, Nodes, ReplicaSets, Deployments, StatefulSets, DaemonSets, Jobs, CronJobs, ServiceEndpoints)


def start(cluster: Cluster) -> list[object]:
    """Make every controller; from then on they do as the objects change."""
    return [Garbage(cluster), *(kind(cluster) for kind in KINDS)]
