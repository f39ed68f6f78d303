"""The tour: offered once, taken step by step by doing what it says, and gone when it is not wanted."""

from __future__ import annotations

import pytest

from tests.cockpit import Cockpit
from tests.waiting import until
from tests.world import now, shows, still, words, world
from tui.app import Pilothouse
from tui.memory import load
from tui.tour import OFFER, STEPS, TourBar


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


class Flight:
    """The cockpit as the program itself starts it: the tour is offered."""

    def __init__(self, shop, size=(160, 45), tour=True) -> None:
        self.app = Pilothouse(shop.config(), now=now, glow=False, tour=tour)
        self._run = self.app.run_test(size=size, notifications=True)

    async def __aenter__(self) -> Cockpit:
        one = Cockpit(self.app, await self._run.__aenter__())
        await until(lambda: len(self.app.fleet.engines) + len(self.app.fleet.absent) >= 4, what="the engines")
        await one.live()
        return one

    async def __aexit__(self, *fault) -> None:
        await self._run.__aexit__(*fault)


async def test_it_is_not_offered_unless_asked_for(shop):
    async with Flight(shop, tour=False) as one:
        assert not one.app.screen.query(TourBar)
        assert one.browse.tour is None
        await one.press("ctrl+t")
        assert one.browse.tour is None


async def test_not_now_is_remembered_and_esc_means_back_again(shop):
    async with Flight(shop) as one:
        await shows(one, OFFER)
        await one.press("escape")
        await until(lambda: not one.app.screen.query(TourBar))
        assert one.browse.tour is None
    assert load(shop.config().state_file).toured
    async with Flight(shop) as one:
        await one.pilot.pause()
        assert one.browse.tour is None
        await one.press("colon", *"tour", "enter")
        await shows(one, f"1/{len(STEPS)}")
        await one.press("ctrl+t")
        await until(lambda: not one.app.screen.query(TourBar))


async def test_each_step_waits_until_it_is_done(shop):
    async with Flight(shop) as one:
        await shows(one, OFFER)
        await one.press("T")

        async def at(number: int) -> None:
            await until(lambda: one.browse.tour is not None and one.browse.tour.at == number - 1, what=f"step {number}: {words(one)}")

        async def seen() -> None:
            """Wait until the tour has seen the pods: what is done to them counts from then on."""
            scene = lambda: one.browse.tour.scene  # noqa: E731
            await until(lambda: scene().kind == "kubernetes/pods" and scene().cursor and scene().view, what=f"{scene()}")

        await at(1)
        await one.press("shift+tab")
        await at(2)
        await one.go("pods")
        await seen()
        await one.press("down", "down")
        await at(3)
        await one.press("slash", *"checkout", "enter")
        await at(4)
        await one.press("escape", "enter")
        await at(5)
        await one.live()
        await one.press("escape")
        await until(lambda: one.browse.place.origin is None)
        await one.live()
        await seen()
        await one.press("v")
        await at(6)
        await one.press("l")
        await at(7)
        await shows(one, "Verbs")
        await one.press("escape")
        await until(lambda: one.app.screen is one.browse)
        await one.press("ctrl+d")
        await one.dialog()
        await at(8)
        await one.press("escape")
        await one.go("ctx")
        await at(9)
        await one.press("question_mark")
        await until(lambda: one.browse.tour is None)
        await one.press("escape")
        assert not one.app.screen.query(TourBar)
        assert one.app.comfort.memory.toured


async def _click(one: Cockpit, text: str) -> None:
    lines = words(one).splitlines()
    y = max(n for n, line in enumerate(lines) if text in line)
    await one.pilot.click(offset=(lines[y].rindex(text), y))


@pytest.mark.parametrize("size", [(160, 45), (60, 16)])
async def test_its_ways_can_be_clicked(shop, size):
    async with Flight(shop, size) as one:
        await shows(one, OFFER)
        await _click(one, "a tour of one minute")
        await shows(one, f"1/{len(STEPS)}")
        await _click(one, "⇧t next")
        await shows(one, f"2/{len(STEPS)}")
        await _click(one, "^t end")
        await until(lambda: one.browse.tour is None)
    assert load(shop.config().state_file).toured


async def test_the_offer_can_be_clicked_away(shop):
    async with Flight(shop) as one:
        await shows(one, OFFER)
        await _click(one, "not now")
        await until(lambda: not one.app.screen.query(TourBar))


async def test_its_keys_work_on_other_screens_too(shop):
    async with Flight(shop) as one:
        await shows(one, OFFER)
        await one.go("pods")
        await one.press("y")
        await until(lambda: one.app.screen is not one.browse)
        await one.pilot.pause()
        assert not one.app.screen.query(TourBar), "the offer waits: Esc means something else here"
        await one.press("T")
        await shows(one, f"1/{len(STEPS)}")
        await one.press("T")
        await shows(one, f"2/{len(STEPS)}")
        await one.press("escape", "o")
        await until(lambda: one.app.screen.id == "overview")
        await shows(one, f"2/{len(STEPS)}")
        await one.press("ctrl+t")
        await until(lambda: one.browse.tour is None and not one.app.screen.query(TourBar))


@pytest.mark.parametrize(("wide", "high"), [(160, 45), (80, 24), (60, 16)])
async def test_look(shop, look, wide, high):
    """See the step in one slim line above the foot: its number, what to try, how to go on; the panes are whole behind it."""
    async with Flight(shop, (wide, high)) as one:
        await one.press("T")
        await shows(one, f"1/{len(STEPS)}")
        await one.press("T", "T")
        await still(one)
        look(one.app)
