"""What a person does to objects, what an engine that fails does to a person, and the ways out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from tests.shop_kubernetes import before, pod
from tests.told_kubernetes import hang
from tests.waiting import until
from tests.world import flying, shows, still, words, world
from tui.demo.docker.faults import Fault
from tui.facts import Change, Denied, EngineError, Fate, Ref, State
from tui.kinds import kinds
from tui.model import Engine, Target
from tui.screens.single import SingleScreen
from widgets.bars import KeyBar
from widgets.dialogs import Question


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


def foot(one) -> set[str]:
    return {hint.label for hint in one.app.screen.query_one(KeyBar).hints}


# ---- dialogs --------------------------------------------------------------------------------------------------------


async def test_the_target_is_frozen_when_the_key_is_pressed(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.select("queue-0")
        await one.press("ctrl+d")
        await one.dialog()
        one.browse.table.select(one.browse.table.shown_keys()[0])
        await one.yes()
        await until(lambda: "queue-0" not in one.names)
        gone = [said.path for said in shop.shop.server.requests if said.method == "DELETE"]
        assert gone == ["/api/v1/namespaces/shop/pods/queue-0"]


async def test_esc_and_cancel_send_nothing(shop):
    async with flying(shop.config(), line="deployments") as one:
        await one.select("checkout")
        for key in ("s", "r", "u", "F", "ctrl+d"):
            await one.press(key)
            dialog = await one.dialog()
            await one.press("escape")
            await until(lambda dialog=dialog: one.app.screen is not dialog)
        assert not [said for said in shop.shop.server.requests if said.method in {"PATCH", "PUT", "DELETE"}]


async def test_keys_of_the_first_moments_are_not_answers(shop, monkeypatch):
    monkeypatch.setattr(Question, "GUARD", 3600.0)
    async with flying(shop.config(), line="pods") as one:
        await one.select("queue-0")
        await one.press("ctrl+d")
        await until(lambda: isinstance(one.app.screen, Question))
        await one.press("right", "enter", "enter", "space")
        assert isinstance(one.app.screen, Question)
        await one.press("escape")
        assert one.app.screen is one.browse
        assert not [said for said in shop.shop.server.requests if said.method == "DELETE"]


async def test_the_gravest_is_typed_out(shop):
    async with flying(shop.config(), line="volumes") as one:
        await one.select("old-uploads")
        await one.press("ctrl+d")
        dialog = await one.dialog()
        await one.press("right", "enter")
        assert one.app.screen is dialog
        dialog.query_one("#typed", Input).value = "old-uploads"
        await one.yes()
        await until(lambda: "old-uploads" not in shop.docker.volumes)


# ---- read-only ------------------------------------------------------------------------------------------------------


async def test_read_only_hides_and_refuses(shop):
    async with flying(shop.config(read_only=True), line="deployments") as one:
        assert "logs" in foot(one)
        assert not foot(one) & {"scale", "restart", "undo rollout", "forward", "delete"}
        await one.select("fraud")
        await one.press("s")
        await one.told("read-only mode: scale is off")
        assert one.app.screen is one.browse


WRITES = [(kind, action) for kind in kinds().values() for action in kind.actions if action.writes]


def call(engine: Engine, verb: str, ref: Ref) -> Coroutine[None, None, None]:
    """Return the engine's own verb, ready to be awaited."""
    match verb:
        case "scale":
            return engine.scale(ref, 2, 1)
        case "rollback":
            return engine.rollback(ref, 1)
        case "delete":
            return engine.remove(ref)
        case "edit":
            return engine.edit(ref, [Change(("spec", "replicas"), 1, 2)])
        case "cordon" | "uncordon":
            return engine.cordon(ref, verb == "cordon")
        case "drain":
            return _first(engine.drain(ref, frozenset(Fate)))
        case _:
            return getattr(engine, verb)(ref)


async def _first(steps: AsyncIterator[object]) -> None:
    await anext(steps)


async def test_every_write_is_refused_in_read_only_mode(shop):
    """By the screen, before anything is asked; and by the engine, for whoever gets past the screen."""
    async with flying(shop.config(read_only=True), line="pods") as one:
        asked = []
        await until(lambda: one.browse.targets(False), what="a row under the cursor")
        for kind, action in WRITES:
            engine = one.app.fleet.engines[kind.family]
            target = Target(one.browse.targets(False)[0].ref, kind, None)
            one.browse.run_verb(action, [target])
            assert one.app.screen is one.browse
            if action.id == "forward" or kind.family == "local":
                continue
            ref = replace(target.ref, engine=engine.id, kind=kind.id, namespace="shop" if kind.namespaced else "")
            with pytest.raises(EngineError) as refused:
                await call(engine, action.id, ref)
            asked.append((kind.id, action.id, type(refused.value)))
        methods = {said.method for said in (*shop.shop.server.requests, *shop.docker.record.asked)}
        assert methods <= {"GET", "POST"}
        posts = {said.path for said in shop.shop.server.requests if said.method == "POST"}
        assert posts == {"/apis/authentication.k8s.io/v1/selfsubjectreviews"}
        assert not shop.docker.record.writes()
        assert Denied in {kind for *_, kind in asked}


