"""Writes: a service made, changed, rolled back, removed."""

from __future__ import annotations

import copy

from tui.demo.docker.swarm.cluster import Cluster, in_sequence
from tui.demo.docker.swarm.objects import Service
from tui.demo.docker.words import Json, Refusal

MODES = {word.lower(): word for word in ("Replicated", "Global", "ReplicatedJob", "GlobalJob")}
INVALID = "rpc error: code = InvalidArgument desc = "


def create(cluster: Cluster, body: Json) -> Service:
    """Make a service; raises Refusal 400, 404, 409."""
    spec = checked(cluster, body)
    if any(one.name == spec["Name"] for one in cluster.services.values()):
        raise Refusal(
            409, f"rpc error: code = AlreadyExists desc = name conflicts with an existing object: service {spec['Name']} already exists"
        )
    _ports(cluster, spec, None)
    service = Service(*cluster.fresh(), spec=spec)
    cluster.services[service.id] = service
    cluster.say("service", "create", service.id, service.name)
    cluster.orchestrator.reconcile(service)
    return service


def update(cluster: Cluster, service: Service, version: int, body: Json, back: bool = False) -> None:
    """Change a service to a specification or, with `back`, to the one before; raises Refusal 400, 500, 501."""
    in_sequence(service, version)
    old, image = service.replicas, _image(service.spec)
    if back:
        if service.previous is None:
            raise Refusal(400, f"rpc error: code = FailedPrecondition desc = service {service.id} does not have a previous spec")
        service.spec, service.previous = service.previous, service.spec
        now = {"State": "rollback_started", "StartedAt": _now(cluster), "Message": "manually requested rollback"}
        service.updating = now
    else:
        spec = checked(cluster, body)
        if spec["Name"] != service.name:
            raise Refusal(501, "rpc error: code = Unimplemented desc = renaming services is not supported")
        if set(spec["Mode"]) != set(service.spec["Mode"]):
            raise Refusal(501, "rpc error: code = Unimplemented desc = service mode change is not allowed")
        _ports(cluster, spec, service)
        service.previous, service.spec, service.updating = service.spec, spec, None
    cluster.wrote(service)
    more = {"replicas.old": str(old), "replicas.new": str(service.replicas)} if old != service.replicas else {}
    if image != _image(service.spec):
        more |= {"image.old": image, "image.new": _image(service.spec)}
    cluster.say("service", "update", service.id, service.name, **more)
    cluster.orchestrator.update(service)


def remove(cluster: Cluster, service: Service) -> None:
    """Remove a service; its tasks are stopped and forgotten."""
    del cluster.services[service.id]
    cluster.say("service", "remove", service.id, service.name)
    cluster.orchestrator.removed(service)


def _now(cluster: Cluster) -> str:
    from tui.demo.docker.words import stamp

    return stamp(cluster.clock.nano())


def _image(spec: Json) -> str:
    return str(spec["TaskTemplate"]["ContainerSpec"]["Image"])


def checked(cluster: Cluster, body: Json) -> Json:
    """Return a specification filled up; raises Refusal 400, 404."""
    spec = copy.deepcopy(body)
    name = str(spec.get("Name") or "")
    if not name:
        raise Refusal(400, INVALID + "meta: name must be provided")
    container = (spec.get("TaskTemplate") or {}).get("ContainerSpec") or {}
    if not container.get("Image"):
        raise Refusal(400, INVALID + "ContainerSpec: image reference must be provided")
    spec["Labels"] = spec.get("Labels") or {}
    given = spec.get("Mode") or {"Replicated": {"Replicas": 1}}
    mode = {MODES.get(key.lower(), key): value for key, value in given.items()}  # some clients write them small
    if "ReplicatedJob" in mode or "GlobalJob" in mode:
        raise Refusal(501, "the demo's swarm runs no jobs")
    if "Replicated" in mode:
        mode["Replicated"] = {"Replicas": int((mode["Replicated"] or {}).get("Replicas", 1))}
    spec["Mode"] = mode
    template = spec["TaskTemplate"]
    template.setdefault("Resources", {"Limits": {}, "Reservations": {}})
    template.setdefault("Placement", {})
    template.setdefault("ForceUpdate", 0)
    template.setdefault("Runtime", "container")
    container.setdefault("Init", False)
    container.setdefault("DNSConfig", {})
    container.setdefault("Isolation", "default")
    spec.setdefault("EndpointSpec", {"Mode": "vip"})
    for asked, where, kind in (
        (container.get("Secrets"), cluster.secrets, "Secret"),
        (container.get("Configs"), cluster.configs, "Config"),
    ):
        for one in asked or ():
            if one.get(f"{kind}ID") not in where:
                raise Refusal(400, f"{INVALID}{kind.lower()} not found: {one.get(f'{kind}Name')}")
    for network in (*(template.get("Networks") or ()), *(spec.get("Networks") or ())):
        cluster.daemon.networks.find(network["Target"])
    return spec


def _ports(cluster: Cluster, spec: Json, own: Service | None) -> None:
    wanted = {port.get("PublishedPort") for port in (spec.get("EndpointSpec") or {}).get("Ports") or () if port.get("PublishedPort")}
    for other in cluster.services.values():
        if other is own:
            continue
        for port in other.ports:
            if port.get("PublishedPort") in wanted:
                raise Refusal(400, f"{INVALID}port '{port['PublishedPort']}' is already in use by service '{other.name}' ({other.id})")
    used = {port.get("PublishedPort") for service in cluster.services.values() for port in service.ports} | wanted
    for port in (spec.get("EndpointSpec") or {}).get("Ports") or ():
        port.setdefault("Protocol", "tcp")
        port.setdefault("PublishMode", "ingress")
        if not port.get("PublishedPort"):
            port["PublishedPort"] = next(number for number in range(30000, 32768) if number not in used)
            used.add(port["PublishedPort"])
