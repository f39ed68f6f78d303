"""Story: a small shop on one host: a compose project, some odd jobs, what is left lying about, and its swarm."""

from __future__ import annotations

from typing import Any

from tui.demo.docker.past import DAY, HOUR, MINUTE, Past, compose
from tui.demo.docker.server import DockerWorld
from tui.demo.docker.swarm.story import tell as tell_swarm
from tui.demo.docker.volumes import ANONYMOUS

MIB = 2**20
WEB_PROBE = {"Test": ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1/healthz || exit 1"], "Interval": 30_000_000_000}
DB_PROBE = {"Test": ["CMD-SHELL", "pg_isready -U shop"], "Interval": 30_000_000_000, "Retries": 5}
SEARCH_PROBE = {"Test": ["CMD", "curl", "-fsS", "http://127.0.0.1:9200/_health"], "Interval": 30_000_000_000, "Retries": 3}


def tell(world: DockerWorld) -> None:
    """Tell it, as of now."""
    past = Past(world.daemon)
    images(past)
    tell_swarm(world.swarm(), past)
    stores(past)
    shop(past)
    others(past)
    past.told()


def images(past: Past) -> None:
    """Put images there: those in use, their elders, and some that lost their name."""
    base = past.image(["python:3.13-slim"], 33 * DAY, 124, ["python3"])
    past.image(["busybox:1"], 90 * DAY, 4.3, ["sh"])
    past.image(["postgres:16"], 26 * DAY, 434, ["postgres"], ExposedPorts={"5432/tcp": {}}, Volumes={"/var/lib/postgresql/data": {}},
               Env=["PATH=/usr/local/bin:/usr/bin:/bin", "PG_MAJOR=16", "PGDATA=/var/lib/postgresql/data"])  # fmt: skip
    past.image(["redis:7.4"], 41 * DAY, 117, ["redis-server"], ExposedPorts={"6379/tcp": {}})
    past.image(["traefik:v3.3"], 19 * DAY, 190, ["traefik"], ExposedPorts={"80/tcp": {}})
    for tag, ago in (("3.4.1", 5 * DAY), ("3.4.0", 16 * DAY)):
        past.image([f"shop/web:{tag}"], ago, 58, ["nginx"], ExposedPorts={"80/tcp": {}}, Labels={"org.opencontainers.image.version": tag})
    for tag, ago in (("2.9.0", 3 * DAY), ("2.8.3", 17 * DAY), ("2.8.2", 31 * DAY)):
        labels = {"org.opencontainers.image.version": tag}
        past.image([f"shop/api:{tag}"], ago, 212, ["/app/api"], base, ExposedPorts={"8000/tcp": {}}, Labels=labels)
    for name, ago, size, command in (
        ("shop/worker:1.12.0", 3 * DAY, 231, "shop-worker"), ("shop/search:4.2.0", 44 * DAY, 498, "search"),
        ("shop/mailer:1.9.0", 30 * DAY, 141, "shop-worker"), ("shop/mailer:1.9.1", 2 * HOUR, 142, "mailer"),
        ("shop/report:0.8", 52 * DAY, 188, "shop-report"), ("shop/agent:0.22.1", 60 * DAY, 137, "/agent"),
    ):  # fmt: skip
        past.image([name], ago, size, [command], base)
    for ago, size in ((6 * DAY, 211), (18 * DAY, 209), (45 * DAY, 57)):
        past.image([], ago, size, ["/app/api"]).digests.clear()


def stores(past: Past) -> None:
    """Put volumes and networks there, some of which nobody needs any more."""
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.version": "2.32.4"}
    for name, ago, size in (
        ("db-data", 61 * DAY, 2_340),
        ("queue-data", 61 * DAY, 38),
        ("search-index", 44 * DAY, 5_120),
        ("uploads", 61 * DAY, 890),
    ):
        past.volume(f"shop_{name}", ago, size, {**labels, "com.docker.compose.volume": name})
    past.volume("old-uploads", 214 * DAY, 12_800)
    past.volume("db-backup-before-16", 26 * DAY, 2_110, {"keep": "until the upgrade is proven"})
    past.volume("", 12 * DAY, 64, {ANONYMOUS: ""})
    networks = past.daemon.networks
    networks.create("shop_default", created=past.at(61 * DAY), quiet=True, labels={**labels, "com.docker.compose.network": "default"})
    networks.create("edge", created=past.at(61 * DAY), quiet=True)
    networks.create("monitoring_old", created=past.at(200 * DAY), quiet=True, labels={"owner": "nobody"})


def _service(past: Past, word: str, image: str, ago: float, **more: Any) -> None:
    needs, labels = more.pop("needs", ""), more.pop("Labels", {})
    host = {"NetworkMode": "shop_default", "RestartPolicy": {"Name": "unless-stopped"}, **more.pop("HostConfig", {})}
    sound = more.pop("sound", "healthy")
    labels = {**compose("shop", word, needs=needs), **labels}
    past.running(f"shop-{word}-1", image, ago, max(ago, 3 * DAY) + 2, sound, Labels=labels, HostConfig=host, **more)


def shop(past: Past) -> None:
    """Start the compose project."""
    secret = ["DATABASE_URL=postgres://shop@db/shop", "DB_PASSWORD=not-the-real-one", "LOG_LEVEL=info"]
    bind = {"Binds": ["shop_db-data:/var/lib/postgresql/data"], "Memory": 1024 * MIB}
    _service(past, "db", "postgres:16", 26 * DAY, HostConfig=bind, Healthcheck=DB_PROBE, Env=["POSTGRES_USER=shop", "POSTGRES_PASSWORD=no"])
    _service(past, "queue", "redis:7.4", 26 * DAY, HostConfig={"Binds": ["shop_queue-data:/data"], "Memory": 256 * MIB})
    host = {"Memory": 512 * MIB, "Binds": ["shop_uploads:/srv/uploads"]}
    _service(past, "api", "shop/api:2.9.0", 3 * DAY, HostConfig=host, Healthcheck=WEB_PROBE, Env=secret, needs="db:service_healthy:false")
    ports = {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}, "Memory": 128 * MIB}
    _service(past, "web", "shop/web:3.4.1", 3 * DAY, HostConfig=ports, Healthcheck=WEB_PROBE, needs="api:service_started:false")
    _service(past, "worker", "shop/worker:1.12.0", 41 * MINUTE, HostConfig={"Memory": 256 * MIB, "NanoCpus": 500_000_000}, Env=secret)
    index = {"Binds": ["shop_search-index:/var/lib/search"], "Memory": 768 * MIB}
    _service(past, "search", "shop/search:4.2.0", 6 * HOUR, HostConfig=index, Healthcheck=SEARCH_PROBE, sound="unhealthy")
    labels, mode = compose("shop", "mailer"), {"NetworkMode": "shop_default"}
    past.again("shop-mailer-1", "shop/mailer:1.9.1", 1.9 * HOUR, 113, 21.0, Labels=labels, HostConfig=mode)


