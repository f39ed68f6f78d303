"""What the programs of the shop write to their logs: lines for the start, for every moment, and for the end."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui.demo.kubernetes.objects import stamp

Flow = Callable[[random.Random, float], str]
"""Makes a line of its own chance and time."""

PATHS = ("/", "/cart", "/product/4711", "/product/1302", "/category/lamps", "/search?q=desk", "/assets/app.8c1f.js", "/assets/site.css")
ROUTES = (("GET", "/v1/products"), ("GET", "/v1/cart"), ("POST", "/v1/cart/items"), ("GET", "/v1/stock"), ("POST", "/v1/orders"))
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2)", "kube-probe/1.34")
JOBS = ("order.confirmed", "mail.receipt", "stock.reserve", "image.resize", "report.daily")


@dataclass(frozen=True, slots=True)
class Voice:
    """A program's way to speak. `head`: seconds after the start, and a line; `period`: seconds between lines of `flow`."""

    head: tuple[tuple[float, str], ...] = ()
    flow: Flow | None = None
    period: float = 5.0
    end: tuple[str, ...] = ()  # said when it ends by itself
    stop: tuple[str, ...] = ()  # said when it is told to stop
    rest: str = ""  # said last of all, without a newline


def _status(chance: random.Random) -> int:
    return chance.choices((200, 304, 404, 499, 502), (86, 9, 3, 1, 1))[0]


def access(chance: random.Random, when: float) -> str:
    """Return a line of a web server's access log."""
    ip = f"10.244.{chance.randrange(3)}.{chance.randrange(2, 60)}"
    path, agent = chance.choice(PATHS), chance.choice(AGENTS)
    return f'{ip} - - [{stamp(when)}] "GET {path} HTTP/1.1" {_status(chance)} {chance.randrange(180, 48000)} "-" "{agent}" {chance.random() / 4:.3f}'  # noqa: E501


def request(chance: random.Random, when: float) -> str:
    """Return a line of an API's request log, in JSON."""
    method, route = chance.choice(ROUTES)
    took = chance.expovariate(1 / 18)
    level, code = ("warn", 504) if took > 110 else ("info", 201 if method == "POST" else 200)
    trace = f"{chance.getrandbits(64):016x}"
    return f'{{"level":"{level}","msg":"request","method":"{method}","route":"{route}","status":{code},"ms":{took:.1f},"trace":"{trace}"}}'


def work(chance: random.Random, when: float) -> str:
    """Return a line of a queue worker."""
    job, number = chance.choice(JOBS), chance.randrange(100000, 999999)
    if chance.random() < 0.04:
        return f"WARN  worker: {job} #{number} failed (smtp: connection reset), attempt 1 of 5, again in 30s"
    return f"INFO  worker: {job} #{number} done in {chance.randrange(8, 900)}ms, queue depth {chance.randrange(0, 24)}"


def checkpoint(chance: random.Random, when: float) -> str:
    """Return a line of a database."""
    if chance.random() < 0.4:
        return f"{stamp(when)} [61] LOG:  checkpoint starting: time"
    pages, took = chance.randrange(12, 900), chance.random() * 60
    return f"{stamp(when)} [61] LOG:  checkpoint complete: wrote {pages} buffers ({pages / 163:.1f}%); sync=0.0{chance.randrange(10)} s, total={took:.3f} s"  # noqa: E501


def cache(chance: random.Random, when: float) -> str:
    """Return a line of a cache."""
    return f"1:M {stamp(when)} * {chance.randrange(80, 300)} changes in 300 seconds. Saving..."


def agent(chance: random.Random, when: float) -> str:
    """Return a line of a log collector."""
    return f"[{stamp(when)}] [ info] [output:loki:0] flushed chunk '1-{chance.randrange(10**9)}' ({chance.randrange(2, 64)} KiB) ok"


def dns(chance: random.Random, when: float) -> str:
    """Return a line of a name server."""
    name = chance.choice(("api.shop.svc.cluster.local.", "db.shop.svc.cluster.local.", "queue.shop.svc.cluster.local."))
    return f'[INFO] 10.244.1.{chance.randrange(2, 40)}:{chance.randrange(30000, 60000)} - {chance.randrange(65535)} "A IN {name} udp 45 false 512" NOERROR qr,aa,rd 88 0.0001s'  # noqa: E501


def broker(chance: random.Random, when: float) -> str:
    """Return a line of a message broker."""
    return f"[info] <0.{chance.randrange(400, 9000)}.0> accepting AMQP connection 10.244.1.{chance.randrange(2, 60)}:5672"


