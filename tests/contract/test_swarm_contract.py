"""What a swarm does, on a real one and on the demo's: services scaled, updated and rolled back, nodes drained, secrets kept."""

from __future__ import annotations

import base64
import copy
import re
from typing import Any

import pytest

from tests.contract.docker_bed import Bed
from tests.contract.test_docker_contract import LOOP, kinds, lines
from tests.waiting import eventually

QUICK = {"Parallelism": 1, "Monitor": 300_000_000, "FailureAction": "pause", "MaxFailureRatio": 0, "Order": "stop-first"}


@pytest.fixture(autouse=True)
def joined(bed: Bed) -> None:
    if bed.demo is not None:
        cluster = bed.demo.swarm()
        cluster.add_node("harbor-2", "192.0.2.22", "worker")
        cluster.add_node("harbor-3", "192.0.2.23", "worker")


def spec(bed: Bed, word: str, replicas: int | None = 1, script: str = LOOP, **more: Any) -> dict[str, Any]:
    """Return a service's specification; `more`: over it; `Container`: into its ContainerSpec."""
    container = {"Image": bed.image, "Command": ["sh", "-c", script], "StopGracePeriod": 1_000_000_000, **more.pop("Container", {})}
    template = {"ContainerSpec": container, "RestartPolicy": {"Condition": "any", "Delay": 300_000_000}, **more.pop("Template", {})}
    mode = {"Global": {}} if replicas is None else {"Replicated": {"Replicas": replicas}}
    base = {"Name": bed.name(word), "Labels": {"test": bed.prefix}, "TaskTemplate": template, "Mode": mode, "UpdateConfig": QUICK}
    return {**base, "RollbackConfig": QUICK, "EndpointSpec": {"Mode": "dnsrr"}, **more}


async def create(bed: Bed, *words: Any, **more: Any) -> str:
    made = await bed.do("/services/create", spec(bed, *words, **more))
    return str(made["ID"])


async def counts(bed: Bed, ident: str) -> dict[str, int]:
    found = await bed.get("/services", status="true", filters={"id": [ident]})
    return dict(found[0]["ServiceStatus"]) if found else {}


async def runs(bed: Bed, ident: str, replicas: int) -> None:
    async def there() -> bool:
        return len(await tasks(bed, ident, "running")) == replicas == (await counts(bed, ident))["RunningTasks"]

    await eventually(there, what=f"{replicas} replicas")


async def tasks(bed: Bed, ident: str, state: str = "") -> list[dict[str, Any]]:
    found = await bed.get("/tasks", filters={"service": [ident]})
    return [one for one in found if not state or (one["Status"]["State"] == state and one["DesiredState"] == state)]


async def change(bed: Bed, ident: str, edit: Any = lambda wanted: None, **query: Any) -> None:
    """Read, change, write, and once more when somebody wrote in between."""

    async def written() -> bool:
        full = await bed.get(f"/services/{ident}")
        wanted = copy.deepcopy(full["Spec"])
        edit(wanted)
        answer = await bed.ask("POST", f"/services/{ident}/update", wanted, version=full["Version"]["Index"], **query)
        assert answer.status == 200 or "out of sequence" in answer.message, answer
        return answer.status == 200

    await eventually(written)


async def updated(bed: Bed, ident: str, state: str) -> dict[str, Any]:
    async def there() -> Any:
        found = (await bed.get(f"/services/{ident}")).get("UpdateStatus") or {}
        return found if found.get("State") == state else None

    found = await eventually(there, what=f"the update to be {state}")
    assert isinstance(found, dict)
    return found


def environment(*pairs: str) -> Any:
    def edit(wanted: dict[str, Any]) -> None:
        wanted["TaskTemplate"]["ContainerSpec"]["Env"] = list(pairs)

    return edit


# ---- reading --------------------------------------------------------------------------------------------------------


