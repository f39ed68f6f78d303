"""Bars: the one-line parts of a screen: the top line, the tabs with their rule, the keys at the foot. All can be clicked."""

from __future__ import annotations

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from widgets.safe import safe
from widgets.words import words


class TopBar(Widget):
    """Two pieces of text on one line: `left` is cut when there is no room, `right` is not."""

    DEFAULT_CSS = (
        "TopBar { height: 1; background: $ph-panel; color: $ph-muted; padding: 0 1; }\nTopBar.-protected { background: $ph-protected; }"
    )
    # Contents of the same text are equal to textual, whatever their colours: `say` looks at both
    left: reactive[Content] = reactive(Content(""), always_update=True)
    right: reactive[Content] = reactive(Content(""), always_update=True)

    def say(self, left: Content, right: Content, protected: bool = False) -> None:
        """Show other words, or the same in other colours; nothing is drawn when nothing is new.

        `protected`: all of it in the one colour that can be read on the ground of a protected place.
        """
        if protected:
            left, right = (words((part.plain, "protected-text bold")) for part in (left, right))
        self.set_class(protected, "-protected")
        if not self.left.is_same(left):
            self.left = left
        if not self.right.is_same(right):
            self.right = right

    def render(self) -> Content:
        """Return the line at the present width."""
        room = max(0, self.size.width - self.right.cell_length - 1)
        left = self.left if self.left.cell_length <= room else self.left.truncate(room, ellipsis=True)
        return words(left, " " * max(1, self.size.width - left.cell_length - self.right.cell_length), self.right)


class Line(Widget):
    """One line of text that changes often: a change repaints the line, and lays nothing out anew."""

    DEFAULT_CSS = "Line { height: 1; background: $ph-ground; }"
    text: reactive[Content] = reactive(Content(""), always_update=True)

    def say(self, text: Content) -> None:
        """Show other words, or the same in other colours; nothing is drawn when nothing is new."""
        if not self.text.is_same(text):
            self.text = text

    def render(self) -> Content:
        """Return the text, cut at the right end."""
        return self.text if self.text.cell_length <= self.size.width else self.text.truncate(max(1, self.size.width), ellipsis=True)


class Tab(Struct, frozen=True):
    """One tab. `note` stands behind the title in a quieter colour; `role` is the theme's role of its accent."""

    id: str
    title: str
    note: str = ""
    role: str = "accent"
    group: str = ""
    tone: str = ""


class TabBar(Widget):
    """Tabs in groups, a thin rule below them, thick under the active one; scrolls sideways when there is no room."""

    DEFAULT_CSS = "TabBar { height: 2; background: $ph-ground; }"
    GAP = 3
    tabs: reactive[tuple[Tab, ...]] = reactive(())
    active: reactive[str] = reactive("")

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """Return both lines, and remember where each tab stands."""
        pieces = self._pieces()
        first, last = self._window(pieces)
        self._spans = []
        start, end, role = 0, 0, "accent"
        line = words(" ", ("‹ ", "faint")) if first else words(" ")
        for index in range(first, last + 1):
            left, _, tab, text = pieces[index]
            line = words(line, " " * (left - pieces[index - 1][1] if index > first else 0))
            at = line.cell_length
            line = words(line, text)
            if tab is not None:
                self._spans.append((at, line.cell_length, tab.id))
                if tab.id == self.active:
                    start, end, role = at, line.cell_length, tab.role
        if last < len(pieces) - 1:
            line = words(line, ("  ›", "faint"))
        width = self.size.width
        rule = words(("─" * start, "line"), ("━" * (end - start), role), ("─" * max(0, width - end), "line"))
        return words(line.truncate(width), Content("\n"), rule)

    def _pieces(self) -> list[tuple[int, int, Tab | None, Content]]:
        """Return (start, end, tab or None for a group's name, text) of everything, as if there were room for all."""
        pieces: list[tuple[int, int, Tab | None, Content]] = []
        at, group = 0, ""
        for tab in self.tabs:
            if tab.group != group:
                group = tab.group
                text = words((group.upper(), f"{tab.role} dim"))
                at += self.GAP if pieces else 0
                pieces.append((at, at + text.cell_length, None, text))
                at += text.cell_length + 2
            elif pieces:
                at += self.GAP
            here = tab.id == self.active
            note = (f" {tab.note}", tab.tone or (tab.role if here else "faint")) if tab.note else ""
            text = words((tab.title, "name bold" if here else "muted"), note)
            pieces.append((at, at + text.cell_length, tab, text))
            at += text.cell_length
        return pieces

    def _window(self, pieces: list[tuple[int, int, Tab | None, Content]]) -> tuple[int, int]:
        """Return the first and the last piece shown."""
        width = self.size.width - 2
        if not pieces or pieces[-1][1] <= width:
            return 0, len(pieces) - 1
        room = width - 6
        active = next((index for index, piece in enumerate(pieces) if piece[2] and piece[2].id == self.active), 0)
        first = active
        while first > 0 and pieces[min(active + 1, len(pieces) - 1)][1] - pieces[first - 1][0] <= room:
            first -= 1
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][1] - pieces[first][0] <= room:
            last += 1
        return first, max(last, active)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        for start, end, tab in self._spans:
            if start <= event.x < end:
                self.post_message(self.Chosen(tab))


