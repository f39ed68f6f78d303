"""The settings file: what is good holds, what is not is told with its line; and the memory file next to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui import memory
from tui.config import Config
from tui.engines.gate import Gate
from tui.facts import Denied, Ref
from tui.memory import Memory
from tui.settings import Bound, Settings, Spot, read, stamp

THEMES = ("dark", "light", "high-contrast")
GOOD = """\
theme: light
read_only: no
keys:
  preset: k9s-strict
  delete: ctrl+x
  restart: [R, "#"]
  scale: y
contexts:
  prod*: {colour: "#e06c75", protected: true}
  prod-eu: {read_only: true}
  prod-eu-*:
hosts:
  build: {colour: "#abc"}
"""


def said(path: Path, text: str | bytes) -> tuple[Settings, list[str]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read(path, THEMES)
    return found, [str(one).removeprefix(str(path)) for one in found.problems]


def test_a_good_file(tmp_path: Path) -> None:
    found, problems = said(tmp_path / "config.yaml", GOOD)
    assert problems == []
    assert (found.theme, found.read_only, found.preset) == ("light", False, "k9s-strict")
    assert found.keys == {"delete": Bound(("ctrl+x",), 5), "restart": Bound(("R", "#"), 6), "scale": Bound(("y",), 7)}
    assert found.spot("kubernetes", "prod-us") == Spot("#e06c75", True, False)
    assert found.spot("kubernetes", "prod-eu") == Spot("", False, True)
    assert found.spot("kubernetes", "prod-eu-2") == Spot()
    assert found.spot("swarm", "build") == found.spot("docker", "build") == Spot("#abc")
    assert found.spot("kubernetes", "build") == found.spot("local", "prod") == Spot()


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none.yaml", THEMES) == Settings()
    assert said(tmp_path / "empty.yaml", "# nothing yet\n") == (Settings(), [])


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("theme: dark\nreadonly: true\n", 2, "knows no entry readonly; did you mean read_only?"),
        ("theme: ligth\n", 1, "No theme is called ligth; did you mean light?"),
        ("theme: [dark]\n", 1, "theme must be a word, and is a list."),
        ("read_only: 'on'\n", 1, "must be true or false, and is 'on'; it counts as true."),
        ("\n\ncontexts: [a]\n", 3, "contexts must be a mapping (name: value), and is a list."),
        ("contexts:\n  a: {color: red}\n", 2, "contexts.a knows no entry color; did you mean colour?"),
        ("contexts:\n  a:\n    colour: red\n", 3, "must be a colour such as #e06c75, and is 'red'."),
        ("contexts:\n  a:\n    colour: #ff0000\n", 3, 'and is empty (a # needs quotes: "#e06c75").'),
        ("contexts:\n  'a*b': {}\n", 2, "only stand at the end"),
        ("hosts:\n  a: {protected: maybe}\n", 2, "hosts.a.protected must be true or false"),
        ("hosts:\n  a: {}\n  a: {}\n", 3, "a stands twice in hosts; the first is used."),
        ("keys:\n  preset: vim\n", 2, "No keymap is called vim"),
        ("keys:\n  delete: {}\n", 2, "keys.delete must be a key or a list of keys, and is a mapping."),
        ("keys:\n  delete: [x, ~]\n", 2, "and is empty (signs"),
        ("keys:\n  ? [a]\n  : x\n", 2, "must be a word, and is a list."),
        ("theme: dark\nkeys: {\n", 2, "This is not YAML"),
        ("a: &x [*x]\n", 1, "knows no entry a"),
        ("theme: *none\n", 1, "This is not YAML: found undefined alias."),
        ("- theme\n", 1, "the file must be a mapping"),
        ("a: 1\n---\nb: 2\n", 2, "This is not YAML"),
        (b"theme: \xff\n", 0, "This is not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str | bytes, line: int, part: str) -> None:
    _, problems = said(tmp_path / "config.yaml", text)
    assert len(problems) == 1
    assert problems[0].startswith(f":{line}: " if line else ": "), problems
    assert part in problems[0], problems


def test_the_good_entries_hold_beside_the_bad(tmp_path: Path) -> None:
    found, problems = said(tmp_path / "c", "theme: light\ncolour: 3\ncontexts:\n  a: {colour: 3, protected: true}\n  b: 7\n")
    assert len(problems) == 3
    assert (found.theme, found.spot("kubernetes", "a")) == ("light", Spot("", True))


def test_a_guard_that_cannot_be_read_is_shut(tmp_path: Path) -> None:
    assert said(tmp_path / "c", "read_only: ja\n")[0].read_only
    assert said(tmp_path / "c", "read_only: true\n  x: [")[0].read_only
    assert said(tmp_path / "c", "contexts: {p: {protected: true}\n")[0].read_only
    assert not said(tmp_path / "c", "theme: [\n")[0].read_only
    assert said(tmp_path / "c", "contexts: {p: {protected: 1}}")[0].spot("kubernetes", "p").protected


@pytest.mark.parametrize("text", ["[" * 50_000, "- " * 50_000, "{a: " * 50_000])
def test_a_deep_file_is_not_read(tmp_path: Path, text: str) -> None:
    assert "nested too deeply" in said(tmp_path / "c", text)[1][0]


def test_a_file_that_is_none_or_too_large_is_not_read(tmp_path: Path) -> None:
    assert "larger than" in said(tmp_path / "c", "#" * ((1 << 20) + 1))[1][0]
    os.mkfifo(tmp_path / "pipe")
    assert "not a plain file" in str(read(tmp_path / "pipe", THEMES).problems[0])


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    path = tmp_path / "c"
    assert stamp(path) == (0, 0, 0)
    path.write_text("a")
    before = stamp(path)
    path.write_text("ab")
    assert before != stamp(path) != (0, 0, 0)


def test_where_the_files_are(tmp_path: Path) -> None:
    plain = Config(home=tmp_path, environ={})
    assert plain.settings_file == tmp_path / ".config/pilothouse/config.yaml"
    assert plain.state_file == tmp_path / ".local/state/pilothouse/state.json"
    moved = Config(home=tmp_path, environ={"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "NO_COLOR": ""})
    assert (moved.settings_file, moved.state_file) == (Path("/c/pilothouse/config.yaml"), Path("/s/pilothouse/state.json"))
    assert not moved.colourless
    assert Config(home=tmp_path, environ={"NO_COLOR": "0"}).colourless


async def test_one_context_alone_can_be_locked() -> None:
    gate = Gate(locked=lambda engine: engine == "kubernetes:prod")
    for engine, passes in (("kubernetes:prod", False), ("kubernetes:dev", True)):
        ref = Ref(engine, "kubernetes/pods", "a", "b", "c")
        try:
            async with gate.write("delete", ref, "DELETE", "/x", context="", server=""):
                assert passes
        except Denied:
            assert not passes


# ---- the memory -----------------------------------------------------------------------------------------------------


def test_the_memory_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    kept = Memory("swarm/services", "shop", "prod", {"swarm/services": ("Name", True)}, {"a": {"B": 3}}, True, "light", history=["pods"])
    memory.save(path, kept.packed())
    assert memory.load(path) == kept
    assert path.stat().st_mode & 0o777 == 0o600
    memory.save(path, Memory().packed())
    assert memory.load(path) == Memory()
    assert [one.name for one in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"view": 3}', '{"sorts": {"a": "b"}}', '{"theme": "' + "x" * (1 << 18) + '"}', "\xff"])
def test_a_broken_memory_is_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(text.encode("latin-1"))
    assert memory.load(path) == Memory()


def test_a_memory_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memory.save(tmp_path / "file" / "state.json", b"{}")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
