"""Text from outside made safe to draw: whatever could steer a terminal, hide or reorder text becomes a visible sign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

_TAB = "    "
_MARKS_KEPT = 3  # combining marks on one letter; living scripts use no more

_MARK = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06ed\u0730-\u074a"
    "\u08d3-\u0902\u093a\u093c\u0941-\u0948\u094d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1ace\u1dc0-\u1dff\u20d0-\u20f0"
    "\u302a-\u302d\u3099\u309a\ua66f-\ua672\ufe20-\ufe2f\U0001d165-\U0001d169\U0001d16d-\U0001d172"
)
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_HOSTILE = re.compile(f"[{_UNSEEN}]|[{_MARK}]{{{_MARKS_KEPT + 1},}}")
_EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_KEPT_ON_LINES = frozenset("\n\t")
_NEWLINES = {"\n": "␤", "\t": _TAB}


def safe(text: str, lines: bool = False) -> str:
    """Return the text with every character that is not plainly visible replaced by a sign for it.

    Control characters become their pictures (`␛`), bidi controls, zero-width, filler and tag characters, lone surrogates
    and the like their number (`⟨202E⟩`); a zero-width joiner or a variation selector stays inside an emoji, and a letter
    keeps three combining marks. A tab becomes four spaces and a newline `␤`, unless `lines` keeps both.
    """
    if text.isascii() and text.isprintable():
        return text
    if not _HOSTILE.search(text):
        return text

    def sign(match: re.Match[str]) -> str:
        found = match.group()
        if len(found) > 1:
            return f"{found[:_MARKS_KEPT]}⟨+{len(found) - _MARKS_KEPT}⟩"
        if lines and found in _KEPT_ON_LINES:
            return found
        if found in "\u200d\ufe0e\ufe0f" and _in_emoji(text, match.start()):
            return found
        return _sign(found)

    return _HOSTILE.sub(sign, text)


def _sign(character: str) -> str:
    if (known := _NEWLINES.get(character)) is not None:
        return known
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨{code:04X}⟩"


def _in_emoji(text: str, at: int) -> bool:
    """Tell whether a joiner stands between two emoji, or a variation selector behind one."""
    before = text[at - 1 : at]
    if before == "\ufe0f":
        before = text[at - 2 : at - 1]
    if not _EMOJI.match(before):
        return text[at] == "\ufe0f" and before.isdigit() and text[at + 1 : at + 2] == "\u20e3"
    return text[at] != "\u200d" or bool(_EMOJI.match(text[at + 1 : at + 2]))


class SafeFilter(LineFilter):
    """A last net under every widget: no control character reaches the terminal, whoever drew it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments made safe, as wide in all as before."""
        if all(segment.control or _is_plain(segment.text) for segment in segments):
            return segments
        width = sum(segment.cell_length for segment in segments)
        made = [segment if segment.control else Segment(safe(segment.text), segment.style) for segment in segments]
        return Segment.adjust_line_length(made, width)


def _is_plain(text: str) -> bool:
    return (text.isascii() and text.isprintable()) or not _HOSTILE.search(text)


def install(app: App[Any]) -> None:
    """Put the net under an app: its line filters pass over every line of every widget, borders and titles included."""
    if not any(isinstance(known, SafeFilter) for known in app._filters):
        app._filters.append(SafeFilter())


# ---- colours in logs ------------------------------------------------------------------------------------------------

_SGR = re.compile(r"\x1b\[([0-9;:]{0,64})m")
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


def ansi_line(text: str, sixteen: Sequence[RichColor | None]) -> list[tuple[str, Style]]:
    """Return one line as safe pieces with styles; only colours and emphasis (SGR) are honoured, and end with the line.

    `sixteen`: what the ANSI colours 0 to 15 look like here; None = the colour of the text. Every other escape sequence
    stays as visible text; concealed and blinking text is shown plainly.
    """
    text = text.rstrip("\r\n")
    if "\x1b" not in text:
        return [(safe(text), Style.null())]
    pieces: list[tuple[str, Style]] = []
    state: dict[str, RichColor | bool | None] = {}
    style, at = Style.null(), 0
    for match in _SGR.finditer(text):
        if match.start() > at:
            pieces.append((safe(text[at : match.start()]), style))
        at = match.end()
        _turn(state, [int(part or 0) for part in match.group(1).replace(":", ";").split(";")], sixteen)
        style = Style(**state)  # type: ignore[arg-type]  # the keys are Style's own
    if at < len(text):
        pieces.append((safe(text[at:]), style))
    return pieces


def _turn(state: dict[str, RichColor | bool | None], codes: list[int], sixteen: Sequence[RichColor | None]) -> None:
    """Apply the codes of one SGR sequence (ECMA-48 8.3.117, and xterm's 38/48 for more colours)."""
    rest = iter(codes)
    for code in rest:
        if code == 0:
            state.clear()
        elif code in _ON:
            state[_ON[code]] = True
        elif code in _OFF:
            for name in _OFF[code]:
                state.pop(name, None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            state["color"] = sixteen[code - 30 if code < 90 else code - 82]
        elif 40 <= code <= 47 or 100 <= code <= 107:
            state["bgcolor"] = sixteen[code - 40 if code < 100 else code - 92]
        elif code in (38, 48):
            state["color" if code == 38 else "bgcolor"] = _more(rest, sixteen)
        elif code in (39, 49):
            state.pop("color" if code == 39 else "bgcolor", None)


def _more(rest: Iterator[int], sixteen: Sequence[RichColor | None]) -> RichColor | None:
    kind = next(rest, 0)
    if kind == 5:
        number = min(255, next(rest, 0))
        return sixteen[number] if number < 16 else RichColor.from_ansi(number)
    if kind == 2:
        red, green, blue = (min(255, next(rest, 0)) for _ in range(3))
        return RichColor.from_rgb(red, green, blue)
    return None
