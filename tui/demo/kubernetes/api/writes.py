"""Writes to objects: made, replaced, patched and deleted, each with the checks that come before."""

from __future__ import annotations

import msgspec

from tui.demo.kubernetes.api.asked import Asked
from tui.demo.kubernetes.cluster import Cluster, Removal
from tui.demo.kubernetes.failures import bad, conflict, details, invalid
from tui.demo.kubernetes.objects import Json, name_of, stamp
from tui.demo.kubernetes.patches import patched
from tui.demo.kubernetes.resources import NAMESPACES, PODS, SERVICES, Resource
from tui.demo.kubernetes.selectors import chosen
from tui.demo.kubernetes.validation import check_type, check_uid, refused_option

WRONG_SPACE = "the namespace of the provided object does not match the namespace sent on the request"
POLICIES = ("Foreground", "Background", "Orphan")


def signed(asked: Asked, item: Json, now: float) -> Json:
    """Return an object with the name of who wrote it last in managedFields."""
    own = item["metadata"]
    entry = {
        "manager": asked.manager,
        "operation": "Update",
        "apiVersion": asked.resource.api,
        "time": stamp(now),
        "fieldsType": "FieldsV1",
    }
    rest = [one for one in own.get("managedFields") or () if one.get("manager") != asked.manager]
    return {**item, "metadata": {**own, "managedFields": [*rest, {**entry, "fieldsV1": {}}]}}


def create(cluster: Cluster, asked: Asked) -> Json:
    """Make the object of the body; raises Failure 400, 404, 409 and 422."""
    item = check_type(asked.resource, asked.json())
    if asked.namespace and item["metadata"].get("namespace", asked.namespace) != asked.namespace:
        raise bad(WRONG_SPACE)
    made = cluster.create(asked.resource, asked.namespace, item, dry=asked.is_dry)
    return made if asked.is_dry else cluster.storage.get(asked.resource, asked.namespace, name_of(made)) or made


def replace(cluster: Cluster, asked: Asked) -> Json:
    """Put the body in the object's place; raises Failure 400, 404, 409 and 422."""
    item = check_type(asked.resource, asked.json())
    own = item["metadata"]
    if own.get("name", asked.name) != asked.name:
        raise bad(f"the name of the object ({own['name']}) does not match the name on the URL ({asked.name})")
    if asked.namespace and own.get("namespace", asked.namespace) != asked.namespace:
        raise bad(WRONG_SPACE)
    before = cluster.need(asked.resource, asked.namespace, asked.name)
    same_uid(asked.resource, before, own.get("uid"))
    same_version(asked.resource, before, own.get("resourceVersion"))
    item["metadata"] = {**own, "name": asked.name, **({"namespace": asked.namespace} if asked.namespace else {})}
    return _written(cluster, asked, before, item)


def patch(cluster: Cluster, asked: Asked) -> Json:
    """Change the object by the body, a patch; raises Failure 400, 404, 409, 415 and 422."""
    before = cluster.need(asked.resource, asked.namespace, asked.name)
    after = patched(asked.content_type, before, patch_of(asked))
    check_uid(asked.resource, before, after.get("metadata") or {})
    same_version(asked.resource, before, (after.get("metadata") or {}).get("resourceVersion"))
    item = check_type(asked.resource, after)
    if item["metadata"].get("name") != asked.name or item["metadata"].get("namespace", "") != asked.namespace:
        raise bad("the name of the object does not match the name on the URL")
    return _written(cluster, asked, before, item)


def patch_of(asked: Asked) -> object:
    """Return the body of a patch; raises Failure 400."""
    if "yaml" in asked.content_type:
        return {}
    try:
        return msgspec.json.decode(asked.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        odd = asked.body.lstrip(b"{ ")[:1].decode("utf-8", "replace")
        raise bad(f"error decoding patch: invalid character '{odd}' looking for beginning of object key string") from None


def _written(cluster: Cluster, asked: Asked, before: Json, item: Json) -> Json:
    if asked.sub in {"status", "ephemeralcontainers", "resize", "finalize"}:
        if asked.sub == "status":
            return before if asked.is_dry else cluster.set_status(asked.resource, before, item.get("status") or {})
        raise bad(f"{asked.resource.plural}/{asked.sub} is not simulated in the demo world")
    new = cluster.update(asked.resource, before, item, dry=True)
    if new is before or asked.is_dry:
        return new
    return cluster.keep(asked.resource, signed(asked, new, cluster.clock.time()))


def same_uid(resource: Resource, before: Json, uid: str | None) -> None:
    """Raise Failure 409 when another object was meant."""
    has = before["metadata"]["uid"]
    if uid and uid != has:
        space = before["metadata"].get("namespace", "")
        key = f"/registry/{resource.plural}/{space}/{name_of(before)}" if space else f"/registry/{resource.plural}/{name_of(before)}"
        why = f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {has}"  # noqa: E501
        raise conflict(resource.plural, resource.group, name_of(before), why)


def same_version(resource: Resource, before: Json, version: str | None) -> None:
    """Raise Failure 409 when it has changed since it was read."""
    if version and version != before["metadata"]["resourceVersion"]:
        raise conflict(resource.plural, resource.group, name_of(before))


# ---- deleting -----------------------------------------------------------------------------------------------------------


def removal(asked: Asked) -> Removal:
    """Return how the request wants something deleted; raises Failure 422."""
    body = asked.mapping()
    policy = body.get("propagationPolicy") or asked.query.get("propagationPolicy") or ""
    if policy not in {"", *POLICIES}:
        said = f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"'
        raise refused_option("DeleteOptions", "propagationPolicy", "FieldValueNotSupported", said)
    grace = body.get("gracePeriodSeconds", asked.number("gracePeriodSeconds"))
    if grace is not None and grace < 0:
        raise invalid(
            "DeleteOptions",
            "meta.k8s.io",
            "",
            [("gracePeriodSeconds", "FieldValueInvalid", f"Invalid value: {grace}: must be greater than or equal to 0")],
        )
    only = body.get("preconditions") or {}
    return Removal(grace, policy, only.get("uid") or "", only.get("resourceVersion") or "", asked.is_dry or bool(body.get("dryRun")))


def delete(cluster: Cluster, asked: Asked) -> Json:
    """Delete the object; returns it while it stays for a while, else a Status. Raises Failure 404, 409 and 422."""
    item = cluster.need(asked.resource, asked.namespace, asked.name)
    left = cluster.delete(asked.resource, item, removal(asked))
    if left is not None:
        return left
    if asked.resource in {PODS, NAMESPACES, SERVICES}:
        return item
    said = details(asked.name, asked.resource.group, asked.resource.plural, uid=item["metadata"]["uid"])
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": said}


def delete_all(cluster: Cluster, asked: Asked) -> list[Json]:
    """Delete what the selectors choose; returns what that was."""
    test = chosen(asked.resource, asked.query.get("labelSelector", ""), asked.query.get("fieldSelector", ""))
    how = removal(asked)
    found = [item for item in cluster.storage.items(asked.resource, asked.namespace) if test is None or test(item)]
    return [cluster.delete(asked.resource, item, how) or item for item in found]
