"""Making: a container out of a create request: its settings filled up, its volumes, networks and ports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tui.demo.docker.container import Container
from tui.demo.docker.images import Image
from tui.demo.docker.logbook import Logbook
from tui.demo.docker.words import Json, Refusal, identity

if TYPE_CHECKING:
    from tui.demo.docker.containers import Containers

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
MOODS = ("admiring", "brave", "clever", "dazzling", "eager", "focused", "gallant", "jolly", "keen", "modest", "quirky", "serene", "vibrant")
MINDS = ("babbage", "bohr", "curie", "darwin", "euler", "faraday", "hopper", "kepler", "lovelace", "morse", "noether", "turing", "wozniak")
LEAST = 6 * 2**20  # bytes of memory a container must be allowed


def create(there: Containers, name: str, body: Json) -> Container:
    """Return a new container; raises Refusal 400, 404, 409."""
    if not body.get("Image"):
        raise Refusal(400, "no image specified") if not body else Refusal(400, "invalid reference format")
    image = there.images.find(str(body["Image"]))
    name = checked(there, name)
    host = host_config(body.get("HostConfig") or {})
    if 0 < host["Memory"] < LEAST:
        raise Refusal(400, "Minimum memory limit allowed is 6MB")
    config = container_config(body, image, there)
    argv = [*(config["Entrypoint"] or ()), *(config["Cmd"] or ())]
    if not argv:
        raise Refusal(400, "no command specified")
    ident = identity(there.rand)
    config["Hostname"] = config["Hostname"] or ident[:12]
    log = Logbook(there.clock, raw=bool(config["Tty"]))
    made = Container(ident, name, str(body["Image"]), image.id, config, host, there.clock.nano(), argv, log)
    made.networks = _networks(there, body, host)
    made.mounts = _mounts(there, config, host)
    made.ports = [{"PrivatePort": int(port.partition("/")[0]), "Type": port.partition("/")[2] or "tcp"} for port in config["ExposedPorts"]]
    return made


def checked(there: Containers, name: str) -> str:
    """Return a name for a container that is free; "" = one of the engine's making. Raises Refusal 400, 409."""
    name = name.removeprefix("/")
    if not name:
        while not name or there.named(name) is not None:
            name = f"{there.rand.choice(MOODS)}_{there.rand.choice(MINDS)}"
        return name
    if not NAME.fullmatch(name):
        raise Refusal(400, f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
    if (other := there.named(name)) is not None:
        raise Refusal(
            409,
            f'Conflict. The container name "/{name}" is already in use by container "{other.id}". '
            "You have to remove (or rename) that container to be able to reuse that name.",
        )
    return name


def container_config(body: Json, image: Image, there: Containers) -> Json:
    """Return the `Config` of an inspect: what was asked for over what the image brings."""
    brought = image.config
    asked = {key: value for key, value in body.items() if key not in {"HostConfig", "NetworkingConfig"}}
    command = asked.get("Cmd") or (None if asked.get("Entrypoint") else brought.get("Cmd"))
    if isinstance(command, str):
        command = ["/bin/sh", "-c", command]
    environment = {one.partition("=")[0]: one for one in (*(brought.get("Env") or ()), *(asked.get("Env") or ()))}
    found: Json = {
        "Hostname": "", "Domainname": "", "User": brought.get("User", ""), "AttachStdin": False, "AttachStdout": False,
        "AttachStderr": False, "ExposedPorts": {}, "Tty": False, "OpenStdin": False, "StdinOnce": False, "Image": body["Image"],
        "Volumes": None, "WorkingDir": brought.get("WorkingDir", ""), "Entrypoint": brought.get("Entrypoint"), "OnBuild": None,
    }  # fmt: skip
    found |= {key: value for key, value in asked.items() if value not in (None, "")}
    found["ExposedPorts"] = {**(brought.get("ExposedPorts") or {}), **(asked.get("ExposedPorts") or {})}
    found["Labels"] = {**(brought.get("Labels") or {}), **(asked.get("Labels") or {})}
    found["Healthcheck"] = asked.get("Healthcheck") or brought.get("Healthcheck")
    if not found["Healthcheck"]:
        del found["Healthcheck"]
    for port in (body.get("HostConfig") or {}).get("PortBindings") or ():
        found["ExposedPorts"].setdefault(port, {})
    return found | {"Cmd": command, "Env": list(environment.values())}


def host_config(asked: Json) -> Json:
    """Return the `HostConfig` of an inspect."""
    found: Json = {
        "Binds": None, "ContainerIDFile": "", "LogConfig": {"Type": "json-file", "Config": {}}, "NetworkMode": "bridge", "PortBindings": {},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}, "AutoRemove": False, "VolumeDriver": "", "VolumesFrom": None,
        "ConsoleSize": [0, 0], "CapAdd": None, "CapDrop": None, "CgroupnsMode": "private", "Dns": [], "DnsOptions": [], "DnsSearch": [],
        "ExtraHosts": None, "GroupAdd": None, "IpcMode": "private", "Cgroup": "", "Links": None, "OomScoreAdj": 0, "PidMode": "",
        "Privileged": False, "PublishAllPorts": False, "ReadonlyRootfs": False, "SecurityOpt": None, "UTSMode": "", "UsernsMode": "",
        "ShmSize": 67108864, "Runtime": "runc", "Isolation": "", "CpuShares": 0, "Memory": 0, "NanoCpus": 0, "CgroupParent": "",
        "BlkioWeight": 0, "CpuPeriod": 0, "CpuQuota": 0, "CpusetCpus": "", "CpusetMems": "", "Devices": [], "MemoryReservation": 0,
        "MemorySwap": 0, "MemorySwappiness": None, "OomKillDisable": None, "PidsLimit": None, "Ulimits": [],
    }  # fmt: skip
    found |= {key: value for key, value in asked.items() if value is not None}
    if found["NetworkMode"] in {"", "default"}:
        found["NetworkMode"] = "bridge"
    found["RestartPolicy"] = policy(found["RestartPolicy"])
    return found


