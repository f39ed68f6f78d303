"""Logs of pods: bytes are text and nothing else, and a follower loses and repeats no line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kubernetes_trial import PODS, QUICK, HeldClock, access_to
from tests.told_kubernetes import KubernetesServer, pod, reply, says, status, stream
from tui.engines.gate import Gate
from tui.engines.kubernetes.logs import LogLines, pod_logs
from tui.engines.kubernetes.transport import Transport
from tui.facts import EngineError, LogOptions, Missing

POD = f"{PODS}/a"


def shape(state: dict[str, Any], phase: str = "Running", policy: str = "Always", names: tuple[str, ...] = ("main",)) -> dict[str, Any]:
    it = pod("a", phase=phase)
    it["spec"] = {"containers": [{"name": name} for name in names], "restartPolicy": policy}
    it["status"]["containerStatuses"] = [{"name": "main", "state": state}]
    return it


def at(second: int, text: str) -> bytes:
    return f"2026-01-01T00:00:{second:02d}.5Z {text}\n".encode()


@pytest.fixture
async def server() -> AsyncIterator[KubernetesServer]:
    async with KubernetesServer() as it:
        it.on(POD, says(shape({"running": {}})))
        yield it


async def read(server: KubernetesServer, options: LogOptions, uid: str = "uid-a") -> list[str]:
    transport = Transport(access_to(server), Gate(), deadlines=QUICK)
    try:
        return [line.text async for batch in pod_logs(transport, POD, uid, options, clock=HeldClock()) for line in batch]
    finally:
        await transport.close()


def test_lines_that_look_like_api_data_are_text() -> None:
    body = (
        at(1, '{"code":500}') + at(2, "42") + at(3, '{"type":"ERROR","object":{}}') + b"no stamp\r\n" + b"\xff\x00\n" + at(4, "last")[:-1]
    )
    cutter = LogLines("pod")
    lines = cutter.feed(body) + cutter.flush()
    assert [line.text for line in lines] == ['{"code":500}', "42", '{"type":"ERROR","object":{}}', "no stamp", "\ufffd\x00", "last"]
    assert [line.stamp for line in lines] == [f"2026-01-01T00:00:0{n}.5Z" for n in (1, 2, 3)] + ["", "", "2026-01-01T00:00:04.5Z"]
    assert {line.source for line in lines} == {"pod"}


def test_a_line_without_end_comes_in_pieces() -> None:
    cutter = LogLines(longest=10)
    assert [line.text for line in cutter.feed(b"x" * 25)] == ["x" * 25]
    assert cutter.feed(b"y") == []
    assert [line.text for line in cutter.flush()] == ["y"]


@given(st.lists(st.text(alphabet="aé🚀 {}\x1b", max_size=8), max_size=8), st.integers(1, 7))
def test_wherever_the_bytes_are_cut_the_lines_are_the_same(texts: list[str], size: int) -> None:
    body = b"".join(text.encode() + b"\n" for text in texts)
    cutter = LogLines()
    lines = [line for start in range(0, len(body), size) for line in cutter.feed(body[start : start + size])]
    assert [line.text for line in lines + cutter.flush()] == texts


async def test_a_log_that_is_read_once_asks_for_just_that(server: KubernetesServer) -> None:
    server.on(f"{POD}/log", reply(at(1, "one") + at(2, "two")[:-1], kind="text/plain"))
    assert await read(server, LogOptions(tail=7, since=30, follow=False, previous=True)) == ["one", "two"]
    query = server.asked(f"{POD}/log")[0].query
    assert query == {"container": "main", "timestamps": "true", "previous": "true", "tailLines": "7", "sinceSeconds": "30"}


async def test_the_container_is_the_wanted_the_default_or_the_first(server: KubernetesServer) -> None:
    it = shape({}, names=("main", "side"))
    server.on(f"{POD}/log", reply(b"", kind="text/plain"))
    server.on(POD, says(it))
    await read(server, LogOptions(follow=False))
    await read(server, LogOptions(follow=False, container="side"))
    it["metadata"]["annotations"] = {"kubectl.kubernetes.io/default-container": "side"}
    server.on(POD, says(it))
    await read(server, LogOptions(follow=False))
    assert [said.query["container"] for said in server.asked(f"{POD}/log")] == ["main", "side", "side"]
    with pytest.raises(Missing, match=r"no container .x. .*main, side"):
        await read(server, LogOptions(container="x"))
    with pytest.raises(Missing, match="another of that name"):
        await read(server, LogOptions(), uid="older")


async def test_a_follower_ends_with_its_container(server: KubernetesServer) -> None:
    server.on(f"{POD}/log", stream(at(1, "one"), b"two", end="close", kind="text/plain"))
    server.on(POD, says(shape({"running": {}})), says(shape({"terminated": {}}, "Succeeded", "Never")))
    assert await read(server, LogOptions()) == ["one", "two"]
    assert len(server.asked(f"{POD}/log")) == 1


@pytest.mark.parametrize("end", ["cut", "close"])
async def test_a_follower_goes_on_after_a_cut_or_a_rotation_without_losing_or_repeating(server: KubernetesServer, end: str) -> None:
    server.on(
        f"{POD}/log",
        stream(at(1, "one"), at(2, "two"), at(2, "two"), end=end, kind="text/plain"),
        stream(at(1, "one"), at(2, "two"), at(2, "two"), at(2, "third in that second"), at(3, "three"), end="close", kind="text/plain"),
    )
    done = says(shape({"terminated": {}}, "Failed", "Never"))
    server.on(POD, *([says(shape({"running": {}}))] * (2 if end == "close" else 1)), done)
    assert await read(server, LogOptions()) == ["one", "two", "two", "third in that second", "three"]
    assert server.asked(f"{POD}/log")[1].query["sinceTime"] == "2026-01-01T00:00:02.5Z"
    assert "tailLines" not in server.asked(f"{POD}/log")[1].query


async def test_a_container_that_waits_is_an_error_with_the_servers_words(server: KubernetesServer) -> None:
    server.on(f"{POD}/log", status(400, "BadRequest", 'container "main" in pod "a" is waiting to start: ContainerCreating'))
    with pytest.raises(EngineError, match="is waiting to start"):
        await read(server, LogOptions())
