"""Where objects live in the API: paths from a kind's api word ("v1/pods", "apps/v1/deployments"), a namespace and a name."""

from __future__ import annotations

from urllib.parse import quote


def collection(api: str, namespace: str = "") -> str:
    """Return the path of all objects of a kind, in one namespace or in all ("")."""
    group, _, resource = api.rpartition("/")
    root = "/api/v1" if group == "v1" else f"/apis/{group}"
    return f"{root}/namespaces/{quote(namespace, safe='')}/{resource}" if namespace else f"{root}/{resource}"


def item(api: str, namespace: str, name: str, sub: str = "") -> str:
    """Return the path of one object, or of its subresource ("scale", "log")."""
    return f"{collection(api, namespace)}/{quote(name, safe='')}" + (f"/{sub}" if sub else "")


KNOWN = {
    "pods": "v1/pods",
    "services": "v1/services",
    "nodes": "v1/nodes",
    "namespaces": "v1/namespaces",
    "configmaps": "v1/configmaps",
    "secrets": "v1/secrets",
    "events": "v1/events",
    "endpoints": "v1/endpoints",
    "serviceaccounts": "v1/serviceaccounts",
    "persistentvolumes": "v1/persistentvolumes",
    "persistentvolumeclaims": "v1/persistentvolumeclaims",
    "replicationcontrollers": "v1/replicationcontrollers",
    "resourcequotas": "v1/resourcequotas",
    "limitranges": "v1/limitranges",
    "deployments": "apps/v1/deployments",
    "replicasets": "apps/v1/replicasets",
    "statefulsets": "apps/v1/statefulsets",
    "daemonsets": "apps/v1/daemonsets",
    "controllerrevisions": "apps/v1/controllerrevisions",
    "jobs": "batch/v1/jobs",
    "cronjobs": "batch/v1/cronjobs",
    "ingresses": "networking.k8s.io/v1/ingresses",
    "ingressclasses": "networking.k8s.io/v1/ingressclasses",
    "networkpolicies": "networking.k8s.io/v1/networkpolicies",
    "horizontalpodautoscalers": "autoscaling/v2/horizontalpodautoscalers",
    "poddisruptionbudgets": "policy/v1/poddisruptionbudgets",
    "storageclasses": "storage.k8s.io/v1/storageclasses",
    "roles": "rbac.authorization.k8s.io/v1/roles",
    "rolebindings": "rbac.authorization.k8s.io/v1/rolebindings",
    "clusterroles": "rbac.authorization.k8s.io/v1/clusterroles",
    "clusterrolebindings": "rbac.authorization.k8s.io/v1/clusterrolebindings",
    "customresourcedefinitions": "apiextensions.k8s.io/v1/customresourcedefinitions",
}
"""Where the kinds live that an object may be spoken of before anybody has watched them."""

PLURALS = {
    "Pod": "pods",
    "Deployment": "deployments",
    "ReplicaSet": "replicasets",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
    "Job": "jobs",
    "CronJob": "cronjobs",
    "ReplicationController": "replicationcontrollers",
    "Node": "nodes",
}
"""From an ownerReference's kind to our word."""
