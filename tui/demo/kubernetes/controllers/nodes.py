"""Nodes: their heartbeats, and the taint that keeps pods away from one that is cordoned."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.objects import Json, stamp
from tui.demo.kubernetes.resources import NODES
from tui.demo.kubernetes.storage import Key

CORDON = "node.kubernetes.io/unschedulable"
BEAT = 300.0  # seconds between two heartbeats (kubelet: nodeStatusReportFrequency)


class Nodes(Controller):
    """Keeps nodes alive and their taints right."""

    resource = NODES

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        cluster.clock.later(BEAT, self._beat)

    def sync(self, key: Key) -> None:
        """Set or take away the taint of a cordon."""
        item = self.storage.get(NODES, *key)
        if item is None:
            return
        spec = item.get("spec") or {}
        rest = [one for one in spec.get("taints") or () if one["key"] != CORDON]
        if spec.get("unschedulable"):
            since = next((one for one in spec.get("taints") or () if one["key"] == CORDON), None)
            rest.append(since or {"key": CORDON, "effect": "NoSchedule", "timeAdded": stamp(self.cluster.clock.time())})
        if rest != list(spec.get("taints") or ()):
            new: Json = {key: value for key, value in spec.items() if key != "taints"}
            self.storage.put(NODES, {**item, "spec": {**new, **({"taints": rest} if rest else {})}})

    def _beat(self) -> None:
        now = stamp(self.cluster.clock.time())
        for item in self.storage.items(NODES):
            status = item.get("status") or {}
            conditions = [{**one, "lastHeartbeatTime": now} for one in status.get("conditions") or ()]
            if conditions:
                self.cluster.set_status(NODES, item, {**status, "conditions": conditions})
        self.cluster.clock.later(BEAT, self._beat)
