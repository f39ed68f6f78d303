"""Leaving: a screen that can be left once, and only while it is the one in front."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

R = TypeVar("R")


class Leaving(Screen[R]):
    """Textual's own `dismiss` takes away whatever screen is in front: a second key, or one that comes late, would close another."""

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Leave with an answer; a screen that was left already, or is behind another, stays as it is."""
        if self.app.screen is not self:
            return AwaitComplete.nothing()  # type: ignore[no-untyped-call, no-any-return]
        return super().dismiss(result)
