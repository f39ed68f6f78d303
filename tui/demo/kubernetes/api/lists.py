"""Lists: whole or in pages, all pages from one moment."""

from __future__ import annotations

import base64
import binascii

import msgspec

from tui.demo.kubernetes.api.asked import Asked
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.failures import bad, stale_page, too_new, too_old_list
from tui.demo.kubernetes.objects import Json, name_of, space_of
from tui.demo.kubernetes.resources import Resource
from tui.demo.kubernetes.selectors import chosen
from tui.demo.kubernetes.storage import Storage
from tui.demo.kubernetes.validation import refused_option


def listing(cluster: Cluster, asked: Asked) -> bytes:
    """Return a list as JSON; raises Failure 400, 410 (the pages' moment is forgotten) and 504 (a version of the future)."""
    storage, resource = cluster.storage, asked.resource
    test = chosen(resource, asked.query.get("labelSelector", ""), asked.query.get("fieldSelector", ""))
    limit, token = max(0, asked.number("limit") or 0), asked.query.get("continue", "")
    after: tuple[str, str] | None = None
    if token:
        version, after = _unpack(token)
        items = storage.snapshot_at(resource, asked.namespace, version) if version > 0 else storage.items(resource, asked.namespace)
        if items is None:
            raise stale_page(_pack(-1, after))
        version = version if version > 0 else storage.version
    else:
        version, items = _at(storage, asked, paged=bool(limit))
    found = [item for item in items if (after is None or (space_of(item), name_of(item)) > after) and (test is None or test(item))]
    meta: Json = {"resourceVersion": str(version)}
    if limit and len(found) > limit:
        last = found[limit - 1]
        meta["continue"] = _pack(version, (space_of(last), name_of(last)))
        if test is None:
            meta["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return encoded(storage, resource, found, meta)


def _at(storage: Storage, asked: Asked, *, paged: bool) -> tuple[int, list[Json]]:
    """Return the version and the objects that a list without a continue is about."""
    word, match = asked.query.get("resourceVersion", ""), asked.query.get("resourceVersionMatch", "")
    if match and not word:
        raise refused_option("ListOptions", "resourceVersionMatch", "FieldValueForbidden",
                             "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")  # fmt: skip
    wanted = version_of(word)
    if wanted > storage.version:
        raise too_new(wanted, storage.version)
    if match == "Exact" and wanted != storage.version:
        found = storage.snapshot_at(asked.resource, asked.namespace, wanted)
        if found is None:
            raise too_old_list()
        return wanted, found
    if paged:
        return storage.snapshot(asked.resource, asked.namespace)
    return storage.version, storage.items(asked.resource, asked.namespace)


def version_of(word: str) -> int:
    """Return a resourceVersion as a number; raises Failure 400."""
    if word and not word.isdecimal():
        raise bad(
            f'invalid resource version: resourceVersion: Invalid value: "{word}": strconv.ParseUint: parsing "{word}": invalid syntax'
        )
    return int(word or 0)


def encoded(storage: Storage, resource: Resource, items: list[Json], meta: Json) -> bytes:
    """Return objects as a list in JSON; in a list they say neither kind nor version."""
    cut = len(resource.prefix)
    parts = b",".join(b"{" + storage.encoded(item)[cut:] for item in items)
    head = f'{{"kind":"{resource.kind}List","apiVersion":"{resource.api}","metadata":'.encode()
    return head + msgspec.json.encode(meta) + b',"items":[' + parts + b"]}\n"


def _pack(version: int, after: tuple[str, str]) -> str:
    said = {"v": "meta.k8s.io/v1", "rv": version, "start": "/".join(after) + "\0"}
    return base64.urlsafe_b64encode(msgspec.json.encode(said)).decode().rstrip("=")


def _unpack(token: str) -> tuple[int, tuple[str, str]]:
    try:
        said = msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        space, _, name = str(said["start"]).removesuffix("\0").partition("/")
        return int(said["rv"]), (space, name)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError, KeyError, TypeError):
        raise bad("invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value") from None
