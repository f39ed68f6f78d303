"""What a LiveTable shows: columns, and rows kept sorted and filtered; no Textual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


def _no_tone(_: Any) -> str:
    return "plain"


@dataclass(frozen=True)
class TableColumn:
    """One column.

    `text`: what a cell says at a moment. `key`: its sort key; a tuple that begins with 1 is a missing value, which stays
    last in either direction. `right`: whether cells stand to the right. `tone`: one of well, moving, strained, broken,
    over, plain. `keep`: 0 goes first when the screen is narrow, 9 never goes. `wide`: only in wide mode. `glow`: a
    changed cell glows. `gauge`: a share 0..100 drawn as a thin line beside the text. `width`: at most so many cells;
    0 = as wide as its cells, up to 60. `ages`: the text depends on the time.
    """

    title: str
    text: Callable[[Any, datetime], str]
    key: Callable[[Any], Any]
    right: Callable[[Any], bool] | bool = False
    tone: Callable[[Any], str] | None = None
    keep: int = 5
    wide: bool = False
    glow: bool = True
    gauge: Callable[[Any], float | None] | None = None
    width: int = 0
    ages: bool = False
