"""A terminal that goes away takes nobody along."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
import threading

from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from tests.terminal import tty
from tui.app import Pilothouse
from widgets.terminal import Lasting, Terminal


def test_what_is_written_to_a_terminal_that_has_gone_is_let_go() -> None:
    master, slave = pty.openpty()
    with open(slave, "w") as file:
        writer = WriterThread(Lasting(file))  # type: ignore[arg-type]
        writer.start()
        writer.write("seen\n")
        while os.read(master, 100) != b"seen\r\n":
            pass
        os.close(master)

        def many() -> None:
            for _ in range(10 * MAX_QUEUED_WRITES):
                writer.write("x" * 4096)
            writer.stop()

        hands = threading.Thread(target=many, daemon=True)
        hands.start()
        hands.join(60)
        assert not hands.is_alive()
        assert not writer.is_alive()


def test_the_program_has_that_driver() -> None:
    assert sys.platform == "win32" or Pilothouse().driver_class is Terminal


async def test_the_program_ends_by_a_signal_though_its_terminal_has_gone(tmp_path) -> None:
    async with tty({"HOME": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}) as one:
        await one.shows("pilothouse")
        asyncio.get_running_loop().remove_reader(one.master)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, one.master)
        os.close(nothing)
        for size in range(3 * MAX_QUEUED_WRITES):  # each would be painted
            os.kill(one.process.pid, signal.SIGWINCH if size % 2 else signal.SIGCONT)
        one.process.send_signal(signal.SIGTERM)
        await one.ended()  # with whatever code: python itself cannot flush any more
