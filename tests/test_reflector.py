"""The reflector against the demo's API, told what to say: every way that a watch is known to go wrong, each with its name."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.kubernetes_trial import PODS, HeldClock, reflecting
from tests.told_kubernetes import (
    KubernetesServer,
    bookmark,
    drop,
    event,
    failure,
    hang,
    listing,
    pod,
    reply,
    says,
    status,
    stream,
)
from tui.engines.kubernetes.backoff import Backoff
from tui.engines.kubernetes.reflector import Limits
from tui.facts import Gone, Listed, State


async def test_a_small_first_page_is_fed_before_the_large_ones_and_the_watch_begins_at_the_lists_version() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a"), version=7, more="next"), listing(pod("b"), version=7))
        server.watch(PODS, stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
            first, second, watch = server.requests
        assert told.puts == [["a"], ["b"]]
        assert [delta.uids for delta in told.deltas if isinstance(delta, Listed)] == [{"uid-a", "uid-b"}]
        assert (first.query["limit"], "continue" in first.query) == ("100", False)
        assert (second.query["limit"], second.query["continue"]) == ("500", "next")
        assert watch.query["resourceVersion"] == "7"
        assert watch.query["allowWatchBookmarks"] == "true"
        assert 300 <= int(watch.query["timeoutSeconds"]) <= 600
        assert told.states == [State.CONNECTING, State.LIVE]


async def test_pages_of_large_objects_become_shorter() -> None:
    heavy = [pod(f"p{n}", annotations={"much": "x" * 400_000}) for n in range(3)]
    async with KubernetesServer() as server:
        server.on(PODS, listing(*heavy, more="next"), listing(version=7))
        server.watch(PODS, stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
        assert server.requests[1].query["limit"] == "50"


async def test_changes_come_as_they_are_and_a_namesake_is_another_object() -> None:
    lines = [event("ADDED", pod("b", 11)), event("MODIFIED", pod("a", 12, phase="Failed")), event("DELETED", pod("b", 13))]
    lines += [event("DELETED", pod("a", 14)), event("ADDED", pod("a", 15, uid="second"))]
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(*lines))
        async with reflecting(server) as (told, _):
            await told.until(lambda: "second" in told.rows)
        assert list(told.rows) == ["second"]


async def test_bytes_may_be_cut_anywhere_also_inside_a_character() -> None:
    line = event("ADDED", pod("ü-🚀", 11)).replace(b"\\u00fc-\\ud83d\\ude80", "ü-🚀".encode())
    async with KubernetesServer() as server:
        server.on(PODS, listing())
        server.watch(PODS, stream(*(line[n : n + 1] for n in range(len(line)))))
        async with reflecting(server) as (told, _):
            await told.until(lambda: told.names == ["ü-🚀"])


async def test_an_api_server_that_restarts_costs_no_list_and_no_row() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(event("ADDED", pod("b", 11)), bookmark(12)), stream(event("ADDED", pod("c", 13))))
        clock = HeldClock()
        async with reflecting(server, clock=clock) as (told, _):
            await told.until(lambda: told.names == ["a", "b"])
            await server.close()
            await told.until(lambda: State.RETRYING in told.states)
            assert told.names == ["a", "b"]
            away = told.healths[-1]
            assert away.since is not None
            assert away.retry_at is not None
            await server.open()
            await told.until(lambda: told.names == ["a", "b", "c"])
            await told.until(lambda: told.states[-1] is State.LIVE)
        assert len(server.asked(PODS, watch=False)) == 1
        assert [said.query["resourceVersion"] for said in server.asked(PODS, watch=True)] == ["10", "12"]


async def test_a_version_lost_in_an_outage_is_no_reason_to_wait_longer() -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)), listing(pod("b", 2), version=20))
        server.watch(PODS, status(503), status(410, "Expired"), stream())
        async with reflecting(server, clock=clock) as (told, _):
            await told.until(lambda: told.names == ["b"])
        assert clock.slept == [1.6]


async def test_a_watch_that_the_server_ends_in_good_order_goes_on_at_once_without_a_word() -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(event("ADDED", pod("b", 11)), end="close"), stream(event("ADDED", pod("c", 12))))
        async with reflecting(server, clock=clock) as (told, _):
            await told.until(lambda: told.names == ["a", "b", "c"])
        assert told.states == [State.CONNECTING, State.LIVE]


@pytest.mark.parametrize("how", ["as an answer", "inside the stream"])
async def test_a_version_too_old_lists_anew_and_feeds_only_what_truly_changed(how: str) -> None:
    old = (
        status(410, "Expired", "too old resource version: 10 (99)")
        if how == "as an answer"
        else stream(failure(410, "Expired"), end="close")
    )
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1), pod("b", 2), pod("c", 3)), listing(pod("a", 1), pod("b", 22), pod("d", 23), version=30))
        server.watch(PODS, old, stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: told.names == ["a", "b", "d"])
            await server.until(lambda: len(server.asked(PODS, watch=True)) == 2)
        assert told.puts == [["a", "b", "c"], ["b", "d"]]
        assert server.asked(PODS, watch=True)[-1].query["resourceVersion"] == "30"


async def test_a_storm_of_410_is_met_with_ever_longer_waits() -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, status(410, "Expired"))
        async with reflecting(server, clock=clock) as (told, _):
            await server.until(lambda: len(server.asked(PODS, watch=True)) >= 8)
        assert clock.slept[:6] == [3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
        assert told.puts == [["a"]]


async def test_an_expired_continue_token_falls_back_to_one_whole_list() -> None:
    async with KubernetesServer() as server:
        server.on(
            PODS,
            listing(pod("a", 1), pod("ghost", 2), more="next"),
            status(410, "Expired", "The provided continue parameter is too old"),
            listing(pod("a", 1), pod("b", 30), version=31),
        )
        server.watch(PODS, stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
        whole = server.requests[2].query
        assert "limit" not in whole
        assert "continue" not in whole
        assert told.names == ["a", "b"]


async def test_a_version_that_the_server_has_not_reached_leads_to_a_list_of_whatever_it_has() -> None:
    large = status(504, "Timeout", "Too large resource version: 99999, current: 12")
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1), version=99999), listing(pod("a", 1), version=12))
        server.watch(PODS, large, stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
        assert all("resourceVersion" not in said.query for said in server.asked(PODS, watch=False))
        assert server.requests[-1].query["resourceVersion"] == "12"


async def test_a_line_that_is_no_json_is_counted_and_all_is_listed_anew() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)), listing(pod("a", 1), pod("b", 11), pod("c", 12), version=12))
        server.watch(PODS, stream(event("ADDED", pod("b", 11)), b'{"type":"ADDED","object":{\n', event("ADDED", pod("c", 12))), stream())
        async with reflecting(server) as (told, reflector):
            await told.until(lambda: told.names == ["a", "b", "c"])
        assert reflector.skipped == 1


async def test_half_a_line_before_the_end_is_not_applied() -> None:
    whole = event("MODIFIED", pod("a", 11, phase="Failed"))
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(bookmark(10), whole[:-3], end="close"), stream())
        async with reflecting(server) as (told, _):
            await server.until(lambda: len(server.asked(PODS, watch=True)) == 2)
            assert told.puts == [["a"]]
        assert server.requests[-1].query["resourceVersion"] == "10"


@pytest.mark.parametrize(
    "line",
    [
        event("ERROR", {"kind": "Status"}),
        event("ERROR", None),
        event("ERROR", "odd"),
        failure(500, "InternalError", "etcdserver: leader changed"),
    ],
)
async def test_an_error_event_of_any_shape_leads_to_a_new_list_after_a_wait(line: bytes) -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)), listing(pod("b", 2), version=20))
        server.watch(PODS, stream(line, end="close"), stream())
        async with reflecting(server, clock=clock) as (told, _):
            await told.until(lambda: told.names == ["b"])
        assert clock.slept


async def test_events_without_object_of_an_unknown_type_or_of_another_shape_are_passed_over() -> None:
    odd = {"metadata": {"name": 5, "uid": "x", "resourceVersion": "11"}}
    lines = [
        event("ADDED", None),
        event("WHATEVER", {}),
        event("MODIFIED", odd),
        event("BOOKMARK", None),
        b"\n",
        event("ADDED", pod("b", 12)),
    ]
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(*lines))
        async with reflecting(server) as (told, reflector):
            await told.until(lambda: told.names == ["a", "b"])
        assert reflector.skipped == 2
        assert len(server.asked(PODS, watch=False)) == 1


async def test_a_watch_that_always_ends_at_once_is_no_busy_loop() -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, reply(b""))
        async with reflecting(server, clock=clock) as (told, _):
            await server.until(lambda: len(server.asked(PODS, watch=True)) >= 6)
        assert clock.slept[:5] == [1.6, 3.2, 6.4, 12.8, 25.6]
        assert len(server.asked(PODS, watch=False)) == 1
        assert "ends every watch at once" in told.healths[-1].reason


@pytest.mark.parametrize("where", ["list", "watch"])
async def test_a_portal_that_answers_with_a_page_is_not_taken_for_a_cluster(where: str) -> None:
    portal = reply(b"<html>Please sign in</html>", kind="text/html")
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, portal if where == "list" else listing(pod("a", 1)))
        server.watch(PODS, portal)
        async with reflecting(server, clock=clock) as (told, _):
            await told.until(lambda: told.states.count(State.RETRYING) >= 3)
        assert "not a Kubernetes API" in told.healths[-1].reason
        assert clock.slept[1] > clock.slept[0]


async def test_synthetic_added_events_in_no_order_never_lead_back_in_time() -> None:
    synthetic = [event("ADDED", pod("x", 900)), event("ADDED", pod("y", 50)), event("ADDED", pod("z", 10))]
    async with KubernetesServer() as server:
        server.on(PODS, listing(version=""), listing(pod("x", 900), version=901))
        server.watch(PODS, stream(*synthetic, end="cut"), stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: told.names == ["x"])
            await server.until(lambda: len(server.asked(PODS, watch=True)) == 2)
        assert [said.query.get("resourceVersion") for said in server.asked(PODS, watch=True)] == [None, "901"]


async def test_a_half_open_connection_is_found_by_its_silence_and_resumed_on_another() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(event("ADDED", pod("b", 11)), end="hang"), stream(event("ADDED", pod("c", 12))))
        async with reflecting(server, Limits(tick=0.01, idle=0.05)) as (told, _):
            await told.until(lambda: told.names == ["a", "b", "c"])
        assert "no sign of life" in next(health.reason for health in told.healths if health.state is State.RETRYING)
        assert server.asked(PODS, watch=True)[1].query["resourceVersion"] == "11"
        assert len(server.asked(PODS, watch=False)) == 1


async def test_after_the_machine_has_slept_every_watch_connects_anew_at_once() -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(), stream(event("ADDED", pod("b", 11))))
        async with reflecting(server, Limits(tick=0.01), clock) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
            clock.away += 600.0
            await told.until(lambda: told.names == ["a", "b"])
        assert clock.slept == []


@pytest.mark.parametrize(("code", "state", "wait"), [(401, State.EXPIRED, 60.0), (403, State.FORBIDDEN, 300.0), (404, State.ABSENT, 60.0)])
async def test_what_is_refused_is_said_once_and_tried_again_later(code: int, state: State, wait: float) -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, status(code, "", "pods is forbidden: no"), listing(pod("a", 1)))
        server.watch(PODS, stream())
        async with reflecting(server, clock=clock) as (told, _):
            await told.until(lambda: told.names == ["a"])
        assert told.states[:2] == [State.CONNECTING, state]
        assert "pods is forbidden: no" in told.healths[1].reason
        assert clock.slept == [wait]


@pytest.mark.parametrize(("header", "wait"), [("5", 5.0), ("3600", 60.0), ("soon", 1.6), (None, 1.6), ("nan", 1.6), ("-3", 1.6)])
async def test_retry_after_is_honoured_within_reason(header: str | None, wait: float) -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, status(429, "TooManyRequests", "slow down", {} if header is None else {"Retry-After": header}), listing())
        server.watch(PODS, stream())
        async with reflecting(server, clock=clock) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
        assert clock.slept == [wait]


async def test_a_server_that_fails_every_other_time_is_no_list_storm() -> None:
    clock = HeldClock()
    async with KubernetesServer() as server:
        server.on(PODS, status(500), listing(pod("a", 1)))
        server.watch(PODS, status(503), drop(), status(502), hang(), stream(event("ADDED", pod("b", 11))))
        async with reflecting(server, Limits(opening=0.2), clock) as (told, _):
            await told.until(lambda: told.names == ["a", "b"])
        assert len(server.asked(PODS, watch=False)) == 2
        assert clock.slept == [1.6, 3.2, 6.4, 12.8, 25.6]


async def test_long_failing_is_called_stale_with_the_time_it_was_last_live() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(end="close"), status(503))
        async with reflecting(server) as (told, _):
            await told.until(lambda: State.STALE in told.states)
        assert told.names == ["a"]
        assert told.healths[-1].since is not None


async def test_one_odd_object_does_not_hide_the_others() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, says({"metadata": {"resourceVersion": "5"}, "items": [pod("a"), {"metadata": {"uid": 3}}, pod("b")]}))
        server.watch(PODS, stream())
        async with reflecting(server) as (told, reflector):
            await told.until(lambda: told.names == ["a", "b"])
            await told.until(lambda: State.LIVE in told.states)
        assert reflector.skipped == 1


async def test_a_list_that_is_cut_or_null_is_no_crash() -> None:
    async with KubernetesServer() as server:
        server.on(
            PODS, reply(b'{"metadata":{"resourceVersion":"5"},"items":[{"meta'), says({"metadata": {"resourceVersion": "6"}, "items": None})
        )
        server.watch(PODS, stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
        assert "cannot be read" in told.healths[1].reason


async def test_a_line_without_end_is_given_up_and_all_is_listed_anew() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)), listing(pod("b", 2), version=20))
        server.watch(PODS, stream(b'{"type":"ADDED","object":"' + b"x" * 3000), stream())
        async with reflecting(server, Limits(line=2000)) as (told, reflector):
            await told.until(lambda: told.names == ["b"])
        assert reflector.skipped == 1


async def test_a_repeated_event_is_no_change() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(event("ADDED", pod("a", 1)), event("DELETED", pod("never", 9)), event("ADDED", pod("b", 11))))
        async with reflecting(server) as (told, _):
            await told.until(lambda: told.names == ["a", "b"])
        assert told.puts == [["a"], ["b"]]
        assert not any(isinstance(delta, Gone) for delta in told.deltas)


async def test_a_burst_is_fed_in_batches() -> None:
    burst = b"".join(event("MODIFIED", pod("a", version)) for version in range(11, 5011))
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream(burst, bookmark(9000)))
        async with reflecting(server) as (told, _):
            await told.until(lambda: told.rows and told.rows["uid-a"].metadata.resourceVersion == "5010")
        assert len(told.puts) < 500


async def test_a_cancelled_reflector_leaves_nothing_behind() -> None:
    async with KubernetesServer() as server:
        server.on(PODS, listing(pod("a", 1)))
        server.watch(PODS, stream())
        async with reflecting(server) as (told, _):
            await told.until(lambda: State.LIVE in told.states)
            watch = next(task for task in asyncio.all_tasks() if "Reflector.run" in repr(task.get_coro()))
        assert watch.cancelled()


def test_back_off_grows_to_half_a_minute_and_is_forgotten_after_two_healthy_ones() -> None:
    clock = HeldClock()
    backoff = Backoff(clock)
    assert [backoff.failed() for _ in range(7)] == [1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    backoff.alive()
    clock.time += 119
    assert backoff.failed() == 30.0
    backoff.alive()
    clock.time += 120
    assert backoff.failed() == 1.6


def test_the_scripted_pod_is_json() -> None:
    assert json.loads(event("ADDED", pod("a")))["object"]["metadata"]["uid"] == "uid-a"
