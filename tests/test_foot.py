"""The foot of the screen tells the truth: it offers what the rows at hand are ready for, and nothing else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.waiting import until
from tests.world import flying, still, world
from tui.actions import scale, start, stop
from tui.kinds import kind_of
from tui.kinds.docker.containers import Container
from tui.kinds.swarm.services import Mode, Replicated, Service, Spec
from tui.screens import keys
from widgets.bars import KeyBar

CONTAINERS = kind_of("docker/containers")


def container(state: str) -> Container:
    return Container(id="1" * 64, names=("/web",), state=state)


def labels(*states: str) -> set[str]:
    return {hint.label for hint in keys.hints(CONTAINERS, False, "logs", [container(state) for state in states])}


@pytest.mark.parametrize(
    ("state", "starts", "stops"),
    [
        ("running", False, True), ("paused", False, True), ("restarting", False, True), ("created", True, False),
        ("exited", True, False), ("dead", True, False), ("removing", True, True), ("", True, True),
    ],
)  # fmt: skip
def test_a_container_is_started_or_stopped_as_its_state_lets_it(state, starts, stops):
    """A state that no one thought of forbids nothing: the engine decides."""
    assert (not start.ready(container(state)), not stop.ready(container(state))) == (starts, stops)
    assert ("start" in labels(state), "stop" in labels(state)) == (starts, stops)


def test_of_several_rows_one_that_is_ready_is_enough():
    assert {"start", "stop"} <= labels("running", "exited")
    assert {"start", "stop"} <= labels()
    assert "start" not in labels("running", "running")


def test_a_global_service_has_no_count_to_set():
    replicated = Service(id="1", spec=Spec(name="web", mode=Mode(replicated=Replicated(2))))
    everywhere = Service(id="2", spec=Spec(name="agent", mode=Mode(global_={})))
    assert not scale.ready(replicated)
    assert scale.ready(everywhere) == "agent has no replica count to set"


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def test_the_foot_follows_the_cursor_and_the_marks(shop):
    async with flying(shop.config(), line="containers") as one:
        bar = one.app.screen.query_one(KeyBar)

        def foot() -> set[str]:
            return {hint.label for hint in bar.hints} & {"start", "stop"}

        rows = one.browse.shelf.objects.values()
        runs = next(row.name for row in rows if row.state == "running")
        ended = next(row.name for row in rows if row.state == "exited")
        await one.select(runs)
        await until(lambda: foot() == {"stop"}, what=f"stop ({foot()})")
        await one.press("X")
        await one.told(f"{runs} is running already")
        await one.press("space")
        await one.select(ended)
        await until(lambda: foot() == {"stop"}, what="the mark counts, and not the cursor")
        await one.press("space")
        await until(lambda: foot() == {"start", "stop"}, what=f"both ({foot()})")
        await one.press("x")
        dialog = await one.dialog()
        assert runs in str(dialog._title), "only those that run are asked about"
        assert ended not in str(dialog._title)
        await one.press("escape")


async def test_the_foot_is_painted_when_it_says_something_else(shop):
    async with flying(shop.config(), line="containers") as one:
        await still(one)
        bar, painted = one.app.screen.query_one(KeyBar), []
        bar.watch(bar, "hints", lambda: painted.append(1), init=False)
        shelf = one.browse.shelf
        row = one.browse.target_at(one.browse.table.cursor_key).object
        for turn in range(3):
            fresh = replace(row, status=f"Up {turn + 3} hours")
            shelf.objects[row.uid] = fresh
            one.browse._show_details()
            await one.pilot.pause()
        assert not painted
