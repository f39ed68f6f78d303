"""What a Docker engine does, on a real one and on the demo's: what the program reads, and what it says when it will not."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from tests.contract.docker_bed import Bed
from tests.waiting import eventually
from tui.engines.docker.logs import Decoder

LOOP = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


def lines(raw: bytes, tty: bool = False) -> list[tuple[str, str]]:
    decoder = Decoder(tty)
    return [(line.text, line.stream) for line in [*decoder.feed(raw), *decoder.flush()]]


def kinds(value: dict[str, Any], **wanted: type | tuple[type, ...]) -> None:
    """Check that these keys are there, each of its type."""
    for key, shape in wanted.items():
        assert key in value, f"{key} of {sorted(value)}"
        assert isinstance(value[key], shape), f"{key} is {value[key]!r}"


# ---- versions -------------------------------------------------------------------------------------------------------


async def test_the_version_is_told_before_anything_else(bed: Bed):
    answer = await bed.ask("GET", "/_ping", spoken="")
    assert answer.status == 200
    assert answer.body == "OK"
    assert re.fullmatch(r"1\.\d\d", answer.headers["Api-Version"])
    assert answer.headers["Ostype"] == "linux"
    assert answer.headers["Server"].startswith("Docker/")
    told = await bed.get("/version")
    assert told["ApiVersion"] == answer.headers["Api-Version"]


async def test_a_version_that_is_not_spoken_is_refused(bed: Bed):
    for version, word in (("1.99", "too new"), ("1.1", "too old")):
        answer = await bed.ask("GET", "/info", spoken=version)
        assert answer.status == 400
        assert f"client version {version} is {word}" in answer.message
    assert (await bed.ask("GET", "/nothing/here")).status == 404


async def test_info(bed: Bed):
    info = await bed.get("/info")
    kinds(info, ID=str, Containers=int, ContainersRunning=int, Images=int, ServerVersion=str, Name=str, NCPU=int, MemTotal=int, Swarm=dict)
    kinds(info["Swarm"], LocalNodeState=str, ControlAvailable=bool, NodeID=str)


# ---- life and events ------------------------------------------------------------------------------------------------


async def test_the_life_of_a_container_in_events(bed: Bed):
    began = await bed.now()
    ident = await bed.container("life", "sleep 600", HostConfig={"Binds": [f"{bed.name('v')}:/data"]})
    await bed.do(f"/containers/{ident}/stop")
    await bed.delete(f"/containers/{ident}")
    events = await bed.events(began, container=[ident])
    assert [one["Action"] for one in events if one["Action"] != "stop"] == ["create", "start", "kill", "kill", "die", "destroy"]
    assert "stop" in [one["Action"] for one in events]
    for one in events:
        kinds(one, Type=str, Action=str, Actor=dict, scope=str, time=int, timeNano=int)
        said = one["Actor"]["Attributes"]
        assert one["Type"] == "container"
        assert one["Actor"]["ID"] == ident
        assert said["name"] == bed.name("life")
        assert said["image"] == "busybox:1"
        assert said["test"] == bed.prefix
    assert [one["Actor"]["Attributes"]["signal"] for one in events if one["Action"] == "kill"] == ["15", "9"]
    assert [one["Actor"]["Attributes"]["exitCode"] for one in events if one["Action"] == "die"] == ["137"]
    volume = await bed.events(began, volume=[bed.name("v")])
    assert [one["Action"] for one in volume] == ["create", "mount", "unmount"]
    assert volume[1]["Actor"]["Attributes"]["container"] == ident
    network = [one for one in await bed.events(began, type=["network"]) if one["Actor"]["Attributes"].get("container") == ident]
    assert [one["Action"] for one in network] == ["connect", "disconnect"]
    assert network[0]["Actor"]["Attributes"]["name"] == "bridge"


async def test_events_are_resumed_where_they_were_left(bed: Bed):
    began = await bed.now()
    ident = await bed.container("since", "sleep 600")
    first = await bed.events(began, container=[ident])
    last = first[-1]["timeNano"]
    await bed.do(f"/containers/{ident}/pause")
    again = await bed.events(f"{last // 10**9}.{last % 10**9:09d}", container=[ident])
    assert [one["Action"] for one in again] == ["start", "pause"]
    assert again[0]["timeNano"] == last
    assert not await bed.events(await bed.now(), container=[ident])
    assert [one["Action"] for one in await bed.events(began, container=[ident], event=["pause"])] == ["pause"]


async def test_events_are_heard_as_they_happen(bed: Bed):
    heard: list[str] = []
    began = await bed.now()

    async def listen() -> None:
        params = {"since": began, "filters": json.dumps({"type": ["container"], "label": [f"test={bed.prefix}"]})}
        async with bed.session.get(f"http://docker/v{bed.api}/events", params=params) as answer:
            async for line in answer.content:
                heard.append(json.loads(line)["Action"])  # noqa: PERF401 - one by one, as they come

    task = asyncio.create_task(listen())
    try:
        ident = await bed.container("heard", "sleep 600")
        await bed.do(f"/containers/{ident}/rename", name=bed.name("other"))
        await bed.delete(f"/containers/{ident}", force=1)

        async def over() -> bool:
            return "destroy" in heard

        await eventually(over)
        assert heard == ["create", "start", "rename", "kill", "die", "destroy"]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("echo no >&2; exit 3", 3), ("nosuchprogram", 127)])
async def test_exit_codes(bed: Bed, script: str, code: int):
    ident = await bed.container("code", script, start=False)
    assert (await bed.item(ident))["Status"] == "Created"
    await bed.do(f"/containers/{ident}/start")
    waited = await bed.do(f"/containers/{ident}/wait")
    assert waited["StatusCode"] == code
    one = await bed.state(ident, "exited")
    assert re.fullmatch(rf"Exited \({code}\) .+ ago", one["Status"])
    state = (await bed.get(f"/containers/{ident}/json"))["State"]
    kinds(state, Status=str, Running=bool, Paused=bool, Restarting=bool, OOMKilled=bool, Dead=bool, Pid=int, ExitCode=int, Error=str,
          StartedAt=str, FinishedAt=str)  # fmt: skip
    assert (state["Status"], state["ExitCode"], state["Running"], state["Pid"]) == ("exited", code, False, 0)


async def test_a_program_that_is_not_there_does_not_start(bed: Bed):
    made = await bed.do("/containers/create", {"Image": "busybox:1", "Cmd": ["nosuchprogram"], "Labels": {"test": bed.prefix}})
    answer = await bed.ask("POST", f"/containers/{made['Id']}/start")
    assert answer.status == 400
    assert 'exec: "nosuchprogram": executable file not found in $PATH' in answer.message
    assert (await bed.get(f"/containers/{made['Id']}/json"))["State"]["ExitCode"] == 127


async def test_a_program_that_listens_ends_well(bed: Bed):
    ident = await bed.container("polite", LOOP, StopTimeout=20)
    await bed.do(f"/containers/{ident}/stop")
    assert (await bed.state(ident, "exited"))["Status"].startswith("Exited (0)")
    began = await bed.now()
    await bed.do(f"/containers/{ident}/restart")
    assert re.match(r"Up ", (await bed.state(ident, "running"))["Status"])
    assert [one["Action"] for one in await bed.events(began, container=[ident])] == ["start", "restart"]


async def test_pause_and_unpause(bed: Bed):
    ident = await bed.container("pause", LOOP)
    await bed.do(f"/containers/{ident}/pause")
    one = await bed.item(ident)
    assert one["State"] == "paused"
    assert re.fullmatch(r"Up .+ \(Paused\)", one["Status"])
    answer = await bed.ask("POST", f"/containers/{ident}/pause")
    assert (answer.status, "already paused" in answer.message) == (409, True)
    answer = await bed.ask("POST", f"/containers/{ident}/start")
    assert (answer.status, "cannot start a paused container" in answer.message) == (409, True)
    await bed.do(f"/containers/{ident}/unpause")
    assert (await bed.item(ident))["State"] == "running"
    answer = await bed.ask("POST", f"/containers/{ident}/unpause")
    assert (answer.status, "is not paused" in answer.message) == (500, True)


async def test_a_restart_policy_tries_again_and_gives_up_when_told_to(bed: Bed):
    rule = {"RestartPolicy": {"Name": "always"}}
    ident = await bed.container("again", "echo no >&2; exit 7", HostConfig=rule)
    one = await bed.state(ident, "restarting")
    assert re.fullmatch(r"Restarting \(7\) .+ ago", one["Status"])

    async def tried() -> bool:
        return bool((await bed.get(f"/containers/{ident}/json"))["RestartCount"] >= 3)

    await eventually(tried)
    await bed.do(f"/containers/{ident}/stop", expect=(204, 304))
    assert (await bed.state(ident, "exited"))["Status"].startswith("Exited (7)")


async def test_a_restart_policy_that_counts(bed: Bed):
    rule = {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2}}
    ident = await bed.container("twice", "exit 1", HostConfig=rule)
    await bed.state(ident, "exited")

    async def over() -> bool:
        one = await bed.get(f"/containers/{ident}/json")
        return one["State"]["Status"] == "exited" and one["RestartCount"] == 2

    await eventually(over)


async def test_health_is_probed(bed: Bed):
    check = {"Test": ["CMD-SHELL", "echo no answer; false"], "Interval": 500_000_000, "Retries": 2}
    began = await bed.now()
    ident = await bed.container("sick", "sleep 600", Healthcheck=check)
    assert (await bed.item(ident))["Status"].endswith("(health: starting)")

    async def unhealthy() -> bool:
        return str((await bed.item(ident))["Status"]).endswith("(unhealthy)")

    await eventually(unhealthy)
    health = (await bed.get(f"/containers/{ident}/json"))["State"]["Health"]
    kinds(health, Status=str, FailingStreak=int, Log=list)
    assert health["Status"] == "unhealthy"
    assert health["FailingStreak"] >= 2
    assert health["Log"][-1]["ExitCode"] == 1
    assert health["Log"][-1]["Output"] == "no answer\n"
    assert "health_status: unhealthy" in [one["Action"] for one in await bed.events(began, container=[ident])]
    found = await bed.get("/containers/json", filters={"health": ["unhealthy"], "label": [f"test={bed.prefix}"]})
    assert [one["Id"] for one in found] == [ident]


async def test_one_that_needs_too_much_is_killed_for_memory(bed: Bed):
    host = {"Memory": 8 * 2**20, "MemorySwap": 8 * 2**20}
    ident = await bed.container("greedy", "tail /dev/zero", HostConfig=host)
    assert (await bed.state(ident, "exited"))["Status"].startswith("Exited (137)")
    if bed.demo is not None:  # where the kernel says so, the engine does
        assert (await bed.get(f"/containers/{ident}/json"))["State"]["OOMKilled"] is True


# ---- lists ----------------------------------------------------------------------------------------------------------


async def test_what_the_program_reads_of_a_list(bed: Bed):
    host = {"PortBindings": {"80/tcp": [{"HostPort": ""}]}, "Binds": ["/anonymous"]}
    ident = await bed.container("item", LOOP, HostConfig=host, ExposedPorts={"80/tcp": {}, "81/tcp": {}})
    one = await bed.item(ident)
    kinds(one, Id=str, Names=list, Image=str, ImageID=str, Command=str, Created=int, Ports=list, Labels=dict, State=str, Status=str,
          NetworkSettings=dict, Mounts=list, HostConfig=dict)  # fmt: skip
    assert one["Names"] == [f"/{bed.name('item')}"]
    assert one["ImageID"].startswith("sha256:")
    assert one["Command"] == f"sh -c '{LOOP}'"
    assert {"PrivatePort": 81, "Type": "tcp"} in one["Ports"]
    published = [port for port in one["Ports"] if "PublicPort" in port]
    assert published
    kinds(published[0], IP=str, PrivatePort=int, PublicPort=int, Type=str)
    bridge = one["NetworkSettings"]["Networks"]["bridge"]
    kinds(bridge, NetworkID=str, IPAddress=str, Gateway=str, MacAddress=str)
    assert bridge["IPAddress"]
    kinds(one["Mounts"][0], Type=str, Name=str, Destination=str, RW=bool)
    assert re.fullmatch(r"[0-9a-f]{64}", one["Mounts"][0]["Name"])
    full = await bed.get(f"/containers/{ident}/json")
    kinds(full, Id=str, Created=str, Path=str, Args=list, State=dict, Image=str, Name=str, RestartCount=int, HostConfig=dict, Mounts=list,
          Config=dict, NetworkSettings=dict)  # fmt: skip
    kinds(full["Config"], Image=str, Env=list, Cmd=list, Labels=dict, Tty=bool, StopTimeout=int)
    kinds(full["HostConfig"], RestartPolicy=dict, NetworkMode=str, Memory=int, NanoCpus=int, Privileged=bool)
    await bed.delete(f"/containers/{ident}", force=1, v=1)
    assert (await bed.ask("GET", f"/volumes/{one['Mounts'][0]['Name']}")).status == 404  # an anonymous volume goes along


async def test_filters_of_the_list(bed: Bed):
    runs = await bed.container("runs", LOOP, Labels={"tier": "front"})
    over = await bed.container("over", "exit 2")
    await bed.state(over, "exited")
    own = {"label": [f"test={bed.prefix}"]}

    async def ids(**query: Any) -> set[str]:
        return {one["Id"] for one in await bed.get("/containers/json", **query)}

    assert await ids(filters=own) == {runs}
    assert await ids(all=1, filters=own) == {runs, over}
    assert await ids(all=1, filters={"label": [f"test={bed.prefix}", "tier=front"]}) == {runs}
    assert await ids(filters={**own, "status": ["exited"]}) == {over}
    assert await ids(all=1, filters={**own, "exited": ["2"]}) == {over}
    assert await ids(all=1, filters={"name": [bed.name("ov")]}) == {over}
    assert await ids(all=1, filters={**own, "ancestor": ["busybox:1"]}) == {runs, over}
    assert await ids(filters={**own, "network": ["bridge"]}) == {runs}
    assert len(await ids(limit=1)) == 1
    sized = (await bed.get("/containers/json", size=1, filters=own))[0]
    assert sized["SizeRootFs"] > 0
    assert (await bed.ask("GET", "/containers/json", filters={"nonsense": ["x"]})).status == 400
    assert (await bed.ask("GET", "/containers/json", filters={"status": ["nonsense"]})).status == 400


# ---- refusals -------------------------------------------------------------------------------------------------------


async def test_what_a_container_refuses(bed: Bed):
    ident = await bed.container("no", LOOP)
    assert (await bed.ask("POST", f"/containers/{ident}/start")).status == 304
    answer = await bed.ask("DELETE", f"/containers/{ident}")
    assert answer.status == 409
    assert "running" in answer.message
    answer = await bed.ask("POST", "/containers/create", {"Image": "busybox:1", "Cmd": ["sh"]}, name=bed.name("no"))
    assert answer.status == 409
    assert f'The container name "/{bed.name("no")}" is already in use by container "{ident}"' in answer.message
    assert (await bed.ask("POST", f"/containers/{ident}/kill", signal="NONSENSE")).status == 400
    await bed.do(f"/containers/{ident}/kill")
    await bed.state(ident, "exited")
    assert (await bed.ask("POST", f"/containers/{ident}/stop")).status == 304
    for verb in ("kill", "pause"):
        answer = await bed.ask("POST", f"/containers/{ident}/{verb}")
        assert (answer.status, "is not running" in answer.message) == (409, True)


async def test_what_is_not_there(bed: Bed):
    gone = bed.name("gone")
    for method, path in (("GET", "json"), ("POST", "start"), ("POST", "stop"), ("GET", "stats"), ("GET", "top")):
        answer = await bed.ask(method, f"/containers/{gone}/{path}")
        assert (answer.status, answer.message) == (404, f"No such container: {gone}")
    assert (await bed.ask("DELETE", f"/containers/{gone}")).status == 404
    answer = await bed.ask("POST", "/containers/create", {"Image": "nosuchimage:1", "Cmd": ["x"]}, name=gone)
    assert (answer.status, "No such image: nosuchimage:1" in answer.message) == (404, True)
    answer = await bed.ask("POST", "/containers/create", {"Image": "busybox:1"}, name="-x")
    assert (answer.status, "Invalid container name (-x)" in answer.message) == (400, True)
    for path, said in (
        (f"/images/{gone}/json", "o such image"),
        (f"/volumes/{gone}", "no such volume"),
        (f"/networks/{gone}", "not found"),
    ):
        answer = await bed.ask("GET", path)
        assert (answer.status, said in answer.message) == (404, True)


async def test_rename_update_top(bed: Bed):
    ident = await bed.container("old", LOOP)
    await bed.container("other", LOOP, start=False)
    answer = await bed.ask("POST", f"/containers/{ident}/rename", name=bed.name("other"))
    assert (answer.status, "already in use by container" in answer.message) == (409, True)
    began = await bed.now()
    await bed.do(f"/containers/{ident}/rename", name=bed.name("new"))
    assert (await bed.item(ident))["Names"] == [f"/{bed.name('new')}"]
    await bed.do(f"/containers/{ident}/update", {"RestartPolicy": {"Name": "unless-stopped"}})
    assert (await bed.get(f"/containers/{ident}/json"))["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert (await bed.ask("POST", f"/containers/{ident}/update", {"Memory": 1000})).status == 400
    events = await bed.events(began, container=[ident])
    assert [one["Action"] for one in events][:2] == ["rename", "update"]
    assert events[0]["Actor"]["Attributes"]["oldName"] == f"/{bed.name('old')}"
    top = await bed.get(f"/containers/{ident}/top")
    assert "PID" in top["Titles"]
    assert len(top["Processes"][0]) == len(top["Titles"])
