"""Credential plugins, run by ourselves: no terminal, a deadline, bounded output, and the whole process group ended with them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from tui.engines.kubernetes.access import Access, ExecSpec
from tui.engines.kubernetes.answers import plain
from tui.facts import Denied

DEADLINE = 20.0  # seconds a plugin may take
LARGEST = 1 << 20  # bytes it may write to stdout
HEARD = 4096  # bytes of its stderr that are kept: the last ones
VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a plugin gave us."""

    token: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    expires: datetime | None = None


class _Status(msgspec.Struct):
    token: str = ""
    clientCertificateData: str = ""  # noqa: N815
    clientKeyData: str = ""  # noqa: N815
    expirationTimestamp: datetime | None = None  # noqa: N815


class _Answer(msgspec.Struct):
    apiVersion: str = ""  # noqa: N815
    kind: str = ""
    status: _Status | None = None


class _Ears(asyncio.SubprocessProtocol):
    """Hears a plugin out: stdout up to a cap, the end of stderr, and its exit, even if a child of it keeps the pipes."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self.enough = asyncio.Event()  # it has ended, or need not be heard further
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self.too_much = False

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self.too_much = self.too_much or len(self.out) + len(data) > LARGEST
            if self.too_much:
                self.enough.set()
            else:
                self.out += data
        else:
            self.err += data
            del self.err[:-HEARD]

    def process_exited(self) -> None:
        self.exited.set()
        self.enough.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.enough.set()
        self.closed.set()


async def run_plugin(access: Access, deadline: float = DEADLINE) -> Ticket:
    """Run the plugin of an Access and return what it gave; raises Denied with its own words when it fails."""
    spec = access.exec
    assert spec is not None
    name = os.path.basename(spec.command)
    if spec.interactive == "Always":
        raise Denied(
            f"the credential plugin {name} wants to talk with you (interactiveMode: Always); sign in with kubectl in a shell first"
        )
    if spec.api_version not in VERSIONS:
        raise Denied(
            f"the credential plugin {name} wants apiVersion {plain(spec.api_version, 80) or 'none'}, which no kubectl of today speaks"
        )
    ears = _Ears()
    try:
        transport = await _start(ears, (spec.command, *spec.args), _environment(access, spec))
    except (OSError, ValueError) as error:
        hint = f"; {plain(spec.install_hint)}" if spec.install_hint else ""
        raise Denied(f"the credential plugin {name} cannot be started ({getattr(error, 'strerror', None) or error}){hint}") from error
    code = await _hear(transport, ears, name, deadline)
    said = plain(ears.err.decode("utf-8", "replace"))
    if ears.too_much:
        raise Denied(f"the credential plugin {name} wrote more than {LARGEST >> 20} MiB")
    if code != 0:
        raise Denied(f"the credential plugin {name} failed with exit code {code}" + (f": {said}" if said else ""))
    return _ticket(bytes(ears.out), spec, name)


async def _start(ears: _Ears, words: tuple[str, ...], environ: dict[str, str]) -> asyncio.SubprocessTransport:
    """Start a plugin in a process group of its own; raises OSError, ValueError.

    Shielded: when asyncio is cancelled in the middle of it, it waits until the pipes close, and a child of the plugin may
    keep them open for ever.
    """
    starting = asyncio.ensure_future(
        asyncio.get_running_loop().subprocess_exec(
            lambda: ears, *words, stdin=asyncio.subprocess.DEVNULL, env=environ, start_new_session=True
        )
    )
    try:
        transport, _ = await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError, ValueError):
            transport, _ = await starting
            await _end(transport, ears)
        raise
    return transport


async def _end(transport: asyncio.SubprocessTransport, ears: _Ears) -> None:
    """End a plugin with all its children, if it still runs, and let go of it."""
    if transport.get_returncode() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await ears.exited.wait()
    transport.close()


async def _hear(transport: asyncio.SubprocessTransport, ears: _Ears, name: str, deadline: float) -> int | None:
    try:
        async with asyncio.timeout(deadline):
            await ears.enough.wait()
        with contextlib.suppress(TimeoutError):  # a child it left behind may hold the pipes for ever
            async with asyncio.timeout(0.5):
                await ears.closed.wait()
        return transport.get_returncode()
    except TimeoutError:
        raise Denied(f"the credential plugin {name} gave no answer within {deadline:g} s") from None
    finally:
        await _end(transport, ears)


def _environment(access: Access, spec: ExecSpec) -> dict[str, str]:
    about: dict[str, Any] = {"interactive": False}
    if spec.provide_cluster:
        about["cluster"] = _cluster(access, spec)
    info = {"kind": "ExecCredential", "apiVersion": spec.api_version, "spec": about}
    return {**os.environ, **dict(spec.env), "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _cluster(access: Access, spec: ExecSpec) -> dict[str, Any]:
    import base64

    authority = access.authority or (
        access.authority_file.read_bytes() if access.authority_file and access.authority_file.is_file() else b""
    )
    cluster: dict[str, Any] = {
        "server": access.server,
        "tls-server-name": access.tls_server_name,
        "insecure-skip-tls-verify": access.insecure,
        "certificate-authority-data": base64.b64encode(authority).decode(),
        "proxy-url": access.proxy,
        "config": spec.cluster_config,
    }
    return {key: value for key, value in cluster.items() if value}


def _ticket(out: bytes, spec: ExecSpec, name: str) -> Ticket:
    try:
        answer = msgspec.json.decode(out, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Denied(f"the credential plugin {name} did not write an ExecCredential") from None
    if answer.kind != "ExecCredential" or answer.apiVersion != spec.api_version:
        raise Denied(
            f"the credential plugin {name} answered with {plain(answer.apiVersion or 'no apiVersion', 80)}, not {spec.api_version}"
        )
    status = answer.status or _Status()
    if bool(status.clientCertificateData) != bool(status.clientKeyData):
        raise Denied(f"the credential plugin {name} gave only one of certificate and key")
    if not status.token and not status.clientCertificateData:
        raise Denied(f"the credential plugin {name} gave neither a token nor a certificate")
    expires = status.expirationTimestamp
    if expires is not None and expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    return Ticket(status.token, status.clientCertificateData.encode(), status.clientKeyData.encode(), expires)
