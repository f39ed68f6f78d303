"""Label selectors: the ones a workload or service has, written for a query, and the pods they choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.facts import Unsupported


def selector_of(word: str, body: Mapping[str, Any]) -> str:
    """Return a workload's or service's label selector as a query has it; raises Unsupported when it chooses nothing.

    `word`: "deployments", "services" and so on; `body`: the object. Services have a plain map, the others matchLabels and
    matchExpressions.
    """
    spec = body.get("spec") or {}
    selector = spec.get("selector") or {}
    if word in {"services", "replicationcontrollers"}:
        terms = [f"{key}={value}" for key, value in sorted(selector.items())]
    else:
        terms = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
        terms += [_expression(term) for term in selector.get("matchExpressions") or ()]
    if not terms:
        raise Unsupported(f"{word} {(body.get('metadata') or {}).get('name', '')} chooses no pods (it has no selector)")
    return ",".join(terms)


def _expression(term: Mapping[str, Any]) -> str:
    key, values = term.get("key", ""), ",".join(sorted(term.get("values") or ()))
    match term.get("operator"):
        case "In":
            return f"{key} in ({values})"
        case "NotIn":
            return f"{key} notin ({values})"
        case "Exists":
            return str(key)
        case _:
            return f"!{key}"
