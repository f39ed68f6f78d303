"""Readers: how each docker kind is listed, and which events make it stale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from tui.engines.docker.events import Happening
from tui.engines.docker.objects import Listed, Reading
from tui.engines.docker.transport import Transport, filters
from tui.facts import EngineError, Object
from tui.model import Kind

_BIRTHS = {"create", "destroy", "rename"}


class _Mount(msgspec.Struct, rename="pascal"):
    name: str = ""


class _Attached(msgspec.Struct):
    network: str = msgspec.field(name="NetworkID", default="")


class _Networks(msgspec.Struct, rename="pascal"):
    networks: dict[str, _Attached] | None = None


class _User(msgspec.Struct):
    """What a container uses, to say of an image, a volume or a network who needs it."""

    names: tuple[str, ...] | None = msgspec.field(name="Names", default=())
    image: str = msgspec.field(name="ImageID", default="")
    mounts: tuple[_Mount, ...] | None = msgspec.field(name="Mounts", default=())
    settings: _Networks | None = msgspec.field(name="NetworkSettings", default=None)


def container_heard(event: Happening) -> str | None:
    """Tell which container an event speaks of."""
    if event.type == "container":
        return event.actor.id
    if event.type == "network" and event.action in {"connect", "disconnect"}:
        return event.actor.attributes.get("container")
    return None


def other_heard(kind: str) -> Callable[[Happening], str | None]:
    """Return the ear of images, volumes or networks: their own events, and those of the containers that use them."""
    own = kind.removesuffix("s")

    def hears(event: Happening) -> str | None:
        if event.type == own and event.action not in {"mount", "unmount"}:
            return ""
        return "" if event.type == "container" and event.action in _BIRTHS else None

    return hears


class DockerReader(Struct, eq=False):
    """Reads one docker kind."""

    transport: Transport
    kind: Kind
    now: Callable[[], datetime]

    def hears(self, event: Happening) -> str | None:
        """Return what an event makes stale; see `Reader`."""
        return container_heard(event) if self.kind.word == "containers" else other_heard(self.kind.word)(event)

    async def everything(self, known: dict[str, Object]) -> Sequence[Object]:
        """Return all rows."""
        path, _, query = self.kind.api.partition("?")
        body = await self.transport.get(path, dict(parse_qsl(query)))
        used = {} if self.kind.word == "containers" else await self.used()
        return self._rows(body, Reading(self.now(), known, used))

    async def these(self, ids: frozenset[str], known: dict[str, Object]) -> Sequence[Object]:
        """Return the rows of these containers; only containers are read one by one."""
        body = await self.transport.get("/containers/json", {"all": 1, "filters": filters(id=sorted(ids))})
        return self._rows(body, Reading(self.now(), known))

    def _rows(self, body: bytes, reading: Reading) -> list[Object]:
        items = decode(self.kind, body)
        return [row for item in items for row in item.rows(reading)]

    async def used(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the containers that use something, by image id, volume name and network id."""
        try:
            users = await self.transport.read(list[_User], "/containers/json", {"all": 1})
        except EngineError:
            return {}  # who uses what is a courtesy, the list itself is not
        found: dict[str, list[str]] = {}
        for user in users:
            name = (user.names or ("",))[0].removeprefix("/")
            networks = (user.settings.networks if user.settings else None) or {}
            for key in {user.image, *(one.name for one in user.mounts or ()), *(one.network for one in networks.values())}:
                found.setdefault(key, []).append(name)
        return {key: tuple(sorted(names)) for key, names in found.items()}


def decode(kind: Kind, body: bytes) -> Sequence[Listed]:
    """Return the items of a list answer; volumes come wrapped. Raises EngineError when it is no such list."""
    try:
        if kind.word == "volumes":
            inner = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get("Volumes")
            body = bytes(inner) if inner is not None else b"[]"
        return msgspec.json.decode(body, type=list[kind.type] | None) or ()  # type: ignore[name-defined]
    except msgspec.DecodeError as error:
        raise EngineError(f"the list of {kind.title} is not as expected: {error}") from error