async def test_what_the_program_reads_of_the_swarm(bed: Bed):
    swarm = await bed.get("/swarm")
    kinds(swarm, ID=str, Version=dict, CreatedAt=str, Spec=dict, JoinTokens=dict)
    assert all(token.startswith("SWMTKN-1-") for token in swarm["JoinTokens"].values())
    about = (await bed.get("/info"))["Swarm"]
    kinds(about, NodeID=str, LocalNodeState=str, ControlAvailable=bool, Nodes=int, Managers=int, RemoteManagers=list)
    assert about["LocalNodeState"] == "active"
    nodes = await bed.get("/nodes")
    assert len(nodes) == about["Nodes"] >= 2
    leader = next(one for one in nodes if (one.get("ManagerStatus") or {}).get("Leader"))
    assert leader["ID"] == about["NodeID"]
    for one in nodes:
        kinds(one, ID=str, Version=dict, CreatedAt=str, UpdatedAt=str, Spec=dict, Description=dict, Status=dict)
        kinds(one["Spec"], Role=str, Availability=str, Labels=dict)
        kinds(one["Description"], Hostname=str, Platform=dict, Resources=dict, Engine=dict)
        kinds(one["Status"], State=str, Addr=str)
    assert await bed.get(f"/nodes/{leader['Description']['Hostname']}") == leader
    assert {one["Spec"]["Role"] for one in await bed.get("/nodes", filters={"role": ["worker"]})} == {"worker"}


async def test_what_the_program_reads_of_services_and_tasks(bed: Bed):
    ident = await create(bed, "read", 2)
    await runs(bed, ident, 2)
    one = (await bed.get("/services", status="true", filters={"name": [bed.name("read")]}))[0]
    kinds(one, ID=str, Version=dict, CreatedAt=str, UpdatedAt=str, Spec=dict, Endpoint=dict, ServiceStatus=dict)
    kinds(one["Spec"], Name=str, Labels=dict, TaskTemplate=dict, Mode=dict)
    kinds(one["Spec"]["TaskTemplate"], ContainerSpec=dict, ForceUpdate=int)
    assert one["ServiceStatus"] == {"RunningTasks": 2, "DesiredTasks": 2, "CompletedTasks": 0}
    assert "ServiceStatus" not in await bed.get(f"/services/{ident}")
    found = await tasks(bed, ident)
    assert {task["Slot"] for task in found} == {1, 2}
    for task in found:
        kinds(
            task,
            ID=str,
            Version=dict,
            CreatedAt=str,
            UpdatedAt=str,
            Spec=dict,
            ServiceID=str,
            Slot=int,
            NodeID=str,
            Status=dict,
            DesiredState=str,
        )
        kinds(task["Status"], Timestamp=str, State=str, Message=str, ContainerStatus=dict)
        assert task["Status"]["Message"] == "started"
        assert (await bed.get(f"/tasks/{task['ID']}"))["ID"] == task["ID"]
    mine = (await bed.get("/info"))["Swarm"]["NodeID"]
    here = [task for task in found if task["NodeID"] == mine]
    for task in here:  # a task's container is one of the host's
        container = await bed.item(task["Status"]["ContainerStatus"]["ContainerID"])
        assert container["Names"] == [f"/{bed.name('read')}.{task['Slot']}.{task['ID']}"]
        assert container["Labels"]["com.docker.swarm.service.name"] == bed.name("read")


async def test_what_is_not_there(bed: Bed):
    for path in ("services", "tasks", "nodes", "secrets", "configs"):
        answer = await bed.ask("GET", f"/{path}/{bed.name('gone')}")
        assert (answer.status, answer.message) == (404, f"{path.removesuffix('s')} {bed.name('gone')} not found")


# ---- scale ----------------------------------------------------------------------------------------------------------


