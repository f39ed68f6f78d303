"""A terminal for the real program: a pty, the screen that its bytes draw, and every escape sequence that came."""

from __future__ import annotations

import asyncio
import codecs
import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rich.cells import cell_len

ROOT = Path(__file__).parent.parent
_SEQUENCE = re.compile(
    r"\x1b\[(?P<params>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b\](?P<number>\d+);(?P<said>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?P<letter>[=>78M])"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)?\Z")
_JOINERS = "\u200d\ufe0e\ufe0f"


@cache
def _is_unfit(letter: str) -> bool:
    steers = unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and letter not in _JOINERS
    return steers or 0xFE00 <= ord(letter) <= 0xFE0D or 0xE0000 <= ord(letter) <= 0xE0FFF


def unfit(text: str) -> list[str]:
    """Return the characters of drawn text that steer, hide or reorder: none may ever reach a terminal."""
    return sorted(letter for letter in set(text) if _is_unfit(letter))


_wide = cache(cell_len)


@dataclass
class Screen:
    """What a terminal shows. It knows just what the program may use; everything else is in `faults`."""

    width: int = 160
    height: int = 45
    shapes: set[str] = field(default_factory=set)  # the kinds of escape sequences that came
    clipboard: list[str] = field(default_factory=list)  # what OSC 52 sent, still in base64
    faults: list[str] = field(default_factory=list)
    x: int = 0
    y: int = 0
    _rest: str = ""
    _lines: list[str] | None = None  # what stands there, until something is drawn
    _decoder: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))

    def __post_init__(self) -> None:
        self.cells = [[" "] * self.width for _ in range(self.height)]

    def feed(self, data: bytes) -> None:
        """Take bytes as they come; raises UnicodeDecodeError on what is not UTF-8."""
        text, at = self._rest + self._decoder.decode(data), 0
        self._lines = None
        while at < len(text):
            if text[at] != "\x1b":
                end = text.find("\x1b", at)
                end = len(text) if end < 0 else end
                self._draw(text[at:end])
                at = end
            elif match := _SEQUENCE.match(text, at):
                self._obey(match)
                at = match.end()
            elif _UNFINISHED.match(text, at):
                break
            else:
                self.faults.append(f"unknown sequence {text[at : at + 20]!r}")
                at += 1
        self._rest = text[at:]

    def _draw(self, text: str) -> None:
        if text.isascii() and text.isprintable():  # most of what comes: a cell a letter
            fits = text[: max(0, self.width - self.x)]
            self.cells[self.y][self.x : self.x + len(fits)] = fits
            self.x += len(fits)
            return
        if "\x07" in text:
            self.shapes.add("BEL")
        bad = [letter for letter in unfit(text) if letter not in "\r\n\x07"]
        if bad:
            self.faults.append(f"{bad!r} in {text[:60]!r}")
        for letter in text:
            if letter == "\r":
                self.x = 0
            elif letter == "\n":
                self.y = min(self.y + 1, self.height - 1)
            elif (wide := _wide(letter)) and self.x < self.width:
                self.cells[self.y][self.x] = letter
                if wide == 2 and self.x + 1 < self.width:
                    self.cells[self.y][self.x + 1] = ""
                self.x += wide

    def _obey(self, match: re.Match[str]) -> None:
        params, final = match["params"] or "", match["final"]
        if match["number"] is not None:
            self.shapes.add(f"OSC {match['number']}")
            if match["number"] == "52":
                self.clipboard.append(match["said"].partition(";")[2])
            return
        if match["letter"] is not None:
            self.shapes.add(f"ESC {match['letter']}")
            return
        private = params.lstrip("0123456789;:")[:1] or params[:1] if params[:1] in {"?", ">", "<", "="} else ""
        exact = params if final in "hlpuq" else private
        self.shapes.add(f"CSI {exact}{match['between']}{final}")
        if final == "H":
            row, _, column = params.partition(";")
            self.y = min(max(int(row or 1), 1), self.height) - 1
            self.x = min(max(int(column or 1), 1), self.width) - 1

    @property
    def lines(self) -> list[str]:
        """Return what stands on the screen."""
        if self._lines is None:
            self._lines = ["".join(row) for row in self.cells]
        return self._lines

    @property
    def text(self) -> str:
        """Return what stands on the screen, as one text."""
        return "\n".join(self.lines)


@dataclass
class Tty:
    """The program in its terminal."""

    process: asyncio.subprocess.Process
    master: int
    slave: int
    before: list[object]
    screen: Screen = field(default_factory=Screen)
    output: bytearray = field(default_factory=bytearray)
    seen: set[str] = field(default_factory=set)  # every line that stood on the screen when it was looked at
    heard: float = 0.0

    def read(self) -> None:
        """Take what the program wrote."""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return
        self.output += data
        self.heard = time.monotonic()
        self.screen.feed(data)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.master, keys.encode())

    def click(self, x: int, y: int) -> None:
        """Press and let go the mouse at a cell, counted from 0."""
        self.type(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m")

    async def until(self, true: Callable[[], object], what: str = "", limit: float = 120.0) -> None:
        """Wait until something holds; the program must live."""
        end = time.monotonic() + limit
        while not true():
            assert self.process.returncode is None, f"the program ended: {bytes(self.output[-3000:])!r}"
            assert time.monotonic() < end, f"gave up waiting for {what}\n{self.screen.text}"
            await asyncio.sleep(0.01)
        self.look()

    async def shows(self, *texts: str, limit: float = 120.0) -> None:
        """Wait until these words stand on the screen."""
        await self.until(lambda: all(text in self.screen.text for text in texts), f"{texts!r} on the screen", limit)

    async def rest(self, quiet: float = 0.05) -> None:
        """Wait until the program has nothing more to say for a moment."""
        await self.until(lambda: time.monotonic() - self.heard > quiet, "the screen to come to rest")

    def look(self) -> None:
        """Remember what stands on the screen."""
        self.seen.update(self.screen.lines)

    async def ended(self, limit: float = 120.0) -> int:
        """Return the exit code when the program has ended and all it wrote is read."""
        async with asyncio.timeout(limit):
            code = await self.process.wait()
        self.read_all()
        return code

    def read_all(self) -> None:
        """Take what is left of the program's words after its end."""
        os.set_blocking(self.master, False)
        size = -1
        while size != len(self.output):
            size = len(self.output)
            self.read()

    @property
    def restored(self) -> bool:
        """Tell whether the terminal is as it was: its modes, the main screen, the cursor, no mouse, no pasting in brackets."""
        told = bytes(self.output).decode("utf-8", "replace")
        for on, off in _PAIRS:
            if told.rfind(on) > told.rfind(off):
                return False
        return termios.tcgetattr(self.slave) == self.before


_PAIRS = [(f"\x1b[?{mode}h", f"\x1b[?{mode}l") for mode in (1049, 1000, 1002, 1003, 1006, 1015, 2004, 1004, 2026)]
_PAIRS += [("\x1b[?25l", "\x1b[?25h"), ("\x1b[>1u", "\x1b[<u")]


@asynccontextmanager
async def tty(environ: Mapping[str, str], *arguments: str, size: tuple[int, int] = (160, 45)) -> AsyncIterator[Tty]:
    """Run Python with arguments in a terminal of its own, and end it after; by default the program itself."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    before = termios.tcgetattr(slave)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(arguments or ("-m", "tui")),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC", **environ},
        start_new_session=True,
    )
    one = Tty(process, master, slave, before, Screen(*size))
    loop = asyncio.get_running_loop()
    loop.add_reader(master, one.read)
    try:
        yield one
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)
