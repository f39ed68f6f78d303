"""Pilothouse, the app: it brings engines up and down, greets, and follows the settings; what it serves stands in bridge.py."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.driver import Driver

import themes
from tui.bridge import Bridge
from tui.comfort import Comfort
from tui.command import BadCommand, Go, parse
from tui.config import Config
from tui.engines.fleet import Fleet, fleet_of
from tui.facts import State, Tone
from tui.kinds import kind_of, kinds
from tui.model import Engine
from tui.rooms import enter
from tui.screens.browse import BrowseScreen
from tui.screens.keyed import Keyed
from tui.screens.place import Place
from tui.store import Store
from widgets.safe import install, safe

_SEVERITY: dict[Tone, Any] = {Tone.BROKEN: "error", Tone.STRAINED: "warning"}


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Pilothouse(Bridge):
    """The cockpit. `fleet` and `now` come in through the constructor, so that tests bring their own."""

    TITLE = "pilothouse"
    ENABLE_COMMAND_PALETTE = False
    ANIMATION_LEVEL = "none"
    CSS_PATH = Path(__file__).parent / "screens" / "browse.tcss"  # the screen's own would have every style sheet read twice
    CSS = """
    KeyBar { border-top: solid $ph-line; height: 2; }
    ToastRack { align: right bottom; }
    Toast { background: $ph-panel; color: $ph-text; padding: 0 1; width: auto; max-width: 80; }
    Tooltip { background: $ph-panel; color: $ph-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", "Quit", priority=True, id="quit", show=False)]

    def __init__(
        self,
        config: Config | None = None,
        *,
        fleet: Fleet | None = None,
        now: Callable[[], datetime] = utc_now,
        glow: bool = True,
        tour: bool = False,
    ) -> None:
        self.config = config or Config()
        self.now = now
        self.glow, self._offers_tour = glow, tour
        self.store = Store()
        self.fleet = fleet or fleet_of(self.config, now)
        self.fleet.changed = self._engine_changed
        self._known: dict[str, Engine] = {}
        self._greeted = False
        super().__init__()
        install(self)
        self.first_frame: Callable[[], None] = lambda: None  # called when the first screen is painted
        self.comfort = Comfort(self)
        theme = self.comfort.first_theme()
        self.register_theme(theme)
        self.set_reactive(Pilothouse.theme, theme.name)  # what watches it would read the style sheets once more
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the roles' colours for themes that do not know them."""
        return themes.defaults(self.current_theme)

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that outlives its terminal."""
        if sys.platform == "win32":
            return super().get_driver_class()
        from widgets.terminal import Terminal

        return Terminal

    def get_default_screen(self) -> BrowseScreen:
        """Return the one screen that is always there, at the first pane."""
        return BrowseScreen(self, *self._first_place())

    def on_mount(self) -> None:
        """Engines come up after the first frame."""
        self.call_after_refresh(self._bring_up)

    def _first_place(self) -> tuple[Place, str | None]:
        """Return where to begin, and the namespace that was asked for, if one was."""
        if self.config.view:
            try:
                asked = parse(self.config.view, kinds(), "docker")  # where the bar begins
            except BadCommand as error:
                self.call_after_refresh(self.tell, str(error), Tone.STRAINED)
            else:
                if isinstance(asked, Go):
                    namespace = self.config.namespace if asked.namespace is None else asked.namespace
                    return Place(asked.kind, namespace or "", asked.filter), namespace
            return Place(kind_of("docker/containers")), self.config.namespace
        return self.comfort.first_place()

    def _bring_up(self) -> None:
        self.first_frame()
        self.run_worker(self._start(), group="engines", exit_on_error=False)

    async def _start(self) -> None:
        """Read in what the first frame did not need, then bring the engines up."""
        await asyncio.to_thread(kinds)
        await self.comfort.start()
        from tui.kinds.kubernetes.common import use_clock

        use_clock(self.now)
        await self.fleet.start()

    def _engine_changed(self, family: str) -> None:
        engine, known = self.fleet.engines.get(family), self._known.get(family)
        replaced = engine is not None and known is not engine
        if engine is not None:
            self._known[family] = engine
        if replaced and known is not None:
            self.store.drop_engine(known.id)
        if any(isinstance(screen, BrowseScreen) for screen in self.screen_stack):
            if engine is not None:
                self.comfort.engine_came(engine)
            self.browse.engine_changed(family, replaced, known is None)
            self.comfort.go_where_something_is()
            self._greet()

    def settings_changed(self) -> None:
        """Let keys, the top line and the foot follow the settings of now."""
        for screen in self.screen_stack:
            if isinstance(screen, Keyed):
                screen.settings_changed()

    def _greet(self) -> None:
        """Show the start while no engine has answered yet, and take it away when one has."""
        states = [engine.health.state for family in ("docker", "kubernetes") if (engine := self.fleet.engines.get(family))]
        if State.LIVE in states:
            self._greeted = True
            for screen in self.screen_stack:
                if screen.id == "start":
                    screen.dismiss()
            if self._offers_tour and not self.comfort.memory.toured:
                enter(self, "offer")
            return
        told = len(states) + len({"docker", "kubernetes"} & self.fleet.absent.keys()) == 2
        if told and not self._greeted and State.CONNECTING not in states and self.screen is self.browse:
            from tui.screens.start import StartScreen

            self._greeted = True
            self.push_screen(StartScreen(self))

    def _fatal_error(self) -> None:
        """Leave with a plain traceback: textual's own prints every local variable, tokens and passwords among them."""
        self.bell()
        self._exit_renderables.append(Text(safe(traceback.format_exc(), lines=True)))
        self._close_messages_no_wait()

    async def action_simulate_key(self, key: str) -> None:
        """Refuse: text from outside must never press keys."""

    async def on_unmount(self) -> None:
        """Write down what is to be remembered; close the watches and the engines."""
        self.comfort.close()
        await self.store.close()
        await self.fleet.close()