async def test_scaling_up_and_down_says_so(bed: Bed):
    began = await bed.now()
    ident = await create(bed, "scale", 1)
    await runs(bed, ident, 1)
    await change(bed, ident, lambda wanted: wanted["Mode"]["Replicated"].update(Replicas=4))
    await runs(bed, ident, 4)
    await change(bed, ident, lambda wanted: wanted["Mode"]["Replicated"].update(Replicas=1))
    await runs(bed, ident, 1)

    async def gone() -> bool:
        return len(await tasks(bed, ident)) == 1  # those that are too many are forgotten

    await eventually(gone)
    assert "UpdateStatus" not in await bed.get(f"/services/{ident}")
    await bed.delete(f"/services/{ident}")
    events = await bed.events(began, type=["service"])
    own = [one for one in events if one["Actor"]["ID"] == ident]
    assert [one["Action"] for one in own] == ["create", "update", "update", "remove"]
    assert {one["scope"] for one in own} == {"swarm"}
    assert own[1]["Actor"]["Attributes"] == {"name": bed.name("scale"), "replicas.old": "1", "replicas.new": "4"}

    async def none() -> bool:
        return not await bed.get("/tasks", filters={"label": [], "name": [bed.name("scale")]})

    await eventually(none)


async def test_a_write_from_an_old_reading_is_refused(bed: Bed):
    ident = await create(bed, "old", 0)
    full = await bed.get(f"/services/{ident}")
    await bed.do(f"/services/{ident}/update", full["Spec"], version=full["Version"]["Index"])
    answer = await bed.ask("POST", f"/services/{ident}/update", full["Spec"], version=full["Version"]["Index"])
    assert (answer.status, answer.message) == (500, "rpc error: code = Unknown desc = update out of sequence")
    answer = await bed.ask("POST", "/services/create", spec(bed, "old"))
    assert (answer.status, "name conflicts with an existing object" in answer.message) == (409, True)
    assert (await bed.ask("POST", "/services/create", {"Name": bed.name("empty")})).status == 400


async def test_a_global_service_runs_on_every_node(bed: Bed):
    ident = await create(bed, "everywhere", None)
    nodes = await bed.get("/nodes")
    await runs(bed, ident, len(nodes))
    found = await tasks(bed, ident, "running")
    assert {task["NodeID"] for task in found} == {node["ID"] for node in nodes}
    assert all(not task.get("Slot") for task in found)


async def test_a_constraint_keeps_tasks_pending(bed: Bed):
    ident = await create(bed, "nowhere", 1, Template={"Placement": {"Constraints": ["node.labels.moon==full"]}})

    async def pending() -> bool:
        found = await tasks(bed, ident)
        return bool(found) and found[0]["Status"]["State"] == "pending" and bool(found[0]["Status"].get("Err"))

    await eventually(pending)
    said = (await tasks(bed, ident))[0]["Status"]["Err"]
    assert re.fullmatch(r"no suitable node \(scheduling constraints not satisfied on \d nodes?\)", said)
    assert await counts(bed, ident) == {"RunningTasks": 0, "DesiredTasks": 1, "CompletedTasks": 0}


# ---- updates --------------------------------------------------------------------------------------------------------


async def test_a_rolling_update_and_the_way_back(bed: Bed):
    ident = await create(bed, "roll", 2)
    await runs(bed, ident, 2)
    began = await bed.now()
    await change(bed, ident, environment("WORD=two"))
    done = await updated(bed, ident, "completed")
    assert done["Message"] == "update completed"
    assert done["CompletedAt"] > done["StartedAt"]
    full = await bed.get(f"/services/{ident}")
    assert "Env" not in full["PreviousSpec"]["TaskTemplate"]["ContainerSpec"]
    found = await tasks(bed, ident, "running")
    assert [task["Spec"]["ContainerSpec"]["Env"] for task in found] == [["WORD=two"]] * 2
    assert len(await tasks(bed, ident, "shutdown")) == 2
    states = [one["Actor"]["Attributes"].get("updatestate.new") for one in await bed.events(began, type=["service"])
              if one["Actor"]["ID"] == ident]  # fmt: skip
    assert states == [None, "updating", "completed"]
    await change(bed, ident, rollback="previous")
    back = await updated(bed, ident, "rollback_completed")
    assert back["Message"] == "rollback completed"
    full = await bed.get(f"/services/{ident}")
    assert "Env" not in full["Spec"]["TaskTemplate"]["ContainerSpec"]
    assert full["PreviousSpec"]["TaskTemplate"]["ContainerSpec"]["Env"] == ["WORD=two"]
    await runs(bed, ident, 2)


