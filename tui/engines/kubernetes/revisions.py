"""Revisions of workloads and the way back to one, as `kubectl rollout history` and `undo` have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from tui.engines.kubernetes import paths
from tui.engines.kubernetes.selectors import selector_of
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.workloads import JSON_PATCH, MANAGER, ROLLABLE, STRATEGIC, decode, read, refuse_paused, word_of
from tui.facts import Conflict, Missing, Ref, Revision, Unsupported

NUMBER = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
KEPT = {  # annotations that stay the deployment's own in a rollback (kubectl `rollback.go`, annotationsToSkip)
    "kubectl.kubernetes.io/last-applied-configuration",
    NUMBER,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
}


async def revisions(transport: Transport, path: str, ref: Ref) -> Sequence[Revision]:
    """Return a workload's revisions, newest first."""
    body = await read(transport, path, ref)
    return [revision for revision, _ in await _history(transport, ref, body)]


async def rollback(transport: Transport, path: str, ref: Ref, number: int) -> None:
    """Make revision `number` the wanted one; raises Missing (no such revision), Conflict (paused, replaced, already so)."""
    body = await read(transport, path, ref)
    refuse_paused(body, ref, "rolled back")
    found = [pair for pair in await _history(transport, ref, body) if pair[0].number == number]
    if not found:
        raise Missing(f"{ref} has no revision {number}")
    revision, keeper = found[0]
    if revision.current:
        raise Conflict(f"{ref} is at revision {number} already")
    if word_of(ref) == "deployments":
        patch = _deployment_patch(ref, body, revision, keeper)
        await transport.write("rollback", ref, "PATCH", path, msgspec.json.encode(patch), JSON_PATCH, MANAGER)
    else:
        data = {**keeper.get("data", {}), "metadata": {"uid": ref.uid}}
        await transport.write("rollback", ref, "PATCH", path, msgspec.json.encode(data), STRATEGIC, MANAGER)


def _deployment_patch(ref: Ref, body: Mapping[str, Any], revision: Revision, keeper: Mapping[str, Any]) -> list[dict[str, Any]]:
    old = _annotations(body)
    notes = {key: value for key, value in old.items() if key in KEPT}
    notes |= {key: value for key, value in _annotations(keeper).items() if key not in KEPT}
    return [
        {"op": "test", "path": "/metadata/uid", "value": ref.uid},
        {"op": "replace", "path": "/spec/template", "value": revision.template},
        {"op": "replace" if old else "add", "path": "/metadata/annotations", "value": notes},
    ]


async def _history(transport: Transport, ref: Ref, body: Mapping[str, Any]) -> list[tuple[Revision, dict[str, Any]]]:
    word = word_of(ref)
    if word not in ROLLABLE:
        raise Unsupported(f"{word} have no revisions")
    keepers = "replicasets" if word == "deployments" else "controllerrevisions"
    path = paths.collection(paths.KNOWN[keepers], ref.namespace)
    answer = decode(await transport.get(path, {"labelSelector": selector_of(word, body)}))
    uid = (body.get("metadata") or {}).get("uid")
    mine = [item for item in answer.get("items") or () if _is_owned(item, uid)]
    make = _from_replicaset if word == "deployments" else _from_controller_revision
    pairs = [(revision, item) for item in mine if (revision := make(item)) is not None]
    pairs.sort(key=lambda pair: -pair[0].number)
    current = _current(word, body, pairs)
    return [(replace(revision, current=revision.number == current), item) for revision, item in pairs]


def _current(word: str, body: Mapping[str, Any], pairs: Sequence[tuple[Revision, Mapping[str, Any]]]) -> int:
    """Return the number that the workload's own template has: what is wanted, not what has been reached."""
    if word == "deployments":
        wanted = (body.get("spec") or {}).get("template")
        for revision, _ in pairs:
            if revision.template == wanted:
                return revision.number
    if word == "statefulsets":
        name = (body.get("status") or {}).get("updateRevision")
        for revision, item in pairs:
            if name and item["metadata"].get("name") == name:
                return revision.number
    return pairs[0][0].number if pairs else 0


def _is_owned(item: Mapping[str, Any], uid: object) -> bool:
    owners = (item.get("metadata") or {}).get("ownerReferences") or ()
    return any(owner.get("uid") == uid and owner.get("controller") for owner in owners)


def _annotations(item: Mapping[str, Any]) -> Mapping[str, str]:
    return (item.get("metadata") or {}).get("annotations") or {}


def _from_replicaset(item: dict[str, Any]) -> Revision | None:
    number = _annotations(item).get(NUMBER, "")
    if not number.isdigit():
        return None
    template = dict((item.get("spec") or {}).get("template") or {})
    meta = dict(template.get("metadata") or {})
    meta["labels"] = {key: value for key, value in (meta.get("labels") or {}).items() if key != "pod-template-hash"}
    template["metadata"] = meta
    return _revision(item, int(number), template)


def _from_controller_revision(item: dict[str, Any]) -> Revision | None:
    number = item.get("revision")
    template = ((item.get("data") or {}).get("spec") or {}).get("template")
    if not isinstance(number, int) or not isinstance(template, dict):
        return None
    return _revision(item, number, {key: value for key, value in template.items() if key != "$patch"})


def _revision(item: Mapping[str, Any], number: int, template: Mapping[str, Any]) -> Revision:
    spec = template.get("spec") or {}
    images = tuple(container.get("image", "") for container in spec.get("containers") or ())
    return Revision(
        number, stamp((item.get("metadata") or {}).get("creationTimestamp")), images, template, False, _annotations(item).get(CAUSE, "")
    )


def stamp(text: object) -> datetime | None:
    """Return an RFC 3339 time, with or without micro-seconds, or None."""
    try:
        return msgspec.convert(text, datetime) if isinstance(text, str) else None
    except msgspec.ValidationError:
        return None
