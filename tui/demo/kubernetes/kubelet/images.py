"""Which images there are, how long they take to pull, and in which words a registry says no."""

from __future__ import annotations

import re
import zlib
from functools import cache

PUBLIC = {
    "alpine", "busybox", "caddy", "haproxy", "httpd", "memcached", "mongo", "mysql", "nginx", "node", "postgres", "python", "rabbitmq",
    "redis", "traefik", "grafana/grafana", "prom/prometheus", "fluent/fluent-bit", "opensearchproject/opensearch",
}  # fmt: skip
"""Repositories of which every sensible tag can be had."""
SENSIBLE = re.compile(r"(latest|stable|alpine|v?\d+(\.\d+){0,2}(-[a-z0-9.]+)?)")
SHOP: dict[str, set[str]] = {
    "shop/web": {"2.6.0", "2.6.1", "2.7.0", "2.7.1"},
    "shop/api": {"1.13.2", "1.14.0", "1.14.1", "1.15.0"},
    "shop/checkout": {"3.3.9", "3.4.0", "3.4.1"},
    "shop/mailer": {"1.8.1", "1.8.2"},
    "shop/recommender": {"0.8.4", "0.9.0-rc2"},
    "shop/worker": {"5.0.3", "5.1.0"},
    "shop/invoice": {"1.4.0"},
    "shop/search": {"4.2.0"},
    "shop/stock-sync": {"2.2.0"},
    "shop/migrate": {"1.14.0", "1.14.1", "1.15.0"},
}
"""The shop's own registry namespace: only these tags were ever pushed."""


@cache
def split(image: str) -> tuple[str, str, str]:
    """Return the registry, repository and tag of an image: ("docker.io", "library/nginx", "1.27")."""
    name, _, _ = image.partition("@")
    head, slash, rest = name.partition("/")
    registry, path = (head, rest) if slash and ("." in head or ":" in head or head == "localhost") else ("docker.io", name)
    path, _, tag = path.partition(":")
    if registry == "docker.io" and "/" not in path:
        path = f"library/{path}"
    return registry, path, tag or "latest"


@cache
def full(image: str) -> str:
    """Return an image's name with everything that it leaves out."""
    registry, path, tag = split(image)
    return f"{registry}/{path}:{tag}"


def role(image: str) -> str:
    """Return the last word of the repository: "web", "nginx"."""
    return split(image)[1].rpartition("/")[2]


@cache
def digest(image: str) -> str:
    """Return an imageID."""
    seeds = (zlib.crc32(f"{full(image)}{part}".encode()) for part in range(8))
    return "sha256:" + "".join(f"{seed:08x}" for seed in seeds)


def size(image: str) -> int:
    """Return how many bytes it has: some megabytes, always the same."""
    return 6_000_000 + zlib.crc32(split(image)[1].encode()) % 180_000_000


def seconds(image: str) -> float:
    """Return how long a pull takes."""
    return 0.6 + size(image) / 60_000_000


@cache
def refusal(image: str) -> str:
    """Return why an image cannot be pulled, or ""."""
    registry, path, tag = split(image)
    name = full(image) if registry == "docker.io" else image
    said = f'failed to pull and unpack image "{name}": failed to resolve reference "{name}": '
    if registry in {"registry.k8s.io", "quay.io", "ghcr.io"}:
        return ""
    if registry != "docker.io":
        host = registry.partition(":")[0]
        return (
            f'{said}failed to do request: Head "https://{registry}/v2/{path}/manifests/{tag}": dial tcp: lookup {host} on'
            " 10.96.0.10:53: no such host"
        )
    known = SHOP.get(path)
    short = path.removeprefix("library/")
    if tag in known if known is not None else short in PUBLIC and SENSIBLE.fullmatch(tag):
        return ""
    if known is not None or short in PUBLIC:
        return f"rpc error: code = NotFound desc = {said}{name}: not found"
    return (
        f"rpc error: code = Unknown desc = {said}pull access denied, repository does not exist or may require authorization: server"
        " message: insufficient_scope: authorization failed"
    )
