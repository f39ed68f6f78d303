"""Steady: a screen that stands what comes late: a second key that leaves it, a click on what is being taken away."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.errors import NoWidget
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.widget import Widget

R = TypeVar("R")


class Steady(Screen[R]):
    """Guards against some of Textual's ways to end the program.

    Its `dismiss` takes away whatever screen is in front, so that a second key closes another one, or fails on the last; and it takes
    away a screen that is not yet mounted, whose parts then never come. Between a widget's removal and the next layout, the mouse still
    finds the widget, which has no parent by then.
    """

    @property
    def stands(self) -> bool:
        """Tell whether there is something to draw on: news, timers and callbacks may come while the screen is put up or taken down."""
        return self.is_running and self.is_attached and bool(self.children)

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Leave with an answer; a screen that was left already, or is behind another, stays as it is."""
        if self.app.screen is not self:
            return AwaitComplete.nothing()  # type: ignore[no-untyped-call, no-any-return]
        if not self.is_mounted:  # Textual looks a key up when it has bubbled up: one from before this screen came may hit it
            self.call_later(self._leave_now, result)
            return AwaitComplete.nothing()  # type: ignore[no-untyped-call, no-any-return]
        return super().dismiss(result)

    def _leave_now(self, result: R | None) -> None:
        self.dismiss(result)  # not to be awaited by the screen itself

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """Return the widget at a cell of the screen and its region; raises NoWidget where there is none."""
        widget, region = super().get_widget_at(x, y)
        if not widget.is_attached:
            raise NoWidget(f"what stood at {x}, {y} is being taken away")
        return widget, region

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return the widget at a cell, and which place of its text is there, if it has any."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (widget, offset) if widget is not None and widget.is_attached else (None, None)