async def test_a_forced_update_makes_every_task_anew(bed: Bed):
    ident = await create(bed, "force", 2)
    await runs(bed, ident, 2)
    before = {task["ID"] for task in await tasks(bed, ident)}
    await change(bed, ident, lambda wanted: wanted["TaskTemplate"].update(ForceUpdate=wanted["TaskTemplate"].get("ForceUpdate", 0) + 1))
    await updated(bed, ident, "completed")
    await runs(bed, ident, 2)
    assert not before & {task["ID"] for task in await tasks(bed, ident, "running")}


def broken(wanted: dict[str, Any]) -> None:
    wanted["TaskTemplate"]["ContainerSpec"]["Command"] = ["sh", "-c", "echo no license >&2; exit 3"]


async def test_an_update_that_fails_is_paused(bed: Bed):
    watch = {**QUICK, "Monitor": 3_000_000_000, "Delay": 2_000_000_000}
    ident = await create(bed, "pause", 2, UpdateConfig=watch, Template={"RestartPolicy": {"Condition": "none"}})
    await runs(bed, ident, 2)
    await change(bed, ident, broken)
    paused = await updated(bed, ident, "paused")
    assert re.fullmatch(r"update paused due to failure or early termination of task [a-z0-9]{25}", paused["Message"])
    failed = [task for task in await tasks(bed, ident) if task["Status"]["State"] == "failed"]
    assert failed
    assert failed[0]["Status"]["Err"] == "task: non-zero exit (3)"
    assert failed[0]["Status"]["ContainerStatus"]["ExitCode"] == 3
    assert len(await tasks(bed, ident, "running")) == 1  # the other was not touched


async def test_an_update_that_fails_is_rolled_back(bed: Bed):
    watch = {**QUICK, "Monitor": 3_000_000_000, "FailureAction": "rollback"}
    ident = await create(bed, "back", 2, UpdateConfig=watch)
    await runs(bed, ident, 2)
    await change(bed, ident, broken)
    back = await updated(bed, ident, "rollback_completed")
    assert back["Message"] == "rollback completed"
    full = await bed.get(f"/services/{ident}")
    assert "no license" not in full["Spec"]["TaskTemplate"]["ContainerSpec"]["Command"][2]
    assert "PreviousSpec" not in full
    await runs(bed, ident, 2)


async def test_a_task_that_fails_is_made_anew(bed: Bed):
    ident = await create(bed, "anew", 1, "exit 3")

    async def tried() -> bool:
        return len([task for task in await tasks(bed, ident) if task["Status"]["State"] == "failed"]) >= 2

    await eventually(tried)
    over = [task for task in await tasks(bed, ident) if task["Status"]["State"] == "failed" and task["DesiredState"] == "shutdown"]
    assert {task["Slot"] for task in over} == {1}
    assert over[0]["Status"]["Err"] == "task: non-zero exit (3)"


async def test_an_image_that_is_nowhere_is_rejected(bed: Bed):
    ident = await create(bed, "noimage", 1, Container={"Image": "nosuchimage:1"})

    async def rejected() -> bool:
        return any(task["Status"]["State"] == "rejected" for task in await tasks(bed, ident))

    await eventually(rejected)
    errors = {task["Status"].get("Err") for task in await tasks(bed, ident) if task["Status"]["State"] == "rejected"}
    assert errors == {"No such image: nosuchimage:1"}


# ---- nodes ----------------------------------------------------------------------------------------------------------


