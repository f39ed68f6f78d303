"""Drives an installed pilothouse in a terminal: `python tests/smoke.py PATH-OF-PILOTHOUSE`; needs nothing but the standard library."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

LIMIT = 120.0  # seconds for each step


def doctor(program: str, home: str) -> None:
    """The doctor of an empty home says that nothing answers, and how to see the demo."""
    environ = {"HOME": home, "PATH": "/usr/bin:/bin", "DOCKER_HOST": f"unix://{home}/none.sock", "KUBECONFIG": f"{home}/none"}
    done = subprocess.run([program, "doctor"], capture_output=True, text=True, env=environ, timeout=LIMIT)
    assert done.returncode == 1, done
    assert "pilothouse demo" in done.stdout, done


def demo(program: str, home: str) -> None:
    """The demo shows its shop, goes to the pods, and leaves."""
    child, terminal = pty.fork()
    if not child:
        os.execve(program, [program, "demo"], {"HOME": home, "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))
    _until(terminal, b"shop-api-1")
    os.write(terminal, b":pods\r")
    _until(terminal, b"CrashLoopBackOff")
    os.write(terminal, b":q\r")
    _until(terminal, b"")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _until(terminal: int, wanted: bytes) -> None:
    """Read until the bytes come, or with none wanted until the program ends."""
    end, told = time.monotonic() + LIMIT, b""
    while not wanted or wanted not in told:
        assert time.monotonic() < end, f"{wanted!r} did not come: {told[-2000:]!r}"
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                more = os.read(terminal, 1 << 16)
            except OSError:
                more = b""
            if not more:
                assert not wanted, f"the program ended: {told[-2000:]!r}"
                return
            told += more


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        doctor(sys.argv[1], home)
        demo(sys.argv[1], home)
        assert not list(Path(home).iterdir()), "something was written"
    print("pilothouse doctor and pilothouse demo: well")
