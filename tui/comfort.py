"""Comfort: what makes the cockpit a person's own: their settings file, held live; the theme; what is remembered between starts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from textual.theme import Theme

import themes
from tui import memory
from tui.facts import State, Tone
from tui.kinds import kind_of
from tui.memory import Memory
from tui.screens.place import Place
from tui.settings import Problem, Settings, Spot
from widgets.colourless import Colourless

if TYPE_CHECKING:
    from tui.app import Pilothouse
    from tui.config import Config
    from tui.model import Engine, Kind
    from tui.screens.live import LiveScreen

POLL = 2.0  # seconds between two looks at the settings file, and at what there is to remember
SAID = 5  # problems that a notice spells out
PANES = {"docker": "docker/containers", "kubernetes": "kubernetes/pods"}


class Comfort:
    """Reads the memory at once, and the settings after the first frame; the command line wins over both."""

    def __init__(self, app: Pilothouse) -> None:
        self.app, self.config = app, app.config
        self.memory = Memory() if self.config.demo else memory.load(self.config.state_file)
        self.settings = Settings()
        self.keymap: Mapping[str, tuple[str, ...]] = {}  # by binding id; only those that are not as they come
        self.theme = ""
        self._filter = Colourless(enabled=False)
        self._wanted = self._saved = self.memory.packed()  # what is to be in the file, and what is in it
        self._writing = Lock()  # the last word is written at the end, when a thread may still be at the one before
        self._stamp: object = None
        self._browse: LiveScreen | None = None
        self._moved_to: Place | None = None  # where the program went because the engine remembered is not there
        self._recalled = False  # the namespace is the remembered one, and its cluster is not known yet

    # ---- before the first frame --------------------------------------------------------------------------------------

    def first_theme(self) -> Theme:
        """Return the theme to begin with: the command line's, else none if $NO_COLOR is set, else the last one, else dark."""
        wanted = self.config.theme or ("monochrome" if self.config.colourless else self.memory.theme)
        for name in (wanted, "dark"):
            try:
                found = themes.load(name) if name in themes.BUILT_IN else _own(name, themes.load_flat(_own_file(self.config, name)))
            except themes.BadTheme:
                continue  # is tried again, and told, when the YAML library is there
            self.theme = name
            break
        self.app._filters.append(self._filter)
        self._filter.enabled = self.theme == "monochrome"
        return found

    def first_place(self) -> tuple[Place, str | None]:
        """Return where the person left, and the namespace if they had chosen one; containers when they say where, or never were."""
        asked, kept = self.config, self.memory
        elsewhere = (asked.host, asked.docker_context, asked.context, asked.namespace, asked.kubeconfig)
        if any(one is not None for one in elsewhere) or not re.fullmatch(r"(docker|swarm|kubernetes)/[a-z]+", kept.view):
            return Place(kind_of(PANES["docker"])), asked.namespace
        try:
            kind = kind_of(kept.view)
        except (ImportError, AttributeError):  # no such kind is here any more
            return Place(kind_of(PANES["docker"])), None
        self._recalled = kept.namespace is not None
        return Place(kind, (kept.namespace or "") if kind.namespaced else ""), kept.namespace

    def dress(self, screen: LiveScreen) -> None:
        """Give a screen that has just been made what the person had: wide columns, the lines they typed."""
        self._browse, self._table, self._prompt = screen, screen.table, screen.prompt
        self._table.wide = self.memory.wide
        self._prompt.past(":")[:] = self.memory.history

    def order(self, kind: Kind) -> tuple[str, bool]:
        """Return the column a kind is sorted by, and whether the other way round."""
        return self.memory.sorts.get(kind.id) or (kind.sort or kind.columns[0].title, False)

    def width(self, kind: Kind, column: str, cells: int) -> None:
        """Remember how wide the person wants a column; 0 = as its cells are."""
        known = self.memory.widths.setdefault(kind.id, {})
        known.pop(column, None)
        if cells:
            known[column] = cells

    # ---- the settings ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Read the settings, and look at them every now and then from now on."""
        try:
            await self._read(first=True)
        except Exception as error:  # the edge: what is guarded is not known then, and the engines come up all the same
            self.app.fleet.gate.read_only = True
            fault = f"{type(error).__name__}: {error}"
            self.app.tell(f"The settings could not be read by a fault of the program, so nothing is written: {fault}", Tone.BROKEN)
            return
        self.app.run_worker(self._keep(), group="comfort", exit_on_error=False)

    async def _keep(self) -> None:
        from tui.settings import stamp

        while True:
            await asyncio.sleep(POLL)
            if await asyncio.to_thread(stamp, self.config.settings_file) != self._stamp:
                await self._read()
            await self._save()

    async def _read(self, first: bool = False) -> None:
        found = await asyncio.to_thread(read_settings, self.config)
        before, self._stamp = self.settings, found[0]
        settings, keymap, problems = found[1:]
        if settings.unread and not first:  # what held before holds on, until the file can be read
            settings = _with(before, settings.problems, settings.read_only or before.read_only)
        else:
            self.keymap = keymap
            settings = _with(settings, problems, settings.read_only)
        self.settings = settings
        gate = self.app.fleet.gate
        gate.read_only = self.config.read_only or settings.read_only
        gate.locked = self._locked
        self._take_theme()
        self.app.settings_changed()
        if settings.problems != before.problems:
            self._tell(settings.problems)
        elif not first:
            self.app.tell(f"{self.config.settings_file.name} was read anew")

    def _tell(self, problems: tuple[Problem, ...]) -> None:
        if not problems:
            self.app.tell(f"{self.config.settings_file.name} is in order now", Tone.WELL)
            return
        more = [f"and {len(problems) - SAID} more; pilothouse doctor lists them all"] if len(problems) > SAID else []
        home = f"{self.config.home}/"
        said = [f"~/{text[len(home) :]}" if (text := str(one)).startswith(home) else text for one in problems[:SAID]]
        self.app.tell("\n".join([*said, *more]), Tone.STRAINED)

    def spot(self, family: str) -> Spot:
        """Return what the settings say of the engine now in use for a family."""
        engine = self.app.fleet.engines.get(family)
        return self.settings.spot(family, engine.context) if engine is not None else Spot()

    def spot_of(self, engine: str) -> Spot:
        """Return what the settings say of the engine with this id."""
        family, _, context = engine.partition(":")
        return self.settings.spot(family, context)

    def _locked(self, engine: str) -> bool:
        return self.spot_of(engine).read_only

    # ---- themes ------------------------------------------------------------------------------------------------------

    def theme_names(self) -> tuple[str, ...]:
        """Return the names of all themes: the built-in ones, then the person's own."""
        return theme_names(self.config)

    def theme_of(self, name: str) -> Theme:
        """Return a theme by its name; raises BadTheme."""
        if name not in self.theme_names():
            raise themes.BadTheme(f"no theme is called {name}; there are {', '.join(self.theme_names())}")
        return themes.load(name) if name in themes.BUILT_IN else _own(name, themes.load(_own_file(self.config, name)))

    def try_theme(self, name: str) -> None:
        """Show a theme; raises BadTheme."""
        theme = self.theme_of(name)
        self._filter.enabled = name == "monochrome"
        self.theme = name
        self.app.register_theme(theme)
        if self.app.theme == theme.name:
            self.app.refresh_css(animate=False)
        self.app.theme = theme.name

    def use_theme(self, name: str) -> None:
        """Show a theme from now on, and at the next start; what is wrong with it is told."""
        try:
            self.try_theme(name)
        except themes.BadTheme as error:
            self.app.tell(str(error), Tone.BROKEN)
            return
        self.keep_theme(name)

    def choose_theme(self, name: str) -> None:
        """Show a theme from now on; without a name, let the person choose one."""
        if name:
            self.use_theme(name)
            return
        from tui.screens.themes import ThemeScreen

        self.app.push_screen(ThemeScreen(self))

    def keep_theme(self, name: str) -> None:
        """Show a theme, which is shown already, at the next start too."""
        self.memory.theme, self.memory.file_theme = name, self.settings.theme

    def _take_theme(self) -> None:
        """Show the theme that the settings name, if they name another than when the person last chose one here."""
        if self.config.theme or self.config.colourless:
            if self.config.theme and self.config.theme != self.theme:
                self._try_or_tell(self.config.theme)
            return
        named, kept = self.settings.theme, self.memory
        if named and named != kept.file_theme:
            kept.theme = named
        kept.file_theme = named
        if kept.theme and kept.theme != self.theme:
            self._try_or_tell(kept.theme)

    def _try_or_tell(self, name: str) -> None:
        try:
            self.try_theme(name)
        except themes.BadTheme as error:
            self.app.tell(str(error), Tone.STRAINED)

    # ---- the memory --------------------------------------------------------------------------------------------------

    def engine_came(self, engine: Engine) -> None:
        """Forget the remembered namespace when the cluster is another one than it was of."""
        if engine.family == "kubernetes" and self._recalled:
            self._recalled = False
            if engine.context != self.memory.context:
                self.app.browse.namespace = None

    def go_where_something_is(self) -> None:
        """Leave the pane the program began at when its engine does not answer, another does, and the person has not gone anywhere."""
        browse, fleet = self.app.browse, self.app.fleet
        family = browse.place.kind.family
        engine = fleet.engines.get(family)
        gone = family in fleet.absent or (engine is not None and engine.health.state not in {State.LIVE, State.CONNECTING})
        if not gone or self.config.view or len(browse.trail.places) != 1:
            return
        for other, pane in PANES.items():
            found = fleet.engines.get(other)
            if other != family and found is not None and found.health.state is State.LIVE:
                self.app.show(pane)
                self._moved_to = browse.place
                return

    def _note(self) -> bytes:
        """Take down where the person is, and return all there is to remember, as it is written."""
        kept, browse = self.memory, self._browse
        if browse is not None:
            place = next(_own_places(browse), None)
            if place is not None and browse.place != self._moved_to:
                kept.view, kept.namespace = place.kind.id, browse.namespace
                cluster = self.app.fleet.engines.get("kubernetes")
                kept.context = cluster.context if cluster is not None else kept.context
            kept.wide = self._table.wide
            kept.history = self._prompt.past(":")[-memory.LINES :]
        return kept.packed()

    async def _save(self) -> None:
        self._wanted = self._note()
        if self._wanted != self._saved:
            await asyncio.to_thread(self._write, self._wanted)

    def _write(self, packed: bytes) -> None:
        with self._writing:
            if packed == self._wanted != self._saved and not self.config.demo:  # else a thread was late, and there is newer by now
                memory.save(self.config.state_file, packed)
                self._saved = packed

    def close(self) -> None:
        """Write down what is to be remembered."""
        self._wanted = self._note()
        self._write(self._wanted)


