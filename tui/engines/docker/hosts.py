"""Hosts: which Docker engines a person can mean, found as the docker command finds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
SCHEMES = ("unix", "tcp", "http", "https", "ssh")


class TlsFiles(Struct, frozen=True):
    """The files of a TLS connection; each may be missing."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


class HostEntry(Struct, frozen=True):
    """One Docker host: a docker context. `source` says where it was found; `broken` why it cannot be used, or ""."""

    name: str
    url: str
    source: str = ""
    description: str = ""
    tls: TlsFiles | None = None
    skip_verify: bool = False
    current: bool = False
    broken: str = ""

    @property
    def scheme(self) -> str:
        """Return the URL's scheme: unix, tcp, http, https or ssh."""
        return self.url.partition("://")[0]

    @property
    def secure(self) -> bool:
        """Tell whether the bytes go over TLS."""
        return self.scheme == "https" or (self.scheme == "tcp" and self.tls is not None)

    @property
    def insecure(self) -> str:
        """Return why the connection is not safe, or ""."""
        if self.scheme in {"tcp", "http"} and not self.secure:
            return "TCP without TLS: whoever reaches this port is root on the host"
        if self.secure and self.skip_verify:
            return "TLS without verification: the engine may be anyone"
        return ""


class Hosts(Struct, frozen=True):
    """Every docker context, `default` first, and the one that is meant."""

    entries: tuple[HostEntry, ...]
    chosen: HostEntry


def load(environ: Mapping[str, str], home: Path, host: str | None = None, context: str | None = None) -> Hosts:
    """Return the hosts; the chosen one by: host, context, DOCKER_HOST, DOCKER_CONTEXT, currentContext, the default socket.

    Never raises: what cannot be read is an entry that says why in `broken`.
    """
    folder = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    config, config_fault = _json(folder / "config.json")
    current = config.get("currentContext")
    wanted, why = _wanted(environ, host, context, current if isinstance(current, str) else "")
    entries = [_default(environ, folder, host), *_contexts(folder)]
    if all(entry.name != wanted for entry in entries):
        entries.append(HostEntry(wanted, "", why, broken=f"{why} names the docker context {wanted!r}, which is not there"))
    if config_fault and wanted == "default":
        entries[0] = replace(entries[0], source=f"{entries[0].source}; {config_fault}")
    entries = [replace(entry, current=entry.name == wanted) for entry in entries]
    return Hosts(tuple(entries), next(entry for entry in entries if entry.current))


def _wanted(environ: Mapping[str, str], host: str | None, context: str | None, current: str) -> tuple[str, str]:
    """Return the name of the context that is meant, and who says so."""
    if host:
        return "default", "--host"
    if context:
        return context, "--context"
    if environ.get("DOCKER_HOST"):
        return "default", "DOCKER_HOST"
    if environ.get("DOCKER_CONTEXT"):
        return environ["DOCKER_CONTEXT"], "DOCKER_CONTEXT"
    return (current, "currentContext in config.json") if current else ("default", "the default")


def _default(environ: Mapping[str, str], folder: Path, host: str | None) -> HostEntry:
    """Return the context `default`: what the flag or the environment says, else the default socket."""
    given, source = (host, "--host") if host else (environ.get("DOCKER_HOST"), "DOCKER_HOST")
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    tls = None
    if verify or environ.get("DOCKER_TLS"):
        certs = Path(environ.get("DOCKER_CERT_PATH") or folder)
        tls = TlsFiles(*(certs / name if (certs / name).is_file() else None for name in ("ca.pem", "cert.pem", "key.pem")))
    if not (given or "").strip():
        given, source = DEFAULT_SOCKET, "the default socket"
    return checked(HostEntry("default", (given or "").strip(), source, tls=tls, skip_verify=tls is not None and not verify))


def checked(entry: HostEntry) -> HostEntry:
    """Return the entry with its URL completed (scheme, port), or with the reason why the URL is no good."""
    url = entry.url if "://" in entry.url else f"tcp://{entry.url}"
    scheme, _, rest = url.partition("://")
    if scheme == "unix":
        return replace(entry, url=url) if rest.startswith("/") else replace(entry, broken=f"{url} is not the path of a socket")
    if scheme not in SCHEMES:
        return replace(entry, broken=f"{url}: {scheme} is not supported here; use one of {', '.join(SCHEMES)}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return replace(entry, broken=f"{url}: {error}")
    if not parts.hostname:
        return replace(entry, url=url, broken=f"{url} names no host")
    if scheme == "tcp" and port is None:
        url = f"tcp://{parts.netloc}:{2376 if entry.tls else 2375}{parts.path}"
    return replace(entry, url=url.rstrip("/") if scheme != "ssh" else url)


def _contexts(folder: Path) -> list[HostEntry]:
    """Return the contexts kept in a docker configuration folder, by name."""
    try:
        metas = sorted((folder / "contexts" / "meta").glob("*/meta.json"))
    except OSError:
        return []
    return sorted((_context(folder, meta) for meta in metas), key=lambda entry: entry.name)


def _context(folder: Path, path: Path) -> HostEntry:
    meta, fault = _json(path)
    name = meta.get("Name")
    if not isinstance(name, str) or not name:
        return HostEntry(path.parent.name[:12], "", str(path), broken=fault or f"{path} has no Name")
    details = meta.get("Metadata")
    description = details.get("Description") if isinstance(details, dict) else ""
    endpoints = meta.get("Endpoints")
    endpoint = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(endpoint, dict) or not isinstance(endpoint.get("Host"), str) or not endpoint["Host"]:
        return HostEntry(name, "", str(path), str(description or ""), broken=f"the context {name!r} has no docker endpoint")
    return checked(
        HostEntry(
            name,
            endpoint["Host"],
            f"the context {name!r}",
            str(description or ""),
            _context_tls(folder, name),
            bool(endpoint.get("SkipTLSVerify")),
        )
    )


def _context_tls(folder: Path, name: str) -> TlsFiles | None:
    """Return the TLS files of a context; a context is kept in a folder named by the SHA-256 of its name."""
    certs = folder / "contexts" / "tls" / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest() / "docker"
    files = [certs / part if (certs / part).is_file() else None for part in ("ca.pem", "cert.pem", "key.pem")]
    return TlsFiles(*files) if any(files) else None


def _json(path: Path) -> tuple[Mapping[str, Any], str]:
    """Return a JSON object from a file and, when there is none, why; a file that is not there is no fault."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"{path} cannot be read: {error.strerror}"
    except ValueError as error:
        return {}, f"{path} is not JSON: {error}"
    return (found, "") if isinstance(found, dict) else ({}, f"{path} does not hold a JSON object")
