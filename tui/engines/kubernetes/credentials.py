"""Who we are to the API server: tokens, token files, certificates and plugins, always fresh; what fails refuses, never anonymous."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.clock import Clock
from tui.engines.kubernetes.plugin import Ticket, run_plugin
from tui.facts import Denied

TOKEN_AGE = 60.0  # seconds; how long a token file is believed (client-go `transport/token_source.go`)
CERTIFICATE_AGE = 300.0  # seconds; how long a certificate file is believed
REST = 30.0  # seconds between two runs of a plugin that does not help
LEEWAY = 10.0  # seconds before its end that a ticket is renewed


@dataclass(frozen=True, slots=True)
class Credential:
    """What to show the server. `generation` grows with each change; `certificate` and `key` are PEM, or empty."""

    generation: int
    headers: Mapping[str, str] = field(repr=False)
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)


class Credentials:
    """The one source of credentials of one context. `run` starts a plugin; all who ask at once share one run."""

    def __init__(self, access: Access, clock: Clock | None = None, run: Callable[[Access], Awaitable[Ticket]] = run_plugin) -> None:
        self._access = access
        self._clock = clock or Clock()
        self._run = run
        self._lock = asyncio.Lock()
        self._held: Credential | None = None
        self._until = 0.0  # monotonic: files are read anew after this
        self._expiry: datetime | None = None
        self._ran = -REST

    async def get(self) -> Credential:
        """Return the credentials as they are now; raises Denied with the reason when a source fails."""
        held = self._held
        if held is not None and not self._is_due():
            return held
        async with self._lock:
            if self._held is None or self._is_due():
                await self._load()
            assert self._held is not None
            return self._held

    async def refresh(self, generation: int) -> bool:
        """After a 401 to that generation: look at every source again; tells whether there is now something else to show."""
        async with self._lock:
            if self._held is not None and self._held.generation != generation:
                return True
            if self._access.exec is not None and self._clock.monotonic() - self._ran < REST:
                return False
            await self._load()
            return self._held is not None and self._held.generation != generation

    def _is_due(self) -> bool:
        if self._expiry is not None and (self._expiry - self._clock.now()).total_seconds() < LEEWAY:
            return self._clock.monotonic() - self._ran >= REST
        return self._clock.monotonic() >= self._until

    async def _load(self) -> None:
        access, headers = self._access, _impersonation(self._access)
        certificate, key = _pair(access)
        token = access.token
        if access.token_file is not None:
            token = _read(access.token_file, "the token file").decode("utf-8", "replace").strip()
            if not token:
                raise Denied(f"the token file {access.token_file} is empty")
        elif not token and access.auth_provider is not None:
            token = _legacy(access.auth_provider)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif access.username:
            pair = base64.b64encode(f"{access.username}:{access.password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        elif access.exec is not None:
            self._ran = self._clock.monotonic()
            ticket = await self._run(access)
            self._expiry = ticket.expires
            if ticket.token:
                headers["Authorization"] = f"Bearer {ticket.token}"
            certificate, key = ticket.certificate or certificate, ticket.key or key
        self._keep(headers, certificate, key)
        self._until = self._clock.monotonic() + self._age()

    def _age(self) -> float:
        access = self._access
        if access.token_file is not None:
            return TOKEN_AGE
        if access.certificate_file is not None or access.key_file is not None:
            return CERTIFICATE_AGE
        return float("inf")

    def _keep(self, headers: Mapping[str, str], certificate: bytes, key: bytes) -> None:
        held = self._held
        if held is None or (held.headers, held.certificate, held.key) != (headers, certificate, key):
            self._held = Credential(held.generation + 1 if held else 1, headers, certificate, key)


def _pair(access: Access) -> tuple[bytes, bytes]:
    certificate = access.certificate or (_read(access.certificate_file, "the client certificate") if access.certificate_file else b"")
    key = access.key or (_read(access.key_file, "the client key") if access.key_file else b"")
    return certificate, key


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Denied(f"{what} {path} cannot be read ({error.strerror})") from error


def _impersonation(access: Access) -> dict[str, str]:
    """Return the headers of `as`, `as-uid` and `as-user-extra`; groups are sent one by one, see `impersonated_groups`."""
    headers: dict[str, str] = {}
    if access.impersonate:
        headers["Impersonate-User"] = access.impersonate
    if access.impersonate_uid:
        headers["Impersonate-Uid"] = access.impersonate_uid
    if (access.impersonate_groups or access.impersonate_extra or access.impersonate_uid) and not access.impersonate:
        raise Denied("the user impersonates groups but nobody (as-groups without as): the server would refuse it")
    return headers


def repeated_headers(access: Access) -> list[tuple[str, str]]:
    """Return the headers that may stand more than once: Impersonate-Group and Impersonate-Extra-*."""
    groups = [("Impersonate-Group", group) for group in access.impersonate_groups]
    return groups + [(f"Impersonate-Extra-{_escaped(key)}", value) for key, values in access.impersonate_extra for value in values]


def _escaped(key: str) -> str:
    """Return a key as a header name can carry it (client-go `headerKeyEscape`): percent, and what no header name may hold."""
    fine = "!#$&'*+-.^_`|~"
    return "".join(
        char if (char.isascii() and char.isalnum()) or char in fine else "".join(f"%{byte:02X}" for byte in char.encode()) for char in key
    )


def _legacy(provider: Mapping[str, object]) -> str:
    """Return the id-token of an `auth-provider` of old; kubectl itself no longer has gcp and azure, and nobody renews here."""
    name, config = provider.get("name"), provider.get("config")
    token = config.get("id-token") if isinstance(config, dict) else None
    if not isinstance(token, str) or not token:
        raise Denied(f"the auth-provider {name!r} of old is not supported and holds no id-token; use a credential plugin (exec)")
    end = _end_of(token)
    if end is not None and end < datetime.now(UTC):
        raise Denied(f"the id-token of auth-provider {name!r} has run out; renew it with kubectl or use a credential plugin (exec)")
    return token


class _Claims(msgspec.Struct):
    exp: float | None = None


def _end_of(token: str) -> datetime | None:
    """Return when a JWT runs out, or None when it does not say."""
    try:
        middle = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)), type=_Claims)
        return None if claims.exp is None else datetime.fromtimestamp(claims.exp, UTC)
    except (IndexError, ValueError, OverflowError, OSError, msgspec.DecodeError):
        return None
