"""The cluster's objects and the rules by which they come, change and go, for the API and the controllers alike."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

import msgspec

from tui.demo.kubernetes.clock import Clock
from tui.demo.kubernetes.defaults import admitted_pod, filled, labelled_job
from tui.demo.kubernetes.events import Recorder
from tui.demo.kubernetes.failures import conflict, exists, forbidden, missing
from tui.demo.kubernetes.objects import LETTERS, Json, is_going, name_of, space_of, stamp, uid_of, with_meta
from tui.demo.kubernetes.resources import NAMESPACES, PODS, Resource
from tui.demo.kubernetes.storage import Storage
from tui.demo.kubernetes.validation import check, check_name

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
OWN = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink", "managedFields")
"""What is in metadata and nobody but the server sets."""


@dataclass(frozen=True, slots=True)
class Removal:
    """How something is deleted. `grace`: seconds, None for the pod's own; `uid`, `version`: only if it still is that one."""

    grace: int | None = None
    propagation: str = ""
    uid: str = ""
    version: str = ""
    dry: bool = False


def digest(template: object) -> str:
    """Return the short hash of a template, in letters that make no words."""
    number = zlib.crc32(msgspec.json.encode(template, order="deterministic"))
    return "".join(LETTERS[ord(char) % len(LETTERS)] for char in str(number))