class Hint(Struct, frozen=True):
    """A key that does something right now."""

    key: str
    label: str
    action: str


class KeyBar(Widget):
    """The keys that apply right now, most used first; what has no room is left out, never wrapped.

    A click does the hint's action, or what its key does there where it names none.
    """

    DEFAULT_CSS = "KeyBar { height: 1; padding: 0 1; background: $ph-ground; }"
    hints: reactive[tuple[Hint, ...]] = reactive(())
    role: reactive[str] = reactive("accent")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._spans: list[tuple[int, int, Hint]] = []

    def render(self) -> Content:
        """Return the hints that fit, and remember where each stands."""
        self._spans = []
        line, at, width = Content(""), 0, self.size.width
        for index, hint in enumerate(self.hints):
            text = words((display(hint.key), f"{self.role} bold"), (f" {hint.label}", "muted"))
            gap = 3 if index else 0
            last = index == len(self.hints) - 1
            if at + gap + text.cell_length > width - (0 if last else 3):  # the sign that there is more always has its room
                return words(line, ("  …", "faint"))
            line = words(line, " " * gap, text)
            self._spans.append((at + gap, at + gap + text.cell_length, hint))
            at += gap + text.cell_length
        return line

    async def on_click(self, event: events.Click) -> None:
        """Do what the hint under the pointer says."""
        at = event.get_content_offset(self)
        for start, end, hint in self._spans:
            if at is not None and start <= at.x < end:
                if hint.action:
                    await self.screen.run_action(hint.action)
                elif (bound := self.screen.active_bindings.get(hint.key)) is not None and bound.enabled:
                    await self.app.run_action(bound.binding.action, bound.node)


_KEYS = {
    "ampersand": "&", "backslash": "\\",
    "enter": "⏎", "escape": "esc", "question_mark": "?", "slash": "/", "colon": ":", "minus": "-", "left_square_bracket": "[",
    "right_square_bracket": "]", "tab": "tab", "shift+tab": "⇧tab", "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip


def display(key: str) -> str:
    """Return how a key is written for a person: ctrl+d is ^d, F is ⇧f."""
    if key in _KEYS:
        return _KEYS[key]
    if key.startswith("ctrl+"):
        return f"^{display(key[5:])}"
    if key.startswith("shift+"):
        return f"⇧{display(key[6:])}"
    return f"⇧{key.lower()}" if len(key) == 1 and key.isupper() else key


def fit(text: str, width: int) -> str:
    """Return text cut to a width with an ellipsis, made safe first."""
    text = safe(text)
    if cell_len(text) <= width:
        return text
    text = text[: max(0, 4 * width)]  # safe text has three marks on a letter at most; cutting a long one letter by letter takes minutes
    while text and cell_len(text) > width - 1:
        text = text[:-1]
    return f"{text}…"
