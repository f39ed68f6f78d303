"""Series: figures of the last minutes as columns of a chart, and what to say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tui.facts import Figures

Pick = Callable[[Figures], float | None]
SPAN = timedelta(minutes=5)


def columns(past: Sequence[Figures], pick: Pick, width: int, now: datetime, span: timedelta = SPAN) -> list[float | None]:
    """Return `width` means over `span` until `now`, the oldest first; None where nothing was measured.

    A column between two measurements that lie at most three columns, or ten seconds, apart takes the value before it.
    """
    step = span.total_seconds() / max(1, width)
    sums, counts = [0.0] * width, [0] * width
    for one in past:
        value, at = pick(one), width - 1 - int((now - one.when).total_seconds() // step)
        if value is not None and 0 <= at < width:
            sums[at] += value
            counts[at] += 1
    found = [total / count if count else None for total, count in zip(sums, counts, strict=True)]
    reach, last, gap = max(3, round(10 / step)), None, 0
    for n, value in enumerate(found):
        gap = 0 if value is not None else gap + 1
        last = value if value is not None else last if gap <= reach else None
        found[n] = last
    return found


def rates(past: Sequence[Figures], pick: Pick) -> list[tuple[datetime, float]]:
    """Return the growth a second of a counter between each two measurements; a counter that fell began anew and is left out."""
    known = [(one.when, value) for one in past if (value := pick(one)) is not None]
    pairs = pairwise(known)
    return [
        (then, (after - before) / (then - when).total_seconds())
        for (when, before), (then, after) in pairs
        if after >= before and then > when
    ]
