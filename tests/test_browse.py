"""What a person does in the browse screen, key by key, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace

import pytest
from textual.widgets import Input

from tests.shop_kubernetes import before, pod
from tests.waiting import until
from tests.world import flying, shows, still, words, world
from tui.demo.docker_server import Fault, container
from tui.demo.kubernetes_server import hang
from tui.facts import Denied, EngineError, Ref, State
from tui.kinds import kinds
from tui.model import Engine, Target
from tui.screens.single import SingleScreen
from widgets.bars import KeyBar, TabBar
from widgets.dialogs import Question
from widgets.prompt import Prompt


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


def here(one) -> str:
    return one.browse.place.kind.id


def foot(one) -> set[str]:
    return {hint.label for hint in one.app.screen.query_one(KeyBar).hints}


async def type_line(one, sigil: str, text: str) -> None:
    await one.press({":": "colon", "/": "slash"}[sigil], *text)


# ---- the command line -----------------------------------------------------------------------------------------------


async def test_the_command_line(shop):
    async with flying(shop.config(), line="pods") as one:
        prompt = one.browse.query_one(Prompt)
        await type_line(one, ":", "depl")
        await until(lambda: prompt.line._suggestion == "deployments", what="a ghost")
        await one.press("tab", "enter")
        assert here(one) == "kubernetes/deployments"
        await type_line(one, ":", "po kube-system")
        await one.press("enter")
        assert (here(one), one.browse.place.namespace) == ("kubernetes/pods", "kube-system")
        await type_line(one, ":", "")
        await one.press("up")
        assert prompt.line.value == "po kube-system"
        await one.press("up", "down", "escape")
        assert not prompt.has_class("-open")
        await type_line(one, ":", "nonsense")
        await one.press("enter")
        assert "no kind or command is called nonsense" in words(one)
        assert here(one) == "kubernetes/pods"
        await one.press("escape")
        await type_line(one, ":", "po shop app=checkout /checkout")
        await one.press("enter")
        await until(lambda: len(one.names) == 3)


async def test_a_bare_word_goes_to_the_engine_at_hand(shop):
    async with flying(shop.config(), line="swarm/nodes") as one:
        await one.go("services")
        assert here(one) == "swarm/services"
        await one.go("pods")
        assert one.app.command("services")
        assert here(one) == "kubernetes/services"
        assert one.app.command("swarm/services")
        assert here(one) == "swarm/services"


# ---- the filter -----------------------------------------------------------------------------------------------------


async def test_the_filter(shop):
    async with flying(shop.config(), line="pods") as one:
        every = one.names
        for text, left in (
            ("queue", 2), ("run ledger", 2), ("run !ledger", 8), ("-l app=checkout", 3), ("-f ckt66", 1), ("node-b", 5),
        ):  # fmt: skip
            await type_line(one, "/", text)
            assert len(one.names) == left, (text, one.names)
            await one.press("escape")
            assert one.names == every
        await type_line(one, "/", "que(")
        await shows(one, "que(")
        assert one.names
        await one.press("escape")
        await type_line(one, "/", "queue")
        await one.press("enter")
        assert len(one.names) == 2
        await one.press("escape")
        assert one.names == every


async def test_faults_only(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.press("ctrl+z")
        assert len(one.names) == 4
        await one.press("ctrl+z")
        assert len(one.names) == 16


# ---- places ---------------------------------------------------------------------------------------------------------


async def test_namespaces(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.press("0")
        await one.live()
        assert len(one.names) == 19
        await one.select("web-5c7d8f6b9-qq7rt")
        await one.press("w")
        await one.live()
        assert one.names == ["web-5c7d8f6b9-qq7rt"]
        await one.press("1")
        await one.live()
        assert len(one.names) == 16
        await one.press("2")
        await one.live()
        assert one.browse.place.namespace == "staging"
        await one.press("9")
        await one.told("no namespace is on 9")


async def test_the_trail(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.go("deployments")
        await one.go("configmaps")
        for key, kind in (
            ("left_square_bracket", "deployments"), ("left_square_bracket", "pods"), ("right_square_bracket", "deployments"),
            ("right_square_bracket", "configmaps"), ("minus", "deployments"), ("minus", "configmaps"), ("escape", "deployments"),
        ):  # fmt: skip
            await one.press(key)
            assert here(one) == f"kubernetes/{kind}", key


async def test_tabs_by_key_and_by_click(shop):
    async with flying(shop.config(), line="containers") as one:
        await one.press("tab")
        assert here(one) == "docker/images"
        await one.press("shift+tab", "shift+tab")
        assert here(one) == "kubernetes/configmaps"
        await still(one)
        bar = one.browse.query_one(TabBar)
        at = next(start for start, _, tab in bar._spans if tab == "swarm/services")
        await one.pilot.click(TabBar, offset=(at, 0))
        await one.pilot.pause()
        assert here(one) == "swarm/services"


DRILLS = (
    ("deployments", "checkout", "kubernetes/pods", 3),
    ("replicasets", "fraud-5f6d98bb47", "kubernetes/pods", 2),
    ("pods", "gateway-1", "kubernetes/containers", 3),
    ("images", "shop/api:2.14.0", "docker/containers", 2),
    ("volumes", "shop_db-data", "docker/containers", 1),
    ("networks", "shop_default", "docker/containers", 5),
    ("swarm/nodes", "harbor-1", "swarm/tasks", 4),
    ("swarm/services", "shop_web", "swarm/tasks", 4),
)


async def test_drilling_and_the_way_back(shop):
    async with flying(shop.config(), line="pods") as one:
        for line, name, inner, rows in DRILLS:
            await one.go(line)
            outer = here(one)
            await one.select(name)
            await one.press("enter")
            await one.live()
            assert (here(one), len(one.names)) == (inner, rows), line
            await one.press("escape")
            await one.live()
            assert here(one) == outer
            assert name in one.names
        await one.go("namespaces")
        await one.select("staging")
        await one.press("enter")
        await one.live()
        assert one.names == ["web-5c7d8f6b9-qq7rt"]


async def test_the_owner(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.select("fraud-5f6d98bb47-jx2vd")
        await one.press("J")
        await one.live()
        await until(lambda: one.browse.table.cursor_row.name == "fraud-5f6d98bb47")
        await one.press("J")
        await one.live()
        await until(lambda: here(one) == "kubernetes/deployments" and one.browse.table.cursor_row.name == "fraud")
        await one.press("J")
        await one.told("nothing that has a pane owns this")


# ---- the cursor -----------------------------------------------------------------------------------------------------


async def test_the_cursor_stays_on_its_object(shop):
    async with flying(shop.config(), line="pods") as one:
        table = one.browse.table
        await one.select("ledger-db-0")
        await one.press("space")
        shop.shop.put("pods", pod("aaa-first", None, before(seconds=1), []))
        await until(lambda: "aaa-first" in one.names)
        assert table.cursor_row.name == "ledger-db-0"
        await one.press("S", "A", "A")
        assert table.cursor_row.name == "ledger-db-0"
        await one.press("ctrl+r")
        await one.live()
        shop.shop.gone("pods", shop.shop.find("pods", "aaa-first"))
        await until(lambda: "aaa-first" not in one.names)


async def test_marks_survive(shop):
    async with flying(shop.config(), line="pods") as one:
        for name in ("queue-0", "gateway-0"):
            await one.select(name)
            await one.press("space")
        await type_line(one, "/", "queue")
        await one.press("enter", "escape", "N", "N")
        assert sorted(row.name for row in one.browse.table.marked_rows()) == ["gateway-0", "queue-0"]
        await one.press("escape")
        assert not one.browse.table.marks


async def test_sort_keys_and_header(shop):
    async with flying(shop.config(), line="pods") as one:
        assert one.names == sorted(one.names)
        await one.press("N")
        assert one.names == sorted(one.names, reverse=True)
        await one.press("A")
        assert one.names[0] == "gateway-1"
        await one.press("A")
        assert one.names[-1] == "gateway-1"
        await one.press("O")
        assert one.browse.table.sorted_by[0] == "IP"
        await one.pilot.click("LiveTable", offset=(6, 0))
        await one.pilot.pause()
        assert one.browse.table.sorted_by[0] == "Name"


async def test_a_double_click_opens(shop):
    async with flying(shop.config(), line="deployments") as one:
        await one.pilot.click("LiveTable", offset=(6, 2), times=2)
        await until(lambda: here(one) == "kubernetes/pods")


# ---- details --------------------------------------------------------------------------------------------------------


async def test_details_follow_the_cursor_and_change_views(shop):
    async with flying(shop.config(), line="pods") as one:
        details = one.browse.details
        for name in ("queue-0", "mailer-6c5f7d8b9-5h2kq"):
            await one.select(name)
            await until(lambda name=name: details.target is not None and details.target.ref.name == name)
        await one.press("v")
        assert details.view.id == "yaml"
        await shows(one, "ImagePullBackOff")
        await one.press("V")
        assert details.view.id == "facts"
        await one.press("m")
        assert not one.browse.table.region.width
        await one.press("escape")
        assert one.browse.table.region.width
        await one.press("ctrl+e")
        assert not details.region.width
        await one.press("ctrl+e")
        assert details.region.width
        await one.press("ctrl+w")
        assert one.browse.table.wide


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
        case _:
            return getattr(engine, verb)(ref)


async def test_every_write_is_refused_in_read_only_mode(shop):
    """By the screen, before anything is asked; and by the engine, for whoever gets past the screen."""
    async with flying(shop.config(read_only=True), line="pods") as one:
        asked = []
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
        sent = [*shop.shop.server.requests, *(said for said in shop.docker.asked)]
        methods = {said.method if hasattr(said, "method") else said[0] for said in sent}
        assert methods <= {"GET", "POST"}
        posts = {said.path for said in shop.shop.server.requests if said.method == "POST"}
        assert posts == {"/apis/authentication.k8s.io/v1/selfsubjectreviews"}
        assert not [said for said in shop.docker.asked if said[0] != "GET"]
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
        await shop.shop.server.pause()
        await until(lambda: one.browse.table.dimmed)
        assert one.state is State.RETRYING
        assert len(one.names) == 16
        await one.go("docker/containers")
        assert not one.browse.table.dimmed
        item = container("f00", "newcomer")
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
    shop.docker.paused = True
    for path in ("/version", "/api/v1/namespaces/shop/pods"):
        shop.shop.server.on(path, hang())
    async with flying(shop.config(view="pods")) as one:
        await until(lambda: shop.shop.server.asked("/version"))
        await one.press("ctrl+c")
        await until(lambda: one.app._exit)


async def test_a_daemon_that_hangs_holds_nothing_up(shop):
    shop.docker.faults["GET", "/volumes"] = Fault(hang=True)
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
