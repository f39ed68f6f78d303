"""Words: styled text from parts, made safe on the way; never parsed as markup."""

from __future__ import annotations

from textual.content import Content

from widgets.safe import safe

Part = str | tuple[str, str] | Content
"""Plain text, text with a theme role ("muted", "broken", "name bold"), or text that is made already."""


def words(*parts: Part) -> Content:
    """Return the parts as one piece of text; a role is a word of the theme, `bold`, `underline` or `reverse`."""
    return Content("").join(_piece(part) for part in parts)


def _piece(part: Part) -> Content:
    match part:
        case Content():
            return part
        case str():
            return Content(safe(part))
        case (text, role):
            return Content.styled(safe(text), style_of(role))


def style_of(role: str) -> str:
    """Return the Textual style for words such as "broken bold"."""
    return " ".join(word if word in _PLAIN else f"$ph-{word}" for word in role.split())


_PLAIN = {"bold", "italic", "underline", "reverse", "on", "dim"}
