"""Limits: how much processor and memory an object may use, from its full record as the engine's API gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.values import quantity

Limits = tuple[float | None, float | None]
"""Processors in percent (100 is one) and memory in bytes; None = no limit that is known."""


def limits_of(kind_id: str, name: str, full: Mapping[str, Any]) -> Limits:
    """Return what a container, a pod, a container of a pod (by its name) or a node may use."""
    match kind_id:
        case "docker/containers":
            return _container(full.get("HostConfig") or {})
        case "kubernetes/nodes":
            free = (full.get("status") or {}).get("allocatable") or {}
            return _amount([free], "cpu", 100), _amount([free], "memory")
        case "kubernetes/pods" | "kubernetes/containers":
            parts = (full.get("spec") or {}).get("containers") or []
            if kind_id == "kubernetes/containers":
                parts = [part for part in parts if part.get("name") == name]
            asked = [(part.get("resources") or {}).get("limits") or {} for part in parts]
            return _amount(asked, "cpu", 100), _amount(asked, "memory")
        case _:
            return None, None


def _container(config: Mapping[str, Any]) -> Limits:
    nano, memory = config.get("NanoCpus") or 0, config.get("Memory") or 0
    quota, period = config.get("CpuQuota") or 0, config.get("CpuPeriod") or 100_000
    cpus = nano / 1e9 if nano else quota / period if quota > 0 else 0
    return cpus * 100 or None, float(memory) or None


def _amount(parts: Sequence[Mapping[str, str]], what: str, times: float = 1) -> float | None:
    """Return the sum over all parts; None when one has no limit: then all together have none."""
    try:
        return sum(quantity(str(part[what])) for part in parts) * times if parts else None
    except (KeyError, ValueError):
        return None
