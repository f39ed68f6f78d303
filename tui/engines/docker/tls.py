"""TLS: what went wrong with a secured connection, in words, and what an engine says when it will not have our certificate."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

_PREFIXES = ("tlsv13_alert_", "tlsv1_alert_", "sslv3_alert_", "tlsv1_3_alert_")


def cause(error: BaseException) -> ssl.SSLError | None:
    """Return the TLS error in a chain of errors, also where a library keeps it in an attribute."""
    seen: BaseException | None = error
    while seen is not None:
        # aiohttp's own errors are TLS errors by name only; the one that says what was wrong is kept inside
        for inner in (getattr(seen, "certificate_error", None), getattr(seen, "os_error", None), seen):
            if isinstance(inner, ssl.SSLError):
                return inner
        seen = seen.__cause__ or seen.__context__
    return None


def words(error: ssl.SSLError) -> str:
    """Return the reason of a TLS error: "certificate has expired", "unknown ca"."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    reason = (error.reason or str(error)).lower()
    for prefix in _PREFIXES:
        reason = reason.removeprefix(prefix)
    return reason.replace("_", " ")


def alert(url: str, context: ssl.SSLContext, timeout: float) -> str:
    """Return what an engine says right after the handshake, "" if nothing; blocking, sends nothing.

    In TLS 1.3 a server looks at the client's certificate when the client already takes the handshake for done, and
    asyncio then tells of a lost connection only.
    """
    parts = urlsplit(url)
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 2376), timeout) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            secured.recv(1)
    except ssl.SSLError as error:
        return words(error)
    except OSError:
        return ""
    return ""
