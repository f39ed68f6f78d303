"""Past: what objects used in the last five minutes, as far as somebody looked; bounded, and told to those who wait for more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from tui.facts import Figures

KEPT = timedelta(minutes=5)
MOST = 300  # figures of one object
OBJECTS = 2000  # objects remembered; the one that was measured longest ago goes first


class Past:
    """Figures by uid, oldest first."""

    def __init__(self) -> None:
        self._known: dict[str, deque[Figures]] = {}  # the last measured stands last
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def of(self, uid: str) -> Sequence[Figures]:
        """Return what is known of an object."""
        return tuple(self._known.get(uid, ()))

    def add(self, uid: str, figures: Figures) -> None:
        """Add figures that are newer than those known; what is too old is forgotten."""
        known = self._known.pop(uid, None) or deque(maxlen=MOST)
        if known and figures.when <= known[-1].when:
            self._known[uid] = known
            return
        known.append(figures)
        while known[0].when < figures.when - KEPT:
            known.popleft()
        self._known[uid] = known
        if len(self._known) > OBJECTS:
            del self._known[next(iter(self._known))]
        for event in self._waiting.get(uid, ()):
            event.set()

    async def follow(self, uid: str) -> AsyncIterator[Sequence[Figures]]:
        """Yield what is known of an object now, and again whenever there is more."""
        event = asyncio.Event()
        self._waiting.setdefault(uid, set()).add(event)
        try:
            while True:
                event.clear()
                yield self.of(uid)
                await event.wait()
        finally:
            waiting = self._waiting[uid]
            waiting.discard(event)
            if not waiting:
                del self._waiting[uid]
