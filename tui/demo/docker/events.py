"""Events: what happened, told to all who listen; the last 256 are remembered, as an engine remembers them."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager

from tui.demo.clock import SECOND, Clock
from tui.demo.docker.filters import Filters, labelled
from tui.demo.docker.words import Json

REMEMBERED = 256
KEYS = ("type", "event", "container", "image", "volume", "network", "label", "scope", "service", "node", "secret", "config", "daemon")


class Events:
    """One engine's events. `listeners`: how many streams are open."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ring: deque[Json] = deque(maxlen=REMEMBERED)
        self._muted = False
        self._ears: set[asyncio.Queue[Json | bytes | None]] = set()

    @property
    def listeners(self) -> int:
        """Return how many streams are open."""
        return len(self._ears)

    def emit(self, kind: str, action: str, ident: str, attributes: Mapping[str, str], scope: str = "local", at: int = 0) -> None:
        """Say an event to all who listen, and remember it; `at`: nanoseconds, for a past that is made up."""
        if self._muted:
            return
        nano = at or self.clock.nano()
        actor = {"ID": ident, "Attributes": dict(sorted(attributes.items()))}
        event: Json = {"Type": kind, "Action": action, "Actor": actor, "scope": scope, "time": nano // SECOND, "timeNano": nano}
        if kind in {"container", "image"}:  # what the oldest clients read
            event = {"status": action, "id": ident, **event}
            if kind == "container":
                event["from"] = attributes.get("image", "")
        self.ring.append(event)
        for ear in self._ears:
            ear.put_nowait(event)

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Let what happens within go unsaid, and unremembered."""
        before, self._muted = self._muted, True
        try:
            yield
        finally:
            self._muted = before

    def say(self, raw: bytes) -> None:
        """Say bytes to all who listen, whatever they are and whatever was asked for."""
        for ear in self._ears:
            ear.put_nowait(raw)

    def hang_up(self) -> None:
        """End every stream in good order."""
        for ear in self._ears:
            ear.put_nowait(None)

    async def listen(self, wanted: Filters, since: int, until: int) -> AsyncIterator[bytes]:
        """Yield events as lines of JSON: those remembered from `since` on (0 = none), then new ones up to `until` (0 = for ever)."""
        ear: asyncio.Queue[Json | bytes | None] = asyncio.Queue()
        self._ears.add(ear)
        timer = self.clock.after((until - self.clock.nano()) / SECOND, lambda: ear.put_nowait(None)) if until else None
        try:
            for event in list(self.ring) if since or (until and until <= self.clock.nano()) else ():
                if event["timeNano"] >= since and (not until or event["timeNano"] <= until) and fits(event, wanted):
                    yield line(event)
            while True:
                heard = await ear.get()
                if isinstance(heard, bytes):
                    yield heard
                    continue
                if heard is None or (until and heard["timeNano"] > until):
                    return
                if fits(heard, wanted):
                    yield line(heard)
        finally:
            self._ears.discard(ear)
            if timer is not None:
                timer.cancel()


def line(event: Json) -> bytes:
    """Return an event as it is sent."""
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def fits(event: Json, wanted: Filters) -> bool:
    """Tell whether an event passes the filters; the values of one key are alternatives."""
    kind, actor = event["Type"], event["Actor"]
    for key, values in wanted.items():
        match key:
            case "type":
                ok = kind in values
            case "event":
                ok = any(event["Action"] == one or event["Action"].startswith(f"{one}:") for one in values)
            case "scope":
                ok = event["scope"] in values
            case "label":
                ok = labelled(values, actor["Attributes"])
            case "image":
                image = actor["Attributes"].get("image" if kind == "container" else "name", "")
                ok = any(one in {actor["ID"], image, image.partition(":")[0]} for one in values)
            case _:  # the beginning of an id or a name, of whatever type (moby, events.Filter.fuzzyMatchName)
                name = actor["Attributes"].get("name", "")
                ok = any(name.startswith(one) or actor["ID"].startswith(one) for one in values)
        if not ok:
            return False
    return True