async def test_a_drained_node_gives_its_tasks_away(bed: Bed):
    ident = await create(bed, "drain", 4)
    await runs(bed, ident, 4)
    worker = next(one for one in await bed.get("/nodes") if one["Spec"]["Role"] == "worker")
    assert worker["ID"] in {task["NodeID"] for task in await tasks(bed, ident, "running")}
    began = await bed.now()

    async def make(**wanted: Any) -> None:
        async def written() -> bool:
            now = await bed.get(f"/nodes/{worker['ID']}")
            answer = await bed.ask("POST", f"/nodes/{worker['ID']}/update", {**now["Spec"], **wanted}, version=now["Version"]["Index"])
            assert answer.status == 200 or "out of sequence" in answer.message, answer
            return answer.status == 200

        await eventually(written)

    try:
        await make(Availability="drain")

        async def moved() -> bool:
            found = await tasks(bed, ident, "running")
            return len(found) == 4 and worker["ID"] not in {task["NodeID"] for task in found}

        await eventually(moved)
        assert (await bed.get(f"/nodes/{worker['ID']}"))["Spec"]["Availability"] == "drain"
        said = [one["Actor"]["Attributes"] for one in await bed.events(began, type=["node"]) if one["Actor"]["ID"] == worker["ID"]]
        assert said[0]["availability.new"] == "drain"
    finally:
        await make(Availability="active", Labels=worker["Spec"].get("Labels") or {})
    answer = await bed.ask("POST", f"/nodes/{worker['ID']}/update", worker["Spec"], version=1)
    assert (answer.status, "out of sequence" in answer.message) == (500, True)
    answer = await bed.ask("DELETE", f"/nodes/{worker['ID']}")
    assert (answer.status, "is not down and can't be removed" in answer.message) == (400, True)


# ---- secrets and configs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["secret", "config"])
async def test_what_is_kept(bed: Bed, kind: str):
    began = await bed.now()
    data = base64.b64encode(b"s3cret").decode()
    made = await bed.do(f"/{kind}s/create", {"Name": bed.name("k"), "Labels": {"test": bed.prefix}, "Data": data})
    answer = await bed.ask("POST", f"/{kind}s/create", {"Name": bed.name("k"), "Data": data})
    assert (answer.status, "already exists" in answer.message) == (409, True)
    one = (await bed.get(f"/{kind}s", filters={"name": [bed.name("k")]}))[0]
    kinds(one, ID=str, Version=dict, CreatedAt=str, UpdatedAt=str, Spec=dict)
    assert one["ID"] == made["ID"]
    assert one["Spec"].get("Data", "") == ("" if kind == "secret" else data)
    word = kind.capitalize()
    use = {f"{word}s": [{f"{word}ID": made["ID"], f"{word}Name": bed.name("k"),
                         "File": {"Name": "/etc/k" if kind == "config" else "k", "UID": "0", "GID": "0", "Mode": 292}}]}  # fmt: skip
    ident = await create(bed, "user", 0, Container=use)
    answer = await bed.ask("DELETE", f"/{kind}s/{made['ID']}")
    assert answer.status == 400
    assert f"{kind} '{bed.name('k')}' is in use by the following service: {bed.name('user')}" in answer.message
    await bed.delete(f"/services/{ident}")
    await bed.delete(f"/{kind}s/{made['ID']}")
    events = [one["Action"] for one in await bed.events(began, type=[kind]) if one["Actor"]["ID"] == made["ID"]]
    assert events == ["create", "remove"]


# ---- logs -----------------------------------------------------------------------------------------------------------


async def test_the_log_of_a_service(bed: Bed):
    ident = await create(bed, "log", 2, f"echo hello; {LOOP}")
    await runs(bed, ident, 2)

    async def said() -> bool:
        return len(lines(await bed.raw(f"/services/{ident}/logs", stdout=1, stderr=1))) == 2

    await eventually(said)
    found = lines(await bed.raw(f"/services/{ident}/logs", stdout=1, stderr=1, details=1))
    ids = {task["ID"] for task in await tasks(bed, ident)}
    for text, _ in found:
        details, _, rest = text.partition(" ")
        pairs = dict(pair.split("=") for pair in details.split(","))
        assert rest == "hello"
        assert pairs["com.docker.swarm.task.id"] in ids
        assert pairs["com.docker.swarm.service.id"] == ident
    one = await bed.raw(f"/tasks/{ids.pop()}/logs", stdout=1, stderr=1)
    assert [text for text, _ in lines(one)] == ["hello"]
