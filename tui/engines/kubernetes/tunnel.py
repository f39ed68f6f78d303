"""One forwarded connection: bytes between a local socket and a pod's port over a WebSocket (`v4.channel.k8s.io`)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.engines.kubernetes.answers import plain
from tui.facts import EngineError, Unreachable

if TYPE_CHECKING:
    import aiohttp

DATA, ERROR = 0, 1  # the two channels of a forwarded port; the first message of each is the port, two bytes, little endian
PIECE = 64 << 10  # bytes read from the local socket at once
AFTERWARDS = 30.0  # seconds without a byte after our side has ended: this protocol cannot tell the pod of a half-close


class Refused(EngineError):
    """The pod was reached, and its port was not: nobody listens there."""


async def run_tunnel(
    socket: aiohttp.ClientWebSocketResponse,
    port: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    count: Callable[[int, int], None],
) -> None:
    """Carry bytes both ways until the pod or the local side ends; `count(in, out)` hears of each piece. Raises Refused, Unreachable.

    Neither way holds more than its buffer: a slow reader stops the other side from being read.
    """
    came = 0

    def heard(inward: int, outward: int) -> None:
        nonlocal came
        came += inward
        count(inward, outward)

    outward = asyncio.create_task(_outward(socket, reader, heard), name=f"to port {port}")
    inward = asyncio.create_task(_inward(socket, port, writer, heard), name=f"from port {port}")
    both = {outward, inward}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not inward.done() and outward.exception():
            await asyncio.wait({inward}, timeout=1.0)  # what could not be sent tells less than what the pod has to say
        while not inward.done() and not outward.exception():
            before = came
            await asyncio.wait({inward}, timeout=AFTERWARDS)
            if not inward.done() and came == before:
                return
        for task in (inward, outward):
            if task.done() and (error := task.exception()):
                raise error if isinstance(error, EngineError) else Unreachable("the connection to the pod broke") from error
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _outward(socket: aiohttp.ClientWebSocketResponse, reader: asyncio.StreamReader, count: Callable[[int, int], None]) -> None:
    head = bytes([DATA])
    while piece := await reader.read(PIECE):
        await socket.send_bytes(head + piece)
        count(0, len(piece))


async def _inward(
    socket: aiohttp.ClientWebSocketResponse, port: int, writer: asyncio.StreamWriter, count: Callable[[int, int], None]
) -> None:
    import aiohttp

    greeted: set[int] = set()
    while True:
        message = await socket.receive()
        if message.type is aiohttp.WSMsgType.ERROR:
            raise Unreachable(f"the connection to the pod broke ({plain(str(message.data))})")
        if message.type is not aiohttp.WSMsgType.BINARY:
            if writer.can_write_eof():
                writer.write_eof()
            return
        data: bytes = message.data
        channel, payload = (data[0] if data else -1), data[1:]
        if channel in {DATA, ERROR} and channel not in greeted and payload[:2] == struct.pack("<H", port):
            greeted.add(channel)
            payload = payload[2:]
        if channel == ERROR and payload:
            said = payload.decode("utf-8", "replace")
            if "refused" in said:
                raise Refused(f"nothing listens on port {port} in the pod (connection refused)")
            raise Refused(plain(said))
        if channel == DATA and payload:
            writer.write(payload)
            count(len(payload), 0)
            await writer.drain()
