"""Logs, figures, images, volumes and networks, on a real Docker engine and on the demo's."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime
from typing import Any

import msgspec

from tests.contract.docker_bed import Bed
from tests.contract.test_docker_contract import LOOP, kinds, lines
from tests.waiting import eventually, until
from tui.engines.docker.stats import Sample, cpu_percent, figures, memory_used

TALK = "for n in 1 2 3; do echo line $n; done; echo bad >&2; printf last"


# ---- logs -----------------------------------------------------------------------------------------------------------


async def test_a_log_is_read_back(bed: Bed):
    ident = await bed.container("log", TALK)
    await bed.state(ident, "exited")
    path = f"/containers/{ident}/logs"
    found = lines(await bed.raw(path, stdout=1, stderr=1))
    assert [text for text, stream in found if stream == "stdout"] == ["line 1", "line 2", "line 3", "last"]
    assert [text for text, stream in found if stream == "stderr"] == ["bad"]
    assert [text for text, _ in lines(await bed.raw(path, stdout=1))] == ["line 1", "line 2", "line 3", "last"]
    assert [text for text, _ in lines(await bed.raw(path, stderr=1, tail=5))] == ["bad"]
    assert lines(await bed.raw(path, stdout=1, stderr=1, tail=2)) == found[-2:]
    assert len(lines(await bed.raw(path, stdout=1, stderr=1, tail="all"))) == 5
    assert not await bed.raw(path, stdout=1, tail=0)
    assert (await bed.ask("GET", path)).status == 400
    later = str(int(float(await bed.now())) + 60)
    assert not await bed.raw(path, stdout=1, stderr=1, since=later)
    assert len(lines(await bed.raw(path, stdout=1, stderr=1, until=later))) == 5


async def test_a_log_has_times(bed: Bed):
    ident = await bed.container("times", TALK)
    await bed.state(ident, "exited")
    raw = await bed.raw(f"/containers/{ident}/logs", stdout=1, stderr=1, timestamps=1)
    assert raw[:1] in {b"\x01", b"\x02"}
    size = int.from_bytes(raw[4:8], "big")
    stamp, _, text = raw[8 : 8 + size].decode().partition(" ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", stamp)
    assert text in {"line 1\n", "bad\n"}


async def test_a_log_is_followed_to_the_end_of_its_program(bed: Bed):
    ident = await bed.container("follow", "for n in 1 2 3 4; do echo $n; sleep 0.2; done; echo last; sleep 0.5")
    raw = await bed.raw(f"/containers/{ident}/logs", stdout=1, follow=1)
    assert [text for text, _ in lines(raw)] == ["1", "2", "3", "4", "last"]
    assert await bed.raw(f"/containers/{ident}/logs", stdout=1, follow=1, tail=1)


async def test_a_terminal_s_log_has_no_frames(bed: Bed):
    ident = await bed.container("tty", "echo one; echo two >&2", Tty=True)
    await bed.state(ident, "exited")
    assert await bed.raw(f"/containers/{ident}/logs", stdout=1, stderr=1) == b"one\r\ntwo\r\n"


# ---- figures --------------------------------------------------------------------------------------------------------


async def test_a_sample_at_once(bed: Bed):
    ident = await bed.container("stats", LOOP, HostConfig={"Memory": 64 * 2**20})
    query = {"stream": "false", "one-shot": "true"}
    one = await bed.get(f"/containers/{ident}/stats", **query)
    kinds(one, read=str, cpu_stats=dict, precpu_stats=dict, memory_stats=dict, networks=dict, pids_stats=dict, blkio_stats=dict, name=str)
    kinds(one["cpu_stats"], cpu_usage=dict, system_cpu_usage=int, online_cpus=int)
    kinds(one["memory_stats"], usage=int, limit=int, stats=dict)
    kinds(one["networks"]["eth0"], rx_bytes=int, tx_bytes=int)
    assert "system_cpu_usage" not in one["precpu_stats"]
    assert one["memory_stats"]["limit"] == 64 * 2**20
    assert datetime.fromisoformat(one["read"]).year > 2000
    first = read(one)
    told = figures(first, None)
    assert told is not None
    assert told.cpu is None
    assert 0 < told.memory <= told.limit

    async def another() -> Sample | None:
        later = read(await bed.get(f"/containers/{ident}/stats", **query))
        return later if later.read != first.read and later.cpu_stats.system_cpu_usage != first.cpu_stats.system_cpu_usage else None

    second = await eventually(another)
    assert isinstance(second, Sample)
    assert second.cpu_stats.cpu_usage.total_usage >= first.cpu_stats.cpu_usage.total_usage
    assert cpu_percent(second.cpu_stats, first.cpu_stats) >= 0
    assert memory_used(second.memory_stats) >= 0


def read(body: Any) -> Sample:
    return msgspec.convert(body, Sample, strict=False)


async def test_samples_go_on(bed: Bed):
    ident = await bed.container("stream", LOOP)
    seen: list[dict[str, Any]] = []

    async def listen() -> None:
        async with bed.session.get(f"http://docker/v{bed.api}/containers/{ident}/stats") as answer:
            async for line in answer.content:
                seen.append(json.loads(line))  # noqa: PERF401 - one by one, as they come

    task = asyncio.create_task(listen())
    await until(lambda: len(seen) > 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert seen[2]["preread"] == seen[1]["read"]
    assert seen[2]["precpu_stats"]["cpu_usage"]["total_usage"] == seen[1]["cpu_stats"]["cpu_usage"]["total_usage"]
    assert cpu_percent(read(seen[2]).cpu_stats, read(seen[2]).precpu_stats) >= 0


async def test_what_does_not_run_has_no_figures(bed: Bed):
    ident = await bed.container("over", "exit 0")
    await bed.state(ident, "exited")
    one = await bed.get(f"/containers/{ident}/stats", stream="false", **{"one-shot": "true"})
    assert one["read"] == "0001-01-01T00:00:00Z"
    assert one["memory_stats"] == {}
    assert figures(read(one), None) is None


# ---- images ---------------------------------------------------------------------------------------------------------


async def test_what_the_program_reads_of_images(bed: Bed):
    found = [one for one in await bed.get("/images/json") if "busybox:1" in (one["RepoTags"] or ())]
    assert len(found) == 1
    kinds(found[0], Id=str, Created=int, Size=int, Containers=int, RepoTags=list, SharedSize=int, ParentId=str)
    full = await bed.get("/images/busybox:1/json")
    kinds(full, Id=str, RepoTags=list, RepoDigests=list, Created=str, Config=dict, Architecture=str, Os=str, Size=int, RootFS=dict)
    assert full["Id"] == found[0]["Id"]
    assert full["RootFS"]["Layers"]
    short = await bed.get(f"/images/{full['Id'][7:19]}/json")
    assert short["Id"] == full["Id"]
    layers = await bed.get("/images/demo/web:1.0/history")
    kinds(layers[0], Id=str, Created=int, CreatedBy=str, Size=int, Comment=str)
    assert "demo/web:1.0" in layers[0]["Tags"]
    assert len(layers) > 1


async def test_tags_come_and_go(bed: Bed):
    began = await bed.now()
    image = await bed.get("/images/busybox:1/json")
    await bed.do("/images/busybox:1/tag", repo=bed.name("i"), tag="1")
    await bed.do("/images/busybox:1/tag", repo=bed.name("i"), tag="2")
    found = await bed.get("/images/json", filters={"reference": [bed.name("i")]})
    assert [one["Id"] for one in found] == [image["Id"]]
    assert {f"{bed.name('i')}:1", f"{bed.name('i')}:2"} <= set(found[0]["RepoTags"])
    assert await bed.delete(f"/images/{bed.name('i')}:1") == [{"Untagged": f"{bed.name('i')}:1"}]
    await bed.delete(f"/images/{bed.name('i')}:2")
    assert not await bed.get("/images/json", filters={"reference": [bed.name("i")]})
    events = [one for one in await bed.events(began, type=["image"]) if one["Actor"]["ID"] == image["Id"]]
    assert [one["Action"] for one in events] == ["tag", "tag", "untag", "untag"]
    assert events[0]["Actor"]["Attributes"]["name"] == f"{bed.name('i')}:1"
    answer = await bed.ask("POST", "/images/busybox:1/tag", repo="UPPER", tag="1")
    assert answer.status >= 400
    assert "repository name must be lowercase" in answer.message


async def test_an_image_in_use_stays(bed: Bed):
    ident = await bed.container("user", LOOP)
    image = await bed.get("/images/busybox:1/json")
    answer = await bed.ask("DELETE", f"/images/{image['Id']}")
    assert answer.status == 409
    assert re.search(r"conflict: unable to delete [0-9a-f]{12} \((cannot|must) be forced\) - image ", answer.message)
    if len(image["RepoTags"]) == 1:
        answer = await bed.ask("DELETE", "/images/busybox:1")
        assert answer.status == 409
        assert re.fullmatch(
            r'conflict: unable to remove repository reference "busybox:1" \(must force\) - container [0-9a-f]{12} is using its referenced '
            r"image [0-9a-f]{12}", answer.message,
        )  # fmt: skip
    answer = await bed.ask("DELETE", "/images/nosuchimage")
    assert (answer.status, answer.message) == (404, "No such image: nosuchimage:latest")
    assert (await bed.item(ident))["Image"] == "busybox:1"


# ---- volumes --------------------------------------------------------------------------------------------------------


async def test_volumes(bed: Bed):
    began = await bed.now()
    name = bed.name("v")
    made = await bed.do("/volumes/create", {"Name": name, "Labels": {"test": bed.prefix}})
    kinds(made, Name=str, Driver=str, CreatedAt=str, Mountpoint=str, Scope=str)
    assert made["Labels"] == {"test": bed.prefix}
    assert (await bed.do("/volumes/create", {"Name": name}))["CreatedAt"] == made["CreatedAt"]
    found = (await bed.get("/volumes", filters={"name": [name]}))["Volumes"]
    assert [one["Name"] for one in found] == [name]
    ident = await bed.container("user", "exit 0", HostConfig={"Binds": [f"{name}:/data"]})
    await bed.state(ident, "exited")
    answer = await bed.ask("DELETE", f"/volumes/{name}")
    assert (answer.status, answer.message) == (409, f"remove {name}: volume is in use - [{ident}]")
    used = [one for one in (await bed.get("/system/df"))["Volumes"] if one["Name"] == name]
    kinds(used[0]["UsageData"], Size=int, RefCount=int)
    assert used[0]["UsageData"]["RefCount"] == 1
    assert not (await bed.get("/volumes", filters={"name": [name], "dangling": ["true"]}))["Volumes"]
    await bed.delete(f"/containers/{ident}")
    await bed.delete(f"/volumes/{name}")
    told = [one["Action"] for one in await bed.events(began, volume=[name])]
    assert list(dict.fromkeys(told)) == ["create", "mount", "unmount", "destroy"]  # older engines say some of them twice


# ---- networks -------------------------------------------------------------------------------------------------------


async def test_networks(bed: Bed):
    began = await bed.now()
    name = bed.name("n")
    made = await bed.do("/networks/create", {"Name": name, "CheckDuplicate": True, "Labels": {"test": bed.prefix}})
    answer = await bed.ask("POST", "/networks/create", {"Name": name, "CheckDuplicate": True})
    assert (answer.status, answer.message) == (409, f"network with name {name} already exists")
    one = (await bed.get("/networks", filters={"name": [name]}))[0]
    kinds(one, Name=str, Id=str, Created=str, Scope=str, Driver=str, IPAM=dict, Internal=bool, Attachable=bool, Ingress=bool, Labels=dict)
    assert one["IPAM"]["Config"][0]["Subnet"]
    ident = await bed.container("n", LOOP, HostConfig={"NetworkMode": name})
    await bed.do(f"/networks/{name}/disconnect", {"Container": ident})
    await bed.do(f"/networks/{name}/connect", {"Container": ident})
    answer = await bed.ask("POST", f"/networks/{name}/connect", {"Container": ident})
    assert (answer.status, f"already exists in network {name}" in answer.message) == (403, True)
    full = await bed.get(f"/networks/{made['Id']}")
    kinds(full["Containers"][ident], Name=str, EndpointID=str, MacAddress=str, IPv4Address=str)
    answer = await bed.ask("DELETE", f"/networks/{name}")
    assert (answer.status, "has active endpoints" in answer.message) == (403, True)
    await bed.delete(f"/containers/{ident}", force=1)
    await bed.delete(f"/networks/{name}")
    answer = await bed.ask("DELETE", "/networks/bridge")
    assert (answer.status, answer.message) == (403, "bridge is a pre-defined network and cannot be removed")
    told = [one["Action"] for one in await bed.events(began, network=[made["Id"]])]
    assert (told[0], told[-1]) == ("create", "destroy")
    assert told[1:-1].count("connect") == 2
    assert "disconnect" in told


# ---- pruning, and how much there is ---------------------------------------------------------------------------------


async def test_prune_takes_what_is_asked_for_and_no_more(bed: Bed):
    own = {"label": [f"test={bed.prefix}"]}
    labels = {"test": bed.prefix}
    keep = await bed.container("keep", LOOP)
    over = await bed.container("over", "exit 0")
    await bed.state(over, "exited")
    await bed.do("/networks/create", {"Name": bed.name("n"), "Labels": labels})
    await bed.do("/volumes/create", {"Name": bed.name("v"), "Labels": labels})
    assert (await bed.do("/containers/prune", filters=own))["ContainersDeleted"] == [over]
    assert (await bed.item(keep))["State"] == "running"
    assert (await bed.do("/networks/prune", filters=own))["NetworksDeleted"] == [bed.name("n")]
    all_of_them = own if bed.api < "1.42" else {**own, "all": ["true"]}
    assert (await bed.do("/volumes/prune", filters=all_of_them))["VolumesDeleted"] == [bed.name("v")]
    assert not (await bed.do("/images/prune", filters=own))["ImagesDeleted"]
    assert not (await bed.do("/containers/prune", filters=own))["ContainersDeleted"]


async def test_how_much_there_is(bed: Bed):
    ident = await bed.container("df", LOOP)
    usage = await bed.get("/system/df")
    kinds(usage, LayersSize=int, Images=list, Containers=list, Volumes=list)
    image = next(one for one in usage["Images"] if "busybox:1" in (one["RepoTags"] or ()))
    assert image["Containers"] >= 1
    kinds(next(one for one in usage["Containers"] if one["Id"] == ident), SizeRootFs=int, State=str)
