"""Routes of a swarm: /swarm, /nodes, /services, /tasks, /secrets, /configs."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from tui.demo.docker.answers import body, done, say, unknown
from tui.demo.docker.filters import Filters, begins, labelled, parse
from tui.demo.docker.swarm import logs, shapes, writes
from tui.demo.docker.swarm.cluster import Cluster, KeptKind, in_sequence
from tui.demo.docker.swarm.objects import Node, Service, Task
from tui.demo.docker.words import Refusal, flag, number

WORDS = ("swarm", "nodes", "services", "tasks", "secrets", "configs")
NONE = 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
WORKER = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
    "Please run this command on a manager node or promote the current node to a manager."
)


async def serve(request: web.Request, cluster: Cluster | None, word: str, rest: list[str], worker: bool = False) -> web.StreamResponse:
    """Answer a request about the swarm; raises Refusal 503 where there is none, or the host is but a `worker` in one."""
    if cluster is None:
        raise Refusal(503, WORKER if worker else NONE)
    match word:
        case "swarm":
            return await _swarm(request, cluster, rest)
        case "nodes":
            return await _nodes(request, cluster, rest)
        case "services":
            return await _services(request, cluster, rest)
        case "tasks":
            return await _tasks(request, cluster, rest)
        case "secrets":
            return await _kept(request, cluster, "secret", rest)
        case _:
            return await _kept(request, cluster, "config", rest)


async def _swarm(request: web.Request, cluster: Cluster, rest: list[str]) -> web.StreamResponse:
    match [request.method, *rest]:
        case ["GET"]:
            return say(shapes.cluster(cluster, tokens=True))
        case ["GET", "unlockkey"]:
            return say({"UnlockKey": ""})
        case ["POST", "init" | "join"]:
            raise Refusal(503, 'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.')
        case ["POST", "leave"]:
            raise Refusal(503, "You are attempting to leave the swarm on a node that is participating as a manager. Removing the last "
                               "manager erases all current state of the swarm. Use `--force` to ignore this message.")  # fmt: skip
        case _:
            raise unknown()


def _version(request: web.Request) -> int:
    if "version" not in request.query:
        raise Refusal(400, "invalid version '': strconv.ParseUint: parsing \"\": invalid syntax")
    return number(request.query["version"], 0)


async def _nodes(request: web.Request, cluster: Cluster, rest: list[str]) -> web.StreamResponse:
    match [request.method, *rest]:
        case ["GET"]:
            wanted = parse(request.query.get("filters"), ("id", "label", "node.label", "membership", "name", "role"))
            return say([shapes.node(one) for one in cluster.nodes.values() if _node_fits(one, wanted)])
        case ["GET", key]:
            return say(shapes.node(cluster.node(key)))
        case ["POST", key, "update"]:
            cluster.update_node(cluster.node(key), _version(request), await body(request))
            return done(200)
        case ["DELETE", key]:
            cluster.remove_node(cluster.node(key), flag(request.query.get("force")))
            return done(200)
        case _:
            raise unknown()


def _node_fits(one: Node, wanted: Filters) -> bool:
    return (
        ("id" not in wanted or begins(wanted["id"], one.id))
        and ("name" not in wanted or begins(wanted["name"], one.name))
        and ("role" not in wanted or one.role in wanted["role"])
        and ("membership" not in wanted or "accepted" in wanted["membership"])
        and labelled(wanted.get("node.label", ()), one.labels)
    )


async def _services(request: web.Request, cluster: Cluster, rest: list[str]) -> web.StreamResponse:
    query = request.query
    match [request.method, *rest]:
        case ["GET"]:
            wanted = parse(query.get("filters"), ("id", "label", "mode", "name", "runtime"))
            found = [one for one in cluster.services.values() if _service_fits(one, wanted)]
            return say([shapes.service(cluster, one, flag(query.get("status"))) for one in found])
        case ["POST", "create"]:
            made = writes.create(cluster, await body(request))
            return say({"ID": made.id}, 201)
        case ["GET", key]:
            return say(shapes.service(cluster, cluster.service(key)))
        case ["DELETE", key]:
            writes.remove(cluster, cluster.service(key))
            return done(200)
        case ["POST", key, "update"]:
            asked = await body(request)
            writes.update(cluster, cluster.service(key), _version(request), asked, query.get("rollback") == "previous")
            return say({"Warnings": None})
        case ["GET", key, "logs"]:
            service = cluster.service(key)
            return await logs.serve(request, cluster, lambda task: task.service is service)
        case _:
            raise unknown()


def _service_fits(one: Service, wanted: Filters) -> bool:
    return (
        ("id" not in wanted or begins(wanted["id"], one.id))
        and ("name" not in wanted or begins(wanted["name"], one.name))
        and ("mode" not in wanted or ("global" if one.replicas is None else "replicated") in wanted["mode"])
        and labelled(wanted.get("label", ()), one.labels)
    )


async def _tasks(request: web.Request, cluster: Cluster, rest: list[str]) -> web.StreamResponse:
    match [request.method, *rest]:
        case ["GET"]:
            keys = ("desired-state", "id", "label", "name", "node", "service", "runtime", "_up-to-date")
            wanted = parse(request.query.get("filters"), keys)
            return say([shapes.task(cluster, one) for one in cluster.tasks.values() if _task_fits(cluster, one, wanted)])
        case ["GET", key]:
            return say(shapes.task(cluster, cluster.task(key)))
        case ["GET", key, "logs"]:
            task = cluster.task(key)
            return await logs.serve(request, cluster, lambda one: one is task)
        case _:
            raise unknown()


def _task_fits(cluster: Cluster, one: Task, wanted: Filters) -> bool:
    node = one.node
    return (
        ("id" not in wanted or begins(wanted["id"], one.id))
        and ("name" not in wanted or begins(wanted["name"], one.name))
        and ("service" not in wanted or one.service.id in wanted["service"] or one.service.name in wanted["service"])
        and ("node" not in wanted or (node is not None and bool({node.id, node.name} & set(wanted["node"]))))
        and ("desired-state" not in wanted or _word(one.desired) in wanted["desired-state"])
        and ("_up-to-date" not in wanted or one.template == one.service.template)
    )


def _word(desired: str) -> str:
    return {"ready": "running", "remove": "shutdown"}.get(desired, desired)


async def _kept(request: web.Request, cluster: Cluster, kind: KeptKind, rest: list[str]) -> web.StreamResponse:
    where, data = cluster.kept(kind), kind == "config"
    match [request.method, *rest]:
        case ["GET"]:
            wanted: Mapping[str, list[str]] = parse(request.query.get("filters"), ("id", "label", "name", "names"))
            found = [
                one for one in where.values()
                if labelled(wanted.get("label", ()), one.labels) and ("name" not in wanted or begins(wanted["name"], one.name))
                and ("id" not in wanted or begins(wanted["id"], one.id)) and ("names" not in wanted or one.name in wanted["names"])
            ]  # fmt: skip
            return say([shapes.kept(one, data) for one in found])
        case ["POST", "create"]:
            return say({"ID": cluster.keep(kind, await body(request)).id}, 201)
    if not rest:
        raise unknown()
    one = cluster.find(kind, where, rest[0], lambda found: found.name)
    match [request.method, *rest[1:]]:
        case ["GET"]:
            return say(shapes.kept(one, data))
        case ["DELETE"]:
            cluster.forget(kind, one)
            return done()
        case ["POST", "update"]:
            asked = await body(request)
            in_sequence(one, _version(request))
            if asked.get("Data") not in {None, "", one.data}:
                raise Refusal(400, "rpc error: code = InvalidArgument desc = only updates to Labels are allowed")
            one.labels = dict(asked.get("Labels") or {})
            cluster.wrote(one)
            cluster.say(kind, "update", one.id, one.name)
            return done(200)
        case _:
            raise unknown()
