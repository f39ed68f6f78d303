"""Endpoints and EndpointSlices: where the ready pods of a service are."""

from __future__ import annotations

from collections.abc import Iterable

from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.controllers.pods import is_ready, phase
from tui.demo.kubernetes.objects import Json, is_going, labels_of, name_of, reference, space_of, uid_of
from tui.demo.kubernetes.resources import ENDPOINTS, PODS, SERVICES, SLICES
from tui.demo.kubernetes.storage import Change, Key


class ServiceEndpoints(Controller):
    """Keeps the addresses of each service that chooses pods."""

    resource = SERVICES

    def listen(self) -> None:
        """Hear of pods that a service chooses."""
        self.hear(PODS, self._services)

    def _services(self, change: Change) -> Iterable[Key]:
        labels = labels_of(change.item)
        for item in self.storage.items(SERVICES, space_of(change.item)):
            selector = item["spec"].get("selector")
            if selector and selector.items() <= labels.items():
                yield space_of(item), name_of(item)

    def sync(self, key: Key) -> None:
        """Write the addresses of now."""
        item = self.storage.get(SERVICES, *key)
        if item is None:
            for resource in (ENDPOINTS, SLICES):
                for one in self.storage.items(resource, key[0]):
                    if name_of(one) == key[1] or labels_of(one).get("kubernetes.io/service-name") == key[1]:
                        self.storage.drop(resource, one)
            return
        selector = item["spec"].get("selector")
        if not selector or is_going(item):
            return
        pods = [
            pod
            for pod in self.storage.items(PODS, key[0])
            if selector.items() <= labels_of(pod).items() and pod["status"].get("podIP") and phase(pod) not in {"Succeeded", "Failed"}
        ]
        self._write_endpoints(item, pods)
        self._write_slice(item, pods)

    def _write_endpoints(self, item: Json, pods: list[Json]) -> None:
        subset: Json = {}
        for field, ready in (("addresses", True), ("notReadyAddresses", False)):
            found = [_address(pod) for pod in pods if (is_ready(pod) and not is_going(pod)) is ready and not (is_going(pod) and not ready)]
            if found:
                subset[field] = found
        if subset:
            ports = _ports(item, pods)
            subset["ports"] = [{key: value for key, value in port.items() if key != "name" or value} for port in ports]
        self._put(ENDPOINTS, item, {"subsets": [subset]} if subset else {}, {"endpoints.kubernetes.io/managed-by": "endpoint-controller"})

    def _write_slice(self, item: Json, pods: list[Json]) -> None:
        told = [
            {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": is_ready(pod) and not is_going(pod), "serving": is_ready(pod), "terminating": is_going(pod)},
                "targetRef": _target(pod),
                "nodeName": pod["spec"].get("nodeName", ""),
            }
            for pod in pods
        ]
        labels = {
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": name_of(item),
        }
        self._put(SLICES, item, {"addressType": "IPv4", "endpoints": told, "ports": _ports(item, pods)}, labels)

    def _put(self, resource: object, item: Json, data: Json, labels: dict[str, str]) -> None:
        kind = ENDPOINTS if resource is ENDPOINTS else SLICES
        space = space_of(item)
        if kind is ENDPOINTS:
            old = self.storage.get(ENDPOINTS, space, name_of(item))
        else:
            old = next((one for kind_, one in self.storage.owned(uid_of(item)) if kind_ is SLICES), None)
        if old is not None:
            new = {"kind": kind.kind, "apiVersion": kind.api, "metadata": old["metadata"], **data}
            if new != old:
                self.storage.put(kind, new)
            return
        own: Json = {"name": name_of(item), "labels": {**labels_of(item), **labels}}
        if kind is SLICES:
            own = {**own, "name": f"{name_of(item)}-{self.cluster.suffix()}", "ownerReferences": [reference(item)]}
        self.cluster.create(kind, space, {"kind": kind.kind, "apiVersion": kind.api, "metadata": own, **data})


def _target(pod: Json) -> Json:
    return {"kind": "Pod", "namespace": space_of(pod), "name": name_of(pod), "uid": uid_of(pod)}


def _address(pod: Json) -> Json:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName", ""), "targetRef": _target(pod)}


def _ports(item: Json, pods: list[Json]) -> list[Json]:
    """Return the ports as the pods have them: names are looked up in the first pod that knows them."""
    named = {
        port["name"]: port["containerPort"]
        for pod in pods
        for one in pod["spec"]["containers"]
        for port in one.get("ports") or ()
        if port.get("name")
    }
    made = []
    for port in item["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        number = target if isinstance(target, int) else named.get(target)
        if number is not None:
            made.append({"name": port.get("name", ""), "protocol": port.get("protocol", "TCP"), "port": number})
    return made
