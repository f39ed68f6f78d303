"""Edits: an object as a person changed its YAML, sent as just those fields, each of which must still be as it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tui.engines.kubernetes.kubeconfig import is_too_deep
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.workloads import JSON_PATCH, MANAGER
from tui.facts import Change, Conflict, EngineError, Missing, Ref

_FIXED = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"), ("metadata", "uid"))


def parse(text: str) -> dict[str, Any]:
    """Return the object that a text in YAML says; raises ValueError with a sentence for a person."""
    import yaml

    if is_too_deep(text.encode("utf-8", "replace")):
        raise ValueError("nested too deeply")

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """A loader to which a time is text, as it is to Kubernetes."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        found = yaml.load(text, Loader=Loader)  # a safe loader
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{where}{error.problem or error.context or 'malformed YAML'}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"malformed YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(found, dict):
        raise ValueError("this is not an object")
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return the fields in which two objects differ, as deep as they can be told apart; raises ValueError where none may differ."""
    for path in _FIXED:
        if _at(before, path) != _at(after, path):
            raise ValueError(f"{'.'.join(path)} cannot be changed")
    return list(_changes(before, after, ()))


def _at(part: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        part = part.get(key) if isinstance(part, Mapping) else None
    return part


def _changes(before: Any, after: Any, path: tuple[str | int, ...]) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in after:
                yield Change((*path, str(key)), before[key], removed=True)
            elif key not in before:
                yield Change((*path, str(key)), after=after[key], added=True)
            else:
                yield from _changes(before[key], after[key], (*path, str(key)))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(one, other, (*path, index))
    elif before != after or type(before) is not type(after):
        yield Change(path, before, after)


def patch(uid: str, some: list[Change]) -> bytes:
    """Return the JSON Patch (RFC 6902) of some changes: each is made only if the object and the field still are what was read."""
    steps: list[dict[str, Any]] = [{"op": "test", "path": "/metadata/uid", "value": uid}]
    for one in some:
        path = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in one.path)
        if not one.added:
            steps.append({"op": "test", "path": path, "value": one.before})
        if one.removed:
            steps.append({"op": "remove", "path": path})
        else:  # "add" would put it before what stands at that place of a list
            steps.append({"op": "add" if one.added else "replace", "path": path, "value": one.after})
    return msgspec.json.encode(steps)


async def edit(transport: Transport, path: str, ref: Ref, some: list[Change], *, dry: bool) -> None:
    """Make changes, or with `dry` let the server say whether it would; raises Conflict when a field is no longer what was read."""
    params = (*MANAGER, *((("dryRun", "All"),) if dry else ()))
    try:
        await transport.write("edit (dry run)" if dry else "edit", ref, "PATCH", path, patch(ref.uid, some), JSON_PATCH, params)
    except (Missing, Conflict):
        raise
    except EngineError as error:
        # what a server says of a failed test: RFC 6902 has no word of its own for it
        if "rejected our request due to an error in our request" in str(error) or "test failed" in str(error):
            raise Conflict(f"{ref} is no longer as it was read: somebody changed the same field, or made it anew") from error
        raise
