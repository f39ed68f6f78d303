"""Everything that stands in the shop's cluster."""

from __future__ import annotations

import base64

from tui.demo.kubernetes.manifests import container, cronjob, disk, item, secret_key, service, workload
from tui.demo.kubernetes.objects import Json

SYSTEM = "registry.k8s.io/"
NGINX = "upstream api {\n  server api:8080;\n}\nserver {\n  listen 8080;\n  location /v1/ {\n    proxy_pass http://api;\n  }\n}\n"


def static_pods(node: str) -> list[Json]:
    """Return the pods of the control plane."""
    made = []
    for name, image, cpu in (
        ("etcd", "etcd:3.6.5-0", "100m"), ("kube-apiserver", "kube-apiserver:v1.34.4", "250m"),
        ("kube-controller-manager", "kube-controller-manager:v1.34.4", "200m"), ("kube-scheduler", "kube-scheduler:v1.34.4", "100m"),
    ):  # fmt: skip
        spec = {"nodeName": node, "hostNetwork": True, "priorityClassName": "system-node-critical", "priority": 2000001000}
        spec |= {"containers": [container(SYSTEM + image, name=name, resources={"requests": {"cpu": cpu}})]}
        spec |= {"tolerations": [{"operator": "Exists", "effect": "NoExecute"}]}
        made.append(item("v1", "Pod", f"{name}-{node}", spec, labels={"component": name, "tier": "control-plane"}))
        made[-1]["metadata"]["annotations"] = {"kubernetes.io/config.mirror": f"{sum(image.encode()):032x}"}  # the kubelet's own
    return made


def system() -> list[Json]:
    """Return what every cluster has."""
    everywhere = {"tolerations": [{"operator": "Exists"}], "hostNetwork": True}
    dns = workload("Deployment", "coredns", [container(f"{SYSTEM}coredns/coredns:v1.12.1", name="coredns", port=53, needs="100m 70Mi")],
                   tier="dns", replicas=2)  # fmt: skip
    proxy = workload("DaemonSet", "kube-proxy", [container(f"{SYSTEM}kube-proxy:v1.34.4", name="kube-proxy")], tier="node", pod=everywhere)
    bit = container("fluent/fluent-bit:4.0.3", name="fluent-bit", needs="20m 48Mi", most="200m 128Mi")
    agent = workload("DaemonSet", "log-agent", [bit], tier="node", pod={"tolerations": [{"operator": "Exists"}]})  # fmt: skip
    settings = item(
        "v1", "ConfigMap", "coredns", data={"Corefile": ".:53 {\n    errors\n    health\n    kubernetes cluster.local\n    cache 30\n}\n"}
    )
    return [settings, dns, proxy, agent, service("kube-dns", 53, app="coredns")]


def metrics_server() -> Json:
    """Return what measures pods and nodes."""
    one = container(f"{SYSTEM}metrics-server/metrics-server:v0.8.0", name="metrics-server", port=10250, needs="100m 200Mi")
    return workload("Deployment", "metrics-server", [one], tier="metrics")


def storage() -> list[Json]:
    """Return the classes of disks and ingresses."""
    fast: Json = {"provisioner": "disk.csi.example.com", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer"}
    web = item("networking.k8s.io/v1", "IngressClass", "nginx", {"controller": "k8s.io/ingress-nginx"})
    return [item("storage.k8s.io/v1", "StorageClass", "fast", **fast), web]


def settings() -> list[Json]:
    """Return the ConfigMaps, Secrets and accounts of the shop."""

    def secret(name: str, **plain: str) -> Json:
        data = {key.replace("_", "-"): base64.b64encode(value.encode()).decode() for key, value in plain.items()}
        return item("v1", "Secret", name, type="Opaque", data=data)

    flags = '{\n  "newCart": true,\n  "giftCards": true,\n  "recommendations": "canary"\n}\n'
    return [
        item("v1", "ConfigMap", "api-env", data={"DB_HOST": "db", "DB_NAME": "shop", "LOG_LEVEL": "info", "TIMEOUT": "2s"}),
        item("v1", "ConfigMap", "feature-flags", data={"flags.json": flags}),
        item("v1", "ConfigMap", "web-nginx", data={"nginx.conf": NGINX}),
        secret("db-credentials", username="shop", password="tr0ub4dor-and-3"),
        secret("smtp", user="mailer", password="postbox-9182"),
        secret("payment-api", key="pk_demo_51Hx", webhook_secret="whsec_demo_77a0"),
        item("v1", "ServiceAccount", "api"),
        _ingress(),
        _only_from_backend(),
        item("policy/v1", "PodDisruptionBudget", "web", {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}),
        item("policy/v1", "PodDisruptionBudget", "db", {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "db"}}}),
    ]  # fmt: skip


def _ingress() -> Json:
    to = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "shop.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": to}]}}
    tls = [{"hosts": ["shop.example.com"], "secretName": "shop-tls"}]
    return item("networking.k8s.io/v1", "Ingress", "shop", {"ingressClassName": "nginx", "rules": [rule], "tls": tls})


def _only_from_backend() -> Json:
    source = {"from": [{"podSelector": {"matchLabels": {"tier": "backend"}}}], "ports": [{"port": 5432, "protocol": "TCP"}]}
    spec = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"], "ingress": [source]}
    return item("networking.k8s.io/v1", "NetworkPolicy", "db-only-from-api", spec)


def services() -> list[Json]:
    """Return the Services of the shop."""
    return [
        service("web", 80, "http", kind="LoadBalancer"), service("api", 8080, "http"), service("checkout", 8080, "http"),
        service("recommender", 8080, "http"), service("search", 9200), service("db", 5432, headless=True),
        service("queue", 5672, headless=True), service("cache", 6379),
    ]  # fmt: skip


