"""A world that means harm: a Docker host and a cluster whose every text field tries to steer the terminal; or its harmless twin."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from tests.told_docker import DockerServer
from tests.told_kubernetes import KubernetesServer, Request, says, status, stream
from tui.engines.kubernetes.paths import KNOWN

SAMPLES = Path(__file__).parent / "samples"
PAYLOADS = (
    "\x1b]52;c;aGFybQ==\x07\x1b]0;harm\x1b\\\x9b2J\x9d0;harm\x9c\x7f\u202e\u200b[/][red][@click=app.quit]q[/etc/passwd]\x1b[2J\x1b[6n",
    "\x1b]52;c;aGFybQ==\x1b\\",
    "\x1b]0;harm\x07",
    "\x1b]8;;http://harm.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[1;1H\x1b[?1049l\x1bc",
    '\x1bP$q"p\x1b\\\x1b_harm\x1b\\\x1b^harm\x1b\\',
    "\x1b[6n\x1b[c\x1b[21t",
    "\x9b2J\x9b6n\x9d52;c;aGFybQ==\x9c\x90harm\x9c",
    "\x07\r\x08\x08\x7f\x00\x0b\x0c",
    "\u202eharm\u2066\u200f\u061c\u2028\u2029",
    "\u200b\u200c\u2060\ufeff\u00ad\U000e0041\U000e007f\u3164",
    "e" + "\u0301" * 1000,
    "名前が長い名前が長い👩\u200d👩\u200d👧",
    "[@click=app.quit]quit[/] [@click=app.simulate_key('q')]k[/] [red]r [/] [/etc/passwd] [link=http://harm.example]l",
    "long" * 25_000,
    "\\ud800\\[bold]\\u001b[31m%1b%n{0}$(reboot)`x`;&|\n\t\n",
)
SIGNS = ("␛", "␛", "␛", "␛", "␛", "␛", "␛", "⟨009B⟩", "␇", "⟨202E⟩", "⟨200B⟩", "⟨+997⟩", "名前", "[@click", "long", "\\ud800")
"""What each payload begins with on the screen."""
COUNT = len(PAYLOADS)
_KEEP = {"kind", "apiVersion", "resourceVersion", "Id", "ID", "ImageID", "NetworkID", "ServiceID", "NodeID", "LocalNodeState"}
_WORDS = {"State", "phase", "type", "Type", "status", "Role", "Availability", "uid", "name", "Status", "Mode", "cpu", "memory", "Driver"}
_MAPS = {
    "labels",
    "annotations",
    "data",
    "matchLabels",
    "Labels",
    "Options",
    "binaryData",
    "capacity",
    "allocatable",
    "Networks",
    "stringData",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
REVISION, CAUSE = "deployment.kubernetes.io/revision", "kubernetes.io/change-cause"
Json = dict[str, Any]


@dataclass(frozen=True)
class Tongue:
    """How the world speaks: with malice or, in the same places, without."""

    hostile: bool

    def evil(self, word: str, which: int) -> str:
        """Return a word with something behind it."""
        return f"Z{word}{PAYLOADS[which % COUNT]}" if self.hostile else f"Z{word} plain {which}"

    def spoil(self, value: Any, which: int, key: str = "") -> Any:
        """Return a copy of a value with every text in it spoilt; words that the program goes by only in every other copy."""
        match value:
            case dict():
                named = key in _MAPS
                return {self.evil(name, which) if named else name: self.spoil(one, which, name) for name, one in value.items()}
            case list():
                return [self.spoil(one, which, key) for one in value]
            case str() if key in _KEEP or _TIME.match(value) or (key in _WORDS - {"name"} and which % 2):
                return value
            case str():
                return self.evil(key.rpartition("/")[2][:24], which)
            case _:
                return value


def sample(name: str) -> Json:
    """Return a sample of a kind, such as "swarm_nodes"."""
    found: Json = json.loads((SAMPLES / f"{name}.json").read_text())
    return found


def _hex(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class HostileCluster(KubernetesServer):
    """An API server that serves spoilt objects at every path. `refused`: words of kinds that are answered with an error."""

    def __init__(self, tongue: Tongue, refused: Mapping[str, int]) -> None:
        super().__init__()
        self.tongue, self.refused = tongue, refused
        self.objects: dict[str, list[Json]] = {}

    def fill(self) -> None:
        """Make the objects."""
        for word in KNOWN:
            path = SAMPLES / f"kubernetes_{word}.json"
            if path.exists():
                self.objects[word] = [self._one(word, sample(f"kubernetes_{word}"), which) for which in range(COUNT)]

    def _one(self, word: str, plain: Json, which: int) -> Json:
        made: Json = self.tongue.spoil(plain, which)
        meta = made["metadata"]
        meta["uid"] = self._uid(word, which)
        if word == "replicasets":  # the revisions of the first deployment
            meta["ownerReferences"] = [{"kind": "Deployment", "name": "x", "uid": self._uid("deployments", 0), "controller": True}]
        if word in {"replicasets", "deployments"}:
            meta["annotations"] |= {REVISION: str(which + 1), CAUSE: self.tongue.evil("cause", which)}
        meta["name"] = self.tongue.evil(f"{word}-name-{which}", which)
        if "namespace" in plain["metadata"]:
            meta["namespace"] = self.tongue.evil("space", which)
        return made

    def _uid(self, word: str, which: int) -> str:
        return f"uid-{word}-{which}" + ("" if which % 3 else self.tongue.evil("", which)[1:])

    async def say(self, request: web.Request, said: Request) -> web.StreamResponse:
        """Answer with malice."""
        parts = said.path.strip("/").split("/")
        word = next((part for part in parts[1:] if part in KNOWN and not (part == "namespaces" and len(parts) > 4)), "")
        evil = self.tongue.evil
        if said.path == "/version":
            return await says({"gitVersion": evil("version", 2)})(request, said)
        if parts[-1] == "selfsubjectreviews":
            return await says({"status": {"userInfo": {"username": evil("username", 1)}}})(request, said)
        if word in self.refused:
            return await status(self.refused[word], evil("reason", 0), evil("refusal", 0))(request, said)
        if parts[-1] == "log":
            raw = b"".join(evil(f"line-{which}", which).encode("utf-8", "surrogatepass") + b" \xff\xfe\x80\n" for which in range(COUNT))
            return await stream(raw, kind="text/plain")(request, said)
        if said.is_watch:
            return await stream()(request, said)
        if parts[-1] == word and word in self.objects:
            return await says({"kind": "List", "metadata": {"resourceVersion": "10"}, "items": self.objects[word]})(request, said)
        found = next((one for one in self.objects.get(word, ()) if request.match_info["tail"].endswith(one["metadata"]["name"])), None)
        if found is None:
            return await status(404, evil("reason", 1), evil("missing", 1))(request, said)
        return await says(found)(request, said)


def fill_docker(server: DockerServer, tongue: Tongue) -> None:
    """Fill a Docker host and its swarm with spoilt objects."""
    for which in range(COUNT):
        one = tongue.spoil(sample("docker_containers"), which)
        one |= {"Id": _hex("container", which), "Names": ["/" + tongue.evil(f"container-name-{which}", which)]}
        one |= {
            "Status": tongue.evil("up", which),
            "Labels": {tongue.evil("com.docker.compose.project", which): tongue.evil("label", which)},
        }
        if which % 2:
            one |= {"Labels": {"com.docker.compose.project": tongue.evil("project", which)}, "State": "running"}
        server.containers[one["Id"]] = one
        server.inspects[one["Id"]] = _inspect(tongue, which, one["Id"])
        server.logs[one["Id"]] = [_frame(tongue.evil(f"line-{number}", number)) for number in range(COUNT)]
        image = tongue.spoil(sample("docker_images"), which) | {"Id": "sha256:" + _hex("image", which)}
        server.images[image["Id"]] = image
        volume = tongue.spoil(sample("docker_volumes"), which) | {"Name": tongue.evil(f"volume-name-{which}", which)}
        server.volumes[volume["Name"]] = volume
        network = tongue.spoil(sample("docker_networks"), which) | {"Id": _hex("network", which)}
        server.networks[network["Id"]] = network | {"Name": tongue.evil(f"network-name-{which}", which)}
        for word in server.told:
            made = tongue.spoil(sample(f"swarm_{word}"), which) | {"ID": _hex(word, which)[:25]}
            server.told[word][made["ID"]] = made
    server.manager = True
    server.info = {
        "Swarm": {"NodeID": _hex("nodes", 0)[:25], "LocalNodeState": "active", "ControlAvailable": True, "Nodes": 16, "Managers": 1}
    }
    for identity in server.containers:  # all that an engine remembers
        for which in range(COUNT):
            name, image = tongue.evil("name", which), tongue.evil("image", which)
            server.emit("container", tongue.evil("action", which), identity, name=name, image=image)


def _inspect(tongue: Tongue, which: int, identity: str) -> Json:
    log = [{"Start": "2026-01-01T00:00:00Z", "End": "2026-01-01T00:00:01Z", "ExitCode": 1, "Output": "x"}]
    plain = {
        "Name": "x", "Path": "x",
        "Args": ["x"], "Image": "x", "Driver": "x", "Platform": "x", "Mounts": [{"Source": "x", "Destination": "x"}],
        "State": {"Status": "x", "Error": "x", "Health": {"Status": "x", "Log": log}},
        "Config": {"Hostname": "x", "Image": "x", "Cmd": ["x"], "Env": ["x"], "WorkingDir": "x", "User": "x", "Labels": {"x": "x"}},
        "HostConfig": {"RestartPolicy": {"Name": "x"}, "Binds": ["x"]}, "NetworkSettings": {"Networks": {"x": {"IPAddress": "x"}}},
    }  # fmt: skip
    made: Json = tongue.spoil(plain, which)
    return made | {"Id": identity}


def _frame(text: str) -> bytes:
    body = text.encode() + b" \xff\xfe\n"
    return bytes([1, 0, 0, 0]) + len(body).to_bytes(4, "big") + body


@dataclass
class HostileWorld:
    """The two servers, and the environment that leads a program to them."""

    docker: DockerServer
    cluster: HostileCluster
    tongue: Tongue
    environ: dict[str, str]


@asynccontextmanager
async def hostile_world(folder: Path, hostile: bool) -> AsyncIterator[HostileWorld]:
    """Start the world and end it."""
    tongue = Tongue(hostile)
    folder.mkdir()  # noqa: ASYNC240
    docker = DockerServer()
    fill_docker(docker, tongue)
    await docker.start(folder / "d.sock")
    try:
        async with HostileCluster(tongue=tongue, refused={"jobs": 403, "cronjobs": 500}) as cluster:
            cluster.fill()
            _kubeconfig(folder / "kubeconfig", tongue, cluster.url)
            _docker_contexts(folder / "docker", tongue, folder / "d.sock")
            environ = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "DOCKER_CONFIG": str(folder / "docker")}
            yield HostileWorld(docker, cluster, tongue, environ | {"KUBECONFIG": str(folder / "kubeconfig")})
    finally:
        await docker.stop()


def _kubeconfig(path: Path, tongue: Tongue, url: str) -> None:
    """Write the contexts: the first leads to the cluster, the others nowhere, each in another way."""
    evil = tongue.evil
    clusters = [
        {"name": evil(f"cluster-{which}", which), "cluster": {"server": f"https://{evil('server', which)}"}} for which in range(COUNT)
    ]
    clusters[0] = {"name": evil("cluster-0", 1), "cluster": {"server": url}}
    users = [{"name": evil(f"user-{which}", which), "user": {"token": "sesame", "as": evil("as", which)}} for which in range(COUNT)]
    users[0] = {"name": evil("user-0", 1), "user": {"token": "sesame"}}
    contexts = [
        {
            "name": evil(f"context-{which}", which or 1),
            "context": {"cluster": clusters[which]["name"], "user": users[which]["name"], "namespace": evil("scope", which or 2)},
        }
        for which in range(COUNT)
    ]
    whole = {"clusters": clusters, "users": users, "contexts": contexts, "current-context": contexts[0]["name"]}
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **whole}))


def _docker_contexts(folder: Path, tongue: Tongue, socket: Path) -> None:
    """Write the docker contexts: the first leads to the host, the others nowhere."""
    for which in range(COUNT + 1):
        name = tongue.evil(f"host-{which}", which or 1) if which < COUNT else "\ud800lone" if tongue.hostile else "lone"
        meta = folder / "contexts" / "meta" / _hex(name)
        meta.mkdir(parents=True)
        host = f"unix://{socket}" if not which else f"tcp://127.0.0.1:1/{tongue.evil('path', which)}"
        told = {"Name": name, "Metadata": {"Description": tongue.evil("description", which)}, "Endpoints": {"docker": {"Host": host}}}
        (meta / "meta.json").write_text(json.dumps(told))
        if not which:
            (folder / "config.json").write_text(json.dumps({"currentContext": name}))
