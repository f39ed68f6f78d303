"""A program in a pseudo terminal: what it paints, what it costs; the driver that the benchmarks share."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
COLUMNS, LINES = 160, 48


class Terminal:
    """One program in a pseudo terminal of 160x48 cells; `output` holds every byte that it wrote."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start the program; `began` is the moment before, on the performance clock in seconds."""
        self.output = bytearray()
        self._handle, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environ), cwd=ROOT, start_new_session=True, close_fds=True
        )
        os.close(theirs)

    def fileno(self) -> int:
        """Return the handle, for select."""
        return self._handle

    def read(self, seconds: float) -> bytes:
        """Return what comes within so many seconds: as soon as anything does; b"" when nothing did or the program has ended."""
        if not select.select([self._handle], [], [], max(0.0, seconds))[0]:
            return b""
        try:
            found = os.read(self._handle, 1 << 16)
        except OSError:  # the other side is closed
            return b""
        self.output += found
        return found

    def until(self, wanted: bytes, limit: float = 60.0, start: int = 0) -> float:
        """Read until the bytes are on the screen (looked for from `start` on); returns the moment, raises TimeoutError."""
        deadline = time.perf_counter() + limit
        looked = start
        while self.output.find(wanted, looked) < 0:
            looked = max(start, len(self.output) - len(wanted))
            if not self.read(0.5) and (self.process.poll() is not None or time.perf_counter() > deadline):
                raise TimeoutError(f"{wanted!r} did not appear; the last bytes: {bytes(self.output[-600:])!r}")
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{wanted!r} did not appear within {limit:g} s; the last bytes: {bytes(self.output[-600:])!r}")
        return time.perf_counter()

    def drain(self, seconds: float) -> int:
        """Read for so many seconds; returns how many bytes came."""
        before, end = len(self.output), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)
        return len(self.output) - before

    def send(self, keys: bytes) -> float:
        """Press keys; returns the moment."""
        os.write(self._handle, keys)
        return time.perf_counter()

    def memory(self) -> float:
        """Return the program's resident memory in MB."""
        return _status(self.process.pid, "VmRSS") / 1024

    def close(self) -> None:
        """End the program and everything that it started."""
        for end in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, end)
            except ProcessLookupError:
                break
            deadline = time.perf_counter() + 3
            while self.process.poll() is None and time.perf_counter() < deadline:
                self.read(0.05)
        self.process.wait()
        os.close(self._handle)


@contextmanager
def running(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a program in a terminal, and end it."""
    terminal = Terminal(command, environ)
    try:
        yield terminal
    finally:
        terminal.close()


@contextmanager
def environment(**more: str) -> Iterator[dict[str, str]]:
    """Give an environment for programs: a home of its own, and bytecode that is written once and thrown away at the end.

    Without bytecode everything would be compiled at each start, which nobody has who installed the program. A benchmark that is
    asked to end (SIGTERM) ends what it has started, too: a program left over would spoil every measurement after it.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="pilothouse-bench-") as folder:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TEXTUAL", "KUBE", "DOCKER"))}
        home = Path(folder, "home")
        home.mkdir()
        yield kept | {
            "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode")),
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_STATE_HOME": str(home),
            "KUBECONFIG": str(Path(folder, "no-kubeconfig")),
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        } | more  # fmt: skip


def program(*arguments: str) -> list[str]:
    """Return the command that runs Pilothouse from the checkout."""
    return [sys.executable, "-m", "tui", *arguments]


def cpu(pid: int) -> float:
    """Return the seconds of processor time that a process and its threads have taken (Linux schedstat: nanoseconds)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1e9


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _status(pid: int, what: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1])
    return 0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0..1) of the values lie; the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(seconds: Sequence[float]) -> str:
    """Return the median and the range of times, in ms."""
    return f"{statistics.median(seconds) * 1000:7.0f} ms  ({min(seconds) * 1000:.0f}-{max(seconds) * 1000:.0f})"
