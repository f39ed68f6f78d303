"""Facts of one object: what is wrong with it in a sentence first, then what there is to know at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.style import Style

from tui.facts import GLYPHS, Ref, Tone
from tui.model import Fact, Host, Section, Target, Trouble
from tui.values import text_of
from tui.views.pane import ObjectPane
from widgets.gauge import gauge
from widgets.sheet import Sheet
from widgets.words import words

LABEL = 16  # cells of the label column, at most
GAUGE = 12


class FactsPane(ObjectPane):
    """Trouble, then sections of facts; the full object is read when the cursor rests."""

    keeps_asking = True

    def __init__(self, host: Host, target: Target) -> None:
        super().__init__(host, target)
        self._full: Mapping[str, Any] | None = None

    def compose(self) -> ComposeResult:
        """Lay out one scrolling text."""
        yield Sheet()

    def changed(self, other: bool) -> None:
        """Draw what the row's own struct tells."""
        if other:
            self._full = None
        self._draw()

    async def ask(self) -> None:
        """Read the full object and draw again."""
        self._full = await self.host.engine(self.target.ref).fetch(self.target.ref)
        self._draw()

    def on_resize(self) -> None:
        """Fold the lines anew."""
        self._draw()

    def said(self, text: str) -> None:
        """Draw without the full object; the row's own facts stay."""
        self._full = None
        self._draw(text)

    def _draw(self, fault: str = "") -> None:
        kind, obj, now = self.target.kind, self.target.object, self.host.now()
        width = max(20, self.size.width - 3)
        lines = [*trouble_lines(kind.trouble(obj), width), *section_lines(kind.facts(obj, self._full), now, width)]
        if fault:
            lines += [words(""), words((fault, "faint"))]
        if self.is_mounted:
            self.query_one(Sheet).say([part for line in lines for part in ([line] if line.cell_length <= width else line.wrap(width))])


def trouble_lines(trouble: Trouble | None, width: int) -> list[Content]:
    """Return what is wrong: state and what comes next on the first line, the cause below."""
    if trouble is None:
        return []
    first = words((f"{GLYPHS[trouble.tone]} ", trouble.tone), (trouble.word, f"{trouble.tone} bold"))
    lines = [first]
    if trouble.next and first.cell_length + 2 + len(trouble.next) <= width:
        lines = [words(first, (f"  {trouble.next}", "muted"))]
    lines += [words("  ", line) for line in words((trouble.cause, "name")).wrap(width - 2)] if trouble.cause else []
    if len(lines) and trouble.next and first.cell_length + 2 + len(trouble.next) > width:
        lines += [words("  ", line) for line in words((trouble.next, "muted")).wrap(width - 2)]
    return [*lines, words("")]


def section_lines(sections: Sequence[Section], now: datetime, width: int) -> list[Content]:
    """Return the sections as lines of at most `width` cells: labels to the right in faint, values to the left."""
    lines: list[Content] = []
    for section in sections:
        if not section.facts:
            continue
        if lines:
            lines.append(words(""))
        if section.title:
            lines.append(words((section.title.upper(), "faint")))
        wide = max(cell_len(fact.label) for fact in section.facts)
        for fact in section.facts:
            lines += fact_lines(fact, wide, now, width) if wide <= LABEL else _long_lines(fact, now, width)
    return lines


def fact_lines(fact: Fact, wide: int, now: datetime, width: int) -> list[Content]:
    """Return one fact: the label, and the value folded beside it."""
    first, *rest = _value(fact, now).wrap(max(8, width - wide - 2)) or [words("")]
    label = words((f"{quiet(fact.label):>{wide}}", "faint"), "  ")
    return [words(label, first), *(words(" " * (wide + 2), line) for line in rest)]


def quiet(label: str) -> str:
    """Return a label without its capital, unless it is an abbreviation or a name."""
    return label[:1].lower() + label[1:] if (label[1:2].islower() and label.istitle()) or label[1:].islower() else label


def _long_lines(fact: Fact, now: datetime, width: int) -> list[Content]:
    """Return one fact of a section with long labels: side by side where there is room, else the value below."""
    value = _value(fact, now)
    if cell_len(fact.label) + 4 + value.cell_length <= width:
        return [words("  ", (fact.label, "faint"), "  ", value)]
    return [words("  ", (fact.label, "faint")), *(words("    ", line) for line in value.wrap(max(8, width - 4)))]


def _value(fact: Fact, now: datetime) -> Content:
    role = "text" if fact.tone is Tone.PLAIN else str(fact.tone)
    glyph = "" if fact.tone is Tone.PLAIN else f"{GLYPHS[fact.tone]} "
    value = words((f"{glyph}{text_of(fact.value, now)}", role))
    if fact.link is not None:
        value = linked(value, fact.link)
    return value if fact.gauge is None else words(*gauge(fact.gauge, GAUGE), "  ", value)


def linked(text: Content, ref: Ref) -> Content:
    """Return text that leads to an object when it is clicked."""
    return text.stylize(Style.from_meta({"@click": ("screen.jump", (ref.kind, ref.namespace, ref.name))})).stylize("underline")
