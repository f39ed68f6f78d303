"""Answers: how a request is read and what is sent back, in the manner of the Engine API."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tui.demo.docker.daemon import API, OLDEST
from tui.demo.docker.words import Json, Refusal

_VERSION = re.compile(r"/v(\d+)\.(\d+)(/.*)")


def path_of(request: web.Request, api: str = API) -> tuple[str, tuple[int, int]]:
    """Return the path without its API version, and the version; raises Refusal 400 for one that is not spoken.

    `api`: the newest that is.
    """
    newest, oldest = _pair(api), _pair(OLDEST)
    found = _VERSION.fullmatch(request.path)
    if found is None:
        return request.path, newest
    version = int(found[1]), int(found[2])
    word = ".".join(map(str, version))
    if version > newest:
        raise Refusal(400, f"client version {word} is too new. Maximum supported API version is {api}")
    if version < oldest:
        raise Refusal(
            400,
            f"client version {word} is too old. Minimum supported API version is {OLDEST}, please upgrade your client to a newer version",
        )
    return found[3], version


def _pair(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


async def body(request: web.Request) -> Json:
    """Return the JSON object that was sent, {} for none; raises Refusal 400."""
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise Refusal(400, f"invalid JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refusal(400, "invalid JSON: an object is expected")
    return found


def say(found: Any, status: int = 200) -> web.Response:
    """Return an answer in JSON."""
    raw = json.dumps(found, separators=(",", ":")).encode() + b"\n"
    return web.Response(body=raw, status=status, content_type="application/json")


def done(status: int = 204) -> web.Response:
    """Return an answer without a body."""
    return web.Response(status=status)


def refuse(error: Refusal) -> web.Response:
    """Return what the engine says when it will not; 304 has no body."""
    return done(304) if error.status == 304 else say({"message": error.message}, error.status)


def unknown() -> Refusal:
    """Return that there is no such path."""
    return Refusal(404, "page not found")


Query = Mapping[str, str]
