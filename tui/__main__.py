"""The command line: arguments, then the app."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.app import Pilothouse
    from tui.config import Config

HANG_UP = 5.0  # seconds between two looks whether the terminal is still there


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


def _config(arguments: Sequence[str]) -> Config:
    if arguments:
        from tui.options import config_of

        return config_of(arguments)
    from tui.config import Config

    return Config()


def main() -> None:
    """Run the program; the exit code says whether it ended well."""
    # read by textual when it is imported: quicker keys; and no log of what is typed on disk
    os.environ.setdefault("TEXTUAL_FPS", "240")
    for name in ("TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DRIVER"):
        os.environ.pop(name, None)
    gc.set_threshold(50_000, 10, 100)  # until the first frame nothing is garbage
    config = _config(sys.argv[1:])
    os.environ.pop("NO_COLOR", None)  # the theme honours it; textual would only turn colours into greys, and those when it is empty too
    match config.command:
        case "doctor":
            from tui.doctor import doctor

            sys.exit(doctor(config))
        case "completion":
            sys.exit(_completion(config.view))
        case "demo":
            sys.exit(_demo(config))
        case _:
            from tui.bridge import DEMO

            code = _fly(config)
            sys.exit(_demo(config) if code == DEMO else code)


def _fly(config: Config) -> int:
    from tui.app import Pilothouse

    app = Pilothouse(config, tour=True)
    tune(app)
    app.run()
    return app.return_code or 0


def _completion(shell: str) -> int:
    from tui.completion import SHELLS, script

    if shell not in SHELLS:
        print(f"pilothouse: completion is there for {', '.join(SHELLS)}", file=sys.stderr)
        return 2
    print(script(shell))
    return 0


def _demo(config: Config) -> int:
    """Fly through the embedded world; nothing of the user's is read or written."""
    from msgspec.structs import replace

    from tui.demo.world import demo

    try:
        with demo() as (home, environ):
            environ = {**environ, "NO_COLOR": config.environ.get("NO_COLOR", "")}
            return _fly(
                replace(config, command="demo", home=home, environ=environ, host=None, docker_context=None, context=None, kubeconfig=None)
            )
    except OSError as error:
        print(f"pilothouse: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    main()
