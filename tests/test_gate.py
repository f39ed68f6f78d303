"""The gate: read-only stops a write before it is sent, and the audit file tells the outcome of each."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import UTC, datetime

import pytest

from tui.engines.gate import Gate
from tui.facts import Conflict, Denied, OutcomeUnknown, Ref

REF = Ref("kubernetes:prod", "kubernetes/deployments", "shop", "web", "uid-1")


def gate(tmp_path, **options):
    return Gate(audit=tmp_path / "deep" / "audit.jsonl", now=lambda: datetime(2026, 1, 1, tzinfo=UTC), **options)


def lines(one):
    return [json.loads(line) for line in one.audit.read_text().splitlines()]


def write(one):
    return one.write("scale", REF, "PATCH", "/apis/apps/v1/x", context="prod", server="https://x", user="alice")


async def test_a_write_is_recorded_before_and_after(tmp_path):
    one = gate(tmp_path)
    async with write(one) as entry:
        assert [line["outcome"] for line in lines(one)] == ["sent"]
        entry.status = 200
    sent, done = lines(one)
    assert (done["outcome"], done["status"], done["verb"], done["uid"], done["user"]) == ("ok", 200, "scale", "uid-1", "alice")
    assert stat.S_IMODE(one.audit.stat().st_mode) == 0o600
    assert stat.S_IMODE(one.audit.parent.stat().st_mode) == 0o700


async def test_read_only_refuses_before_anything_is_sent(tmp_path):
    one = gate(tmp_path, read_only=True)
    with pytest.raises(Denied, match="read-only"):
        async with write(one):
            pytest.fail("the body ran")
    assert [line["outcome"] for line in lines(one)] == ["refused"]


@pytest.mark.parametrize(("error", "outcome"), [(Conflict("changed"), "failed"), (OutcomeUnknown("no answer"), "unknown")])
async def test_the_outcome_of_a_failure(tmp_path, error, outcome):
    one = gate(tmp_path)
    with pytest.raises(type(error)):
        async with write(one):
            raise error
    assert lines(one)[-1]["outcome"] == outcome
    assert lines(one)[-1]["note"] == str(error)


async def test_a_cancelled_write_may_have_happened(tmp_path):
    one = gate(tmp_path)
    started = asyncio.Event()

    async def send():
        async with write(one):
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(send())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert lines(one)[-1]["outcome"] == "unknown"


async def test_without_an_audit_there_is_no_write(tmp_path):
    (tmp_path / "deep").write_text("a file where the folder should be")
    one = gate(tmp_path)
    with pytest.raises(Denied, match="audit"):
        async with write(one):
            pytest.fail("the body ran")
