"""LogPane: the tail of a log in a ring of bounded size; a line is parsed when it is drawn, and never before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import ClassVar, NamedTuple, Protocol

from rich.color import Color as RichColor
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip

from widgets._lines import LONGEST, Lines, paint_matches
from widgets.safe import ansi_line, safe

RING_LINES = 100_000
RING_CHARACTERS = 64_000_000

_SGR = re.compile(r"\x1b\[[0-9;:]*m")
_SEVERITY = re.compile(
    r"\b(?P<broken>FATAL|ERROR|CRITICAL|PANIC|SEVERE|EMERG)\b|\b(?P<strained>WARN|WARNING)\b"
    r"|\b(?:level|severity|lvl)\W{1,4}(?:(?P<bad>fatal|error|err|critical|panic)|(?P<poor>warn|warning))\b"
    r"|^(?:(?P<klog>[EF])|(?P<klogw>W))\d{4} \d\d:"
)
_SIXTEEN = ("faint", "broken", "well", "strained", "docker", "kubernetes", "swarm", "text") * 2
_SOURCES = ("docker", "swarm", "kubernetes", "local", "strained", "well")


class LogLike(Protocol):
    """A line of a log. `stamp`: RFC 3339, or ""; `stream`: stdout or stderr; `source`: who said it, where several do."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def stamp(self) -> str: ...  # noqa: D102
    @property
    def stream(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102


class _Rule(NamedTuple):
    """A line that the person drew across the log."""

    text: str
    stamp: str = ""
    stream: str = "rule"
    source: str = ""


def severity(text: str) -> str:
    """Return the tone of a log line by the level it names near its beginning: broken, strained or plain."""
    match = _SEVERITY.search(text[:200])
    if match is None:
        return "plain"
    return "broken" if match["broken"] or match["bad"] or match["klog"] else "strained"


class LogPane(Lines):
    """The tail of a log. It follows the end until the person scrolls up, and again from the end on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "toggle_follow", "Follow", show=False, id="logs.follow", tooltip="Follow the end of the log, or stay"),
        Binding("t", "toggle_stamps", "Times", show=False, id="logs.times", tooltip="Show the time of each line, or not"),
        Binding("m", "mark", "Mark", show=False, id="logs.mark", tooltip="Draw a line across the log here"),
        Binding("ctrl+l", "clear", "Clear", show=False, id="logs.clear", tooltip="Forget the lines so far"),
    ]
    following = reactive(True)
    stamps = reactive(False)

    def __init__(
        self,
        *,
        limit: int = RING_LINES,
        characters: int = RING_CHARACTERS,
        now: Callable[[], datetime] | None = None,
        wrap: bool = False,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(wrap=wrap, name=name, id=id, classes=classes)
        self.limit, self.characters = limit, characters
        self._now = now or (lambda: datetime.now(UTC))
        self._all: list[LogLike] = []
        self._lines = self._all  # those shown: what `only` lets through, or all
        self._held = 0
        self._sources: dict[str, str] = {}
        self._only: re.Pattern[str] | None = None
        self._inverted = False
        self.dropped = 0
        self._message = ""

    # ---- lines ------------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Return the number of lines shown."""
        return len(self._lines)

    @property
    def total(self) -> int:
        """Return the number of lines held, those that the filter hides included."""
        return len(self._all)

    def extend(self, lines: Sequence[LogLike]) -> None:
        """Add lines at the end; the oldest go when the ring is full."""
        if len(lines) > self.limit:
            self.dropped += len(lines) - self.limit
            lines = lines[-self.limit :]
        self._all.extend(lines)
        self._held += sum(len(line.text) for line in lines)
        for line in lines:
            if line.source and line.source not in self._sources:
                self._sources[line.source] = _SOURCES[len(self._sources) % len(_SOURCES)]
        page_was_full = self.count > self.page
        if self._lines is not self._all:
            self._lines.extend(self._let_through(lines))
        self._follow_on(self._trim(), page_was_full)

    def _trim(self) -> int:
        """Drop the oldest lines over the limits; return how many of those shown that were."""
        drop = max(0, len(self._all) - self.limit)
        size = self._held - sum(len(line.text) for line in self._all[:drop])
        while size > self.characters and drop < len(self._all) - 1:
            size -= len(self._all[drop].text)
            drop += 1
        if not drop:
            return 0
        gone, self._held = self._all[:drop], size
        del self._all[:drop]
        self.dropped += drop
        if self._lines is self._all:
            return drop
        shown = len(self._let_through(gone))
        del self._lines[:shown]
        return shown

    def _follow_on(self, trimmed: int, page_was_full: bool) -> None:
        top = self.top
        if trimmed:
            self._bodies.clear()
            self._found = max(-1, self._found - trimmed)
        self.lines_changed()
        if self.following:
            self.scroll_lines(self.bottom())
        elif trimmed:
            with self.prevent():
                self.scroll_lines(top - trimmed)
        if self.following or trimmed or not page_was_full:
            self.refresh()
        self.post_message(self.Changed(self))

    def clear(self) -> None:
        """Forget every line."""
        self._all.clear()
        self._lines.clear()
        self._held = self.dropped = 0
        self._found = -1
        self._left = 0
        self.following = True
        self.lines_changed()
        self.forget_drawn()
        self.post_message(self.Changed(self))

    def only(self, pattern: str | None) -> None:
        """Show only lines that match a regular expression (a leading `!`: that do not); None or "" shows all.

        What is no regular expression is taken as it stands. Case matters only where the pattern has a capital letter.
        """
        self._inverted = bool(pattern) and pattern is not None and pattern.startswith("!") and len(pattern) > 1
        text = (pattern or "")[1:] if self._inverted else pattern or ""
        flags = 0 if text != text.lower() else re.IGNORECASE
        try:
            self._only = re.compile(text, flags) if text else None
        except re.error:
            self._only = re.compile(re.escape(text), flags)
        self._lines = self._all if self._only is None else self._let_through(self._all)
        self._found = -1
        self.lines_changed()
        self.scroll_lines(self.bottom() if self.following else self.top)
        self.forget_drawn()
        self.post_message(self.Changed(self))

    def _let_through(self, lines: Sequence[LogLike]) -> list[LogLike]:
        if self._only is None:
            return list(lines)
        search, inverted = self._only.search, self._inverted
        return [line for line in lines if line.stream == "rule" or (search(_plain(line.text)) is None) is inverted]

    def text(self, raw: bool = False) -> str:
        """Return the lines shown, for a file: made safe and without colours, or `raw` as they came."""
        lines = []
        for line in self._lines:
            said = line.text if raw else safe(_plain(line.text).rstrip("\r\n"), lines=True)
            head = " ".join(part if raw else safe(part) for part in (line.stamp if self.stamps else "", line.source) if part)
            lines.append(f"{head} {said}" if head else said)
        return "\n".join(lines) + "\n" if lines else ""

    def set_message(self, text: str) -> None:
        """Say this while there is no line; may come from outside."""
        self._message = text
        self.refresh()

    @property
    def status(self) -> str:
        """Return what the pane is doing, in a few words: `12,345 lines, following, wrap`."""
        parts = [f"{self.count:,} of {self.total:,} lines" if self._lines is not self._all else f"{self.total:,} lines"]
        if self.dropped:
            parts.append(f"{self.dropped:,} older dropped")
        parts.append("following" if self.following else "paused")
        if self.wrap:
            parts.append("wrap")
        if self.stamps:
            parts.append("times")
        return ", ".join(parts)

    # ---- drawing ----------------------------------------------------------------------------------------------------

    def plain_line(self, n: int) -> str:
        """Return the text of a line that a search looks at."""
        return _plain(self._lines[n].text)

    def lead_line(self, n: int) -> Strip:
        """Return the mark of standard error, the time and the source of a line."""
        line, style = self._lines[n], self.tints.style
        if line.stream == "rule":
            return Strip([])
        mark = "▎" if n == self._found else "╎" if line.stream == "stderr" else " "
        segments = [Segment(mark, style("accent" if n == self._found else "broken"))]
        if self.stamps and line.stamp:
            segments.append(Segment(safe(line.stamp[:19].replace("T", " ")) + " ", style("faint")))
        if len(self._sources) > 1 and line.source:
            segments.append(Segment(safe(line.source[:60]) + " ", style(self._sources.get(line.source, "muted"))))
        return Strip(segments)

    def body_line(self, n: int) -> Strip:
        """Return a line in its own colours, or in that of its severity."""
        line, style = self._lines[n], self.tints.style
        if line.stream == "rule":
            return Strip([Segment(f"── {line.text} " + "─" * max(0, self.size.width - len(line.text) - 4), style("accent"))])
        text = line.text.rstrip("\r\n")
        cut = f" … {len(text):,} characters" if len(text) > LONGEST else ""
        pieces = ansi_line(text[:LONGEST] if cut else text, self._sixteen())
        has_own = any(piece_style for _, piece_style in pieces)
        base = style("text" if has_own else severity(text))
        match = self.tints.style("name", "match", True)
        segments = paint_matches([(piece, base + own) for piece, own in pieces], self.pattern, match)
        return Strip([*segments, Segment(cut, style("faint"))] if cut else segments)

    def _sixteen(self) -> list[RichColor | None]:
        return [self.tints.style(role).color for role in _SIXTEEN]

    def draw_line(self, y: int) -> Strip:
        """Return row `y` of the pane."""
        if not self.count and y == self.page // 2 and self._message:
            style = self.tints.style("muted")
            text = safe(self._message)
            left = max(0, (self.size.width - len(text)) // 2)
            return Strip([Segment(" " * left, style), Segment(text, style)]).adjust_cell_length(self.size.width, style)
        return super().draw_line(y)

    # ---- following --------------------------------------------------------------------------------------------------

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Stop following when the person scrolls up, and follow again at the end."""
        super().watch_scroll_y(old_value, new_value)
        if round(new_value) != round(old_value):
            self.following = round(new_value) >= self.bottom()

    def watch_following(self, following: bool) -> None:
        """Go to the end."""
        if following:
            self.scroll_lines(self.bottom())
        self.post_message(self.Changed(self))

    def watch_stamps(self) -> None:
        """Show the times, or not."""
        self.lines_changed()
        if self.following:
            self.scroll_lines(self.bottom())
        self.forget_drawn()
        self.post_message(self.Changed(self))

    def _seek(self, step: int) -> bool:
        self.following = False
        return super()._seek(step)

    def action_last(self) -> None:
        """Go to the end and follow it."""
        self.following = True
        super().action_last()

    def action_toggle_follow(self) -> None:
        """Follow the end of the log, or stay."""
        self.following = not self.following

    def action_toggle_stamps(self) -> None:
        """Show the times, or not."""
        self.stamps = not self.stamps

    def action_mark(self) -> None:
        """Draw a line across the log behind the last line so far."""
        self.extend([_Rule(self._now().strftime("%H:%M:%S"))])

    def action_clear(self) -> None:
        """Forget the lines so far."""
        self.clear()


def _plain(text: str) -> str:
    return _SGR.sub("", text) if "\x1b" in text else text
