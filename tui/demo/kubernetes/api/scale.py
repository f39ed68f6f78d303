"""The scale subresource: how many replicas a workload has, read and written apart from all else."""

from __future__ import annotations

from tui.demo.kubernetes.api.asked import Asked
from tui.demo.kubernetes.api.writes import patch_of, same_uid, same_version, signed
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.failures import bad, invalid
from tui.demo.kubernetes.objects import Json
from tui.demo.kubernetes.patches import patched


def selector_text(selector: Json) -> str:
    """Return a manifest's selector as a query has it."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for one in selector.get("matchExpressions") or ():
        word, values = one["operator"], ",".join(one.get("values") or ())
        forms = {"In": f"{one['key']} in ({values})", "NotIn": f"{one['key']} notin ({values})", "Exists": one["key"]}
        parts.append(forms.get(word, f"!{one['key']}"))
    return ",".join(parts)


def scale_of(item: Json) -> Json:
    """Return the Scale of a workload."""
    own = {key: item["metadata"][key] for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")}
    status = {"replicas": item["status"].get("replicas", 0), "selector": selector_text(item["spec"].get("selector") or {})}
    spec = {"replicas": item["spec"]["replicas"]} if item["spec"].get("replicas") else {}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": own, "spec": spec, "status": status}


def scale(cluster: Cluster, asked: Asked) -> Json:
    """Answer a request for the scale subresource; raises Failure 400, 404, 409 and 422."""
    item = cluster.need(asked.resource, asked.namespace, asked.name)
    if asked.method == "GET":
        return scale_of(item)
    body = asked.mapping() if asked.method == "PUT" else patched(asked.content_type, scale_of(item), patch_of(asked))
    own = body.get("metadata") or {}
    if own.get("name", asked.name) != asked.name:
        raise bad(f"the name of the object ({own['name']}) does not match the name on the URL ({asked.name})")
    same_uid(asked.resource, item, own.get("uid"))
    same_version(asked.resource, item, own.get("resourceVersion"))
    wanted = (body.get("spec") or {}).get("replicas", 0)
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        raise bad('Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas')
    if wanted < 0:
        said = f"Invalid value: {wanted}: must be greater than or equal to 0"
        raise invalid("Scale", "autoscaling", asked.name, [("spec.replicas", "FieldValueInvalid", said)])
    if wanted != item["spec"].get("replicas") and not asked.is_dry:
        new = cluster.update(asked.resource, item, {**item, "spec": {**item["spec"], "replicas": wanted}}, dry=True)
        item = cluster.keep(asked.resource, signed(asked, new, cluster.clock.time()))
    return scale_of(item)
