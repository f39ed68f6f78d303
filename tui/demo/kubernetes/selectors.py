"""Label and field selectors, as the API takes them in a query and as manifests hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tui.demo.kubernetes.failures import bad
from tui.demo.kubernetes.objects import Json, labels_of, name_of, space_of
from tui.demo.kubernetes.resources import Resource

Test = Callable[[Mapping[str, str]], bool]
TOKEN = re.compile(r"\s*(?:(==|!=|=|!|\(|\)|,|<|>)|([^\s=!(),<>]+))")


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether labels fit the selector of a manifest (matchLabels and matchExpressions); an empty one fits all."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(one, labels) for one in selector.get("matchExpressions") or ())


def _expression(one: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, wanted = labels.get(str(one.get("key"))), list(one.get("values") or ())
    match one.get("operator"):
        case "In":
            return value in wanted
        case "NotIn":
            return value not in wanted
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return _number(value, str(next(iter(wanted), "")), ">")
        case "Lt":
            return _number(value, str(next(iter(wanted), "")), "<")
    return False


class _Words:
    """The tokens of a selector; at its end they are ""."""

    def __init__(self, text: str) -> None:
        self.words: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if found is None:
                raise bad(f"unable to parse requirement: {text!r}")
            self.words.append(found.group(1) or found.group(2))
            at = found.end()

    def peek(self) -> str:
        return self.words[0] if self.words else ""

    def take(self) -> str:
        return self.words.pop(0) if self.words else ""

    def need(self, *wanted: str) -> str:
        word = self.take()
        if word not in wanted:
            raise bad(f"unable to parse requirement: found '{word}' expected: {' or '.join(repr(one) for one in wanted)}")
        return word


def label_test(text: str) -> Test:
    """Return what a labelSelector asks for; raises Failure 400 when it cannot be read."""
    if not text.strip():
        return lambda _: True
    words, tests = _Words(text), []
    while True:
        tests.append(_requirement(words))
        if not words.peek():
            return lambda labels: all(test(labels) for test in tests)
        words.need(",")


def _requirement(words: _Words) -> Test:
    if words.peek() == "!":
        words.take()
        gone = words.take()
        return lambda labels: gone not in labels
    key = words.take()
    if not key or key in "=!(),<>":
        raise bad(f"unable to parse requirement: found '{key}', expected: identifier")
    match words.peek():
        case "" | ",":
            return lambda labels: key in labels
        case "=" | "==":
            words.take()
            value = _value(words)
            return lambda labels: labels.get(key) == value
        case "!=":
            words.take()
            value = _value(words)
            return lambda labels: labels.get(key) != value
        case "in" | "notin" as word:
            words.take()
            values = _values(words)
            if word == "in":
                return lambda labels: labels.get(key) in values
            return lambda labels: labels.get(key) not in values
        case ">" | "<" as sign:
            words.take()
            bound = _value(words)
            return lambda labels: _number(labels.get(key), bound, sign)
        case other:
            raise bad(f"unable to parse requirement: found '{other}', expected: in, notin, =, ==, !=, gt, lt")


def _number(text: str | None, bound: str, sign: str) -> bool:
    if text is None or not text.lstrip("-").isdigit() or not bound.lstrip("-").isdigit():
        return False
    return int(text) > int(bound) if sign == ">" else int(text) < int(bound)


def _value(words: _Words) -> str:
    return words.take() if words.peek() not in {"", ","} else ""


def _values(words: _Words) -> set[str]:
    words.need("(")
    found: set[str] = set()
    while True:
        found.add(words.take() if words.peek() not in {",", ")"} else "")
        if words.need(",", ")") == ")":
            return found


def field_test(resource: Resource, text: str) -> Callable[[Json], bool]:
    """Return what a fieldSelector asks for; raises Failure 400 for a field that this resource cannot be chosen by."""
    tests: list[tuple[str, str, bool]] = []
    for part in text.split(",") if text else ():
        found = re.fullmatch(r"([^=!]+)(==|!=|=)(.*)", part)
        if found is None:
            raise bad(f"invalid selector: '{text}'; can't understand '{part}'")
        field, sign, value = found.groups()
        if field not in {"metadata.name", "metadata.namespace", *resource.fields}:
            if resource.fields:
                raise bad(f"field label not supported: {field}")
            raise bad(f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"')
        tests.append((field, value, sign != "!="))
    return lambda item: all((_field(item, field) == value) is wanted for field, value, wanted in tests)


def _field(item: Json, field: str) -> str:
    match field:
        case "metadata.name" | "name":
            return name_of(item)
        case "metadata.namespace":
            return space_of(item)
        case "source":
            return str((item.get("source") or {}).get("component") or item.get("reportingComponent") or "")
        case "status.successful":
            return str((item.get("status") or {}).get("succeeded", 0))
    value: Any = item
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool) or field == "spec.unschedulable":
        return "true" if value else "false"
    return "" if value is None else str(value)


def chosen(resource: Resource, labels: str, fields: str) -> Callable[[Json], bool] | None:
    """Return the test of both selectors of a request, or None when there is nothing to test."""
    if not labels and not fields:
        return None
    by_label, by_field = label_test(labels), field_test(resource, fields)
    return lambda item: by_label(labels_of(item)) and by_field(item)
