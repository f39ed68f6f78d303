"""A cluster that is not there: Pods as the API writes them, an engine that feeds them, and the app over it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from tui.app import Pilothouse
from tui.config import Config
from tui.engines.fleet import Fleet
from tui.engines.gate import Gate
from tui.engines.kubernetes.reflector import Limits
from tui.engines.kubernetes.wire import Page, event_of
from tui.facts import Feed, Health, Listed, Put, State
from tui.model import Engine, Kind

PHASES = ("Running", "Running", "Running", "Pending", "Failed")
BORN = datetime(2026, 1, 1, tzinfo=UTC)


def pod(number: int, version: int = 1) -> dict[str, Any]:
    """Return a Pod as the API gives it, about 8 KB with what a real one carries along; another version has other restarts."""
    app, born = number // 100, (BORN + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    phase = PHASES[number % 97 % len(PHASES)]
    filler = [
        {"manager": "kubelet", "operation": "Update", "fieldsV1": {f"f:field-{n}": {"f:value": {}} for n in range(40)}} for _ in range(4)
    ]
    return {
        "kind": "Pod",
        "metadata": {
            "name": f"app-{app}-{number % 65521:04x}-{number:05}",
            "namespace": f"team-{app % 10}",
            "uid": f"{number:08x}-0000-4000-8000-000000000000",
            "resourceVersion": str(number * 1000 + version),
            "creationTimestamp": born,
            "labels": {"app": f"app-{app}", "tier": "backend", "pod-template-hash": f"{app:08x}"},
            "annotations": {"checksum/config": f"{app:064d}"},
            "managedFields": filler,
        },
        "spec": {
            "nodeName": f"node-{number % 40}",
            "containers": [{"name": "main", "image": f"registry.example.com/app-{app}:1.2.3", "env": [{"name": "A", "value": "x" * 400}]}],
        },
        "status": {
            "phase": phase,
            "podIP": f"10.0.{number // 250 % 250}.{number % 250}",
            "podIPs": [{"ip": f"10.0.{number // 250 % 250}.{number % 250}"}],
            "startTime": born,
            "conditions": [{"type": kind, "status": "True"} for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
            "containerStatuses": [
                {
                    "name": "main", "ready": phase == "Running", "restartCount": version % 17, "image": "x", "imageID": "y",
                    "state": {"running": {"startedAt": born}},
                }
            ],
        },
    }  # fmt: skip


def pages(count: int, first: int = Limits().first, size: int = Limits().page) -> list[bytes]:
    """Return a list of so many Pods in the pages that a reflector asks for."""
    edges = [0, *range(first, count, size), count]
    return [
        msgspec.json.encode({"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": [pod(n) for n in range(low, high)]})
        for low, high in pairwise(edges)
    ]


def events(count: int, pods: int) -> list[bytes]:
    """Return so many watch events about Pods spread over so many."""
    return [msgspec.json.encode({"type": "MODIFIED", "object": pod(n * 7919 % pods, 2 + n)}) for n in range(count)]


class Scripted(Engine):
    """Feeds pages of Pods, and then so many changes in each second; everything is decoded as from a real server."""

    id, family, context = "kubernetes:bench", "kubernetes", "bench"

    def __init__(self, bodies: Sequence[bytes], lines: Sequence[bytes] = (), rate: int = 0) -> None:
        self.bodies, self.lines, self.rate = bodies, lines, rate
        self.may_feed = asyncio.Event()

    @property
    def health(self) -> Health:
        """Return that all is well."""
        return Health(State.LIVE)

    async def watch(self, kind: Kind, namespace: str, feed: Feed) -> None:
        """Feed Pods; every other kind is empty."""
        uids: set[str] = set()
        await self.may_feed.wait()
        if kind.id == "kubernetes/pods" and not namespace:
            for body in self.bodies:
                for objects in Page(body, kind.type).slices():
                    uids.update(item.uid for item in objects)
                    feed(Put(objects))
                await asyncio.sleep(0.01)
        feed(Listed(frozenset(uids)))
        feed(Health(State.LIVE))
        began, sent = time.monotonic(), 0
        while self.rate and uids:
            await asyncio.sleep(0.01)
            due = min(int((time.monotonic() - began) * self.rate), sent + self.rate // 4)
            changed = [event_of(self.lines[n % len(self.lines)], kind.type)[1] for n in range(sent, due)]
            sent = due
            if changed:
                feed(Put(changed))
        await asyncio.Event().wait()


class Still(Fleet):
    """A fleet of one scripted engine."""

    engine: Engine | None = None

    async def start(self) -> None:
        """Bring up the one engine."""
        for family in ("docker", "swarm"):
            self.absent[family] = "not here"
            self.changed(family)
        assert self.engine is not None
        self.engines["kubernetes"] = self.engine
        self.changed("kubernetes")


def cockpit(engine: Engine, view: str = "pods all") -> Pilothouse:
    """Return the app over an engine, with its Pods of all namespaces open."""
    return Pilothouse(
        Config(view=view, home=Path("/nonexistent"), environ={}), fleet=Still(Gate(), {}, Path("/nonexistent"), engine=engine)
    )
