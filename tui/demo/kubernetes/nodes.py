"""The machines of the embedded cluster."""

from __future__ import annotations

from tui.demo.kubernetes.objects import Json, stamp

HEALTH = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def node(name: str, place: int, since: float, beat: float, *, control: bool = False, cpu: int = 8, memory: str = "32Gi") -> Json:
    """Return a node that is ready since a time and was heard of at another; `place`: its number, which gives its addresses."""
    labels = {
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": f"eu-1{'abc'[place % 3]}", "node.kubernetes.io/instance-type": "m6.2xlarge",
    }  # fmt: skip
    spec: Json = {"podCIDR": f"10.244.{place}.0/24", "podCIDRs": [f"10.244.{place}.0/24"], "providerID": f"demo://{name}"}
    if control:
        labels |= {"node-role.kubernetes.io/control-plane": "", "node.kubernetes.io/instance-type": "m6.large"}
        spec["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
    conditions = [
        {
            "type": kind,
            "status": status,
            "lastHeartbeatTime": stamp(beat),
            "lastTransitionTime": stamp(since),
            "reason": reason,
            "message": said,
        }
        for kind, status, reason, said in HEALTH
    ]
    info = {
        "machineID": f"{place:032x}", "systemUUID": f"{place:032x}", "bootID": f"{place:08x}-0000-4000-8000-000000000000",
        "kernelVersion": "6.12.12-cloud-amd64", "osImage": "Debian GNU/Linux 13 (trixie)", "containerRuntimeVersion": "containerd://2.1.4",
        "kubeletVersion": "v1.34.4", "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "amd64",
    }  # fmt: skip
    room = {"cpu": str(cpu), "memory": memory, "pods": "110", "ephemeral-storage": "203070420Ki"}
    addresses = [{"type": "InternalIP", "address": f"192.0.2.{11 + place}"}, {"type": "Hostname", "address": name}]
    status = {"capacity": room, "allocatable": room, "conditions": conditions, "addresses": addresses, "nodeInfo": info}
    status |= {"daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}
    return {"kind": "Node", "apiVersion": "v1", "metadata": {"name": name, "labels": labels}, "spec": spec, "status": status}