def others(past: Past) -> None:
    """Start and end what somebody ran by hand, or at night."""
    edge = {
        "NetworkMode": "edge",
        "PortBindings": {"80/tcp": [{"HostPort": "80"}]},
        "RestartPolicy": {"Name": "always"},
        "Memory": 96 * MIB,
    }
    past.running("edge-proxy", "traefik:v3.3", 19 * DAY, HostConfig=edge)
    night = past.daemon.clock.now()
    since = (night.hour * 60 + night.minute) * MINUTE + 20 * HOUR  # the night before last, 4 o'clock
    past.over("report-nightly", "shop/report:0.8", since % DAY + 3.4, since % DAY, 0, Labels={"job": "nightly", "owner": "finance"})
    script = "for n in 1 2 3 4 5 6; do echo thumbnails: batch $n of 40; sleep 20; done; tail /dev/zero"
    limit = {"Memory": 64 * MIB, "MemorySwap": 64 * MIB}
    past.over(
        "thumbnails-backfill", "shop/worker:1.12.0", 5.1 * HOUR, 5 * HOUR, 137, memory=True, Cmd=["sh", "-c", script], HostConfig=limit
    )
    script = "echo migrating orders; sleep 2; echo 'ERROR: column total_net does not exist' >&2; exit 1"
    past.over("migrate-orders", "shop/api:2.9.0", 3 * DAY + 65, 3 * DAY + 63, 1, Cmd=["sh", "-c", script])
    past.over("jolly_morse", "busybox:1", 23 * DAY, 23 * DAY - 300, 0, Cmd=["sh"])
    frozen = past.running("legacy-import", "shop/worker:1.12.0", 2 * DAY)
    past.daemon.containers.pause(frozen)
    past.say(2 * DAY - 60, "container", "pause", frozen.id, frozen.attributes)
    past.made("api-canary", "shop/api:2.9.0", 14 * MINUTE, Labels={"owner": "platform"})
