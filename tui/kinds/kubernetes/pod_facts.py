"""The facts of one pod: where it runs, for whom, its containers and their last ends, its conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.facts import Tone
from tui.kinds.kubernetes.common import aged, at, conditions_section, filled, labels_section, link, owner_facts, told
from tui.kinds.kubernetes.owning import owners
from tui.kinds.kubernetes.pod_objects import ContainerStatus, Pod
from tui.kinds.kubernetes.pod_sentences import exit_sentence
from tui.kinds.kubernetes.pod_status import ended_word
from tui.model import Fact, Section


def container_state(one: ContainerStatus | None) -> tuple[str, Tone]:
    """Return the word and the tone of a container's state."""
    if one is None:
        return "waiting", Tone.MOVING
    waiting, ended = one.state.waiting, one.state.terminated
    if one.state.running is not None:
        return "running", Tone.WELL if one.ready else Tone.STRAINED
    if ended is not None:
        return ended_word(ended), Tone.BROKEN if ended.exitCode or ended.signal else Tone.OVER
    word = waiting.reason if waiting else ""
    return word or "waiting", Tone.MOVING if word in {"", "ContainerCreating", "PodInitializing"} else Tone.BROKEN


def facts(pod: Pod, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections; `full` is the whole object, or None before it is there."""
    return filled(
        Section("", _first(pod, full)),
        Section("Init containers", _containers(pod, pod.spec.initContainers or (), pod.init_statuses)),
        Section("Containers", _containers(pod, pod.spec.containers or (), pod.statuses)),
        Section("Volumes", _volumes(pod, full)),
        conditions_section(pod.status.conditions),
        *labels_section(pod, full),
    )


def _first(pod: Pod, full: Mapping[str, Any] | None) -> list[Fact]:
    node = pod.spec.nodeName
    account = at(full, "spec", "serviceAccountName")
    started = sum(one.restartCount for one in pod.statuses)
    return [
        *told("node", node, link=link("nodes", "", node)),
        *told("IP", ", ".join(item.ip for item in pod.status.podIPs or () if item.ip)),
        *told("service account", account),
        *told("QoS", at(full, "status", "qosClass")),
        *told("priority", at(full, "spec", "priorityClassName")),
        *told("restart policy", at(full, "spec", "restartPolicy")),
        *aged(pod),
        *told("restarts", started or None),
        *owner_facts(pod, owners(pod)),
    ]


def _containers(pod: Pod, asked: Sequence[Any], statuses: Sequence[ContainerStatus]) -> list[Fact]:
    known = {one.name: one for one in statuses}
    found: list[Fact] = []
    for item in asked:
        one = known.get(item.name)
        word, tone = container_state(one)
        if item.is_sidecar:
            word += ", sidecar"
        if one is not None and one.restartCount:
            word += f", {one.restartCount} restart{'s' * (one.restartCount != 1)}"
        found.append(Fact(item.name, f"{word}  {item.image}", tone))
        if one is not None and one.ended is not None:
            found.append(Fact("", f"before: {exit_sentence(item.name, one.ended, item.memory_limit)}"))
    return found


def _volumes(pod: Pod, full: Mapping[str, Any] | None) -> list[Fact]:
    volumes = at(full, "spec", "volumes")
    found: list[Fact] = []
    for volume in volumes if isinstance(volumes, list) else ():
        if not isinstance(volume, Mapping) or "projected" in volume:
            continue
        name = str(volume.get("name", ""))
        for source, key, kind in (("configMap", "name", "configmaps"), ("secret", "secretName", "secrets")):
            if isinstance(target := at(volume, source, key), str):
                found.append(Fact(name, f"{kind.removesuffix('s')} {target}", link=link(kind, pod.namespace, target)))
                break
        else:
            other = [key for key in volume if key != "name"]
            claim = at(volume, "persistentVolumeClaim", "claimName")
            found.append(Fact(name, f"claim {claim}" if claim else (str(other[0]) if other else "")))
    return found
