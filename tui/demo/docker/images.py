"""Images: what containers are made from: references, layers, and what stands in the way of removing one."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tui.demo.docker.container import Container
from tui.demo.docker.events import Events
from tui.demo.docker.filters import Filters, boolean, labelled
from tui.demo.docker.words import Json, Refusal, identity, short

KEYS = ("dangling", "label", "before", "since", "reference", "until")
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9._\-/:]*")


@dataclass(eq=False)
class Image:
    """One image. `layers`: (what made it, its bytes), oldest first; `created`: nanoseconds."""

    id: str
    tags: list[str]
    created: int
    layers: list[tuple[str, int]]
    config: Json
    digests: list[str] = field(default_factory=list)
    parent: str = ""

    @property
    def size(self) -> int:
        """Return the bytes of all layers."""
        return sum(size for _, size in self.layers)


@dataclass(eq=False)
class Images:
    """The images of one engine. `users`: gives all containers."""

    events: Events
    rand: random.Random
    users: Callable[[], Iterable[Container]]
    known: dict[str, Image] = field(default_factory=dict)

    def add(self, tags: Sequence[str], layers: Sequence[tuple[str, int]], config: Json, created: int, parent: str = "") -> Image:
        """Put an image there, as if it had been built or pulled long ago."""
        ident = f"sha256:{identity(self.rand)}"
        digest = f"sha256:{identity(self.rand)}"
        image = Image(ident, list(tags), created, list(layers), config, [f"{split(tag)[0]}@{digest}" for tag in tags[:1]], parent)
        self.known[ident] = image
        return image

    def find(self, reference: str) -> Image:
        """Return the image of a reference or an id; raises Refusal 404."""
        found = self.seek(reference)
        if found is None:
            raise Refusal(404, f"No such image: {with_tag(reference)}")
        return found

    def seek(self, reference: str) -> Image | None:
        """Return the image of a reference or an id, or None."""
        plain = familiar(reference)
        wanted = with_tag(plain)
        for image in self.known.values():
            if wanted in image.tags or plain in image.digests:
                return image
        name = plain.partition("@")[0] if "@" in plain else ""
        for image in self.known.values():
            if name and (with_tag(name) in image.tags) and plain.partition("@")[2] in {one.partition("@")[2] for one in image.digests}:
                return image
        return self._by_id(plain)

    def _by_id(self, ident: str) -> Image | None:
        bare = ident.removeprefix("sha256:")
        if not re.fullmatch(r"[0-9a-f]{4,64}", bare):
            return None
        return next((image for key, image in self.known.items() if key[7:].startswith(bare)), None)

    def listed(self, wanted: Filters, everything: bool) -> list[Image]:
        """Return the images that pass the filters, newest first; without `everything` none that is a mere step of another."""
        parents = {image.parent for image in self.known.values()}
        dangling = boolean(wanted, "dangling")
        found = []
        for image in self.known.values():
            if dangling is not None and dangling != (not image.tags):
                continue
            if not everything and not image.tags and image.id in parents:
                continue
            if not labelled(wanted.get("label", ()), image.config.get("Labels")):
                continue
            if "reference" in wanted and not any(_like(pattern, tag) for pattern in wanted["reference"] for tag in image.tags):
                continue
            if not self._between(image, wanted):
                continue
            found.append(image)
        return sorted(found, key=lambda image: -image.created)

    def _between(self, image: Image, wanted: Filters) -> bool:
        before = [self.find(one).created for one in wanted.get("before", ())]
        since = [self.find(one).created for one in wanted.get("since", ())]
        return all(image.created < one for one in before) and all(image.created > one for one in since)

    def tag(self, name: str, repository: str, tag: str) -> None:
        """Give an image another reference, which it takes from the image that had it."""
        image = self.find(name)
        if not _REPOSITORY.fullmatch(repository):
            lower = "repository name must be lowercase" if repository.lower() != repository else ""
            raise Refusal(400, "invalid reference format" + (f": {lower}" if lower else ""))
        reference = f"{repository}:{tag or 'latest'}"
        for other in self.known.values():
            if reference in other.tags and other is not image:
                other.tags.remove(reference)
        if reference not in image.tags:
            image.tags.append(reference)
        self.events.emit("image", "tag", image.id, {"name": reference})

    # ---- removing ---------------------------------------------------------------------------------------------------

    def remove(self, name: str, force: bool = False, prune: bool = True) -> list[Json]:
        """Remove a reference and, with the last one, the image; raises Refusal 404, 409 (moby, images.ImageDelete)."""
        image = self.find(name)
        by_id = self._by_id(name) is image and with_tag(familiar(name)) not in image.tags
        gone: list[Json] = []
        if not by_id:
            reference = with_tag(familiar(name))
            if not force and len(image.tags) == 1 and (user := self._user(image)) is not None:
                raise Refusal(
                    409,
                    f'conflict: unable to remove repository reference "{name}" (must force) - container {short(user.id)} '
                    f"is using its referenced image {short(image.id)}",
                )
            self._untag(image, reference, gone)
            if image.tags:
                return gone
        elif image.tags:
            if len({split(tag)[0] for tag in image.tags}) > 1 and not force:
                said = "(must be forced) - image is referenced in multiple repositories"
                raise Refusal(409, f"conflict: unable to delete {short(image.id)} {said}")
            if conflict := self._conflict(image, force):
                raise Refusal(409, conflict)
            for reference in tuple(image.tags):
                self._untag(image, reference, gone)
        if conflict := self._conflict(image, force):
            if gone:  # a reference was taken away; that the image stays is no fault then
                return gone
            raise Refusal(409, conflict)
        self._delete(image, gone, prune)
        return gone

    def _user(self, image: Image, running: bool = False) -> Container | None:
        return next((one for one in self.users() if one.image_id == image.id and (one.running or not running)), None)

    def _conflict(self, image: Image, force: bool) -> str:
        begin = f"conflict: unable to delete {short(image.id)}"
        if any(other.parent == image.id for other in self.known.values()):
            return f"{begin} (cannot be forced) - image has dependent child images"
        if (user := self._user(image, running=True)) is not None:
            return f"{begin} (cannot be forced) - image is being used by running container {short(user.id)}"
        if not force and (user := self._user(image)) is not None:
            return f"{begin} (must be forced) - image is being used by stopped container {short(user.id)}"
        return ""

    def _untag(self, image: Image, reference: str, gone: list[Json]) -> None:
        if reference in image.tags:
            image.tags.remove(reference)
        gone.append({"Untagged": reference})
        self.events.emit("image", "untag", image.id, {"name": image.id})
        if not image.tags:
            gone += [{"Untagged": digest} for digest in image.digests]
            image.digests.clear()

    def _delete(self, image: Image, gone: list[Json], prune: bool) -> None:
        del self.known[image.id]
        gone.append({"Deleted": image.id})
        self.events.emit("image", "delete", image.id, {"name": image.id})
        parent = self.known.get(image.parent)
        if prune and parent is not None and not parent.tags and not self._conflict(parent, False):
            self._delete(parent, gone, prune)

    def prune(self, wanted: Filters) -> Json:
        """Remove what no container uses: images without a reference or, with `dangling=false`, all."""
        only = boolean(wanted, "dangling", True)
        gone: list[Json] = []
        freed = 0
        for image in list(self.known.values()):
            if image.id not in self.known or (only and image.tags) or not labelled(wanted.get("label", ()), image.config.get("Labels")):
                continue
            if self._user(image) is not None or self._conflict(image, False):
                continue
            freed += image.size
            for reference in tuple(image.tags):
                self._untag(image, reference, gone)
            self._delete(image, gone, True)
        self.events.emit("image", "prune", "", {"reclaimed": str(freed)})
        return {"ImagesDeleted": gone or None, "SpaceReclaimed": freed}


def split(reference: str) -> tuple[str, str]:
    """Return repository and tag of a reference; the tag is "" where there is none."""
    name = reference.partition("@")[0]
    head, colon, tail = name.rpartition(":")
    return (head, tail) if colon and "/" not in tail else (name, "")


def with_tag(reference: str) -> str:
    """Return a reference with its tag, `latest` when it names none."""
    return reference if "@" in reference or split(reference)[1] else f"{reference}:latest"


def familiar(reference: str) -> str:
    """Return a reference without the default registry."""
    return reference.removeprefix("docker.io/").removeprefix("library/")


def _like(pattern: str, tag: str) -> bool:
    whole, part = re.escape(pattern).replace(r"\*", "[^/]*"), split(pattern)[1]
    return re.fullmatch(whole, tag if part else split(tag)[0]) is not None
