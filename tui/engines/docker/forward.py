"""Forward: a remote engine's socket brought here by the ssh command, one login for everything that follows."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tui.facts import Unreachable

REMOTE_SOCKET = "/var/run/docker.sock"
PATIENCE = 20.0  # seconds from the start of ssh until its socket must be there


def command(url: str, local: str) -> list[str]:
    """Return the ssh command for an `ssh://[user@]host[:port][/path/of/socket]` URL; it never asks and reads no input."""
    parts = urlsplit(url)
    remote = parts.path if parts.path not in {"", "/"} else REMOTE_SOCKET
    words = ["ssh", "-nNT", "-L", f"{local}:{remote}"]
    for option in ("BatchMode=yes", "ConnectTimeout=10", "ExitOnForwardFailure=yes", "ServerAliveInterval=15", "ControlPath=none"):
        words += ["-o", option]
    if parts.username:
        words += ["-l", unquote(parts.username)]
    if parts.port:
        words += ["-p", str(parts.port)]
    return [*words, "--", parts.hostname or ""]


class Forward:
    """One ssh child in a process group of its own; it is killed by `close`, and started anew by `socket` when it has died."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._folder: Path | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._said = b""
        self._listener: asyncio.Task[None] | None = None

    async def socket(self) -> str:
        """Return the path of the local socket, with ssh running behind it; raises Unreachable with what ssh said."""
        if self._child is not None and self._child.returncode is None and self._folder is not None:
            return str(self._folder / "docker.sock")
        await self.close()
        self._folder = Path(tempfile.mkdtemp(prefix="pilothouse-"))
        local = self._folder / "docker.sock"
        try:
            self._child = await asyncio.create_subprocess_exec(
                *command(self.url, str(local)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            await self.close()
            raise Unreachable(f"{self.url}: the ssh command cannot be run ({error.strerror})") from error
        self._listener = asyncio.create_task(self._listen(self._child), name=f"ssh {self.url}")
        await self._appear(local)
        return str(local)

    async def _listen(self, child: asyncio.subprocess.Process) -> None:
        """Keep the end of what ssh says, for the sentence that tells why it failed."""
        assert child.stderr is not None
        while chunk := await child.stderr.read(4096):
            self._said = (self._said + chunk)[-4096:]

    async def _appear(self, local: Path) -> None:
        assert self._child is not None
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not os.path.exists(local):  # noqa: ASYNC240 - a stat of a local file, many times a second
            if self._child.returncode is not None or asyncio.get_running_loop().time() > deadline:
                if self._listener is not None:
                    await asyncio.wait([self._listener], timeout=0.5)
                said = self._said.decode("utf-8", "replace").strip().splitlines()
                await self.close()
                raise Unreachable(f"{self.url}: {said[-1] if said else 'ssh gave no connection'}; try: ssh {urlsplit(self.url).hostname}")
            await asyncio.sleep(0.03)

    async def close(self) -> None:
        """End ssh and remove the socket's folder."""
        child, self._child = self._child, None
        if child is not None:
            for sent in (signal.SIGTERM, signal.SIGKILL):
                if child.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(child.pid, sent)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(child.wait(), 2)
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])
            self._listener = None
        self._said = b""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
