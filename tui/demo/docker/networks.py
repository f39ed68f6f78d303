"""Networks: what containers are joined by; each gives out addresses of its own range."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tui.demo.docker.container import Container
from tui.demo.docker.events import Events
from tui.demo.docker.filters import Filters, begins, boolean, labelled, named
from tui.demo.docker.words import Json, Refusal, identity, stamp, swarm_identity

KEYS = ("dangling", "driver", "id", "label", "name", "scope", "type")
FIXED = ("bridge", "host", "none")  # those that no one can remove


@dataclass(eq=False)
class Network:
    """One network. `pool`: the first two numbers of its range, "" = none; `joined`: addresses of running containers, by their id."""

    id: str
    name: str
    driver: str
    created: int
    pool: str = ""
    scope: str = "local"
    internal: bool = False
    attachable: bool = False
    ingress: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    joined: dict[str, Json] = field(default_factory=dict)

    @property
    def bits(self) -> int:
        """Return the length of the range's prefix."""
        return 24 if self.driver == "overlay" else 16

    def address(self, host: int) -> str:
        """Return the address of a host in the range."""
        return f"{self.pool}.{host}" if self.driver == "overlay" else f"{self.pool}.{host // 256}.{host % 256}"


@dataclass(eq=False)
class Networks:
    """The networks of one engine. `users`: gives all containers; `services`: the names of services that use a network, by its id."""

    events: Events
    rand: random.Random
    users: Callable[[], Iterable[Container]]
    services: Callable[[str], list[str]] = lambda ident: []
    known: dict[str, Network] = field(default_factory=dict)
    _pools: int = 17
    _overlays: int = 0

    def find(self, key: str) -> Network:
        """Return a network by name, id or the beginning of its id; raises Refusal 404."""
        for one in self.known.values():
            if key in {one.name, one.id}:
                return one
        found = [one for one in self.known.values() if key and one.id.startswith(key)]
        if len(found) != 1:
            raise Refusal(404, f"network {key} not found")
        return found[0]

    def create(self, name: str, driver: str = "bridge", created: int = 0, quiet: bool = False, **more: object) -> Network:
        """Make a network; `more`: fields of Network. Raises Refusal 409, 403, 404."""
        if any(one.name == name for one in self.known.values()):
            predefined = name in FIXED
            said = f"operation is not permitted on predefined {name} network" if predefined else f"network with name {name} already exists"
            raise Refusal(403 if predefined else 409, said)
        if driver not in {"bridge", "overlay", "host", "null", "macvlan", "ipvlan"}:
            raise Refusal(404, f'could not find plugin {driver} in v1 plugin registry: plugin "{driver}" not found')
        swarm = driver == "overlay"
        pool = ""
        if swarm:
            pool, self._overlays = f"10.0.{self._overlays}", self._overlays + 1
        elif driver not in {"host", "null"}:
            pool, self._pools = f"172.{self._pools}", self._pools + 1
        ident = swarm_identity(self.rand) if swarm else identity(self.rand)
        network = Network(ident, name, driver, created or self.events.clock.nano(), pool, "swarm" if swarm else "local")
        for key, value in more.items():
            setattr(network, key, value)
        self.known[network.id] = network
        if not quiet:
            self.events.emit("network", "create", network.id, {"name": name, "type": driver}, network.scope)
        return network

    # ---- joining ----------------------------------------------------------------------------------------------------

    def endpoint(self, network: Network, aliases: list[str] | None = None) -> Json:
        """Return the endpoint of a container that does not run."""
        return {
            "IPAMConfig": None, "Links": None, "Aliases": aliases, "MacAddress": "", "DriverOpts": None, "GwPriority": 0,
            "NetworkID": network.id, "EndpointID": "", "Gateway": "", "IPAddress": "", "IPPrefixLen": 0, "IPv6Gateway": "",
            "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "DNSNames": None,
        }  # fmt: skip

    def join(self, container: Container, network: Network, at: int = 0) -> None:
        """Give a running container an address, and say so."""
        endpoint = container.networks[network.name]
        endpoint["EndpointID"] = identity(self.rand)
        if network.pool:
            taken = {int(one["host"]) for one in network.joined.values()}
            host = next(number for number in range(2, 65_000) if number not in taken)
            mac = "02:42:" + ":".join(f"{int(part):02x}" for part in network.address(host).split("."))
            endpoint |= {
                "Gateway": network.address(1), "IPAddress": network.address(host), "IPPrefixLen": network.bits, "MacAddress": mac,
                "DNSNames": [container.name, container.id[:12], *(endpoint["Aliases"] or ())],
            }  # fmt: skip
            network.joined[container.id] = {"host": host, "endpoint": endpoint}
        else:
            network.joined[container.id] = {"host": 0, "endpoint": endpoint}
        self._say("connect", container, network, at)

    def leave(self, container: Container, network: Network) -> None:
        """Take a container's address away, and say so."""
        if network.joined.pop(container.id, None) is not None:
            container.networks[network.name] = self.endpoint(network, container.networks[network.name]["Aliases"])
            self._say("disconnect", container, network)

    def _say(self, action: str, container: Container, network: Network, at: int = 0) -> None:
        self.events.emit("network", action, network.id, {"container": container.id, "name": network.name, "type": network.driver}, at=at)

    def connect(self, key: str, container: Container, aliases: list[str] | None = None) -> None:
        """Join a container to a network; raises Refusal 403, 404."""
        network = self.find(key)
        if network.name in container.networks:
            raise Refusal(403, f"endpoint with name {container.name} already exists in network {network.name}")
        if network.driver == "overlay" and not network.attachable:
            raise Refusal(403, f"Could not attach to network {network.name}: rpc error: code = PermissionDenied desc = network "
                               f"{network.name} not manually attachable")  # fmt: skip
        container.networks[network.name] = self.endpoint(network, aliases)
        if container.alive:
            self.join(container, network)

    def disconnect(self, key: str, container: Container) -> None:
        """Take a container out of a network; raises Refusal 404, 500."""
        network = self.find(key)
        if network.name not in container.networks:
            raise Refusal(500, f"container {container.id} is not connected to network {network.name}")
        self.leave(container, network)
        del container.networks[network.name]

    # ---- listing and removing ---------------------------------------------------------------------------------------

    def using(self, network: Network) -> list[Container]:
        """Return the containers that belong to a network, running or not."""
        return [one for one in self.users() if network.name in one.networks]

    def listed(self, wanted: Filters) -> list[Network]:
        """Return the networks that pass the filters."""
        dangling = boolean(wanted, "dangling")
        found = []
        for one in self.known.values():
            idle = one.name not in FIXED and not one.ingress and not self.using(one) and not self.services(one.id)
            if dangling is not None and dangling != idle:
                continue
            if not labelled(wanted.get("label", ()), one.labels) or ("driver" in wanted and one.driver not in wanted["driver"]):
                continue
            if ("name" in wanted and not named(wanted["name"], one.name)) or ("id" in wanted and not begins(wanted["id"], one.id)):
                continue
            kind = "builtin" if one.name in FIXED else "custom"
            if ("scope" in wanted and one.scope not in wanted["scope"]) or ("type" in wanted and kind not in wanted["type"]):
                continue
            found.append(one)
        return found

    def remove(self, key: str) -> None:
        """Remove a network; raises Refusal 404, 403 (it is used, or comes with the engine), 400 (a service uses it)."""
        network = self.find(key)
        if network.name in FIXED:
            raise Refusal(403, f"{network.name} is a pre-defined network and cannot be removed")
        if users := self.services(network.id):
            said = f"network {network.id} is in use by service {users[0]}"
            raise Refusal(400, f"rpc error: code = FailedPrecondition desc = {said}")
        if network.joined:
            raise Refusal(403, f"error while removing network: network {network.name} id {network.id} has active endpoints")
        self._forget(network)

    def _forget(self, network: Network) -> None:
        del self.known[network.id]
        if network.scope == "swarm":
            self.events.emit("network", "remove", network.id, {"name": network.name}, "swarm")
        else:
            self.events.emit("network", "destroy", network.id, {"name": network.name, "type": network.driver})

    def prune(self, wanted: Filters) -> Json:
        """Remove the networks that nothing uses."""
        gone = []
        for network in self.listed({**wanted, "dangling": ["true"]}):
            gone.append(network.name)
            self._forget(network)
        self.events.emit("network", "prune", "", {"reclaimed": "0"})
        return {"NetworksDeleted": gone or None}


