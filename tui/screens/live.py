"""The live screen: tabs, a live table of one kind, and the details of the row under the cursor, kept true as deltas come in."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.getters import query_one
from textual.strip import Strip
from textual.timer import Timer

from tui.facts import Health, Object, Ref, State, Tone
from tui.filter import BadFilter, Filter, compile_filter
from tui.kinds import kinds
from tui.model import Engine, Kind, Target
from tui.screens import keys, status
from tui.screens.counts import TABS, Counts
from tui.screens.details import Details
from tui.screens.keyed import Keyed
from tui.screens.place import Place, Trail
from tui.screens.rows import row_text, table_columns
from tui.store import Change, Shelf
from widgets.bars import Hint, KeyBar, Line, TabBar, TopBar
from widgets.frame import Frame, bare
from widgets.prompt import Prompt
from widgets.table import LiveTable

if TYPE_CHECKING:
    from tui.bridge import Bridge

BESIDE, BELOW, TALL = 120, 90, 26  # columns for details beside the table, for details below; lines for either
DETAIL_REST = 0.06  # seconds the cursor rests before the details follow


class LiveScreen(Keyed):
    """The lines, the table and the details, kept true; what keys do is BrowseScreen's."""

    table = query_one(LiveTable)
    details = query_one("#details", Details)
    prompt = query_one("#prompt", Prompt)

    def __init__(self, cockpit: Bridge, first: Place, namespace: str | None = None) -> None:
        super().__init__(classes=f"-{first.kind.family}")
        self.cockpit = cockpit
        self.place = first
        self.trail = Trail([first], 0)
        self.namespace = namespace
        self.favourites: list[str] = [namespace] if namespace else []
        self.engine: Engine | None = None
        self.shelf: Shelf | None = None
        self.faults = False
        self._leave: Callable[[], None] | None = None
        self._filter: Filter = compile_filter("")
        self._seek = ""
        self._detail_timer: Timer | None = None
        self._tick: Timer | None = None
        self.counts = Counts(cockpit.store, self._counted)

    def compose(self) -> ComposeResult:
        """Lay out the lines, the table and the details."""
        yield TopBar(id="top")
        yield TabBar(id="tabs")
        with Frame(id="body"):
            with Frame(id="left"):
                yield Line(id="crumbs")
                yield LiveTable(now=self.cockpit.now, glow=self.cockpit.glow, id="table")
            yield Details(self.cockpit, id="details")
        yield Prompt(id="prompt", classes="-rule")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Open the first place."""
        self.cockpit.comfort.dress(self)
        self.table.focus()
        self.enter(self.place)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return bare lines: everything is covered."""
        return bare(crop, self)

    # ---- going somewhere ---------------------------------------------------------------------------------------------

    def go(self, place: Place) -> None:
        """Go to a place as a new step of the trail; its namespace is the one of all panes from now on."""
        if place.kind.namespaced and place.origin is None:
            self.namespace = place.namespace
            if place.namespace and place.namespace not in self.favourites:
                self.favourites = [*self.favourites, place.namespace][-9:]
        if place != self.place:
            self.trail.go(place)
        self.enter(place)

    def enter(self, place: Place) -> None:
        """Show a place: its columns, its rows, its keys."""
        other_kind = place.kind is not self.place.kind or self.shelf is None
        self.place = place
        self._unlook()
        self.table.clear()
        self._set_filter(place.filter)
        for family in (*status.FAMILIES, "local"):
            self.set_class(place.kind.family == family, f"-{family}")
        table = self.table
        show_namespace = place.kind.namespaced and not place.namespace
        widths = self.cockpit.comfort.memory.widths.get(place.kind.id)
        table.set_columns(table_columns(place.kind, show_namespace), lambda obj: str(place.kind.tone(obj)), widths=widths)
        if other_kind:
            table.sort(*self.cockpit.comfort.order(place.kind))
        self.engine = self.cockpit.fleet.engines.get(place.kind.family)
        self._look()
        self.query_one(KeyBar).role = place.kind.family
        self._refresh_keys()
        self._refresh_tabs()
        self._refresh_status()
        self._show_details()

    def _look(self) -> None:
        place = self.place
        if self.engine is None:
            self._explain()
            return
        scope = place.namespace
        if place.origin is not None and place.kind.family != "local":
            drill = place.origin.kind.drill
            if drill is not None and drill.namespace is not None:
                scope = drill.namespace(place.origin.object)
        scope = scope if place.kind.namespaced else ""
        self._leave = self.cockpit.store.look(self.engine, place.kind, scope, self._changed)
        self.engine.look(place.kind, frozenset(self.table.visible_keys()))  # the same rows as before are not told anew
        if self.cockpit.fleet.engines:
            self.counts.look(self.cockpit.fleet.engines, self.current_namespace)

    def _unlook(self) -> None:
        if self._leave is not None:
            self._leave()
            self._leave = None
        if self.engine is not None:
            self.engine.look(self.place.kind, frozenset())
        self.shelf = None

    def engine_changed(self, family: str, replaced: bool, first: bool) -> None:
        """Take notice that an engine came, was replaced by another, or learned more about itself."""
        if replaced and not first and family == "kubernetes":
            self.namespace = None  # a namespace of one cluster means nothing in another
        mine = self.place.kind.family == family
        if replaced and mine:
            place = self.place_for(self.place.kind, None, self.place.filter)
            self.trail.here(place)
            self.enter(place)
        elif replaced:
            self.counts.look(self.cockpit.fleet.engines, self.current_namespace)
        elif mine and self.engine is None:
            self.engine = self.cockpit.fleet.engines.get(family)
            self._look()
        self._refresh_tabs()
        self._refresh_status()

    @property
    def current_namespace(self) -> str:
        """Return the namespace that panes open in: the one chosen, else the context's own, else `default`."""
        if self.namespace is not None:
            return self.namespace
        engine = self.cockpit.fleet.engines.get("kubernetes")
        return (engine.about.namespace if engine else "") or "default"

    def place_for(self, kind: Kind, namespace: str | None = None, filter: str = "") -> Place:  # noqa: A002
        """Return the place of a kind, in the namespace of now unless one is given."""
        scope = (self.current_namespace if namespace is None else namespace) if kind.namespaced else ""
        return Place(kind, scope, filter)

    # ---- what comes in -----------------------------------------------------------------------------------------------

    def _changed(self, shelf: Shelf, change: Change) -> None:
        first = self.shelf is None
        self.shelf = shelf
        table = self.table
        if first:
            table.replace({uid: shelf.objects[uid] for uid in change.put})
        else:
            if change.gone:
                table.gone(change.gone)
            if change.put:
                table.put({uid: shelf.objects[uid] for uid in change.put if uid in shelf.objects})
        if change.listed:
            table.settle()
            self._follow_seek()
        if change.health or first:
            table.dimmed = shelf.health.state not in {State.LIVE, State.CONNECTING}
            self._tick_while_retrying(shelf.health)
            self._refresh_status()
        self._explain()
        self._refresh_crumbs()
        if self.place.kind.id not in TABS:
            self._refresh_tabs()
        key = table.cursor_key
        if self.details.target is None or key in change.put or key in change.gone:
            self._show_details_soon()

    def _follow_seek(self) -> None:
        if self._seek and self.shelf is not None:
            for uid, obj in self.shelf.objects.items():
                if obj.name == self._seek:
                    self.table.select(uid)
                    break
            self._seek = ""

    def _explain(self) -> None:
        """Say in an empty table why it is empty."""
        family = self.place.kind.family
        health = self.shelf.health if self.shelf else Health(State.CONNECTING)
        if self.engine is None:
            text = self.cockpit.fleet.absent.get(family, f"looking for {family} …")
        elif self.shelf is not None and self.table.total and not self.table.shown:
            text = f"none of {self.table.total} rows matches; esc shows them all"
        elif health.state in {State.LIVE, State.CONNECTING}:
            done = self.shelf is not None and self.shelf.loaded
            text = f"no {self.place.kind.title.lower()} here" if done else f"reading {self.place.kind.title.lower()} …"
        else:
            text = health.reason or str(health.state)
        width = max(20, self.table.size.width - 8)
        folded = (line for part in text.splitlines() for line in textwrap.wrap(part, width) or [""])
        self.table.set_message("\n".join(folded))

    def _tick_while_retrying(self, health: Health) -> None:
        if health.state is State.RETRYING and self._tick is None:
            self._tick = self.set_interval(1.0, self._refresh_status)
        elif health.state is not State.RETRYING and self._tick is not None:
            self._tick.stop()
            self._tick = None

    # ---- the lines around the table ----------------------------------------------------------------------------------

    def _refresh_status(self) -> None:
        if not self.stands:
            return
        family = self.place.kind.family
        known = Health(State.CONNECTING if family not in self.cockpit.fleet.absent else State.ABSENT)
        fresh = status.freshness(self.shelf.health if self.shelf else known, self.cockpit.now())
        status.say(self.query_one("#top", TopBar), self.cockpit, family, self.current_namespace, self.size.width, fresh)

    def settings_changed(self) -> None:
        """Take the keys and the words of the settings of now."""
        self.keymap = self.cockpit.comfort.keymap
        self._refresh_status()
        self._refresh_keys()

    def _refresh_crumbs(self) -> None:
        context = self.engine.context if self.engine else self.place.kind.family
        table = self.table
        loaded = self.shelf is None or self.shelf.loaded
        line = status.crumbs(self.place, context, table.shown, table.total, len(table.marks), table.wide, self.faults, loaded)
        self.query_one("#crumbs", Line).say(line)

    def _counted(self) -> None:
        self._refresh_tabs()
        self._refresh_status()

    def _refresh_tabs(self) -> None:
        if not self.stands:
            return
        bar = self.query_one("#tabs", TabBar)
        bar.tabs = self.counts.tabs(self.place.kind, self.table.total, self.cockpit.fleet.absent)
        bar.active = self.place.kind.id

    def _refresh_keys(self) -> None:
        if not self.stands:
            return
        bar = self.query_one(KeyBar)
        if self.prompt.has_class("-open"):
            bar.hints = (Hint("enter", "run", ""), Hint("tab", "complete", ""), Hint("up", "earlier", ""), Hint("escape", "leave", ""))
        else:
            rows = [target.object for target in self.targets(many=True)]
            bar.hints = self.with_keys(keys.hints(self.place.kind, self.cockpit.read_only, self._enter_word(), rows))

    def _enter_word(self) -> str:
        kind = self.place.kind
        if any(action.key == "enter" for action in kind.actions):
            return "use"
        if kind.drill is not None:
            return kinds()[kind.drill.kind].title.lower() if kind.drill.kind in kinds() else "open"
        return "logs" if any(view.id == "logs" for view in kind.views) else "describe" if kind.views else ""

    def on_resize(self, event: events.Resize) -> None:
        """Lay the details beside, below, or on one line."""
        wide, tall = event.size.width, event.size.height
        small = wide < BELOW or tall < TALL
        self.set_class(small, "-small")
        self.set_class(not small and wide < BESIDE, "-below")
        self.details.set_class(small and not self.has_class("-large"), "-line")
        self._refresh_status()
        self._show_details_soon()

    # ---- details -----------------------------------------------------------------------------------------------------

    @on(LiveTable.CursorMoved)
    def _cursor_moved(self) -> None:
        self._show_details_soon()

    def _show_details_soon(self) -> None:
        if self._detail_timer is None:
            self._detail_timer = self.set_timer(DETAIL_REST, self._show_details)

    def _show_details(self) -> None:
        self._detail_timer = None
        if self.stands:
            self.details.show(self.target_at(self.table.cursor_key))
            self._refresh_keys()

    def target_at(self, uid: str) -> Target | None:
        """Return the row with a uid as an action's target, or None."""
        obj = self.shelf.objects.get(uid) if self.shelf and uid else None
        return None if obj is None or self.engine is None else self._target(obj)

    def _target(self, obj: Object) -> Target:
        assert self.engine is not None
        kind = self.place.kind
        return Target(Ref(self.engine.id, kind.id, obj.namespace, obj.name, obj.uid), kind, obj)

    def targets(self, many: bool) -> Sequence[Target]:
        """Return the marked rows, or the one under the cursor."""
        marked = [self._target(obj) for obj in self.table.marked_rows()] if many else []
        under = self.target_at(self.table.cursor_key)
        return marked or ([under] if under else [])

    @on(LiveTable.Looked)
    def _looked(self, event: LiveTable.Looked) -> None:
        if self.engine is not None:
            self.engine.look(self.place.kind, frozenset(event.keys))

    @on(LiveTable.Filtered)
    def _filter_done(self) -> None:
        self._explain()
        self._refresh_crumbs()

    @on(LiveTable.Marked)
    def _marked(self) -> None:
        self._refresh_crumbs()
        self._refresh_keys()

    @on(TabBar.Chosen)
    def _tab_chosen(self, event: TabBar.Chosen) -> None:
        self.go(self.place_for(kinds()[event.tab]))

    # ---- the filter --------------------------------------------------------------------------------------------------

    def _set_filter(self, text: str) -> None:
        try:
            self._filter = compile_filter(text)
        except BadFilter as error:
            self.prompt.fault(str(error))
            return
        self.table.where(self._predicate())
        self._explain()
        self._refresh_crumbs()

    def _predicate(self) -> Callable[[Any], bool] | None:
        tests: list[Callable[[Any], bool]] = []
        place, chosen = self.place, self._filter
        if place.origin is not None and place.origin.kind.drill is not None:
            tests.append(partial(place.origin.kind.drill.belongs, place.origin.object))
        if self.faults:
            tests.append(lambda obj: place.kind.tone(obj) in {Tone.BROKEN, Tone.STRAINED})
        if chosen.tests:
            text = row_text(place.kind)
            tests.append(lambda obj: chosen.matches(obj.name, text(obj), obj.labels))
        if not tests:
            return None
        return tests[0] if len(tests) == 1 else lambda obj: all(test(obj) for test in tests)

    def on_screen_resume(self) -> None:
        """Poll again for the rows that are seen."""
        if self.engine is not None and self.stands:
            self.engine.look(self.place.kind, frozenset(self.table.visible_keys()))

    def on_screen_suspend(self) -> None:
        """Poll nothing for a table that nobody sees."""
        if self.engine is not None:
            self.engine.look(self.place.kind, frozenset())

    def on_unmount(self) -> None:
        """Look no more."""
        with contextlib.suppress(RuntimeError):
            self._unlook()
