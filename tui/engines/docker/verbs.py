"""Verbs: what is asked of the docker API for each verb, and the check that an object is still the one a person saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui.facts import Conflict, Event, LogOptions, Ref
from tui.values import utc

if TYPE_CHECKING:
    from tui.engines.docker.events import Happening


def image_name(ref: Ref) -> str:
    """Return how the API is told of an image row: by its tag or, where it has none, by its id."""
    identity, _, tag = ref.uid.partition(" ")
    return tag or identity


def volume_uid(name: str, created: str) -> str:
    """Return the identity of a volume: it has no id, so its name and the second it was made in."""
    return f"{name} {created}"


def same(ref: Ref, found: Mapping[str, Any]) -> None:
    """Raise Conflict when what was found by name is not the object with `ref.uid`."""
    match ref.kind:
        case "docker/volumes":
            uid, other = ref.uid, volume_uid(str(found.get("Name")), str(found.get("CreatedAt") or ""))
        case "docker/images":
            uid, other = ref.uid.partition(" ")[0], str(found.get("Id"))
        case _:
            uid, other = ref.uid, str(found.get("Id") or found.get("ID"))
    if ref.uid and uid != other:
        raise Conflict(f"{ref.name} is another {ref.kind.rpartition('/')[2].removesuffix('s')} by now: it was made anew meanwhile")


def removal(ref: Ref, force: bool, volumes: bool) -> tuple[str, Callable[[Any], Any]]:
    """Return the path of a DELETE and the SDK call that sends it."""
    match ref.kind:
        case "docker/containers":
            return f"/containers/{ref.uid}", lambda client: client.remove_container(ref.uid, v=volumes, force=force)
        case "docker/images":
            name = image_name(ref)
            return f"/images/{name}", lambda client: client.remove_image(name, force=force)
        case "docker/volumes":
            return f"/volumes/{ref.name}", lambda client: client.remove_volume(ref.name, force=force)
        case _:
            return f"/networks/{ref.uid}", lambda client: client.remove_network(ref.uid)


def log_params(options: LogOptions, now: datetime) -> dict[str, str | int]:
    """Return the parameters of a log request; every line comes with its time."""
    params: dict[str, str | int] = {"stdout": 1, "stderr": 1, "timestamps": 1, "follow": int(options.follow)}
    params["tail"] = "all" if options.tail is None else options.tail
    if options.since is not None:
        params["since"] = f"{now.timestamp() - options.since:.3f}"
    return params


def rest_of_log(params: Mapping[str, str | int], last: str) -> dict[str, str | int]:
    """Return how to read what was logged after the line stamped `last` (RFC 3339; "" = nothing was read) and no further."""
    rest: dict[str, str | int] = {**params, "follow": 0}
    if last:
        rest |= {"since": str(int(datetime.fromisoformat(last[:19] + "+00:00").timestamp())), "tail": "all"}
    return rest


_BAD = ("die", "oom", "kill", "health_status: unhealthy")


def told(event: Happening) -> Event:
    """Return an event of the stream as a person reads it."""
    said = dict(event.actor.attributes)
    code = said.get("exitCode")
    words = [f"exit code {code}"] if code is not None else []
    words += [f"{key} {said[key]}" for key in ("signal", "image", "name", "container", "driver") if said.get(key)]
    warning = event.action.startswith(_BAD) and not (event.action == "die" and code == "0")
    return Event(utc(event.nano / 1e9) if event.nano else None, warning, event.action, ", ".join(words), 1, event.scope)
