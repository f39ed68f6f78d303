"""The command line's grammar: `:po kube-system /regex @ctx app=x`, as k9s reads it.

    command   = word [arguments]
    arguments = namespace | all | /filter | @context | selector (k=v,...) | -f fuzzy
A word is a kind's plural, singular, short name, or `engine/kind`; `q`, `quit`, `q!`, `exit` leave; `ctx NAME`, `host NAME`
and `ns NAME` switch; `theme` and `theme NAME` choose the colours.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from msgspec import Struct

from tui.model import Kind


class BadCommand(ValueError):
    """The text is not a command; the message says why."""


class Go(Struct, frozen=True):
    """Go to a kind. `namespace`: None = as it is now, "" = all. `context`: None = the one in use."""

    kind: Kind
    namespace: str | None = None
    filter: str = ""
    context: str | None = None


class Switch(Struct, frozen=True):
    """Use another context ("kubernetes"), host ("docker") or namespace ("namespace")."""

    what: str
    name: str


class Theme(Struct, frozen=True):
    """Show a theme from now on; "" = choose one."""

    name: str = ""


class Quit(Struct, frozen=True):
    """Leave the program."""


class Help(Struct, frozen=True):
    """Show the help."""


class Enter(Struct, frozen=True):
    """Enter a room: a screen that is no kind's, such as "overview"."""

    room: str


Command = Go | Switch | Theme | Quit | Help | Enter
_QUIT = {"q", "q!", "qa", "quit", "exit"}
ROOMS = {"overview": "overview", "ov": "overview", "pulse": "overview", "palette": "palette", "find": "palette", "tour": "tour"}
"""The rooms by the words for them."""
_SWITCH = {"ctx": "kubernetes", "context": "kubernetes", "contexts": "kubernetes", "host": "docker", "hosts": "docker", "ns": "namespace"}


def find_kind(word: str, kinds: Mapping[str, Kind], family: str) -> Kind | None:
    """Return the kind that a word means: an id; else in `family`; else in kubernetes; else anywhere."""
    if word in kinds:
        return kinds[word]
    low = word.lower()
    hits = [kind for kind in kinds.values() if low in names_of(kind)]
    for preferred in (family, "kubernetes"):
        for kind in hits:
            if kind.family == preferred:
                return kind
    return hits[0] if hits else None


def names_of(kind: Kind) -> tuple[str, ...]:
    """Return every word for a kind, without its engine."""
    return (kind.word, kind.singular.lower().replace(" ", ""), *kind.aliases)


def parse(text: str, kinds: Mapping[str, Kind], family: str) -> Command:
    """Return what a typed line asks for; `family` is the engine of the pane a person stands in. Raises BadCommand."""
    try:
        words = shlex.split(text.strip().removeprefix(":"))
    except ValueError as error:
        raise BadCommand(f"{text}: {error}") from error
    if not words:
        raise BadCommand("nothing was typed")
    first, rest = words[0], words[1:]
    if first.lower() in _QUIT:
        return Quit()
    if first.lower() in {"?", "h", "help"}:
        return Help()
    if first.lower() in ROOMS and not rest:
        return Enter(ROOMS[first.lower()])
    if first.lower() in {"theme", "themes"}:
        if len(rest) > 1:
            raise BadCommand(f"theme takes one name, and not {' '.join(rest)}")
        return Theme(*rest)
    if first.lower() in _SWITCH and len(rest) == 1 and not rest[0].startswith("/"):
        return Switch(_SWITCH[first.lower()], rest[0])
    kind = find_kind(first, kinds, family)
    if kind is None:
        raise BadCommand(f"no kind or command is called {first}{_near(first, kinds)}")
    return _go(kind, rest)


def _go(kind: Kind, rest: list[str]) -> Go:
    namespace: str | None = None
    context: str | None = None
    filters: list[str] = []
    at = 0
    while at < len(rest):
        word = rest[at]
        if word.startswith("/"):
            pattern = [other for other in rest[at:] if not other.startswith("@")]
            filters.append(" ".join(pattern)[1:])
            context = next((other[1:] for other in rest[at:] if other.startswith("@")), context)
            break
        if word.startswith("@"):
            context = word[1:]
        elif word in {"-f", "-l"} and at + 1 < len(rest):
            filters.append(f"{word} {rest[at + 1]}")
            at += 1
        elif "=" in word or " in " in word or " notin " in word:
            filters.append(f"-l {word}")
        elif namespace is None and kind.namespaced:
            namespace = "" if word in {"all", "-A", "*"} else word
        else:
            raise BadCommand(f"{kind.title} take no argument {word}; a filter begins with /")
        at += 1
    # a label selector takes the rest of the line, so it stands last
    filters.sort(key=lambda one: one.startswith("-l"))
    return Go(kind, namespace, " ".join(filters), context)


def _near(word: str, kinds: Mapping[str, Kind]) -> str:
    close = candidates(word[:2], kinds, "")[:3]
    return f"; did you mean {', '.join(close)}?" if close and word else ""


def candidates(start: str, kinds: Mapping[str, Kind], family: str) -> list[str]:
    """Return the words that a person may be typing, best first: of the family at hand, then kubernetes, then the rest."""
    low = start.lower()
    scored: dict[str, tuple[int, int, str]] = {}
    for kind in kinds.values():
        rank = 0 if kind.family == family else 1 if kind.family == "kubernetes" else 2
        if "/" in low:
            if kind.id.startswith(low):
                scored[kind.id] = (0, rank, kind.id)
            continue
        if any(name.startswith(low) for name in names_of(kind)):
            mine = find_kind(kind.word, kinds, family)
            shown = kind.word if mine is kind else kind.id
            scored.setdefault(shown, (0 if low in names_of(kind) else 1, rank, shown))
    for word in sorted({"ctx", "host", "ns", "theme", "help", "quit", *ROOMS.values()}):
        if "/" not in low and word.startswith(low):
            scored.setdefault(word, (1, 3, word))
    return sorted(scored, key=lambda word: scored[word])


def complete(text: str, kinds: Mapping[str, Kind], family: str, namespaces: Iterable[str], contexts: Iterable[str]) -> list[str]:
    """Return whole lines that a typed line may become: the kind first, then a namespace or a context."""
    head, space, tail = text.rpartition(" ")
    if not head.strip():
        return [] if space else candidates(text, kinds, family)
    if tail.startswith("@"):
        return [f"{head} @{name}" for name in contexts if name.startswith(tail[1:])]
    if head in {"ctx", "context", "contexts", "host", "hosts", "theme"}:
        return [f"{head} {name}" for name in contexts if name.startswith(tail)]
    kind = find_kind(head.split()[0], kinds, family)
    if head == "ns" or (kind is not None and kind.namespaced and " " not in head):
        return [f"{head} {name}" for name in ("all", *namespaces) if name.startswith(tail) and not (head == "ns" and name == "")]
    return []
