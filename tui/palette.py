"""The palette: one line to find everything by a few letters: panes, verbs, views, moves, contexts, hosts, and every loaded object."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.facts import GLYPHS, Object
from tui.fuzzy import matched, score_of
from tui.kinds import kinds
from tui.model import Kind
from tui.screens import keys
from widgets.bars import Hint, display, fit
from widgets.ledger import Entry, Ledger
from widgets.steady import Steady
from widgets.words import words

if TYPE_CHECKING:
    from tui.bridge import Bridge

MOST = 60  # results shown
STEP = 500  # objects matched between two looks at the clock
BUDGET = 0.012  # seconds of matching before the loop has its turn
SKIPPED = frozenset({"command", "back", "room('palette')", "tour('end')"})  # moves that make no sense from here


class Choice(Struct, frozen=True):
    """Something the palette can do. `group`: what it is, in a word; `also`: other words it is found by; `rank`: added to its score."""

    group: str
    text: str
    run: Callable[[], object]
    key: str = ""
    also: str = ""
    note: str = ""
    role: str = "text"
    rank: float = 0.0
    head: str = ""  # the word for what it does; where none of what is typed is in it, something else is meant


class Palette(Steady[None], ModalScreen[None]):
    """What is typed is matched in slices, so that no key waits; what was found so far is shown at the end of the first slices."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "leave", "Leave", show=False, priority=True),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True),
        Binding("enter", "choose", "Do it", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Palette { align: center top; background: $ph-ground 65%; }
    Palette:ansi { background: transparent; }
    Palette > Vertical {
        width: 100; max-width: 96%; height: 80%; min-height: 8; margin-top: 1; padding: 0 1;
        border: round $ph-accent; border-title-color: $ph-name; background: $ph-ground;
    }
    Palette Input, Palette Input:focus { height: 1; border: none; padding: 0 1; margin-bottom: 1; background: $ph-ground; color: $ph-name; }
    Palette Input:focus { background-tint: transparent 0%; }
    """

    def __init__(self, cockpit: Bridge) -> None:
        super().__init__(id="palette")
        self.cockpit = cockpit
        self.fixed: Sequence[Choice] = ()
        self.found: list[Choice] = []
        self._matching: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the line above what was found."""
        with Vertical() as frame:
            frame.border_title = words(("Find", "name bold"))
            yield Input(placeholder="a pane, a verb, a view, a context, an object …", compact=True, select_on_focus=False)
            yield Ledger()

    def on_mount(self) -> None:
        """Show what there is before anything is typed."""
        ledger = self.query_one(Ledger)
        ledger.can_focus, ledger.opened_by = False, 1
        self.query_one(Input).focus()
        self.fixed = [*choices(self.cockpit)]
        self.call_after_refresh(self._seek, "")

    def on_unmount(self) -> None:
        """Match no more."""
        if self._matching is not None:
            self._matching.cancel()

    # ---- finding -----------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._seek(event.value)

    def _seek(self, text: str) -> None:
        if self._matching is not None:
            self._matching.cancel()
        self._matching = asyncio.create_task(self._match(text.lower().split()))

    async def _match(self, needles: Sequence[str]) -> None:
        """Find the best, of everything that is fixed first and then of the objects, slice by slice."""
        best = [(score, -n, choice) for n, choice in enumerate(self.fixed) if (score := fit_of(choice, needles)) > 0]
        best = heapq.nlargest(MOST, best)
        self._show([choice for _, _, choice in best], needles)
        if not needles:
            return
        heap: list[tuple[float, int, Kind, Object]] = []
        began, shown, order = time.monotonic(), time.monotonic(), 0
        rows = objects(self.cockpit)
        while part := list(islice(rows, STEP)):
            for kind, one in part:
                score = score_of(name_of(one), needles)
                if score > 0:
                    order -= 1
                    entry = (score, order, kind, one)
                    if len(heap) < MOST:
                        heapq.heappush(heap, entry)
                    elif score > heap[0][0]:
                        heapq.heapreplace(heap, entry)
            if time.monotonic() - began > BUDGET:
                await asyncio.sleep(0.001)
                began = time.monotonic()
                if began - shown > 0.15:
                    self._show(merged(best, heap, self.cockpit), needles)
                    shown = time.monotonic()
        self._show(merged(best, heap, self.cockpit), needles)

    def _show(self, found: list[Choice], needles: Sequence[str]) -> None:
        if not self.stands:
            return
        self.found = found
        ledger = self.query_one(Ledger)
        width = max(20, ledger.size.width - 2)
        entries = [Entry(line(choice, needles, width), str(n)) for n, choice in enumerate(found)]
        ledger.show(entries or [Entry(words(("nothing fits", "faint")))])
        ledger.go(0)

    # ---- keys --------------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.query_one(Ledger).action_move(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self.query_one(Ledger).action_page(by)

    def action_choose(self) -> None:
        """Do what is under the cursor."""
        self._do(self.query_one(Ledger).key)

    @on(Ledger.Opened)
    def _opened(self, event: Ledger.Opened) -> None:
        self._do(event.key)

    def _do(self, key: str) -> None:
        if self.is_active and key.isdigit() and int(key) < len(self.found):  # once: it was left with the first
            run = self.found[int(key)].run
            self.dismiss()
            self.app.call_later(run)

    def action_leave(self) -> None:
        """Go back without doing anything."""
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        """Leave when what lies behind is clicked."""
        if self.get_widget_at(*event.screen_offset)[0] is self:
            self.dismiss()


# ---- what can be found --------------------------------------------------------------------------------------------------


def choices(cockpit: Bridge) -> Iterator[Choice]:
    """Yield what can be done here and now: verbs and views of the row under the cursor, panes, rooms, contexts, hosts, moves."""
    yield from _of_the_row(cockpit)
    for kind in kinds().values():
        also = " ".join((*kind.aliases, kind.singular, kind.family))
        go = f"{kind.family}" if kind.family != "local" else ""
        yield Choice("pane", kind.title, partial(cockpit.show, kind.id), also=also, note=go, role=kind.family, rank=6)
    for room, about in (("overview", "every engine at a glance"), ("tour", "one minute over the panes")):
        yield Choice("room", room.capitalize(), partial(cockpit.command, room), note=about, rank=4)
    for family, word in (("kubernetes", "context"), ("docker", "host")):
        here = engine.context if (engine := cockpit.fleet.engines.get(family)) else ""
        for name in cockpit.fleet.names.get(family, ()):
            note = "in use" if name == here else ""
            yield Choice(word, name, partial(switch, cockpit, family, name), note=note, role=family, rank=5)
    browse = cockpit.browse
    for move in keys.MOVES:
        if move.action not in SKIPPED and not move.action.startswith("namespace("):
            key = browse.with_keys([Hint(move.key, "", move.action)])[0].key
            note = "" if move.tooltip.rstrip(".") == move.description else move.tooltip
            yield Choice("key", move.description, partial(browse.run_action, move.action), key, note=note)
    for word, about in (("help", "every key that works"), ("quit", "leave")):
        yield Choice("key", word.capitalize(), partial(cockpit.command, word), note=about)


def _of_the_row(cockpit: Bridge) -> Iterator[Choice]:
    """Yield the verbs and views of the rows at hand, frozen now."""
    browse = cockpit.browse
    kind, under = browse.place.kind, browse.targets(many=False)
    if not under:
        return
    target, name = under[0], str(under[0].ref.name)
    for verb in kind.actions:
        targets = browse.targets(verb.many)
        if (verb.writes and cockpit.read_only) or all(verb.ready(one.object) for one in targets):
            continue
        about = name if len(targets) == 1 else f"{len(targets)} marked {kind.title.lower()}"
        key = browse.with_keys([Hint(verb.key, "", f"verb('{verb.id}')")])[0].key
        help_ = verb.help.splitlines()[0]
        yield Choice(
            "do",
            f"{verb.label} {about}",
            partial(browse.run_verb, verb, targets),
            key,
            kind.singular,
            help_,
            rank=7,
            head=verb.label.lower(),
        )
    for view in kind.views:
        if view.key:
            key = browse.with_keys([Hint(view.key, "", f"open_view('{view.id}')")])[0].key
            yield Choice(
                "view",
                f"{view.title} of {name}",
                partial(cockpit.open, view, target),
                key,
                kind.singular,
                view.help,
                rank=8,
                head=view.title.lower(),
            )


def switch(cockpit: Bridge, family: str, name: str) -> None:
    """Use another context or host."""
    cockpit.run_worker(cockpit.switch(family, name), group="switch", exclusive=True)


def objects(cockpit: Bridge) -> Iterator[tuple[Kind, Object]]:
    """Yield every object that the store holds, each once, as they are when its kind's turn comes."""
    for shelf in list(cockpit.store.shelves.values()):
        kind = kinds().get(shelf.topic.kind)
        wider = shelf.topic.namespace and any(
            other.topic.kind == shelf.topic.kind and other.topic.engine == shelf.topic.engine and not other.topic.namespace and other.loaded
            for other in cockpit.store.shelves.values()
        )
        if kind is None or wider or kind.id == "kubernetes/events":
            continue
        for one in list(shelf.objects.values()):
            yield kind, one


def name_of(one: Object) -> str:
    """Return what an object is found by: its namespace and name in lower case."""
    return f"{one.namespace}/{one.name}".lower() if one.namespace else one.name.lower()


def fit_of(choice: Choice, needles: Sequence[str]) -> float:
    """Return how well a choice fits: by its text, else by the other words for it."""
    if not needles:
        return 1.0 + choice.rank
    low = choice.text.lower()
    found = score_of(low, needles)
    if not found and choice.also:
        found = 0.8 * score_of(f"{low} {choice.also} {choice.group}".lower(), needles)
    if found and choice.head and not any(score_of(choice.head, [needle]) for needle in needles):
        return 0.2 * found  # the name alone: who types it looks for the object, and not for a way to delete it
    return found + choice.rank if found else 0.0


def merged(best: Sequence[tuple[float, int, Choice]], heap: Sequence[tuple[float, int, Kind, Object]], cockpit: Bridge) -> list[Choice]:
    """Return what is fixed and the objects, the best first."""
    every: list[tuple[float, int, Choice | tuple[Kind, Object]]] = [*best]
    every += [(score, order - 1000, (kind, one)) for score, order, kind, one in heap]
    every.sort(key=lambda entry: (-entry[0], -entry[1]))
    return [entry if isinstance(entry, Choice) else object_choice(*entry, cockpit) for _, _, entry in every[:MOST]]


def object_choice(kind: Kind, one: Object, cockpit: Bridge) -> Choice:
    """Return the choice that jumps to an object."""
    text = f"{one.namespace}/{one.name}" if one.namespace else one.name
    tone = kind.tone(one)
    glyph = GLYPHS[tone].strip()
    return Choice(
        kind.singular,
        text,
        partial(cockpit.jump, kind.id, one.namespace, one.name),
        note=f"{glyph} {kind.family}".strip(),
        role=kind.family,
    )


def line(choice: Choice, needles: Sequence[str], width: int) -> Content:
    """Return a choice as a line: what it is, its text with the matched letters marked, a note, and its key at the end."""
    key = display(choice.key) if choice.key else ""
    group = 13 if width >= 50 else 0
    room = max(8, width - group - len(key) - 2)
    text = fit(choice.text, room)
    marks, pieces = matched(text, needles), []
    for n, letter in enumerate(text):
        pieces.append((letter, "accent bold underline" if n in marks else "name"))
    made = words((f"{fit(choice.group, 11):<13}" if group else "", "faint"), *pieces)
    left = width - made.cell_length - len(key) - 2
    note = fit(choice.note, left - 3) if choice.note and left > 12 else ""
    made = words(made, (f"   {note}" if note else "", "muted"))
    return words(made, " " * max(1, width - made.cell_length - len(key)), (key, "accent bold"))
