"""The Docker engine against the demo's Docker host: every fault that real engines and networks have shown."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from pathlib import Path

import pytest

from tests.docker_trial import kind, trial
from tests.told_docker import pieces
from tests.waiting import until
from tui.demo.docker.container import Health
from tui.demo.docker.faults import Fault
from tui.demo.docker.volumes import Volume
from tui.demo.docker.words import moment
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.errors import unreachable
from tui.engines.docker.hosts import HostEntry
from tui.engines.docker.readers import DockerReader
from tui.engines.docker.transport import NEWEST, negotiate
from tui.engines.docker.writes import guarded
from tui.engines.gate import Gate
from tui.facts import Conflict, Denied, LogOptions, Missing, OutcomeUnknown, Ref, State, Unreachable, Unsupported

LONG = "a".ljust(64, "0")


async def test_rows_come_and_follow_events(tmp_path):
    async with trial(tmp_path) as on:
        web = on.add("web")
        fed = on.watch("containers")
        await until(lambda: fed.names == {"web"} and fed.state is State.LIVE)
        on.add("db")
        await until(lambda: fed.names == {"web", "db"})
        await on.drop(web)
        await until(lambda: fed.names == {"db"})
        assert fed.listings == 1  # each event cost one small read


async def test_what_did_not_change_is_not_fed(tmp_path):
    async with trial(tmp_path) as on:
        for letter in "abc":
            on.add(f"web-{letter}")
        fed = on.watch("containers")
        await until(lambda: fed.listings == 1)
        on.world.daemon.events.hang_up()
        await until(lambda: fed.listings == 2)
        assert fed.puts == 3


async def test_a_killed_engine_is_noticed_and_everything_is_read_anew(tmp_path):
    async with trial(tmp_path) as on:
        web = on.add("web")
        on.add("db")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        assert on.engine.transport.version == "1.47"
        await on.world.hang_up()
        await until(lambda: fed.state is State.RETRYING and "no socket" in fed.reason)
        assert fed.names == {"web", "db"}
        assert fed.health[-1].retry_at is not None
        with on.world.daemon.events.muted():
            await on.drop(web)  # and no event will ever tell of it
        on.world.daemon.api = "1.45"
        await on.world.start(on.world.path)
        await until(lambda: fed.names == {"db"} and fed.state is State.LIVE)
        assert on.engine.transport.version == "1.45"


async def test_a_stream_that_ends_quietly_is_opened_again_from_the_last_event(tmp_path):
    async with trial(tmp_path) as on:
        web = on.add("web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.emit("container", "start", web.id)
        last = on.world.daemon.events.ring[-1]["timeNano"]
        await until(lambda: on.engine.stream._last == last)
        on.world.daemon.events.hang_up()
        await until(lambda: len(on.asked("/events")) == 2)
        assert on.asked("/events")[1]["since"] == f"{last // 10**9}.{last % 10**9:09d}"


async def test_more_events_than_the_engine_remembers_are_made_good_by_a_list(tmp_path):
    async with trial(tmp_path) as on:
        web = on.add("web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        fault = on.world.faults.add(Fault("/events", "GET", status=503, message="not now"))
        on.world.daemon.events.hang_up()
        await until(lambda: fed.state is State.RETRYING)
        for number in range(300):
            on.add(f"n{number}")
        await on.drop(web)
        assert len(on.world.daemon.events.ring) == 256
        on.world.faults.lift(fault)
        await until(lambda: len(fed.names) == 300 and "web" not in fed.names)


async def test_a_malformed_event_leads_to_a_fresh_list(tmp_path):
    async with trial(tmp_path) as on:
        fed = on.watch("containers")
        await until(lambda: fed.listings == 1)
        with on.world.daemon.events.muted():
            on.add("web")
        on.world.daemon.events.say(b'{"Type":"container","Action":"create",,,\n')  # what it said is lost
        await until(lambda: fed.names == {"web"})
        assert on.engine.stream.faults == 1
        on.add("db")  # and the events after it are heard
        await until(lambda: fed.names == {"web", "db"})


async def test_a_storm_of_events_costs_few_reads(tmp_path):
    async with trial(tmp_path) as on:
        web = on.run("web")
        web.health = Health()
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE and fed.objects[web.id].health == "starting")
        before = len(on.world.record.asked)
        for _ in range(500):
            on.emit("container", "start", web.id)
        web.health.status = "healthy"
        on.emit("container", "health_status: healthy", web.id)
        await until(lambda: fed.objects[web.id].health == "healthy")
        assert len(on.world.record.asked) - before < 12


async def test_probes_in_containers_cause_no_reads(tmp_path):
    async with trial(tmp_path) as on:
        web = on.add("web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        before = len(on.world.record.asked)
        for action in ("exec_create: sh", "exec_start: sh", "exec_die"):
            on.emit("container", action, web.id)
        on.emit("volume", "create", "x")
        on.add("db")
        await until(lambda: "db" in fed.names)
        assert len(on.world.record.asked) - before == 1


async def test_a_paused_engine_is_noticed_by_its_silence(tmp_path):
    async with trial(tmp_path) as on:
        on.engine.stream.probe = 0.02
        with on.world.daemon.events.muted():  # nothing that is still to be read when it hangs
            on.add("web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        pause = on.world.faults.add(Fault(hang=True))
        await until(lambda: fed.state is State.RETRYING)
        assert "hangs or is paused" in fed.reason
        on.world.faults.lift(pause)
        await until(lambda: fed.state is State.LIVE)


async def test_one_event_stream_serves_every_kind(tmp_path):
    async with trial(tmp_path) as on:
        feds = [on.watch(word) for word in ("containers", "images", "volumes", "networks")]
        await until(lambda: all(fed.state is State.LIVE for fed in feds))
        assert on.world.daemon.events.listeners == 1


async def test_where_events_are_forbidden_lists_are_polled(tmp_path):
    async with trial(tmp_path) as on:
        on.world.faults.add(Fault("/events", "GET", status=403, message="no events here"))
        on.add("web")
        fed = on.watch("containers")
        await until(lambda: fed.names == {"web"} and fed.state is State.LIVE)


async def test_a_refused_list_says_so(tmp_path):
    async with trial(tmp_path) as on:
        on.world.faults.add(Fault("/volumes", "GET", status=403, message="not for you"))
        fed = on.watch("volumes")
        await until(lambda: fed.state is State.FORBIDDEN)
        assert fed.reason == "not for you"


# ---- reaching the engine --------------------------------------------------------------------------------------------


async def reach(path: Path) -> str:
    engine = DockerEngine(HostEntry("x", f"unix://{path}", "the test"), Gate())
    engine.transport.alive = 0.3
    try:
        with pytest.raises(Unreachable) as told:
            await engine.connect()
    finally:
        await engine.close()
    return str(told.value)


async def test_a_missing_socket_is_named_with_a_hint(tmp_path):
    said = await reach(tmp_path / "none.sock")
    assert "there is no socket" in said
    assert "systemctl start docker" in said


async def test_a_file_or_folder_is_no_socket(tmp_path):
    (tmp_path / "file").write_text("")
    assert "a plain file, not a socket" in await reach(tmp_path / "file")
    assert "a folder, not a socket" in await reach(tmp_path)


async def test_a_stale_socket_has_no_listener(tmp_path):
    import socket

    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "d.sock"))
    assert "nobody listens" in await reach(tmp_path / "d.sock")


def test_a_socket_of_others_names_the_group(tmp_path):
    (tmp_path / "d.sock").touch()
    host = HostEntry("x", f"unix://{tmp_path / 'd.sock'}")
    said = str(unreachable(host, PermissionError(errno.EACCES, os.strerror(errno.EACCES))))
    assert "permission denied" in said
    assert "usermod -aG docker" in said


@pytest.mark.parametrize(
    ("api", "spoken"), [("1.40", "1.40"), ("1.41", "1.41"), ("1.56", "1.56"), ("1.99", "1.56"), ("2.0", ".".join(map(str, NEWEST)))]
)
def test_the_api_version_stays_in_the_tested_range(api, spoken):
    assert negotiate(api, "x") == spoken


@pytest.mark.parametrize("api", ["1.39", "1.24", "", "x"])
def test_an_engine_too_old_or_no_engine_is_refused(api):
    with pytest.raises(Unsupported):
        negotiate(api, "x")


# ---- stats ----------------------------------------------------------------------------------------------------------


def figures(read: int, total: int) -> dict:
    cpu = {"cpu_usage": {"total_usage": total}, "system_cpu_usage": 10_000 + read * 1000, "online_cpus": 2}
    return {"read": f"2026-11-23T16:00:{read:02d}Z", "cpu_stats": cpu, "memory_stats": {"usage": 1000, "limit": 4000}}


async def test_figures_are_polled_for_what_is_seen_alone(tmp_path):
    async with trial(tmp_path) as on:
        web = on.run("web")
        on.run("db")
        path = f"/containers/{web.id}/stats"
        on.world.script.on(path, figures(1, 100))
        on.engine._lens.pause = 0.02
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.engine.look(kind("docker/containers"), frozenset({web.id}))
        await until(lambda: fed.objects[web.id].stats)
        on.world.script.on(path, figures(2, 300))
        await until(lambda: fed.objects[web.id].stats.cpu is not None)
        assert fed.objects[web.id].stats.cpu == pytest.approx(40.0)
        assert fed.objects[web.id].stats.memory == 1000
        polled = {one.path for one in on.world.record.asked if one.path.endswith("/stats")}
        assert polled == {path}


async def test_a_hanging_sample_leaves_no_figures_and_holds_up_nobody(tmp_path):
    async with trial(tmp_path) as on:
        for number in range(20):
            one = on.run(f"n{number}")
            on.world.faults.add(Fault(f"/containers/{one.id}", "GET", hang=True))
        web = on.run("web")
        on.engine._lens.deadline = 0.1
        on.engine._lens.pause = 0.02
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.engine.look(kind("docker/containers"), frozenset(fed.objects))
        await until(lambda: fed.objects[web.id].stats)
        assert on.world.record.most_in_flight <= 6  # four samples, the event stream, a list
        assert fed.state is State.LIVE
        assert len(fed.objects) == 21
        assert all(one.stats is None for uid, one in fed.objects.items() if uid != web.id)


async def test_an_inspect_tells_why_a_seen_container_failed(tmp_path):
    async with trial(tmp_path) as on:
        greedy = on.run("greedy", "tail /dev/zero")
        await until(lambda: not greedy.running)
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.engine.look(kind("docker/containers"), frozenset({greedy.id}))
        await until(lambda: fed.objects[greedy.id].peek)
        trouble = kind("docker/containers").trouble(fed.objects[greedy.id])
        assert trouble is not None
        assert (trouble.word, trouble.cause) == ("exited 137", "killed for memory: it reached its limit")


# ---- verbs ----------------------------------------------------------------------------------------------------------


async def test_verbs_pass_the_gate_and_their_effect_comes_by_the_watch(tmp_path):
    audit = tmp_path / "audit.jsonl"
    async with trial(tmp_path, Gate(audit=audit)) as on:
        web = on.add("web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        ref = on.ref("containers", fed.objects[web.id])
        await on.engine.start(ref)
        await until(lambda: fed.objects[web.id].state == "running")
        await on.engine.stop(ref)
        await until(lambda: fed.objects[web.id].state == "exited")
        await on.engine.restart(ref)
        await until(lambda: fed.objects[web.id].state == "running")
        posts = [(one.path, one.query) for one in on.world.record.writes()]
        assert posts == [(f"/containers/{web.id}/{verb}", {}) for verb in ("start", "stop", "restart")]  # docker's own grace
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [(line["verb"], line["outcome"], line["status"]) for line in lines if line["outcome"] != "sent"] == [
        ("start", "ok", 204),
        ("stop", "ok", 204),
        ("restart", "ok", 204),
    ]


async def test_read_only_is_refused_before_anything_is_sent(tmp_path):
    async with trial(tmp_path, Gate(read_only=True)) as on:
        ref = Ref(on.engine.id, "docker/containers", "", "web", LONG)
        for verb in (on.engine.start, on.engine.remove):
            with pytest.raises(Denied):
                await verb(ref)
        assert not on.world.record.writes()


async def test_the_client_itself_refuses_writes_outside_the_gate(tmp_path):
    async with trial(tmp_path) as on:
        await on.engine.connect()
        client = await asyncio.to_thread(guarded, on.engine.transport)
        for send in (lambda: client.start(LONG), lambda: client.remove_container(LONG), lambda: client.prune_volumes()):
            with pytest.raises(Denied):
                await asyncio.to_thread(send)
        assert not on.world.record.writes()
        client.close()


async def test_a_write_without_an_answer_is_unknown_and_not_sent_again(tmp_path):
    audit = tmp_path / "audit.jsonl"
    async with trial(tmp_path, Gate(audit=audit)) as on:
        web = on.add("web")
        on.world.faults.add(Fault("/containers", "DELETE", refuse=True, after=True))
        with pytest.raises(OutcomeUnknown):
            await on.engine.remove(on.ref("containers", web))
        assert not on.world.daemon.containers.known
        assert [one.method for one in on.world.record.writes()] == ["DELETE"]
    assert json.loads(audit.read_text().splitlines()[-1])["outcome"] == "unknown"


async def test_a_recreated_namesake_is_not_removed(tmp_path):
    async with trial(tmp_path) as on:
        on.add("web")
        with pytest.raises(Missing):
            await on.engine.remove(Ref(on.engine.id, "docker/containers", "", "web", LONG))
        assert on.world.daemon.containers.known
        volumes = on.world.daemon.volumes.known
        volumes["data"] = Volume("data", moment("1795449600"))
        with pytest.raises(Conflict):
            await on.engine.remove(Ref(on.engine.id, "docker/volumes", "", "data", "data 2020-01-01T00:00:00Z"))
        assert volumes
        await on.engine.remove(Ref(on.engine.id, "docker/volumes", "", "data", "data 2026-11-23T16:00:00Z"))
        assert not volumes


async def read(on, ref: Ref) -> list[str]:
    return [line.text async for batch in on.engine.logs(ref, LogOptions()) for line in batch]


async def test_logs_end_when_the_container_does(tmp_path):
    async with trial(tmp_path) as on:
        web = on.add("web")
        text = b"2026-11-23T16:30:42.1Z last words"
        sent = pieces(bytes([1, 0, 0, 0, 0, 0]), bytes([0, len(text)]) + text[:9], text[9:])
        on.world.script.on(f"/containers/{web.id}/logs", sent)
        assert await read(on, on.ref("containers", web)) == ["last words"]


async def test_what_a_follower_was_cut_off_from_is_read_after_it_and_nothing_twice(tmp_path):
    """The engine cuts a follower off when the container ends, now and then before it has read the last lines."""
    async with trial(tmp_path) as on:
        web = on.add("web")
        texts = [f"2026-11-23T16:30:4{n}.100000000Z line {n}\n".encode() for n in range(4)]
        whole = [bytes([1, 0, 0, 0, 0, 0, 0, len(text)]) + text for text in texts]
        on.world.script.on(f"/containers/{web.id}/logs", pieces(*whole))
        on.world.script.on(f"/containers/{web.id}/logs", pieces(*whole[:2]), has="follow=1")
        assert await read(on, on.ref("containers", web)) == ["line 0", "line 1", "line 2", "line 3"]
        assert "1" in {query.get("follow") for query in on.asked(f"/containers/{web.id}/logs")}


async def test_logs_of_what_is_gone_say_so(tmp_path):
    async with trial(tmp_path) as on:
        with pytest.raises(Missing):
            await read(on, Ref(on.engine.id, "docker/containers", "", "web", LONG))


async def test_a_reader_gives_the_users_of_an_image(tmp_path):
    async with trial(tmp_path) as on:
        on.add("web")
        next(iter(on.world.daemon.images.known.values())).tags.append("busybox:latest")
        reader = DockerReader(on.engine.transport, kind("docker/images"), on.engine.now)
        rows = await reader.everything({})
        assert [(row.name, row.users) for row in rows] == [("busybox:1", ("web",)), ("busybox:latest", ("web",))]  # type: ignore[attr-defined]
