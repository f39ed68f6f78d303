"""Stats: the numbers of the docker command, cgroup v1 and v2."""

from __future__ import annotations

import pytest

from tui.engines.docker.stats import Cpu, CpuUsage, Memory, Network, Sample, Samples, cpu_percent, memory_used


def cpu(total: int, system: int | None, online: int | None = 2, per: tuple[int, ...] | None = None) -> Cpu:
    return Cpu(CpuUsage(total, per), system, online)


@pytest.mark.parametrize(
    ("now", "before", "percent"),
    [
        (cpu(300, 2000), cpu(100, 1000), 40.0),  # 200/1000 of two processors
        (cpu(300, 2000, None, (1, 2, 3, 4)), cpu(100, 1000), 80.0),  # no online_cpus: count them
        (cpu(300, 2000, 0, (1,)), cpu(100, 1000), 20.0),
        (cpu(100, 2000), cpu(100, 1000), 0.0),  # did nothing
        (cpu(50, 2000), cpu(100, 1000), 0.0),  # started anew
        (cpu(300, 1000), cpu(100, 1000), 0.0),  # the same moment
        (cpu(300, None), cpu(100, 1000), 0.0),
    ],
)
def test_cpu(now, before, percent):
    assert cpu_percent(now, before) == pytest.approx(percent)


@pytest.mark.parametrize(
    ("memory", "used"),
    [
        (Memory(1000, 0, {"total_inactive_file": 300, "inactive_file": 100, "cache": 900}), 700),  # v1
        (Memory(1000, 0, {"inactive_file": 100}), 900),  # v2
        (Memory(1000, 0, {"total_inactive_file": 2000}), 1000),
        (Memory(1000, 0, None), 1000),
        (Memory(None, 0, {}), 0),
    ],
)
def test_memory(memory, used):
    assert memory_used(memory) == used


def sample(read: str, total: int, system: int) -> Sample:
    networks = {"eth0": Network(10, 1), "eth1": Network(5, 2)}
    return Sample(read, cpu(total, system), Cpu(), Memory(1000, 4000, {}), networks)


def test_a_share_needs_two_samples_of_our_own():
    samples = Samples()
    first = samples.take("a", sample("2026-11-23T16:00:00Z", 100, 1000))
    assert first is not None
    assert first.cpu is None
    assert (first.memory, first.limit, first.received, first.sent) == (1000, 4000, 15, 3)
    second = samples.take("a", sample("2026-11-23T16:00:02Z", 300, 2000))
    assert second is not None
    assert second.cpu == pytest.approx(40.0)


def test_the_same_reading_twice_is_no_interval():
    samples = Samples()
    samples.take("a", sample("2026-11-23T16:00:00Z", 100, 1000))
    assert samples.take("a", sample("2026-11-23T16:00:00Z", 100, 1000)) is None


def test_a_restarted_container_begins_anew():
    samples = Samples()
    samples.take("a", sample("2026-11-23T16:00:00Z", 5000, 1000))
    fresh = samples.take("a", sample("2026-11-23T16:00:02Z", 10, 2000))
    assert fresh is not None
    assert fresh.cpu is None


def test_a_stopped_container_has_no_figures():
    assert Samples().take("a", Sample("0001-01-01T00:00:00Z")) is None
