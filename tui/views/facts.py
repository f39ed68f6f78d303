"""Facts of one object: what is wrong with it in a sentence first, then what there is to know at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from tui.facts import GLYPHS, Ref, Tone
from tui.model import Fact, Host, Section, Target, Trouble, View
from tui.values import text_of
from tui.views.pane import ObjectPane
from widgets.gauge import gauge
from widgets.words import words

LABEL = 16  # cells of the label column, at most
GAUGE = 12


class FactsPane(ObjectPane):
    """Trouble, then sections of facts; the full object is read when the cursor rests."""

    keeps_asking = True
    DEFAULT_CSS = """
    FactsPane VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; background: $ph-ground; }
    FactsPane Static { height: auto; padding: 0 1 0 1; }
    """

    def __init__(self, host: Host, target: Target) -> None:
        super().__init__(host, target)
        self._full: Mapping[str, Any] | None = None

    def compose(self) -> ComposeResult:
        """Lay out one scrolling text."""
        with VerticalScroll():
            yield Static("")

    def changed(self, other: bool) -> None:
        """Draw what the row's own struct tells."""
        if other:
            self._full = None
        self._draw()

    async def ask(self) -> None:
        """Read the full object and draw again."""
        self._full = await self.host.engine(self.target.ref).fetch(self.target.ref)
        self._draw()

    def said(self, text: str) -> None:
        """Draw without the full object; the row's own facts stay."""
        self._full = None
        self._draw(text)

    def _draw(self, fault: str = "") -> None:
        kind, obj, now = self.target.kind, self.target.object, self.host.now()
        lines = [*trouble_lines(kind.trouble(obj)), *section_lines(kind.facts(obj, self._full), now)]
        if fault:
            lines += [words(""), words((fault, "faint"))]
        if self.is_mounted:
            self.query_one(Static).update(Content("\n").join(lines))


def trouble_lines(trouble: Trouble | None) -> list[Content]:
    """Return what is wrong: state and what comes next on the first line, the cause below."""
    if trouble is None:
        return []
    first = words((f"{GLYPHS[trouble.tone]} ", trouble.tone), (trouble.word, f"{trouble.tone} bold"))
    if trouble.next:
        first = words(first, (f"  {trouble.next}", "muted"))
    lines = [first]
    if trouble.cause:
        lines.append(words(("  ", "muted"), (trouble.cause, "name")))
    return [*lines, words("")]


def section_lines(sections: Sequence[Section], now: Any) -> list[Content]:
    """Return the sections as lines: labels to the right in faint, values to the left."""
    lines: list[Content] = []
    for section in sections:
        if not section.facts:
            continue
        if lines:
            lines.append(words(""))
        if section.title:
            lines.append(words((section.title.upper(), "faint")))
        wide = min(LABEL, max(cell_len(fact.label) for fact in section.facts))
        lines += [fact_line(fact, wide, now) for fact in section.facts]
    return lines


def fact_line(fact: Fact, wide: int, now: Any) -> Content:
    """Return one fact as a line."""
    role = "text" if fact.tone is Tone.PLAIN else str(fact.tone)
    glyph = "" if fact.tone is Tone.PLAIN else f"{GLYPHS[fact.tone]} "
    value = words((f"{glyph}{text_of(fact.value, now)}", role))
    if fact.link is not None:
        value = linked(value, fact.link)
    if fact.gauge is not None:
        value = words(*gauge(fact.gauge, GAUGE), "  ", value)
    return words((f"{fact.label:>{wide}}", "faint"), "  ", value)


def linked(text: Content, ref: Ref) -> Content:
    """Return text that leads to an object when it is clicked."""
    return text.stylize(Style.from_meta({"@click": ("screen.jump", (ref.kind, ref.namespace, ref.name))})).stylize("underline")


def build(host: Host, target: Target) -> FactsPane:
    """Return the pane."""
    return FactsPane(host, target)


FACTS = View("facts", "Facts", "", build, "What is wrong, and what there is to know at a glance.")
