"""How far rollouts are, kind by kind, and what is remembered of the figures that were polled."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.waiting import until
from tui.engines.docker.objects import Reading
from tui.engines.past import KEPT, OBJECTS, Past
from tui.facts import Figures
from tui.kinds import kind_of
from tui.model import Progress

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def workload(word: str, wanted: int = 3, generation: int = 2, paused: bool = False, **status: Any) -> Any:
    body = {
        "metadata": {"name": "web", "uid": "1", "generation": generation},
        "spec": {"replicas": wanted, "paused": paused},
        "status": {"observedGeneration": 2, **status},
    }
    return msgspec.convert(body, kind_of(f"kubernetes/{word}").type)


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        ({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}, None),
        ({"replicas": 4, "updatedReplicas": 1, "availableReplicas": 3}, Progress(0, 3, "3 old left")),
        ({"replicas": 4, "updatedReplicas": 3, "availableReplicas": 3}, Progress(2, 3, "1 old left")),
        ({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}, Progress(2, 3)),
    ],
)
def test_a_deployment(one, wanted):
    assert kind_of("kubernetes/deployments").progress(workload("deployments", **one)) == wanted


def test_a_deployment_that_is_stuck_or_paused_says_so():
    progress = kind_of("kubernetes/deployments").progress
    stuck = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
    half = {"replicas": 4, "updatedReplicas": 1, "availableReplicas": 3}
    assert progress(workload("deployments", conditions=stuck, **half)) == Progress(0, 3, "stuck")
    assert progress(workload("deployments", paused=True, **half)) == Progress(0, 3, "paused")
    assert progress(workload("deployments", wanted=0)) is None


def test_a_stateful_set_and_a_daemon_set():
    sets, daemons = kind_of("kubernetes/statefulsets").progress, kind_of("kubernetes/daemonsets").progress
    rest = {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 1}
    assert sets(workload("statefulsets", currentRevision="a", updateRevision="b", **rest)) == Progress(1, 3, "one after the other")
    assert sets(workload("statefulsets", currentRevision="b", updateRevision="b", **rest)) is None
    assert sets(workload("statefulsets", generation=3)) == Progress(0, 3)
    assert daemons(workload("daemonsets", desiredNumberScheduled=4, updatedNumberScheduled=3, numberAvailable=3)) == Progress(3, 4)
    assert daemons(workload("daemonsets", desiredNumberScheduled=4, updatedNumberScheduled=4)) is None


def test_a_service_counts_the_tasks_of_its_update():
    kind = kind_of("swarm/services")
    body = {
        "ID": "s1",
        "Spec": {"Name": "web", "Mode": {"Replicated": {"Replicas": 5}}},
        "ServiceStatus": {"RunningTasks": 5, "DesiredTasks": 5},
        "UpdateStatus": {"State": "updating", "StartedAt": "2026-01-02T03:04:05Z"},
    }
    one = msgspec.convert(body, kind.type)
    assert kind.progress(one) == Progress(None, 5, "updating"), "how many is not known yet"
    one.rows(Reading(used={"s1": ("", "2")}))
    assert kind.progress(one) == Progress(2, 5, "updating")
    body["UpdateStatus"]["State"] = "completed"
    assert kind.progress(msgspec.convert(body, kind.type)) is None


def test_the_past_is_bounded():
    past = Past()
    for second in range(0, 600, 2):
        past.add("1", Figures(START + timedelta(seconds=second), second))
    kept = past.of("1")
    assert kept[-1].cpu == 598
    assert kept[-1].when - kept[0].when <= KEPT
    past.add("1", Figures(START, 7.0))
    assert past.of("1") == kept, "what is older than the newest says nothing"
    for number in range(OBJECTS):
        past.add(f"other {number}", Figures(START))
    assert past.of("1") == ()


async def test_who_follows_is_told_of_more_and_leaves_nothing_behind():
    past, seen = Past(), []

    async def follow() -> None:
        async with contextlib.aclosing(past.follow("1")) as figures:
            async for found in figures:
                seen.append(len(found))  # noqa: PERF401  (what is seen so far is looked at)

    task = asyncio.create_task(follow())
    await until(lambda: seen == [0])
    past.add("1", Figures(START))
    await until(lambda: seen == [0, 1])
    past.add("2", Figures(START))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert seen == [0, 1]
    assert not past._waiting
