"""Waiting in tests: for a condition, with a generous limit, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

LIMIT = 30.0


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
