"""Masks: what is secret in a full object is covered until a person asks for it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

COVER = "••••••"
SECRET_NAME = re.compile(r"pass|secret|token|key|credential|auth|private|dsn|conn(ection)?_?str", re.IGNORECASE)
"""Names of environment variables whose values are covered."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def masked(full: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy of an object with secret values covered: all of a Secret's data, and environment variables by their names."""
    if full.get("kind") == "Secret":
        found = {key: _covered(value) if key in {"data", "stringData"} else value for key, value in full.items()}
        return found | {"metadata": _without_last_applied(full.get("metadata") or {})}
    return _walk(full)  # type: ignore[no-any-return]  # a mapping stays one


def decoded(full: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a Secret with its data as plain text where it is text, else as it is; other objects unchanged."""
    if full.get("kind") != "Secret":
        return full
    return {**full, "data": {key: _plain(value) for key, value in (full.get("data") or {}).items()}}


def _plain(value: Any) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return str(value)


def _covered(values: Any) -> Any:
    if not isinstance(values, Mapping):
        return values
    return {key: f"{COVER} ({len(str(value)) * 3 // 4} bytes)" for key, value in values.items()}


def _without_last_applied(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    notes = metadata.get("annotations")
    if not isinstance(notes, Mapping) or LAST_APPLIED not in notes:
        return metadata
    return {**metadata, "annotations": {**notes, LAST_APPLIED: COVER}}


def _walk(part: Any) -> Any:
    """Cover `NAME=value` strings, and `name: NAME, value: ...` pairs, whose name speaks of a secret."""
    match part:
        case Mapping():
            name = part.get("name")
            if isinstance(name, str) and "value" in part and SECRET_NAME.search(name):
                return {key: COVER if key == "value" else value for key, value in part.items()}
            return {key: _walk(value) for key, value in part.items()}
        case list():
            return [_walk(item) for item in part]
        case str() if "=" in part and SECRET_NAME.search(part.partition("=")[0]) and part.partition("=")[0].isidentifier():
            return f"{part.partition('=')[0]}={COVER}"
        case _:
            return part
