"""Just enough of a shell to run what tests and manuals put into `sh -c`: echo, printf, sleep, exit, loops, and a web server."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SHELLS = {"sh", "/bin/sh", "bash", "/bin/bash", "ash"}
SERVERS = {"httpd", "nginx", "nc", "python", "python3", "node"}


@dataclass
class Script:
    """What a command line does. `code` None: it goes on for ever, saying `again` every `period` seconds."""

    lines: list[tuple[float, str]] = field(default_factory=list)  # seconds after the start, and what is said then
    time: float = 0.0  # how long it takes, or until it serves
    code: int | None = 0
    again: list[tuple[float, str]] = field(default_factory=list)
    period: float = 0.0
    ports: tuple[int, ...] = ()
    rest: str = ""  # said without a newline


def run(words: Sequence[str]) -> Script:
    """Return what a container's command and args do."""
    words = list(words)
    if words[:1] and words[0] in SHELLS and "-c" in words[1:3]:
        return _script(words[words.index("-c") + 1])
    script = Script()
    _command(script, words)
    return script


def _tokens(text: str) -> list[str]:
    lexer = shlex.shlex(text.replace("\n", " ; "), posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return []


def _script(text: str) -> Script:
    script, words = Script(), _tokens(text)
    while words and words[0] in {";", "&&"}:
        words.pop(0)
    command: list[str] = []
    while words:
        word = words.pop(0)
        if word in {"while", "until"} and not command:
            _loop(script, words)
            return script
        if word in {";", "&&", "||", "&"}:
            if command and _command(script, command):
                return script
            command = []
        else:
            command.append(word)
    if command:
        _command(script, command)
    return script


def _loop(script: Script, words: list[str]) -> None:
    """Take a loop for one without end: `while true; do ...; done`."""
    start = words.index("do") + 1 if "do" in words else 0
    end = words.index("done") if "done" in words else len(words)
    body, command = Script(), list[str]()
    for word in [*words[start:end], ";"]:
        if word in {";", "&&", "&"}:
            if command:
                _command(body, command)
            command = []
        else:
            command.append(word)
    script.again, script.period, script.code = body.lines, max(body.time, 0.01), None


def _command(script: Script, words: list[str]) -> bool:
    """Do one command; tells whether nothing comes after it."""
    word, args = words[0], words[1:]
    if word == "exec" and args:
        _command(script, args)
        return True
    name = word.rpartition("/")[2]
    match name:
        case "echo":
            text = " ".join(args[1:] if args[:1] in (["-n"], ["-e"]) else args)
            script.lines.append((script.time, script.rest + text))
            script.rest = ""
        case "printf":
            *whole, script.rest = (script.rest + (args[0] if args else "").replace("\\n", "\n")).split("\n")
            script.lines += [(script.time, line) for line in whole]
        case "sleep":
            if args[:1] in (["infinity"], ["inf"]):
                script.code = None
                return True
            script.time += _number(args)
            script.code = 0
        case "exit":
            script.code = int(_number(args))
            return True
        case "true" | "false" | ":":
            script.code = int(name == "false")
        case "trap" | "set" | "cd" | "export" | "mkdir" | "touch":
            pass
        case _ if name in SERVERS:
            script.code, script.ports = None, (_port(args),)
            return True
        case "wait" | "tail" | "cat":
            script.code = None
            return True
        case _:
            script.lines.append((script.time, f"sh: {word}: not found"))
            script.code = 127
    return False


def _number(args: Sequence[str]) -> float:
    try:
        return float(args[0].rstrip("s")) if args else 0.0
    except ValueError:
        return 0.0


def _port(args: Sequence[str]) -> int:
    for before, after in pairwise(args):
        if before == "-p" and after.isdigit():
            return int(after)
    return next((int(one) for one in args if one.isdigit()), 80)
