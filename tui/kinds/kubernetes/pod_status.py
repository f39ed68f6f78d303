"""READY, STATUS and RESTARTS of a pod, by the rules of the server's own table printer (pkg/printers, `printPod`)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from tui.kinds.kubernetes.common import going, holds
from tui.kinds.kubernetes.pod_objects import ContainerStatus, Pod, Terminated


class Summary(Struct):
    """What the table says of a pod's containers as a whole. `last`: when one was last started anew."""

    word: str
    ready: int = 0
    total: int = 0
    restarts: int = 0
    last: datetime | None = None

    def count(self, one: ContainerStatus) -> None:
        """Add a container's restarts."""
        self.restarts += one.restartCount
        then = one.ended.finishedAt if one.ended else None
        if then is not None and (self.last is None or self.last < then):
            self.last = then


def summary(pod: Pod) -> Summary:
    """Return the cells of a pod's containers."""
    found = Summary(_first_word(pod))
    inits = pod.inits
    sidecars = {name for name, item in inits.items() if item.is_sidecar}
    found.total = len(pod.spec.containers or ()) + len(sidecars)
    beside = Summary("")
    initializing = False
    for index, one in enumerate(pod.init_statuses):
        found.count(one)
        if one.name in sidecars:
            beside.count(one)
        ended = one.state.terminated
        if ended is not None and ended.exitCode == 0:
            continue
        if one.name in sidecars and one.started:
            found.ready += one.ready
            continue
        found.word = _init_word(one, index, len(inits))
        initializing = True
        break
    if not initializing or holds(pod.status.conditions, "Initialized"):
        found.restarts, found.last = beside.restarts, beside.last
        _main(pod, found)
    if going(pod):
        if pod.status.reason == "NodeLost":
            found.word = "Unknown"
        elif pod.status.phase not in {"Succeeded", "Failed"}:
            found.word = "Terminating"
    return found


def _first_word(pod: Pod) -> str:
    gated = any(item.type == "PodScheduled" and item.reason == "SchedulingGated" for item in pod.status.conditions or ())
    return "SchedulingGated" if gated else pod.status.reason or pod.status.phase


def _init_word(one: ContainerStatus, index: int, count: int) -> str:
    ended, waiting = one.state.terminated, one.state.waiting
    if ended is not None:
        return f"Init:{ended_word(ended)}"
    if waiting is not None and waiting.reason and waiting.reason != "PodInitializing":
        return f"Init:{waiting.reason}"
    return f"Init:{index}/{count}"


def ended_word(ended: Terminated) -> str:
    """Return why a container ended: the kubelet's reason, else its signal or exit code."""
    if ended.reason:
        return ended.reason
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exitCode}"


def _main(pod: Pod, found: Summary) -> None:
    """Count the containers; the word is that of the first container that says one."""
    runs = False
    for one in reversed(pod.statuses):
        found.count(one)
        waiting, ended = one.state.waiting, one.state.terminated
        if waiting is not None and waiting.reason:
            found.word = waiting.reason
        elif ended is not None:
            found.word = ended_word(ended)
        elif one.ready and one.state.running is not None:
            runs = True
            found.ready += 1
    if found.word == "Completed" and runs:
        found.word = "Running" if holds(pod.status.conditions, "Ready") else "NotReady"
