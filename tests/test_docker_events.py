"""The event decoder: it loses no event but the one that is broken."""

from __future__ import annotations

import json

import pytest

from tui.engines.docker.events import Lines, backoff


def event(action: str, identity: str = "a", nano: int = 1) -> bytes:
    return json.dumps({"Type": "container", "Action": action, "Actor": {"ID": identity}, "timeNano": nano}).encode() + b"\n"


@pytest.mark.parametrize("size", [1, 3, 64, 10_000])
def test_chunks_may_end_anywhere(size):
    raw = event("start") + event("die", "b") + event("destroy", "c")
    lines = Lines()
    found = [one.action for begin in range(0, len(raw), size) for one in lines.feed(raw[begin : begin + size])]
    assert found == ["start", "die", "destroy"]


@pytest.mark.parametrize("bad", [b"{]\n", b"\xff\xfe\n", b"[1]\n", b'{"Type": 3}\n', b"null\n"])
def test_a_malformed_line_costs_itself_alone(bad):
    lines = Lines()
    found = [one.action for one in lines.feed(event("start") + bad + event("die"))]
    assert found == ["start", "die"]
    assert lines.faults == 1


def test_a_huge_line_is_read_and_an_endless_one_passed_over():
    lines = Lines(longest=1_000_000)
    huge = event("start", "x" * 700_000)
    assert [len(one.actor.id) for begin in range(0, len(huge), 4096) for one in lines.feed(huge[begin : begin + 4096])] == [700_000]
    for _ in range(40):
        assert not list(lines.feed(b"y" * 65536))
    assert [one.action for one in lines.feed(b"\n" + event("die"))] == ["die"]
    assert lines.faults == 1


def test_health_probes_and_the_like_are_left_out():
    raw = b"".join(event(action) for action in ("exec_create: sh -c x", "exec_die", "top", "resize", "attach", "health_status: healthy"))
    assert [one.action for one in Lines().feed(raw)] == ["health_status: healthy"]


def test_old_and_new_shapes_are_read():
    old = b'{"status":"start","id":"a","from":"x","Type":"container","Action":"start","Actor":{"ID":"a","Attributes":{}},"timeNano":7}\n'
    new = b'{"Type":"container","Action":"start","Actor":{"ID":"a","Attributes":{"name":"x"}},"scope":"local","timeNano":7}\n'
    assert [one.mark for one in Lines().feed(old + new)] == [(7, "container", "start", "a")] * 2


def test_backoff_grows_to_thirty_seconds_with_full_jitter():
    assert [round(backoff(attempt, lambda: 1.0), 1) for attempt in (0, 1, 2, 5, 6, 50)] == [0.8, 1.6, 3.2, 25.6, 30.0, 30.0]
    assert backoff(50, lambda: 0.0) == 0.1
