"""How a pod does, and what is wrong with it, from its own struct."""

from __future__ import annotations

from collections.abc import Mapping

from tui.facts import Tone
from tui.kinds.kubernetes.common import condition, going, now_utc, said, seconds_old
from tui.kinds.kubernetes.pod_objects import Container, ContainerStatus, Pod
from tui.kinds.kubernetes.pod_sentences import container_sentence, exit_sentence
from tui.kinds.kubernetes.pod_status import Summary, summary
from tui.model import Trouble
from tui.values import duration

YOUNG = 60.0  # seconds in which a pod may be not ready without anything being wrong
SLOW = 300.0  # seconds after which a pod that still begins is worth a look
RECENT = 600.0  # seconds after a restart in which a pod is not taken for well
BEGINNING = frozenset({"Pending", "ContainerCreating", "PodInitializing", "SchedulingGated", ""})


def tone(pod: Pod) -> Tone:
    """Return how the pod does."""
    return _tone(pod, summary(pod))


def _tone(pod: Pod, found: Summary) -> Tone:
    word = found.word
    if going(pod) and word == "Terminating":
        return Tone.OVER
    if word in BEGINNING or _counts_inits(word):
        return Tone.STRAINED if _unschedulable(pod) or (seconds_old(pod) > SLOW and word != "SchedulingGated") else Tone.MOVING
    if word in {"Completed", "Succeeded"}:
        return Tone.OVER
    if word == "Running":
        return _running(pod, found)
    return Tone.STRAINED if word == "NotReady" else Tone.BROKEN


def _running(pod: Pod, found: Summary) -> Tone:
    if found.ready < found.total:
        return Tone.MOVING if min(seconds_old(pod), _since_start(pod)) < YOUNG else Tone.STRAINED
    return Tone.STRAINED if _restarted(found) is not None or _shut(pod) else Tone.WELL


def _shut(pod: Pod) -> list[str]:
    """Return the readiness gates that keep a pod from being ready."""
    open_ = {item.type for item in pod.status.conditions or () if item.status == "True"}
    return [gate.conditionType for gate in pod.spec.readinessGates or () if gate.conditionType not in open_]


def _counts_inits(word: str) -> bool:
    return word.startswith("Init:") and word[5:].replace("/", "").isdecimal()


def _since_start(pod: Pod) -> float:
    """Return the seconds since the youngest container began that is not ready."""
    starts = [one.state.running.startedAt for one in pod.statuses if one.state.running and not one.ready]
    ages = [(now_utc() - then).total_seconds() for then in starts if then]
    return min(ages, default=1e9)


def _restarted(found: Summary) -> float | None:
    """Return how many seconds ago a container was started anew, if that is recent."""
    if found.last is None or not found.restarts:
        return None
    ago = (now_utc() - found.last).total_seconds()
    return ago if ago < RECENT else None


def _unschedulable(pod: Pod) -> str:
    found = condition(pod.status.conditions, "PodScheduled")
    return said(found) if found is not None and found.status == "False" and found.reason == "Unschedulable" else ""


def culprit(pod: Pod) -> tuple[ContainerStatus, Container | None] | None:
    """Return the container to blame: the init container that stands in the way, else the first that does not run."""
    asked: Mapping[str, Container] = {item.name: item for item in (*(pod.spec.initContainers or ()), *(pod.spec.containers or ()))}
    for one in (*pod.init_statuses, *pod.statuses):
        waiting, ended = one.state.waiting, one.state.terminated
        if waiting is not None and waiting.reason and waiting.reason not in BEGINNING:
            return one, asked.get(one.name)
        if ended is not None and (ended.exitCode or ended.signal):
            return one, asked.get(one.name)
    return None


def trouble(pod: Pod) -> Trouble | None:
    """Return what is wrong: the container to blame and why, or why the pod has no place, was driven out or is not ready."""
    found = summary(pod)
    how = _tone(pod, found)
    if how not in {Tone.STRAINED, Tone.BROKEN}:
        return None
    cause, then = _cause(pod, found)
    return Trouble(how, found.word or pod.status.phase or "Unknown", cause, then)


def _cause(pod: Pod, found: Summary) -> tuple[str, str]:
    if found.word == "Unknown":
        return f"node {pod.spec.nodeName} does not answer, so nobody knows how it does", ""
    if nowhere := _unschedulable(pod):
        return nowhere, "tried again when the cluster changes"
    blamed = culprit(pod)
    if pod.status.reason:
        return pod.status.message.strip() or pod.status.reason, ""
    if blamed is not None:
        cause, then = container_sentence(*blamed)
        if cause:
            return cause, then
    if found.word in BEGINNING or _counts_inits(found.word):
        return f"{_starting(pod)} since {duration(seconds_old(pod))}", "its events may tell why"
    if found.ready < found.total or found.word == "NotReady":
        return _not_ready(pod, found), ""
    if shut := _shut(pod):
        return f"its readiness gate {', '.join(shut)} is not open", ""
    return _restart_sentence(pod, found), ""


def _starting(pod: Pod) -> str:
    waits = [one.name for one in (*pod.init_statuses, *pod.statuses) if one.state.waiting or (one.state.running and not one.ready)]
    return f"{waits[0]} has not begun its work" if waits else "no container has begun"


def _not_ready(pod: Pod, found: Summary) -> str:
    idle = [one for one in (*(one for one in pod.init_statuses if one.started and not one.ready), *pod.statuses) if not one.ready]
    why = [_are([one.name for one in idle if one.state.terminated], "has", "have", "ended")]
    why += [_are([one.name for one in idle if not one.state.terminated], "is", "are", "not ready")]
    said_ = ", ".join(part for part in why if part)
    return f"{found.ready} of {found.total} container{'s' * (found.total != 1)} ready" + (f": {said_}" if said_ else "")


def _are(names: list[str], one: str, many: str, what: str) -> str:
    return f"{' and '.join(names)} {one if len(names) == 1 else many} {what}" if names else ""


def _restart_sentence(pod: Pod, found: Summary) -> str:
    limits = {item.name: item.memory_limit for item in pod.spec.containers or ()}
    latest = [one for one in (*pod.init_statuses, *pod.statuses) if one.ended is not None and one.ended.finishedAt == found.last]
    ago = _restarted(found)
    if not latest or latest[0].ended is None or ago is None:
        return ""
    one = latest[0]
    return (
        f"{exit_sentence(one.name, latest[0].ended, limits.get(one.name, ''), counted=found.restarts)}, started again {duration(ago)} ago"
    )
