"""Back-off: how long to wait before the next try, longer with each failure, by chance, and short again after two healthy minutes."""

from __future__ import annotations

from tui.engines.kubernetes.clock import Clock

LEAST = 0.8  # seconds (client-go `reflector.go`: 0.8 s, doubled to 30 s, reset after 2 minutes)
MOST = 30.0
HEALTHY = 120.0


class Backoff:
    """Waits of 0.8 to 30 seconds, spread by chance so that a thousand clients do not come back at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._alive_since: float | None = None

    def alive(self) -> None:
        """Note that it works now."""
        if self._alive_since is None:
            self._alive_since = self._clock.monotonic()

    def failed(self) -> float:
        """Note a failure and return the seconds to wait."""
        self._forget()
        self._alive_since = None
        top = min(MOST, LEAST * 2.0 ** (self._failures + 1))
        self._failures = min(self._failures + 1, 16)
        return self._clock.pick(LEAST, top)

    def _forget(self) -> None:
        if self._alive_since is not None and self._clock.monotonic() - self._alive_since >= HEALTHY:
            self._failures = 0