def klog(chance: random.Random, when: float) -> str:
    """Return a line of a part of Kubernetes itself."""
    said = chance.choice(
        (
            '"Starting watch" resource="pods"',
            '"Trace: list pods" total="42ms"',
            '"Finished syncing" items=12',
            '"Lease renewed" holder="cp-1"',
        )
    )
    return f"I{stamp(when)[5:7]}{stamp(when)[8:10]} {stamp(when)[11:19]}.{chance.randrange(10**6):06d}       1 main.go:{chance.randrange(40, 900)}] {said}"  # noqa: E501


PANIC = (
    '{"level":"info","msg":"loading model","path":"/models/2026-02.bin"}',
    "panic: runtime error: index out of range [128] with length 128",
    "",
    "goroutine 41 [running]:",
    "shop/recommender/model.(*Embedding).Lookup(0xc0001b8000, 0x80)",
    "\t/src/model/embedding.go:77 +0x1d4",
    "shop/recommender/rank.Score({0xc000214000, 0x40, 0x40})",
    "\t/src/rank/score.go:131 +0x2ac",
    "main.warmUp(0xc00007e0e0)",
    "\t/src/main.go:58 +0x118",
    "main.main()",
    "\t/src/main.go:34 +0x85",
    "exit status 2",
)

VOICES: Mapping[str, Voice] = {
    "web": Voice(
        ((0.1, "shop-web: configuration ok, 4 workers"), (0.4, "shop-web: listening on :8080")),
        access,
        2.0,
        stop=("shop-web: SIGTERM, draining 3 connections", "shop-web: bye"),
    ),
    "api": Voice(
        (
            (0.1, '{"level":"info","msg":"starting shop-api"}'),
            (0.9, '{"level":"info","msg":"database ready","host":"db.shop","pool":12}'),
            (1.6, '{"level":"info","msg":"listening","addr":":8080"}'),
        ),
        request,
        1.5,
        stop=('{"level":"info","msg":"shutting down"}',),
    ),
    "checkout": Voice(
        ((0.1, '{"level":"info","msg":"starting checkout"}'), (1.0, '{"level":"info","msg":"listening","addr":":8080"}')), request, 4.0
    ),
    "worker": Voice(
        ((0.2, "INFO  worker: connected to amqp://queue.shop:5672"), (0.5, "INFO  worker: 8 consumers ready")),
        work,
        3.0,
        stop=("INFO  worker: finishing 2 jobs", "INFO  worker: stopped"),
    ),
    "mailer": Voice(((0.2, "INFO  worker: smtp relay mail.example.com:587 ready"),), work, 9.0),
    "recommender": Voice(((0.2, '{"level":"info","msg":"starting recommender"}'),), request, 5.0),
    "search": Voice(
        ((0.5, '{"level":"info","msg":"opening index","shards":5}'), (4.0, '{"level":"info","msg":"index open"}')), request, 6.0
    ),
    "postgres": Voice(
        ((0.1, "PostgreSQL init process complete; ready for start up."), (0.8, "LOG:  database system is ready to accept connections")),
        checkpoint,
        60.0,
        stop=("LOG:  received smart shutdown request", "LOG:  database system is shut down"),
    ),
    "rabbitmq": Voice(((2.0, " completed with 4 plugins."),), broker, 12.0),
    "redis": Voice(((0.1, "1:M * Ready to accept connections tcp"),), cache, 45.0),
    "fluent-bit": Voice(
        ((0.1, "Fluent Bit v4.0.3"), (0.3, "[ info] [input:tail:tail.0] inotify_fs_add(): /var/log/containers")), agent, 7.0
    ),
    "invoice": Voice(
        (
            (0.3, "INFO  invoice: reading orders of yesterday"),
            (4.0, "INFO  invoice: 1204 orders"),
            (18.0, "INFO  invoice: 600 of 1204 written"),
            (32.0, "INFO  invoice: 1204 of 1204 written"),
        ),
        end=("INFO  invoice: done",),
    ),
    "stock-sync": Voice(
        ((0.2, "stock-sync: reading 3 warehouses"), (6.0, "stock-sync: 18204 items, 37 changed")), end=("stock-sync: done",)
    ),
    "migrate": Voice(((0.1, "migrate: schema at 0048"),), end=("migrate: nothing to do",)),
    "coredns": Voice(((0.1, ".:53"), (0.2, "CoreDNS-1.12.1"), (0.2, "linux/amd64, go1.24.1")), dns, 11.0),
    "nginx": Voice(((0.1, "/docker-entrypoint.sh: Configuration complete; ready for start up"),), access, 4.0),
}
SYSTEM = Voice(flow=klog, period=30.0)
