"""How one cluster is reached and who we are there, as the kubeconfig says it, with every path made absolute."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit


class _Stanza(Protocol):
    @property
    def body(self) -> Mapping[str, Any]: ...

    @property
    def file(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class ExecSpec:
    """A credential plugin: what to run, and how. `interactive`: IfAvailable, Never or Always."""

    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    api_version: str = "client.authentication.k8s.io/v1"
    install_hint: str = ""
    provide_cluster: bool = False
    interactive: str = "IfAvailable"
    cluster_config: Any = None  # the cluster's extension of that name, handed on to the plugin


@dataclass(frozen=True, slots=True)
class Access:
    """Everything a transport needs. Files are named, not read: they may change while we run. `repr` shows no secret."""

    context: str = ""
    server: str = ""
    authority: bytes = field(default=b"", repr=False)  # PEM
    authority_file: Path | None = None
    certificate: bytes = field(default=b"", repr=False)  # PEM
    certificate_file: Path | None = None
    key: bytes = field(default=b"", repr=False)  # PEM
    key_file: Path | None = None
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    exec: ExecSpec | None = None
    auth_provider: Mapping[str, Any] | None = field(default=None, repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    impersonate: str = ""
    impersonate_uid: str = ""
    impersonate_groups: tuple[str, ...] = ()
    impersonate_extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    proxy: str = ""
    tls_server_name: str = ""
    insecure: bool = False  # insecure-skip-tls-verify
    namespace: str = "default"
    user: str = ""  # the kubeconfig's name for the user

    @property
    def unsafe(self) -> str:
        """Return why nobody should trust this connection, or ""."""
        if self.server.startswith("http://") and not all(map(loopback, filter(None, (self.server, self.proxy)))):
            return "plain http: no encryption, anybody on the way may read and change everything"
        return "the server's certificate is not checked (insecure-skip-tls-verify)" if self.insecure else ""


def loopback(server: str) -> bool:
    """Tell whether a URL leads no further than this machine (`kubectl proxy`): nobody stands on the way."""
    host = urlsplit(server).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def access_of(context: _Stanza, cluster: _Stanza, user: _Stanza) -> Access:
    """Return the Access of a context's three parts; raises ValueError with a sentence when one of them is unusable."""
    where, who = _Reader(cluster), _Reader(user)
    return Access(
        server=where.server(),
        authority=where.data("certificate-authority-data"),
        authority_file=None if where.text("certificate-authority-data") else where.path("certificate-authority"),
        certificate=who.data("client-certificate-data"),
        certificate_file=None if who.text("client-certificate-data") else who.path("client-certificate"),
        key=who.data("client-key-data"),
        key_file=None if who.text("client-key-data") else who.path("client-key"),
        token=who.text("token"),
        token_file=who.path("tokenFile"),
        exec=_exec_of(who, where),
        auth_provider=who.mapping("auth-provider") or None,
        username=who.text("username"),
        password=who.text("password"),
        impersonate=who.text("as"),
        impersonate_uid=who.text("as-uid"),
        impersonate_groups=who.texts("as-groups"),
        impersonate_extra=tuple((key, _texts(value)) for key, value in who.mapping("as-user-extra").items()),
        proxy=where.text("proxy-url"),
        tls_server_name=where.text("tls-server-name"),
        insecure=where.flag("insecure-skip-tls-verify"),
        namespace=_Reader(context).text("namespace") or "default",
        user=_Reader(context).text("user"),
    )


def complaint(context: _Stanza, cluster: _Stanza, user: _Stanza) -> str:
    """Return why a context cannot be used, in a sentence, or "". Looks at files, runs and sends nothing."""
    try:
        access = access_of(context, cluster, user)
    except ValueError as error:
        return str(error)
    named = {
        "certificate-authority": access.authority_file,
        "client-certificate": access.certificate_file,
        "client-key": access.key_file,
        "tokenFile": access.token_file,
    }
    for what, path in named.items():
        try:
            if path is not None and not path.is_file():
                return f"{what}: there is no file {path}"
        except (OSError, ValueError) as error:
            return f"{what}: {error}"
    if bool(access.certificate or access.certificate_file) != bool(access.key or access.key_file):
        return "a client certificate needs a client key, and the user has only one of them"
    if access.insecure and (access.authority or access.authority_file):
        return "insecure-skip-tls-verify and a certificate-authority exclude each other"
    if (access.token or access.token_file) and access.username:
        return "the user has both a token and a password, and only one may be"
    return ""


def _exec_of(who: _Reader, where: _Reader) -> ExecSpec | None:
    body = who.mapping("exec")
    if not body:
        return None
    command = body.get("command")
    if not isinstance(command, str) or not command:
        raise ValueError("exec: no command")
    if "/" in command and not command.startswith("/"):
        command = str(who.file.parent / command)
    env = tuple(
        (str(item["name"]), str(item.get("value", ""))) for item in body.get("env") or () if isinstance(item, dict) and "name" in item
    )
    return ExecSpec(
        command,
        _texts(body.get("args")),
        env,
        str(body.get("apiVersion") or ""),
        str(body.get("installHint") or ""),
        body.get("provideClusterInfo") is True,
        str(body.get("interactiveMode") or "IfAvailable"),
        _extension(where, "client.authentication.k8s.io/exec"),
    )


def _extension(where: _Reader, name: str) -> Any:
    entries = where.body.get("extensions")
    found = (
        [entry.get("extension") for entry in entries if isinstance(entry, dict) and entry.get("name") == name]
        if isinstance(entries, list)
        else []
    )
    return found[0] if found else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads fields of one stanza by type; what has another type than kubectl wants is a ValueError."""

    stanza: _Stanza

    @property
    def body(self) -> Mapping[str, Any]:
        return self.stanza.body

    @property
    def file(self) -> Path:
        return self.stanza.file

    def text(self, key: str) -> str:
        value = self.body.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ValueError(f"{key} is not a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        return _texts(self.body.get(key))

    def flag(self, key: str) -> bool:
        value = self.body.get(key)
        if not isinstance(value, bool | None):
            raise ValueError(f"{key} is neither true nor false")
        return bool(value)

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.body.get(key)
        if not isinstance(value, dict | None):
            raise ValueError(f"{key} is not a mapping")
        return value or {}

    def data(self, key: str) -> bytes:
        text = self.text(key)
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"{key} is not base64") from None

    def path(self, key: str) -> Path | None:
        text = self.text(key)
        return self.file.parent / text if text else None

    def server(self) -> str:
        text = self.text("server").rstrip("/")
        if not text:
            raise ValueError("the cluster has no server")
        text = text if "://" in text else f"http://{text}"
        try:
            parts = urlsplit(text)
            fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            fine = False
        if not fine:
            raise ValueError(f"server {text!r} is not an http address")
        return text
