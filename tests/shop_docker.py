"""A fixed shop on a Docker host and in its swarm: containers, images, volumes, networks, nodes, services and tasks."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from tests.shop_kubernetes import FIXED, before
from tests.told_docker import DockerServer

Json = dict[str, Any]
GIB, MIB = 2**30, 2**20


def digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def swarm_id(word: str) -> str:
    return digest(word)[:25]


def _born(**ago: float) -> int:
    return int((FIXED - timedelta(**ago)).timestamp())


def stats(cpu: float, memory: int, limit: int, received: int = 1_200_000, sent: int = 310_000) -> Json:
    """Return a sample that says these figures by itself: percent, bytes."""
    second = 1_000_000_000
    now = {"cpu_usage": {"total_usage": int(10 * second + cpu / 100 * second)}, "system_cpu_usage": 14 * second, "online_cpus": 4}
    then = {"cpu_usage": {"total_usage": 10 * second}, "system_cpu_usage": 10 * second, "online_cpus": 4}
    figures = {"usage": memory, "limit": limit, "stats": {}}
    return {"read": before(seconds=1), "cpu_stats": now, "precpu_stats": then, "memory_stats": figures,
            "networks": {"eth0": {"rx_bytes": received, "tx_bytes": sent}}}  # fmt: skip


def _container(server: DockerServer, name: str, image: str, state: str, status: str, days: float, service: str = "", **more: Any) -> Json:
    identity = digest(name)
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": service} if service else {}
    network = "shop_default" if service else "bridge"
    item: Json = {"Id": identity, "Names": [f"/{name}"], "Image": image, "ImageID": f"sha256:{digest(image)}", "State": state}
    item |= {"Command": "docker-entrypoint.sh", "Created": _born(days=days), "Status": status, "Labels": labels, "Ports": [], "Mounts": []}
    item["NetworkSettings"] = {"Networks": {network: {"NetworkID": digest(network), "IPAddress": "172.21.0.4"}}}
    item |= more
    server.containers[identity] = item
    inner: Json = {"Status": state, "Running": state == "running", "ExitCode": 0, "Error": "", "OOMKilled": False}
    inner |= {"StartedAt": before(days=days), "FinishedAt": "0001-01-01T00:00:00Z"}
    full: Json = {"Id": identity, "Name": f"/{name}", "Created": before(days=days), "State": inner, "RestartCount": 0}
    full["Config"] = {"Image": image, "Env": ["PATH=/usr/local/bin", "DB_PASSWORD=hunter2"], "Labels": labels, "Cmd": ["serve"]}
    full |= {"HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}, "NetworkMode": network}, "Mounts": item["Mounts"]}
    full["NetworkSettings"] = item["NetworkSettings"]
    server.inspects[identity] = full
    return full


def _port(inner: int, outer: int) -> list[Json]:
    return [{"IP": address, "PrivatePort": inner, "PublicPort": outer, "Type": "tcp"} for address in ("0.0.0.0", "::")]


def _mount(volume: str, target: str) -> list[Json]:
    return [{"Type": "volume", "Name": volume, "Source": "", "Destination": target}]


def fill_containers(server: DockerServer) -> None:
    """Put a container of each state on the host."""
    api = _container(server, "shop-api-1", "shop/api:2.14.0", "running", "Up 3 days (unhealthy)", 3, "api")
    api["State"]["Health"] = {
        "Status": "unhealthy",
        "FailingStreak": 7,
        "Log": [{"ExitCode": 1, "Output": "GET /ready: 503 after 2.0 s\n"}],
    }
    db = {"Ports": _port(5432, 5432), "Mounts": _mount("shop_db-data", "/var/lib/postgresql/data")}
    _container(server, "shop-db-1", "postgres:16", "running", "Up 3 days (healthy)", 3, "db", **db)
    _container(server, "shop-migrate-1", "shop/api:2.14.0", "exited", "Exited (0) 3 days ago", 3, "migrate")
    _container(server, "shop-queue-1", "redis:7.4", "running", "Up 3 days", 3, "queue", Mounts=_mount("shop_queue", "/data"))
    _container(server, "shop-web-1", "shop/web:2.14.0", "running", "Up 3 days (healthy)", 3, "web", Ports=_port(80, 8080))
    registry = _container(server, "registry", "registry:3", "restarting", "Restarting (1) 4 seconds ago", 9)
    registry["State"] |= {"ExitCode": 1, "Error": ""}
    registry["RestartCount"] = 23
    _container(server, "jolly_morse", "busybox:1", "paused", "Up 12 minutes (Paused)", 0.01)
    _container(server, "backup", "restic/restic:0.17", "exited", "Exited (137) 5 hours ago", 30)["State"] |= {"ExitCode": 137}
    server.inspects[digest("backup")]["State"]["OOMKilled"] = True
    _container(server, "sandbox", "python:3.13", "created", "Created", 0.002)
    _container(server, "edge-proxy", "traefik:3.3", "running", "Up About a minute (health: starting)", 0.001, Ports=_port(443, 8443))
    for name, cpu, used, limit in (
        ("shop-api-1", 187.4, 368 * MIB, 512 * MIB), ("shop-db-1", 10.9, 451 * MIB, GIB), ("shop-queue-1", 2.1, 31 * MIB, 512 * MIB),
        ("shop-web-1", 18.2, 158 * MIB, 512 * MIB), ("jolly_morse", 0.0, MIB, 16 * GIB), ("edge-proxy", 71.0, 97 * MIB, 128 * MIB),
    ):  # fmt: skip
        server.stats[digest(name)] = stats(cpu, used, limit)


def fill_rest(server: DockerServer) -> None:
    """Put images, volumes and networks on the host."""
    sizes = {"shop/api:2.14.0": 212, "shop/api:2.13.9": 209, "shop/web:2.14.0": 48, "postgres:16": 434, "redis:7.4": 117, "registry:3": 58,
             "busybox:1": 4, "restic/restic:0.17": 41, "python:3.13": 1020, "traefik:3.3": 190}  # fmt: skip
    for index, (name, size) in enumerate(sizes.items()):
        server.images[name] = {"Id": f"sha256:{digest(name)}", "RepoTags": [name], "RepoDigests": [], "Size": size * 1_000_000,
                               "Created": _born(days=3 + 4 * index), "Containers": -1, "Labels": None}  # fmt: skip
    loose = {"Id": f"sha256:{digest('loose')}", "RepoTags": [], "RepoDigests": [], "Created": _born(days=50), "Size": 207_000_000}
    server.images["loose"] = loose
    for name, days in (("shop_db-data", 61), ("shop_queue", 61), ("old-uploads", 200), (digest("anonymous"), 12)):
        labels = {"com.docker.compose.project": "shop"} if name.startswith("shop") else None
        one: Json = {"Name": name, "Driver": "local", "CreatedAt": before(days=days), "Scope": "local", "Labels": labels, "Options": None}
        server.volumes[name] = one | {"Mountpoint": f"/var/lib/docker/volumes/{name}/_data"}
    for index, (name, driver, scope) in enumerate(
        (("bridge", "bridge", "local"), ("host", "host", "local"), ("none", "null", "local"), ("shop_default", "bridge", "local"),
         ("ingress", "overlay", "swarm"))
    ):  # fmt: skip
        pool = [] if name in {"host", "none"} else [{"Subnet": f"172.{17 + index}.0.0/16", "Gateway": f"172.{17 + index}.0.1"}]
        network: Json = {"Name": name, "Id": digest(name), "Created": before(days=61), "Scope": scope, "Driver": driver, "Labels": {}}
        server.networks[digest(name)] = network | {
            "IPAM": {"Config": pool}, "Ingress": name == "ingress", "Internal": False, "Attachable": False,
        }  # fmt: skip


def _node(name: str, role: str, address: str, state: str = "ready", availability: str = "active", leader: bool = False) -> Json:
    about: Json = {"Hostname": name, "Platform": {"Architecture": "x86_64", "OS": "linux"}, "Engine": {"EngineVersion": "27.3.1"}}
    about["Resources"] = {"NanoCPUs": 4_000_000_000, "MemoryBytes": 16 * GIB}
    node: Json = {"ID": swarm_id(name), "Version": {"Index": 9}, "CreatedAt": before(days=90), "UpdatedAt": before(days=2)}
    node |= {"Spec": {"Role": role, "Availability": availability, "Labels": {}}, "Description": about}
    node["Status"] = {"State": state, "Addr": address}
    if state == "down":
        node["Status"]["Message"] = "heartbeat failure"
    if role == "manager":
        node["ManagerStatus"] = {"Leader": leader, "Reachability": "reachable", "Addr": f"{address}:2377"}
    return node


def _service(name: str, image: str, wanted: int, there: int, port: int = 0, **more: Any) -> Json:
    spec: Json = {"Name": name, "Labels": {"com.docker.stack.namespace": "shop"}, "Mode": {"Replicated": {"Replicas": wanted}}}
    spec["TaskTemplate"] = {"ContainerSpec": {"Image": image, "Env": ["LOG=info"]}, "ForceUpdate": 0}
    ports = [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": port, "PublishMode": "ingress"}] if port else []
    made: Json = {
        "ID": swarm_id(name),
        "Version": {"Index": 40},
        "CreatedAt": before(days=40),
        "UpdatedAt": before(minutes=9),
        "Spec": spec,
    }
    made |= {"Endpoint": {"Spec": {}, "Ports": ports}, "ServiceStatus": {"RunningTasks": there, "DesiredTasks": wanted}}
    return made | more


def _task(service: str, slot: int, node: str, state: str, image: str, error: str = "", desired: str = "running", **ago: float) -> Json:
    name = f"{service}.{slot}.{state}"
    status: Json = {"Timestamp": before(**ago), "State": state, "Message": "started", "Err": error}
    if error:
        status["ContainerStatus"] = {"ContainerID": digest(name), "ExitCode": 1}
    made: Json = {"ID": swarm_id(name), "Version": {"Index": 5}, "CreatedAt": before(**ago), "ServiceID": swarm_id(service), "Slot": slot}
    return made | {"NodeID": swarm_id(node), "Status": status, "DesiredState": desired, "Spec": {"ContainerSpec": {"Image": image}}}


def fill_swarm(server: DockerServer) -> None:
    """Make the host the leader of a swarm of three."""
    server.manager = True
    server.info = {
        "Swarm": {"NodeID": swarm_id("harbor-1"), "LocalNodeState": "active", "ControlAvailable": True, "Nodes": 3, "Managers": 1}
    }
    nodes = (_node("harbor-1", "manager", "192.0.2.21", leader=True), _node("harbor-2", "worker", "192.0.2.22", availability="drain"),
             _node("harbor-3", "worker", "192.0.2.23", "down"))  # fmt: skip
    server.told["nodes"] = {one["ID"]: one for one in nodes}
    web = _service("shop_web", "shop/web:2.14.0", 3, 3, 8080)
    web["PreviousSpec"] = _service("shop_web", "shop/web:2.13.9", 2, 2, 8080)["Spec"]
    moving = {"State": "updating", "Message": "update in progress", "StartedAt": before(minutes=1)}
    services = (web, _service("shop_api", "shop/api:2.14.0", 4, 3, UpdateStatus=moving), _service("shop_mailer", "shop/mailer:1.9.0", 1, 0),
                _service("shop_idle", "busybox:1", 0, 0))  # fmt: skip
    server.told["services"] = {one["ID"]: one for one in services}
    image = "shop/web:2.14.0"
    tasks = (
        _task("shop_web", 1, "harbor-1", "running", image, days=3), _task("shop_web", 2, "harbor-2", "running", image, days=3),
        _task("shop_web", 3, "harbor-3", "failed", image, "task: non-zero exit (1)", "shutdown", minutes=9),
        _task("shop_web", 3, "harbor-1", "running", image, minutes=9),
        _task("shop_api", 1, "harbor-1", "starting", "shop/api:2.14.0", seconds=20),
        _task("shop_mailer", 1, "harbor-1", "rejected", "shop/mailer:1.9.0", "No such image: shop/mailer:1.9.0", seconds=40),
    )  # fmt: skip
    server.told["tasks"] = {one["ID"]: one for one in tasks}


def fill(server: DockerServer) -> None:
    """Fill a server with the whole shop."""
    fill_containers(server)
    fill_rest(server)
    fill_swarm(server)
