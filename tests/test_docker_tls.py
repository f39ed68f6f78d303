"""Docker over TLS: the certificates of the environment and of contexts are used, and what is wrong with them is said, never passed over."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import Authority, Pair
from tests.docker_trial import add, host, kind
from tests.waiting import until
from tui.demo.docker.container import Container
from tui.demo.docker.server import DockerWorld
from tui.engines.docker.engine import DockerEngine
from tui.engines.docker.hosts import HostEntry, load
from tui.engines.gate import Gate
from tui.facts import EngineError, Put, Ref, State, Unreachable

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@dataclass(frozen=True)
class Served:
    """A Docker host behind TLS on a port of loopback, and a container of it."""

    world: DockerWorld
    port: int
    web: Container


@dataclass(frozen=True)
class Ours:
    """Two authorities and the certificates they gave out."""

    good: Authority
    other: Authority
    server: Pair
    client: Pair


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Ours:
    folder = tmp_path_factory.mktemp("tls")
    good, other = Authority.made(folder / "good"), Authority.made(folder / "other")
    return Ours(good, other, good.sign("server", "serverAuth"), good.sign("client", "clientAuth"))


def _place(folder: Path, authority: Authority, client: Pair | None) -> Path:
    """Lay the files out as docker has them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(authority.ca, folder / "ca.pem")
    if client is not None:
        shutil.copy(client.cert, folder / "cert.pem")
        shutil.copy(client.key, folder / "key.pem")
    return folder


def _by_environment(home: Path, port: int, certs: Path, host: str = "127.0.0.1") -> HostEntry:
    environ = {"DOCKER_HOST": f"tcp://{host}:{port}", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certs)}
    return load(environ, home).chosen


