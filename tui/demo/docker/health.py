"""Health: the probes of a container, by the clock, and what they make of its health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.demo.clock import SECOND
from tui.demo.docker import roles
from tui.demo.docker.container import PROBES_KEPT, Container, Health
from tui.demo.docker.words import identity, stamp

if TYPE_CHECKING:
    from tui.demo.docker.containers import Containers

INTERVAL, RETRIES = 30 * SECOND, 3  # where a health check does not say
TAKES = 0.08  # seconds a probe takes


def begin(there: Containers, one: Container, status: str = "starting") -> None:
    """Begin to probe a container that has a health check."""
    check = one.config.get("Healthcheck") or {}
    if (check.get("Test") or ["NONE"])[0] == "NONE":
        return
    one.health = Health(status)
    _next(there, one, one.health)


def end(one: Container) -> None:
    """Probe no more."""
    if one.health is not None and one.health.timer is not None:
        one.health.timer.cancel()
        one.health.timer = None


def _next(there: Containers, one: Container, state: Health) -> None:
    check = one.config["Healthcheck"]
    interval = check.get("Interval") or INTERVAL
    if state.status == "starting" and one.started + (check.get("StartPeriod") or 0) > there.clock.nano():
        interval = check.get("StartInterval") or min(interval, 5 * SECOND)
    state.timer = there.clock.after(interval / SECOND, lambda: _probe(there, one, state))


def _probe(there: Containers, one: Container, state: Health) -> None:
    if not one.alive or one.health is not state:
        return
    if one.paused:
        _next(there, one, state)
        return
    test = list(one.config["Healthcheck"]["Test"])
    words = ["/bin/sh", "-c", *test[1:]] if test[0] == "CMD-SHELL" else test[1:]
    exec_id = identity(there.rand)
    for action in ("exec_create", "exec_start"):
        there.say(one, f"{action}: {' '.join(words)}", execID=exec_id)
    began = there.clock.nano()
    code, output = roles.probe(test, one.argv)
    there.say(one, "exec_die", execID=exec_id, exitCode=str(code))
    take(there, one, code, output, began)
    _next(there, one, state)


def take(there: Containers, one: Container, code: int, output: str, began: int) -> None:
    """Take in the result of a probe, and say when the health is another by it (moby, daemon.handleProbeResult)."""
    state, check = one.health, one.config["Healthcheck"]
    if state is None:
        return
    state.log = [*state.log, {"Start": stamp(began), "End": stamp(began + int(TAKES * SECOND)), "ExitCode": code, "Output": output}]
    state.log = state.log[-PROBES_KEPT:]
    before = state.status
    if code == 0:
        state.streak, state.status = 0, "healthy"
    elif not (before == "starting" and began < one.started + (check.get("StartPeriod") or 0)):
        state.streak += 1
        if state.streak >= (check.get("Retries") or RETRIES):
            state.status = "unhealthy"
    if state.status != before:
        there.say(one, f"health_status: {state.status}")
