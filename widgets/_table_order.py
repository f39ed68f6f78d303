"""How the rows of a LiveTable are put in order while the screen goes on: sorting and turning round in steps of a few ms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from widgets._table_model import Place, Row

_RUN = 1000  # rows sorted in one go
_GROUPS = 64  # groups of equal rows between two looks at the clock


def sorted_slowly(rows: list[Row], place: Place) -> Generator[None, None, list[Row]]:
    """Return the rows in the order of their places, in steps of a few ms: sorted runs, merged two by two, piece by piece."""
    runs = [rows[at : at + _RUN] for at in range(0, len(rows), _RUN)]
    for run in runs:
        run.sort(key=place)
        yield
    while len(runs) > 1:
        merged: list[list[Row]] = []
        for at in range(0, len(runs) - 1, 2):
            both = yield from _merged_slowly(runs[at], runs[at + 1], place)
            merged.append(both)
        runs = merged + runs[len(merged) * 2 :]
    return runs[0] if runs else []


def _merged_slowly(one: list[Row], other: list[Row], place: Place) -> Generator[None, None, list[Row]]:
    """Return two sorted runs as one; a step takes so many of the first and what belongs before the last of them of the second."""
    found: list[Row] = []
    done = 0
    for at in range(0, len(one), _RUN):
        part = one[at : at + _RUN]
        end = bisect_right(other, place(part[-1]), done, key=place)
        part += other[done:end]
        part.sort(key=place)
        found += part
        done = end
        yield
    found += other[done:]
    return found


def descending_slowly(rows: list[Row], place: Place) -> Generator[None, None, list[Row]]:
    """Return rows that stand upwards in the other direction, in steps: equal ones stay in the order of their ties, missing ones last."""
    end = len(rows)
    while end and place(rows[end - 1])[2]:
        end -= 1
        if end % _RUN == 0:
            yield
    turned: list[Row] = []
    for count, (_, group) in enumerate(groupby(reversed(rows[:end]), lambda row: place(row)[0])):
        turned += reversed(list(group))
        if count % _GROUPS == 0:
            yield
    return turned + rows[end:]
