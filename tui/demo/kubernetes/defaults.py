"""What the API server fills in where a manifest is silent, and what admission adds to a pod."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tui.demo.kubernetes.objects import LETTERS, Json, uid_of
from tui.demo.kubernetes.resources import Resource

PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
PATIENCE = 300  # seconds a pod stays on a node that is not ready


def _container(one: Json) -> Json:
    made = dict(one)
    image = str(one.get("image", ""))
    tag = image.rpartition("/")[2].partition(":")[2]
    made.setdefault("resources", {})
    for resource, amount in (made["resources"].get("limits") or {}).items():  # what is limited and not requested is requested
        requests = {resource: amount, **(made["resources"].get("requests") or {})}
        made["resources"] = {**made["resources"], "requests": requests}
    if one.get("ports"):
        made["ports"] = [{"protocol": "TCP", **port} for port in one["ports"]]
    for probe in PROBES:
        if probe in one:
            made[probe] = {**PROBE, **one[probe]}
            if "httpGet" in made[probe]:
                made[probe]["httpGet"] = {"path": "/", "scheme": "HTTP", **made[probe]["httpGet"]}
    made.setdefault("terminationMessagePath", "/dev/termination-log")
    made.setdefault("terminationMessagePolicy", "File")
    made.setdefault("imagePullPolicy", "Always" if tag in {"", "latest"} and "@" not in image else "IfNotPresent")
    return made


def pod_spec(spec: Json) -> Json:
    """Return a pod's spec with the defaults of the API."""
    made = dict(spec)
    for key in ("initContainers", "containers"):
        if key in made:
            made[key] = [_container(one) for one in made[key]]
    made.setdefault("restartPolicy", "Always")
    made.setdefault("terminationGracePeriodSeconds", 30)
    made.setdefault("dnsPolicy", "ClusterFirst")
    if "serviceAccountName" in made:
        made.setdefault("serviceAccount", made["serviceAccountName"])
    made.setdefault("securityContext", {})
    made.setdefault("schedulerName", "default-scheduler")
    return made


def _template(owner: Json) -> Json:
    template = owner.get("template") or {}
    return {**template, "metadata": template.get("metadata") or {}, "spec": pod_spec(template.get("spec") or {})}


def _deployment(spec: Json) -> Json:
    made = {"replicas": 1, **spec, "template": _template(spec)}
    strategy = {"type": "RollingUpdate", **(spec.get("strategy") or {})}
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {"maxUnavailable": "25%", "maxSurge": "25%", **(strategy.get("rollingUpdate") or {})}
    else:
        strategy.pop("rollingUpdate", None)
    return {**made, "strategy": strategy, "revisionHistoryLimit": spec.get("revisionHistoryLimit", 10)} | {
        "progressDeadlineSeconds": spec.get("progressDeadlineSeconds", 600)
    }


def _replicaset(spec: Json) -> Json:
    return {"replicas": 1, **spec, "template": _template(spec)}


