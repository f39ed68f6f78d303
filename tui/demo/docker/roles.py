"""Roles: the programs of a small shop: what each logs, how much it needs, how it ends and how its health probe does."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tui.demo.docker.logbook import STDERR
from tui.demo.docker.shell import FOREVER, Program, Say, Shell, Wait, plain, script_of

MIB = 2**20
PATHS = ("/", "/catalog", "/catalog/lamp-01", "/catalog/chair-7", "/basket", "/checkout", "/static/app.css", "/static/app.js", "/healthz")
PEOPLE = ("10.0.0.14", "10.0.0.21", "10.0.3.7", "192.0.2.40", "198.51.100.23", "203.0.113.9")


@dataclass
class Scene:
    """Where a program runs. `nano`: what time it is for it (nanoseconds), which in a made-up past is not the clock's."""

    rand: random.Random
    name: str
    nano: Callable[[], int]
    environment: dict[str, str] = field(default_factory=dict)

    def time(self, form: str) -> str:
        """Return the time as a log writes it."""
        return datetime.fromtimestamp(self.nano() / 1e9, UTC).strftime(form)


@dataclass(frozen=True)
class Role:
    """A program. `cpu`: percent of one processor on average; `memory`: bytes; `net`, `disk`: bytes per second; `code`: when told to end."""

    run: Callable[[Scene], Program]
    cpu: float = 0.3
    memory: int = 6 * MIB
    cache: int = MIB
    net: tuple[float, float] = (40.0, 30.0)
    disk: tuple[float, float] = (0.0, 0.0)
    code: int | None = 0
    slow: float = 0.3
    processes: tuple[str, ...] = ()
    probe: tuple[int, str] = (0, "")  # what its health probe ends with, and says


def rest(scene: Scene) -> Program:
    """Do nothing, for ever."""
    yield FOREVER
    return 0


def web(scene: Scene) -> Program:
    """Log requests as nginx does."""
    yield Say(f"{scene.time('%Y/%m/%d %H:%M:%S')} [notice] 1#1: nginx/1.27.2\n", STDERR)
    while True:
        yield Wait(scene.rand.expovariate(1 / 3.0) + 0.2)
        path, status = scene.rand.choice(PATHS), scene.rand.choices((200, 304, 404, 499, 502), (80, 14, 4, 1, 1))[0]
        size, person = scene.rand.randrange(180, 42_000), scene.rand.choice(PEOPLE)
        if status == 502:
            said = f'upstream timed out while reading response header from upstream, client: {person}, request: "GET {path} HTTP/1.1"'
            yield Say(f"{scene.time('%Y/%m/%d %H:%M:%S')} [error] 29#29: {said}\n", STDERR)
        yield Say(f'{person} - - [{scene.time("%d/%b/%Y:%H:%M:%S +0000")}] "GET {path} HTTP/1.1" {status} {size}\n')


def api(scene: Scene) -> Program:
    """Log JSON lines, a warning now and then."""
    yield Say('{"level":"info","msg":"listening","addr":":8000"}\n')
    while True:
        yield Wait(scene.rand.expovariate(1 / 2.5) + 0.2)
        slow = scene.rand.random() < 0.06
        spent = scene.rand.randrange(600, 2400) if slow else scene.rand.randrange(3, 90)
        level, path = ("warn" if slow else "info"), scene.rand.choice(("/v1/orders", "/v1/basket", "/v1/stock/lamp-01", "/v1/session"))
        said = "slow request" if slow else "request"
        when = scene.time("%Y-%m-%dT%H:%M:%SZ")
        yield Say(f'{{"level":"{level}","ts":"{when}","msg":"{said}","path":"{path}","status":200,"ms":{spent}}}\n')


def queue(scene: Scene) -> Program:
    """Log as redis does."""
    yield Say(f"1:M {scene.time('%d %b %Y %H:%M:%S')}.118 * Ready to accept connections tcp\n")
    while True:
        yield Wait(scene.rand.uniform(45, 75))
        yield Say(f"1:M {scene.time('%d %b %Y %H:%M:%S')}.004 * 100 changes in 60 seconds. Saving...\n")
        yield Wait(0.2)
        yield Say(f"1:M {scene.time('%d %b %Y %H:%M:%S')}.209 * Background saving terminated with success\n")


def database(scene: Scene) -> Program:
    """Log as PostgreSQL does."""
    yield Say(f"{scene.time('%Y-%m-%d %H:%M:%S')} UTC [1] LOG:  database system is ready to accept connections\n", STDERR)
    while True:
        yield Wait(scene.rand.uniform(15, 40))
        when, buffers = scene.time("%Y-%m-%d %H:%M:%S"), scene.rand.randrange(20, 900)
        said = f"checkpoint complete: wrote {buffers} buffers ({buffers / 163.84:.1f}%)"
        if scene.rand.random() < 0.3:
            said = f"duration: {scene.rand.uniform(250, 1900):.3f} ms  statement: SELECT * FROM orders WHERE customer_id = $1"
        yield Say(f"{when} UTC [27] LOG:  {said}\n", STDERR)


def worker(scene: Scene) -> Program:
    """Log jobs, in colour."""
    count = scene.rand.randrange(10_000, 60_000)
    while True:
        yield Wait(scene.rand.uniform(2, 6))
        count += 1
        yield Say(f"\033[32mINFO\033[0m  job {count} invoice.render done in {scene.rand.uniform(0.2, 3.5):.2f}s\n")
        if scene.rand.random() < 0.08:
            yield Say(f"\033[33mWARN\033[0m  job {count} was tried twice: smtp 421 try again later\n", STDERR)


