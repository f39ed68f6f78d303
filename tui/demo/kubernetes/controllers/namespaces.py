"""Namespaces: what each new one gets, and how one that is deleted is emptied first."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Removal
from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.objects import Json, is_going, name_of, space_of, with_condition
from tui.demo.kubernetes.resources import CONFIGMAPS, EVENTS, NAMESPACED, NAMESPACES, PODS, SERVICEACCOUNTS
from tui.demo.kubernetes.storage import Key

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBdemoDEMOdemoDEMOdemoDEMOdemoDEMOdemoDEMOdemo\n-----END CERTIFICATE-----\n"
ABOUT = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints."
CONTENT = (
    ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    ("NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
)


class Namespaces(Controller):
    """Gives a namespace its default account and certificate; empties one that goes, and lets it go when nothing is left."""

    resource = NAMESPACES

    def listen(self) -> None:
        """Hear of every object that goes."""
        for resource in NAMESPACED:
            self.hear(resource, lambda change: [("", space_of(change.item))] if change.word == "DELETED" else ())

    def sync(self, key: Key) -> None:
        """Fill or empty a namespace."""
        item = self.storage.get(NAMESPACES, *key)
        if item is None:
            return
        if is_going(item):
            self._empty(item)
        else:
            self._fill(name_of(item))

    def _fill(self, space: str) -> None:
        if self.storage.get(SERVICEACCOUNTS, space, "default") is None:
            account = {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "default"}}
            self.cluster.create(SERVICEACCOUNTS, space, account)
        if self.storage.get(CONFIGMAPS, space, "kube-root-ca.crt") is None:
            own = {"name": "kube-root-ca.crt", "annotations": {"kubernetes.io/description": ABOUT}}
            self.cluster.create(
                CONFIGMAPS, space, {"kind": "ConfigMap", "apiVersion": "v1", "metadata": own, "data": {"ca.crt": CERTIFICATE}}
            )

    def _empty(self, item: Json) -> None:
        space = name_of(item)
        for resource in NAMESPACED:
            if resource is EVENTS and self.storage.items(PODS, space):
                continue  # pods that end still say so
            for one in self.storage.items(resource, space):
                if not is_going(one):
                    self.cluster.delete(resource, one, Removal(propagation="Background"))
        left = {
            resource.plural: len(found)
            for resource in NAMESPACED
            if (found := self.storage.items(resource, space)) and resource is not EVENTS
        }
        if not left:
            for one in self.storage.items(EVENTS, space):
                self.storage.drop(EVENTS, one)
            self.storage.drop(NAMESPACES, item)
            return
        self._tell(item, left)

    def _tell(self, item: Json, left: dict[str, int]) -> None:
        now, conditions = self.cluster.clock.time(), item["status"].get("conditions") or []
        for kind, status, reason, message in CONTENT:
            said = {"type": kind, "status": status, "reason": reason, "message": message}
            conditions = with_condition(conditions, said, now, updated=False)
        told = ", ".join(f"{plural}. has {count} resource instances" for plural, count in sorted(left.items()))
        said = {"type": "NamespaceContentRemaining", "status": "True", "reason": "SomeResourcesRemain"}
        conditions = with_condition(conditions, {**said, "message": f"Some resources are remaining: {told}"}, now, updated=False)
        self.cluster.set_status(NAMESPACES, item, {**item["status"], "conditions": conditions})
