"""Logs of one object."""

from __future__ import annotations

from typing import Any

from tui.model import Host, Target, View


def build(host: Host, target: Target) -> Any:
    """Return the widget."""
    raise NotImplementedError


LOGS = View("logs", "Logs", "l", build)
PREVIOUS = View("previous", "Previous", "p", build)
