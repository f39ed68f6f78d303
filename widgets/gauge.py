"""Gauges: a share as a thin line, and a series as block columns."""

from __future__ import annotations

from collections.abc import Sequence

STRAINED_FROM, BROKEN_FROM = 70.0, 90.0
"""The shares, in percent, from which a gauge turns amber and red."""

_BLOCKS = " ▁▂▃▄▅▆▇█"


def gauge_tone(share: float) -> str:
    """Return the tone of a share in percent: well below 70, strained below 90, broken from there."""
    return "well" if share < STRAINED_FROM else "strained" if share < BROKEN_FROM else "broken"


def gauge(share: float | None, width: int, tone: str = "") -> list[tuple[str, str]]:
    """Return a line of `width` cells as (text, tone) pieces: so much of it thick as `share` percent (0..100, or more).

    The rest, and all of it when there is no share, is a thin line in the tone "line". A share above nothing shows at
    least half a cell, so that little is not mistaken for none. `tone`: of the thick part; by default it tells how full it is.
    """
    if width <= 0:
        return []
    if share is None or not share > 0:
        return [("─" * width, "line")]
    halves = min(2 * width, max(1, round(min(share, 100.0) / 100 * 2 * width)))
    thick = "━" * (halves // 2) + "╸" * (halves % 2)
    thin = "─" * (width - len(thick))
    tone = tone or gauge_tone(share)
    return [(thick, tone), (thin, "line")] if thin else [(thick, tone)]


def spark(values: Sequence[float | None], width: int, height: int = 1, top: float | None = None) -> list[str]:
    """Return `height` lines of `width` cells, the upmost first: the last `width` values as columns of blocks.

    `top`: the value of a full column; by default the largest one shown. A missing value is an empty column, and so is
    the room left of a short series. A value above nothing shows at least an eighth of a cell.
    """
    if width <= 0 or height <= 0:
        return []
    shown = [value if value is not None and value > 0 else 0.0 for value in values[-width:]]
    full = top if top is not None and top > 0 else max(shown, default=0.0)
    eighths = [min(8 * height, max(1, round(value / full * 8 * height))) if value > 0 and full > 0 else 0 for value in shown]
    eighths = [0] * (width - len(eighths)) + eighths
    return ["".join(_BLOCKS[max(0, min(8, column - 8 * row))] for column in eighths) for row in reversed(range(height))]
