"""Faults of a Docker host: the rules of every demo server, with paths as people write them: without the API version."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aiohttp import web

from tui.demo import faults
from tui.demo.docker.words import VERSIONED


@dataclass(eq=False)
class Fault(faults.Fault):
    """A rule whose `prefix` is a path of the Engine API without its version, such as `/containers/json`.

    `message`: what the engine says with a `status`, where no `body` is given.
    """

    message: str = ""

    def __post_init__(self) -> None:
        """Say it as the engine does."""
        if self.status and self.body is None:
            self.body = json.dumps({"message": self.message or f"the demo was told to say {self.status}"}).encode()

    def fits(self, request: web.Request) -> bool:
        """Tell whether it strikes this request."""
        return (
            self.met < self.times
            and self.method in {"", request.method}
            and VERSIONED.sub("", request.path, count=1).startswith(self.prefix)
            and self.has in request.query_string
        )
