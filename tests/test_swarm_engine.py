"""The Swarm engine against the demo's swarm: lists, roles, and writes that others write between."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from tests.docker_trial import Trial, kind, trial
from tests.waiting import until
from tui.demo.docker.faults import Fault
from tui.demo.docker.swarm import writes
from tui.demo.docker.swarm.objects import Service
from tui.engines.gate import Gate
from tui.engines.swarm.engine import SwarmEngine
from tui.facts import Conflict, Denied, LogOptions, Ref, State, Unsupported
from tui.values import text_of

ID = "tb1wq3c8sjn1mfl8lfkk24rza"


def serve(on: Trial, replicas: int = 3, **mode) -> Service:
    """Let a service run in the host's swarm."""
    template = {"ContainerSpec": {"Image": "busybox:1", "Args": ["sleep", "1d"], "StopGracePeriod": 10**9}}
    body = {"Name": "web", "Mode": mode or {"Replicated": {"Replicas": replicas}}, "TaskTemplate": template}
    return writes.create(on.world.swarm(), body)


@asynccontextmanager
async def swarm(folder, gate: Gate | None = None, **asked):
    async with trial(folder, gate) as on:
        on.world.swarm().add_node("two", "192.0.2.22", "worker")
        service = serve(on, **asked)
        yield on, SwarmEngine(on.engine), service


def ref(service: Service) -> Ref:
    return Ref("swarm:test", "swarm/services", "", "web", service.id)


def change(on: Trial, service: Service, **spec) -> None:
    """Let somebody else change the service's specification."""
    writes.update(on.world.swarm(), service, service.index, service.spec | spec)


async def test_a_manager_tells_its_size(tmp_path):
    async with swarm(tmp_path) as (_, engine, _):
        await engine.connect()
        assert engine.about.detail == "manager, 2 nodes"
        assert engine.health.state is State.LIVE


async def test_a_host_without_a_swarm_says_what_to_do_and_is_seen_when_it_joins(tmp_path):
    async with trial(tmp_path) as on:
        engine = SwarmEngine(on.engine)
        with pytest.raises(Unsupported, match="docker swarm init"):
            await engine.connect()
        fed = on.watch("services", engine)
        await until(lambda: fed.state is State.ABSENT)
        assert "docker swarm init" in fed.reason
        assert engine.health.state is State.ABSENT
        serve(on)
        await until(lambda: fed.names == {"web"} and engine.health.state is State.LIVE)


async def test_a_worker_names_its_managers(tmp_path):
    async with trial(tmp_path) as on:
        on.world.join("192.0.2.1")
        engine = SwarmEngine(on.engine)
        fed = on.watch("nodes", engine)
        await until(lambda: fed.state is State.FORBIDDEN)
        assert "192.0.2.1" in fed.reason
        with pytest.raises(Denied, match="worker"):
            await engine.connect()


async def test_tasks_have_names_and_are_polled_because_no_event_tells_of_them(tmp_path):
    async with swarm(tmp_path, replicas=1) as (on, engine, service):
        cluster = on.world.swarm()
        fed = on.watch("tasks", engine)
        await until(lambda: fed.names == {"web.1"})
        await until(lambda: {one.node for one in fed.objects.values()} == {"harbor-1"})
        with on.world.daemon.events.muted():
            cluster.orchestrator.make(service, 2)
            await until(lambda: fed.names == {"web.1", "web.2"})


async def test_a_service_that_lacks_replicas_says_what_its_tasks_failed_of(tmp_path):
    async with swarm(tmp_path) as (on, engine, service):
        cluster = on.world.swarm()
        tasks = cluster.tasks_of(service)
        await until(lambda: all(task.state == "running" for task in tasks))
        for task in tasks[1:]:
            cluster.orchestrator.lives.put(task, "failed", "started", "task: non-zero exit (3)")
        fed = on.watch("services", engine)
        await until(lambda: fed.objects)
        trouble = kind("swarm/services").trouble(fed.objects[service.id])
        assert trouble is not None
        assert (trouble.word, trouble.cause) == ("1/3 replicas", "task error: task: non-zero exit (3)")


# ---- writes ---------------------------------------------------------------------------------------------------------


async def test_scale_sends_the_whole_specification_with_its_version(tmp_path):
    async with swarm(tmp_path) as (on, engine, service):
        service.spec["NewField"] = {"kept": True}  # unknown to any library
        version = service.index
        await engine.scale(ref(service), 5, 3)
        assert service.replicas == 5
        assert service.spec["NewField"] == {"kept": True}
        assert [one.query for one in on.world.record.writes()] == [{"version": str(version), "registryAuthFrom": "spec"}]


