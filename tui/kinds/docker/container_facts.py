"""The facts of one container: what it runs, where it is reached, what it may use, how its health does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tui.facts import Tone
from tui.kinds.docker.common import Ago, at, environment, filled, labelled, short_id, told
from tui.model import Fact, Section
from tui.values import Bytes, utc


def facts(one: Any, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections; `full` is what inspect gives, or None before it is there."""
    return filled(
        Section("", _first(one, full)),
        Section("Health", _health(full)),
        Section("Ports", _ports(one)),
        Section("Networks", _networks(one, full)),
        Section("Mounts", _mounts(one)),
        Section("Limits", _limits(full)),
        Section("Environment", environment(at(full, "Config", "Env"))),
        labelled(one.labels),
    )


def _first(one: Any, full: Mapping[str, Any] | None) -> list[Fact]:
    policy = at(full, "HostConfig", "RestartPolicy") or {}
    restarts = at(full, "RestartCount")
    words = f"{policy.get('Name') or 'no'}" + (f" (at most {policy['MaximumRetryCount']})" if policy.get("MaximumRetryCount") else "")
    return [
        *told("Image", one.image),
        *told("Image ID", short_id(one.image_id)),
        *told("Command", one.command),
        *told("Created", Ago(utc(one.created)) if one.created else None),
        *told("Started", _moment(at(full, "State", "StartedAt"))),
        *told("Finished", _moment(at(full, "State", "FinishedAt")) if one.state in {"exited", "dead", "restarting"} else None),
        *told("Error", at(full, "State", "Error")),
        *told("Restart policy", words if full else None),
        *told("Restarts", restarts or None),
        *told("Working folder", at(full, "Config", "WorkingDir")),
        *told("User", at(full, "Config", "User")),
        *told("Project", one.labels.get("com.docker.compose.project")),
        *told("Service", one.labels.get("com.docker.compose.service") or one.labels.get("com.docker.swarm.service.name")),
        *told("ID", short_id(one.id)),
    ]


def _moment(text: Any) -> Ago | None:
    if not isinstance(text, str) or text.startswith("0001"):
        return None
    try:
        return Ago(datetime.fromisoformat(text))
    except ValueError:
        return None


def _health(full: Mapping[str, Any] | None) -> list[Fact]:
    health = at(full, "State", "Health") or {}
    found = []
    for probe in reversed((health.get("Log") or [])[-3:]):
        ok = not probe.get("ExitCode")
        said = str(probe.get("Output") or "").strip().splitlines()
        text = said[0] if said else ("ok" if ok else f"exit code {probe.get('ExitCode')}")
        found.append(Fact(str(probe.get("Start") or "")[11:19], text, Tone.WELL if ok else Tone.BROKEN))
    if health.get("FailingStreak"):
        found.insert(0, Fact("Failed", f"{health['FailingStreak']} times in a row", Tone.BROKEN))
    return found


def _ports(one: Any) -> list[Fact]:
    from tui.kinds.docker.common import host_port

    return [
        Fact(f"{port.private_port}/{port.type}", host_port(port.ip, port.public_port) if port.public_port else "not published")
        for port in one.ports or ()
    ]


def _networks(one: Any, full: Mapping[str, Any] | None) -> list[Fact]:
    inspected = at(full, "NetworkSettings", "Networks") or {}
    listed = (one.network_settings.networks if one.network_settings else None) or {}
    found = []
    for name, attached in sorted(listed.items()):
        more = inspected.get(name) or {}
        other = [alias for alias in more.get("Aliases") or () if not one.id.startswith(alias)]
        address = attached.ip_address or "no address"
        found.append(Fact(name, f"{address} as {', '.join(other)}" if other else address))
    return found


def _mounts(one: Any) -> list[Fact]:
    return [Fact(mount.destination, mount.name_ or mount.source or mount.type) for mount in one.mounts or ()]


def _limits(full: Mapping[str, Any] | None) -> list[Fact]:
    config = at(full, "HostConfig") or {}
    nano, memory = config.get("NanoCpus") or 0, config.get("Memory") or 0
    quota, period = config.get("CpuQuota") or 0, config.get("CpuPeriod") or 100_000
    cpus = nano / 1e9 if nano else quota / period if quota > 0 else 0
    return [
        *told("CPUs", float(cpus) if cpus else None),
        *told("Memory", Bytes(memory, binary=True) if memory else None),
        *told("Processes", config.get("PidsLimit") or None),
        *told("Privileged", "yes" if config.get("Privileged") else None),
        *told("Capabilities", ", ".join(config.get("CapAdd") or ()) or None),
    ]
