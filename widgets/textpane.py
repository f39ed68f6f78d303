"""TextPane: a text to read (YAML, a description), coloured line by line as it comes into view."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets._lines import LONGEST, Lines, paint_matches
from widgets.safe import safe

_MOST_LINES = 200_000

_YAML = re.compile(
    r"(?P<comment>(?:^|(?<=\s))#.*$)"
    r"|(?P<key>(?:^[ ]*(?:- )*|(?<=[{,] ))(?:\"[^\"]{0,200}\"|[^\s:#\"'{}\[\],&*!|>-][^:#]{0,200}?|-[^\s:][^:#]{0,200}?)(?=:(?:\s|$)))"
    r"|(?P<word>(?<=[:\-,\[] )(?:true|false|null|~|-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*(?:$|[,\]}#])))"
    r"|(?P<sign>(?<=[:\-] )(?:[|>][+-]?\d*$|[&*!]\S+))"
)
_TONES = {"comment": "faint", "key": "accent", "word": "strained", "sign": "faint"}


class TextPane(Lines):
    """A read-only text. `language`: "yaml" (JSON and `Key: value` descriptions do well with it), or "" for plain text."""

    def __init__(
        self,
        text: str = "",
        language: str = "yaml",
        *,
        wrap: bool = False,
        copy: Callable[[str], None] | None = None,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(wrap=wrap, name=name, id=id, classes=classes)
        self.language = language
        self._copy = copy
        self._whole = text
        self._split: list[str] = []
        self._cut = 0
        self._take(text)

    @property
    def text(self) -> str:
        """Return the text as it came."""
        return self._whole

    def set_text(self, text: str, language: str | None = None) -> None:
        """Show another text; the place on the screen stays as far as it can."""
        top = self.top
        self.language = self.language if language is None else language
        self._take(text)
        self._found = -1
        self.lines_changed()
        self.scroll_lines(top)
        self.forget_drawn()
        self.post_message(self.Changed(self))

    def _take(self, text: str) -> None:
        self._whole = text
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        self._cut = max(0, len(lines) - _MOST_LINES)
        self._split = lines[:_MOST_LINES]
        if self._cut:
            self._split.append(f"… {self._cut:,} more lines are not shown")

    @property
    def count(self) -> int:
        """Return the number of lines."""
        return len(self._split)

    @property
    def status(self) -> str:
        """Return how much there is to read: `812 lines, wrap`."""
        parts = [f"{len(self._split) - bool(self._cut) + self._cut:,} lines"]
        if self.wrap:
            parts.append("wrap")
        return ", ".join(parts)

    def copy_all(self) -> str:
        """Hand the whole text, as it came, to the `copy` hook, and return it."""
        if self._copy is not None:
            self._copy(self._whole)
        return self._whole

    def copy_line(self) -> str:
        """Hand the line last found, or the first on the screen, to the `copy` hook, and return it."""
        n = self._found if self._found >= 0 else self.top
        line = self._split[n] if n < len(self._split) else ""
        if self._copy is not None:
            self._copy(line)
        return line

    def plain_line(self, n: int) -> str:
        """Return the text of a line that a search looks at."""
        return self._split[n]

    def lead_line(self, n: int) -> Strip:
        """Return the mark of the line last found."""
        style = self.tints.style("accent")
        return Strip([Segment("▎" if n == self._found else " ", style)])

    def body_line(self, n: int) -> Strip:
        """Return a line with its keys, numbers and comments coloured."""
        line = self._split[n].rstrip("\r")
        cut = f" … {len(line):,} characters" if len(line) > LONGEST else ""
        line = safe((line[:LONGEST] if cut else line).expandtabs(4))
        match = self.tints.style("name", "match", True)
        segments = paint_matches(self._coloured(line), self.pattern, match)
        return Strip([*segments, Segment(cut, self.tints.style("faint"))] if cut else segments)

    def _coloured(self, line: str) -> list[tuple[str, Style]]:
        style = self.tints.style
        if self.language not in ("yaml", "json") or len(line) > 2_000:
            return [(line, style("text"))]
        pieces: list[tuple[str, Style]] = []
        at = 0
        for found in _YAML.finditer(line):
            if found.start() > at:
                pieces.append((line[at : found.start()], style("text")))
            word = found.group().lstrip(" ")
            pieces.append((" " * (len(found.group()) - len(word)), style("text")))
            pieces.append((word, style(_TONES[found.lastgroup or "key"])))
            at = found.end()
        pieces.append((line[at:], style("text")))
        return pieces
