"""The Docker engine: one host, watched live and acted upon."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tui.engines.docker import verbs
from tui.engines.docker.events import EventStream, Lines
from tui.engines.docker.hosts import HostEntry
from tui.engines.docker.lens import Lens
from tui.engines.docker.listing import Listing
from tui.engines.docker.logs import Decoder, lines
from tui.engines.docker.readers import DockerReader
from tui.engines.docker.transport import Transport, filters
from tui.engines.docker.writes import Writer
from tui.engines.gate import Gate
from tui.facts import About, EngineError, Event, Feed, Figures, Health, LogLine, LogOptions, Missing, Ref, State, Unsupported
from tui.model import Engine, Kind

CONTAINERS, IMAGES, VOLUMES, NETWORKS = "docker/containers", "docker/images", "docker/volumes", "docker/networks"
REMEMBERED = timedelta(hours=24)  # events older than this are not asked for; the engine keeps its last 256


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class DockerEngine(Engine):
    """One Docker host; everything that is watched on it shares one transport and one event stream."""

    family = "docker"

    def __init__(self, host: HostEntry, gate: Gate, now: Callable[[], datetime] = utc_now) -> None:
        self.id = f"docker:{host.name}"
        self.context = host.name
        self.host = host
        self.now = now
        self.transport = Transport(host)
        self.stream = EventStream(self.transport, now)
        self.writer = Writer(self.transport, gate)
        self._lens = Lens(self.transport)
        self._health = Health(State.CONNECTING)

    @property
    def about(self) -> About:
        """Return where this engine is."""
        return About(self.host.name, self.host.url, self.transport.software, detail=self.host.description, insecure=self.host.insecure)

    @property
    def health(self) -> Health:
        """Return how the event stream does or, before anything is watched, how `connect` did."""
        return self.stream.health if self.stream.health.state is not State.CONNECTING else self._health

    async def connect(self) -> None:
        """Agree on an API version; raises Unreachable, Denied, Unsupported."""
        try:
            await self.transport.ready()
        except EngineError as error:
            self._health = Health(State.RETRYING, str(error))
            raise
        self._health = Health(State.LIVE, since=self.now())

    async def watch(self, kind: Kind, namespace: str, feed: Feed) -> None:
        """Feed containers, images, volumes or networks until cancelled."""
        if kind.id not in {CONTAINERS, IMAGES, VOLUMES, NETWORKS}:
            raise Unsupported(f"docker has no {kind.title}")
        listing = Listing(DockerReader(self.transport, kind, self.now), self.stream, feed, self.now)
        poll = asyncio.create_task(self._lens.run(listing), name=f"lens {self.id}") if kind.id == CONTAINERS else None
        try:
            await listing.run()
        finally:
            if poll is not None:
                poll.cancel()
                await asyncio.gather(poll, return_exceptions=True)

    def look(self, kind: Kind, uids: frozenset[str], by: str = "table") -> None:
        """Poll live figures of these containers from now on, for this part of the screen."""
        if kind.id == CONTAINERS:
            self._lens.look(uids, by)

    def past(self, uid: str) -> Sequence[Figures]:
        """Return what a container used in the last minutes, as far as it was looked at."""
        return self._lens.past.of(uid)

    async def figures(self, ref: Ref) -> AsyncIterator[Sequence[Figures]]:
        """Yield what a container used, and poll it while somebody iterates."""
        if ref.kind != CONTAINERS:
            raise Unsupported(f"{ref.kind.rpartition('/')[2]} are not measured")
        by = f"figures {ref.uid}"
        self._lens.look(frozenset({ref.uid}), by)
        try:
            async for found in self._lens.past.follow(ref.uid):
                yield found
        finally:
            self._lens.look(frozenset(), by)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.stream.close()
        await self.writer.close()
        await self.transport.close()

    # ---- about one object -------------------------------------------------------------------------------------------

    async def fetch(self, ref: Ref) -> Mapping[str, Any]:
        """Return what `docker inspect` shows; raises Missing when the object is gone, Conflict when its name is another's."""
        found = await self.transport.read(dict[str, Any], inspect_path(ref))
        verbs.same(ref, found)
        return found

    async def events(self, ref: Ref) -> Sequence[Event]:
        """Return what the engine still remembers of the object: its last 256 events, all objects together."""
        noun = ref.kind.rpartition("/")[2].removesuffix("s")
        now = self.now()
        wanted = filters(type=[noun], **{noun: [ref.name if noun == "volume" else ref.uid.partition(" ")[0]]})
        params: dict[str, str | int] = {"since": int((now - REMEMBERED).timestamp()), "until": int(now.timestamp()), "filters": wanted}
        body = await self.transport.get("/events", params)
        return [verbs.told(event) for event in Lines().feed(body + b"\n")]

    async def logs(self, ref: Ref, options: LogOptions) -> AsyncIterator[Sequence[LogLine]]:
        """Yield the container's output; ends when the container does, or at once without `follow`."""
        if ref.kind != CONTAINERS:
            raise Unsupported(f"{ref.kind.rpartition('/')[2]} have no logs")
        raw = bool((await self.fetch(ref)).get("Config", {}).get("Tty"))
        path, params, last = f"/containers/{ref.uid}/logs", verbs.log_params(options, self.now()), ""
        async with self.transport.stream(path, params) as answer:
            async for batch in lines(answer.content.iter_any(), Decoder(raw)):
                last = max((line.stamp for line in batch), default=last)
                yield batch
        if not options.follow:
            return
        # a follower of the engine is cut off when the container ends, now and then before it has read the last lines
        with contextlib.suppress(Missing):
            async with self.transport.stream(path, verbs.rest_of_log(params, last)) as answer:
                async for batch in lines(answer.content.iter_any(), Decoder(raw)):
                    if missed := [line for line in batch if line.stamp > last]:
                        yield missed

    # ---- verbs ------------------------------------------------------------------------------------------------------

    async def start(self, ref: Ref) -> None:
        """Start a container."""
        await self._container(ref, "start", lambda client: client.start(ref.uid))

    async def stop(self, ref: Ref) -> None:
        """Stop a container with its own grace period."""
        await self._container(ref, "stop", lambda client: client.stop(ref.uid), await self._grace(ref))

    async def restart(self, ref: Ref) -> None:
        """Restart a container with its own grace period."""

        def send(client: Any) -> None:
            # The SDK's own verb insists on a grace of its making; without `t` the container's own holds.
            client._raise_for_status(client._post(client._url("/containers/{0}/restart", ref.uid)))

        await self._container(ref, "restart", send, await self._grace(ref))

    async def _grace(self, ref: Ref) -> float:
        """Return how long to wait for an answer: the container's grace period, and then some."""
        config = (await self.fetch(ref)).get("Config") or {}
        return float(config.get("StopTimeout") or 10) + 30.0

    async def _container(self, ref: Ref, verb: str, send: Callable[[Any], Any], deadline: float = 30.0) -> None:
        if ref.kind != CONTAINERS:
            raise Unsupported(f"{verb} is for containers")
        await self.writer.call(verb, ref, "POST", f"/containers/{ref.uid}/{verb}", send, deadline)

    async def remove(self, ref: Ref, *, force: bool = False, volumes: bool = False, propagation: str = "Background") -> None:
        """Remove a container, image, volume or network, if it still is the one with `ref.uid`; `volumes`: anonymous ones too."""
        if ref.kind not in {CONTAINERS, IMAGES, VOLUMES, NETWORKS}:
            raise Unsupported(f"{ref.kind} cannot be removed")
        if ref.kind in {IMAGES, VOLUMES}:  # deleted by a name, which may be another's by now; the others go by their id
            await self.fetch(ref)
        path, send = verbs.removal(ref, force, volumes)
        await self.writer.call("remove", ref, "DELETE", path, send, 60.0)


def inspect_path(ref: Ref) -> str:
    """Return the path that an object's full record is read from."""
    match ref.kind:
        case "docker/containers":
            return f"/containers/{ref.uid}/json"
        case "docker/images":
            return f"/images/{quote(verbs.image_name(ref), safe='/:@')}/json"
        case "docker/volumes":
            return f"/volumes/{quote(ref.name, safe='')}"
        case "docker/networks":
            return f"/networks/{ref.uid}"
        case _:
            raise Unsupported(f"{ref.kind} cannot be read one by one")
