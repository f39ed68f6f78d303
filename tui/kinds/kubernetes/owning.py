"""Who owns an object, from its ownerReferences, and who owns that owner, as far as a name tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.engines.kubernetes.objects import KubeObject, Owner

WORDS: Mapping[str, str] = {
    "Pod": "pods", "ReplicaSet": "replicasets", "Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets",
    "Job": "jobs", "CronJob": "cronjobs", "Node": "nodes", "Service": "services", "ConfigMap": "configmaps", "Secret": "secrets",
}  # fmt: skip
HASH = "pod-template-hash"


def owner(one: KubeObject) -> Owner | None:
    """Return the owner that controls the object, else the first one."""
    found = one.metadata.ownerReferences or ()
    return next((item for item in found if item.controller), found[0] if found else None)


def owners(one: KubeObject) -> Sequence[tuple[str, str]]:
    """Return (kind id, name) of the owners, outermost first.

    A ReplicaSet whose name ends in the pod's template hash was made by the Deployment of the name before it; a Job whose
    name ends in a number of minutes was made by a CronJob. A kind without a pane is told by its own word.
    """
    inner = owner(one)
    if inner is None:
        return ()
    word = WORDS.get(inner.kind)
    direct = (f"kubernetes/{word}" if word else inner.kind, inner.name)
    head, _, tail = inner.name.rpartition("-")
    if inner.kind == "ReplicaSet" and head and tail == one.labels.get(HASH):
        return (("kubernetes/deployments", head), direct)
    if inner.kind == "Job" and head and len(tail) == 8 and tail.isdecimal():
        return (("kubernetes/cronjobs", head), direct)
    return (direct,)


def owned_by(one: KubeObject, candidate: KubeObject) -> bool:
    """Tell whether `candidate` names `one` as an owner, by uid."""
    return any(item.uid == one.uid for item in candidate.metadata.ownerReferences or ())
