"""The filter of a table: what a person types after `/`, turned into a test of a row.

Grammar: words are regular expressions without case, all of which must match (a space is AND); a word after `!` must
not match; `-l key=value,key2!=v,key3` is a label selector; `-f text` is fuzzy over the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

Labels = Mapping[str, str]


class BadFilter(ValueError):
    """The text is not a filter; the message says why."""


class Filter(Struct, frozen=True):
    """A compiled filter: `text` is what a row shows, joined by spaces."""

    source: str
    tests: tuple[Callable[[str, str, Labels], bool], ...]

    def matches(self, name: str, text: str, labels: Labels) -> bool:
        """Tell whether a row passes every test."""
        return all(test(name, text, labels) for test in self.tests)


def compile_filter(source: str) -> Filter:
    """Return the filter that `source` means; raises BadFilter with a sentence."""
    words = source.split()
    tests: list[Callable[[str, str, Labels], bool]] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in {"-l", "-f"}:
            rest = words[at + 1 :] if word == "-l" else words[at + 1 : at + 2]
            if not rest:
                break  # still being typed
            tests.append(labels_test(" ".join(rest)) if word == "-l" else _fuzzy(rest[0]))
            at += 1 + len(rest)
            continue
        tests.append(_pattern(word))
        at += 1
    return Filter(source, tuple(tests))


def _pattern(word: str) -> Callable[[str, str, Labels], bool]:
    inverse = word.startswith("!")
    body = word[1:] if inverse else word
    try:
        found = re.compile(body, re.IGNORECASE).search
    except re.error as error:
        raise BadFilter(f"{body}: {error}") from error
    if inverse:
        return (lambda name, text, labels: True) if not body else (lambda name, text, labels: found(text) is None)
    return lambda name, text, labels: found(text) is not None


def _fuzzy(needle: str) -> Callable[[str, str, Labels], bool]:
    pattern = re.compile(".*?".join(re.escape(letter) for letter in needle), re.IGNORECASE)
    return lambda name, text, labels: pattern.search(name) is not None


_SET = re.compile(r"^(?P<key>[^\s!=,()]+)\s+(?P<op>in|notin)\s*\((?P<values>[^)]*)\)$")


def labels_test(selector: str) -> Callable[[str, str, Labels], bool]:
    """Return the test of a Kubernetes label selector; raises BadFilter."""
    checks = [_requirement(part) for part in _split(selector)]
    return lambda name, text, labels: all(check(labels) for check in checks)


def _split(selector: str) -> list[str]:
    """Split at the commas that stand outside parentheses."""
    return [part.strip() for part in re.split(r",(?![^(]*\))", selector) if part.strip()]


def _requirement(part: str) -> Callable[[Labels], bool]:
    if match := _SET.match(part):
        key, values = match["key"], {value.strip() for value in match["values"].split(",")}
        if match["op"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if "!=" in part:
        key, _, value = part.partition("!=")
        return lambda labels: labels.get(key.strip()) != value.strip()
    if "=" in part:
        key, _, value = part.replace("==", "=").partition("=")
        return lambda labels: labels.get(key.strip()) == value.strip()
    if part.startswith("!"):
        return lambda labels: part[1:].strip() not in labels
    if re.search(r"[\s()]", part):
        raise BadFilter(f"{part}: not a label selector")
    return lambda labels: part in labels
