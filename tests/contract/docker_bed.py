"""A Docker host to test a contract on, the demo's or a real one: plain requests, and names of the test's own."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.waiting import eventually
from tui.demo.clock import Clock
from tui.demo.docker.server import DockerWorld

SPEED = 10.0  # of the demo's clock


@dataclass
class Answer:
    """A status and what the body says, decoded when it is JSON."""

    status: int
    body: Any
    headers: Any = None

    @property
    def message(self) -> str:
        return str(self.body["message"]) if isinstance(self.body, dict) else str(self.body)


@dataclass
class Bed:
    """One Docker host. `image`: on every node of its swarm; `demo`: the world behind it, None for a real engine."""

    url: str
    session: aiohttp.ClientSession
    api: str
    demo: DockerWorld | None = None
    image: str = "busybox:1"
    environment: dict[str, str] = field(default_factory=dict)
    prefix: str = field(default_factory=lambda: f"pht-{uuid.uuid4().hex[:8]}")

    async def ask(self, method: str, path: str, send: Any = None, *, spoken: str | None = None, **query: Any) -> Answer:
        """Send one request; `filters` may be a mapping of lists."""
        params = {key: json.dumps(value) if isinstance(value, dict) else str(value) for key, value in query.items()}
        base = f"http://docker/v{spoken or self.api}" if spoken != "" else "http://docker"
        async with self.session.request(method, base + path, params=params, json=send) as answer:
            raw = await answer.read()
            plain = answer.content_type == "application/json" and raw.strip()
            return Answer(answer.status, json.loads(raw.splitlines()[0] if path == "/events" else raw) if plain else raw.decode("latin-1"),
                          answer.headers)  # fmt: skip

    async def get(self, path: str, **query: Any) -> Any:
        """Return the body of a GET that must go well."""
        answer = await self.ask("GET", path, **query)
        assert answer.status == 200, answer
        return answer.body

    async def raw(self, path: str, **query: Any) -> bytes:
        """Return the bytes of a GET that must go well."""
        async with self.session.get(f"http://docker/v{self.api}{path}", params={key: str(value) for key, value in query.items()}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    async def do(self, path: str, send: Any = None, expect: tuple[int, ...] = (200, 201, 204), **query: Any) -> Any:
        """Return the body of a POST that must go well."""
        answer = await self.ask("POST", path, send, **query)
        assert answer.status in expect, answer
        return answer.body

    async def delete(self, path: str, expect: tuple[int, ...] = (200, 204), **query: Any) -> Any:
        """Return the body of a DELETE that must go well."""
        answer = await self.ask("DELETE", path, **query)
        assert answer.status in expect, answer
        return answer.body

    # ---- in short ---------------------------------------------------------------------------------------------------

    def name(self, word: str) -> str:
        """Return a name of this test's own."""
        return f"{self.prefix}-{word}"

    async def container(self, word: str, script: str, start: bool = True, **more: Any) -> str:
        """Return the id of a container of our own that runs a script."""
        labels = {"test": self.prefix, **more.pop("Labels", {})}
        body = {"Image": "busybox:1", "Cmd": ["sh", "-c", script], "StopTimeout": 1, "Labels": labels, **more}
        made = await self.do("/containers/create", body, name=self.name(word))
        if start:
            await self.do(f"/containers/{made['Id']}/start")
        return str(made["Id"])

    async def item(self, ident: str) -> dict[str, Any]:
        """Return a container's item of the list, {} when it is gone."""
        found = await self.get("/containers/json", all=1, filters={"id": [ident]})
        return dict(found[0]) if found else {}

    async def state(self, ident: str, wanted: str) -> dict[str, Any]:
        """Wait until a container is in this state, and return its item of the list."""

        async def there() -> Any:
            one = await self.item(ident)
            return one if one and one["State"] == wanted else None

        found = await eventually(there, what=f"{ident[:12]} to be {wanted}")
        assert isinstance(found, dict)
        return found

    async def now(self) -> str:
        """Return the engine's own time as a `since`."""
        await asyncio.sleep(0.002)  # so that nothing before has the same time
        whole, _, rest = str((await self.get("/info"))["SystemTime"]).removesuffix("Z").partition(".")
        return f"{int(datetime.fromisoformat(whole + '+00:00').timestamp())}.{rest or '0'}"

    async def events(self, since: str, **filters: list[str]) -> list[dict[str, Any]]:
        """Return what happened since a time, without the noise of probes and of other tests."""
        raw = await self.raw("/events", since=since, until=await self.now(), filters=json.dumps(filters))
        found = [json.loads(line) for line in raw.splitlines()]
        return [one for one in found if not one["Action"].startswith(("exec_", "top", "resize", "attach"))]

    async def clean(self) -> None:
        """Remove all that this test made."""
        for kind in ("services", "secrets", "configs"):
            answer = await self.ask("GET", f"/{kind}", filters={"name": [self.prefix]})
            for one in answer.body if answer.status == 200 else ():
                await self.ask("DELETE", f"/{kind}/{one['ID']}")
        for one in await self.get("/containers/json", all=1, filters={"label": [f"test={self.prefix}"]}):
            await self.ask("DELETE", f"/containers/{one['Id']}", force=1, v=1)
        for image in await self.get("/images/json"):
            for tag in image["RepoTags"] or ():
                if tag.startswith(self.prefix):
                    await self.ask("DELETE", f"/images/{tag}", force=1)
        for volume in (await self.get("/volumes", filters={"name": [self.prefix]}))["Volumes"] or ():
            await self.ask("DELETE", f"/volumes/{volume['Name']}", force=1)
        for network in await self.get("/networks", filters={"name": [self.prefix]}):
            await self.ask("DELETE", f"/networks/{network['Id']}")


async def opened(url: str, demo: DockerWorld | None, environment: dict[str, str]) -> Bed:
    session = aiohttp.ClientSession(connector=aiohttp.UnixConnector(url.removeprefix("unix://"), limit=0))
    async with session.get("http://docker/_ping") as answer:
        api = min(answer.headers["Api-Version"], "1.47", key=lambda word: [int(part) for part in word.split(".")])
    made = Bed(url, session, api, demo, environment=environment)
    if demo is None and environment.get("PILOTHOUSE_TEST_REGISTRY"):
        made.image = f"{environment['PILOTHOUSE_TEST_REGISTRY']}/demo/web:1.0"
    return made


def furnish(world: DockerWorld) -> None:
    """Put the images there that the seeded real world has, too."""
    born = world.clock.nano() - 10**16
    base = world.daemon.images.add(["busybox:1"], [("ADD rootfs.tar / # buildkit", 4_280_000)], {"Cmd": ["sh"]}, born)
    layers = [*base.layers, ("COPY www /www # buildkit", 40_000)]
    world.daemon.images.add(["demo/web:1.0"], layers, {"Cmd": ["sh"], "Labels": {"tier": "front"}}, born + 10**12, parent=base.id)


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.real)])
async def bed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bed]:
    """Give a Docker host; after the test nothing of it is left there."""
    if request.param == "real":
        environment = dict(request.getfixturevalue("docker_world"))
        made = await opened(environment["DOCKER_HOST"], None, environment)
    else:
        world = DockerWorld(Clock(SPEED))
        furnish(world)
        await world.start(tmp_path / "d.sock")
        made = await opened(world.host, world, dict(os.environ))
    try:
        yield made
        await made.clean()
    finally:
        await made.session.close()
        if made.demo is not None:
            await made.demo.stop()
