"""Tinted: what is drawn line by line outlives its place on the screen by one painting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.geometry import Region

from tests.lineapp import COLUMNS, LineApp, TableApp, Thing
from widgets._tinted import Tinted
from widgets.ledger import Ledger
from widgets.logpane import LogPane
from widgets.sheet import Sheet
from widgets.table import LiveTable
from widgets.textpane import TextPane
from widgets.words import words


def _table() -> LiveTable:
    found = LiveTable()
    found.set_columns(COLUMNS, lambda o: o.tone)
    found.put({"a": Thing("web")})
    return found


def _sheet() -> Sheet:
    found = Sheet()
    found.say([words(("web", "text"))])
    return found


@pytest.mark.parametrize("make", [_table, _sheet, LogPane, TextPane, Ledger])
@pytest.mark.parametrize("shown", [True, False], ids=["shown before", "never shown"])
async def test_a_widget_taken_away_can_be_painted_once_more(make: Callable[[], Any], shown: bool) -> None:
    """Textual takes a widget's styles away some time before the layout that forgets it: a timer's painting may fall between."""
    found: Tinted = make()
    async with (TableApp if isinstance(found, LiveTable) else LineApp)(found).run_test(size=(40, 6)) as pilot:
        if shown:
            await pilot.pause()
        await found.remove()
        assert not found.is_attached
        if not shown:
            found._tints = None
        assert len(found.render_lines(Region(0, 0, 40, 6))) == 6
