"""A fixed shop in a cluster: pods of each state, what owns them, and what was said about them; all times hang on one moment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
FIXED = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)
SPACE = "shop"


def before(**ago: float) -> str:
    """Return the time so long before the fixed moment, as the API writes it."""
    return f"{FIXED - timedelta(**ago):%Y-%m-%dT%H:%M:%SZ}"


def uid(kind: str, name: str) -> str:
    word = hashlib.sha256(f"{kind}/{name}".encode()).hexdigest()
    return f"{word[:8]}-{word[8:12]}-4{word[13:16]}-a{word[17:20]}-{word[20:32]}"


def meta(kind: str, name: str, born: str, owner: tuple[str, str] | None = None, namespace: str = SPACE, **more: Any) -> Json:
    made: Json = {"name": name, "uid": uid(kind, name), "creationTimestamp": born, "resourceVersion": "1000"}
    if namespace:
        made["namespace"] = namespace
    if owner is not None:
        one = {"apiVersion": "apps/v1", "kind": owner[0], "name": owner[1], "uid": uid(owner[0], owner[1]), "controller": True}
        made["ownerReferences"] = [one]
    return made | more


def running(name: str, started: str, *, ready: bool = True, restarts: int = 0, last: Json | None = None) -> Json:
    state = {"running": {"startedAt": started}}
    return {"name": name, "ready": ready, "started": True, "restartCount": restarts, "state": state, "lastState": last or {}}


def waiting(name: str, reason: str, message: str = "", *, restarts: int = 0, last: Json | None = None) -> Json:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"name": name, "ready": False, "started": False, "restartCount": restarts, "state": state, "lastState": last or {}}


def ended(code: int, reason: str, started: str, finished: str, message: str = "") -> Json:
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": finished, "message": message}}


def conditions(ready: bool, born: str, *, scheduled: bool = True, why: str = "") -> list[Json]:
    def one(kind: str, well: bool, reason: str = "", message: str = "") -> Json:
        said = {"reason": reason, "message": message} if reason else {}
        return {"type": kind, "status": "True" if well else "False", "lastTransitionTime": born, **said}

    if not scheduled:
        return [one("PodScheduled", False, "Unschedulable", why)]
    lacking = ("ContainersNotReady", why) if not ready else ("", "")
    return [one("Initialized", True), one("Ready", ready, *lacking), one("ContainersReady", ready, *lacking), one("PodScheduled", True)]


def pod(
    name: str,
    owner: tuple[str, str] | None,
    born: str,
    statuses: Sequence[Json],
    *,
    app: str = "",
    images: Mapping[str, str] | None = None,
    phase: str = "Running",
    node: str = "node-a",
    ip: str = "10.42.0.10",
    namespace: str = SPACE,
    checks: Sequence[Json] | None = None,
    spec: Json | None = None,
    status: Json | None = None,
    **more: Any,
) -> Json:
    asked = [{"name": key, "image": value} for key, value in (images or {}).items()]
    for one in asked:
        one["resources"] = {"limits": {"memory": "512Mi"}}
    ready = phase == "Running" and all(one["ready"] for one in statuses)
    made: Json = {"nodeName": node} if node else {}
    made |= {"containers": asked, "restartPolicy": "Always", "serviceAccountName": app or "default"} | (spec or {})
    does: Json = {"phase": phase, "containerStatuses": list(statuses), "qosClass": "Burstable"}
    does["conditions"] = list(checks) if checks is not None else conditions(ready, born)
    if ip:
        does["podIPs"] = [{"ip": ip}]
    labels = {"app": app or name}
    own = meta("Pod", name, born, owner, namespace, labels=labels, **more)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": own, "spec": made, "status": does | (status or {})}


def _plain(name: str, owner: tuple[str, str], app: str, image: str, days: float, node: str, ip: str, namespace: str = SPACE) -> Json:
    born = before(days=days)
    return pod(name, owner, born, [running("main", born)], app=app, images={"main": image}, node=node, ip=ip, namespace=namespace)


def pods() -> list[Json]:
    """Return a pod of each state."""
    set_of = ("ReplicaSet", "checkout-7d9f8c6b5")
    two = {"api": "shop/checkout:2.13.4", "proxy": "envoyproxy/envoy:v1.31"}
    bad = {"api": "shop/checkout:2.14.0", "proxy": "envoyproxy/envoy:v1.31"}
    three, crash = before(days=3), ended(1, "Error", before(seconds=42), before(seconds=41), "reading /etc/checkout\nDB_URL is empty")
    oom = ended(137, "OOMKilled", before(hours=5), before(minutes=4))
    full = "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found."
    pull = 'Back-off pulling image "shop/mailer:1.9.0-rc1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image'
    pull += ' "docker.io/shop/mailer:1.9.0-rc1": failed to resolve reference "docker.io/shop/mailer:1.9.0-rc1": not found'
    done = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": before(hours=9), "finishedAt": before(hours=8.9)}}
    inits = [{"name": "migrate", "image": "shop/gateway:5.1"}, {"name": "warm-cache", "image": "shop/gateway:5.1"}]
    first = {"name": "migrate", "ready": True, "restartCount": 0, "state": ended(0, "Completed", before(seconds=11), before(seconds=6))}
    second = running("warm-cache", before(seconds=5), ready=False)
    return [
        pod("checkout-7d9f8c6b5-4xk2p", set_of, three, [running("api", three), running("proxy", three)], app="checkout", images=two),
        pod("checkout-7d9f8c6b5-9qtlm", set_of, three, [running("api", three), running("proxy", three)], app="checkout", images=two,
            node="node-c", ip="10.42.2.31"),
        pod("checkout-66b7d4c9f-w8zsj", ("ReplicaSet", "checkout-66b7d4c9f"), before(minutes=27),
            [waiting("api", "CrashLoopBackOff", "back-off 5m0s restarting failed container=api", restarts=14, last=crash),
             running("proxy", before(minutes=27))], app="checkout", images=bad, node="node-b", ip="10.42.1.88",
            spec={"volumes": [{"name": "env", "configMap": {"name": "checkout-env"}}]}),
        _plain("fraud-5f6d98bb47-jx2vd", ("ReplicaSet", "fraud-5f6d98bb47"), "fraud", "shop/fraud:0.9", 12, "node-b", "10.42.1.40"),
        pod("fraud-5f6d98bb47-t4m9c", ("ReplicaSet", "fraud-5f6d98bb47"), before(days=12),
            [running("main", before(minutes=4), restarts=3, last=oom)], app="fraud", images={"main": "shop/fraud:0.9"},
            node="node-c", ip="10.42.2.17"),
        _plain("gateway-0", ("StatefulSet", "gateway"), "gateway", "shop/gateway:5.1", 61, "node-a", "10.42.0.12"),
        pod("gateway-1", ("StatefulSet", "gateway"), before(seconds=12), [waiting("main", "PodInitializing")], app="gateway",
            images={"main": "shop/gateway:5.1"}, phase="Pending", node="node-b", ip="10.42.1.91", spec={"initContainers": inits},
            status={"initContainerStatuses": [first, second]},
            checks=[{"type": "Initialized", "status": "False", "reason": "ContainersNotInitialized"},
                    {"type": "PodScheduled", "status": "True"}]),
        pod("invoice-nightly-29384710-zzr4x", ("Job", "invoice-nightly-29384710"), before(hours=9),
            [{"name": "main", "ready": False, "restartCount": 0, "state": done}], app="invoice",
            images={"main": "shop/invoice:1.4"}, phase="Succeeded", node="node-a", ip="10.42.0.77"),
        _plain("ledger-db-0", ("StatefulSet", "ledger-db"), "ledger-db", "postgres:16", 61, "node-a", "10.42.0.20"),
        _plain("ledger-db-1", ("StatefulSet", "ledger-db"), "ledger-db", "postgres:16", 61, "node-c", "10.42.2.20"),
        pod("mailer-6c5f7d8b9-5h2kq", ("ReplicaSet", "mailer-6c5f7d8b9"), before(minutes=4), [waiting("main", "ImagePullBackOff", pull)],
            app="mailer", images={"main": "shop/mailer:1.9.0-rc1"}, phase="Pending", node="node-a", ip="10.42.0.81",
            checks=conditions(False, before(minutes=4), why="containers with unready status: [main]")),
        _plain("mailer-7fd4c8d66-lq8vx", ("ReplicaSet", "mailer-7fd4c8d66"), "mailer", "shop/mailer:1.8.2", 9, "node-b", "10.42.1.33"),
        _plain("queue-0", ("StatefulSet", "queue"), "queue", "rabbitmq:4", 61, "node-b", "10.42.1.15"),
        pod("queue-1", ("StatefulSet", "queue"), before(days=61), [running("main", before(days=61))], app="queue",
            images={"main": "rabbitmq:4"}, node="node-c", ip="10.42.2.15", deletionTimestamp=before(seconds=-18),
            deletionGracePeriodSeconds=30),
        _plain("reports-5b9c6f4d7-cc2xw", ("ReplicaSet", "reports-5b9c6f4d7"), "reports", "shop/reports:3.2", 30, "node-c", "10.42.2.44"),
        pod("search-6d4b75cb6d-k2v9x", ("ReplicaSet", "search-6d4b75cb6d"), before(minutes=12), [], app="search",
            images={"main": "opensearch:2.19"}, phase="Pending", node="", ip="",
            checks=conditions(False, before(minutes=12), scheduled=False, why=full)),
        _plain("coredns-6799fbcd5-d7q2k", ("ReplicaSet", "coredns-6799fbcd5"), "kube-dns", "coredns:1.12", 92, "node-a", "10.42.0.3",
               "kube-system"),
        _plain("kube-proxy-8hx5v", ("DaemonSet", "kube-proxy"), "kube-proxy", "kube-proxy:1.34", 92, "node-a", "192.0.2.11", "kube-system"),
        _plain("web-5c7d8f6b9-qq7rt", ("ReplicaSet", "web-5c7d8f6b9"), "web", "shop/web:next", 2, "node-b", "10.42.1.61", "staging"),
    ]  # fmt: skip


def template(app: str, image: str, env: Mapping[str, str] | None = None) -> Json:
    main: Json = {"name": "main", "image": image}
    if env:
        main["env"] = [{"name": key, "value": value} for key, value in env.items()]
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [main]}}


def _said(kind: str, well: bool, reason: str, message: str) -> Json:
    return {"type": kind, "status": "True" if well else "False", "reason": reason, "message": message}


WELL = (_said("Available", True, "MinimumReplicasAvailable", "Deployment has minimum availability."),
        _said("Progressing", True, "NewReplicaSetAvailable", "ReplicaSet has successfully progressed."))  # fmt: skip
STUCK = (_said("Available", True, "MinimumReplicasAvailable", "Deployment has minimum availability."),
         _said("Progressing", False, "ProgressDeadlineExceeded", 'ReplicaSet "mailer-6c5f7d8b9" has timed out progressing.'))  # fmt: skip
MOVING = (_said("Available", True, "MinimumReplicasAvailable", "Deployment has minimum availability."),
          _said("Progressing", True, "ReplicaSetUpdated", 'ReplicaSet "checkout-66b7d4c9f" is progressing.'))  # fmt: skip
LACKING = (_said("Available", False, "MinimumReplicasUnavailable", "Deployment does not have minimum availability."), WELL[1])


def deployment(
    app: str, image: str, counts: tuple[int, int, int, int], said: Sequence[Json], days: float, number: int = 1, env: Json | None = None
) -> Json:
    """Return a deployment; `counts`: wanted, updated, ready and how many there are in all."""
    wanted, updated, ready, there = counts
    own = meta("Deployment", app, before(days=days), generation=number, annotations={"deployment.kubernetes.io/revision": str(number)})
    spec = {"replicas": wanted, "selector": {"matchLabels": {"app": app}}, "template": template(app, image, env)}
    spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    does = {"observedGeneration": number, "replicas": there, "updatedReplicas": updated, "readyReplicas": ready}
    does |= {"availableReplicas": ready, "conditions": list(said)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": own, "spec": spec, "status": does}


OLD, NEW = {"DB_HOST": "ledger-db", "LOG": "info"}, {"DB_URL": "", "LOG": "info"}


def deployments() -> list[Json]:
    """Return a deployment of each state."""
    return [
        deployment("checkout", "shop/checkout:2.14.0", (2, 1, 2, 3), MOVING, 61, 8, NEW),
        deployment("fraud", "shop/fraud:0.9", (2, 2, 2, 2), WELL, 40),
        deployment("legacy-api", "shop/legacy:1.0", (0, 0, 0, 0), WELL, 412),
        deployment("mailer", "shop/mailer:1.9.0-rc1", (1, 1, 1, 2), STUCK, 61, 5),
        deployment("reports", "shop/reports:3.2", (1, 1, 1, 1), WELL, 30),
        deployment("search", "opensearch:2.19", (1, 1, 0, 1), LACKING, 0.5),
    ]


def replicaset(app: str, digest: str, number: int, image: str, days: float, wanted: int, note: str = "", env: Json | None = None) -> Json:
    notes = {"deployment.kubernetes.io/revision": str(number)} | ({"kubernetes.io/change-cause": note} if note else {})
    own = meta("ReplicaSet", f"{app}-{digest}", before(days=days), ("Deployment", app), labels={"app": app}, annotations=notes)
    shape = template(app, image, env)
    shape["metadata"]["labels"]["pod-template-hash"] = digest
    spec = {"replicas": wanted, "selector": {"matchLabels": {"app": app, "pod-template-hash": digest}}, "template": shape}
    does = {"observedGeneration": 1, "replicas": wanted, "readyReplicas": wanted, "availableReplicas": wanted}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": own, "spec": spec, "status": does}


def replicasets() -> list[Json]:
    """Return the replica sets of the deployments: checkout has four revisions."""
    return [
        replicaset("checkout", "66b7d4c9f", 8, "shop/checkout:2.14.0", 27 / 1440, 1, "", NEW),
        replicaset("checkout", "7d9f8c6b5", 7, "shop/checkout:2.13.4", 3, 2, "pin envoy to 1.31", OLD),
        replicaset("checkout", "5c96f7bd4", 6, "shop/checkout:2.13.1", 9, 0, "set image by bob", OLD),
        replicaset("checkout", "58d7c5f9b", 5, "shop/checkout:2.12.0", 21, 0, "", OLD),
        replicaset("fraud", "5f6d98bb47", 1, "shop/fraud:0.9", 12, 2),
        replicaset("mailer", "6c5f7d8b9", 5, "shop/mailer:1.9.0-rc1", 4 / 1440, 1),
        replicaset("mailer", "7fd4c8d66", 4, "shop/mailer:1.8.2", 9, 1),
        replicaset("reports", "5b9c6f4d7", 1, "shop/reports:3.2", 30, 1),
        replicaset("search", "6d4b75cb6d", 1, "opensearch:2.19", 12 / 1440, 1),
    ]


def configmaps() -> list[Json]:
    """Return some config maps, one of them big, one of bytes."""

    def one(name: str, days: float, data: Json, **more: Any) -> Json:
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("ConfigMap", name, before(days=days)), "data": data, **more}

    nginx = "server {\n  listen 8080;\n  location / {\n    proxy_pass http://checkout;\n  }\n}\n"
    return [
        one("checkout-env", 3, {"DB_HOST": "ledger-db", "LOG": "info", "TIMEOUT": "2s"}),
        one("feature-flags", 21, {"flags.json": '{"newCart": true, "giftCards": false}'}, immutable=True),
        one("gateway-nginx", 61, {"nginx.conf": nginx}),
        one("kube-root-ca.crt", 92, {"ca.crt": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}),
        one("logo", 30, {}, binaryData={"logo.png": "iVBORw0KGgo="}),
    ]


def namespaces() -> list[Json]:
    """Return the namespaces, one going."""

    def one(name: str, days: float, phase: str = "Active", **more: Any) -> Json:
        own = meta("Namespace", name, before(days=days), namespace="", **more)
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": own, "status": {"phase": phase}}

    going = one("preview-412", 5, "Terminating", deletionTimestamp=before(minutes=3))
    return [one("default", 92), one("kube-system", 92), going, one("shop", 61), one("staging", 40)]


def events() -> list[Json]:
    """Return what was said about the crashing pod."""
    about = {"kind": "Pod", "name": "checkout-66b7d4c9f-w8zsj", "namespace": SPACE, "uid": uid("Pod", "checkout-66b7d4c9f-w8zsj")}

    def one(ago: float, kind: str, reason: str, message: str, count: int = 1, source: str = "kubelet") -> Json:
        own = meta("Event", f"{about['name']}.{reason.lower()}", before(minutes=ago))
        when = {"firstTimestamp": before(minutes=27), "lastTimestamp": before(minutes=ago), "count": count}
        said = {"type": kind, "reason": reason, "message": message, "source": {"component": source}}
        return {"metadata": own, "involvedObject": about, **said, **when}

    return [
        one(27, "Normal", "Scheduled", "Successfully assigned shop/checkout-66b7d4c9f-w8zsj to node-b", source="default-scheduler"),
        one(27, "Normal", "Pulled", 'Container image "shop/checkout:2.14.0" already present on machine'),
        one(1, "Normal", "Created", "Created container: api", 15),
        one(0.5, "Warning", "BackOff", "Back-off restarting failed container api in pod checkout-66b7d4c9f-w8zsj", 112),
    ]
