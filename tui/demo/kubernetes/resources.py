"""The resources that the embedded API serves: where they live, how they are called, and what one may ask of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALL = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource. `subs`: its subresources; `counted`: it has a generation; `fields`: what may be selected by, beside its name."""

    api: str  # "v1", "apps/v1"
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    subs: tuple[str, ...] = ()
    counted: bool = False
    fields: tuple[str, ...] = ()
    strict: bool = True  # names are of a domain's form; RBAC allows more

    @property
    def group(self) -> str:
        """Return the API group, "" for the core."""
        return self.api.rpartition("/")[0]

    @property
    def root(self) -> str:
        """Return the path that its API version has."""
        return f"/apis/{self.api}" if self.group else f"/api/{self.api}"

    @property
    def prefix(self) -> bytes:
        """Return how each encoded object of it begins; in lists that is left out."""
        return f'{{"kind":"{self.kind}","apiVersion":"{self.api}",'.encode()


def _named(*plain: tuple[str, str, str, bool, str]) -> list[Resource]:
    return [Resource(api, plural, kind, spaced, tuple(short.split())) for api, plural, kind, spaced, short in plain]


SCALED = ("scale", "status")
POD_FIELDS = (
    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
    "status.podIP", "status.podIPs", "status.nominatedNodeName",
)  # fmt: skip
EVENT_FIELDS = (
    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
    "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
)  # fmt: skip
POD_SUBS = ("status", "log", "portforward", "eviction", "binding", "exec", "attach", "ephemeralcontainers", "proxy", "resize")

PODS = Resource("v1", "pods", "Pod", True, ("po",), POD_SUBS, True, POD_FIELDS)
NODES = Resource("v1", "nodes", "Node", False, ("no",), ("status", "proxy"), fields=("spec.unschedulable",))
NAMESPACES = Resource("v1", "namespaces", "Namespace", False, ("ns",), ("finalize", "status"), fields=("status.phase", "name"))
EVENTS = Resource("v1", "events", "Event", True, ("ev",), fields=EVENT_FIELDS)
SERVICES = Resource("v1", "services", "Service", True, ("svc",), ("status", "proxy"), fields=("spec.clusterIP", "spec.type"))
ENDPOINTS = Resource("v1", "endpoints", "Endpoints", True, ("ep",))
CONFIGMAPS = Resource("v1", "configmaps", "ConfigMap", True, ("cm",))
SECRETS = Resource("v1", "secrets", "Secret", fields=("type",))
SERVICEACCOUNTS = Resource("v1", "serviceaccounts", "ServiceAccount", True, ("sa",))
CLAIMS = Resource("v1", "persistentvolumeclaims", "PersistentVolumeClaim", True, ("pvc",), ("status",))
DEPLOYMENTS = Resource("apps/v1", "deployments", "Deployment", True, ("deploy",), SCALED, True)
REPLICASETS = Resource("apps/v1", "replicasets", "ReplicaSet", True, ("rs",), SCALED, True, ("status.replicas",))
STATEFULSETS = Resource("apps/v1", "statefulsets", "StatefulSet", True, ("sts",), SCALED, True)
DAEMONSETS = Resource("apps/v1", "daemonsets", "DaemonSet", True, ("ds",), ("status",), True)
REVISIONS = Resource("apps/v1", "controllerrevisions", "ControllerRevision")
JOBS = Resource("batch/v1", "jobs", "Job", True, (), ("status",), True, ("status.successful",))
CRONJOBS = Resource("batch/v1", "cronjobs", "CronJob", True, ("cj",), ("status",), True)
SLICES = Resource("discovery.k8s.io/v1", "endpointslices", "EndpointSlice", counted=True)
BUDGETS = Resource("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", True, ("pdb",), ("status",), True)
INGRESSES = Resource("networking.k8s.io/v1", "ingresses", "Ingress", True, ("ing",), ("status",), True)
RBAC = "rbac.authorization.k8s.io/v1"

RESOURCES: tuple[Resource, ...] = (
    PODS, NODES, NAMESPACES, EVENTS, SERVICES, ENDPOINTS, CONFIGMAPS, SECRETS, SERVICEACCOUNTS, CLAIMS,
    Resource("v1", "persistentvolumes", "PersistentVolume", False, ("pv",), ("status",)),
    *_named(("v1", "resourcequotas", "ResourceQuota", True, "quota"), ("v1", "limitranges", "LimitRange", True, "limits"),
            ("v1", "replicationcontrollers", "ReplicationController", True, "rc")),
    DEPLOYMENTS, REPLICASETS, STATEFULSETS, DAEMONSETS, REVISIONS, JOBS, CRONJOBS, SLICES, BUDGETS,
    INGRESSES,
    Resource("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", True, ("netpol",), counted=True),
    Resource("networking.k8s.io/v1", "ingressclasses", "IngressClass", False, counted=True),
    Resource("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", True, ("hpa",), ("status",)),
    *_named(("storage.k8s.io/v1", "storageclasses", "StorageClass", False, "sc"),
            ("coordination.k8s.io/v1", "leases", "Lease", True, ""),
            ("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", False, "pc")),
    Resource("apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", False, ("crd", "crds"), ("status",), True),
    *(Resource(RBAC, plural, kind, spaced, strict=False) for plural, kind, spaced in (
        ("roles", "Role", True), ("rolebindings", "RoleBinding", True), ("clusterroles", "ClusterRole", False),
        ("clusterrolebindings", "ClusterRoleBinding", False))),
)  # fmt: skip

BY_PLACE: Mapping[tuple[str, str], Resource] = {(one.api, one.plural): one for one in RESOURCES}
BY_KIND: Mapping[tuple[str, str], Resource] = {(one.api, one.kind): one for one in RESOURCES}
NAMESPACED: tuple[Resource, ...] = tuple(one for one in RESOURCES if one.namespaced)
