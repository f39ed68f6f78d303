"""The whole embedded world in a thread of its own: a Docker host with its swarm, a cluster, and a home folder that leads to both."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SHORT = 64  # letters of a folder in which a socket's path is not too long (107 at most)


@contextmanager
def demo() -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Run the world until the block ends; gives the home folder and the environment that a client of it needs.

    Raises OSError when no loopback port or socket can be had. Nothing of the user's is read: the home is a new folder,
    removed at the end, and the environment holds what is in it alone.
    """
    short = len(tempfile.gettempdir()) <= SHORT
    with tempfile.TemporaryDirectory(prefix="pilothouse-demo-", dir=None if short else "/tmp") as folder:
        home = Path(folder)
        running = threading.Event()
        ended = _Ended()
        thread = threading.Thread(target=_run, args=(home, running.set, ended), name="demo", daemon=True)
        thread.start()
        while not running.wait(0.05):
            if not thread.is_alive():
                raise OSError(f"the demo could not start: {ended.fault}")
        try:
            yield home, environ(home)
        finally:
            ended.ask()
            thread.join(5.0)


def environ(home: Path) -> dict[str, str]:
    """Return the environment of a client in a demo's home."""
    return {"HOME": str(home), "DOCKER_HOST": f"unix://{home}/docker.sock", "KUBECONFIG": str(home / "kubeconfig"), "PATH": ""}


class _Ended:
    """The word to stop, from one thread to the other."""

    def __init__(self) -> None:
        self.fault = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event = asyncio.Event()

    def ask(self) -> None:
        """Say it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, ready: Callable[[], None]) -> None:
        """Say that the world is up, and wait for the word."""
        self._loop = asyncio.get_running_loop()
        ready()
        await self._event.wait()


def _run(home: Path, ready: Callable[[], None], ended: _Ended) -> None:
    try:
        asyncio.run(_live(home, ready, ended))
    except Exception as error:  # the edge of the thread: the person is told, and nothing is left half up
        ended.fault = f"{type(error).__name__}: {error}"


async def _live(home: Path, ready: Callable[[], None], ended: _Ended) -> None:
    from tui.demo.docker.server import DockerWorld
    from tui.demo.docker.story import tell
    from tui.demo.kubernetes.server import KubernetesWorld

    docker = DockerWorld(story=tell)
    await docker.start(home / "docker.sock")
    try:
        async with KubernetesWorld() as cluster:
            (home / "kubeconfig").write_text(json.dumps(cluster.kubeconfig()), "utf-8")
            await ended.wait(ready)
    finally:
        await docker.stop()
