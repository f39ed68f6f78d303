"""A person's keys: how they are named, what they come to, and what clashes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.binding import Binding, BindingsMap

from tui.screens.keyed import rebound
from tui.screens.keymap import K9S, key_named, keymap_of, known
from tui.settings import Bound

FILE = Path("config.yaml")


def come_to(chosen: dict[str, str], preset: str = "") -> tuple[dict[str, tuple[str, ...]], list[str]]:
    bound = {name: Bound(tuple(keys.split()), line) for line, (name, keys) in enumerate(chosen.items(), 1)}
    keymap, problems = keymap_of(bound, preset, FILE)
    return dict(keymap), [str(one) for one in problems]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("x", "x"), ("X", "X"), ("shift+x", "X"), ("?", "question_mark"), ("+", "plus"),
        (",", "comma"), ("ctrl+x", "ctrl+x"), ("Ctrl+X", "ctrl+x"),
        ("ctrl+\\", "ctrl+backslash"), ("f5", "f5"), ("F5", "f5"), ("Esc", "escape"), ("ctrl+pgup", "ctrl+pageup"), ("space", "space"),
        ("question_mark", "question_mark"), ("shift+tab", "shift+tab"), ("alt+x", "alt+x"), ("1", "1"),
    ],
)  # fmt: skip
def test_keys_have_names(text: str, named: str) -> None:
    assert key_named(text) == named


@pytest.mark.parametrize("text", ["", " ", "xx", "ctrl+", "ctl+x", "ctrl+ctrl+x", "\x1b", "f99", "a,b"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text) or "^$"):
        key_named(text)


def test_every_binding_can_be_changed() -> None:
    there = known()
    assert {
        "delete",
        "logs",
        "describe",
        "help",
        "go",
        "table.up",
        "logs.save",
        "lines.wrap",
        "text.copy",
        "quit",
        "single.back",
    } <= there.keys()
    assert there["scale"].places & there["restart"].places
    assert there["scale"].keys == ("s",)


def test_keys_come_to_what_was_asked() -> None:
    assert come_to({"delete": "ctrl+x", "help": "f1 ?"}) == ({"delete": ("ctrl+x",), "help": ("f1", "question_mark")}, [])
    assert come_to({"delete": "ctrl+d"}) == ({}, [])  # as it comes
    assert come_to({"delete": "s", "scale": "ctrl+d"}) == ({"delete": ("s",), "scale": ("ctrl+d",)}, [])  # exchanged
    assert come_to({"logs.mark": "d"})[1] == []  # another place: no clash


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"delet": "x"}, "config.yaml:1: No binding is called delet; did you mean delete"),
        ({"delete": "ctl+x"}, "config.yaml:1: 'ctl+x' is not a key"),
        (
            {"help": "f1", "delete": "s"},
            "config.yaml:2: keys.delete: the key s already does Scale (scale) there; give scale another key first.",
        ),
        ({"delete": "j"}, "config.yaml:1: keys.delete: the key j already does Down (table.down) there"),
        ({"wide": "colon"}, "the key : already does Go (go) there"),
        ({"delete": "f5", "wide": "f5"}, "config.yaml:2: keys.wide: the key f5 already does Delete (delete)"),
        ({"wide": "ctrl+c"}, "already does Quit (quit)"),
    ],
)
def test_what_cannot_be_is_told_and_passed_over(chosen: dict[str, str], says: str) -> None:
    keymap, problems = come_to(chosen)
    assert len(problems) == 1
    assert says in problems[0]
    assert not {name for name in keymap if f"keys.{name}:" in problems[0]}
    assert keymap.keys() <= chosen.keys() - {"delet"}


def test_k9s_letters_clash_with_nothing() -> None:
    keymap, problems = come_to({}, "k9s-strict")
    assert problems == []
    assert keymap == dict(K9S)
    there = known()
    for name, held in K9S.items():
        for other, one in there.items():
            if other != name and there[name].places & one.places:
                assert not set(held) & set(K9S.get(other, one.keys)), (name, other)
    assert come_to({"delete": "f5"}, "k9s-strict")[0]["delete"] == ("f5",)
    mended, problems = come_to({"delete": "r"}, "k9s-strict")
    assert mended["delete"] == K9S["delete"]
    assert len(problems) == 1


def test_what_shares_an_old_key_keeps_it() -> None:
    bindings = BindingsMap(
        [
            Binding("r", "a", "A", id="a"),
            Binding("r", "b", "B", id="b"),
            Binding("x,y", "c", "C", id="c"),
            Binding("q", "quit", "Q", priority=True),
        ]
    )
    found = rebound(bindings, {"a": ("x", "q"), "c": ("y",)}).key_to_bindings
    assert {key: [one.id for one in some] for key, some in found.items()} == {"r": ["b"], "x": ["a"], "q": ["a"], "y": ["c"]}
