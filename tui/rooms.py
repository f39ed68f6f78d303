"""Rooms: the screens that a word or a key opens and that are no kind's, read in when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.bridge import Bridge


def enter(cockpit: Bridge, room: str) -> None:
    """Open the overview or the palette, unless it is open already; begin the tour, or offer it."""
    if any(screen.id == room for screen in cockpit.screen_stack):
        return
    match room:
        case "overview":
            from tui.screens.overview import OverviewScreen

            cockpit.push_screen(OverviewScreen(cockpit))
        case "palette":
            from tui.palette import Palette

            cockpit.push_screen(Palette(cockpit))
        case "tour" | "offer":
            from tui.tour import begin

            begin(cockpit, offer=room == "offer")
