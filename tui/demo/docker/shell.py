"""Shell: just enough of `sh -c` that the small scripts people run in containers do what they say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tui.demo.docker.logbook import STDERR, STDOUT


class Say(NamedTuple):
    """A program writes."""

    text: str
    stream: int = STDOUT


class Wait(NamedTuple):
    """A program sleeps, so many seconds; None = for ever."""

    seconds: float | None


class Die(NamedTuple):
    """A program is killed for memory."""

    code: int = 137


Step = Say | Wait | Die
Program = Generator[Step, None, int]  # what it returns is its exit code
FOREVER = Wait(None)


class Exit(Exception):
    """The script ends itself."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Shell:
    """One run of a script. `command`: what an unknown program does; it returns its steps, or None when there is no such."""

    environment: dict[str, str] = field(default_factory=dict)
    command: Callable[[Sequence[str]], Program | None] = lambda words: None
    status: int = 0
    traps: dict[str, str] = field(default_factory=dict)

    def run(self, script: str) -> Program:
        """Yield the steps of a script and return its exit code."""
        try:
            yield from self._list(split(script))
        except Exit as end:
            self.status = end.code
        return self.status

    def _list(self, words: list[str]) -> Generator[Step, None, None]:
        at = 0
        while at < len(words):
            at = yield from self._statement(words, at)

    def _statement(self, words: list[str], at: int) -> Generator[Step, None, int]:  # what it returns is the index behind it
        match words[at]:
            case ";" | "\n" | "&":
                return at + 1
            case "&&" if self.status:
                return _behind(words, at + 1)
            case "||" if not self.status:
                return _behind(words, at + 1)
            case "&&" | "||":
                return at + 1
            case "while":
                do, end = _block(words, at, "do", "done")
                while True:
                    yield from self._list(words[at + 1 : do])
                    if self.status:
                        break
                    yield from self._list(words[do + 1 : end])
                return end + 1
            case "for":
                do, end = _block(words, at, "do", "done")
                for value in words[at + 3 : do]:
                    if value not in {";", "\n"}:
                        self.environment[words[at + 1]] = value
                        yield from self._list(words[do + 1 : end])
                return end + 1
        end = at
        while end < len(words) and words[end] not in {";", "\n", "&", "&&", "||"}:
            end += 1
        if "|" in words[at:end]:
            yield from self._piped(words[at:end])
            return end
        background = end < len(words) and words[end] == "&"
        if background and any(word == "wait" for word in words[end + 1 : end + 3]):
            after = end + 3 if words[end + 1] != "wait" else end + 2
            yield from self._command(words[at:end])
            return after + (1 if after < len(words) and words[after].startswith("$") else 0)
        if not background:
            yield from self._command(words[at:end])
        return end

    def _piped(self, words: list[str]) -> Generator[Step, None, None]:
        """Run the first command, and let the others, which can only be `tr A B`, have what it says."""
        first, *others = " ".join(_quoted(word) if word != "|" else word for word in words).split(" | ")
        for step in self._command(split(first)):
            if isinstance(step, Say):
                text = step.text
                for other in map(split, others):
                    if len(other) == 3 and other[0] == "tr":
                        text = text.translate(str.maketrans(_plain(other[1]), _plain(other[2])))
                step = Say(text, step.stream)
            yield step

    def _command(self, words: list[str]) -> Generator[Step, None, None]:
        stream = STDOUT
        if words and words[-1] in {">&2", "1>&2"}:
            words, stream = words[:-1], STDERR
        words = [self._expand(word) for word in words]
        if not words:
            return
        self.status = 0
        match words:
            case ["echo", *rest]:
                yield Say(" ".join(rest) + "\n", stream)
            case ["printf", text, *rest]:
                yield Say(_printf(text, rest), stream)
            case ["sleep", seconds]:
                yield Wait(float(seconds) if re.fullmatch(r"[\d.]+", seconds) else None)
            case ["exit", *rest]:
                raise Exit(int(rest[0]) if rest else self.status)
            case ["true" | ":" | "set" | "wait" | "cd", *_]:
                pass
            case ["false", *_]:
                self.status = 1
            case ["trap", script, *signals]:
                self.traps.update((signal.removeprefix("SIG"), script) for signal in signals)
            case [word, *_] if re.fullmatch(r"\w+=.*", word, re.DOTALL):
                name, _, value = word.partition("=")
                self.environment[name] = value
            case ["exec", *rest]:
                yield from self._command(rest)
                raise Exit(self.status)
            case ["head", "-c", count, "/dev/zero"]:
                yield Say("\0" * int(count), stream)
            case ["tail", "/dev/zero"]:
                yield Die()
            case _:
                found = self.command(words)
                if found is None:
                    yield Say(f"sh: {words[0]}: not found\n", STDERR)
                    self.status = 127
                else:
                    self.status = yield from found

    def _expand(self, word: str) -> str:
        word = re.sub(r"\$\(\((\w+)\+(\d+)\)\)", lambda found: str(int(self.environment.get(found[1], "0")) + int(found[2])), word)
        return re.sub(r"\$\{?(\w+)\}?", lambda found: self.environment.get(found[1], ""), word)


def split(script: str) -> list[str]:
    """Return the words of a script; what separates commands is a word of its own."""
    lexer = shlex.shlex(script.replace("\n", " ; "), posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:
        return ["false"]
    joined: list[str] = []
    for word in words:  # `>&2` comes in pieces, as & stands alone
        if joined and joined[-1] == "&" and len(joined) > 1 and joined[-2] in {">", "1>"} and word == "2":
            joined[-2:] = [">&2"]
        else:
            joined.append(word)
    return joined


def _block(words: list[str], at: int, do: str, end: str) -> tuple[int, int]:
    depth, begin = 0, -1
    for index in range(at, len(words)):
        if words[index] in {"while", "for"}:
            depth += 1
        elif words[index] == do and depth == 1 and begin < 0:
            begin = index
        elif words[index] == end:
            depth -= 1
            if not depth:
                return max(begin, at), index
    raise Exit(2)


def _behind(words: list[str], at: int) -> int:
    while at < len(words) and words[at] not in {";", "\n", "&", "&&", "||"}:
        at += 1
    return at


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _plain(text: str) -> str:
    return text.replace("\\0", "\0").replace("\\n", "\n")


def _printf(text: str, values: Sequence[str]) -> str:
    for escaped, plain in (("\\n", "\n"), ("\\t", "\t"), ("\\033", "\033"), ("%%", "%")):
        text = text.replace(escaped, plain)
    for value in values:
        text = re.sub(r"%[sd]", lambda _, value=value: value, text, count=1)  # type: ignore[misc]
    return text


def script_of(argv: Sequence[str]) -> str | None:
    """Return the script of `sh -c SCRIPT`, or None when it is another program."""
    return argv[2] if len(argv) > 2 and argv[0].rpartition("/")[2] in {"sh", "bash", "ash"} and argv[1] == "-c" else None


def plain(environment: Sequence[str] | None) -> Mapping[str, str]:
    """Return `NAME=value` pairs as a mapping."""
    return dict(pair.partition("=")[::2] for pair in environment or ())
