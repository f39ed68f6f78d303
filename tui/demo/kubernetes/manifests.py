"""Manifests in few words: what the people of the shop have written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.demo.kubernetes.objects import Json

APIS = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1"}


def item(api: str, kind: str, name: str, spec: Json | None = None, /, **more: Any) -> Json:
    """Return an object; `labels` and `annotations` go to its metadata, everything else beside it."""
    own = {"name": name} | {key: more.pop(key) for key in ("labels", "annotations", "finalizers") if key in more}
    return {"kind": kind, "apiVersion": api, "metadata": own, **({"spec": spec} if spec is not None else {}), **more}


def container(
    image: str, *, name: str = "main", port: int = 0, path: str = "", env: Mapping[str, Any] | None = None, needs: str = "",
    most: str = "", **more: Any
) -> Json:  # fmt: skip
    """Return a container. `path`: of its readiness probe; `needs`, `most`: cpu and memory it asks for and is limited to ("100m 128Mi")."""
    made: Json = {"name": name, "image": image, **more}
    if port:
        made["ports"] = [{"name": "http" if path else "main", "containerPort": port}]
        probe: Json = {"httpGet": {"path": path, "port": "http"}} if path else {"tcpSocket": {"port": port}}
        made["readinessProbe"] = {**probe, "periodSeconds": 2}
    if path:
        made["livenessProbe"] = {"httpGet": {"path": path, "port": "http"}, "initialDelaySeconds": 10}
    if env:
        made["env"] = [
            {"name": key, **({"valueFrom": value} if isinstance(value, dict) else {"value": value})} for key, value in env.items()
        ]
    if needs or most:
        rooms = {"requests": needs, "limits": most}
        made["resources"] = {key: dict(zip(("cpu", "memory"), text.split(), strict=True)) for key, text in rooms.items() if text}
    return made


def secret_key(name: str, key: str) -> Json:
    """Return the source of an environment variable that is in a Secret."""
    return {"secretKeyRef": {"name": name, "key": key}}


def workload(
    kind: str, name: str, containers: Sequence[Json], *, tier: str, replicas: int = 1, pod: Json | None = None, **spec: Any
) -> Json:
    """Return a Deployment, StatefulSet or DaemonSet whose pods have the labels app and tier."""
    labels = {"app": name}
    notes = spec.pop("annotations", {})
    template = {"metadata": {"labels": {**labels, "tier": tier}}, "spec": {"containers": list(containers), **(pod or {})}}
    body: Json = {"selector": {"matchLabels": labels}, "template": template, **spec}
    if kind != "DaemonSet":
        body["replicas"] = replicas
    if kind == "StatefulSet":
        body.setdefault("serviceName", name)
    return item(APIS[kind], kind, name, body, labels={**labels, "tier": tier}, annotations=notes)


def service(name: str, port: int, target: int | str = 0, *, headless: bool = False, kind: str = "ClusterIP", app: str = "") -> Json:
    """Return the Service of an app."""
    spec: Json = {"selector": {"app": app or name}, "ports": [{"name": "main", "port": port, "targetPort": target or port}], "type": kind}
    if headless:
        spec["clusterIP"] = "None"
    return item("v1", "Service", name, spec, labels={"app": app or name})


def cronjob(name: str, schedule: str, image: str, **spec: Any) -> Json:
    """Return a CronJob of one container."""
    pod = {"restartPolicy": "Never", "containers": [container(image, needs="100m 64Mi")]}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    body = {"schedule": schedule, "jobTemplate": {"spec": {"backoffLimit": 2, "template": template}}, **spec}
    return item("batch/v1", "CronJob", name, body, labels={"app": name})


def disk(size: str) -> Json:
    """Return a volumeClaimTemplate."""
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": {"requests": {"storage": size}}}
    return {"metadata": {"name": "data"}, "spec": spec}
