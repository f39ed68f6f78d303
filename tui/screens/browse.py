"""The browse screen: where a person is most of the time; what each of its keys does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType

from tui.command import complete
from tui.facts import Tone, Topic
from tui.kinds import kinds
from tui.model import Action, Target
from tui.screens import keys
from tui.screens.counts import TABS
from tui.screens.live import LiveScreen
from tui.screens.place import Place
from tui.screens.rows import table_columns
from widgets.prompt import Prompt
from widgets.table import LiveTable

if TYPE_CHECKING:
    from tui.tour import Tour

SORTS = {
    "name": ("name",),
    "namespace": ("namespace",),
    "age": ("age", "created", "last seen"),
    "status": ("status", "state", "current state", "replicas", "ready"),
}
"""The columns, best first, that a sort key means."""


class BrowseScreen(LiveScreen):
    """Keys, verbs and moves over the live table."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.MOVES, *keys.verbs()]
    tour: Tour | None = None  # offered or under way

    # ---- the line to type at -----------------------------------------------------------------------------------------

    @on(Prompt.Typed)
    def _typed(self, event: Prompt.Typed) -> None:
        if event.sigil == "/":
            self.place = Place(self.place.kind, self.place.namespace, event.text, self.place.origin)
            self._set_filter(event.text)

    @on(Prompt.Entered)
    def _entered(self, event: Prompt.Entered) -> None:
        if event.sigil == "/":
            self.trail.here(self.place)
        elif event.text.strip() and not self.cockpit.command(event.text):
            return
        self._close_prompt()

    @on(Prompt.Closed)
    def _left(self, event: Prompt.Closed) -> None:
        if event.sigil == "/":
            self.action_clear_filter()
        self._close_prompt()

    def _close_prompt(self) -> None:
        self.set_focus(self.table)  # at once: keys that were typed behind Enter come now
        self.prompt.close()
        self._refresh_keys()

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        target = self.target_at(event.key)
        if target is not None:
            self.open_target(target)

    def open_target(self, target: Target) -> None:
        """Do what Enter does: use it, drill into it, or show its logs or description."""
        kind = target.kind
        for action in kind.actions:
            if action.key == "enter":
                self.run_verb(action, [target])
                return
        if kind.drill is not None:
            inner = kinds()[kind.drill.kind]
            scope = kind.drill.namespace(target.object) if kind.drill.namespace else target.ref.namespace
            self.go(Place(inner, scope if inner.namespaced else "", "", target))
            return
        wanted = {view.id: view for view in kind.views}
        for name in ("logs", "describe", "yaml", "facts"):
            if name in wanted:
                self.cockpit.open(wanted[name], target)
                return

    @on(LiveTable.Sorted)
    def _sorted(self, event: LiveTable.Sorted) -> None:
        self.cockpit.comfort.memory.sorts[self.place.kind.id] = (event.column, event.reverse)

    @on(LiveTable.WidthChanged)
    def _width_changed(self, event: LiveTable.WidthChanged) -> None:
        self.cockpit.comfort.width(self.place.kind, event.column, event.width)

    # ---- verbs -------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what this kind cannot do."""
        kind = self.place.kind
        match action:
            case "verb":
                return any(verb.id == parameters[0] for verb in kind.actions)
            case "command" | "filter":
                return not self.prompt.has_class("-open")
            case "open_view":
                return any(view.id == parameters[0] for view in kind.views)
            case _:
                return True

    def action_verb(self, name: str) -> None:
        """Run a verb on the marked rows, or on the one under the cursor."""
        verb = next((verb for verb in self.place.kind.actions if verb.id == name), None)
        if verb is not None:
            self.run_verb(verb, self.targets(verb.many))

    def run_verb(self, verb: Action, targets: Sequence[Target]) -> None:
        """Run a verb on targets that are frozen now."""
        if not targets:
            return
        if verb.writes and self.cockpit.read_only:
            self.cockpit.tell(f"read-only mode: {verb.label.lower()} is off", Tone.STRAINED)
            return
        reasons = [verb.ready(target.object) for target in targets]
        if all(reasons):
            self.cockpit.tell(reasons[0], Tone.STRAINED)
            return
        self.cockpit.act(verb, [target for target, reason in zip(targets, reasons, strict=True) if not reason])

    def action_open_view(self, name: str) -> None:
        """Open a view of the row under the cursor over the whole screen."""
        target = self.target_at(self.table.cursor_key)
        view = next((view for view in self.place.kind.views if view.id == name), None)
        if target is not None and view is not None:
            self.cockpit.open(view, target)

    # ---- moves ---------------------------------------------------------------------------------------------------------

    def action_enter(self) -> None:
        """Open the row under the cursor."""
        target = self.target_at(self.table.cursor_key)
        if target is not None:
            self.open_target(target)

    def action_mark(self) -> None:
        """Mark the row under the cursor."""
        self.table.toggle_mark()

    def action_command(self) -> None:
        """Open the command line; the namespaces are read while a person begins to type."""
        fleet = self.cockpit.fleet
        engine, kind = fleet.engines.get("kubernetes"), kinds()["kubernetes/namespaces"]
        if engine is not None:
            self.cockpit.store.look(engine, kind, "", lambda _, __: None)()  # the watch lingers, and that is all it is for
        self.prompt.open(":", "", self._completions)
        self._refresh_keys()

    def _completions(self, text: str) -> Sequence[str]:
        fleet, store = self.cockpit.fleet, self.cockpit.store
        engine = fleet.engines.get("kubernetes")
        shelf = store.shelves.get(Topic(engine.id, "kubernetes/namespaces")) if engine is not None else None
        namespaces = sorted(one.name for one in shelf.objects.values()) if shelf is not None else self.favourites
        places = fleet.names.get("docker" if text.startswith("host") else "kubernetes", ())
        if text.startswith("theme "):
            places = self.cockpit.comfort.theme_names()
        return complete(text, kinds(), self.place.kind.family, namespaces, places)

    def action_filter(self) -> None:
        """Open the filter line."""
        self.prompt.open("/", self.place.filter)
        self._refresh_keys()

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        self.place = Place(self.place.kind, self.place.namespace, "", self.place.origin)
        self.trail.here(self.place)
        self._set_filter("")

    def action_back(self) -> None:
        """Leave one thing: the large details, the filter, the marks, the place."""
        if self.has_class("-large"):
            self.action_maximise()
        elif self.place.filter:
            self.action_clear_filter()
        elif self.table.marks:
            self.table.clear_marks()
        elif self.tour is not None and self.tour.at < 0:
            self.tour.end()  # it was offered, and is not wanted now
        else:
            self.action_trail("back")

    def action_trail(self, where: str) -> None:
        """Walk the trail."""
        place = getattr(self.trail, where)()
        if place is not None:
            self.enter(place)

    def action_tab(self, step: int) -> None:
        """Go to the next or previous pane of the bar."""
        known = list(TABS)
        here = self.place.kind.id
        at = known.index(here) if here in known else -1 if step > 0 else 0
        self.go(self.place_for(kinds()[known[(at + step) % len(known)]]))

    def action_view(self, step: int) -> None:
        """Turn the details pane's views."""
        self.details.turn(step)

    def action_details(self) -> None:
        """Show or hide the details pane."""
        self.toggle_class("-hidden")
        if self.has_class("-hidden"):
            self.details.rest()
        else:
            self._show_details_soon()

    def action_maximise(self) -> None:
        """Give the details pane the whole screen, or take it back."""
        self.remove_class("-hidden")
        self.toggle_class("-large")
        small = self.has_class("-small")
        self.details.set_class(small and not self.has_class("-large"), "-line")
        self._show_details_soon()

    def action_owner(self) -> None:
        """Jump to the innermost owner that has a pane."""
        target = self.target_at(self.table.cursor_key)
        owners = target.kind.owners(target.object) if target else ()
        for kind_id, name in reversed(owners):
            if kind_id in kinds() and target is not None:
                self.action_jump(kind_id, target.ref.namespace, name)
                return
        self.cockpit.tell("nothing that has a pane owns this")

    def action_jump(self, kind_id: str, namespace: str, name: str) -> None:
        """Go to an object by kind and name."""
        if kind_id in kinds():
            self._seek = name
            self.go(self.place_for(kinds()[kind_id], namespace))

    def action_warp(self) -> None:
        """Go into the namespace of the row under the cursor."""
        target = self.target_at(self.table.cursor_key)
        if target is not None and target.ref.namespace:
            self.use_namespace(target.ref.namespace)

    def action_namespace(self, digit: int) -> None:
        """Show every namespace (0), or a favourite one."""
        if digit == 0:
            self.use_namespace("")
        elif digit <= len(self.favourites):
            self.use_namespace(self.favourites[digit - 1])
        else:
            self.cockpit.tell(f"no namespace is on {digit} yet; :ns lists them")

    def use_namespace(self, namespace: str) -> None:
        """Show this namespace ("" = all) from now on, here and in every pane opened after."""
        kind = self.place.kind
        self.go(
            self.place_for(kind if kind.namespaced else kinds()["kubernetes/pods"], namespace, self.place.filter if kind.namespaced else "")
        )

    def action_copy_namespace(self) -> None:
        """Copy the namespace of the row under the cursor."""
        target = self.target_at(self.table.cursor_key)
        if target is not None and target.ref.namespace:
            self.cockpit.copy(target.ref.namespace)

    def action_wide(self) -> None:
        """Show more columns, or fewer."""
        self.table.wide = not self.table.wide
        self._refresh_crumbs()

    def action_faults(self) -> None:
        """Show only what is broken or strained, or everything."""
        self.faults = not self.faults
        self._set_filter(self.place.filter)

    def action_again(self) -> None:
        """Read this kind anew: end its watch and begin another."""
        if self.shelf is not None:
            topic = self.shelf.topic
            self._unlook()
            self.cockpit.store.restart(topic)
            self.enter(self.place)

    def action_sort(self, what: str) -> None:
        """Sort by what a column is about, or the other way round."""
        titles = self._titles()
        meant = {title.casefold(): title for title in titles} | {"name": titles[0]}
        column = next((meant[word] for word in SORTS[what] if word in meant), "")
        if column:
            now, reverse = self.table.sorted_by
            self.table.sorted_by_hand(column, not reverse if now == column else False)

    def action_sort_next(self) -> None:
        """Sort by the column after the one sorted by now."""
        titles = self._titles()
        now, _ = self.table.sorted_by
        self.table.sorted_by_hand(titles[(titles.index(now) + 1) % len(titles) if now in titles else 0], False)

    def _titles(self) -> list[str]:
        place = self.place
        return [column.title for column in table_columns(place.kind, place.kind.namespaced and not place.namespace)]

    def action_contexts(self) -> None:
        """List the kube contexts."""
        self.go(self.place_for(kinds()["local/contexts"]))

    def action_hosts(self) -> None:
        """List the docker hosts."""
        self.go(self.place_for(kinds()["local/hosts"]))

    def action_forwards(self) -> None:
        """List the port-forwards."""
        self.go(self.place_for(kinds()["local/forwards"]))

    def action_room(self, room: str) -> None:
        """Enter a room: the overview, the palette."""
        self.cockpit.command(room)

    def action_help(self) -> None:
        """Show every key that works here."""
        self.cockpit.show_help(self.place.kind)
