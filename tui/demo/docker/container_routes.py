"""Container routes: what may be asked of /containers, and how it is answered."""

from __future__ import annotations

import json

from aiohttp import web

from tui.demo.docker import shapes, streams
from tui.demo.docker.answers import body, done, say, unknown
from tui.demo.docker.container import Container
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.figures import processes
from tui.demo.docker.filters import Filters, begins, labelled, named, parse
from tui.demo.docker.process import signal_number
from tui.demo.docker.words import Refusal, flag, number

KEYS = ("ancestor", "before", "expose", "exited", "health", "id", "isolation", "is-task", "label", "name", "network", "publish", "since",
        "status", "volume")  # fmt: skip
STATES = ("paused", "restarting", "removing", "running", "dead", "created", "exited")


async def serve(request: web.Request, daemon: Daemon, rest: list[str]) -> web.StreamResponse:
    """Answer a request below /containers."""
    there, query = daemon.containers, request.query
    match [request.method, *rest]:
        case ["GET", "json"]:
            return say(listed(daemon, query))
        case ["POST", "create"]:
            made = there.create(query.get("name", ""), await body(request))
            return say({"Id": made.id, "Warnings": []}, 201)
        case ["POST", "prune"]:
            return say(await prune(daemon, parse(query.get("filters"), ("until", "label", "label!"))))
        case ["DELETE", key]:
            await daemon.carry(there.remove(there.find(key), flag(query.get("force")), flag(query.get("v"))))
            return done()
        case [method, key, verb]:
            return await _one(request, daemon, there.find(key), method, verb)
        case _:
            raise unknown()


async def _one(request: web.Request, daemon: Daemon, one: Container, method: str, verb: str) -> web.StreamResponse:
    query = request.query
    match method, verb:
        case "GET", "json":
            return say(shapes.inspected(daemon, one, flag(query.get("size"))))
        case "GET", "logs":
            return await streams.logs(request, one)
        case "GET", "stats":
            return await streams.stats(request, daemon, one)
        case "GET", "top":
            if not one.alive:
                raise Refusal(409, f"container {one.id} is not running")
            daemon.containers.say(one, "top")
            return say(processes(one, daemon.clock.now().strftime("%H:%M")))
        case "GET", "changes":
            return say([{"Path": "/tmp", "Kind": 0}] if one.written else [])
        case "POST", _:
            return await _verb(request, daemon, one, verb)
        case _, "archive" | "export":
            raise Refusal(501, "the demo has no files in its containers")
        case _:
            raise unknown()


async def _verb(request: web.Request, daemon: Daemon, one: Container, verb: str) -> web.StreamResponse:
    there, query = daemon.containers, request.query
    grace = float(number(query["t"], 10)) if query.get("t") else None
    match verb:
        case "start":
            there.start(one)
        case "stop":
            await daemon.carry(there.stop(one, grace))
        case "restart":
            await daemon.carry(there.restart(one, grace))
        case "kill":
            word = query.get("signal") or "KILL"
            if not (found := signal_number(word)):
                raise Refusal(400, f"invalid signal: {word}")
            there.kill(one, found)
        case "pause":
            there.pause(one)
        case "unpause":
            there.unpause(one)
        case "rename":
            there.rename(one, query.get("name", ""))
        case "update":
            there.update(one, await body(request))
            return say({"Warnings": None})
        case "wait":
            return await _wait(request, one)
        case "resize":
            return done(200)
        case "exec":
            if one.paused:
                raise Refusal(409, f"Container {one.name} is paused, unpause the container before exec")
            if not one.alive:
                raise Refusal(409, f"container {one.id} is not running")
            raise Refusal(501, "the demo has no programs to run: exec is refused")
        case "attach":
            raise Refusal(501, "the demo has no terminals: attach is refused")
        case _:
            raise unknown()
    return done()


async def _wait(request: web.Request, one: Container) -> web.StreamResponse:
    condition = request.query.get("condition") or "not-running"
    if condition not in {"not-running", "next-exit", "removed"}:
        raise Refusal(400, f'invalid condition: "{condition}"')
    if condition == "not-running" and not one.alive:
        return say({"StatusCode": one.exit_code})
    future = one.wait(removal=condition == "removed")
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)  # clients that run something want the headers before the end
    code = await future
    await answer.write(json.dumps({"StatusCode": code}).encode() + b"\n")
    return answer


async def prune(daemon: Daemon, wanted: Filters) -> dict[str, object]:
    """Remove every container that does not run."""
    gone = []
    freed = 0
    for one in list(daemon.containers.known.values()):
        if not one.running and labelled(wanted.get("label", ()), one.labels):
            gone.append(one.id)
            freed += one.written
            await daemon.containers.remove(one)
    daemon.events.emit("container", "prune", "", {"reclaimed": str(freed)})
    return {"ContainersDeleted": gone or None, "SpaceReclaimed": freed}


def listed(daemon: Daemon, query: object) -> list[dict[str, object]]:
    """Return the body of /containers/json: running ones alone unless `all`, a `limit` or a filter of states is given."""
    asked: dict[str, str] = dict(query)  # type: ignore[call-overload]
    wanted = parse(asked.get("filters"), KEYS)
    for word in wanted.get("status", ()):
        if word not in STATES:
            raise Refusal(400, f"invalid filter 'status={word}'")
    limit = number(asked.get("limit"), 0)
    everything = flag(asked.get("all")) or limit > 0 or "status" in wanted
    found = sorted(daemon.containers.known.values(), key=lambda one: -one.created)
    kept = [one for one in found if (everything or one.running) and _fits(daemon, one, wanted)]
    return [shapes.listed(daemon, one, flag(asked.get("size"))) for one in kept[: limit if limit > 0 else None]]


def _fits(daemon: Daemon, one: Container, wanted: Filters) -> bool:
    return all(_passes(daemon, one, key, values) for key, values in wanted.items())


def _passes(daemon: Daemon, one: Container, key: str, values: list[str]) -> bool:
    match key:
        case "id":
            return begins(values, one.id)
        case "name":
            return named(values, one.name)
        case "label":
            return labelled(values, one.labels)
        case "status":
            return one.state in values
        case "exited":
            return one.state == "exited" and str(one.exit_code) in values
        case "health":
            return (one.health.status if one.health else "none") in values
        case "is-task":
            return ("com.docker.swarm.task.id" in one.labels) == (values[0].lower() in {"1", "true"})
        case "network":
            return any(name in values or begins(values, joined["NetworkID"]) for name, joined in one.networks.items())
        case "volume":
            return any(mount.get("Name") in values or mount["Destination"] in values for mount in one.mounts)
        case "ancestor":
            images = {found.id for value in values if (found := daemon.images.seek(value)) is not None}
            image = daemon.images.known.get(one.image_id)
            return one.image_id in images or (image is not None and image.parent in images)
        case "publish" | "expose":
            ports = {f"{port.get('PublicPort' if key == 'publish' else 'PrivatePort')}" for port in one.ports}
            return any(value.partition("/")[0] in ports for value in values)
        case "before":
            return all(one.created < daemon.containers.find(value).created for value in values)
        case "since":
            return all(one.created > daemon.containers.find(value).created for value in values)
    return True
