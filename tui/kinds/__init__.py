"""Kinds: a noun per file. Every module below that has a `KIND` is found by walking the package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from tui.model import Kind


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its id, in the order of the packages: docker, swarm, kubernetes, local."""
    found: dict[str, Kind] = {}
    for module in sorted(pkgutil.walk_packages(__path__, f"{__name__}."), key=lambda one: one.name):
        kind = getattr(importlib.import_module(module.name), "KIND", None)
        if isinstance(kind, Kind):
            found[kind.id] = kind
    return found


def kind_of(kind_id: str) -> Kind:
    """Return one kind, importing just its own file: `docker/containers` is tui/kinds/docker/containers.py."""
    found = importlib.import_module(f"{__name__}.{kind_id.replace('/', '.')}").KIND
    assert isinstance(found, Kind)
    return found
