"""Themes: one YAML file per theme, each giving a colour to the same roles; and the roles' values for themes that know none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

ROLES: tuple[str, ...] = (
    "ground",  # what everything stands on
    "panel",  # the top line, dialogs
    "line",  # thin rules, the empty part of a gauge
    "cursor",  # the ground of the row under the cursor
    "cursor-blurred",  # the same when the table has no focus
    "glow",  # the ground of what has just changed
    "match",  # the ground of what a search found
    "text",  # values
    "muted",  # what matters less
    "faint",  # what may be missed
    "name",  # the name under the cursor, a title
    "accent",  # where no engine is meant
    "docker",
    "swarm",
    "kubernetes",
    "local",
    "well",
    "moving",
    "strained",
    "broken",
    "over",
    "protected",  # the ground of a protected context's name
    "protected-text",
)
"""Every role is a variable `$ph-<role>` in style sheets."""

BUILT_IN: tuple[str, ...] = ("dark", "light", "high-contrast", "monochrome", "ansi")


class BadTheme(ValueError):
    """A theme file that cannot be used, said in a sentence for a person."""


def load(source: str | Path) -> Theme:
    """Read a theme: a built-in name, or the path of a YAML file; raises BadTheme.

    The file holds `name`, `dark` (true or false), `roles` (every role, a CSS colour) and, if wanted, `ansi` (true: the
    terminal's own colours are used as they are) and `variables` (any other variable of Textual's style sheets).
    """
    if isinstance(source, str) and source in BUILT_IN:
        return _theme(source, _flat((Path(__file__).parent / f"{source}.yaml").read_text("utf-8")))
    import yaml

    try:
        found = yaml.safe_load(Path(source).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadTheme(f"theme {source} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise BadTheme(f"theme {source} is not a mapping with name, dark and roles")
    return _theme(str(source), found)


def load_flat(path: Path) -> Theme:
    """Read a theme file that keeps to one line a value without waiting for the YAML library; raises BadTheme when it does not."""
    try:
        return _theme(str(path), _flat(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise BadTheme(f"theme {path} cannot be read: {error}") from error


def _flat(text: str) -> dict[str, object]:
    """Return what a built-in file holds. They keep to one line a value, so that the first frame need not wait for the YAML library."""
    found: dict[str, object] = {}
    inner: dict[str, str] = {}
    for line in text.splitlines():
        key, colon, rest = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        value = rest.partition(" #")[0].strip().strip("\"'")
        if key.startswith(" "):
            inner[key.strip()] = value
        else:
            inner = {}
            found[key] = value == "true" if key in {"dark", "ansi"} else value or inner
    return found


def _theme(source: str, found: Mapping[str, object]) -> Theme:
    roles, variables = found.get("roles"), found.get("variables") or {}
    if not isinstance(roles, dict) or not isinstance(variables, dict):
        raise BadTheme(f"theme {source}: roles and variables are mappings")
    if unknown := sorted(str(role) for role in roles if role not in ROLES):
        raise BadTheme(f"theme {source}: no such role: {', '.join(unknown)}")
    if missing := [role for role in ROLES if role not in roles]:
        raise BadTheme(f"theme {source}: these roles have no colour: {', '.join(missing)}")
    for role, value in roles.items():
        try:
            Color.parse(str(value))
        except ColorParseError as error:
            raise BadTheme(f"theme {source}: role {role} is not a colour: {value}") from error
    colours = {role: str(roles[role]) for role in ROLES}
    return Theme(
        name=str(found.get("name") or Path(source).stem),
        dark=bool(found.get("dark", True)),
        ansi=bool(found.get("ansi", False)),
        primary=colours["accent"],
        secondary=colours["swarm"],
        accent=colours["accent"],
        warning=colours["strained"],
        error=colours["broken"],
        success=colours["well"],
        foreground=colours["text"],
        background=colours["ground"],
        surface=colours["ground"],
        panel=colours["panel"],
        variables=_variables(colours) | (_BASE if found.get("ansi") else {}) | {str(key): str(value) for key, value in variables.items()},
    )


def _variables(colours: Mapping[str, str]) -> dict[str, str]:
    """Return the roles as variables, and Textual's own variables that should follow them."""
    return {f"ph-{role}": value for role, value in colours.items()} | {
        "block-cursor-background": colours["cursor"],
        "block-cursor-foreground": colours["name"],
        "block-cursor-blurred-background": colours["cursor-blurred"],
        "block-cursor-blurred-foreground": colours["text"],
        "footer-background": colours["ground"],
        "footer-key-foreground": colours["accent"],
        "footer-description-foreground": colours["muted"],
        "scrollbar": colours["line"],
        "scrollbar-hover": colours["faint"],
        "scrollbar-active": colours["muted"],
        "scrollbar-background": colours["ground"],
        "scrollbar-background-hover": colours["ground"],
        "scrollbar-background-active": colours["ground"],
        "scrollbar-corner-color": colours["ground"],
        "border": colours["line"],
        "border-blurred": colours["line"],
        "link-color": colours["accent"],
    }


