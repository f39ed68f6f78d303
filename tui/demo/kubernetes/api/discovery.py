"""What the API says of itself: its versions, groups and resources, its health, and who one is."""

from __future__ import annotations

from typing import Any

from tui.demo.kubernetes.objects import Json, stamp
from tui.demo.kubernetes.resources import ALL, RESOURCES, Resource

VERSION: Json = {
    "major": "1", "minor": "34", "emulationMajor": "1", "emulationMinor": "34", "minCompatibilityMajor": "1", "minCompatibilityMinor": "33",
    "gitVersion": "v1.34.4", "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
    "buildDate": "2026-02-10T12:00:00Z", "goVersion": "go1.24.12", "compiler": "gc", "platform": "linux/amd64",
}  # fmt: skip
CHECKS = (
    "ping",
    "log",
    "etcd",
    "informer-sync",
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/bootstrap-controller",
    "shutdown",
)
METRICS = "metrics.k8s.io/v1beta1"
ASKED = ("authentication.k8s.io/v1", "authorization.k8s.io/v1")
SUB_KINDS = {"scale": ("autoscaling", "v1", "Scale"), "eviction": ("policy", "v1", "Eviction")}


def apis() -> list[str]:
    """Return every group and version, without the core."""
    return list(dict.fromkeys([one.api for one in RESOURCES if one.group] + [METRICS, *ASKED]))


def group(api: str) -> Json:
    """Return an APIGroup."""
    name, _, version = api.partition("/")
    one = {"groupVersion": api, "version": version}
    return {"name": name, "versions": [one], "preferredVersion": one}


def resources(api: str) -> Json | None:
    """Return the APIResourceList of a group version, or None when there is none."""
    if api == METRICS:
        made = [{"name": word, "singularName": "", "namespaced": word == "pods", "kind": kind, "verbs": ["get", "list"]}
                for word, kind in (("nodes", "NodeMetrics"), ("pods", "PodMetrics"))]  # fmt: skip
    elif api in ASKED:
        word, kind = (
            ("selfsubjectreviews", "SelfSubjectReview") if api == ASKED[0] else ("selfsubjectaccessreviews", "SelfSubjectAccessReview")
        )
        made = [{"name": word, "singularName": "", "namespaced": False, "kind": kind, "verbs": ["create"]}]
    else:
        made = [entry for one in RESOURCES if one.api == api for entry in _entries(one)]
    if not made:
        return None
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api, "resources": made}


def _entries(one: Resource) -> list[Json]:
    made: Json = {"name": one.plural, "singularName": one.kind.lower(), "namespaced": one.namespaced, "kind": one.kind, "verbs": list(ALL)}
    if one.short:
        made["shortNames"] = list(one.short)
    if one.kind in {"Pod", "Service", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicationController"}:
        made["categories"] = ["all"]
    entries = [made]
    for sub in one.subs:
        entry: Json = {"name": f"{one.plural}/{sub}", "singularName": "", "namespaced": one.namespaced, "kind": one.kind}
        entry["verbs"] = ["create"] if sub in {"eviction", "binding"} else ["get", "patch", "update"]
        if sub in SUB_KINDS:
            entry["group"], entry["version"], entry["kind"] = SUB_KINDS[sub]
        entries.append(entry)
    return entries


def plain(path: str, address: str) -> Json | None:
    """Return the answer to a path that tells of the API, or None when it is no such path."""
    words = path.strip("/").split("/")
    match words:
        case ["version"]:
            return VERSION
        case ["api"]:
            way = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": way}
        case ["api", "v1"]:
            return resources("v1")
        case ["apis"]:
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group(api) for api in apis()]}
        case ["apis", name]:
            found = next((api for api in apis() if api.partition("/")[0] == name), "")
            return {"kind": "APIGroup", "apiVersion": "v1", **group(found)} if found else None
        case ["apis", name, version]:
            return resources(f"{name}/{version}")
        case [""]:
            return {"paths": ["/api", "/api/v1", "/apis", *(f"/apis/{api}" for api in apis()), "/healthz", "/livez", "/readyz", "/version"]}
    return None


def health(path: str, verbose: bool) -> str | None:
    """Return the answer of /livez, /readyz and /healthz, or None for another path."""
    word = path.strip("/")
    if word not in {"livez", "readyz", "healthz"}:
        return None
    return "".join(f"[+]{check} ok\n" for check in CHECKS) + f"{word} check passed\n" if verbose else "ok"


def review(path: str, body: Any, user: str, now: float) -> Json | None:
    """Return the answer to who one is and what one may do, or None for another path: here one may do everything."""
    match path.strip("/").split("/"):
        case ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"]:
            info = {"username": user, "groups": ["system:masters", "system:authenticated"]}
            head = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}
            return {**head, "metadata": {"creationTimestamp": stamp(now)}, "status": {"userInfo": info}}
        case ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"]:
            spec = body.get("spec") if isinstance(body, dict) else {}
            head = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
            return {**head, "metadata": {}, "spec": spec or {}, "status": {"allowed": True}}
    return None
