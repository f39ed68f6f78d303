"""Fuzzy: how well typed letters fit a text, and which of its letters they are; plain functions, quick enough for many names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

BEGINS = frozenset(" /-_.:")  # what stands before the beginning of a word

Score = Callable[[str], float]


def score(text: str, needle: str) -> float:
    """Return how well one typed word fits a text, both in lower case; 0 = not at all.

    All letters together are better than scattered ones, at the beginning better than at that of a word, and there better
    than within one; of what fits as well the shorter text is better.
    """
    at = text.find(needle)
    if at < 0:
        return _scattered(text, needle)
    return _together(text, needle, at)


def _together(text: str, needle: str, at: int) -> float:
    best = 60.0 - min(at, 20)
    if at == 0:
        best = 100.0
    elif any(text[n - 1] in BEGINS for n in places(text, needle, at)):
        best = 80.0
    return best + (20.0 if len(text) == len(needle) else 0.0) - min(len(text), 100) / 20


def places(text: str, needle: str, at: int) -> Sequence[int]:
    """Return every place behind the first letter where the needle stands whole, from `at` on."""
    found = []
    while at >= 0:
        if at:
            found.append(at)
        at = text.find(needle, at + 1)
    return found


def _scattered(text: str, needle: str) -> float:
    if len(needle) < 2 or (found := _pattern(needle).search(text)) is None:
        return 0.0
    gaps = found.end() - found.start() - len(needle)
    begin = found.start() == 0 or text[found.start() - 1] in BEGINS
    return max(1.0, 40.0 - 2 * gaps + (8.0 if begin else 0.0) - min(len(text), 100) / 20)


@lru_cache(64)
def _pattern(needle: str) -> re.Pattern[str]:
    return re.compile("[^\n]*?".join(re.escape(letter) for letter in needle))


def score_of(text: str, needles: Sequence[str]) -> float:
    """Return how well all typed words fit a text in lower case, in any order; 0 when one does not."""
    total = 0.0
    for needle in needles:
        one = score(text, needle)
        if one <= 0:
            return 0.0
        total += one
    return total / len(needles) if needles else 1.0


def matched(text: str, needles: Sequence[str]) -> frozenset[int]:
    """Return the places of the letters that were matched, for marking them."""
    low, found = text.lower(), set[int]()
    for needle in needles:
        at = low.find(needle)
        if at >= 0:
            begins = [one for one in places(low, needle, at) if low[one - 1] in BEGINS]
            start = at if at == 0 or not begins else begins[0]
            found.update(range(start, start + len(needle)))
            continue
        hit = _pattern(needle).search(low)
        at = hit.start() if hit is not None else 0
        for letter in needle if hit is not None else "":
            at = low.index(letter, at)
            found.add(at)
            at += 1
    return frozenset(found)
