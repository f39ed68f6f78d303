"""Figures: what a container needs at any moment, as sums that only grow, without a timer: the body of /stats."""

from __future__ import annotations

import math
from typing import Any

from tui.demo.clock import SECOND
from tui.demo.docker.container import Container
from tui.demo.docker.roles import Role, role_of
from tui.demo.docker.words import ZERO, Json, stamp

PROCESSORS = 4
MEMORY = 16 * 2**30  # bytes of the host
WAVE = 47.0  # seconds of one swell of the load


def _swell(one: Container, seconds: float, rate: float, depth: float = 0.6) -> float:
    """Return the integral from 0 to `seconds` of a rate that swells and ebbs; it never falls, as `depth` is under 1."""
    phase = int(one.id[:4], 16) / 10_000
    turn = 2 * math.pi / WAVE
    return rate * (seconds + depth / turn * (math.cos(phase) - math.cos(turn * seconds + phase)))


def cpu(one: Container, role: Role, seconds: float) -> int:
    """Return the processor's nanoseconds used in the first so many seconds of a run."""
    rate = role.cpu / 100 * SECOND
    limit = one.host["NanoCpus"] or PROCESSORS * SECOND
    return int(_swell(one, seconds, min(rate, limit / 1.6)) + 42_000_000)


def memory(one: Container, role: Role, seconds: float) -> tuple[int, int, int]:
    """Return usage with the page cache, the cache that can be given back, and the limit, in bytes."""
    limit = one.host["Memory"] or MEMORY
    warm = 1 - math.exp(-seconds / 90)
    own = role.memory * (0.6 + 0.35 * warm + 0.05 * math.sin(seconds / 31 + int(one.id[4:6], 16)))
    cache = role.cache * warm
    own = min(own, limit * 0.97)
    return int(min(own + cache, limit)), int(cache * 0.8), limit


def lived(one: Container, nano: int) -> float:
    """Return how many seconds of this run its program has moved by then."""
    until = min(nano, one.paused_at) if one.paused else nano
    return max(0.0, (until - one.started - one.rested) / SECOND)


def sample(one: Container, nano: int, before: int = 0) -> Json:
    """Return one sample as /stats gives it; `before`: when the sample before it was read, 0 = none. Empty when it does not run."""
    base: Json = {
        "name": f"/{one.name}", "id": one.id, "read": ZERO, "preread": ZERO, "pids_stats": {}, "blkio_stats": _disk(None),
        "num_procs": 0, "storage_stats": {}, "cpu_stats": _cpu(None, 0), "precpu_stats": _cpu(None, 0), "memory_stats": {},
    }  # fmt: skip
    if not one.alive:
        return base
    role = role_of(one.argv)
    seconds = lived(one, nano)
    usage, cache, limit = memory(one, role, seconds)
    base |= {
        "read": stamp(nano), "pids_stats": {"current": 2 * max(1, len(role.processes)), "limit": 18446744073709551615},
        "cpu_stats": _cpu(cpu(one, role, seconds), nano), "blkio_stats": _disk((one, role, seconds)),
        "memory_stats": {"usage": usage, "stats": _cgroup(usage, cache), "limit": limit},
    }  # fmt: skip
    if before:
        earlier = lived(one, before)
        base |= {"preread": stamp(before), "precpu_stats": _cpu(cpu(one, role, earlier), before)}
    if "host" not in one.networks and "none" not in one.networks:
        base["networks"] = {f"eth{index}": _net(one, role, seconds) for index in range(len(one.networks))}
    return base


def _cpu(total: int | None, nano: int) -> Json:
    found: Json = {"cpu_usage": {"total_usage": total or 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0}}
    if total:
        kernel = total // 4
        found["cpu_usage"] |= {"usage_in_kernelmode": kernel, "usage_in_usermode": total - kernel}
        found |= {"system_cpu_usage": nano % (10**9 * SECOND) * PROCESSORS, "online_cpus": PROCESSORS}
    return found | {"throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0}}


def _cgroup(usage: int, cache: int) -> dict[str, int]:
    own = usage - cache
    return {
        "active_anon": 8192, "active_file": cache // 4, "anon": own * 9 // 10, "file": cache * 5 // 4, "inactive_anon": own * 9 // 10,
        "inactive_file": cache, "kernel_stack": 65536, "pgfault": own // 2048, "pgmajfault": 3, "slab": own // 20, "sock": 4096,
    }  # fmt: skip


def _net(one: Container, role: Role, seconds: float) -> dict[str, int]:
    got, gave = (int(_swell(one, seconds, rate)) for rate in role.net)
    return {
        "rx_bytes": got + 866, "rx_packets": got // 600 + 9, "rx_errors": 0, "rx_dropped": 0,
        "tx_bytes": gave + 126, "tx_packets": gave // 600 + 3, "tx_errors": 0, "tx_dropped": 0,
    }  # fmt: skip


def _disk(of: tuple[Container, Role, float] | None) -> Json:
    entries: list[dict[str, Any]] | None = None
    if of is not None and any(of[1].disk):
        one, role, seconds = of
        read, wrote = (int(_swell(one, seconds, rate)) for rate in role.disk)
        entries = [{"major": 259, "minor": 0, "op": "read", "value": read}, {"major": 259, "minor": 0, "op": "write", "value": wrote}]
    words = ("io_serviced", "io_queue", "io_service_time", "io_wait_time", "io_merged", "io_time")
    return {"io_service_bytes_recursive": entries, **{f"{word}_recursive": None for word in words}, "sectors_recursive": None}


def processes(one: Container, host_time: str) -> Json:
    """Return what `docker top` shows."""
    commands = role_of(one.argv).processes or (" ".join(one.argv),)
    rows = [
        ["root", str(one.pid + index), str(one.pid if index else one.pid - 24), "0", host_time, "?", "00:00:00", command]
        for index, command in enumerate(commands)
    ]
    return {"Processes": rows, "Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]}