def read_settings(config: Config) -> tuple[object, Settings, Mapping[str, tuple[str, ...]], tuple[Problem, ...]]:
    """Return the file's stamp, what it says, the keys that come of it, and every problem of both; for a thread."""
    from tui.screens.keymap import keymap_of
    from tui.settings import read, stamp

    path = config.settings_file
    mark = stamp(path)
    settings = read(path, theme_names(config))
    keymap, more = keymap_of(settings.keys, config.keys or settings.preset, path)
    return mark, settings, keymap, (*settings.problems, *more)


def theme_names(config: Config) -> tuple[str, ...]:
    """Return the names of all themes: the built-in ones, then the person's own."""
    try:
        own = sorted(path.stem for path in (config.folder / "themes").glob("*.yaml"))
    except OSError:
        own = []
    return (*themes.BUILT_IN, *(name for name in own if name not in themes.BUILT_IN))


def problems(config: Config) -> list[str]:
    """Return all that is wrong with the settings and with the person's themes, in sentences."""
    found = [str(one) for one in read_settings(config)[3]]
    for name in theme_names(config)[len(themes.BUILT_IN) :]:
        try:
            themes.load(_own_file(config, name))
        except themes.BadTheme as error:
            found.append(str(error))
    return found


def _own_file(config: Config, name: str) -> Path:
    return config.folder / "themes" / f"{name}.yaml"


def _own_places(browse: LiveScreen) -> Iterator[Place]:
    """Yield the places on the way here, the last first, that stand for themselves: of an engine, and not drilled into."""
    for place in reversed(browse.trail.places[: browse.trail.at + 1]):
        if place.origin is None and place.kind.family != "local":
            yield place


def _own(name: str, theme: Theme) -> Theme:
    """Return a person's theme under a name that no built-in one has."""
    return replace(theme, name=f"own-{name}")


def _with(settings: Settings, problems: tuple[Problem, ...], read_only: bool) -> Settings:
    from msgspec.structs import replace as other

    return other(settings, problems=problems, read_only=read_only)