class Cluster:
    """Objects with their rules; `storage` has them, `events` says what happens."""

    def __init__(self, clock: Clock, seed: int = 1) -> None:
        self.clock = clock
        self.storage = Storage(clock, seed)
        self.events = Recorder(self.storage)
        self._addresses = 0

    @property
    def chance(self) -> random.Random:
        """Return the source of everything accidental."""
        return self.storage.chance

    def suffix(self, length: int = 5) -> str:
        """Return letters that make a name unlike any other."""
        return "".join(self.chance.choices(LETTERS, k=length))

    def need(self, resource: Resource, namespace: str, name: str) -> Json:
        """Return an object; raises Failure 404."""
        found = self.storage.get(resource, namespace, name)
        if found is None:
            raise missing(resource.plural, resource.group, name)
        return found

    # ---- making -----------------------------------------------------------------------------------------------------

    def create(self, resource: Resource, namespace: str, item: Json, *, dry: bool = False) -> Json:
        """Make an object, with defaults, checked and admitted; raises Failure (404 no namespace, 409 exists, 422 invalid)."""
        own = {key: value for key, value in item["metadata"].items() if key not in {*OWN, "resourceVersion"}}
        if not own.get("name") and own.get("generateName"):
            own["name"] = f"{own['generateName']}{self.suffix()}"
        if resource.namespaced:
            own["namespace"] = namespace
        item = {**item, "metadata": own}
        check_name(resource, item)
        if resource.namespaced:
            self._admit_into(resource, namespace, name_of(item))
        item = filled(resource, item)
        check(resource, item)
        if self.storage.get(resource, namespace if resource.namespaced else "", name_of(item)) is not None:
            raise exists(resource.plural, resource.group, name_of(item))
        item = self._born(resource, item)
        return item if dry else self.storage.put(resource, item)

    def _admit_into(self, resource: Resource, namespace: str, name: str) -> None:
        space = self.storage.get(NAMESPACES, "", namespace)
        if space is None:
            raise missing("namespaces", "", namespace)
        if is_going(space):
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            cause = {
                "reason": "NamespaceTerminating",
                "message": f"namespace {namespace} is being terminated",
                "field": "metadata.namespace",
            }
            raise forbidden(resource.plural, resource.group, name, why, [cause])

    def _born(self, resource: Resource, item: Json) -> Json:
        own = {**item["metadata"], "uid": self.storage.new_uid(), "creationTimestamp": stamp(self.clock.time())}
        if resource.counted:
            own["generation"] = 1
        item = {**item, "metadata": own}
        if "status" in resource.subs and resource.kind not in {"Node", "PersistentVolume", "PersistentVolumeClaim"}:
            item = {**item, "status": {}}  # what machines and disks say of themselves may come with them
        match resource.kind:
            case "Pod":
                return admitted_pod(item, self.chance)
            case "Job":
                return labelled_job(item)
            case "Namespace":
                labels = {**(own.get("labels") or {}), "kubernetes.io/metadata.name": own["name"]}
                return {**with_meta(item, labels=labels), "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
            case "Service":
                return self._addressed(item)
        return item

    def _addressed(self, item: Json) -> Json:
        spec = item["spec"]
        if spec.get("type") != "ExternalName" and "clusterIP" not in spec:
            self._addresses += 1
            spec = {**spec, "clusterIP": f"10.96.{self._addresses // 200}.{10 + self._addresses % 200}"}
        if spec.get("type") in {"NodePort", "LoadBalancer"}:
            spec = {
                **spec,
                "ports": [{**port, "nodePort": port.get("nodePort", 30000 + self.chance.randrange(2767))} for port in spec["ports"]],
            }
        if "clusterIP" in spec:
            spec = {**spec, "clusterIPs": [spec["clusterIP"]]}
        return {**item, "spec": spec, "status": {"loadBalancer": {}}}

    # ---- changing ---------------------------------------------------------------------------------------------------

    def update(self, resource: Resource, before: Json, after: Json, *, checked: bool = True, dry: bool = False) -> Json:
        """Change an object, but not its status; what only the server sets stays. Returns it as it is now; raises Failure 422."""
        meta = {**after["metadata"], **{key: before["metadata"][key] for key in OWN if key in before["metadata"]}}
        for key in OWN:
            if key not in before["metadata"]:
                meta.pop(key, None)
        meta["resourceVersion"] = before["metadata"]["resourceVersion"]
        item = {**filled(resource, after), "metadata": meta}
        if "status" in resource.subs:
            item["status"] = before.get("status", {})
        if checked:
            check(resource, item, before)
        if item == before:
            return before
        if resource.counted and item.get("spec") != before.get("spec"):
            meta["generation"] = meta.get("generation", 0) + 1
        return item if dry else self.keep(resource, item)

    def set_status(self, resource: Resource, item: Json, status: Json) -> Json:
        """Change the status of the object as it is now; returns it. Nothing happens when it is gone or has that status."""
        now = self.storage.get(resource, space_of(item), name_of(item))
        if now is None or uid_of(now) != uid_of(item):
            return item
        return now if now.get("status") == status else self.storage.put(resource, {**now, "status": status})

    def set_meta(self, resource: Resource, item: Json, **parts: object) -> Json:
        """Change the metadata of the object as it is now; None takes a field away. Returns it."""
        now = self.storage.get(resource, space_of(item), name_of(item))
        if now is None or uid_of(now) != uid_of(item):
            return item
        new = with_meta(now, **parts)
        return now if new == now else self.keep(resource, new)

    def set_spec(self, resource: Resource, item: Json, **parts: object) -> Json:
        """Change parts of the spec of the object as it is now, as a controller does; returns it."""
        now = self.storage.get(resource, space_of(item), name_of(item))
        if now is None or uid_of(now) != uid_of(item):
            return item
        spec = {**now["spec"], **parts}
        if spec == now["spec"]:
            return now
        meta = dict(now["metadata"])
        if resource.counted and not (resource is PODS and "nodeName" in parts):  # a binding is no change of what is wanted
            meta["generation"] = meta.get("generation", 0) + 1
        return self.storage.put(resource, {**now, "metadata": meta, "spec": spec})

    def keep(self, resource: Resource, item: Json) -> Json:
        """Store a changed object; one that only waited for its last finalizer goes."""
        meta = item["metadata"]
        if is_going(item) and not meta.get("finalizers") and not meta.get("deletionGracePeriodSeconds") and resource is not NAMESPACES:
            return self.storage.drop(resource, self.storage.put(resource, item))
        return self.storage.put(resource, item)

    # ---- deleting ---------------------------------------------------------------------------------------------------

    def delete(self, resource: Resource, item: Json, how: Removal | None = None) -> Json | None:
        """Delete an object: returns it while it stays for a while, None when it is gone; raises Failure 409."""
        how = how or Removal()
        self._check_still(resource, item, how)
        meta = item["metadata"]
        finalizers = [word for word in meta.get("finalizers") or () if word not in {FOREGROUND, ORPHAN} or not how.propagation]
        if how.propagation == "Foreground":
            finalizers.append(FOREGROUND)
        if how.propagation == "Orphan":
            finalizers.append(ORPHAN)
        grace = self._grace(item, how) if resource is PODS else 0
        if resource is NAMESPACES:
            return item if is_going(item) or how.dry else self._end_namespace(item)
        if not grace and not finalizers:
            if not how.dry:
                self.storage.drop(resource, item)
            return None
        if is_going(item) and finalizers == (meta.get("finalizers") or []) and grace >= meta.get("deletionGracePeriodSeconds", 0):
            return item
        going: Json = {"deletionTimestamp": stamp(self.clock.time() + grace), "deletionGracePeriodSeconds": grace}
        if is_going(item) and grace >= meta.get("deletionGracePeriodSeconds", 0):
            going = {}
        if resource.counted and not is_going(item):
            going["generation"] = meta.get("generation", 1) + 1
        new = with_meta(item, **going, finalizers=finalizers or None)
        return new if how.dry else self.storage.put(resource, new)

    def _check_still(self, resource: Resource, item: Json, how: Removal) -> None:
        name, uid, version = name_of(item), uid_of(item), item["metadata"]["resourceVersion"]
        if how.uid and how.uid != uid:
            why = f"the UID in the precondition ({how.uid}) does not match the UID in record ({uid}). The object might have been deleted and then recreated"  # noqa: E501
            raise conflict(resource.kind, resource.group, name, why)
        if how.version and how.version != version:
            why = f"the ResourceVersion in the precondition ({how.version}) does not match the ResourceVersion in record ({version}). The object might have been modified"  # noqa: E501
            raise conflict(resource.kind, resource.group, name, why)

    @staticmethod
    def _grace(pod: Json, how: Removal) -> int:
        """Return the seconds that a pod has left; none when no kubelet has it, or it has ended anyway."""
        if not pod["spec"].get("nodeName") or pod["status"].get("phase") in {"Succeeded", "Failed"}:
            return 0
        return int(pod["spec"].get("terminationGracePeriodSeconds", 30) if how.grace is None else how.grace)

    def _end_namespace(self, item: Json) -> Json:
        new = with_meta(item, deletionTimestamp=stamp(self.clock.time()))
        return self.storage.put(NAMESPACES, {**new, "status": {**new["status"], "phase": "Terminating"}})