# ---- help -----------------------------------------------------------------------------------------------------------


async def test_help_lists_only_what_works_here(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.press("question_mark")
        await shows(one, "Forward")
        text = words(one)
        assert "Undo rollout" not in text
        await one.press("escape")
        await one.go("deployments")
        await one.press("question_mark")
        await shows(one, "Undo rollout")


# ---- engines that fail ----------------------------------------------------------------------------------------------


async def test_a_dead_engine_keeps_its_rows_and_the_others_live(shop):
    async with flying(shop.config(), line="pods") as one:
        await shop.shop.server.close()
        await until(lambda: one.browse.table.dimmed)
        assert one.state is State.RETRYING
        assert len(one.names) == 16
        await one.go("docker/containers")
        assert not one.browse.table.dimmed
        item = {**next(iter(shop.docker.containers.values())), "Id": "f" * 64, "Names": ["/newcomer"]}
        shop.docker.containers[item["Id"]] = item
        shop.docker.emit("container", "start", item["Id"])
        await until(lambda: "newcomer" in one.names)


async def test_switching_contexts_shows_no_row_of_the_old_one(shop):
    async with flying(shop.config(), line="pods") as one:
        old = set(one.names)
        assert one.app.command("ctx lab")
        await until(lambda: one.app.fleet.engines["kubernetes"].context == "lab")
        await until(lambda: one.names == ["lab-a", "lab-b"])
        shop.shop.put("pods", pod("too-late", None, before(seconds=1), []))
        await one.press("0")
        await one.live()
        assert not old & set(one.names)
        assert one.names == ["lab-a", "lab-b"]


async def test_an_old_context_that_answers_late_is_not_heard(shop):
    go_on = asyncio.Event()
    path = "/api/v1/namespaces/shop/pods"
    answer = shop.shop._list("pods", "shop")

    async def late(request, said):
        await go_on.wait()
        return await answer(request, said)

    shop.shop.server.on(path, late)
    async with flying(shop.config(view="pods")) as one:
        await until(lambda: shop.shop.server.asked(path))
        assert one.app.command("ctx lab")
        await until(lambda: one.names == ["lab-a", "lab-b"])
        go_on.set()
        await one.press("ctrl+r")
        await one.live()
        assert one.names == ["lab-a", "lab-b"]


# ---- leaving --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [("ctrl+c",), ("colon", "q", "enter"), ("l", "ctrl+c"), ("ctrl+d", "ctrl+c"), ("question_mark", "ctrl+c")])
async def test_leaving_from_everywhere(shop, keys):
    async with flying(shop.config(), line="pods") as one:
        await one.press(*keys)
        await until(lambda: not one.app.is_running or one.app._exit)


async def test_leaving_while_engines_hang(shop):
    shop.docker.faults.add(Fault(hang=True))
    for path in ("/version", "/api/v1/namespaces/shop/pods"):
        shop.shop.server.on(path, hang())
    async with flying(shop.config(view="pods")) as one:
        await until(lambda: shop.shop.server.asked("/version"))
        await one.press("ctrl+c")
        await until(lambda: one.app._exit)


async def test_a_daemon_that_hangs_holds_nothing_up(shop):
    shop.docker.faults.add(Fault("/volumes", "GET", hang=True))
    async with flying(shop.config(), line="containers") as one:
        assert one.app.command("volumes")
        await shows(one, "reading volumes")
        await one.go("pods")
        assert len(one.names) == 16


# ---- the window -----------------------------------------------------------------------------------------------------


async def test_a_storm_of_sizes(shop):
    async with flying(shop.config(), line="pods") as one:
        for width, height in ((80, 24), (40, 12), (200, 60), (20, 5), (100, 30), (10, 3), (160, 45), (1, 1), (160, 45)):
            await one.pilot.resize_terminal(width, height)
        await one.press("l")
        await until(lambda: isinstance(one.app.screen, SingleScreen))
        for width, height in ((40, 12), (160, 45)):
            await one.pilot.resize_terminal(width, height)
        await one.press("escape")
        assert len(one.names) == 16
        await still(one)
