"""Daemon: one Docker engine that is not there: its containers, images, volumes, networks and events, and what it says of itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

from tui.demo.clock import Clock
from tui.demo.docker import figures, shapes, volumes
from tui.demo.docker.containers import Containers
from tui.demo.docker.events import Events
from tui.demo.docker.images import Images
from tui.demo.docker.networks import Networks
from tui.demo.docker.volumes import Volumes
from tui.demo.docker.words import Json, stamp

VERSION, API, OLDEST = "27.5.1", "1.47", "1.24"
KERNEL = "6.1.0-28-amd64"
PLUGINS = {
    "Volume": ["local"], "Network": ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"], "Authorization": None,
    "Log": ["awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "splunk", "syslog"],
}  # fmt: skip


class Daemon:
    """One engine. `swarm`: what /info tells of its swarm; `software`, `api`: its version, and that of the newest API it speaks."""

    def __init__(self, name: str, clock: Clock, seed: int = 1) -> None:
        self.name = name
        self.software, self.api = VERSION, API
        self.clock = clock
        self.rand = random.Random(seed)
        self.events = Events(clock)
        self._carried: set[asyncio.Task[None]] = set()
        self.images = Images(self.events, self.rand, lambda: self.containers.known.values())
        self.volumes = Volumes(self.events, self.rand, lambda: self.containers.known.values())
        self.networks = Networks(self.events, self.rand, lambda: self.containers.known.values())
        self.containers = Containers(clock, self.rand, self.events, self.images, self.volumes, self.networks)
        self.swarm: Callable[[], Json] = lambda: {"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": False,
                                                  "Error": "", "RemoteManagers": None}  # fmt: skip
        born = clock.nano() - 61 * 86_400 * 10**9
        for network, driver in (("bridge", "bridge"), ("host", "host"), ("none", "null")):
            self.networks.create(network, driver, created=born, quiet=True)
        self.networks.find("bridge").options = {
            "com.docker.network.bridge.default_bridge": "true",
            "com.docker.network.bridge.name": "docker0",
        }

    async def carry(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something to its end, even when the client that asked for it leaves."""
        task = asyncio.create_task(work, name=f"carry {self.name}")
        self._carried.add(task)
        task.add_done_callback(self._set_down)
        await asyncio.shield(task)

    def _set_down(self, task: asyncio.Task[None]) -> None:
        self._carried.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked was told, if still there

    def close(self) -> None:
        """Stop every timer and end every stream."""
        for task in self._carried:
            task.cancel()
        self.containers.close()
        self.events.hang_up()

    # ---- about itself -----------------------------------------------------------------------------------------------

    def info(self) -> Json:
        """Return the body of /info."""
        states = [one.state for one in self.containers.known.values()]
        count = {word: states.count(word) for word in set(states)}
        return {
            "ID": "5f1c2a3e-7f0b-4a44-9a35-61c1c2d7f0aa", "Containers": len(states),
            "ContainersRunning": count.get("running", 0) + count.get("restarting", 0), "ContainersPaused": count.get("paused", 0),
            "ContainersStopped": count.get("exited", 0) + count.get("created", 0), "Images": len(self.images.known), "Driver": "overlay2",
            "DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"]], "Plugins": PLUGINS, "MemoryLimit": True,
            "SwapLimit": True, "CpuCfsPeriod": True, "CpuCfsQuota": True, "CPUShares": True, "CPUSet": True, "PidsLimit": True,
            "IPv4Forwarding": True, "Debug": False, "NFd": 61, "OomKillDisable": False, "NGoroutines": 92,
            "SystemTime": stamp(self.clock.nano()), "LoggingDriver": "json-file", "CgroupDriver": "systemd", "CgroupVersion": "2",
            "NEventsListener": self.events.listeners, "KernelVersion": KERNEL, "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
            "OSVersion": "12", "OSType": "linux", "Architecture": "x86_64", "IndexServerAddress": "https://index.docker.io/v1/",
            "NCPU": figures.PROCESSORS, "MemTotal": figures.MEMORY, "DockerRootDir": "/var/lib/docker", "HttpProxy": "", "HttpsProxy": "",
            "NoProxy": "", "Name": self.name, "Labels": ["demo=yes"], "ExperimentalBuild": False, "ServerVersion": self.software,
            "Runtimes": {"runc": {"path": "runc"}}, "DefaultRuntime": "runc", "Swarm": self.swarm(), "LiveRestoreEnabled": False,
            "Isolation": "", "InitBinary": "docker-init", "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin"],
            "Warnings": None,
        }  # fmt: skip

    def version(self) -> Json:
        """Return the body of /version."""
        details = {
            "ApiVersion": self.api, "Arch": "amd64", "BuildTime": "2025-01-22T13:41:17.000000000+00:00", "Experimental": "false",
            "GitCommit": "4c9b3b0", "GoVersion": "go1.22.11", "KernelVersion": KERNEL, "MinAPIVersion": OLDEST, "Os": "linux",
        }  # fmt: skip
        return {
            "Platform": {"Name": "Pilothouse demo"}, "Components": [{"Name": "Engine", "Version": self.software, "Details": details}],
            "Version": self.software, **{key: value for key, value in details.items() if key != "Experimental"},
        }  # fmt: skip

    def usage(self) -> Json:
        """Return the body of /system/df."""
        stores = []
        for volume in self.volumes.listed({}):
            data = {"Size": volume.size, "RefCount": len(self.volumes.using(volume.name))}
            stores.append(volumes.shape(volume) | {"UsageData": data})
        return {
            "LayersSize": sum(image.size for image in self.images.known.values()),
            "Images": [shapes.image_listed(self, image, count=True) for image in self.images.listed({}, False)],
            "Containers": [shapes.listed(self, one, size=True) for one in self.containers.known.values()],
            "Volumes": stores, "BuildCache": [],
        }  # fmt: skip
