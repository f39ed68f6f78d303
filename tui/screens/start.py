"""The start: no engine answers; where each was looked for, why it failed, what to do, and the ways on."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from tui.engines.findings import Finding, look_around, sentence
from tui.facts import State
from widgets.bars import Hint, KeyBar, display
from widgets.steady import Steady
from widgets.words import words

if TYPE_CHECKING:
    from tui.bridge import Bridge

AGAIN = 5.0  # seconds between two looks around
LOW = 24  # rows below which the ways on stand in one line
WAYS = (
    (Hint("d", "demo", "demo"), "look around in a world inside the program"),
    (Hint("h", "host", "host"), "name a Docker host: unix://, tcp:// or ssh://"),
    (Hint("k", "kubeconfig", "kubeconfig"), "name a kubeconfig file"),
    (Hint("r", "again", "again"), "look again now (it is done every 5 seconds)"),
    (Hint("escape", "panes", "leave"), "go to the panes; each says the same of its engine"),
    (Hint("q", "quit", "app.quit"), "leave the program"),
)


class Way(Static):
    """One way on: its key, its name, what it does; a click anywhere on the line takes it."""

    DEFAULT_CSS = """
    Way { height: 1; width: 1fr; }
    Way:hover { background: $ph-cursor; }
    """

    def __init__(self, hint: Hint, about: str) -> None:
        line = words((f"{display(hint.key):>5}  ", "accent bold"), (f"{hint.label:<12}", "name"), (about, "muted"))
        super().__init__(line, name=hint.action)

    async def on_click(self) -> None:
        """Take it."""
        await self.screen.run_action(self.name or "")


class StartScreen(Steady[None], ModalScreen[None]):
    """The findings, kept fresh, and the ways on. The app takes it away when an engine answers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "demo", "Demo", show=False, id="start.demo"),
        Binding("h", "host", "Host", show=False, id="start.host"),
        Binding("k", "kubeconfig", "Kubeconfig", show=False, id="start.kubeconfig"),
        Binding("r", "again", "Again", show=False, id="start.again"),
        Binding("escape", "leave", "Panes", show=False, id="start.leave"),
        Binding("q", "app.quit", "Quit", show=False, id="start.quit"),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("down", "scroll(1)", "Down", show=False),
    ]
    DEFAULT_CSS = """
    StartScreen { align: center middle; background: $ph-ground; }
    StartScreen > Vertical { width: 100; max-width: 96%; height: auto; background: $ph-ground; }
    StartScreen VerticalScroll { height: auto; scrollbar-size-vertical: 1; background: $ph-ground; }
    StartScreen #head, StartScreen #found { height: auto; background: $ph-ground; }
    StartScreen #head { margin-bottom: 1; }
    StartScreen #ways { height: auto; background: $ph-ground; }
    StartScreen KeyBar, StartScreen.-low #ways { display: none; }
    StartScreen.-low { align: center top; }
    StartScreen.-low > Vertical { height: 1fr; }
    StartScreen.-low VerticalScroll { height: 1fr; }
    StartScreen.-low KeyBar { display: block; padding: 0; }
    """

    def __init__(self, cockpit: Bridge) -> None:
        super().__init__(id="start")
        self.cockpit = cockpit
        self.found: Sequence[Finding] = ()
        self._tick: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out what was found above the ways on."""
        with Vertical():
            yield Static("", id="head")
            with VerticalScroll(can_focus=False):
                yield Static("", id="found")
            with Vertical(id="ways"):
                for hint, about in WAYS:
                    yield Way(hint, about)
            yield KeyBar()

    def on_mount(self) -> None:
        """Look around, now and then again."""
        head = words(("▟█▙ ", "accent"), ("pilothouse", "name bold"), ("   no engine answers yet", "strained"))
        self.query_one("#head", Static).update(head)
        self.query_one(KeyBar).hints = tuple(sorted((hint for hint, _ in WAYS), key=lambda hint: hint.action == "again"))
        self._tick = self.set_interval(AGAIN, self.action_again)
        self._draw()
        self.action_again()

    def on_screen_resume(self) -> None:
        """Leave if an engine has answered while a question stood in front."""
        if any(one.health.state is State.LIVE for family, one in self.cockpit.fleet.engines.items() if family in {"docker", "kubernetes"}):
            self.dismiss()

    def on_resize(self) -> None:
        """Fold the lines anew; the ways on are always there, what was found scrolls above them."""
        self.set_class(self.size.height < LOW, "-low")
        self.query_one(VerticalScroll).styles.max_height = max(3, self.size.height - (4 if self.size.height < LOW else len(WAYS) + 3))
        self._draw()

    def action_scroll(self, lines: int) -> None:
        """Scroll what was found."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_again(self) -> None:
        """Look around."""
        self.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        self.found = await look_around(self.cockpit.fleet)
        if any(one.answers and one.chosen for one in self.found):
            await self.cockpit.fleet.again()  # and then the app takes this screen away
        if self.stands:
            self._draw()

    def _draw(self) -> None:
        width = max(30, min(100, int(self.size.width * 0.96)) - 2)
        self.query_one("#found", Static).update(Content("\n").join(_lines(self.found, width)))

    # ---- the ways on -------------------------------------------------------------------------------------------------

    def action_demo(self) -> None:
        """Leave for the world inside."""
        self.cockpit.leave_for_the_demo()

    def action_host(self) -> None:
        """Ask for a Docker host and use it."""
        self.run_worker(self._host(), group="ask", exclusive=True, exit_on_error=False)

    async def _host(self) -> None:
        from widgets.dialogs import Ask

        hint = [words(("unix:///path/docker.sock, tcp://host:2376 or ssh://user@host", "muted"))]
        host = await self.app.push_screen_wait(Ask("Docker host", hint, "Use it", check=lambda text: "" if text else "a host is wanted"))
        if host:
            await self.cockpit.fleet.aim(host=host)
            self.action_again()

    def action_kubeconfig(self) -> None:
        """Ask for a kubeconfig file and use it."""
        self.run_worker(self._kubeconfig(), group="ask", exclusive=True, exit_on_error=False)

    async def _kubeconfig(self) -> None:
        from widgets.dialogs import Ask

        hint = [words(("The only kubeconfig file to read from now on; it is never written", "muted"))]
        file = await self.app.push_screen_wait(Ask("Kubeconfig", hint, "Use it", check=_no_file))
        if file:
            await self.cockpit.fleet.aim(kubeconfig=_path(file))
            self.action_again()

    def action_leave(self) -> None:
        """Go to the panes."""
        self.dismiss()


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _no_file(text: str) -> str:
    return "" if text and _path(text).is_file() else "there is no such file"


def _lines(found: Sequence[Finding], width: int) -> list[Content]:
    if not found:
        return [words(("looking around …", "faint"))]
    lines: list[Content] = []
    for family in ("docker", "kubernetes"):
        lines.append(words((family.upper(), f"{family} dim")))
        for one in (one for one in found if one.family == family):
            tone = "well" if one.answers else "broken" if one.chosen else "muted"
            lines.append(words((f"  {'●' if one.answers else '✖'} ", tone), (one.place, "text"), (f"   {one.source}", "faint")))
            for text, role in ((sentence(one.said), "text" if one.chosen else "muted"), (one.advice, "muted")):
                lines += [words((f"      {part}", role)) for part in textwrap.wrap(text, width - 6)]
        lines.append(words(""))
    return lines
