"""Themes: every theme has every role, and what must be read can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

import themes

READ = ("text", "muted", "name", "well", "moving", "strained", "broken", "over", "docker", "swarm", "kubernetes", "local", "accent")


def luminance(colour: Color) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", [name for name in themes.BUILT_IN if name != "ansi"])
def test_words_are_readable_on_the_ground_and_under_the_cursor(name: str) -> None:
    variables = themes.load(name).variables
    for ground in ("ground", "cursor", "cursor-blurred", "panel", "glow"):
        for role in READ if ground != "glow" else ("text", "muted", "name"):
            below, above = Color.parse(variables[f"ph-{ground}"]), Color.parse(variables[f"ph-{role}"])
            assert contrast(below, above) >= 4.5, f"{name}: {role} on {ground}"
    protected, text = Color.parse(variables["ph-protected"]), Color.parse(variables["ph-protected-text"])
    assert contrast(protected, text) >= 4.5


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_role_has_a_colour_in_foreign_themes(name: str) -> None:
    found = themes.defaults(BUILTIN_THEMES[name])
    assert set(found) == {f"ph-{role}" for role in themes.ROLES}
    for value in found.values():
        Color.parse(value)


@pytest.mark.parametrize("name", themes.BUILT_IN)
def test_a_built_in_file_says_the_same_to_the_yaml_library(name: str) -> None:
    assert themes.load(name) == themes.load(Path(themes.__file__).parent / f"{name}.yaml")


def test_a_theme_file_may_come_from_a_person(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text((Path(themes.__file__).parent / "dark.yaml").read_text().replace("pilothouse-dark", "mine"))
    assert themes.load(path).name == "mine"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "not a mapping"),
        ("a: [", "cannot be read"),
        ("name: x\nroles: {ground: red}", "no colour"),
        ("roles: {sky: blue}", "no such role: sky"),
        ("roles: 3", "mappings"),
    ],
)
def test_a_broken_theme_is_refused_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(themes.BadTheme, match=says):
        themes.load(path)


def test_a_missing_theme_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(themes.BadTheme, match="cannot be read"):
        themes.load(tmp_path / "none.yaml")
