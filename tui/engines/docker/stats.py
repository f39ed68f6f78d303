"""Stats: one-shot samples of running containers, and the figures `docker stats` makes of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tui.engines.docker.objects import Stats


class CpuUsage(msgspec.Struct, gc=False):
    """Processor time used so far, in nanoseconds."""

    total_usage: int = 0
    percpu_usage: tuple[int, ...] | None = None


class Cpu(msgspec.Struct, gc=False):
    """One reading of the processor counters."""

    cpu_usage: CpuUsage = msgspec.field(default_factory=CpuUsage)
    system_cpu_usage: int | None = None
    online_cpus: int | None = None


class Memory(msgspec.Struct, gc=False):
    """One reading of the memory counters, in bytes."""

    usage: int | None = None
    limit: int | None = None
    stats: dict[str, int] | None = None


class Network(msgspec.Struct, gc=False):
    """What went over one interface, in bytes."""

    rx_bytes: int = 0
    tx_bytes: int = 0


class Sample(msgspec.Struct, gc=False):
    """One answer of `/containers/{id}/stats`; a stopped container answers with empty parts."""

    read: str = ""
    cpu_stats: Cpu = msgspec.field(default_factory=Cpu)
    precpu_stats: Cpu = msgspec.field(default_factory=Cpu)
    memory_stats: Memory = msgspec.field(default_factory=Memory)
    networks: dict[str, Network] | None = None


def cpu_percent(now: Cpu, before: Cpu) -> float:
    """Return the processor share in percent, 100 for one processor, as the docker command computes it.

    (container's nanoseconds / system's nanoseconds) x processors x 100, between two readings; without `online_cpus` the
    processors are counted in `percpu_usage` (docker/cli, container/stats_helpers.go, calculateCPUPercentUnix).
    """
    used = now.cpu_usage.total_usage - before.cpu_usage.total_usage
    system = (now.system_cpu_usage or 0) - (before.system_cpu_usage or 0)
    processors = now.online_cpus or len(now.cpu_usage.percpu_usage or ())
    return used / system * processors * 100 if used > 0 and system > 0 else 0.0


def memory_used(memory: Memory) -> int:
    """Return the bytes in use without the page cache that can be given back, as the docker command computes it.

    cgroup v1: usage - total_inactive_file; v2: usage - inactive_file; each only when smaller than the usage
    (docker/cli, container/stats_helpers.go, calculateMemUsageUnixNoCache).
    """
    usage, stats = memory.usage or 0, memory.stats or {}
    inactive = stats.get("total_inactive_file")
    if inactive is not None and inactive < usage:
        return usage - inactive
    inactive = stats.get("inactive_file", 0)
    return usage - inactive if inactive < usage else usage


def figures(sample: Sample, before: Sample | None) -> Stats | None:
    """Return the figures of a sample, the processor's share since `before`; None when the container does not run."""
    if not sample.cpu_stats.cpu_usage.total_usage and not sample.memory_stats.usage:
        return None
    earlier = before.cpu_stats if before is not None else sample.precpu_stats
    cpu = cpu_percent(sample.cpu_stats, earlier) if earlier.system_cpu_usage else None
    networks = (sample.networks or {}).values()
    return Stats(
        cpu,
        memory_used(sample.memory_stats),
        sample.memory_stats.limit or 0,
        sum(one.rx_bytes for one in networks),
        sum(one.tx_bytes for one in networks),
        _moment(sample.read),
    )


class Samples:
    """The last two different samples of each container, so that a share is of our own interval; keyed by container id."""

    def __init__(self) -> None:
        self._last: dict[str, Sample] = {}

    def take(self, uid: str, sample: Sample) -> Stats | None:
        """Return the figures of a new sample against the one before it; a sample read at the same time changes nothing."""
        before = self._last.get(uid)
        if before is not None and before.read == sample.read:
            return None
        self._last[uid] = sample
        # A counter that fell belongs to a restarted container: its interval has no meaning.
        if before is not None and before.cpu_stats.cpu_usage.total_usage > sample.cpu_stats.cpu_usage.total_usage:
            before = None
        return figures(sample, before)

    def keep(self, uids: frozenset[str]) -> None:
        """Forget every container but these."""
        for uid in self._last.keys() - uids:
            del self._last[uid]


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text and not text.startswith("0001") else None
    except ValueError:
        return None
