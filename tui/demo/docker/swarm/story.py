"""Story of the swarm: three machines, a stack that runs, an update that failed, and one that has nowhere to go."""

from __future__ import annotations

import base64
import copy
from typing import Any

from tui.demo.clock import SECOND
from tui.demo.docker.past import DAY, HOUR, MINUTE, Past
from tui.demo.docker.swarm.cluster import Cluster
from tui.demo.docker.swarm.lives import body_of
from tui.demo.docker.swarm.objects import Node, Service, Task
from tui.demo.docker.swarm.writes import checked
from tui.demo.docker.words import Json, stamp, swarm_identity

POLICY = {
    "Parallelism": 1,
    "Delay": 2 * SECOND,
    "FailureAction": "pause",
    "Monitor": 5 * SECOND,
    "MaxFailureRatio": 0,
    "Order": "stop-first",
}
MIB = 2**20


def tell(cluster: Cluster, past: Past) -> None:
    """Tell it, as of now."""
    nodes = [cluster.leader, cluster.add_node("harbor-2", "192.0.2.22", "worker"), cluster.add_node("harbor-3", "192.0.2.23", "worker")]
    for node, days in zip(nodes, (90, 90, 34), strict=True):
        node.created, node.updated = past.at(days * DAY), past.at(days * DAY)
        node.daemon.images.known.update(cluster.daemon.images.known)
    nodes[2].labels = {"disk": "ssd"}
    cluster.created = past.at(90 * DAY)
    for name in ("ingress", "docker_gwbridge"):
        cluster.daemon.networks.find(name).created = cluster.created
    backend = cluster.daemon.networks.create("shop_backend", "overlay", created=past.at(40 * DAY), quiet=True, attachable=True,
                                             labels={"com.docker.stack.namespace": "shop"})  # fmt: skip
    kept = keep(cluster, past)
    use = [{"SecretID": kept, "SecretName": "shop_db_password", "File": {"Name": "db_password", "UID": "0", "GID": "0", "Mode": 292}}]
    joined: Json = {"Networks": [{"Target": backend.id}]}
    port = {"Mode": "vip", "Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8088, "PublishMode": "ingress"}]}
    web = service(cluster, past, "shop_web", "shop/web:3.4.1", 3, 40 * DAY, 5 * DAY, Template=joined, EndpointSpec=port)
    web.previous = older(web, "shop/web:3.4.0")
    web.updating = ended(past, "completed", "update completed", 5 * DAY)
    api = service(cluster, past, "shop_api", "shop/api:2.9.0", 2, 40 * DAY, 3 * DAY, Template=joined, Container={"Secrets": use})
    api.previous = older(api, "shop/api:2.9.1")  # whose image nobody has: that is why it was taken back
    api.updating = ended(past, "rollback_completed", "rollback completed", 4 * HOUR)
    agent = service(cluster, past, "agent", "shop/agent:0.22.1", None, 88 * DAY, 60 * DAY, stack="")
    for running, ago in ((web, 5 * DAY), (api, 3 * DAY), (agent, 34 * DAY)):
        slots = [(0, node) for node in nodes] if running.replicas is None else [(n + 1, nodes[n % 3]) for n in range(running.replicas)]
        for slot, node in slots:
            runs(cluster, past, running, slot, node, ago)
    mailer(cluster, past, nodes)
    nowhere = service(cluster, past, "embedder", "shop/worker:1.12.0", 1, 26 * MINUTE, 26 * MINUTE, stack="",
                      Template={"Placement": {"Constraints": ["node.labels.gpu==yes"]}})  # fmt: skip
    cluster.orchestrator.reconcile(nowhere)
    for task in cluster.tasks_of(nowhere):
        task.created = task.since = past.at(26 * MINUTE)
    service(cluster, past, "shop_seasonal", "shop/web:3.4.0", 0, 120 * DAY, 80 * DAY)


def keep(cluster: Cluster, past: Past) -> str:
    """Make secrets and configs; returns the id of the database's password."""
    labels = {"com.docker.stack.namespace": "shop"}
    made = []
    for kind, name, text, ago in (
        ("secret", "shop_db_password", "not-the-real-one", 40 * DAY), ("secret", "shop_smtp", "nor-this", 30 * DAY),
        ("secret", "old_api_key", "unused", 190 * DAY), ("config", "shop_nginx_v3", "worker_processes 2;\n", 16 * DAY),
        ("config", "agent_yaml", "every: 10s\n", 88 * DAY),
    ):  # fmt: skip
        data = base64.b64encode(text.encode()).decode()
        one = cluster.keep("secret" if kind == "secret" else "config", {"Name": name, "Labels": labels, "Data": data})
        one.created = one.updated = past.at(ago)
        made.append(one.id)
    return made[0]


def service(
    cluster: Cluster, past: Past, name: str, image: str, replicas: int | None, ago: float, changed: float, stack: str = "shop", **more: Any
) -> Service:
    """Put a service there, without tasks; `more`: over its specification, `Container` and `Template` into those."""
    container = {"Image": image, "StopGracePeriod": 10 * SECOND, **more.pop("Container", {})}
    template = {"ContainerSpec": container, "RestartPolicy": {"Condition": "any", "Delay": 5 * SECOND}, **more.pop("Template", {})}
    template["Resources"] = {"Limits": {"MemoryBytes": 256 * MIB}, "Reservations": {}}
    mode = {"Global": {}} if replicas is None else {"Replicated": {"Replicas": replicas}}
    labels = {"com.docker.stack.namespace": stack, "com.docker.stack.image": image} if stack else {}
    spec = {
        "Name": name,
        "Labels": labels,
        "TaskTemplate": template,
        "Mode": mode,
        "UpdateConfig": POLICY,
        "RollbackConfig": POLICY,
        **more,
    }
    made = Service(*cluster.fresh(), spec=checked(cluster, spec))
    made.created, made.updated = past.at(ago), past.at(changed)
    cluster.services[made.id] = made
    return made


def older(one: Service, image: str) -> Json:
    """Return a service's specification as it was with another image."""
    found = copy.deepcopy(one.spec)
    found["TaskTemplate"]["ContainerSpec"]["Image"] = image
    return found


def ended(past: Past, state: str, message: str, ago: float) -> Json:
    """Return the status of an update that is over."""
    return {"State": state, "StartedAt": stamp(past.at(ago + 41)), "CompletedAt": stamp(past.at(ago)), "Message": message}


def _task(cluster: Cluster, past: Past, one: Service, slot: int, node: Node, ago: float, template: Json | None = None) -> Task:
    task = Task(*cluster.fresh(), service=one, template=copy.deepcopy(template or one.template), slot=slot, node=node)
    task.created = task.updated = task.since = past.at(ago)
    cluster.tasks[task.id] = task
    return task


def runs(cluster: Cluster, past: Past, one: Service, slot: int, node: Node, ago: float, template: Json | None = None) -> Task:
    """Put a task there that runs since `ago`, with its container on its node."""
    task = _task(cluster, past, one, slot, node, ago, template)
    there = past if node.daemon is past.daemon else Past(node.daemon)
    body = body_of(cluster, task)
    container = there.made(task.name, body.pop("Image"), ago + 1, **body)
    there.run(container, ago)
    task.state, task.message = "running", "started"
    cluster.orchestrator.lives.adopt(task, container)
    return task


def mailer(cluster: Cluster, past: Past, nodes: list[Node]) -> None:
    """Tell of an update that failed and was paused: one slot has given up, the other runs as before."""
    one = service(cluster, past, "shop_mailer", "shop/mailer:1.9.1", 2, 40 * DAY, 95 * MINUTE)
    one.template["RestartPolicy"] = {"Condition": "any", "Delay": 5 * SECOND, "MaxAttempts": 3}
    one.previous = older(one, "shop/mailer:1.9.0")
    before = one.previous["TaskTemplate"]
    runs(cluster, past, one, 2, nodes[2], 30 * DAY, before)
    last = ""
    for index in range(4):
        ago = 95 * MINUTE - 8 * index
        task = _task(cluster, past, one, 1, nodes[1], ago)
        task.state, task.message, task.error, task.exit_code = "failed", "started", "task: non-zero exit (1)", 1
        task.container_id, task.desired = past.daemon.rand.randbytes(32).hex(), "shutdown"
        last = last or task.id
    old = _task(cluster, past, one, 1, nodes[1], 95 * MINUTE + 4, before)
    old.state, old.message, old.desired, old.container_id = "shutdown", "shutdown", "shutdown", swarm_identity(cluster.rand)
    message = f"update paused due to failure or early termination of task {last}"
    one.updating = {"State": "paused", "StartedAt": stamp(past.at(95 * MINUTE + 12)), "Message": message}
