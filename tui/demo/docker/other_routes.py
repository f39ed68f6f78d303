"""Other routes: images, volumes, networks, and the engine itself."""

from __future__ import annotations

from aiohttp import web

from tui.demo.docker import images, networks, shapes, streams, volumes
from tui.demo.docker.answers import body, done, say, unknown
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.filters import parse
from tui.demo.docker.words import Refusal, flag

PRUNE = ("until", "label", "label!", "dangling", "all")


async def serve_images(request: web.Request, daemon: Daemon, rest: list[str]) -> web.StreamResponse:
    """Answer a request below /images; a name may have slashes."""
    there, query = daemon.images, request.query
    match [request.method, *rest]:
        case ["GET", "json"]:
            found = there.listed(parse(query.get("filters"), images.KEYS), flag(query.get("all")))
            return say([shapes.image_listed(daemon, image) for image in found])
        case ["POST", "create"]:
            raise Refusal(500, f"{query.get('fromImage', 'image')}: the demo has no registry, nothing can be pulled")
        case ["POST", "prune"]:
            return say(there.prune(parse(query.get("filters"), PRUNE)))
        case ["GET", "search"]:
            raise Refusal(500, "the demo has no registry to search")
        case ["GET", *name, "json"] if name:
            return say(shapes.image_inspected(there.find("/".join(name))))
        case ["GET", *name, "history"] if name:
            return say(shapes.history(there.find("/".join(name))))
        case ["POST", *name, "tag"] if name:
            there.tag("/".join(name), query.get("repo", ""), query.get("tag", ""))
            return done(201)
        case ["POST", *name, "push"] if name:
            raise Refusal(500, "the demo has no registry, nothing can be pushed")
        case ["DELETE", *name] if name:
            return say(there.remove("/".join(name), flag(query.get("force")), not flag(query.get("noprune"))))
        case _:
            raise unknown()


async def serve_volumes(request: web.Request, daemon: Daemon, rest: list[str], version: tuple[int, int]) -> web.StreamResponse:
    """Answer a request below /volumes; before API 1.42 a prune takes named ones too."""
    there, query = daemon.volumes, request.query
    match [request.method, *rest]:
        case ["GET"]:
            found = there.listed(parse(query.get("filters"), volumes.KEYS))
            return say({"Volumes": [volumes.shape(one) for one in found], "Warnings": None})
        case ["POST", "create"]:
            asked = await body(request)
            made = there.create(asked.get("Name") or "", asked.get("Labels"), asked.get("Driver") or "", asked.get("DriverOpts"))
            return say(volumes.shape(made), 201)
        case ["POST", "prune"]:
            wanted = parse(query.get("filters"), PRUNE)
            return say(there.prune(wanted, version < (1, 42) or flag((wanted.get("all") or ["0"])[0])))
        case ["GET", name]:
            return say(volumes.shape(there.find(name)))
        case ["DELETE", name]:
            there.remove(name, flag(query.get("force")))
            return done()
        case _:
            raise unknown()


async def serve_networks(request: web.Request, daemon: Daemon, rest: list[str]) -> web.StreamResponse:
    """Answer a request below /networks."""
    there, query = daemon.networks, request.query
    match [request.method, *rest]:
        case ["GET"]:
            return say([networks.shape(one) for one in there.listed(parse(query.get("filters"), networks.KEYS))])
        case ["POST", "create"]:
            return say(await _network(request, daemon), 201)
        case ["POST", "prune"]:
            return say(there.prune(parse(query.get("filters"), PRUNE)))
        case ["GET", key]:
            return say(networks.shape(there.find(key), daemon.containers.known))
        case ["DELETE", key]:
            there.remove(key)
            return done()
        case ["POST", key, "connect" | "disconnect" as verb]:
            asked = await body(request)
            there.find(key)
            container = daemon.containers.find(str(asked.get("Container") or ""))
            if verb == "connect":
                there.connect(key, container, (asked.get("EndpointConfig") or {}).get("Aliases"))
            else:
                there.disconnect(key, container)
            return done(200)
        case _:
            raise unknown()


async def _network(request: web.Request, daemon: Daemon) -> dict[str, str]:
    asked = await body(request)
    if not asked.get("Name"):
        raise Refusal(400, "invalid config for network : network name is required")
    driver = asked.get("Driver") or "bridge"
    if driver == "overlay" and daemon.swarm()["LocalNodeState"] != "active":
        raise Refusal(503, "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to "
                           "swarm and try again.")  # fmt: skip
    made = daemon.networks.create(
        asked["Name"], driver, internal=bool(asked.get("Internal")), attachable=bool(asked.get("Attachable")),
        ingress=bool(asked.get("Ingress")), labels=dict(asked.get("Labels") or {}), options=dict(asked.get("Options") or {}),
    )  # fmt: skip
    return {"Id": made.id, "Warning": ""}


async def serve_engine(request: web.Request, daemon: Daemon, rest: list[str]) -> web.StreamResponse:
    """Answer what is asked of the engine itself."""
    match [request.method, *rest]:
        case ["GET" | "HEAD", "_ping"]:
            return web.Response(text="OK", headers={"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache"})
        case ["GET", "info"]:
            return say(daemon.info())
        case ["GET", "version"]:
            return say(daemon.version())
        case ["GET", "system", "df"]:
            return say(daemon.usage())
        case ["GET", "events"]:
            return await streams.events(request, daemon)
        case ["POST", "auth"]:
            raise Refusal(500, "the demo has no registry to sign in at")
        case ["POST", "build"]:
            raise Refusal(501, "the demo builds no images")
        case ["GET", "plugins"]:
            return say([])
        case ["GET", "distribution", *_]:
            raise Refusal(500, "the demo has no registry")
        case _:
            raise unknown()
