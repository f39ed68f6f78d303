"""Certificates for tests: an authority of our own and what it signs, made with openssl."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """[ca]
default_ca = one
[one]
dir = {folder}
database = $dir/index.txt
serial = $dir/serial
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca-key.pem
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


def _openssl(*words: str | Path) -> None:
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    cert: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """A certificate authority in a folder of its own."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @classmethod
    def made(cls, folder: Path) -> Authority:
        """Make one."""
        folder.mkdir(parents=True)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        _openssl(
            "req", "-x509", *key, "-days", "3650", "-subj", f"/CN=Authority {folder.name}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", folder / "ca-key.pem", "-out", folder / "ca.pem",
        )  # fmt: skip
        (folder / "index.txt").touch()
        (folder / "serial").write_text("1000\n")
        (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder))
        return cls(folder)

    def sign(self, name: str, usage: str, alternatives: str = "DNS:localhost,IP:127.0.0.1", *, year: int = 0) -> Pair:
        """Return a certificate for "serverAuth" or "clientAuth"; `year`: the only year in which it was good, 0 = until 2049."""
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}-key.pem")
        request, extra = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extra.write_text(
            f"subjectAltName={alternatives}\nextendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n"
        )
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        _openssl("req", "-new", *key, "-subj", f"/CN={name}", "-keyout", pair.key, "-out", request)
        begin, end = (f"{year}0101000000Z", f"{year}1231000000Z") if year else ("20200101000000Z", "20491231000000Z")
        _openssl(
            "ca", "-batch", "-notext", "-config", self.folder / "openssl.cnf", "-in", request, "-out", pair.cert,
            "-startdate", begin, "-enddate", end, "-extfile", extra,
        )  # fmt: skip
        return pair

    def server_side(self, pair: Pair, *, clients: bool = True) -> ssl.SSLContext:
        """Return what a server listens with; `clients`: those without a certificate of this authority are sent away."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.cert, pair.key)
        if clients:
            context.load_verify_locations(self.ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context
