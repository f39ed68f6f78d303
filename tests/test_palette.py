"""The palette: everything by a few letters, and no key waits for it, however much is loaded."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import pytest
from textual.widgets import Input

from tests.waiting import until
from tests.world import flying, shows, still, words, world
from tui.facts import Put, Topic
from tui.fuzzy import matched, score, score_of
from tui.kinds import kind_of
from tui.palette import MOST, Palette
from tui.screens.single import SingleScreen
from tui.store import Shelf


@pytest.mark.parametrize(
    ("better", "worse", "typed"),
    [
        ("pods", "shop/pod-1", "pods"), ("pods", "replica pods", "pods"), ("shop/api-1", "shop/rapid-1", "api"),
        ("checkout", "chained-out", "chout"), ("api", "api-canary-7", "api"), ("stop web", "nonstop", "stop"),
    ],
)  # fmt: skip
def test_what_fits_better_comes_first(better, worse, typed):
    assert score(better, typed) > score(worse, typed) >= 0


def test_all_words_must_fit_in_any_order():
    assert score_of("restart shop-api-1", ["api", "rest"])
    assert not score_of("restart shop-api-1", ["api", "delete"])
    assert score("a" * 100_000, "b") == 0


def test_the_letters_that_were_matched_are_known():
    assert matched("shop-api", ["api"]) == {5, 6, 7}
    assert matched("rapid api", ["api"]) == {6, 7, 8}, "the beginning of a word is meant"
    assert matched("Checkout", ["cko"]) == {3, 4, 5} or matched("Checkout", ["ckt"]) == {0, 4, 7}
    assert not matched("web", ["x"])


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def find(one: Any, text: str, wanted: str) -> Palette:
    """Open the palette, type, and wait until the first of what was found begins so."""
    await one.press("ctrl+p")
    palette = one.app.screen
    assert isinstance(palette, Palette)
    await one.press(*text)
    await until(
        lambda: palette.found and palette.found[0].text.startswith(wanted), what=f"{wanted} ({[c.text for c in palette.found[:5]]})"
    )
    await one.pilot.pause()
    return palette


async def test_a_pane_a_view_an_object_and_a_verb(shop):
    async with flying(shop.config(), line="pods") as one:
        await one.select("queue-0")
        await find(one, "deploym", "Deployments")
        await one.press("enter")
        await until(lambda: one.browse.place.kind.id == "kubernetes/deployments")
        await find(one, "flags", "shop/feature-flags")
        await one.press("enter")
        await until(lambda: one.browse.place.kind.id == "kubernetes/configmaps")
        await one.live()
        await until(lambda: one.browse.table.row(one.browse.table.cursor_key).name == "feature-flags")
        await find(one, "yaml", "YAML of feature-flags")
        await one.press("enter")
        await until(lambda: isinstance(one.app.screen, SingleScreen))
        await one.press("escape")
        await find(one, "delete fea", "Delete feature-flags")
        await one.press("enter")
        dialog = await one.dialog()
        assert "feature-flags" in str(dialog._title), "a verb asks first here, too"
        await one.press("escape")
        await find(one, "wide", "Wide")
        await one.press("enter")
        await until(lambda: one.browse.table.wide)


async def test_esc_leaves_and_what_cannot_be_done_is_not_there(shop):
    async with flying(shop.config(read_only=True), line="containers") as one:
        palette = await find(one, "", "")
        assert not [choice for choice in palette.fixed if choice.group == "do" and choice.text.startswith(("Delete", "Stop", "Restart"))]
        assert [choice for choice in palette.fixed if choice.text.startswith("Copy name")]
        await one.press(*"zzzqqq")
        await shows(one, "nothing fits")
        await one.press("enter")
        assert one.app.screen is palette, "there is nothing to do"
        await one.press("escape")
        assert one.app.screen is one.browse


async def test_another_context_is_used(shop):
    async with flying(shop.config(), line="pods") as one:
        await find(one, "lab", "lab")
        await one.press("enter")
        await until(lambda: one.app.fleet.engines["kubernetes"].context == "lab")
        await until(lambda: "lab-a" in one.names or one.browse.place.namespace == "default")


async def test_fifty_thousand_objects_do_not_hold_up_a_key(shop):
    """The loop is never held by a slice; what is found of them all is capped, and the best of it is first."""
    async with flying(shop.config(), line="pods") as one:
        type_ = kind_of("kubernetes/pods").type
        topic = Topic(one.browse.engine.id, "kubernetes/pods", "")
        shelf = one.app.store.shelves.setdefault(topic, Shelf(topic))
        for number in range(50_000):
            body = {"metadata": {"name": f"worker-{number:05}-xyz", "namespace": f"team-{number % 50}", "uid": f"w{number}"}}
            shelf.objects[f"w{number}"] = msgspec.convert(body, type_)
        assert isinstance(Put([]), Put)
        await one.press("ctrl+p")
        palette, slices, running = one.app.screen, [], True

        async def beat() -> None:
            while running:
                began = time.monotonic()
                await asyncio.sleep(0)
                slices.append(time.monotonic() - began)

        task = asyncio.create_task(beat())
        palette.query_one(Input).value = "worker 43210"
        await until(lambda: palette.found and palette.found[0].text == "team-10/worker-43210-xyz", what=f"{palette.found[:2]}")
        palette.query_one(Input).value = "w"
        await until(lambda: len(palette.found) == MOST)
        running = False
        await task
        assert slices, "the loop went on"
        await one.press("escape")


@pytest.mark.parametrize(("wide", "high"), [(160, 45), (80, 24), (60, 16)])
async def test_look(shop, look, wide, high):
    """See one line to type at, below it what fits best: what it is, its text with the matched letters marked, a note, its key."""
    async with flying(shop.config(), (wide, high), line="pods") as one:
        await one.select("checkout-66b7d4c9f-w8zsj")
        await still(one)
        palette = await find(one, "logs", "Logs")
        await one.press("backspace", "backspace", "backspace", "backspace", *"che")
        await until(lambda: any("checkout" in choice.text for choice in palette.found[:3]))
        await until(lambda: palette._matching.done())
        palette.query_one(Input).cursor_blink = False
        await one.pilot.pause()
        assert "find" in words(one).lower()
        look(one.app)
