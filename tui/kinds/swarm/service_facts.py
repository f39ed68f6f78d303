"""The facts of one service: what its tasks run, where, how they are updated, and how it is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.facts import Tone
from tui.kinds.docker.common import Ago, at, environment, filled, labelled, told
from tui.model import Fact, Section
from tui.values import Bytes, docker_duration


def facts(one: Any, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections; `full` is what inspect gives, or None before it is there."""
    template = at(full, "Spec", "TaskTemplate")
    container = at(template, "ContainerSpec")
    return filled(
        Section("", _first(one, template, container)),
        Section("Update", _update(one, full)),
        Section("Ports", _ports(one)),
        Section("Placement", [Fact("Constraint", str(text)) for text in at(template, "Placement", "Constraints") or ()]),
        Section("Resources", _resources(template)),
        Section("Mounts", [Fact(str(m.get("Target")), str(m.get("Source") or m.get("Type"))) for m in at(container, "Mounts") or ()]),
        Section("Secrets", [Fact(str(s.get("SecretName")), str(at(s, "File", "Name") or "")) for s in at(container, "Secrets") or ()]),
        Section("Configs", [Fact(str(c.get("ConfigName")), str(at(c, "File", "Name") or "")) for c in at(container, "Configs") or ()]),
        Section("Environment", environment(at(container, "Env"))),
        labelled(one.spec.labels),
    )


def _first(one: Any, template: Any, container: Any) -> list[Fact]:
    asked = one.spec.task_template.container_spec
    policy = at(template, "RestartPolicy") or {}
    limit = f" (at most {policy['MaxAttempts']})" if policy.get("MaxAttempts") else ""
    command = [*(at(container, "Command") or ()), *(at(container, "Args") or ())]
    return [
        *told("Image", asked.image if asked else None),
        *told("Runs", " ".join(map(str, command))),
        *told("Stack", (one.spec.labels or {}).get("com.docker.stack.namespace")),
        *told("Restart", f"{policy['Condition']}{limit}" if policy.get("Condition") else None),
        *told("Stop grace", _nanoseconds(at(container, "StopGracePeriod"))),
        *told("User", at(container, "User")),
        *told("Created", Ago(one.created_at) if one.created_at else None),
        *told("Updated", Ago(one.updated_at) if one.updated_at else None),
        *told("ID", one.id),
    ]


def _update(one: Any, full: Mapping[str, Any] | None) -> list[Fact]:
    status, config = one.update_status, at(full, "Spec", "UpdateConfig") or {}
    broken = status is not None and "paused" in status.state
    found = [Fact("State", status.state.replace("_", " "), Tone.BROKEN if broken else Tone.PLAIN)] if status else []
    found += told("Message", status.message if status else None)
    found += told("At once", config.get("Parallelism"))
    found += told("Delay", _nanoseconds(config.get("Delay")))
    found += told("On failure", config.get("FailureAction"))
    return found + told("Order", config.get("Order"))


def _ports(one: Any) -> list[Fact]:
    ports = (one.endpoint.ports if one.endpoint else None) or ()
    return [Fact(f"{port.target_port}/{port.protocol}", f"{port.published_port} ({port.publish_mode})") for port in ports]


def _resources(template: Any) -> list[Fact]:
    found: list[Fact] = []
    for key, label in (("Limits", "limit"), ("Reservations", "reserved")):
        part = at(template, "Resources", key) or {}
        found += told(f"CPUs, {label}", part["NanoCPUs"] / 1e9 if part.get("NanoCPUs") else None)
        found += told(f"Memory, {label}", Bytes(part["MemoryBytes"], binary=True) if part.get("MemoryBytes") else None)
    return found


def _nanoseconds(count: Any) -> str | None:
    return docker_duration(count / 1e9) if isinstance(count, int) and count else None
