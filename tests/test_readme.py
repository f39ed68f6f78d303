"""The papers are true: the key table is the registry's, and what is linked is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from themes import ROLES
from tui.options import parser
from tui.screens.keys import MOVES, every_action, markdown
from tui.settings import read

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def test_the_key_table_is_made_from_the_registry(request: pytest.FixtureRequest):
    text = README.read_text("utf-8")
    wanted = re.sub(r"(<!-- keys:[^\n]*-->\n).*?(<!-- /keys -->)", lambda part: f"{part[1]}{markdown()}\n{part[2]}", text, flags=re.S)
    if request.config.getoption("--accept"):
        README.write_text(wanted, "utf-8")
    else:
        assert text == wanted, "run pytest tests/test_readme.py --accept"


PAPERS = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("paper", PAPERS)
def test_what_is_linked_is_there(paper):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / paper).read_text("utf-8")):
        assert ((ROOT / paper).parent / target).exists(), target


def test_every_option_is_in_the_readme():
    text = README.read_text("utf-8")
    options = {word for action in parser()._actions for word in action.option_strings if word.startswith("--")}
    assert {option for option in options - {"--help", "--version"} if option not in text} == set()


def test_the_settings_of_the_paper_are_good(tmp_path):
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(text.split("```yaml\n")[1].split("```")[0])
    assert read(path, {"light"}).problems == ()
    for name in (*ROLES, *(move.id for move in MOVES), *(verb.id for verb in every_action().values() if verb.key != "enter")):
        assert f"`{name}`" in text, name
