"""The ssh forward, with a stand-in for ssh: it brings a socket, dies, fails; and no child outlives its engine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.waiting import until
from tui.engines.docker.forward import Forward
from tui.facts import Unreachable

# What ssh does for us: listen on the local end of -L, until it is told to end.
STAND_IN = f"""#!{sys.executable}
import os, socket, sys, time
if "fails" in sys.argv[-1]:
    sys.exit("Permission denied (publickey).")
local = sys.argv[sys.argv.index("-L") + 1].partition(":")[0]
socket.socket(socket.AF_UNIX).bind(local)
open(os.environ["STAND_IN_PID"], "w").write(str(os.getpid()))
time.sleep(600)
"""


@pytest.fixture
def pid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ssh").write_text(STAND_IN)
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_PID", str(tmp_path / "pid"))
    return tmp_path / "pid"


async def test_one_child_serves_all_and_ends_with_the_engine(pid):
    forward = Forward("ssh://me@far")
    socket = await forward.socket()
    assert await forward.socket() == socket
    await until(lambda: pid.exists() and pid.read_text())
    child = int(pid.read_text())
    await forward.close()
    assert not Path(socket).parent.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_a_child_that_died_is_replaced(pid):
    forward = Forward("ssh://me@far")
    first = await forward.socket()
    await until(lambda: pid.exists() and pid.read_text())
    os.kill(int(pid.read_text()), 9)
    child = forward._child
    await until(lambda: child is not None and child.returncode is not None)
    assert await forward.socket() != first
    await forward.close()


async def test_what_ssh_says_is_told(pid):
    forward = Forward("ssh://me@fails")
    with pytest.raises(Unreachable, match="Permission denied"):
        await forward.socket()
    await forward.close()
