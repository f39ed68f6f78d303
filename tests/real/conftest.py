"""What tests on real engines share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.waiting import until


@pytest.fixture(autouse=True)
async def goodbyes() -> AsyncIterator[None]:
    """Wait after each test until its sockets are closed: TLS says goodbye after a stream was let go, and the loop must still be there."""
    yield
    sockets = asyncio.get_running_loop()._selector.get_map()  # type: ignore[attr-defined]
    await until(lambda: len(sockets) <= 1, what="every socket to be closed (the one left is the loop's own)")
