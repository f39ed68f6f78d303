"""Pilothouse, the app: engines up and down, themes, and what actions and views ask of it."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import ModalScreen

import themes
from tui.comfort import Comfort
from tui.command import BadCommand, Enter, Go, Help, Quit, Switch, Theme, parse
from tui.config import Config
from tui.engines.fleet import Fleet, fleet_of
from tui.facts import EngineError, Ref, State, Tone, Unreachable
from tui.kinds import kind_of, kinds
from tui.model import Action, Engine, Kind, T, Target, View
from tui.rooms import enter
from tui.screens.browse import BrowseScreen
from tui.screens.keyed import Keyed
from tui.screens.place import Place
from tui.store import Store
from widgets.answer import Answers
from widgets.safe import install, safe

DEMO = -1  # the return code that asks for the demo
_SEVERITY: dict[Tone, Any] = {Tone.BROKEN: "error", Tone.STRAINED: "warning"}


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Pilothouse(App[None]):
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
        self._keys: deque[events.Key] = deque()
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

    @property
    def browse(self) -> BrowseScreen:
        """Return the browse screen, wherever a person is now."""
        return next(screen for screen in self.screen_stack if isinstance(screen, BrowseScreen))

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

    def leave_for_the_demo(self) -> None:
        """End, and let the program begin anew in its embedded world."""
        self.exit(None, DEMO)

    # ---- what actions and views ask (tui.model.Host) -----------------------------------------------------------------

    @property
    def read_only(self) -> bool:
        """Tell whether every write to the engine at hand is refused."""
        spot = self.comfort.spot(self.browse.place.kind.family)
        return self.config.read_only or self.fleet.gate.read_only or spot.read_only

    def protected(self, engine: str) -> bool:
        """Tell whether the settings protect the engine with this id: the gravest verbs are typed out."""
        return self.comfort.spot_of(engine).protected

    @property
    def folder(self) -> Path:
        """Return the folder for files that the program keeps or saves."""
        return self.config.state_folder

    async def ask(self, dialog: Answers[T]) -> T | None:
        """Show a dialog and return the answer, or None when it was left."""
        assert isinstance(dialog, ModalScreen)
        family = self.browse.place.kind.family
        dialog.add_class(f"-{family}")
        dialog.set_class(self.comfort.spot(family).protected, "-protected")
        answer: T | None = await self.push_screen_wait(dialog)
        return answer

    def tell(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Say something in passing."""
        self.notify(safe(text, lines=True), severity=_SEVERITY.get(tone, "information"), markup=False, timeout=6)

    def show(self, kind: str, *, namespace: str | None = None, filter: str = "") -> None:  # noqa: A002
        """Go to a kind."""
        browse = self.browse
        browse.go(browse.place_for(kinds()[kind], namespace, filter))

    def jump(self, kind_id: str, namespace: str, name: str) -> None:
        """Go to an object by kind and name."""
        self.browse.action_jump(kind_id, namespace, name)

    def open(self, view: View, target: Target) -> None:
        """Open a view about one object over the whole screen."""
        from tui.screens.single import SingleScreen

        self.push_screen(SingleScreen(self, view, target))

    def engine(self, ref: Ref) -> Engine:
        """Return the engine an object lives in; raises Unreachable when that engine is gone."""
        for engine in self.fleet.engines.values():
            if engine.id == ref.engine:
                return engine
        raise Unreachable(f"{ref.engine} is no longer connected; nothing was sent")

    def family(self, name: str) -> Engine | None:
        """Return the engine now in use for a family, or None."""
        return self.fleet.engines.get(name)

    async def switch(self, family: str, context: str) -> None:
        """Use another kube context or docker host from now on."""
        try:
            await self.fleet.use(family, context)
        except EngineError as error:
            self.tell(str(error), Tone.BROKEN)
            return
        self.show("kubernetes/pods" if family == "kubernetes" else "docker/containers")

    def copy(self, text: str) -> None:
        """Put text on the clipboard, made safe, and say so."""
        clean = safe(text, lines=True)
        self.copy_to_clipboard(clean)
        self.tell(f"copied {clean}" if len(clean) < 60 and "\n" not in clean else f"copied {len(clean)} characters")

    async def on_event(self, event: events.Event) -> None:
        """Take keys one by one: what was typed behind Enter waits until it is known where the line leads."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self._keys.append(event)
        await self.on_prompt_line_decided()

    async def on_prompt_line_decided(self) -> None:
        """Hand on the keys that have come, up to one that enters a line."""
        while self._keys and not getattr(self.focused, "undecided", False):
            key = self._keys.popleft()
            enter = getattr(self.focused, "enter", None)
            if enter is not None and key.key in {"enter", "ctrl+e"}:
                enter()
            await super().on_event(key)

    # ---- what screens ask --------------------------------------------------------------------------------------------

    def act(self, verb: Action, targets: Sequence[Target]) -> None:
        """Run a verb in the background; what goes wrong is told."""
        self.run_worker(self._act(verb, targets), group="actions", name=verb.id, exit_on_error=False)

    async def _act(self, verb: Action, targets: Sequence[Target]) -> None:
        try:
            await verb.run(self, targets)
        except EngineError as error:
            self.tell(str(error), Tone.BROKEN)
        except Exception as error:  # the edge: a fault in one verb must not end the program
            self.tell(f"{verb.label} failed by a fault of the program: {type(error).__name__}: {error}", Tone.BROKEN)

    def command(self, text: str) -> bool:
        """Do what a typed line asks; False (and the reason told) when it cannot be read."""
        browse = self.browse
        try:
            asked = parse(text, kinds(), browse.place.kind.family)
        except BadCommand as error:
            browse.prompt.fault(str(error))
            return False
        match asked:
            case Quit():
                self.exit()
            case Help():
                self.show_help(browse.place.kind)
            case Enter(room):
                enter(self, room)
            case Theme(name):
                self.comfort.choose_theme(name)
            case Switch("namespace", name):
                browse.use_namespace("" if name == "all" else name)
            case Switch(family, name):
                self.run_worker(self.switch(family, name), group="switch", exclusive=True)
            case Go(kind, namespace, narrowed, context):
                if context is not None:
                    self.run_worker(self._switch_and_go(asked), group="switch", exclusive=True)
                else:
                    browse.go(browse.place_for(kind, namespace, narrowed))
        return True

    async def _switch_and_go(self, asked: Go) -> None:
        assert asked.context is not None
        await self.switch("kubernetes", asked.context)
        self.show(asked.kind.id, namespace=asked.namespace, filter=asked.filter)

    def show_help(self, kind: Kind) -> None:
        """Show every key that works on the screen in front."""
        from tui.screens.help import HelpScreen

        groups: dict[str, list[tuple[str, str, str]]] = {}
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.action in seen or binding.action in _TEXTUAL or not active.enabled:
                continue
            seen.add(binding.action)
            title = kind.title if binding.action.startswith(("verb", "open_view")) else type(active.node).__name__
            keys = ",".join(key for key, other in self.screen.active_bindings.items() if other.binding.action == binding.action)
            groups.setdefault(_GROUPS.get(title, title), []).append((keys, binding.description, binding.tooltip))
        verbs = [*(verb.label for verb in kind.actions), *(view.title for view in kind.views)]
        groups.get(kind.title, []).sort(key=lambda row: verbs.index(row[1]) if row[1] in verbs else len(verbs))
        order = sorted(groups.items(), key=lambda item: 0 if item[0] == kind.title else 1)
        self.push_screen(HelpScreen(kind, order))

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


_TEXTUAL = {"screen.copy_text", "page_left", "page_right"}  # keys that textual gives every screen, and that nobody looks for
_GROUPS = {"BrowseScreen": "Moves", "SingleScreen": "Moves", "LiveTable": "Table", "Pilothouse": "Program"}
