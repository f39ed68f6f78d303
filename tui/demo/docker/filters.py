"""Filters: the `filters` parameter, which is a JSON object of lists (or of maps, as older clients write it)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from tui.demo.docker.words import Refusal

Filters = Mapping[str, list[str]]


def parse(text: str | None, allowed: Iterable[str]) -> Filters:
    """Return the filters that were asked for; raises Refusal for one that the list does not know."""
    if not text:
        return {}
    try:
        raw = json.loads(text)
        found = {str(key): [str(value) for value in values] for key, values in raw.items()}
    except (ValueError, AttributeError, TypeError):
        raise Refusal(400, "invalid filter") from None
    known = set(allowed)
    for key in found:
        if key not in known:
            raise Refusal(400, f"invalid filter '{key}'")
    return {key: values for key, values in found.items() if values}


def labelled(wanted: Iterable[str], labels: Mapping[str, str] | None) -> bool:
    """Tell whether labels have all that is wanted: `key` or `key=value`."""
    have = labels or {}
    for one in wanted:
        key, equals, value = one.partition("=")
        if key not in have or (equals and have[key] != value):
            return False
    return True


def begins(wanted: Iterable[str], ident: str) -> bool:
    """Tell whether an id begins with one of these."""
    return any(ident.startswith(one) for one in wanted)


def named(wanted: Iterable[str], name: str) -> bool:
    """Tell whether one of these, which may be regular expressions, is found in a name."""
    for one in wanted:
        try:
            if re.search(one, name) or re.search(one, f"/{name}"):
                return True
        except re.error:
            if one in name:
                return True
    return False


def boolean(wanted: Filters, key: str, other: bool | None = None) -> bool | None:
    """Return a filter that is true or false, `other` when it is not asked for; raises Refusal."""
    values = wanted.get(key)
    if not values:
        return other
    word = values[0].lower()
    if word in {"1", "true"}:
        return True
    if word in {"0", "false"}:
        return False
    raise Refusal(400, f"invalid filter '{key}={values[0]}'")
