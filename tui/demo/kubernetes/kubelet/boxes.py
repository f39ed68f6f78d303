"""One container of a pod as its node keeps it, and the pod's status worked out from all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tui.demo.kubernetes.kubelet import images
from tui.demo.kubernetes.kubelet.instances import Instance
from tui.demo.kubernetes.objects import Json, stamp, with_condition


@dataclass(eq=False)
class Box:
    """A container: where it is (`state`: waiting, running or terminated), how often it has begun anew, and its runs."""

    spec: Json
    init: bool = False
    state: str = "waiting"
    why: str = "ContainerCreating"
    message: str = ""
    ready: bool = False
    started: bool = False
    restarts: int = 0
    now: Instance | None = None
    before: Instance | None = None
    ended: Json | None = None  # how the run of now ended
    last: Json | None = None  # how the run before ended
    pulled: bool = False
    identity: str = ""  # containerID
    delay: float = 0.0  # seconds of the next back-off after a crash
    pull_delay: float = 0.0
    asked: float = field(default=0.0)  # when a back-off began

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.spec["name"])

    @property
    def image(self) -> str:
        """Return its image as the pod names it."""
        return str(self.spec["image"])

    @property
    def is_sidecar(self) -> bool:
        """Tell whether it is an init container that goes on beside the others."""
        return self.init and self.spec.get("restartPolicy") == "Always"

    @property
    def field(self) -> str:
        """Return how events name it."""
        return f"spec.{'initContainers' if self.init else 'containers'}{{{self.name}}}"

    @property
    def has_succeeded(self) -> bool:
        """Tell whether it has ended well."""
        return self.state == "terminated" and self.ended is not None and self.ended["exitCode"] == 0

    def wait(self, why: str, message: str = "") -> None:
        """Wait for something."""
        self.state, self.why, self.message, self.ready, self.started = "waiting", why, message, False, False

    def status(self, account: str) -> Json:
        """Return its containerStatus; `account`: the name of the volume with the token."""
        state: Json
        if self.state == "running" and self.now is not None:
            state = {"running": {"startedAt": stamp(self.now.started)}}
        elif self.state == "terminated" and self.ended is not None:
            state = {"terminated": self.ended}
        else:
            state = {"waiting": {"reason": self.why, **({"message": self.message} if self.message else {})}}
        known = self.pulled or self.identity
        made: Json = {
            "name": self.name,
            "state": state,
            "lastState": {"terminated": self.last} if self.last is not None else {},
            "ready": self.ready,
            "restartCount": self.restarts,
            "image": images.full(self.image) if known else self.image,
            "imageID": images.digest(self.image) if known else "",
        }
        if self.identity:
            made["containerID"] = self.identity
        made["started"] = self.started
        if account:
            path = "/var/run/secrets/kubernetes.io/serviceaccount"
            made["volumeMounts"] = [{"name": account, "mountPath": path, "readOnly": True, "recursiveReadOnly": "Disabled"}]
        return made


def phase_of(boxes: Sequence[Box], inits: Sequence[Box], policy: str) -> str:
    """Return a pod's phase from its containers."""
    if any(box.state == "terminated" and not box.has_succeeded for box in inits) and policy == "Never":
        return "Failed"
    if any(not box.has_succeeded and not (box.is_sidecar and box.started) for box in inits):
        return "Pending"
    if boxes and all(box.state == "terminated" for box in boxes):
        if all(box.has_succeeded for box in boxes):
            return "Succeeded" if policy != "Always" else "Running"
        return "Failed" if policy == "Never" else "Running"
    if any(box.state == "waiting" and box.last is None and not box.restarts for box in boxes):
        return "Pending"
    return "Running"


def conditions_of(pod: Json, boxes: Sequence[Box], inits: Sequence[Box], phase: str, sandbox: bool, now: float) -> list[Json]:
    """Return a pod's conditions, each with the time of its last turn."""
    had = pod["status"].get("conditions") or []
    count = pod["metadata"].get("generation", 1)
    undone = [box.name for box in inits if not box.has_succeeded and not (box.is_sidecar and box.started)]
    unready = [box.name for box in boxes if not box.ready]
    ended = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase, "")
    ready: dict[str, Any] = {"status": "True"}
    if ended:
        ready = {"status": "False", "reason": ended}
    elif unready:
        ready = {"status": "False", "reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(unready)}]"}
    begun: dict[str, Any] = {"status": "True", **({"reason": "PodCompleted"} if phase == "Succeeded" else {})}
    if undone:
        begun = {"status": "False", "reason": "ContainersNotInitialized"}
        begun["message"] = f"containers with incomplete status: [{' '.join(undone)}]"
    made = [dict(one) for one in had]
    for kind, said in (
        ("PodReadyToStartContainers", {"status": "True" if sandbox and not ended else "False"}),
        ("Initialized", begun),
        ("Ready", ready),
        ("ContainersReady", ready),
        ("PodScheduled", {"status": "True"}),
    ):
        made = with_condition(made, {"type": kind, **said}, now, updated=False)
    order = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    told = [{"observedGeneration": count, "lastProbeTime": None, **one} for one in made]
    return sorted(told, key=lambda one: order.index(one["type"]) if one["type"] in order else 9)


def status_of(pod: Json, boxes: Sequence[Box], inits: Sequence[Box], place: Json, now: float) -> Json:
    """Return the status of a pod; `place`: hostIP, podIP, startTime as far as they are known."""
    policy = pod["spec"].get("restartPolicy", "Always")
    phase = phase_of(boxes, inits, policy)
    volumes = pod["spec"].get("volumes") or ()
    account = next((one["name"] for one in volumes if one["name"].startswith("kube-api-access-")), "")
    status: Json = {"observedGeneration": pod["metadata"].get("generation", 1), "phase": phase}
    status["conditions"] = conditions_of(pod, boxes, inits, phase, "podIP" in place, now)
    if "hostIP" in place:
        status |= {"hostIP": place["hostIP"], "hostIPs": [{"ip": place["hostIP"]}]}
    if "podIP" in place:
        status |= {"podIP": place["podIP"], "podIPs": [{"ip": place["podIP"]}]}
    status["startTime"] = place["startTime"]
    if inits:
        status["initContainerStatuses"] = [box.status(account) for box in inits]
    return {**status, "containerStatuses": [box.status(account) for box in boxes], "qosClass": pod["status"].get("qosClass", "BestEffort")}
