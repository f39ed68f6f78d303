"""Images of a Docker host: a row per tag, as docker prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui.actions import copy, delete
from tui.engines.docker.objects import Listed, Reading
from tui.facts import Object, Tone
from tui.kinds.docker.common import Ago, at, environment, familiar, filled, labelled, short_id, split_tag, told
from tui.model import Column, Drill, Fact, Kind, Section
from tui.values import Bytes, Value, utc
from tui.views import DESCRIBE, EVENTS, FACTS, YAML

NONE = "<none>"


class Image(Listed):
    """One item of /images/json; `tag` is the reference that this row is about, "" for an image without one."""

    id: str = ""
    repo_tags: tuple[str, ...] | None = ()
    repo_digests: tuple[str, ...] | None = ()
    created: int = 0
    size: int = 0
    containers: int = -1
    labels_: dict[str, str] | None = msgspec.field(name="Labels", default=None)
    row: str | None = msgspec.field(name="pilothouse.row", default=None)
    users: tuple[str, ...] = msgspec.field(name="pilothouse.users", default=())

    @property
    def tag(self) -> str:
        """Return the reference of this row: `repository:tag`, a repository alone, or ""."""
        return self.row if self.row is not None else (_references(self) or [""])[0]

    @property
    def uid(self) -> str:
        """Return id and tag: the same image under two tags is two rows."""
        return f"{self.id} {self.tag}" if self.tag else self.id

    @property
    def name(self) -> str:
        """Return the tag or, without one, the short id."""
        return self.tag or short_id(self.id)

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels."""
        return self.labels_ or {}

    def rows(self, reading: Reading) -> Sequence[Object]:
        """Return a row per tag."""
        users = reading.used.get(self.id, ())
        return [msgspec.structs.replace(self, row=reference, users=users) for reference in _references(self) or [""]]


def _references(one: Image) -> list[str]:
    """Return the references that are rows: every tag, and every repository known by a digest alone."""
    tags = [familiar(tag) for tag in one.repo_tags or () if tag != f"{NONE}:{NONE}"]
    tagged = {split_tag(tag)[0] for tag in tags}
    bare = {familiar(digest) for digest in one.repo_digests or () if not digest.startswith(NONE)}
    return [*sorted(tags), *sorted(bare - tagged)]


def _repository(one: Image) -> Value:
    return split_tag(one.tag)[0] or NONE


def tone(one: Image) -> Tone:
    """Return OVER for an image that nothing uses and no tag names."""
    return Tone.OVER if not one.tag and not one.users else Tone.PLAIN


def facts(one: Image, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return what the image is, who uses it, what it runs, and its layers."""
    command = [*(at(full, "Config", "Entrypoint") or ()), *(at(full, "Config", "Cmd") or ())]
    ports = at(full, "Config", "ExposedPorts") or {}
    first = [
        *told("ID", one.id),
        *told("Created", Ago(utc(one.created)) if one.created else None),
        *told("Size", Bytes(one.size)),
        *told("Platform", "/".join(filter(None, (at(full, "Os"), at(full, "Architecture"))))),
        *told("Runs", " ".join(command)),
        *told("Working folder", at(full, "Config", "WorkingDir")),
        *told("User", at(full, "Config", "User")),
        *told("Exposes", ", ".join(sorted(ports))),
        *told("Layers", len(at(full, "RootFS", "Layers") or ()) or None),
    ]
    return filled(
        Section("", first),
        Section("Used by", [Fact("Container", name) for name in one.users]),
        Section("Tags", [Fact(*split_tag(familiar(tag))) for tag in one.repo_tags or () if not tag.startswith(NONE)]),
        Section(
            "Digests",
            [
                Fact(name, digest)
                for name, _, digest in (found.partition("@") for found in one.repo_digests or ())
                if digest and name != NONE
            ],
        ),
        Section("Environment", environment(at(full, "Config", "Env"))),
        labelled(one.labels),
    )


def _users(one: Image) -> Value:
    return len(one.users) or (one.containers if one.containers > 0 else None)


KIND = Kind(
    id="docker/images",
    title="Images",
    singular="image",
    aliases=("img", "image"),
    api="/images/json",
    type=Image,
    columns=(
        Column("REPOSITORY", _repository, keep=9, glow=False),
        Column("TAG", lambda one: split_tag(one.tag)[1] or NONE, keep=8),
        Column("IMAGE ID", lambda one: short_id(one.id), keep=3, glow=False),
        Column("CREATED", lambda one: Ago(utc(one.created)) if one.created else None, keep=5, glow=False),
        Column("SIZE", lambda one: Bytes(one.size), keep=7, glow=False),
        Column("IN USE", _users, keep=6),
    ),
    tone=tone,
    facts=facts,
    views=(FACTS, YAML, DESCRIBE, EVENTS),
    actions=(delete, copy),
    drill=Drill("docker/containers", lambda image, container: container.image_id == image.id),
    sort="REPOSITORY",
)