def stores() -> list[Json]:
    """Return what keeps data: database, queue and cache."""
    password = {"POSTGRES_USER": secret_key("db-credentials", "username"), "POSTGRES_PASSWORD": secret_key("db-credentials", "password")}
    mount = [{"name": "data", "mountPath": "/var/lib/postgresql/data"}]
    db = container("postgres:16.9", name="postgres", port=5432, env=password, needs="250m 1Gi", most="2 2Gi", volumeMounts=mount)
    queue = container("rabbitmq:4.1", name="rabbitmq", port=5672, needs="100m 256Mi")
    return [
        workload("StatefulSet", "db", [db], tier="data", replicas=2, volumeClaimTemplates=[disk("50Gi")]),
        workload("StatefulSet", "queue", [queue], tier="data", replicas=3, volumeClaimTemplates=[disk("8Gi")]),
        workload("Deployment", "cache", [container("redis:8.0", name="redis", port=6379, needs="50m 96Mi")], tier="data",
                 strategy={"type": "Recreate"}),
    ]  # fmt: skip


def _api(image: str = "shop/api:1.13.2", secret: str = "db-credentials") -> Json:
    env = {"DB_PASSWORD": secret_key(secret, "password"), "PORT": "8080"}
    return container(image, name="api", port=8080, path="/healthz", env=env, envFrom=[{"configMapRef": {"name": "api-env"}}],
                     needs="150m 256Mi", most="1 512Mi")  # fmt: skip


def tiers() -> list[Json]:
    """Return what serves customers and what works behind."""
    web = container("shop/web:2.6.0", name="web", port=8080, path="/healthz", needs="50m 96Mi", most="500m 256Mi",
                    volumeMounts=[{"name": "nginx", "mountPath": "/etc/nginx/conf.d"}])  # fmt: skip
    checkout = container("shop/checkout:3.3.9", name="checkout", port=8080, path="/healthz", needs="100m 192Mi")
    nginx = {"volumes": [{"name": "nginx", "configMap": {"name": "web-nginx"}}]}
    migrate = {"initContainers": [container("shop/migrate:1.14.0", name="migrate")]}
    smtp = {"SMTP_PASSWORD": secret_key("smtp", "password")}
    return [
        workload("Deployment", "web", [web], tier="frontend", replicas=4, pod=nginx),
        workload("Deployment", "api", [_api()], tier="backend", replicas=3, pod=migrate, minReadySeconds=2),
        workload("Deployment", "checkout", [checkout], tier="backend", replicas=4),
        workload("Deployment", "worker", [container("shop/worker:5.0.3", name="worker", needs="250m 192Mi")], tier="backend", replicas=2),
        workload("Deployment", "mailer", [container("shop/mailer:1.8.1", name="mailer", env=smtp, needs="20m 96Mi")], tier="backend"),
        workload("Deployment", "recommender", [container("shop/recommender:0.8.4", name="recommender", port=8080, path="/healthz",
                                                         needs="200m 512Mi")], tier="backend", replicas=2),
        workload("Deployment", "legacy-soap", [container("nginx:1.21", name="soap", port=80)], tier="backend", replicas=0),
        item("autoscaling/v2", "HorizontalPodAutoscaler", "web", {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 3, "maxReplicas": 8,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]}),
    ]  # fmt: skip


def nightly() -> list[Json]:
    """Return what runs by the clock."""
    return [
        cronjob("invoice-nightly", "30 2 * * *", "shop/invoice:1.4.0", suspend=True, concurrencyPolicy="Forbid"),
        cronjob("stock-sync", "*/10 * * * *", "shop/stock-sync:2.2.0", suspend=True, successfulJobsHistoryLimit=2),
    ]


def canary() -> Json:
    """Return the new recommender, which panics while it warms up."""
    one = container("shop/recommender:0.9.0-rc2", name="recommender", port=8080, path="/healthz", needs="200m 512Mi")
    return workload(
        "Deployment", "recommender-canary", [one], tier="backend", annotations={"kubernetes.io/change-cause": "try the new model"}
    )


def search() -> Json:
    """Return the search, which needs more memory than it may have."""
    return workload("Deployment", "search", [container("shop/search:4.2.0", name="search", port=9200, needs="300m 1Gi", most="1 2Gi")],
                    tier="backend")  # fmt: skip


def analytics() -> Json:
    """Return what fits on no node."""
    return workload("Deployment", "analytics", [container("shop/worker:5.1.0", name="analytics", needs="12 24Gi")], tier="batch")


def toolbox() -> Json:
    """Return the pod that somebody left behind."""
    spec = {"containers": [container("busybox:1.37", name="toolbox", command=["sleep", "infinity"])]}
    return item("v1", "Pod", "toolbox", spec, labels={"run": "toolbox", "owner": "maria"})


def staging() -> list[Json]:
    """Return the shop in small."""
    web = container("shop/web:2.7.1", name="web", port=8080, path="/healthz")
    return [workload("Deployment", "web", [web], tier="frontend"), service("web", 80, "http"),
            item("v1", "ConfigMap", "api-env", data={"DB_HOST": "db.shop", "LOG_LEVEL": "debug"})]  # fmt: skip


def broken_api() -> Json:
    """Return an API whose Secret nobody has made."""
    return workload("Deployment", "api", [_api("shop/api:1.15.0")], tier="backend")


def preview() -> list[Json]:
    """Return what a pull request left, with a finalizer that nobody serves any more."""
    held = item(
        "v1", "ConfigMap", "preview-state", data={"url": "https://preview-412.example.com"}, finalizers=["preview.example.com/cleanup"]
    )
    return [held, workload("Deployment", "web", [container("shop/web:2.7.1", name="web", port=8080, path="/healthz")], tier="frontend")]
