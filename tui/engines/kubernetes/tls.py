"""The TLS side of a connection, as the official client's configuration makes it, from what the kubeconfig says."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.credentials import Credential
from tui.facts import Denied, Unreachable


class Wire(Struct, frozen=True):
    """How a socket to the server is made: its TLS context (None = plain http) and the proxy's address or ""."""

    tls: ssl.SSLContext | None
    proxy: str


def make_wire(access: Access, credential: Credential) -> Wire:
    """Return the TLS context and the proxy; imports the official client, so call it in a thread.

    Raises Unreachable (bad authority), Denied (bad client certificate). A private key that came as data is in a file of
    mode 0600 only while it is loaded.
    """
    from kubernetes.aio.client.configuration import Configuration
    from kubernetes.aio.client.rest import RESTClientObject

    settings = Configuration(host=access.server)
    settings.proxy = access.proxy or None  # nothing from the environment: what the kubeconfig says is what is used
    settings.verify_ssl = not access.insecure
    settings.disable_strict_ssl_verification = True  # cluster authorities often lack what X.509 "strict" wants; kubectl takes them
    if not access.server.startswith("https://"):
        return Wire(None, access.proxy)
    if access.authority:
        settings.ca_cert_data = access.authority.decode("ascii", "replace")
    elif access.authority_file is not None:
        settings.ssl_ca_cert = str(access.authority_file)
    try:
        settings.cert_file, settings.key_file = None, None
        rest = RESTClientObject(settings)
    except (OSError, ValueError) as error:
        raise Unreachable(f"the certificate authority cannot be used ({_reason(error)})") from error
    tls: ssl.SSLContext = rest.ssl_context
    if credential.certificate:
        with _on_disk(credential) as path:
            try:
                tls.load_cert_chain(path)
            except (OSError, ValueError) as error:
                raise Denied(f"the client certificate or its key cannot be used ({_reason(error)})") from error
    return Wire(tls, access.proxy)


def _reason(error: Exception) -> str:
    return getattr(error, "reason", "") or getattr(error, "strerror", "") or str(error)


@contextmanager
def _on_disk(credential: Credential) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix="pilothouse-")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(credential.certificate + b"\n" + credential.key)
        yield Path(name)
    finally:
        os.unlink(name)
