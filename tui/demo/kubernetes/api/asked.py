"""One request as the API understands it: which resource, which object, which options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import msgspec

from tui.demo.kubernetes.failures import Failure, bad, unknown
from tui.demo.kubernetes.objects import Json
from tui.demo.kubernetes.resources import BY_PLACE, NAMESPACES, Resource
from tui.demo.kubernetes.validation import refused_option


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about a resource. `name` "": the collection; `sub` "": the object itself."""

    method: str
    resource: Resource
    namespace: str = ""
    name: str = ""
    sub: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""
    body: bytes = b""
    agent: str = ""

    @property
    def is_watch(self) -> bool:
        """Tell whether it is a watch."""
        return self.query.get("watch") in {"true", "1"}

    @property
    def is_dry(self) -> bool:
        """Tell whether nothing is to be kept; raises Failure 422 for another word than All."""
        word = self.query.get("dryRun", "")
        if word not in {"", "All"}:
            raise refused_option("DeleteOptions" if self.method == "DELETE" else "CreateOptions", "dryRun", "FieldValueNotSupported",
                                 f'Unsupported value: ["{word}"]: supported values: "All"')  # fmt: skip
        return bool(word)

    @property
    def manager(self) -> str:
        """Return who writes, as managedFields name it."""
        return self.query.get("fieldManager") or self.agent.partition("/")[0] or "unknown"

    def number(self, key: str) -> int | None:
        """Return an option that is a number; raises Failure 400 when it is none."""
        text = self.query.get(key)
        if text is None or text == "":
            return None
        try:
            return int(text)
        except ValueError:
            raise bad(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None

    def json(self) -> Any:
        """Return the body, which may be JSON or YAML; raises Failure 400 and 415."""
        kind = self.content_type
        if "yaml" in kind:
            import yaml

            try:
                return yaml.safe_load(self.body)
            except yaml.YAMLError as error:
                raise bad(f"error converting YAML to JSON: {error}") from None
        if kind and "json" not in kind:
            said = (
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml,"
                " application/vnd.kubernetes.protobuf"
            )
            raise Failure(415, "UnsupportedMediaType", said)
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = self.body[:200].decode("utf-8", "replace")
            raise bad(
                f"the object provided is unrecognized (must be of type {self.resource.kind}): couldn't get version/kind; json parse error:"
                f" invalid character {_odd(text)} looking for beginning of object key string ({text})"
            ) from None

    def mapping(self) -> Json:
        """Return the body as an object, {} when there is none."""
        value = self.json() if self.body.strip() else {}
        if not isinstance(value, dict):
            raise bad("the body of the request is not an object")
        return value


def _odd(text: str) -> str:
    rest = text.lstrip("{ \n")
    return f"'{rest[:1]}'"


def place(path: str) -> tuple[Resource, str, str, str] | None:
    """Return what a path means: resource, namespace, name and subresource; None when it is no path of the API's resources.

    Raises Failure 404 for a resource that a known API version does not have.
    """
    words = [unquote(word) for word in path.strip("/").split("/")]
    if words[:2] == ["api", "v1"]:
        api, words = "v1", words[2:]
    elif words[:1] == ["apis"] and len(words) >= 4:
        api, words = f"{words[1]}/{words[2]}", words[3:]
    else:
        return None
    if not words or not any(known == api for known, _ in BY_PLACE):
        return None
    namespace = ""
    if words[0] == "namespaces" and len(words) >= 3 and not (api == "v1" and len(words) == 3 and words[2] in NAMESPACES.subs):
        namespace, words = words[1], words[2:]
    resource = BY_PLACE.get((api, words[0]))
    if resource is None or len(words) > 3 or bool(namespace) > resource.namespaced:
        raise unknown()
    words += ["", ""]
    name, sub = words[1], words[2]
    if resource.namespaced and name and not namespace:
        raise unknown()
    if sub and sub not in resource.subs:
        raise unknown()
    return resource, namespace, name, sub
