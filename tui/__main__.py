"""The command line: arguments, then the app."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import select
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui import __version__

if TYPE_CHECKING:
    from tui.app import Pilothouse

EXAMPLES = """examples:
  pilothouse                        containers here, swarm and cluster one key away
  pilothouse pods kube-system       begin at the pods of a namespace
  pilothouse --context prod --read-only
  pilothouse --host ssh://me@build containers
"""


HANG_UP = 5.0  # seconds between two looks whether the terminal is still there


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    parse = argparse.ArgumentParser(
        "pilothouse",
        description="A terminal cockpit for Docker, Docker Swarm and Kubernetes.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parse.add_argument("view", nargs="*", help="where to begin, as after ':' (pods, deployments payments, swarm/services)")
    parse.add_argument("-H", "--host", help="docker host: unix://, tcp:// or ssh://")
    parse.add_argument("--docker-context", metavar="NAME", help="docker context to use")
    parse.add_argument("--context", metavar="NAME", help="kube context to use")
    parse.add_argument("-n", "--namespace", help="namespace to begin in")
    parse.add_argument("--kubeconfig", type=Path, metavar="FILE", help="the only kubeconfig file to read")
    parse.add_argument("--read-only", action="store_true", help="refuse every write, below the screen")
    parse.add_argument("--theme", default="dark", help="dark, light or high-contrast")
    parse.add_argument("--version", action="version", version=f"pilothouse {__version__}")
    return parse


def freeze() -> None:
    """Keep what is loaded out of the garbage collector's passes: a full one over 50,000 rows would stop the screen for 100 ms."""
    gc.collect(1)
    gc.freeze()


def _spare_the_old() -> None:
    """Let the collector look at young objects as ever, and never at all of them by itself."""
    freeze()
    gc.set_threshold(700, 10, 1_000_000)


def tune(app: Pilothouse) -> None:
    """Let the app tell when the collector should spare what is loaded: after the first frame and after each big listing."""

    def first_frame() -> None:
        _spare_the_old()
        leave_with_the_terminal(app)

    app.first_frame, app.store.loaded = first_frame, freeze


def leave_with_the_terminal(app: Pilothouse) -> None:
    """End the program in order (forwards, ssh children) when it is told to, or when its terminal has gone away."""
    loop = asyncio.get_running_loop()
    for told in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(told, app.exit, None, 128 + told)
    terminal = select.poll()
    terminal.register(sys.stdin.fileno(), select.POLLHUP)

    def look() -> None:
        # a terminal that is not the controlling one hangs up without a signal, and reading it would spin for ever
        if any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in terminal.poll(0)):
            app.exit(None, 128 + signal.SIGHUP)

    app.set_interval(HANG_UP, look)


def main() -> None:
    """Run the program; the exit code says whether it ended well."""
    options = parser().parse_args()
    # read by textual when it is imported: quicker keys; and no log of what is typed on disk
    os.environ.setdefault("TEXTUAL_FPS", "240")
    for name in ("TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DRIVER"):
        os.environ.pop(name, None)
    gc.set_threshold(50_000, 10, 100)  # until the first frame nothing is garbage
    from tui.app import Pilothouse
    from tui.config import Config

    app = Pilothouse(
        Config(
            host=options.host,
            docker_context=options.docker_context,
            context=options.context,
            namespace=options.namespace,
            kubeconfig=options.kubeconfig,
            read_only=options.read_only,
            theme=options.theme,
            view=" ".join(options.view),
        )
    )
    tune(app)
    app.run()
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main()
