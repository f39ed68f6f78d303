"""The Swarm engine against a scripted server: lists, roles, and writes that others write between."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from tests.docker_trial import kind, trial
from tests.waiting import until
from tui.demo.docker_server import Fault, service
from tui.engines.gate import Gate
from tui.engines.swarm.engine import SwarmEngine
from tui.facts import Conflict, Denied, LogOptions, Ref, State, Unsupported
from tui.values import text_of

ID = "tb1wq3c8sjn1mfl8lfkk24rza"
REF = Ref("swarm:test", "swarm/services", "", "web", ID)


def manage(server) -> None:
    server.manager = True
    server.info = {"Swarm": {"LocalNodeState": "active", "ControlAvailable": True, "NodeID": "n1", "Nodes": 2, "Managers": 1}}
    server.swarm["services"][ID] = service(ID, "web")
    server.swarm["nodes"]["n1"] = {"ID": "n1", "Description": {"Hostname": "one"}, "Status": {"State": "ready"}, "Spec": {}}


def task(identity: str, slot: int, state: str = "running", err: str = "") -> dict:
    status = {"State": state, "Timestamp": "2026-11-23T15:56:55.5Z", "Err": err}
    return {"ID": identity, "ServiceID": ID, "NodeID": "n1", "Slot": slot, "Status": status, "DesiredState": "running"}


@asynccontextmanager
async def swarm(folder, gate: Gate | None = None):
    async with trial(folder, gate) as on:
        manage(on.server)
        yield on, SwarmEngine(on.engine)


async def test_a_manager_tells_its_size(tmp_path):
    async with swarm(tmp_path) as (_, engine):
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
        manage(on.server)
        on.server.emit("service", "create", ID, scope="swarm")
        await until(lambda: fed.names == {"web"} and engine.health.state is State.LIVE)


async def test_a_worker_names_its_managers(tmp_path):
    async with trial(tmp_path) as on:
        on.server.info = {"Swarm": {"LocalNodeState": "active", "RemoteManagers": [{"NodeID": "x", "Addr": "192.0.2.1:2377"}]}}
        engine = SwarmEngine(on.engine)
        fed = on.watch("nodes", engine)
        await until(lambda: fed.state is State.FORBIDDEN)
        assert "192.0.2.1" in fed.reason
        with pytest.raises(Denied, match="worker"):
            await engine.connect()


async def test_tasks_have_names_and_are_polled_because_no_event_tells_of_them(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        on.server.swarm["tasks"]["t1"] = task("t1", 1)
        fed = on.watch("tasks", engine)
        await until(lambda: fed.names == {"web.1"})
        assert fed.objects["t1"].node == "one"
        on.server.swarm["tasks"]["t2"] = task("t2", 2)
        await until(lambda: fed.names == {"web.1", "web.2"})


async def test_a_service_that_lacks_replicas_says_what_its_tasks_failed_of(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        on.server.swarm["services"][ID]["ServiceStatus"] = {"RunningTasks": 1, "DesiredTasks": 3}
        on.server.swarm["tasks"]["t1"] = task("t1", 1, "failed", "task: non-zero exit (3)")
        fed = on.watch("services", engine)
        await until(lambda: fed.objects)
        trouble = kind("swarm/services").trouble(fed.objects[ID])
        assert trouble is not None
        assert (trouble.word, trouble.cause) == ("1/3 replicas", "task error: task: non-zero exit (3)")


# ---- writes ---------------------------------------------------------------------------------------------------------


def replicas(on) -> int:
    return on.server.swarm["services"][ID]["Spec"]["Mode"]["Replicated"]["Replicas"]


async def test_scale_sends_the_whole_specification_with_its_version(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        on.server.swarm["services"][ID]["Spec"]["NewField"] = {"kept": True}  # unknown to any library
        await engine.scale(REF, 5, 3)
        assert replicas(on) == 5
        assert on.server.swarm["services"][ID]["Spec"]["NewField"] == {"kept": True}
        query = next(query for method, _, query in on.server.asked if method == "POST")
        assert query == {"version": "10", "registryAuthFrom": "spec"}


async def test_scale_is_made_anew_when_the_swarm_wrote_in_between(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        on.server.faults["POST", "/services"] = Fault(500, "rpc error: desc = update out of sequence", times=1)
        await engine.scale(REF, 5, 3)
        assert replicas(on) == 5
        assert sum(method == "POST" for method, _, _ in on.server.asked) == 2


async def test_scale_gives_up_after_five(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        on.server.faults["POST", "/services"] = Fault(500, "rpc error: desc = update out of sequence")
        with pytest.raises(Conflict, match="5 times"):
            await engine.scale(REF, 5, 3)
        assert replicas(on) == 3
        assert sum(method == "POST" for method, _, _ in on.server.asked) == 5


async def test_scale_does_not_undo_what_somebody_else_did(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        on.server.swarm["services"][ID]["Spec"]["Mode"]["Replicated"]["Replicas"] = 7
        with pytest.raises(Conflict, match="7 replicas by now, not 3"):
            await engine.scale(REF, 5, 3)
        assert not [method for method, _, _ in on.server.asked if method == "POST"]


async def test_a_global_service_cannot_be_scaled(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        on.server.swarm["services"][ID]["Spec"]["Mode"] = {"Global": {}}
        with pytest.raises(Unsupported):
            await engine.scale(REF, 5, 3)


async def test_restart_and_rollback(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        assert [one.number for one in await engine.revisions(REF)] == [1]
        with pytest.raises(Conflict):
            await engine.rollback(REF, 1)
        await engine.restart(REF)
        assert on.server.swarm["services"][ID]["Spec"]["TaskTemplate"]["ForceUpdate"] == 1
        found = await engine.revisions(REF)
        assert [(one.number, one.current) for one in found] == [(2, True), (1, False)]
        await engine.rollback(REF, 1)
        assert on.server.swarm["services"][ID]["Spec"]["TaskTemplate"]["ForceUpdate"] == 0


async def test_read_only_writes_nothing(tmp_path):
    async with swarm(tmp_path, Gate(read_only=True)) as (on, engine):
        on.server.swarm["services"][ID]["PreviousSpec"] = {}
        for send in (engine.scale(REF, 5, 3), engine.restart(REF), engine.rollback(REF, 1), engine.remove(REF)):
            with pytest.raises(Denied):
                await send
        assert not [method for method, _, _ in on.server.asked if method != "GET"]


async def test_remove(tmp_path):
    async with swarm(tmp_path) as (on, engine):
        await engine.remove(REF)
        assert not on.server.swarm["services"]
        with pytest.raises(Unsupported):
            await engine.remove(Ref("swarm:test", "swarm/tasks", "", "web.1", "t1"))


async def test_secrets_have_no_logs(tmp_path):
    async with swarm(tmp_path) as (_, engine):
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

    one = service(ID, "web")
    one["Spec"]["Mode"] = mode
    one["Spec"]["TaskTemplate"]["Placement"] = {"MaxReplicas": limit}
    one["ServiceStatus"] = {"RunningTasks": 1, "DesiredTasks": 3, "CompletedTasks": 4}
    services = kind("swarm/services")
    found = msgspec.json.decode(json.dumps(one), type=services.type)
    column = next(column for column in services.columns if column.title == "REPLICAS")
    from datetime import UTC, datetime

    assert text_of(column.value(found), datetime.now(UTC)) == said