def _by_context(home: Path, port: int, ours: Ours) -> HostEntry:
    digest = hashlib.sha256(b"far").hexdigest()
    meta = home / ".docker" / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    endpoint = {"Host": f"tcp://127.0.0.1:{port}", "SkipTLSVerify": False}
    (meta / "meta.json").write_text(json.dumps({"Name": "far", "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    _place(home / ".docker" / "contexts" / "tls" / digest / "docker", ours.good, ours.client)
    return load({"DOCKER_CONTEXT": "far"}, home).chosen


@asynccontextmanager
async def _served(context: ssl.SSLContext) -> AsyncIterator[Served]:
    world = host()
    web = add(world, "web")
    try:
        yield Served(world, await world.start_on_port(context), web)
    finally:
        await world.stop()


@asynccontextmanager
async def _engine(entry: HostEntry, gate: Gate | None = None) -> AsyncIterator[DockerEngine]:
    engine = DockerEngine(entry, gate or Gate())
    try:
        yield engine
    finally:
        await engine.close()


@pytest.mark.parametrize("way", ["environment", "context"])
async def test_it_lists_and_writes_over_tls_with_a_client_certificate(tmp_path: Path, ours: Ours, way: str) -> None:
    async with _served(ours.good.server_side(ours.server)) as server:
        certs = _place(tmp_path / "certs", ours.good, ours.client)
        entry = _by_environment(tmp_path, server.port, certs) if way == "environment" else _by_context(tmp_path, server.port, ours)
        assert not entry.broken
        assert not entry.insecure
        async with _engine(entry, Gate(audit=tmp_path / "audit.jsonl")) as engine:
            await engine.connect()
            assert engine.about.version == server.world.daemon.software == "27.5.1"
            names: set[str] = set()

            def feed(delta: object) -> None:
                names.update(one.name for one in delta.objects if isinstance(delta, Put)) if isinstance(delta, Put) else None

            watch = asyncio.create_task(engine.watch(kind("docker/containers"), "", feed))
            await until(lambda: "web" in names)
            await engine.start(Ref(engine.id, "docker/containers", "", "web", server.web.id))
            assert server.web.state == "running"
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
    last = json.loads((tmp_path / "audit.jsonl").read_text().splitlines()[-1])
    assert (last["outcome"], last["status"]) == ("ok", 204)


CASES = {
    "an authority we do not know": ("other", "server", "client", "127.0.0.1", "TLS handshake failed (self-signed certificate"),
    "no client certificate": ("good", "server", "", "127.0.0.1", "wants another client certificate; check cert.pem"),
    "a client certificate of another authority": ("good", "server", "stranger", "127.0.0.1", "wants another client certificate"),
    "an expired server certificate": ("good", "expired", "client", "127.0.0.1", "TLS handshake failed (certificate has expired)"),
    "an expired client certificate": ("good", "server", "old", "127.0.0.1", "wants another client certificate"),
    "another host name": ("good", "elsewhere", "client", "localhost", "Hostname mismatch"),
    "another address": ("good", "elsewhere", "client", "127.0.0.1", "IP address mismatch"),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_is_wrong_is_said_and_nothing_is_sent(tmp_path: Path, ours: Ours, case: str) -> None:
    authority, shown, client, host, said = CASES[case]
    signs = {"expired": {"year": 2021}, "elsewhere": {"alternatives": "DNS:engine.example.com"}}
    server_pair = ours.server if shown == "server" else ours.good.sign(shown, "serverAuth", **signs[shown])  # type: ignore[arg-type]
    pairs = {
        "": lambda: None,
        "client": lambda: ours.client,
        "stranger": lambda: ours.other.sign("stranger", "clientAuth"),
        "old": lambda: ours.good.sign("old", "clientAuth", year=2021),
    }
    certs = _place(tmp_path / "certs", ours.good if authority == "good" else ours.other, pairs[client]())
    audit = tmp_path / "audit.jsonl"
    async with _served(ours.good.server_side(server_pair)) as server:
        async with _engine(_by_environment(tmp_path, server.port, certs, host), Gate(audit=audit)) as engine:
            with pytest.raises(Unreachable) as failed:
                await engine.connect()
            assert said.lower() in str(failed.value).lower(), str(failed.value)
            assert "DOCKER_HOST" in str(failed.value)
            assert engine.health.state is State.RETRYING
            with pytest.raises(EngineError):
                await engine.start(Ref(engine.id, "docker/containers", "", "web", server.web.id))
        assert not server.world.record.asked, "nothing is sent before the certificate is known to be good, and nothing without TLS"


@pytest.mark.parametrize(
    ("client", "said"),
    [
        ("", "wants a client certificate; check cert.pem and key.pem of DOCKER_HOST"),
        ("stranger", "does not accept our client certificate (unknown ca)"),
        ("old", "does not accept our client certificate (certificate expired)"),
    ],
)
async def test_an_engine_that_says_why_it_sends_us_away_is_heard(tmp_path: Path, ours: Ours, client: str, said: str) -> None:
    pair = (
        None
        if not client
        else ours.other.sign("s2", "clientAuth")
        if client == "stranger"
        else ours.good.sign("o2", "clientAuth", year=2021)
    )
    certs = _place(tmp_path / "certs", ours.good, pair)
    with socket.create_server(("127.0.0.1", 0)) as listening:  # asyncio's server cuts off without a word, dockerd does not

        def serve() -> None:
            while True:
                try:
                    plain, _ = listening.accept()
                except OSError:
                    return
                with (
                    contextlib.suppress(OSError),
                    plain,
                    ours.good.server_side(ours.server).wrap_socket(plain, server_side=True) as secured,
                ):
                    secured.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            async with _engine(_by_environment(tmp_path, listening.getsockname()[1], certs)) as engine:
                with pytest.raises(Unreachable) as failed:
                    await engine.connect()
            assert said in str(failed.value)
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            await asyncio.to_thread(thread.join)


async def test_files_that_are_no_certificates_are_named(tmp_path: Path, ours: Ours) -> None:
    certs = _place(tmp_path / "certs", ours.good, ours.client)
    (certs / "key.pem").write_text("nonsense")
    async with _engine(_by_environment(tmp_path, 1, certs)) as engine:
        with pytest.raises(Unreachable, match="certificates of DOCKER_HOST cannot be used"):
            await engine.connect()


async def test_tls_without_verification_works_and_is_marked(tmp_path: Path, ours: Ours) -> None:
    certs = _place(tmp_path / "certs", ours.other, ours.client)
    async with _served(ours.good.server_side(ours.server)) as server:
        environ = {"DOCKER_HOST": f"tcp://127.0.0.1:{server.port}", "DOCKER_TLS": "1", "DOCKER_CERT_PATH": str(certs)}
        async with _engine(load(environ, tmp_path).chosen) as engine:
            await engine.connect()
            assert "without verification" in engine.about.insecure


async def test_plain_tcp_to_a_tls_port_says_what_to_set(tmp_path: Path, ours: Ours) -> None:
    async with _served(ours.good.server_side(ours.server, clients=False)) as server:
        async with _engine(load({"DOCKER_HOST": f"tcp://127.0.0.1:{server.port}"}, tmp_path).chosen) as engine:
            assert "root on the host" in engine.about.insecure
            with pytest.raises(EngineError):
                await engine.connect()
        assert not server.world.record.asked
