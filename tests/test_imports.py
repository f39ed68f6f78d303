"""Which way imports point: a module uses what stands to its right in ORDER, never what stands to its left."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# from left to right; the longest prefix that fits a module gives its place
ORDER = (
    ("tui.__main__",),
    (
        "tui.app",
        "tui.bridge",
        "tui.comfort",
        "tui.palette",
        "tui.rooms",
        "tui.editor",
        "tui.tour",
        "tui.options",
        "tui.doctor",
        "tui.completion",
    ),
    ("tui.screens",),
    ("tui.command",),
    ("tui.kinds",),
    ("tui.actions",),
    ("tui.views",),
    ("tui.demo",),
    ("tui.engines.findings", "tui.settings"),
    ("tui.engines.fleet",),
    ("tui.engines",),
    ("tui.store", "tui.filter", "tui.fuzzy", "tui.config", "tui.memory"),
    ("tui.model",),
    ("tui.facts",),
    ("tui.values",),
    ("tui",),
    ("widgets",),
    ("themes",),
)
RANK = {prefix: rank for rank, group in enumerate(ORDER) for prefix in group}
MODULES = sorted(path for top in ("tui", "widgets", "themes") for path in (ROOT / top).rglob("*.py"))
NO_TEXTUAL = (
    "tui.engines", "tui.store", "tui.model", "tui.facts", "tui.values", "tui.filter", "tui.command", "tui.config", "tui.settings",
    "tui.memory", "tui.demo",
)  # fmt: skip


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def rank_of(module: str) -> int:
    fitting = [prefix for prefix in RANK if module == prefix or module.startswith(f"{prefix}.")]
    return RANK[max(fitting, key=len)]


def imported(path: Path) -> Iterator[str]:
    """Yield every module a file imports, also inside functions, but not what only type checkers see."""
    tree = ast.parse(path.read_text("utf-8"))
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            assert node.module
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_stands_to_its_right(path):
    module = name_of(path)
    for other in imported(path):
        if other.split(".")[0] in {"tui", "widgets", "themes"}:
            assert rank_of(other) >= rank_of(module), f"{module} reaches up to {other}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_engines_import_the_sdks_and_no_engine_imports_textual(path):
    module = name_of(path)
    for other in imported(path):
        top = other.split(".")[0]
        if top in {"docker", "kubernetes"}:
            assert module.startswith("tui.engines."), f"{module} imports {other}"
        if top in {"textual", "rich"}:
            assert not module.startswith(NO_TEXTUAL), f"{module} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_is_one_room(path):
    """No file is over 400 lines, and each says in its first line what it is."""
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400, f"{name_of(path)} has {text.count(chr(10))} lines"
    assert ast.get_docstring(ast.parse(text))