_BASE = {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
"""What Textual's style sheets speak of, and does not make for a theme in the terminal's own colours."""


def defaults(theme: Theme) -> dict[str, str]:
    """Return every role's variable for a theme that may not know them; for `App.get_theme_variable_defaults`."""
    if f"ph-{ROLES[0]}" in theme.variables:  # one of ours, which names them all
        return {}
    found = theme.to_color_system().generate()
    if theme.ansi or any(found[key].startswith("ansi") for key in ("foreground", "background")):
        return {f"ph-{role}": value for role, value in _ANSI.items()}
    ground, text = Color.parse(found["background"]), Color.parse(found["foreground"])

    def towards(share: float, what: Color = text) -> str:
        return ground.blend(what, share, 1.0).hex

    primary, accent = Color.parse(found["primary"]), Color.parse(found["accent"])
    derived = {
        "ground": ground.hex,
        "panel": found["panel"],
        "line": towards(0.2),
        "cursor": towards(0.25, primary),
        "cursor-blurred": towards(0.12),
        "glow": towards(0.3, accent),
        "match": towards(0.4, Color.parse(found["warning"])),
        "text": text.hex,
        "muted": towards(0.72),
        "faint": towards(0.45),
        "name": text.hex,
        "accent": accent.hex,
        "docker": primary.hex,
        "swarm": found["success"],
        "kubernetes": accent.hex,
        "local": found["secondary"],
        "well": found["success"],
        "moving": primary.hex,
        "strained": found["warning"],
        "broken": found["error"],
        "over": towards(0.72),
        "protected": found["error"],
    }
    derived["protected-text"] = Color.parse(found["error"]).get_contrast_text(1.0).hex
    return {f"ph-{role}": value for role, value in derived.items()}


_ANSI: Mapping[str, str] = {
    "ground": "ansi_default",
    "panel": "ansi_default",
    "line": "ansi_bright_black",
    "cursor": "ansi_blue",
    "cursor-blurred": "ansi_bright_black",
    "glow": "ansi_cyan",
    "match": "ansi_yellow",
    "text": "ansi_default",
    "muted": "ansi_default",
    "faint": "ansi_bright_black",
    "name": "ansi_bright_white",
    "accent": "ansi_bright_magenta",
    "docker": "ansi_bright_blue",
    "swarm": "ansi_bright_cyan",
    "kubernetes": "ansi_bright_magenta",
    "local": "ansi_white",
    "well": "ansi_green",
    "moving": "ansi_bright_blue",
    "strained": "ansi_yellow",
    "broken": "ansi_red",
    "over": "ansi_bright_black",
    "protected": "ansi_red",
    "protected-text": "ansi_bright_white",
}
"""The roles in a terminal's own sixteen colours."""
