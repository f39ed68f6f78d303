"""The bridge: what actions, views and screens ask of the app, and what is typed at it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.screen import ModalScreen

from tui.comfort import Comfort
from tui.command import BadCommand, Enter, Go, Help, Quit, Switch, Theme, parse
from tui.config import Config
from tui.engines.fleet import Fleet
from tui.facts import EngineError, Ref, Tone, Unreachable
from tui.kinds import kinds
from tui.model import Action, Engine, Kind, T, Target, View
from tui.rooms import enter
from tui.screens.browse import BrowseScreen
from tui.store import Store
from widgets.answer import Answers
from widgets.safe import safe

DEMO = -1  # the return code that asks for the demo
_SEVERITY: dict[Tone, Any] = {Tone.BROKEN: "error", Tone.STRAINED: "warning"}


class Bridge(App[None]):
    """The half of the app that serves; the other half (`tui.app`) brings itself up and down."""

    config: Config
    now: Callable[[], datetime]
    store: Store
    fleet: Fleet
    comfort: Comfort
    glow: bool

    def __init__(self) -> None:
        self._keys: deque[events.Key] = deque()
        super().__init__()

    @property
    def browse(self) -> BrowseScreen:
        """Return the browse screen, wherever a person is now."""
        return next(screen for screen in self.screen_stack if isinstance(screen, BrowseScreen))

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

    async def edit(self, text: str, name: str) -> str:
        """Hand the terminal to the person's editor; the engines live on meanwhile."""
        from tui.editor import edited

        return await edited(self, os.environ, text, name)

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

    def leave_for_the_demo(self) -> None:
        """End, and let the program begin anew in its embedded world."""
        self.exit(None, DEMO)

    def show_help(self, kind: Kind) -> None:
        """Show every key that works on the screen in front."""
        from tui.screens.help import HelpScreen, groups

        self.push_screen(HelpScreen(kind, groups(self.screen, kind)))
