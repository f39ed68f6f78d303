"""The Docker engine against a scripted server: every fault that real engines and networks have shown."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from pathlib import Path

import pytest

from tests.docker_trial import kind, trial
from tests.waiting import until
from tui.demo.docker_server import Fault, container
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.errors import unreachable
from tui.engines.docker.hosts import HostEntry
from tui.engines.docker.readers import DockerReader
from tui.engines.docker.transport import NEWEST, negotiate
from tui.engines.docker.writes import guarded
from tui.engines.gate import Gate
from tui.facts import Conflict, Denied, LogOptions, Missing, OutcomeUnknown, Ref, State, Unreachable, Unsupported

LONG = "a".ljust(64, "0")


def add(server, identity: str, name: str, **more) -> None:
    one = container(identity, name, **more)
    server.containers[one["Id"]] = one


async def test_rows_come_and_follow_events(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "web")
        fed = on.watch("containers")
        await until(lambda: fed.names == {"web"} and fed.state is State.LIVE)
        add(on.server, "b", "db")
        on.server.emit("container", "create", "b".ljust(64, "0"))
        await until(lambda: fed.names == {"web", "db"})
        del on.server.containers[LONG]
        on.server.emit("container", "destroy", LONG)
        await until(lambda: fed.names == {"db"})
        assert fed.listings == 1  # each event cost one small read


async def test_what_did_not_change_is_not_fed(tmp_path):
    async with trial(tmp_path) as on:
        for letter in "abc":
            add(on.server, letter, f"web-{letter}")
        fed = on.watch("containers")
        await until(lambda: fed.listings == 1)
        on.server.hang_up()
        await until(lambda: fed.listings == 2)
        assert fed.puts == 3


async def test_a_killed_engine_is_noticed_and_everything_is_read_anew(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "web")
        add(on.server, "b", "db")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        await on.server.stop()
        await until(lambda: fed.state is State.RETRYING and "no socket" in fed.reason)
        assert fed.names == {"web", "db"}
        assert fed.health[-1].retry_at is not None
        del on.server.containers[LONG]  # and no event will ever tell of it
        on.server.api = "1.47"
        await on.server.start()
        await until(lambda: fed.names == {"db"} and fed.state is State.LIVE)
        assert on.engine.transport.version == "1.47"


async def test_a_stream_that_ends_quietly_is_opened_again_from_the_last_event(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.server.emit("container", "start", LONG)
        await until(lambda: on.engine.stream._last)
        last = on.engine.stream._last
        on.server.hang_up()
        await until(lambda: sum(path == "/events" for _, path, _ in on.server.asked) == 2)
        since = [query["since"] for _, path, query in on.server.asked if path == "/events"][1]
        assert since == f"{last // 10**9}.{last % 10**9:09d}"


async def test_more_events_than_the_engine_remembers_are_made_good_by_a_list(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.server.faults["GET", "/events"] = Fault(503, "not now")
        on.server.hang_up()
        await until(lambda: fed.state is State.RETRYING)
        for number in range(300):
            add(on.server, f"b{number:03d}", f"n{number}")
            on.server.emit("container", "create", f"b{number:03d}".ljust(64, "0"))
        del on.server.containers[LONG]
        on.server.emit("container", "destroy", LONG)
        del on.server.faults["GET", "/events"]
        await until(lambda: len(fed.names) == 300 and "web" not in fed.names)


async def test_a_malformed_event_leads_to_a_fresh_list(tmp_path):
    async with trial(tmp_path) as on:
        fed = on.watch("containers")
        await until(lambda: fed.listings == 1)
        add(on.server, "a", "web")
        on.server.say(b'{"Type":"container","Action":"create",,,\n')  # what it said is lost
        await until(lambda: fed.names == {"web"})
        assert on.engine.stream.faults == 1
        add(on.server, "b", "db")
        on.server.emit("container", "create", "b".ljust(64, "0"))  # and those after it are heard
        await until(lambda: fed.names == {"web", "db"})


async def test_a_storm_of_events_costs_few_reads(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        before = len(on.server.asked)
        for _ in range(500):
            on.server.emit("container", "start", LONG)
        on.server.containers[LONG]["Status"] = "Up 1 second (healthy)"
        on.server.emit("container", "health_status: healthy", LONG)
        await until(lambda: fed.objects[LONG].health == "healthy")
        assert len(on.server.asked) - before < 12


async def test_probes_in_containers_cause_no_reads(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        before = len(on.server.asked)
        for action in ("exec_create: sh", "exec_start: sh", "exec_die"):
            on.server.emit("container", action, LONG)
        on.server.emit("volume", "create", "x")
        add(on.server, "b", "db")
        on.server.emit("container", "create", "b".ljust(64, "0"))
        await until(lambda: "db" in fed.names)
        assert len(on.server.asked) - before == 1


async def test_a_paused_engine_is_noticed_by_its_silence(tmp_path):
    async with trial(tmp_path) as on:
        on.engine.stream.probe = 0.02
        add(on.server, "a", "web")
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.server.paused = True
        await until(lambda: fed.state is State.RETRYING)
        assert "hangs or is paused" in fed.reason
        on.server.paused = False
        await until(lambda: fed.state is State.LIVE)


async def test_one_event_stream_serves_every_kind(tmp_path):
    async with trial(tmp_path) as on:
        feds = [on.watch(word) for word in ("containers", "images", "volumes", "networks")]
        await until(lambda: all(fed.state is State.LIVE for fed in feds))
        assert on.server.listeners == 1


async def test_where_events_are_forbidden_lists_are_polled(tmp_path):
    async with trial(tmp_path) as on:
        on.server.faults["GET", "/events"] = Fault(403, "no events here")
        add(on.server, "a", "web")
        fed = on.watch("containers")
        await until(lambda: fed.names == {"web"} and fed.state is State.LIVE)


async def test_a_refused_list_says_so(tmp_path):
    async with trial(tmp_path) as on:
        on.server.faults["GET", "/volumes"] = Fault(403, "not for you")
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
        add(on.server, "a", "web")
        add(on.server, "b", "db")
        on.server.stats[LONG] = figures(1, 100)
        on.engine._lens.pause = 0.02
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.engine.look(kind("docker/containers"), frozenset({LONG}))
        await until(lambda: fed.objects[LONG].stats)
        on.server.stats[LONG] = figures(2, 300)
        await until(lambda: fed.objects[LONG].stats.cpu is not None)
        assert fed.objects[LONG].stats.cpu == pytest.approx(40.0)
        assert fed.objects[LONG].stats.memory == 1000
        polled = {path for _, path, _ in on.server.asked if path.endswith("/stats")}
        assert polled == {f"/containers/{LONG}/stats"}


async def test_a_hanging_sample_leaves_no_figures_and_holds_up_nobody(tmp_path):
    async with trial(tmp_path) as on:
        for number in range(20):
            add(on.server, f"h{number:02d}", f"n{number}")
        add(on.server, "a", "web")
        on.server.stats[LONG] = figures(1, 100)
        on.server.faults["GET", "/containers/h"] = Fault(hang=True)
        on.engine._lens.deadline = 0.1
        on.engine._lens.pause = 0.02
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.engine.look(kind("docker/containers"), frozenset(fed.objects))
        await until(lambda: fed.objects[LONG].stats)
        assert on.server.most_in_flight <= 6  # four samples, the event stream, a list
        assert fed.state is State.LIVE
        assert all(one.stats is None for uid, one in fed.objects.items() if uid != LONG)


async def test_an_inspect_tells_why_a_seen_container_failed(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "greedy", status="Exited (137) 2 minutes ago", state="exited")
        on.server.inspects[LONG] = {"Id": LONG, "State": {"OOMKilled": True, "ExitCode": 137}, "RestartCount": 0}
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        on.engine.look(kind("docker/containers"), frozenset({LONG}))
        await until(lambda: fed.objects[LONG].peek)
        trouble = kind("docker/containers").trouble(fed.objects[LONG])
        assert trouble is not None
        assert (trouble.word, trouble.cause) == ("exited 137", "killed for memory: it reached its limit")


# ---- verbs ----------------------------------------------------------------------------------------------------------


async def test_verbs_pass_the_gate_and_their_effect_comes_by_the_watch(tmp_path):
    audit = tmp_path / "audit.jsonl"
    async with trial(tmp_path, Gate(audit=audit)) as on:
        add(on.server, "a", "web", status="Exited (0) 2 minutes ago", state="exited")
        on.server.inspects[LONG] = {"Id": LONG, "Config": {}}
        fed = on.watch("containers")
        await until(lambda: fed.state is State.LIVE)
        ref = on.ref("containers", fed.objects[LONG])
        await on.engine.start(ref)
        await until(lambda: fed.objects[LONG].state == "running")
        await on.engine.stop(ref)
        await until(lambda: fed.objects[LONG].state == "exited")
        await on.engine.restart(ref)
        posts = [(path, dict(query)) for method, path, query in on.server.asked if method == "POST"]
        assert posts == [(f"/containers/{LONG}/{verb}", {}) for verb in ("start", "stop", "restart")]  # docker's own grace
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
        assert not [method for method, _, _ in on.server.asked if method != "GET"]


async def test_the_client_itself_refuses_writes_outside_the_gate(tmp_path):
    async with trial(tmp_path) as on:
        await on.engine.connect()
        client = await asyncio.to_thread(guarded, on.engine.transport)
        for send in (lambda: client.start(LONG), lambda: client.remove_container(LONG), lambda: client.prune_volumes()):
            with pytest.raises(Denied):
                await asyncio.to_thread(send)
        assert not [method for method, _, _ in on.server.asked if method != "GET"]
        client.close()


async def test_a_write_without_an_answer_is_unknown_and_not_sent_again(tmp_path):
    audit = tmp_path / "audit.jsonl"
    async with trial(tmp_path, Gate(audit=audit)) as on:
        add(on.server, "a", "web")
        on.server.faults["DELETE", "/containers"] = Fault(drop=True, after=True)
        ref = Ref(on.engine.id, "docker/containers", "", "web", LONG)
        with pytest.raises(OutcomeUnknown):
            await on.engine.remove(ref)
        assert sum(method == "DELETE" for method, _, _ in on.server.asked) == 1
    assert json.loads(audit.read_text().splitlines()[-1])["outcome"] == "unknown"


async def test_a_recreated_namesake_is_not_removed(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "b", "web")
        with pytest.raises(Missing):
            await on.engine.remove(Ref(on.engine.id, "docker/containers", "", "web", LONG))
        assert on.server.containers
        on.server.volumes["data"] = {"Name": "data", "CreatedAt": "2026-11-23T16:00:00Z", "Driver": "local"}
        with pytest.raises(Conflict):
            await on.engine.remove(Ref(on.engine.id, "docker/volumes", "", "data", "data 2020-01-01T00:00:00Z"))
        await on.engine.remove(Ref(on.engine.id, "docker/volumes", "", "data", "data 2026-11-23T16:00:00Z"))
        assert not on.server.volumes


async def test_logs_end_when_the_container_does(tmp_path):
    async with trial(tmp_path) as on:
        on.server.inspects[LONG] = {"Id": LONG, "Config": {"Tty": False}}
        text = b"2026-11-23T16:30:42.1Z last words"
        on.server.logs[LONG] = [bytes([1, 0, 0, 0, 0, 0]), bytes([0, len(text)]) + text[:9], text[9:]]
        ref = Ref(on.engine.id, "docker/containers", "", "web", LONG)
        lines = [line for batch in [batch async for batch in on.engine.logs(ref, LogOptions())] for line in batch]
        assert [line.text for line in lines] == ["last words"]


async def test_what_a_follower_was_cut_off_from_is_read_after_it_and_nothing_twice(tmp_path):
    """The engine cuts a follower off when the container ends, now and then before it has read the last lines."""
    async with trial(tmp_path) as on:
        on.server.inspects[LONG] = {"Id": LONG, "Config": {"Tty": False}}
        texts = [f"2026-11-23T16:30:4{n}.100000000Z line {n}\n".encode() for n in range(4)]
        on.server.logs[LONG] = [bytes([1, 0, 0, 0, 0, 0, 0, len(text)]) + text for text in texts]
        on.server.cut[LONG] = 2
        ref = Ref(on.engine.id, "docker/containers", "", "web", LONG)
        lines = [line for batch in [batch async for batch in on.engine.logs(ref, LogOptions())] for line in batch]
        assert [line.text for line in lines] == ["line 0", "line 1", "line 2", "line 3"]


async def test_logs_of_what_is_gone_say_so(tmp_path):
    async with trial(tmp_path) as on:
        with pytest.raises(Missing):
            async for _ in on.engine.logs(Ref(on.engine.id, "docker/containers", "", "web", LONG), LogOptions()):
                pass


async def test_a_reader_gives_the_users_of_an_image(tmp_path):
    async with trial(tmp_path) as on:
        add(on.server, "a", "web")
        on.server.images = [{"Id": "sha256:" + "b" * 64, "RepoTags": ["busybox:1", "busybox:latest"], "Created": 1, "Size": 2}]
        reader = DockerReader(on.engine.transport, kind("docker/images"), on.engine.now)
        rows = await reader.everything({})
        assert [(row.name, row.users) for row in rows] == [("busybox:1", ("web",)), ("busybox:latest", ("web",))]  # type: ignore[attr-defined]
