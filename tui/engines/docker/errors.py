"""Errors: what the engine or the network said, turned into a sentence for a person and a hint what to do."""

from __future__ import annotations

import errno
import json
import os
import stat

from tui.engines.docker import tls
from tui.engines.docker.hosts import HostEntry
from tui.facts import Conflict, Denied, EngineError, Expired, Missing, Unreachable, Unsupported

_BROKEN = frozenset({"ClientPayloadError", "ServerDisconnectedError", "IncompleteRead", "ClientConnectionResetError"})


class OutOfSequence(Conflict):
    """The swarm object was changed by somebody else between our read and our write."""


class NotManager(Denied):
    """The engine is a worker of a swarm: it may not see or change the cluster."""


class NoSwarm(Unsupported):
    """The engine is not part of a swarm."""


class Withheld(EngineError):
    """The engine answered with an error that no other class fits; `status` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def message_of(body: bytes) -> str:
    """Return what an error body says: its `message`, or its text."""
    try:
        found = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace").strip()[:500]
    return str(found.get("message") or found) if isinstance(found, dict) else str(found)


def refused(status: int, message: str, what: str) -> EngineError:
    """Return the error for an HTTP status other than 2xx."""
    said = message or f"HTTP {status} for {what}"
    lowered = said.lower()
    if "out of sequence" in lowered:
        return OutOfSequence(said)
    if "not a swarm manager" in lowered:
        worker = "worker nodes can't" in lowered
        return NotManager(said) if worker else NoSwarm(said)
    match status:
        case 401:
            return Expired(said)
        case 403:
            return Denied(said)
        case 404:
            return Missing(said)
        case 409:
            return Conflict(said)
        case 501:
            return Unsupported(said)
        case _:
            return Withheld(said, status)


def unwanted(host: HostEntry, said: str) -> Unreachable:
    """Return that an engine will not have our client certificate, in its words; "" when it just cut the connection."""
    fault = {
        "": "broke off right after the TLS handshake, as an engine does that wants another client certificate",
        "certificate required": "wants a client certificate",
    }.get(said, f"does not accept our client certificate ({said})")
    return Unreachable(f"{host.url} {fault}; check cert.pem and key.pem of {host.source}")


def unreachable(host: HostEntry, error: BaseException) -> Unreachable:
    """Return why a host did not answer, with the cause named and a hint what to do."""
    number = _errno(error)
    if type(error).__name__ in _BROKEN or number in {errno.ECONNRESET, errno.EPIPE}:
        return Unreachable(f"{host.url} broke off in the middle; the engine has ended or the connection was cut")
    if host.scheme == "unix":
        return Unreachable(_socket(host.url.removeprefix("unix://"), number, error))
    if _is_tls(error):
        found = tls.cause(error)
        said = tls.words(found) if found is not None else _short(error)
        return Unreachable(f"{host.url}: the TLS handshake failed ({said}); check the certificates of {host.source}")
    if isinstance(error, TimeoutError):
        return Unreachable(f"{host.url} did not answer in time; is the machine up and the port open?")
    if number == errno.ECONNREFUSED:
        return Unreachable(f"{host.url} refused the connection; is dockerd listening there?")
    if "http request to an https" in str(error).lower():
        return Unreachable(f"{host.url} speaks TLS; set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH")
    return Unreachable(f"{host.url}: {_short(error)}")


def _socket(path: str, number: int | None, error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"{path} took the connection but nothing answered; dockerd hangs or is paused"
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return f"there is no socket at {path}; start the engine (systemctl start docker) or set DOCKER_HOST"
    except OSError as fault:
        mode, number = 0, fault.errno
    if number in {errno.EACCES, errno.EPERM}:
        return f"permission denied on {path}; join its group (usermod -aG docker $USER, then sign in again)"
    if mode and not stat.S_ISSOCK(mode):
        return f"{path} is {'a folder' if stat.S_ISDIR(mode) else 'a plain file'}, not a socket; check DOCKER_HOST or the context"
    if number == errno.ECONNREFUSED:
        return f"nobody listens on {path}; the engine has ended: systemctl start docker"
    return f"{path}: {_short(error)}"


def _errno(error: BaseException) -> int | None:
    """Return the errno of the first OSError in a chain of errors."""
    seen: BaseException | None = error
    while seen is not None:
        inner = getattr(seen, "os_error", None) or seen
        if isinstance(inner, OSError) and inner.errno:
            return inner.errno
        seen = seen.__cause__ or seen.__context__
    return None


def _is_tls(error: BaseException) -> bool:
    said = f"{type(error).__name__} {error}".lower()
    return "ssl" in said or "certificate" in said


def _short(error: BaseException) -> str:
    return str(error).strip()[:300] or type(error).__name__
