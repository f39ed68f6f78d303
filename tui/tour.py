"""The tour: one minute over the real panes, a step at a time; a slim line above the foot, and never in the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widgets import Static

from widgets.bars import KeyBar, display
from widgets.words import words

if TYPE_CHECKING:
    from tui.bridge import Bridge

LOOK = 0.1  # seconds between two looks at whether the step was done
OFFER = "New here?"


Ways = Sequence[tuple[str, str, str]]
"""How to go on: of each way the key, the word, the action."""


class Scene(Struct, frozen=True):
    """Where a person was when a step began."""

    kind: str
    cursor: str
    view: str


class Step(Struct, frozen=True):
    """What to try, and how it is known that it was done."""

    title: str
    text: str
    done: Callable[[Bridge, Scene], bool]


def _in_front(cockpit: Bridge, name: str) -> bool:
    return any(base.__name__ == name for base in type(cockpit.screen).__mro__)


def _other_pane(cockpit: Bridge, scene: Scene) -> bool:
    return cockpit.browse.place.kind.id != scene.kind


def _moved(cockpit: Bridge, scene: Scene) -> bool:
    return cockpit.browse.table.cursor_key != scene.cursor


def _filtered(cockpit: Bridge, scene: Scene) -> bool:
    return bool(cockpit.browse.place.filter)


def _asked(cockpit: Bridge, scene: Scene) -> bool:
    return _in_front(cockpit, "Question")


def _helped(cockpit: Bridge, scene: Scene) -> bool:
    return _in_front(cockpit, "HelpScreen")


def _deeper(cockpit: Bridge, scene: Scene) -> bool:
    return cockpit.browse.place.origin is not None or _in_front(cockpit, "SingleScreen")


def _turned(cockpit: Bridge, scene: Scene) -> bool:
    return view_of(cockpit) != scene.view or cockpit.browse.has_class("-large")


def _logs(cockpit: Bridge, scene: Scene) -> bool:
    view = getattr(cockpit.screen, "view", None)
    return _in_front(cockpit, "SingleScreen") and getattr(view, "id", "") == "logs"


def _elsewhere(cockpit: Bridge, scene: Scene) -> bool:
    return cockpit.browse.place.kind.family == "local" or cockpit.screen.id in {"overview", "palette"}


STEPS = (
    Step("Panes", "The tabs are kinds of things. Tab goes to the next one, a click goes to any.", _other_pane),
    Step("Moving", "↓ or j goes down, ↑ or k up. The details of the row follow.", _moved),
    Step("Filter", "/ narrows the rows while you type, Enter keeps it, Esc shows all again.", _filtered),
    Step("Deeper", "Enter goes deeper: deployment, pods, containers, log. Esc comes back.", _deeper),
    Step("Details", "v turns the details: facts, YAML, events, stats. m makes them large, and small again.", _turned),
    Step("Logs", "l follows the log, where a row has one: containers, pods, services. Esc comes back.", _logs),
    Step("Verbs", "The foot shows what can be done. Whatever destroys asks first: try ^d, then Esc.", _asked),
    Step("Places", ":ctx lists clusters, :host Docker hosts. o is every engine at a glance, ^p finds anything.", _elsewhere),
    Step("Help", "? lists every key that works here. That was all; :tour takes it again.", _helped),
)


class TourBar(Horizontal):
    """The line of the tour on one screen: what to try, and at the right end, always in the same place, how to go on."""

    DEFAULT_CSS = """
    TourBar { height: auto; max-height: 4; padding: 0 1; background: $ph-panel; color: $ph-text; }
    TourBar > .said { width: 1fr; height: auto; }
    TourBar > Way { width: auto; height: 1; margin-left: 2; }
    TourBar > Way:hover { background: $ph-cursor; }
    """

    def __init__(self, said: Content, ways: Ways) -> None:
        super().__init__()
        self._said = (said, ways)

    def compose(self) -> ComposeResult:
        """Lay out the words and the ways on."""
        said, ways = self._said
        yield Static(said, classes="said")
        for key, label, action in ways:
            yield Way(key, label, action)

    def say(self, said: Content, ways: Ways) -> None:
        """Show other words."""
        for line in self.query(".said").results(Static):  # none while the bar is being taken away
            line.update(said)
        for way, now in zip(self.query(Way), ways, strict=False):
            way.say(*now)


class Way(Static):
    """One way on; a click takes it."""

    def __init__(self, key: str, label: str, action: str) -> None:
        super().__init__()
        self.say(key, label, action)

    def say(self, key: str, label: str, action: str) -> None:
        """Show another way."""
        self._action = action
        self.update(words((key, "accent bold"), (f" {label}", "muted")))

    async def on_click(self) -> None:
        """Take it."""
        await self.screen.run_action(self._action)


class Tour:
    """Offered (`at` is -1) or under way. It only looks: every key does what it always does, but T, which goes on."""

    def __init__(self, cockpit: Bridge, *, offer: bool) -> None:
        self.cockpit = cockpit
        self.at = -1 if offer else 0
        self.scene = scene_of(cockpit)
        self._last, self._on = Content(""), cockpit.screen
        self._timer: Timer = cockpit.browse.set_interval(LOOK, self.look)  # the screen's timers end before what they look at does
        self.look()

    def look(self) -> None:
        """Go on when the step was done; be on the screen in front."""
        now = scene_of(self.cockpit)
        other = now.kind != self.scene.kind
        if (other and self.at > 0) or (not other and not (self.scene.cursor and self.scene.view)):
            self.scene = now  # another pane, or rows that have just come: nothing that the person did to them
        if 0 <= self.at < len(STEPS) and STEPS[self.at].done(self.cockpit, self.scene):
            self.next()
            return
        self._show()

    def next(self) -> None:
        """Go on with the next step; behind the last one the tour is over."""
        self.at += 1
        self.scene = scene_of(self.cockpit)
        if self.at >= len(STEPS):
            self.end()
        else:
            self._show()

    def end(self) -> None:
        """Take the line away, and remember that this person has had the tour."""
        self._timer.stop()
        self.cockpit.comfort.memory.toured = True
        self.cockpit.browse.tour = None
        for screen in self.cockpit.screen_stack:
            screen.query(TourBar).remove()

    def _show(self) -> None:
        screen: Screen[object] = self.cockpit.screen
        if isinstance(screen, ModalScreen) or not screen.is_mounted or not screen.query(KeyBar):
            return
        bars, said = screen.query(TourBar), self._said()
        if self.at < 0 and screen is not self.cockpit.browse:
            return  # elsewhere Esc has another meaning
        if not bars:
            screen.mount(TourBar(said, self._ways()), before=screen.query("#prompt, KeyBar").first())
        elif not bars.first(TourBar).is_mounted:
            return
        elif not said.is_same(self._last) or screen is not self._on:
            bars.first(TourBar).say(said, self._ways())
        self._last, self._on = said, screen

    def _said(self) -> Content:
        if self.at < 0:
            return words(("▟█▙ ", "accent"), (OFFER, "text"))
        step = STEPS[self.at]
        count = f"{self.at + 1}/{len(STEPS)}"
        return words((f"{count} ", "faint"), (f"{step.title}  ", "accent bold"), (step.text, "text"))

    def _ways(self) -> Ways:
        go, end = (display((self.cockpit.comfort.keymap.get(name) or (key,))[0]) for name, key in (("tour", "T"), ("tour.end", "ctrl+t")))
        if self.at < 0:
            return (go, "a tour of one minute", "tour('next')"), ("esc", "not now", "tour('end')")
        return (go, "done" if self.at == len(STEPS) - 1 else "next", "tour('next')"), (end, "end", "tour('end')")


def scene_of(cockpit: Bridge) -> Scene:
    """Return where the person is now."""
    browse = cockpit.browse
    return Scene(browse.place.kind.id, browse.table.cursor_key, view_of(cockpit))


def view_of(cockpit: Bridge) -> str:
    """Return which view the details show."""
    details = cockpit.browse.details
    view = details.view if details.children else None
    return view.id if view is not None else ""


def begin(cockpit: Bridge, *, offer: bool = False) -> None:
    """Begin the tour, or offer it; one that is under way begins anew."""
    if (tour := cockpit.browse.tour) is not None:
        if offer:
            return
        tour.end()
    cockpit.browse.tour = Tour(cockpit, offer=offer)
