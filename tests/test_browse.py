"""What a person does in the browse screen, key by key, and what comes of it."""

from __future__ import annotations

import pytest
from textual import events

from tests.shop_kubernetes import before, pod
from tests.waiting import until
from tests.world import flying, shows, still, words, world
from widgets.bars import TabBar
from widgets.prompt import Prompt


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


def here(one) -> str:
    return one.browse.place.kind.id


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


async def test_keys_behind_enter_go_where_the_line_leads(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.select("checkout-66b7d4c9f-w8zsj")
        for key, letter in (("colon", ":"), *((letter, letter) for letter in "deploy"), ("enter", "\r"), ("colon", ":"), ("x", "x")):
            one.app.post_message(events.Key(key, letter))  # all at once, as pasted or typed while the loop was busy
        await until(lambda: here(one) == "kubernetes/deployments" and one.browse.prompt.line.value == "x", what="a second line")
        await one.press("escape")
        for key in ("colon", "z", "z", "enter", "y"):
            one.app.post_message(events.Key(key, {"colon": ":", "enter": "\r"}.get(key, key)))
        await until(lambda: one.browse.prompt.line.value == "zzy", what="what was typed behind a line that is no good")


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