def shape(network: Network, containers: dict[str, Container] | None = None) -> Json:
    """Return a network as the API gives it; `containers`: as an inspect does, with those that are in it."""
    pool = [{"Subnet": network.address(0) + f"/{network.bits}", "Gateway": network.address(1)}] if network.pool else []
    joined: Json | None = {} if network.scope == "local" else None
    if containers is not None:
        joined = {
            ident: {
                "Name": containers[ident].name, "EndpointID": one["endpoint"]["EndpointID"], "MacAddress": one["endpoint"]["MacAddress"],
                "IPv4Address": f"{one['endpoint']['IPAddress']}/{network.bits}" if one["endpoint"]["IPAddress"] else "", "IPv6Address": "",
            }
            for ident, one in network.joined.items() if ident in containers
        }  # fmt: skip
    return {
        "Name": network.name, "Id": network.id, "Created": stamp(network.created), "Scope": network.scope, "Driver": network.driver,
        "EnableIPv4": True, "EnableIPv6": False, "IPAM": {"Driver": "default", "Options": {} if network.labels else None, "Config": pool},
        "Internal": network.internal, "Attachable": network.attachable, "Ingress": network.ingress, "ConfigFrom": {"Network": ""},
        "ConfigOnly": False, "Containers": joined, "Options": network.options, "Labels": network.labels,
    }  # fmt: skip
