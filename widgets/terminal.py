"""The terminal: textual's driver, made to outlive the terminal it writes to."""

from __future__ import annotations

from typing import Any

from textual.drivers.linux_driver import LinuxDriver


class Lasting:
    """A file that takes every write though the terminal behind it has gone.

    Textual's writing thread ends at the first write that fails; thirty frames later the loop waits for it for ever, and no signal
    and no key ends the program any more.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, text: str) -> None:
        """Write, or let it go."""
        try:
            self._file.write(text)
        except (OSError, ValueError):  # hung up; or closed
            return

    def flush(self) -> None:
        """Flush, or let it go."""
        try:
            self._file.flush()
        except (OSError, ValueError):
            return


class Terminal(LinuxDriver):
    """The driver of Linux and macOS."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._file = Lasting(self._file)  # type: ignore[assignment]
        self._lent = False

    def suspend_application_mode(self) -> None:
        """Lend the terminal to another program; what is painted meanwhile is let go."""
        super().suspend_application_mode()
        self._lent = True

    def resume_application_mode(self) -> None:
        """Take it back."""
        self._lent = False
        super().resume_application_mode()

    def write(self, data: str) -> None:
        """Write, unless another program has the terminal: textual's queue would fill up, and the loop would wait for it for ever."""
        if not self._lent:
            super().write(data)
