"""The overview: a screen to leave open: every engine at a glance, what is wrong and why, rollouts, hot containers, warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.getters import query_one
from textual.strip import Strip
from textual.timer import Timer

from tui.kinds import kinds
from tui.screens import status
from tui.screens.keyed import Keyed
from tui.screens.pulse import Pulse
from tui.screens.pulse_lines import Page, page
from widgets.bars import Hint, KeyBar, TopBar
from widgets.frame import bare
from widgets.ledger import Ledger
from widgets.words import words

if TYPE_CHECKING:
    from tui.bridge import Bridge

REST = 0.4  # seconds between news and the lines that tell it: it is for the eye, not for the hand
TICK = 2.0  # seconds between two looks at what time alone changes
TURNS = 5  # ticks between two judgings of the same objects


class OverviewScreen(Keyed):
    """Lives from the same watches as the panes, and lets go of them when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o", "leave", "Back", tooltip="Back to the panes.", id="overview.back"),
        Binding("question_mark", "help", "Help", tooltip="Every key that works here.", id="overview.help"),
        Binding("colon", "command", "Go", tooltip="Back to the panes, to type where to go.", id="overview.go"),
    ]
    DEFAULT_CSS = """
    OverviewScreen { background: $ph-ground; color: $ph-text; }
    OverviewScreen Ledger { height: 1fr; padding: 0; }
    """
    ledger = query_one(Ledger)

    def __init__(self, cockpit: Bridge) -> None:
        super().__init__(id="overview")
        self.cockpit = cockpit
        self.pulse = Pulse(cockpit.store, self._changed)
        self.opened: frozenset[str] = frozenset()
        self._page = Page()
        self._soon: Timer | None = None
        self._ticks = 0

    def compose(self) -> ComposeResult:
        """Lay out the lines between the top and the keys."""
        yield TopBar(id="top")
        yield Ledger(id="ledger")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Begin to look."""
        self.settings_changed()
        self.ledger.focus()
        self.set_interval(TICK, self._tick)
        self._tick()

    def settings_changed(self) -> None:
        """Take the keys of now."""
        self.keymap = self.cockpit.comfort.keymap
        hints = (
            Hint("enter", "go there", ""),
            Hint("escape", "back", "leave"),
            Hint("colon", "go", "command"),
            Hint("question_mark", "help", "help"),
        )
        self.query_one(KeyBar).hints = self.with_keys(hints)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return bare lines: everything is covered."""
        return bare(crop, self)

    def on_unmount(self) -> None:
        """Look no more."""
        self.pulse.leave()

    # ---- keeping it true ---------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._ticks += 1
        self.pulse.look(self.cockpit.fleet.engines, self.cockpit.browse.current_namespace)
        self.pulse.measure()
        if self._ticks % TURNS == 0:
            self.pulse.again()
        self._changed()

    def _changed(self) -> None:
        if self._soon is None and self.stands:
            self._soon = self.set_timer(REST, self.draw)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the lines anew."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Say what is known now; lines that say the same are not painted again."""
        self._soon = None
        if not self.stands:
            return
        fleet, ledger = self.cockpit.fleet, self.ledger
        size = (max(20, ledger.size.width - 2), ledger.size.height)
        self._page = page(self.pulse, fleet.engines, fleet.absent, self.cockpit.now(), size, self.opened)
        ledger.show(self._page.entries)
        wrong = len(self.pulse.problems())
        left = words(("▟█▙ ", "accent"), ("overview", "name bold"), (f"   {wrong} wrong" if wrong else "", "broken"))
        demo = words((" DEMO ", "name bold on match"), "   ") if self.cockpit.config.demo else ""
        healths = [self.pulse.health(family) for family in status.FAMILIES if family in fleet.engines]
        worst = max(healths, key=lambda one: status.glyph(one.state) != ("●", "well"), default=None)
        right = words(
            demo,
            ("read-only   " if self.cockpit.read_only else "", "strained"),
            status.freshness(worst, self.cockpit.now()) if worst else "",
        )
        self.query_one(TopBar).say(left, right)

    # ---- keys --------------------------------------------------------------------------------------------------------

    @on(Ledger.Opened)
    def _opened(self, event: Ledger.Opened) -> None:
        kind_id, namespace, name = self._page.ways.get(event.key, ("", "", ""))
        if kind_id == "more":
            self.opened |= {namespace}
            self.draw()
        elif kind_id in kinds() and self.is_active:
            self.dismiss()
            if name:
                self.cockpit.jump(kind_id, namespace, name)
            else:
                self.cockpit.show(kind_id)

    def action_leave(self) -> None:
        """Go back to the panes."""
        self.dismiss()

    def action_command(self) -> None:
        """Go back to the panes and type where to go."""
        self.dismiss()
        self.cockpit.browse.action_command()

    def action_help(self) -> None:
        """Show every key that works here."""
        self.cockpit.show_help(self.cockpit.browse.place.kind)
