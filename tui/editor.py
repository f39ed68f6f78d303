"""The person's own editor, for a text that is worth more than one line."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from tui.facts import EngineError

ASKED = ("KUBE_EDITOR", "VISUAL", "EDITOR")
KNOWN = ("vi", "nano")


class NoEditor(EngineError):
    """There is no editor to be had, or it failed."""


def command(environ: Mapping[str, str]) -> list[str]:
    """Return the words that start the editor, without the file; raises NoEditor."""
    path = environ.get("PATH") or os.defpath
    for name in ASKED:
        if asked := environ.get(name, "").strip():
            try:
                words = shlex.split(asked)
            except ValueError as error:
                raise NoEditor(f"{name} cannot be read: {error}") from None
            if shutil.which(words[0], path=path) is None:
                raise NoEditor(f"the editor {words[0]} (from {name}) is not there")
            return words
    for name in KNOWN:
        if found := shutil.which(name, path=path):
            return [found]
    raise NoEditor("no editor was found; set EDITOR")


async def edited(app: App[Any], environ: Mapping[str, str], text: str, name: str) -> str:
    """Return the text as the person left it. The file is theirs alone (0600) and is removed at the end; raises NoEditor."""
    words = command(environ)
    with tempfile.TemporaryDirectory(prefix="pilothouse-") as folder:
        file = Path(folder) / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        try:
            with app.suspend(), _interrupts_are_the_editors():
                process = await asyncio.create_subprocess_exec(*words, str(file), env=dict(environ))
                code = await process.wait()
        except SuspendNotSupported:
            raise NoEditor("this terminal cannot be lent to an editor") from None
        except OSError as error:
            raise NoEditor(f"the editor {words[0]} could not be started: {error.strerror}") from error
        if code:
            raise NoEditor(f"the editor {words[0]} ended with code {code}; nothing was sent")
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise NoEditor(f"what the editor left cannot be read: {error}") from error


@contextmanager
def _interrupts_are_the_editors() -> Iterator[None]:
    """Let ctrl+c end what the editor does, not this program: both are asked while the terminal is lent."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # a handler, unlike SIG_IGN, is not inherited
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