def search(scene: Scene) -> Program:
    """Log an index that cannot reach its store."""
    yield Say("INFO  search 4.2.0, shards: 3\n")
    while True:
        yield Wait(scene.rand.uniform(8, 16))
        yield Say("ERROR shard products-2: translog is read-only: no space left on device\n", STDERR)


def failing(scene: Scene) -> Program:
    """Start, miss the setting it needs, end with 1."""
    yield Say("mailer starting\n")
    yield Wait(1.2)
    yield Say("FATAL cannot log in at smtp.example.test:587: 535 authentication failed\n", STDERR)
    return 1


def agent(scene: Scene) -> Program:
    """Log what a machine's agent gathers."""
    while True:
        yield Wait(10.0)
        yield Say(f"sent {scene.rand.randrange(180, 240)} samples of {scene.name.partition('.')[0]} in {scene.rand.randrange(6, 40)} ms\n")


def nightly(scene: Scene) -> Program:
    """Make a report and end well."""
    for said in ("report for yesterday", "14218 orders read", "report.pdf written, 1.4 MB", "done"):
        yield Say(said + "\n")
        yield Wait(0.8)
    return 0


ROLES: dict[str, Role] = {
    "web": Role(web, 4.0, 22 * MIB, 9 * MIB, (8_200, 61_000), (0, 900), 0, 0.3, ("nginx: master process nginx", "nginx: worker process")),
    "api": Role(api, 11.0, 148 * MIB, 21 * MIB, (21_000, 34_000), (0, 2_000), 0, 0.8, ("/app/api serve",)),
    "queue": Role(queue, 1.4, 31 * MIB, 12 * MIB, (14_000, 12_500), (0, 4_100), 0, 0.2, ("redis-server *:6379",)),
    "database": Role(
        database, 6.5, 208 * MIB, 340 * MIB, (11_000, 46_000), (24_000, 51_000), 0, 1.2,
        ("postgres", "postgres: checkpointer", "postgres: background writer", "postgres: walwriter", "postgres: shop shop 172.20.0.5 idle"),
    ),
    "worker": Role(worker, 17.0, 96 * MIB, 14 * MIB, (3_000, 5_500), (900, 3_800), 0, 0.6, ("python -m shop.worker",)),
    "search": Role(
        search, 23.0, 612 * MIB, 180 * MIB, (1_800, 2_600), (120_000, 9_000), 143, 2.0, ("java -Xmx768m search.Main",),
        (1, "GET /_health: 503 shard products-2 is read-only\n"),
    ),
    "failing": Role(failing, 2.0, 40 * MIB, 4 * MIB, code=1),
    "agent": Role(agent, 0.8, 18 * MIB, 5 * MIB, (900, 4_400), (700, 0), 0, 0.1, ("/agent --every 10s",)),
    "nightly": Role(nightly, 30.0, 70 * MIB, 30 * MIB),
    "rest": Role(rest, 0.0, 1 * MIB, 0, (6.0, 2.0), code=None),
    "httpd": Role(rest, 0.1, 2 * MIB, MIB // 2, (60.0, 90.0), code=0, slow=0.05, processes=("httpd -f -v -p 80 -h /www",)),
}  # fmt: skip
PROGRAMS = {
    "nginx": "web",
    "traefik": "web",
    "python3": "rest", "/app/api": "api", "redis-server": "queue", "postgres": "database", "shop-worker": "worker", "search": "search",
    "mailer": "failing", "/agent": "agent", "shop-report": "nightly", "httpd": "httpd", "top": "rest",
}  # fmt: skip
PROBES = ("wget", "curl", "pg_isready", "redis-cli", "nc")  # programs of health probes: they say what the role's probe says


def role_of(argv: Sequence[str]) -> Role:
    """Return the role of a command; a shell script has a small one of its own."""
    found = PROGRAMS.get(argv[0]) if argv else None
    return ROLES[found] if found else ROLES["rest"]


def start(argv: Sequence[str], scene: Scene, environment: Sequence[str] | None = None) -> tuple[Program, Callable[[], int | None]] | None:
    """Return a command's program, and what it ends with when told to; None when there is no such program."""
    shell = Shell(dict(plain(environment)) | scene.environment, lambda words: _run(words, scene))

    def trapped() -> int | None:
        script = shell.traps.get("TERM") or shell.traps.get("15")
        found = script.split() if script else []
        return (int(found[1]) if len(found) > 1 and found[1].isdigit() else 0) if found else None

    script = script_of(argv)
    if script is not None:
        return shell.run(script), trapped
    if argv and argv[0] in {"echo", "printf", "sleep", "true", "false", "tail"}:
        return shell.run(" ".join(_quoted(word) for word in argv)), trapped
    if argv and argv[0] in {"sh", "bash"}:
        return rest(scene), trapped
    found = _run(argv, scene)
    return (found, lambda: role_of(argv).code) if found is not None else None


def _run(argv: Sequence[str], scene: Scene) -> Program | None:
    role = PROGRAMS.get(argv[0]) if argv else None
    return ROLES[role].run(scene) if role else None


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def probe(test: Sequence[str], argv: Sequence[str]) -> tuple[int, str]:
    """Return exit code and output of a health probe (`CMD` or `CMD-SHELL` before its words)."""
    said: list[str] = []
    own = role_of(argv).probe

    def command(words: Sequence[str]) -> Program | None:
        def run() -> Program:
            if own[1]:
                yield Say(own[1])
            return own[0]

        return run() if words[0] in PROBES else None

    shell = Shell({}, command)
    script = test[1] if test[:1] == ["CMD-SHELL"] else " ".join(_quoted(word) for word in test[1:])
    for step in shell.run(script):
        if isinstance(step, Say):
            said.append(step.text)
        if len(said) > 100:
            break
    return shell.status, "".join(said)[:4096]
