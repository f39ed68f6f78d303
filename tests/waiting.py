"""Waiting in tests: for a condition, with a generous limit, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from textual._context import active_app
from textual.app import App

LIMIT = 30.0
CALM = 15  # times, a millisecond apart, that nothing may be waiting: what a timer sets off is seen too


async def until(condition: Callable[[], object], limit: float = LIMIT, what: str = "") -> None:
    """Wait until `condition()` is true; fail after `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"gave up waiting {what or 'for a condition'}"
        await asyncio.sleep(0.01)


async def eventually(check: Callable[[], Awaitable[object]], limit: float = LIMIT, what: str = "") -> object:
    """Wait until `await check()` is true and return it; fail after `limit` seconds."""
    end = time.monotonic() + limit
    while not (found := await check()):
        assert time.monotonic() < end, f"gave up waiting {what or 'for a condition'}"
        await asyncio.sleep(0.05)
    return found


async def settled(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until no widget of the running app has a message waiting: what a key has set off has happened.

    Textual's own `wait_for_idle` waits until the process needs next to no processor time, which with engines in the same
    process, or on a busy machine, takes up to a second for each key; tests/conftest.py puts this in its place.
    """
    app = active_app.get(None)
    end, calm = time.monotonic() + max(min_sleep, max_sleep), 0
    while calm < CALM and time.monotonic() < end:
        await asyncio.sleep(0.001)
        calm = calm + 1 if app is not None and _is_quiet(app) else 0


def _is_quiet(app: App[object]) -> bool:
    pumps = [app, *(part for screen in app.screen_stack for part in (screen, *screen.walk_children()))]
    return not any(pump.message_queue_size or pump._next_callbacks for pump in pumps)
