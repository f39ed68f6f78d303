"""Settings: a person's config.yaml, read whole and checked entry by entry; what is wrong is told with its line, the rest holds."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

CAP = 1 << 20  # bytes; a file of a hundred contexts has ten thousand
PRESETS = ("k9s-strict",)
_KEYS = ("theme", "read_only", "keys", "contexts", "hosts")
_SPOT = ("colour", "protected", "read_only")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


class Problem(Struct, frozen=True):
    """What is wrong with one entry, in a sentence. `line` counts from 1; 0 is the file as a whole."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        """Return it as compilers do: FILE:LINE: sentence."""
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class Spot(Struct, frozen=True):
    """What a person said of a kube context or docker host. `colour` is "#rrggbb", "#rgb" or ""."""

    colour: str = ""
    protected: bool = False
    read_only: bool = False


class Bound(Struct, frozen=True):
    """The keys a person gave to a binding, and the line that says so."""

    keys: tuple[str, ...]
    line: int


class Settings(Struct, frozen=True):
    """What the file says. `problems`: one for each entry that is passed over."""

    theme: str = ""
    read_only: bool = False
    preset: str = ""
    keys: Mapping[str, Bound] = {}
    contexts: Mapping[str, Spot] = {}
    hosts: Mapping[str, Spot] = {}
    problems: tuple[Problem, ...] = ()
    unread: bool = False  # the file is there and could not be read as YAML

    def spot(self, family: str, context: str) -> Spot:
        """Return what is said of a context ("kubernetes") or a host (docker, swarm); its own name first, then the longest pattern."""
        known = self.contexts if family == "kubernetes" else self.hosts if family in {"docker", "swarm"} else {}
        if context in known:
            return known[context]
        fitting = [name for name in known if name.endswith("*") and context.startswith(name[:-1])]
        return known[max(fitting, key=len)] if fitting else Spot()


def stamp(path: Path) -> tuple[int, int, int]:
    """Return what differs when a file was changed or exchanged; zeros when it is not there."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(path: Path, themes: Collection[str]) -> Settings:
    """Read and check the file; never raises, never writes. A missing file says nothing. `themes`: the names there are.

    Whether binding ids are known is checked by whoever knows the bindings. A guard that cannot be understood is shut:
    `read_only` and `protected` with a wrong value count as true, and so does a file that speaks of them and is no YAML.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Settings(problems=(Problem(path, 0, "This is not a plain file, so it is not read."),))
        with path.open("rb") as file:
            data = file.read(CAP + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, ValueError) as error:
        return _unread(path, 0, f"It cannot be read: {getattr(error, 'strerror', None) or error}.", b"read_only")
    if len(data) > CAP:
        return _unread(path, 0, f"It is larger than {CAP >> 20} MiB, so it is not read.", data)
    return _parsed(path, data, themes)


def _parsed(path: Path, data: bytes, themes: Collection[str]) -> Settings:
    from tui.engines.kubernetes.kubeconfig import is_too_deep  # not before the first frame

    if is_too_deep(data):
        return _unread(path, 0, "It is nested too deeply, so it is not read.", data)
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(data, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line + 1, len(data.splitlines())) if mark else 0  # the end of the file is no line
        return _unread(path, line, f"This is not YAML: {error.problem or error.context}.", data)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return _unread(path, 0, f"This is not YAML: {str(error).splitlines()[0]}.", data)
    return _Reader(path, themes).settings(root)


def _unread(path: Path, line: int, text: str, data: bytes) -> Settings:
    shut = b"read_only" in data or b"protected" in data
    more = " Until it can be read, nothing is written." if shut else ""
    return Settings(read_only=shut, problems=(Problem(path, line, text + more),), unread=True)


class _Reader:
    """Walks the nodes of one document; each says its line and its type, so nothing is built that was not checked."""

    def __init__(self, path: Path, themes: Collection[str]) -> None:
        self.path, self.themes = path, themes
        self.problems: list[Problem] = []

    def settings(self, root: Any) -> Settings:
        found: dict[str, Any] = {}
        readers: dict[str, Callable[[Any, str], Any]] = {
            "theme": self._theme,
            "read_only": self._guard,
            "keys": lambda node, what: self._keys(node, what, found),
            "contexts": self._spots,
            "hosts": self._spots,
        }
        if root is not None and not _is_empty(root):
            for name, node in self._pairs(root, "the file", _KEYS):
                value = readers[name](node, name)
                if value is not None:
                    found[name] = value
        return Settings(**found, problems=tuple(self.problems))

    def _say(self, node: Any, text: str) -> None:
        self.problems.append(Problem(self.path, node.start_mark.line + 1, text))

    def _pairs(self, node: Any, what: str, known: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
        """Yield the entries of a mapping by name; tell what is none, stands twice, or is unknown."""
        if node.id != "mapping":
            if not _is_empty(node):
                self._say(node, f"{what} must be a mapping (name: value), and is {_kind(node)}.")
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = key.value if key.id == "scalar" else ""
            if not name:
                self._say(key, f"A name in {what} must be a word, and is {_kind(key)}.")
            elif name in seen:
                self._say(key, f"{name} stands twice in {what}; the first is used.")
            elif known and name not in known:
                self._say(key, f"{what} knows no entry {name}{near(name, known)}")
            else:
                seen.add(name)
                yield name, value

    def _text(self, node: Any, what: str) -> str:
        if node.id == "scalar" and node.value and not node.tag.endswith((":null", ":bool")):
            return str(node.value)
        self._say(node, f"{what} must be a word, and is {_kind(node)}.")
        return ""

    def _theme(self, node: Any, what: str) -> str | None:
        name = self._text(node, what)
        if name and name not in self.themes:
            self._say(node, f"No theme is called {name}{near(name, self.themes)}")
            return None
        return name or None

    def _guard(self, node: Any, what: str) -> bool:
        """Return true or false; what is neither counts as true, for it was meant to keep something safe."""
        if node.id == "scalar" and node.tag.endswith(":bool"):
            return str(node.value).lower() in {"true", "yes", "on"}
        self._say(node, f"{what} must be true or false, and is {_kind(node)}; it counts as true.")
        return True

    def _spots(self, node: Any, what: str) -> dict[str, Spot]:
        found: dict[str, Spot] = {}
        for name, inner in self._pairs(node, what):
            if "*" in name[:-1]:
                self._say(inner, f"A * may only stand at the end of a name, and {name} has one before.")
                continue
            said: dict[str, Any] = {}
            for key, value in self._pairs(inner, f"{what}.{name}", _SPOT):
                if key == "colour":
                    said[key] = self._colour(value, f"{what}.{name}.colour")
                else:
                    said[key] = self._guard(value, f"{what}.{name}.{key}")
            found[name] = Spot(**said)
        return found

    def _colour(self, node: Any, what: str) -> str:
        if node.id == "scalar" and _HEX.fullmatch(node.value):
            return str(node.value)
        hint = ' (a # needs quotes: "#e06c75")' if _is_empty(node) else ""
        self._say(node, f"{what} must be a colour such as #e06c75, and is {_kind(node)}{hint}.")
        return ""

    def _keys(self, node: Any, what: str, found: dict[str, Any]) -> dict[str, Bound]:
        bound: dict[str, Bound] = {}
        for name, value in self._pairs(node, what):
            if name == "preset":
                preset = self._text(value, "keys.preset")
                if preset and preset not in PRESETS:
                    self._say(value, f"No keymap is called {preset}{near(preset, PRESETS)}")
                elif preset:
                    found["preset"] = preset
                continue
            parts = value.value if value.id == "sequence" else [value]
            keys = tuple(key for part in parts if (key := self._key(part, f"keys.{name}")))
            if keys:
                bound[name] = Bound(keys, value.start_mark.line + 1)
        return bound

    def _key(self, node: Any, what: str) -> str:
        if node.id == "scalar" and node.value and not node.tag.endswith(":null"):
            return str(node.value)  # also a digit, y or n, which YAML takes for something else
        hint = ' (signs such as # and ~ need quotes: "~")' if _is_empty(node) else ""
        self._say(node, f"{what} must be a key or a list of keys, and is {_kind(node)}{hint}.")
        return ""


def _is_empty(node: Any) -> bool:
    return node.id == "scalar" and str(node.tag).endswith(":null")


def _kind(node: Any) -> str:
    """Return what a node is, in words."""
    if node.id != "scalar":
        return {"mapping": "a mapping", "sequence": "a list"}.get(str(node.id), "something else")
    if _is_empty(node):
        return "empty"
    text = node.value if len(node.value) <= 40 else f"{node.value[:39]}…"
    return repr(text)


def near(word: str, known: Collection[str]) -> str:
    """Return the end of a sentence about an unknown word: what it may have meant."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), 3, 0.6)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; there are {', '.join(sorted(known))}." if 0 < len(known) <= 12 else "."
