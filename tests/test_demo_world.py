"""The embedded world under the real program: every engine lives, nothing of the user's is touched, nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.terminal import tty


@pytest.mark.parametrize("keys", [":q\r", "\x03"])
async def test_a_demo_shows_all_engines_and_leaves_nothing(tmp_path: Path, keys: str) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    for folder in (home, scratch):
        folder.mkdir()
    environ = {"HOME": str(home), "TMPDIR": str(scratch), "DOCKER_HOST": "unix:///nowhere.sock", "KUBECONFIG": "/nowhere"}
    async with tty(environ, "-m", "tui", "demo") as one:
        await one.shows("shop-api-1", " DEMO ", "swarm manager, 3 nodes", "as demo-user")
        one.type(":pods\r")
        await one.shows("CrashLoopBackOff", "ImagePullBackOff")
        one.type(keys)
        assert await one.ended() == 0
        assert one.restored
    assert not os.listdir(home)
    assert not os.listdir(scratch)
