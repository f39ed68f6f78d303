"""What a pod needs from ConfigMaps and Secrets, and what a node says when it is not there."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.objects import Json, space_of
from tui.demo.kubernetes.resources import CONFIGMAPS, SECRETS, Resource


def _without(cluster: Cluster, resource: Resource, space: str, name: str, key: str = "") -> str:
    found = cluster.storage.get(resource, space, name)
    word = "configmap" if resource is CONFIGMAPS else "secret"
    if found is None:
        return f'{word} "{name}" not found'
    if key and key not in (found.get("data") or {}):
        return f"couldn't find key {key} in {resource.kind} {space}/{name}"
    return ""


def lacking_volume(cluster: Cluster, pod: Json) -> str:
    """Return why the pod's volumes cannot be set up, or ""."""
    for volume in pod["spec"].get("volumes") or ():
        for field, resource, name in (("configMap", CONFIGMAPS, "name"), ("secret", SECRETS, "secretName")):
            source = volume.get(field)
            if source and not source.get("optional"):
                why = _without(cluster, resource, space_of(pod), str(source.get(name, "")))
                if why:
                    return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {why}'
    return ""


def lacking_config(cluster: Cluster, pod: Json, container: Json) -> str:
    """Return why a container's environment cannot be made, or ""."""
    space = space_of(pod) if pod else ""
    for source in container.get("envFrom") or ():
        for field, resource in (("configMapRef", CONFIGMAPS), ("secretRef", SECRETS)):
            ref = source.get(field)
            if ref and not ref.get("optional") and (why := _without(cluster, resource, space, ref["name"])):
                return why
    for one in container.get("env") or ():
        for field, resource in (("configMapKeyRef", CONFIGMAPS), ("secretKeyRef", SECRETS)):
            ref = (one.get("valueFrom") or {}).get(field)
            if ref and not ref.get("optional") and (why := _without(cluster, resource, space, ref["name"], ref["key"])):
                return why
    return ""
