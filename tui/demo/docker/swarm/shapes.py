"""Shapes: the objects of a swarm as the Engine API gives them."""

from __future__ import annotations

from tui.demo.docker import figures
from tui.demo.docker.daemon import PLUGINS, VERSION
from tui.demo.docker.swarm.cluster import Cluster
from tui.demo.docker.swarm.objects import Kept, Node, Service, Stored, Task
from tui.demo.docker.words import Json, stamp

TRUST = {
    "TrustRoot": "-----BEGIN CERTIFICATE-----\nMIIBajCCARCgAwIBAgIUdemo\n-----END CERTIFICATE-----\n",
    "CertIssuerSubject": "MBMxETAPBgNVBAMTCHN3YXJtLWNh", "CertIssuerPublicKey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
}  # fmt: skip
ENGINE = {
    "EngineVersion": VERSION,
    "Plugins": [{"Type": kind, "Name": name} for kind in ("Log", "Network", "Volume") for name in PLUGINS[kind] or ()],
}


def _head(one: Stored) -> Json:
    return {"ID": one.id, "Version": {"Index": one.index}, "CreatedAt": stamp(one.created), "UpdatedAt": stamp(one.updated)}


def cluster(of: Cluster, tokens: bool = False) -> Json:
    """Return the swarm itself; `tokens`: with those that let a node join."""
    spec = {
        "Name": "default", "Labels": {}, "Orchestration": {"TaskHistoryRetentionLimit": 5},
        "Raft": {"SnapshotInterval": 10000, "KeepOldSnapshots": 0, "LogEntriesForSlowFollowers": 500, "ElectionTick": 10},
        "Dispatcher": {"HeartbeatPeriod": 5000000000}, "CAConfig": {"NodeCertExpiry": 7776000000000000}, "TaskDefaults": {},
        "EncryptionConfig": {"AutoLockManagers": False},
    }  # fmt: skip
    found: Json = {
        "ID": of.id, "Version": {"Index": 10}, "CreatedAt": stamp(of.created), "UpdatedAt": stamp(of.created), "Spec": spec,
        "TLSInfo": TRUST, "RootRotationInProgress": False, "DefaultAddrPool": ["10.0.0.0/8"], "SubnetSize": 24, "DataPathPort": 4789,
    }  # fmt: skip
    return found | ({"JoinTokens": of.tokens} if tokens else {})


def node(one: Node) -> Json:
    """Return a node."""
    about = {
        "Hostname": one.name, "Platform": {"Architecture": "x86_64", "OS": "linux"},
        "Resources": {"NanoCPUs": figures.PROCESSORS * 10**9, "MemoryBytes": figures.MEMORY}, "Engine": ENGINE, "TLSInfo": TRUST,
    }  # fmt: skip
    status = {"State": one.state, "Addr": one.address} | ({"Message": one.message} if one.message else {})
    found = _head(one) | {
        "Spec": {"Labels": one.labels, "Role": one.role, "Availability": one.availability}, "Description": about, "Status": status,
    }  # fmt: skip
    if one.role == "manager":
        reach = "reachable" if one.reachable and one.state == "ready" else "unreachable"
        found["ManagerStatus"] = {"Reachability": reach, "Addr": f"{one.address}:2377"} | ({"Leader": True} if one.leader else {})
    return found


def service(of: Cluster, one: Service, counts: bool = False) -> Json:
    """Return a service; `counts`: with how many of its tasks run."""
    found = _head(one) | {"Spec": one.spec}
    if one.previous is not None:
        found["PreviousSpec"] = one.previous
    endpoint: Json = {"Spec": {}}
    if one.ports:
        address = {"NetworkID": of.daemon.networks.find("ingress").id, "Addr": f"10.0.0.{5 + int(one.id, 36) % 200}/24"}
        endpoint = {"Spec": one.spec["EndpointSpec"], "Ports": one.ports, "VirtualIPs": [address]}
    found["Endpoint"] = endpoint
    if one.updating is not None:
        found["UpdateStatus"] = one.updating
    if counts:
        tasks = of.tasks_of(one)
        running = sum(task.state == "running" and (task.node is None or task.node.state == "ready") for task in tasks)
        wanted = one.replicas if one.replicas is not None else sum(task.wanted for task in tasks)
        found["ServiceStatus"] = {"RunningTasks": running, "DesiredTasks": wanted, "CompletedTasks": 0}
    return found


def task(of: Cluster, one: Task) -> Json:
    """Return a task."""
    status: Json = {"Timestamp": stamp(one.since), "State": one.state, "Message": one.message}
    if one.error:
        status["Err"] = one.error
    if one.container_id:
        status["ContainerStatus"] = {"ContainerID": one.container_id, "PID": one.pid, "ExitCode": one.exit_code}
    status["PortStatus"] = {}
    found = _head(one) | {"Labels": {}, "Spec": one.template, "ServiceID": one.service.id}
    if one.slot:
        found["Slot"] = one.slot
    if one.node is not None:
        found["NodeID"] = one.node.id
    found |= {"Status": status, "DesiredState": one.desired}
    joined = [_joined(of, one, asked["Target"]) for asked in one.template.get("Networks") or ()]
    return found | ({"NetworksAttachments": joined} if joined else {})


def _joined(of: Cluster, one: Task, target: str) -> Json:
    network = of.daemon.networks.find(target)
    spec = {"Name": network.name, "Labels": network.labels, "DriverConfiguration": {"Name": "overlay"}, "Scope": "swarm"}
    return {"Network": {"ID": network.id, "Spec": spec}, "Addresses": [f"{network.pool}.{2 + int(one.id, 36) % 250}/24"]}


def kept(one: Kept, data: bool) -> Json:
    """Return a config with its data, or a secret without."""
    return _head(one) | {"Spec": {"Name": one.name, "Labels": one.labels} | ({"Data": one.data} if data else {})}
