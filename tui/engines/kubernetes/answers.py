"""What a Kubernetes API server's answers mean: a Status body or a bare code, turned into one of our errors with a sentence."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping

import msgspec

from tui.facts import Conflict, Denied, EngineError, Expired, Missing, Unreachable, Unsupported

LONGEST = 300  # characters of a server's sentence that are passed on
PATIENCE = 60.0  # seconds; a longer Retry-After is cut to this


class Busy(Unreachable):
    """The server is there and says: not now (`code`: 429 or 5xx). `after`: seconds it asks us to wait, or None."""

    def __init__(self, text: str, after: float | None = None, code: int = 429) -> None:
        super().__init__(text)
        self.after, self.code = after, code


class TooOld(EngineError):
    """The resourceVersion or the continue token is no longer kept (410): list anew."""


class TooNew(EngineError):
    """The resourceVersion is one that this server has not reached: list anew, from whatever it has."""


class NotKubernetes(Unreachable):
    """Something answers that is no Kubernetes API: a captive portal, a sign-in page, a proxy."""


class _Cause(msgspec.Struct):
    reason: str = ""
    message: str = ""


class _Details(msgspec.Struct):
    causes: tuple[_Cause, ...] | None = None


class Status(msgspec.Struct):
    """A `Status` object, as errors carry it."""

    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: _Details | None = None


_STATUS = msgspec.json.Decoder(Status)


def status_of(body: bytes) -> Status:
    """Return the Status in a body, or an empty one when the body is something else."""
    try:
        return _STATUS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Status()


def plain(text: str, longest: int = LONGEST) -> str:
    """Return outside text as one short line without characters that a terminal would obey."""
    line = "".join(char if char.isprintable() else " " for char in text[: longest * 4])
    line = " ".join(line.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, 60 at most; None when there is none or it is garbage."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(max(seconds, 0.0), PATIENCE) if seconds == seconds else None


def error_of(code: int, body: bytes, headers: Mapping[str, str] = {}) -> EngineError:
    """Return the error that an HTTP answer of 300 or more, or a Status inside a watch, stands for."""
    status = status_of(body)
    return error_from(status, code or status.code, retry_after(headers), body)


def error_from(status: Status, code: int, after: float | None = None, body: bytes = b"") -> EngineError:
    """Return the error for a Status, with the server's own words where it has any."""
    said = plain(status.message or (body[:2000].decode("utf-8", "replace") if body[:1] not in {b"{", b"<"} else ""))
    if "too large resource version" in status.message.lower() or _caused(status, "ResourceVersionTooLarge"):
        return TooNew(said)
    match code:
        case 401:
            return Expired(f"the server does not accept these credentials ({said or 'Unauthorized'})")
        case 403:
            return Denied(said or "the server refuses this (403)")
        case 404:
            return Missing(said or "not found (404)")
        case 405 | 406 | 415 | 501:
            return Unsupported(said or f"the server cannot do that ({code})")
        case 409 | 412:
            return Conflict(said or f"changed in the meantime ({code})")
        case 410:
            return TooOld(said or "that version is no longer kept (410)")
        case 429:
            return Busy(f"the server asks to wait ({said or 'too many requests'})", after)
        case _ if 300 <= code < 400:
            return NotKubernetes(f"not a Kubernetes API: it redirects elsewhere ({code})")
        case _ if code >= 500:
            return Busy(f"the server failed ({said or code})", after, code)
        case _:
            return EngineError(said or f"the server said {code or 'an error without a reason'}")


def _caused(status: Status, reason: str) -> bool:
    causes = status.details.causes if status.details else None
    return any(cause.reason == reason for cause in causes or ())


def check_json(code: int, kind: str, head: bytes, server: str) -> None:
    """Raise NotKubernetes unless a success is JSON: a portal's html page is 200 too. `kind`: the Content-Type."""
    if code < 300 and "json" not in kind and head.lstrip()[:1] not in {b"{", b"["}:
        raise NotKubernetes(f"{server} is not a Kubernetes API: it answers with {plain(kind, 60) or 'nothing'}")


def unreachable(error: BaseException, server: str) -> Unreachable:
    """Return the sentence for a connection that failed: refused, timed out, a certificate that is not good."""
    import aiohttp

    match error:
        case TimeoutError() | asyncio.TimeoutError():
            return Unreachable(f"{server} does not answer in time")
        case aiohttp.ClientConnectorCertificateError():
            return Unreachable(f"{server}: its certificate is not good ({_certificate(error.certificate_error)})")
        case aiohttp.ClientConnectorSSLError():
            return Unreachable(f"{server}: TLS failed ({plain(str(error.os_error))})")
        case aiohttp.ClientConnectorDNSError():
            return Unreachable(f"{server}: the name is not known ({plain(str(error.os_error.strerror or error.os_error))})")
        case aiohttp.ClientConnectorError():
            return Unreachable(f"{server} cannot be reached ({plain(_reason(error.os_error))})")
        case aiohttp.ClientPayloadError() | ConnectionError() if not isinstance(error, aiohttp.ClientConnectorError):
            return Unreachable(f"{server}: the connection broke")
        case aiohttp.ServerDisconnectedError():
            return Unreachable(f"{server} closed the connection without an answer")
        case ssl.SSLError():
            return Unreachable(f"{server}: TLS failed ({plain(error.reason or str(error))})")
        case _:
            return Unreachable(f"{server}: {plain(str(error)) or type(error).__name__}")


def _certificate(error: BaseException) -> str:
    return plain(getattr(error, "verify_message", "") or str(error))


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
