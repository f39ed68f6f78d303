"""Patches: JSON patch (RFC 6902), merge patch (RFC 7386) and Kubernetes' strategic merge, whose lists are merged by keys."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from tui.demo.kubernetes.failures import Failure, bad, media, rejected
from tui.demo.kubernetes.objects import Json

KEYS: dict[str, str] = {
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "env": "name", "volumes": "name",
    "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name", "hostAliases": "ip", "conditions": "type",
    "ownerReferences": "uid", "addresses": "type", "taints": "key", "topologySpreadConstraints": "topologyKey", "secrets": "name",
    "resourceClaims": "name", "schedulingGates": "name", "podIPs": "ip", "hostIPs": "ip",
}  # fmt: skip
"""The list fields that are merged, and by which key; `ports` have another in a Service than in a container."""
SETS = {"finalizers"}
"""Lists of plain words that are united."""
DIRECTIVES = ("$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys", "$patch")


def patched(kind: str, item: Json, patch: object) -> Json:
    """Return an object changed by a patch of a media type; raises Failure 400, 415 and 422."""
    match kind:
        case "application/json-patch+json":
            if not isinstance(patch, list):
                raise bad("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch")
            result = json_patch(item, patch)
        case "application/merge-patch+json":
            result = merge(item, _mapping(patch))
        case "application/strategic-merge-patch+json":
            result = strategic(item, _mapping(patch))
        case "application/apply-patch+yaml" | "application/apply-patch+cbor":
            raise Failure(415, "UnsupportedMediaType", "server-side apply is not simulated in the demo world; use a merge patch")
        case _:
            raise media()
    if not isinstance(result, dict):
        raise rejected()
    return result


def _mapping(patch: object) -> Json:
    if not isinstance(patch, dict):
        raise bad("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
    return patch


# ---- merge patch ------------------------------------------------------------------------------------------------------


def merge(value: Any, patch: Any) -> Any:
    """Return a value with a merge patch: null takes away, what is no object replaces."""
    if not isinstance(patch, dict):
        return patch
    made = dict(value) if isinstance(value, dict) else {}
    for key, new in patch.items():
        if new is None:
            made.pop(key, None)
        else:
            made[key] = merge(made.get(key), new)
    return made


# ---- strategic merge --------------------------------------------------------------------------------------------------


def strategic(value: Any, patch: Json) -> Any:
    """Return an object with a strategic merge patch, directives included."""
    word = patch.get("$patch")
    if word == "replace":
        return {key: new for key, new in patch.items() if key != "$patch"}
    if word == "delete":
        return {}
    made = dict(value) if isinstance(value, dict) else {}
    if "$retainKeys" in patch:
        made = {key: old for key, old in made.items() if key in patch["$retainKeys"]}
    for key, new in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.partition("/")[2]
            made[field] = [one for one in made.get(field) or () if one not in new]
        elif key.startswith(DIRECTIVES):
            continue
        elif new is None:
            made.pop(key, None)
        elif isinstance(new, dict):
            made[key] = strategic(made.get(key), new)
        elif isinstance(new, list):
            made[key] = _list(key, made.get(key), new)
        else:
            made[key] = new
    for key, order in patch.items():
        if key.startswith("$setElementOrder/"):
            _order(made, key.partition("/")[2], order)
    return made


def _key_of(field: str, items: Sequence[Any]) -> str:
    if field == "ports":
        return "containerPort" if any(isinstance(one, dict) and "containerPort" in one for one in items) else "port"
    return KEYS.get(field, "")


def _list(field: str, old: Any, new: list[Any]) -> list[Any]:
    had = list(old) if isinstance(old, list) else []
    if field in SETS:
        return had + [one for one in new if one not in had]
    key = _key_of(field, [*had, *new])
    if not key or not all(isinstance(one, dict) for one in new):
        return new
    if any(one.get("$patch") == "replace" for one in new):
        return [one for one in new if one.get("$patch") != "replace"]
    for one in new:
        at = next((place for place, known in enumerate(had) if known.get(key) == one.get(key)), None)
        if one.get("$patch") == "delete":
            if at is not None:
                del had[at]
        elif at is None:
            had.append(strategic({}, one))
        else:
            had[at] = strategic(had[at], one)
    return had


def _order(made: Json, field: str, order: list[Any]) -> None:
    items = made.get(field)
    if not isinstance(items, list):
        return
    key = _key_of(field, [*items, *order])
    wanted = [one.get(key) if isinstance(one, dict) else one for one in order]

    def place(one: Any) -> int:
        value = one.get(key) if isinstance(one, dict) else one
        return wanted.index(value) if value in wanted else len(wanted)

    made[field] = sorted(items, key=place)


# ---- JSON patch -------------------------------------------------------------------------------------------------------


def json_patch(item: Json, steps: Sequence[Any]) -> Any:
    """Return an object after every step of a JSON patch; raises Failure 422 when one of them cannot be done."""
    value: Any = copy.deepcopy(item)
    for step in steps:
        try:
            value = _step(value, step)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            raise rejected() from None
    return value


def _words(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise ValueError(pointer)
    return [word.replace("~1", "/").replace("~0", "~") for word in pointer.split("/")[1:]]


def _get(value: Any, words: Sequence[str]) -> Any:
    for word in words:
        value = value[int(word)] if isinstance(value, list) else value[word]
    return value


def _add(root: Any, words: Sequence[str], value: Any) -> Any:
    if not words:
        return value
    target, last = _get(root, words[:-1]), words[-1]
    if isinstance(target, list):
        target.insert(len(target) if last == "-" else _index(last, len(target)), value)
    elif isinstance(target, dict):
        target[last] = value
    else:
        raise ValueError(last)
    return root


def _index(word: str, size: int) -> int:
    place = int(word)
    if not 0 <= place <= size:
        raise IndexError(word)
    return place


def _remove(root: Any, words: Sequence[str], *, lenient: bool = False) -> Any:
    target, last = _get(root, words[:-1]), words[-1]
    if isinstance(target, list):
        return target.pop(int(last))
    if lenient and last not in target:
        return None
    return target.pop(last)


def _step(root: Any, step: Json) -> Any:
    words = _words(step["path"])
    match step["op"]:
        case "add":
            return _add(root, words, step["value"])
        case "replace":  # the API server lets a map's missing key pass, unlike the RFC
            _remove(root, words, lenient=True) if words else None
            return _add(root, words, step["value"])
        case "remove":
            _remove(root, words, lenient=True)
        case "test":
            if _get(root, words) != step.get("value"):
                raise ValueError(step["path"])
        case "move":
            return _add(root, words, _remove(root, _words(step["from"])))
        case "copy":
            return _add(root, words, copy.deepcopy(_get(root, _words(step["from"]))))
        case other:
            raise ValueError(other)
    return root
