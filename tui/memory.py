"""Memory: what is kept from one start to the next, in one small file apart from the settings."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct, field

CAP = 1 << 18  # bytes; what is larger was not written here
LINES = 200  # typed lines that are kept


class Memory(Struct):
    """Where the person was, and how they like it.

    `sorts`: by kind, the column's title and whether the order is turned round. `widths`: by kind and title, in cells.
    `file_theme`: what the settings named as theme when `theme` was taken, so that the later word of the two holds.
    """

    view: str = ""  # a kind's id
    namespace: str | None = None  # "" is all; None is the context's own
    context: str = ""  # the kube context that the namespace is of
    sorts: dict[str, tuple[str, bool]] = field(default_factory=dict)
    widths: dict[str, dict[str, int]] = field(default_factory=dict)
    wide: bool = False
    theme: str = ""
    file_theme: str = ""
    toured: bool = False  # the tour was taken, or not wanted
    history: list[str] = field(default_factory=list)

    def packed(self) -> bytes:
        """Return it as it is written."""
        return msgspec.json.encode(self)


def load(path: Path) -> Memory:
    """Read the file; what is missing, foreign or broken is an empty memory. Takes well under a millisecond."""
    try:
        with path.open("rb") as file:
            data = file.read(CAP + 1)
        return msgspec.json.decode(data, type=Memory) if len(data) <= CAP else Memory()
    except (OSError, ValueError, msgspec.MsgspecError):
        return Memory()


def save(path: Path, packed: bytes) -> None:
    """Write the file whole or not at all, readable by its owner alone; that it cannot be written is no reason to complain."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, packed)
            finally:
                os.close(handle)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