def _statefulset(spec: Json) -> Json:
    update = {"type": "RollingUpdate", **(spec.get("updateStrategy") or {})}
    if update["type"] == "RollingUpdate":
        update["rollingUpdate"] = {"partition": 0, **(update.get("rollingUpdate") or {})}
    keep = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    base = {"replicas": 1, "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10, "persistentVolumeClaimRetentionPolicy": keep}
    return {**base, **spec, "template": _template(spec), "updateStrategy": update}


def _daemonset(spec: Json) -> Json:
    update = {"type": "RollingUpdate", **(spec.get("updateStrategy") or {})}
    if update["type"] == "RollingUpdate":
        update["rollingUpdate"] = {"maxUnavailable": 1, "maxSurge": 0, **(update.get("rollingUpdate") or {})}
    return {"revisionHistoryLimit": 10, **spec, "template": _template(spec), "updateStrategy": update}


def _job(spec: Json) -> Json:
    base: Json = {"parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False}
    if "parallelism" not in spec:
        base["completions"] = 1
    return {**base, **spec, "template": _template(spec), "podReplacementPolicy": "TerminatingOrFailed"}


def _cronjob(spec: Json) -> Json:
    base = {"concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}
    inner = spec.get("jobTemplate") or {}
    job = dict(inner.get("spec") or {})
    job["template"] = _template(job)
    return {**base, **spec, "jobTemplate": {**inner, "metadata": inner.get("metadata") or {}, "spec": job}}


def _service(spec: Json) -> Json:
    ports = [{"protocol": "TCP", **port, "targetPort": port.get("targetPort", port.get("port"))} for port in spec.get("ports") or ()]
    base: Json = {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}
    if spec.get("type") != "ExternalName":
        base |= {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}
    return {**base, **spec, "ports": ports} if ports else {**base, **spec}


FILL: dict[str, Callable[[Any], Json]] = {
    "Pod": lambda spec: {"enableServiceLinks": True, **pod_spec(spec)},
    "Deployment": _deployment,
    "ReplicaSet": _replicaset,
    "StatefulSet": _statefulset,
    "DaemonSet": _daemonset,
    "Job": _job,
    "CronJob": _cronjob,
    "Service": _service,
}


def filled(resource: Resource, item: Json) -> Json:
    """Return an object with its defaults; what has no shape to fill is returned as it came."""
    fill = FILL.get(resource.kind)
    spec = item.get("spec")
    if fill is not None and isinstance(spec, dict):
        return {**item, "spec": fill(spec)}
    if resource.kind == "Secret":
        data = dict(item.get("data") or {})
        plain = item.get("stringData") or {}
        if plain:
            import base64

            data |= {key: base64.b64encode(str(value).encode()).decode() for key, value in plain.items()}
        rest = {key: value for key, value in item.items() if key != "stringData"}
        return {**rest, **({"data": data} if data else {}), "type": item.get("type", "Opaque")}
    return item


def admitted_pod(item: Json, chance: random.Random) -> Json:
    """Return a new pod with its service account, that account's token, and the tolerations that every pod has."""
    spec = dict(item["spec"])
    spec.setdefault("serviceAccountName", "default")
    spec.setdefault("serviceAccount", spec["serviceAccountName"])
    if not any(volume["name"].startswith("kube-api-access-") for volume in spec.get("volumes") or ()):
        spec |= _with_token(spec, f"kube-api-access-{''.join(chance.choices(LETTERS, k=5))}")
    had = list(spec.get("tolerations") or ())
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(one.get("key") in {key, None} and one.get("effect") in {"NoExecute", None} for one in had):
            had.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": PATIENCE})
    spec |= {"tolerations": had, "priority": spec.get("priority", 0), "preemptionPolicy": "PreemptLowerPriority"}
    return {**item, "spec": spec, "status": {"phase": "Pending", "qosClass": quality(spec)}}


def _with_token(spec: Json, name: str) -> Json:
    down = {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": down},
    ]
    mount = {"name": name, "readOnly": True, "mountPath": ACCOUNT}
    made: Json = {"volumes": [*(spec.get("volumes") or ()), {"name": name, "projected": {"sources": sources, "defaultMode": 420}}]}
    for key in ("initContainers", "containers"):
        if key in spec:
            made[key] = [{**one, "volumeMounts": [*(one.get("volumeMounts") or ()), mount]} for one in spec[key]]
    return made


def quality(spec: Json) -> str:
    """Return a pod's qosClass: Guaranteed, Burstable or BestEffort."""
    every = [one.get("resources") or {} for one in spec.get("containers") or ()]
    if not any(one.get("requests") or one.get("limits") for one in every):
        return "BestEffort"
    sure = all({"cpu", "memory"} <= set(one.get("limits") or ()) and one.get("requests", one["limits"]) == one["limits"] for one in every)
    return "Guaranteed" if sure else "Burstable"


def labelled_job(item: Json) -> Json:
    """Return a new job with the selector and labels that tie its pods to it; it must have its uid."""
    uid, name = uid_of(item), item["metadata"]["name"]
    mine = {"batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name, "controller-uid": uid, "job-name": name}
    template = item["spec"]["template"]
    own = {**template["metadata"], "labels": {**(template["metadata"].get("labels") or {}), **mine}}
    selector = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    spec = {**item["spec"], "selector": selector, "manualSelector": False, "template": {**template, "metadata": own}}
    labels = {**(template["metadata"].get("labels") or {}), **mine, **(item["metadata"].get("labels") or {})}
    return {**item, "metadata": {**item["metadata"], "labels": labels}, "spec": spec}
