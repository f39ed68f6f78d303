"""Faults of a Docker host: the rules of every demo server, with paths as people write them: without the API version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web

from tui.demo import faults

_VERSION = re.compile(r"/v\d+\.\d+(?=/)")


@dataclass(eq=False)
class Fault(faults.Fault):
    """A rule whose `prefix` is a path of the Engine API without its version, such as `/containers/json`."""

    def fits(self, request: web.Request) -> bool:
        """Tell whether it strikes this request."""
        return (
            self.met < self.times
            and self.method in {"", request.method}
            and _VERSION.sub("", request.path, count=1).startswith(self.prefix)
            and self.has in request.query_string
        )
