"""Shapes: containers and images as the Engine API gives them, in lists and in inspects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.demo.clock import SECOND
from tui.demo.docker.container import Container
from tui.demo.docker.images import Image
from tui.demo.docker.words import Json, stamp

if TYPE_CHECKING:
    from tui.demo.docker.daemon import Daemon

ROOT = "/var/lib/docker"


def listed(daemon: Daemon, one: Container, size: bool = False) -> Json:
    """Return an item of /containers/json."""
    image = daemon.images.known.get(one.image_id)
    named = daemon.images.seek(one.image)
    found: Json = {
        "Id": one.id, "Names": [f"/{one.name}"], "Image": one.image if named is image and image else one.image_id, "ImageID": one.image_id,
        "Command": command(one.argv), "Created": one.created // SECOND, "Ports": one.ports, "Labels": one.labels, "State": one.state,
        "Status": one.status(daemon.clock), "HostConfig": {"NetworkMode": one.host["NetworkMode"]},
        "NetworkSettings": {"Networks": one.networks}, "Mounts": one.mounts,
    }  # fmt: skip
    if size:
        found |= {"SizeRw": one.written, "SizeRootFs": one.written + (image.size if image else 0)}
    return found


def command(argv: list[str]) -> str:
    """Return a command line as lists show it: words with blanks in single quotes."""
    return " ".join(f"'{word}'" if " " in word else word for word in argv)


def inspected(daemon: Daemon, one: Container, size: bool = False) -> Json:
    """Return what `docker inspect` shows of a container."""
    room = f"{ROOT}/containers/{one.id}"
    ran = bool(one.started)
    found: Json = {
        "Id": one.id, "Created": stamp(one.created), "Path": one.argv[0], "Args": one.argv[1:], "State": state(one), "Image": one.image_id,
        "ResolvConfPath": f"{room}/resolv.conf" if ran else "", "HostnamePath": f"{room}/hostname" if ran else "",
        "HostsPath": f"{room}/hosts" if ran else "", "LogPath": f"{room}/{one.id}-json.log" if ran else "", "Name": f"/{one.name}",
        "RestartCount": one.restarts, "Driver": "overlay2", "Platform": "linux", "MountLabel": "", "ProcessLabel": "",
        "AppArmorProfile": "docker-default", "ExecIDs": None, "HostConfig": one.host,
        "GraphDriver": {"Name": "overlay2", "Data": {"ID": one.id, "MergedDir": f"{ROOT}/overlay2/{one.id[:64]}/merged"}},
        "Mounts": one.mounts, "Config": one.config, "NetworkSettings": _network(one),
    }  # fmt: skip
    if size:
        image = daemon.images.known.get(one.image_id)
        found |= {"SizeRw": one.written, "SizeRootFs": one.written + (image.size if image else 0)}
    return found


def state(one: Container) -> Json:
    """Return the State of an inspect."""
    found: Json = {
        "Status": one.state, "Running": one.running, "Paused": one.paused, "Restarting": one.restarting, "OOMKilled": one.oom,
        "Dead": False, "Pid": one.pid, "ExitCode": one.exit_code, "Error": one.error, "StartedAt": stamp(one.started),
        "FinishedAt": stamp(one.finished),
    }  # fmt: skip
    if one.health is not None:
        found["Health"] = {"Status": one.health.status, "FailingStreak": one.health.streak, "Log": one.health.log}
    return found


def _network(one: Container) -> Json:
    ports: dict[str, list[dict[str, str]] | None] = {}
    for port in one.ports:
        key = f"{port['PrivatePort']}/{port['Type']}"
        bound = ports.setdefault(key, None)
        if "PublicPort" in port:
            ports[key] = [*(bound or ()), {"HostIp": port["IP"], "HostPort": str(port["PublicPort"])}]
    first = one.networks.get("bridge") or {}
    more = {key: first.get(key, "") for key in ("EndpointID", "Gateway", "IPAddress", "MacAddress")}
    return {
        "Bridge": "", "SandboxID": one.id if one.alive else "", "SandboxKey": f"/var/run/docker/netns/{one.id[:12]}" if one.alive else "",
        "Ports": ports if one.alive else {}, "HairpinMode": False, "LinkLocalIPv6Address": "", "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": None, "SecondaryIPv6Addresses": None, "IPPrefixLen": first.get("IPPrefixLen", 0), "IPv6Gateway": "",
        "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, **more, "Networks": one.networks,
    }  # fmt: skip


def image_listed(daemon: Daemon, image: Image, count: bool = False) -> Json:
    """Return an item of /images/json; `count`: with how many containers use it, as /system/df gives it."""
    users = sum(1 for one in daemon.containers.known.values() if one.image_id == image.id)
    return {
        "Containers": users if count else -1, "Created": image.created // SECOND, "Id": image.id, "Labels": image.config.get("Labels"),
        "ParentId": image.parent, "RepoDigests": image.digests, "RepoTags": image.tags,
        "SharedSize": 0 if count else -1, "Size": image.size,
    }  # fmt: skip


def image_inspected(image: Image) -> Json:
    """Return what `docker image inspect` shows."""
    return {
        "Id": image.id, "RepoTags": image.tags, "RepoDigests": image.digests, "Parent": image.parent, "Comment": "",
        "Created": stamp(image.created), "DockerVersion": "", "Author": "", "Config": image.config, "Architecture": "amd64", "Os": "linux",
        "Size": image.size, "GraphDriver": {"Name": "overlay2", "Data": {"MergedDir": f"{ROOT}/overlay2/{image.id[7:]}/merged"}},
        "RootFS": {"Type": "layers", "Layers": [f"sha256:{image.id[8 + n:]}{image.id[7 : 8 + n]}" for n in range(_filled(image))]},
        "Metadata": {"LastTagTime": stamp(image.created)},
    }  # fmt: skip


def _filled(image: Image) -> int:
    return max(1, sum(1 for _, size in image.layers if size))


def history(image: Image) -> list[Json]:
    """Return the layers of an image, newest first, as /images/NAME/history gives them."""
    found: list[Json] = [
        {"Comment": "", "Created": image.created // SECOND - 2 * back, "CreatedBy": made, "Id": "<missing>", "Size": size, "Tags": None}
        for back, (made, size) in enumerate(reversed(image.layers))
    ]
    found[0] |= {"Id": image.id, "Tags": image.tags or None}
    return found
