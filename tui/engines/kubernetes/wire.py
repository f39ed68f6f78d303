"""From bytes to objects: lines cut out of a stream, lists and watch events decoded straight into a kind's lean struct."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from tui.engines.kubernetes.answers import Status

T = TypeVar("T")

LONGEST_LINE = 8 << 20  # bytes of one watch event; etcd itself takes no more than 1.5 MiB
SLICE = 500  # objects that are decoded in one go where a page cannot be decoded whole


class Lines:
    """Cuts a stream into lines. A line longer than `cap` is passed over and counted in `dropped`."""

    def __init__(self, cap: int = LONGEST_LINE) -> None:
        self.dropped = 0
        self._cap = cap
        self._parts: list[bytes] = []
        self._size = 0
        self._passing = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk ends, without their newline; empty lines are left out."""
        if b"\n" not in chunk:
            self._hold(chunk)
            return []
        first, *middle, rest = chunk.split(b"\n")
        self._hold(first)
        lines = [] if self._passing else [b"".join(self._parts)]
        self._parts, self._size, self._passing = [], 0, False
        for line in middle:
            if len(line) > self._cap:
                self.dropped += 1
            else:
                lines.append(line)
        self._hold(rest)
        return [line for line in lines if line]

    def rest(self) -> bytes:
        """Return what came after the last newline."""
        return b"".join(self._parts)

    def _hold(self, piece: bytes) -> None:
        if self._passing or not piece:
            return
        self._size += len(piece)
        if self._size > self._cap:
            self.dropped += 1
            self._parts, self._passing = [], True
        else:
            self._parts.append(piece)


class _ListMeta(msgspec.Struct, gc=False):
    resourceVersion: str = ""  # noqa: N815
    continue_: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct, Generic[T], gc=False):
    metadata: _ListMeta
    items: list[T] | None = None


class Version(msgspec.Struct, gc=False):
    """The `metadata` of a bookmark."""

    resourceVersion: str = ""  # noqa: N815


class Marked(msgspec.Struct, gc=False):
    """A bookmark: nothing but a resourceVersion."""

    metadata: Version = msgspec.field(default_factory=Version)


class _Event(msgspec.Struct, Generic[T], gc=False):
    type: str = ""
    object: T | None = None


class _Rough(msgspec.Struct, gc=False):
    type: str = ""
    object: msgspec.Raw = msgspec.Raw(b"null")


@functools.cache
def _page_decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_Page[type_])


@functools.cache
def _event_decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_Event[type_])


@functools.cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)


_RAW_PAGE = msgspec.json.Decoder(_Page[msgspec.Raw])
_ROUGH = msgspec.json.Decoder(_Rough)


class Page:
    """One page of a list: its resourceVersion, where it goes on, and its objects in slices that are quick to decode."""

    def __init__(self, body: bytes, type_: Any) -> None:
        """Decode the body; raises msgspec.DecodeError when it is no list at all."""
        self.skipped = 0
        self._type = type_
        self._raw: list[msgspec.Raw] = []
        self._items: list[Any] = []
        try:
            page = _page_decoder(type_).decode(body)
            self._items = page.items or []
        except msgspec.ValidationError:  # one odd object must not hide all the others
            page = _RAW_PAGE.decode(body)
            self._raw = page.items or []
        self.version: str = page.metadata.resourceVersion
        self.more: str = page.metadata.continue_
        self.count = len(self._items) or len(self._raw)

    def slices(self) -> Iterator[list[Any]]:
        """Yield the objects; between two slices the caller may let others run."""
        if self._items:
            yield self._items
        decode = _decoder(self._type).decode
        for start in range(0, len(self._raw), SLICE):
            objects = []
            for raw in self._raw[start : start + SLICE]:
                try:
                    objects.append(decode(raw))
                except msgspec.DecodeError:
                    self.skipped += 1
            yield objects


def event_of(line: bytes, type_: Any) -> tuple[str, Any]:
    """Return (type, object) of one watch event.

    The object is the kind's struct; for BOOKMARK a Marked, for ERROR a Status; None where it is missing or of another
    shape than the kind. Raises msgspec.DecodeError when the line is no JSON or no event.
    """
    try:
        event = _event_decoder(type_).decode(line)
    except msgspec.ValidationError:
        event = None
    if event is not None and event.type in {"ADDED", "MODIFIED", "DELETED"}:
        return event.type, event.object
    rough = _ROUGH.decode(line)
    wanted = {"BOOKMARK": Marked, "ERROR": Status}.get(rough.type)
    if wanted is None:
        return rough.type, None
    try:
        return rough.type, _decoder(wanted).decode(rough.object)
    except msgspec.DecodeError:
        return rough.type, None
