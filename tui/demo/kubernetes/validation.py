"""What the API server does not let pass: names, what must be there, what must not change."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tui.demo.kubernetes.failures import Failure, bad, invalid
from tui.demo.kubernetes.objects import Json, name_of
from tui.demo.kubernetes.resources import Resource
from tui.demo.kubernetes.selectors import matches

SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
WRONG_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an"
    f" alphanumeric character (e.g. 'example.com', regex used for validation is '{SUBDOMAIN}')"
)
WRONG_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric"
    f" character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL}')"
)
SET_FIELDS = {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"}  # fmt: skip  # noqa: E501
SET_RULE = (
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy',"
    " 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
POD_RULE = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds`"
    " (allow it to be set to 1 if it was previously negative)"
)
Cause = tuple[str, str, str]
"""Field, reason and message."""


def _refuse(resource: Resource, name: str, causes: list[Cause]) -> None:
    if causes:
        raise invalid(resource.kind, resource.group, name, causes)


def check_type(resource: Resource, body: object) -> Json:
    """Return a body as an object of this resource; raises Failure 400 when it is something else."""
    if not isinstance(body, dict):
        raise bad(f"the object provided is unrecognized (must be of type {resource.kind}): couldn't get version/kind")
    kind, api = body.get("kind") or resource.kind, body.get("apiVersion") or resource.api
    version = resource.api.rpartition("/")[2]
    if kind != resource.kind or api != resource.api:
        raise bad(
            f'{kind} in version "{str(api).rpartition("/")[2]}" cannot be handled as a {resource.kind}: converting ({version}.{kind})'
            f" to (core.{resource.kind}): unknown conversion"
        )
    meta = body.get("metadata")
    if not isinstance(meta, dict | None) or not isinstance(body.get("spec"), dict | None):
        raise bad(f'{kind} in version "{version}" cannot be handled as a {kind}: json: cannot unmarshal into Go struct field')
    replicas = (body.get("spec") or {}).get("replicas")
    if replicas is not None and (not isinstance(replicas, int) or isinstance(replicas, bool)):
        raise bad(
            f'{kind} in version "{version}" cannot be handled as a {kind}: json: cannot unmarshal {_go_type(replicas)} into Go struct'
            f" field {kind}Spec.spec.replicas of type int32"
        )
    rest = {key: value for key, value in body.items() if key not in {"kind", "apiVersion", "metadata"}}
    return {"kind": resource.kind, "apiVersion": resource.api, "metadata": dict(meta or {}), **rest}


def _go_type(value: object) -> str:
    words = {str: "string", bool: "bool", float: "number", list: "array", dict: "object"}
    return words.get(type(value), "value")


def check_name(resource: Resource, item: Json) -> None:
    """Raise Failure 422 for a name that cannot be one."""
    name = name_of(item)
    if not name:
        _refuse(resource, "", [("metadata.name", "FieldValueRequired", "Required value: name or generateName is required")])
    if resource.kind in {"Namespace", "Service"}:
        if not re.fullmatch(LABEL, name) or len(name) > 63:
            _refuse(resource, name, [("metadata.name", "FieldValueInvalid", f'Invalid value: "{name}": {WRONG_LABEL}')])
    elif resource.strict and (not re.fullmatch(SUBDOMAIN, name) or len(name) > 253):
        _refuse(resource, name, [("metadata.name", "FieldValueInvalid", f'Invalid value: "{name}": {WRONG_SUBDOMAIN}')])


def check(resource: Resource, item: Json, before: Json | None = None) -> None:
    """Raise Failure 422 for an object that lacks what it must have, or differs from `before` where it must not."""
    _refuse(resource, name_of(item), _lacks(resource, item) + ([] if before is None else _changes(resource, before, item)))


def _lacks(resource: Resource, item: Json) -> list[Cause]:
    causes: list[Cause] = []
    spec = item.get("spec") or {}
    if resource.kind in {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"}:
        causes += _workload(spec)
    elif resource.kind == "Pod":
        causes += _pod(spec, "spec")
    elif resource.kind == "Job":
        causes += _pod((spec.get("template") or {}).get("spec") or {}, "spec.template.spec")
        policy = (spec.get("template") or {}).get("spec", {}).get("restartPolicy")
        if policy not in {"Never", "OnFailure"}:
            said = f'Unsupported value: "{policy}": supported values: "OnFailure", "Never"'
            causes.append(("spec.template.spec.restartPolicy", "FieldValueNotSupported", said))
    elif resource.kind == "Service" and not spec.get("ports") and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        causes.append(("spec.ports", "FieldValueRequired", "Required value"))
    return causes


def _workload(spec: Mapping[str, Any]) -> list[Cause]:
    causes: list[Cause] = []
    if spec.get("replicas", 0) < 0:
        causes.append(("spec.replicas", "FieldValueInvalid", f"Invalid value: {spec['replicas']}: must be greater than or equal to 0"))
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    if not spec.get("selector"):
        causes.append(("spec.selector", "FieldValueRequired", "Required value"))
    if not spec.get("selector") or not matches(spec["selector"], labels or {}):
        shown = json.dumps(labels, separators=(",", ":"), sort_keys=True)
        said = f"Invalid value: {shown}: `selector` does not match template `labels`"
        causes.append(("spec.template.metadata.labels", "FieldValueInvalid", said))
    return causes + _pod(template.get("spec") or {}, "spec.template.spec")


def _pod(spec: Mapping[str, Any], path: str) -> list[Cause]:
    if not spec.get("containers"):
        return [(f"{path}.containers", "FieldValueRequired", "Required value")]
    causes: list[Cause] = []
    for place, one in enumerate(spec["containers"]):
        causes += [
            (f"{path}.containers[{place}].{field}", "FieldValueRequired", "Required value")
            for field in ("name", "image")
            if not one.get(field)
        ]
    return causes


def _changes(resource: Resource, before: Json, after: Json) -> list[Cause]:
    causes: list[Cause] = []
    old, new = before.get("spec") or {}, after.get("spec") or {}
    if resource.kind in {"Deployment", "ReplicaSet", "DaemonSet", "Job"} and old.get("selector") != new.get("selector"):
        shown = json.dumps(new.get("selector"), separators=(",", ":"), sort_keys=True)
        causes.append(("spec.selector", "FieldValueInvalid", f"Invalid value: {shown}: field is immutable"))
    if resource.kind == "StatefulSet" and any(old.get(key) != new.get(key) for key in {*old, *new} - SET_FIELDS):
        causes.append(("spec", "FieldValueForbidden", SET_RULE))
    if resource.kind == "Pod" and _rest_of_pod(old) != _rest_of_pod(new):
        causes.append(("spec", "FieldValueForbidden", POD_RULE))
    if resource.kind == "Job" and old.get("template") != new.get("template") and not old.get("suspend"):
        causes.append(("spec.template", "FieldValueInvalid", "Invalid value: field is immutable"))
    if resource.kind in {"ConfigMap", "Secret"} and before.get("immutable") and before.get("data") != after.get("data"):
        causes.append(("data", "FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set"))
    return causes


def _rest_of_pod(spec: Mapping[str, Any]) -> Json:
    rest = {
        key: value for key, value in spec.items() if key not in {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"}
    }
    for key in ("containers", "initContainers"):
        if key in rest:
            rest[key] = [{**one, "image": ""} for one in rest[key]]
    return rest


def check_uid(resource: Resource, before: Json, meta: Mapping[str, Any]) -> None:
    """Raise Failure 422 for a patch that names another uid."""
    uid = meta.get("uid", before["metadata"]["uid"])
    if uid != before["metadata"]["uid"]:
        wrong: Cause = ("metadata.uid", "FieldValueInvalid", f'Invalid value: "{uid}": field is immutable')
        _refuse(resource, name_of(before), [wrong, wrong])


def refused_option(kind: str, field: str, reason: str, message: str) -> Failure:
    """Say what is wrong with the options of a request."""
    return invalid(kind, "meta.k8s.io", "", [(field, reason, message)])