def policy(asked: Mapping[str, Any] | None) -> Json:
    """Return a restart policy; raises Refusal 400."""
    name, most = str((asked or {}).get("Name") or "no"), int((asked or {}).get("MaximumRetryCount") or 0)
    if name not in {"no", "always", "unless-stopped", "on-failure"}:
        raise Refusal(400, f"invalid restart policy: unknown policy '{name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'")
    if most and name != "on-failure":
        raise Refusal(400, "invalid restart policy: maximum retry count can only be used with 'on-failure'")
    return {"Name": name, "MaximumRetryCount": most}


def _networks(there: Containers, body: Json, host: Json) -> dict[str, Json]:
    wanted = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    found = {}
    wanted = {"bridge" if key == "default" else key: value for key, value in wanted.items()}
    for key in dict.fromkeys([host["NetworkMode"], *wanted]):
        network = there.networks.find(key)
        found[network.name] = there.networks.endpoint(network, (wanted.get(key) or {}).get("Aliases"))
    return found


def _mounts(there: Containers, config: Json, host: Json) -> list[Json]:
    found: dict[str, Json] = {}
    for bind in host["Binds"] or ():
        source, _, rest = bind.partition(":")
        target, _, mode = rest.partition(":")
        if not rest:
            source, target = "", source
        found[target] = _mount(there, source, target, mode)
    for mount in host.get("Mounts") or ():
        mode = "ro" if mount.get("ReadOnly") else ""
        if mount.get("Type") == "tmpfs":
            found[mount["Target"]] = {
                "Type": "tmpfs",
                "Source": "",
                "Destination": mount["Target"],
                "Mode": "",
                "RW": True,
                "Propagation": "",
            }
            continue
        found[mount["Target"]] = _mount(there, mount.get("Source", ""), mount["Target"], mode)
    for target in config["Volumes"] or ():
        if target not in found:
            found[target] = _mount(there, "", target, "")
    return list(found.values())


def _mount(there: Containers, source: str, target: str, mode: str) -> Json:
    if source.startswith("/"):
        return {"Type": "bind", "Source": source, "Destination": target, "Mode": mode, "RW": mode != "ro", "Propagation": "rprivate"}
    volume = there.volumes.create(source)
    return {
        "Type": "volume", "Name": volume.name, "Source": volume.folder, "Destination": target, "Driver": volume.driver,
        "Mode": mode or "z", "RW": mode != "ro", "Propagation": "",
    }  # fmt: skip
