"""How the API server says no: a Status in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.demo.kubernetes.objects import Json

AGAIN = "the object has been modified; please apply your changes to the latest version and try again"
STALE_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue"
    " parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided"
    " token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was"
    " returned and now may show up in the list."
)


class Failure(Exception):
    """A request that is refused; `body` is the Status that tells why."""

    def __init__(
        self, code: int, reason: str, message: str, details: Json | None = None, *, more: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details, self.more = code, reason, message, details, more
        self.headers = headers or {}

    @property
    def body(self) -> Json:
        """Return the Status."""
        meta = {"continue": self.more} if self.more else {}
        said: Json = {"kind": "Status", "apiVersion": "v1", "metadata": meta, "status": "Failure", "message": self.message}
        if self.reason:
            said["reason"] = self.reason
        if self.details is not None:
            said["details"] = self.details
        return {**said, "code": self.code}


def details(name: str, group: str, kind: str, **more: Any) -> Json:
    """Return the details of a Status: empty ones are left out."""
    said = {"name": name, "group": group, "kind": kind, **more}
    return {key: value for key, value in said.items() if value}


def of_group(plural: str, group: str) -> str:
    """Return a resource as messages name it: "deployments.apps", "pods"."""
    return f"{plural}.{group}" if group else plural


def missing(plural: str, group: str, name: str) -> Failure:
    """Say that there is no such object."""
    return Failure(404, "NotFound", f'{of_group(plural, group)} "{name}" not found', details(name, group, plural))


def unknown() -> Failure:
    """Say that there is no such resource."""
    return Failure(404, "NotFound", "the server could not find the requested resource", {})


def not_allowed() -> Failure:
    """Say that a resource does not know the method."""
    return Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def exists(plural: str, group: str, name: str) -> Failure:
    """Say that the name is taken."""
    return Failure(409, "AlreadyExists", f'{of_group(plural, group)} "{name}" already exists', details(name, group, plural))


def conflict(plural: str, group: str, name: str, why: str = AGAIN) -> Failure:
    """Say that somebody was quicker, or that it is another object."""
    said = f'Operation cannot be fulfilled on {of_group(plural, group)} "{name}": {why}'
    return Failure(409, "Conflict", said, details(name, group, plural))


def bad(message: str) -> Failure:
    """Say that the request makes no sense."""
    return Failure(400, "BadRequest", message)


def forbidden(plural: str, group: str, name: str, why: str, causes: Sequence[Json] = ()) -> Failure:
    """Say that it may not be done."""
    said = f'{of_group(plural, group)} "{name}" is forbidden: {why}'
    return Failure(403, "Forbidden", said, details(name, group, plural, causes=list(causes)))


def invalid(kind: str, group: str, name: str, causes: Sequence[tuple[str, str, str]]) -> Failure:
    """Say what is wrong with an object; `causes`: (field, reason, message)."""
    parts = list(dict.fromkeys(f"{field}: {message}" for field, _, message in causes))
    said = parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"
    told = [{"reason": reason, "message": message, "field": field} for field, reason, message in causes]
    return Failure(422, "Invalid", f'{of_group(kind, group)} "{name}" is invalid: {said}', details(name, group, kind, causes=told))


def rejected() -> Failure:
    """Say that a JSON patch could not be applied."""
    return Failure(422, "Invalid", "the server rejected our request due to an error in our request", {})


def media() -> Failure:
    """Say that such a patch is not known."""
    return Failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def too_old(asked: int, oldest: int) -> Failure:
    """Say that history does not reach back so far."""
    return Failure(410, "Expired", f"too old resource version: {asked} ({oldest})")


def too_old_list() -> Failure:
    """Say that nobody remembers how things were at that version."""
    return Failure(410, "Expired", "The resourceVersion for the provided list is too old.")


def too_new(asked: int, now: int) -> Failure:
    """Say that the version lies in the future."""
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    said = f"Timeout: Too large resource version: {asked}, current: {now}"
    return Failure(504, "Timeout", said, {"causes": causes, "retryAfterSeconds": 1}, headers={"Retry-After": "1"})


def stale_page(more: str) -> Failure:
    """Say that the pages' snapshot is gone; `more` goes on without it."""
    return Failure(410, "Expired", STALE_PAGE, more=more)


def unsimulated(what: str) -> Failure:
    """Say that the demo has no such thing."""
    return Failure(501, "NotImplemented", f"{what} is not simulated in the demo world")