async def test_scale_is_made_anew_when_the_swarm_wrote_in_between(tmp_path):
    async with swarm(tmp_path) as (on, engine, service):
        on.world.faults.add(Fault("/services", "POST", times=1, meanwhile=lambda: on.world.swarm().wrote(service)))
        await engine.scale(ref(service), 5, 3)
        assert service.replicas == 5
        first, second = on.world.record.writes()
        assert int(first.query["version"]) < int(second.query["version"])


async def test_scale_gives_up_after_five(tmp_path):
    async with swarm(tmp_path) as (on, engine, service):
        on.world.faults.add(Fault("/services", "POST", meanwhile=lambda: on.world.swarm().wrote(service)))
        with pytest.raises(Conflict, match="5 times"):
            await engine.scale(ref(service), 5, 3)
        assert service.replicas == 3
        assert len(on.world.record.writes()) == 5


async def test_scale_does_not_undo_what_somebody_else_did(tmp_path):
    async with swarm(tmp_path) as (on, engine, service):
        change(on, service, Mode={"Replicated": {"Replicas": 7}})
        with pytest.raises(Conflict, match="7 replicas by now, not 3"):
            await engine.scale(ref(service), 5, 3)
        assert not on.world.record.writes()


async def test_a_global_service_cannot_be_scaled(tmp_path):
    async with swarm(tmp_path, Global={}) as (on, engine, service):
        with pytest.raises(Unsupported):
            await engine.scale(ref(service), 5, 3)
        assert not on.world.record.writes()


async def test_restart_and_rollback(tmp_path):
    async with swarm(tmp_path) as (_, engine, service):
        assert [one.number for one in await engine.revisions(ref(service))] == [1]
        with pytest.raises(Conflict):
            await engine.rollback(ref(service), 1)
        await engine.restart(ref(service))
        assert service.template["ForceUpdate"] == 1
        found = await engine.revisions(ref(service))
        assert [(one.number, one.current) for one in found] == [(2, True), (1, False)]
        await engine.rollback(ref(service), 1)
        assert service.template["ForceUpdate"] == 0


async def test_read_only_writes_nothing(tmp_path):
    async with swarm(tmp_path, Gate(read_only=True)) as (on, engine, service):
        change(on, service, Labels={"and": "so there is a specification to go back to"})
        one = ref(service)
        for send in (engine.scale(one, 5, 3), engine.restart(one), engine.rollback(one, 1), engine.remove(one)):
            with pytest.raises(Denied):
                await send
        assert not on.world.record.writes()


async def test_remove(tmp_path):
    async with swarm(tmp_path) as (on, engine, service):
        await engine.remove(ref(service))
        assert not on.world.swarm().services
        with pytest.raises(Unsupported):
            await engine.remove(Ref("swarm:test", "swarm/tasks", "", "web.1", "t1"))


async def test_secrets_have_no_logs(tmp_path):
    async with swarm(tmp_path) as (_, engine, _):
        with pytest.raises(Unsupported):
            async for _batch in engine.logs(Ref("swarm:test", "swarm/secrets", "", "s", "s1"), LogOptions()):
                pass


@pytest.mark.parametrize(
    ("mode", "limit", "said"),
    [
        ({"Replicated": {"Replicas": 3}}, 0, "1/3"),
        ({"Replicated": {"Replicas": 3}}, 2, "1/3 (max 2 per node)"),
        ({"Global": {}}, 0, "1/3"),
        ({"ReplicatedJob": {"MaxConcurrent": 3, "TotalCompletions": 9}}, 0, "1/3 (4/9 completed)"),
    ],
)
def test_replicas_are_written_as_docker_does(mode, limit, said):
    import json

    import msgspec

    one = {"ID": ID, "Spec": {"Name": "web", "Mode": mode, "TaskTemplate": {"Placement": {"MaxReplicas": limit}}}}
    one["ServiceStatus"] = {"RunningTasks": 1, "DesiredTasks": 3, "CompletedTasks": 4}
    services = kind("swarm/services")
    found = msgspec.json.decode(json.dumps(one), type=services.type)
    column = next(column for column in services.columns if column.title == "REPLICAS")
    from datetime import UTC, datetime

    assert text_of(column.value(found), datetime.now(UTC)) == said
