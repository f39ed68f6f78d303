"""Steady: keys and clicks that come late, as they do when a person is faster than the screen."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.errors import NoWidget
from textual.widgets import Static

from tests.waiting import until
from widgets.steady import Steady


class Sheet(Steady[str]):
    """A screen with one line."""

    def compose(self) -> ComposeResult:
        yield Static("here")

    def on_mount(self) -> None:
        self.query_one(Static).update("there")


class Stack(App[None]):
    """Counts the answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str | None] = []

    def get_default_screen(self) -> Sheet:
        return Sheet()


async def test_a_screen_is_left_once() -> None:
    app = Stack()
    async with app.run_test() as pilot:
        first, second = Sheet(), Sheet()
        await app.push_screen(first, app.answers.append)
        await app.push_screen(second, app.answers.append)
        second.dismiss("yes")
        second.dismiss("again")
        await pilot.pause()
        assert app.screen is first
        assert app.answers == ["yes"]


async def test_a_screen_behind_another_takes_nothing_away() -> None:
    app = Stack()
    async with app.run_test() as pilot:
        first, second = Sheet(), Sheet()
        await app.push_screen(first, app.answers.append)
        await app.push_screen(second, app.answers.append)
        first.dismiss("no")
        await pilot.pause()
        assert app.screen is second
        assert app.answers == []


async def test_a_screen_that_is_left_before_it_came_comes_and_goes() -> None:
    app = Stack()
    async with app.run_test() as pilot:
        base, late = app.screen, Sheet()
        app.push_screen(late, app.answers.append)
        late.dismiss("quick")
        late.dismiss("quicker")
        assert not late.is_mounted
        await until(lambda: app.screen is base)
        await pilot.pause()
        assert app.answers == ["quick"]


async def test_a_click_on_what_was_just_taken_away_is_a_click_on_nothing() -> None:
    app = Stack()
    async with app.run_test() as pilot:
        await pilot.pause()
        screen, line = app.screen, app.screen.query_one(Static)
        assert screen.get_widget_at(1, 0)[0] is line
        await line.remove()
        with pytest.raises(NoWidget):
            screen.get_widget_at(1, 0)
        assert screen.get_widget_and_offset_at(1, 0) == (None, None)
        for kind in (events.MouseDown, events.MouseUp):
            screen._forward_event(kind(None, 1, 0, 0, 0, 1, False, False, False))
        await pilot.pause()
        assert app.screen is screen
