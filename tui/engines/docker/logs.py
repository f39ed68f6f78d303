"""Logs: the engine's log frames, joined to lines without losing or inventing a byte."""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import AsyncIterator, Iterator, Sequence

from tui.facts import LogLine

LONGEST = 1024 * 1024  # characters of one line; a longer one is cut into several
PART = 8 * 1024  # bytes; the engine cuts long lines into parts of 16 KiB, so a shorter part is a whole line
STREAMS = {0: "stdin", 1: "stdout", 2: "stderr"}
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ")

SLICE = 64 * 1024  # bytes decoded in one go: about a thousand lines, a few milliseconds


class Frames:
    """Bytes to (stream, payload): eight bytes of header, then the payload, cut anywhere by the network."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the frames that a chunk completes."""
        rest = self._rest
        rest += chunk
        begin = 0
        while len(rest) - begin >= 8:
            end = begin + 8 + int.from_bytes(rest[begin + 4 : begin + 8], "big")
            if len(rest) < end:
                break
            yield STREAMS.get(rest[begin], "stdout"), bytes(rest[begin + 8 : end])
            begin = end
        del rest[:begin]

    def flush(self) -> Iterator[tuple[str, bytes]]:
        """Yield what has come of a frame that was cut off."""
        if len(self._rest) > 8:
            yield STREAMS.get(self._rest[0], "stdout"), bytes(self._rest[8:])
        self._rest.clear()


class Joiner:
    """Payloads of one stream to lines. The engine stamps every part of a long line; only the first stamp is kept."""

    def __init__(self, stream: str, details: bool = False) -> None:
        self._stream = stream
        self._details = details
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._stamp = ""
        self._source = ""
        self._open = False  # a line has begun and not ended
        self._part = 0  # bytes of the payload before this one

    def feed(self, payload: bytes, frame: bool) -> Iterator[LogLine]:
        """Yield the lines that a payload completes; `frame`: it begins where the engine began to write, with a stamp."""
        text = self._decoder.decode(payload)
        if frame and self._open and (found := _STAMP.match(text)):
            if self._part < PART:  # a short part that did not end its line was the last word of a program that ended
                yield self._take()
            else:
                text = text[found.end() :]
                if self._details:
                    text = text.partition(" ")[2]
        self._part = len(payload)
        *whole, rest = text.split("\n")
        for part in whole:
            self._add(part)
            yield self._take()
        if rest:
            self._add(rest)
            if len(self._text) > LONGEST:
                yield self._take()

    def _add(self, part: str) -> None:
        if self._open:
            self._text += part
            return
        self._open = True
        self._text = part
        if not (found := _STAMP.match(part)):
            # A raw stream may be cut within the stamp: it is looked for again when the line is taken.
            return
        self._stamp, self._text = found[1], part[found.end() :]

    def _take(self) -> LogLine:
        text, stamp = self._text.removesuffix("\r"), self._stamp
        if not stamp and (found := _STAMP.match(text + " ")):
            stamp, text = found[1], text[found.end() :]
        if self._details:
            self._source, _, text = text.partition(" ")
        line = LogLine(text, stamp, self._stream, self._source)
        self._text = self._stamp = ""
        self._open = False
        return line

    def flush(self) -> Iterator[LogLine]:
        """Yield the last line, which had no newline."""
        self._text += self._decoder.decode(b"", final=True)
        if self._text or self._open:
            yield self._take()


class Decoder:
    """Chunks of a log answer to lines; `raw`: the container has a terminal, so there are no frames."""

    def __init__(self, raw: bool, details: bool = False) -> None:
        self._frames = None if raw else Frames()
        self._joiners: dict[str, Joiner] = {}
        self._details = details

    def feed(self, chunk: bytes) -> list[LogLine]:
        """Return the lines that a chunk completes."""
        if self._frames is None:
            return list(self._joiner("stdout").feed(chunk, False))
        return [line for stream, payload in self._frames.feed(chunk) for line in self._joiner(stream).feed(payload, True)]

    def flush(self) -> list[LogLine]:
        """Return what is left when the log has ended."""
        left: list[LogLine] = []
        if self._frames is not None:
            for stream, payload in self._frames.flush():
                left += self._joiner(stream).feed(payload, True)
        for joiner in self._joiners.values():
            left += joiner.flush()
        return left

    def _joiner(self, stream: str) -> Joiner:
        if stream not in self._joiners:
            self._joiners[stream] = Joiner(stream, self._details)
        return self._joiners[stream]


async def lines(chunks: AsyncIterator[bytes], decoder: Decoder) -> AsyncIterator[Sequence[LogLine]]:
    """Yield batches of lines, one for each slice of a chunk that completes any; between two slices others have their turn."""
    async for chunk in chunks:
        for at in range(0, len(chunk), SLICE):
            if batch := decoder.feed(chunk[at : at + SLICE]):
                yield batch
            await asyncio.sleep(0)
    if batch := decoder.flush():
        yield batch
