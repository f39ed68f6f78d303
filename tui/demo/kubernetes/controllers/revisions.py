"""ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, and which of them is wanted now."""

from __future__ import annotations

from collections.abc import Sequence

from tui.demo.kubernetes.cluster import Cluster, digest
from tui.demo.kubernetes.controllers.pods import owned_of
from tui.demo.kubernetes.objects import Json, labels_of, name_of, notes_of, reference, space_of
from tui.demo.kubernetes.resources import REVISIONS

CAUSE = "kubernetes.io/change-cause"
GENERATION = "deprecated.daemonset.template.generation"


def _data(item: Json) -> Json:
    return {"spec": {"template": {"$patch": "replace", **item["spec"]["template"]}}}


def revisions_of(cluster: Cluster, item: Json) -> list[Json]:
    """Return the revisions of a workload, oldest first."""
    return sorted(owned_of(cluster, item, REVISIONS), key=lambda one: int(one["revision"]))


def wanted_revision(cluster: Cluster, item: Json, label: str) -> Json:
    """Return the revision that the workload's template is, made or moved to the front if need be; `label`: what holds its hash."""
    known = revisions_of(cluster, item)
    data = _data(item)
    same = next((one for one in known if one["data"] == data), None)
    last = int(known[-1]["revision"]) if known else 0
    if same is not None:
        if int(same["revision"]) != last:  # gone back to an older one: it is the newest again
            return cluster.storage.put(REVISIONS, {**same, "revision": last + 1})
        return same
    word = digest(data)
    notes = {key: value for key, value in notes_of(item).items() if key in {CAUSE, GENERATION}}
    own: Json = {
        "name": f"{name_of(item)}-{word}",
        "labels": {**dict(labels_of(item["spec"]["template"])), label: word},
        **({"annotations": notes} if notes else {}),
        "ownerReferences": [reference(item)],
    }
    body = {"kind": "ControllerRevision", "apiVersion": "apps/v1", "metadata": own, "data": data, "revision": last + 1}
    return cluster.create(REVISIONS, space_of(item), body)


def forget(cluster: Cluster, item: Json, in_use: Sequence[str]) -> None:
    """Delete the oldest revisions beyond what is kept, but none that a pod still has; `in_use`: their names."""
    idle = [one for one in revisions_of(cluster, item) if name_of(one) not in in_use]
    for one in idle[: max(0, len(idle) - item["spec"].get("revisionHistoryLimit", 10))]:
        cluster.delete(REVISIONS, one)
