"""The model: engines, kinds, columns, actions and views, as everything speaks of them; no I/O, no Textual."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from tui.facts import (
    About,
    Change,
    Drained,
    Event,
    Fate,
    Feed,
    Figures,
    Health,
    LogLine,
    LogOptions,
    Ref,
    Revision,
    Sitting,
    State,
    Tone,
    Unsupported,
)
from tui.values import Value
from widgets.answer import Answers


class Engine:
    """A live connection to one Docker host, swarm or cluster; what it cannot do raises Unsupported.

    Watches feed deltas for ever, through every fault, until cancelled; nothing but cancellation ends one. Verbs return
    when the engine has accepted them; their effect comes back by the watch. Errors are the EngineErrors above.
    """

    id: str  # unique, such as "docker:default"
    family: str  # "docker", "swarm", "kubernetes" or "local"
    context: str  # the docker or kube context's name

    @property
    def about(self) -> About:
        """Return where this engine is, as far as it is known by now."""
        return About(self.context)

    @property
    def health(self) -> Health:
        """Return how the connection as a whole is doing."""
        return Health(State.CONNECTING)

    async def connect(self) -> None:
        """Find out whether the engine answers and fill in `about`; raises Unreachable, Denied."""

    async def watch(self, kind: Kind, namespace: str, feed: Feed) -> None:
        """Feed the objects of a kind and all their changes, until cancelled."""
        raise Unsupported(f"{self.family} has no {kind.title}")

    def look(self, kind: Kind, uids: frozenset[str], by: str = "table") -> None:
        """Say which objects a person sees now; live figures are polled for these alone. `by`: which part of the screen says so."""

    def past(self, uid: str) -> Sequence[Figures]:
        """Return what an object used in the last minutes, oldest first, as far as it was polled."""
        return ()

    def figures(self, ref: Ref) -> AsyncIterator[Sequence[Figures]]:
        """Yield what an object used in the last minutes, oldest first, now and at each new poll; polls while somebody iterates.

        Raises Missing, Unsupported (nobody measures it), EngineError.
        """
        raise Unsupported(f"{ref.kind} are not measured")

    async def close(self) -> None:
        """Let go of every connection."""

    async def fetch(self, ref: Ref) -> Mapping[str, Any]:
        """Return the full object as the engine's API gives it; raises Missing."""
        raise Unsupported(f"{ref.kind} cannot be read one by one")

    async def events(self, ref: Ref) -> Sequence[Event]:
        """Return what was said about the object, oldest first."""
        raise Unsupported(f"{ref.kind} have no events")

    def logs(self, ref: Ref, options: LogOptions) -> AsyncIterator[Sequence[LogLine]]:
        """Yield batches of log lines; ends when the log does. Raises Missing, Unsupported."""
        raise Unsupported(f"{ref.kind} have no logs")

    async def scale(self, ref: Ref, replicas: int, was: int) -> None:
        """Set the replica count, if it still is `was`; raises Conflict."""
        raise Unsupported(f"{ref.kind} cannot be scaled")

    async def restart(self, ref: Ref) -> None:
        """Restart a container, or roll a workload's pods or tasks anew."""
        raise Unsupported(f"{ref.kind} cannot be restarted")

    async def start(self, ref: Ref) -> None:
        """Start a stopped container."""
        raise Unsupported(f"{ref.kind} cannot be started")

    async def stop(self, ref: Ref) -> None:
        """Stop a running container with its own grace period."""
        raise Unsupported(f"{ref.kind} cannot be stopped")

    async def remove(self, ref: Ref, *, force: bool = False, volumes: bool = False, propagation: str = "Background") -> None:
        """Delete the object, if it still is the one with `ref.uid`; raises Conflict, Missing."""
        raise Unsupported(f"{ref.kind} cannot be removed")

    def changes(self, ref: Ref, before: Mapping[str, Any], text: str) -> list[Change]:
        """Return what a text that a person edited changes in an object; raises ValueError with a sentence when it cannot be."""
        raise Unsupported(f"{ref.kind} cannot be edited")

    async def edit(self, ref: Ref, some: list[Change], *, dry: bool = False) -> None:
        """Change just these fields, each if it still is what was read; `dry`: only ask whether it would be accepted.

        Raises Conflict, Missing, EngineError (the server's own words for what is not valid).
        """
        raise Unsupported(f"{ref.kind} cannot be edited")

    async def cordon(self, ref: Ref, closed: bool) -> None:
        """Let a node take no new work, or take it again; what runs there stays. Raises Conflict, Missing."""
        raise Unsupported(f"{ref.kind} cannot be cordoned")

    async def sitting(self, ref: Ref) -> Sequence[Sitting]:
        """Return what runs on a node, and what draining it does to each."""
        raise Unsupported(f"{ref.kind} cannot be drained")

    def drain(self, ref: Ref, taken: frozenset[Fate]) -> AsyncIterator[Drained]:
        """Close a node and move what runs there and has a fate in `taken`; yields how far that is, and ends when nothing is left.

        Ended early, the node stays closed. Raises Conflict before anything is done when something else would be left behind.
        """
        raise Unsupported(f"{ref.kind} cannot be drained")

    async def revisions(self, ref: Ref) -> Sequence[Revision]:
        """Return the revisions a rollback can go to, newest first, the current one included."""
        raise Unsupported(f"{ref.kind} have no revisions")

    async def rollback(self, ref: Ref, revision: int) -> None:
        """Make an earlier revision the current one."""
        raise Unsupported(f"{ref.kind} cannot be rolled back")


# ---- kinds: nouns ---------------------------------------------------------------------------------------------------


class Column(Struct, frozen=True):
    """One column: a plain function from an object to a plain value.

    `keep`: how dear the column is when the screen is narrow; 0 goes first, 9 never goes. `wide`: only in wide mode.
    `glow`: whether a change of the cell is worth a glance. `gauge`: returns a share 0..100 drawn as a thin line.
    """

    title: str
    value: Callable[[Any], Value]
    tone: Callable[[Any], Tone] | None = None
    keep: int = 5
    wide: bool = False
    glow: bool = True
    gauge: Callable[[Any], float | None] | None = None
    width: int = 0  # at most so wide by itself; 0 = as wide as its cells, up to 60


class Trouble(Struct, frozen=True):
    """What is wrong with an object: a word (the state), a sentence of cause, and what may follow from it."""

    tone: Tone
    word: str
    cause: str = ""
    next: str = ""


class Fact(Struct, frozen=True):
    """One line of the facts pane. `link`: the object it speaks of, if a person can go there."""

    label: str
    value: Value
    tone: Tone = Tone.PLAIN
    link: Ref | None = None
    gauge: float | None = None


class Section(Struct, frozen=True):
    """A titled group of facts; the first of a kind has no title."""

    title: str
    facts: Sequence[Fact]


class Drill(Struct, frozen=True):
    """Where Enter leads: the kind, and which of its objects belong to the one left behind.

    `namespace`: in which namespace the other kind is watched; by default the object's own.
    """

    kind: str
    belongs: Callable[[Any, Any], bool]  # (from, candidate)
    namespace: Callable[[Any], str] | None = None


class Progress(Struct, frozen=True):
    """How far a rollout is: so many of so many are new and ready. `done`: None where that is not known; `word`: how it goes."""

    done: int | None
    whole: int
    word: str = ""


class Kind(Struct, frozen=True, eq=False):
    """A noun: how a kind of object is named, read, shown, and what can be done with it."""

    id: str  # "kubernetes/pods"
    title: str  # "Pods"
    singular: str  # "pod"
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()
    api: str = ""  # "apps/v1/deployments" for kubernetes; the list endpoint for docker and swarm
    type: Any = None  # the msgspec struct that a list or watch is decoded to
    expand: Callable[[Any], Sequence[Any]] | None = None  # the rows that one listed object makes; None: itself
    namespaced: bool = False
    tone: Callable[[Any], Tone] = lambda _: Tone.PLAIN
    trouble: Callable[[Any], Trouble | None] = lambda _: None
    progress: Callable[[Any], Progress | None] = lambda _: None  # of a rollout that is under way
    facts: Callable[[Any, Mapping[str, Any] | None], Sequence[Section]] = lambda _, __: ()
    owners: Callable[[Any], Sequence[tuple[str, str]]] = lambda _: ()  # (kind id, name), outermost first
    replicas: Callable[[Any], int | None] = lambda _: None  # how many are wanted, for kinds that can be scaled
    views: tuple[View, ...] = ()
    actions: tuple[Action, ...] = ()
    drill: Drill | None = None
    sort: str = ""  # the column a person sees it sorted by first; "" = name

    @property
    def family(self) -> str:
        """Return the engine's family: the part before the slash."""
        return self.id.partition("/")[0]

    @property
    def word(self) -> str:
        """Return the word a person types after `:`; the part behind the slash."""
        return self.id.partition("/")[2]


class Target(Struct, frozen=True):
    """What an action acts on, frozen when the key was pressed."""

    ref: Ref
    kind: Kind
    object: Any


# ---- verbs and views ------------------------------------------------------------------------------------------------


class View(Struct, frozen=True, eq=False):
    """A pane about one object. `build(host, target)` returns a Textual widget; a screen mounts it."""

    id: str
    title: str
    key: str  # opens the view large; "" = only in the details pane
    build: Callable[[Host, Target], Any]
    help: str = ""


class Action(Struct, frozen=True, eq=False):
    """A verb: one key everywhere, one name in the keymap, palette, help and audit log; its docstring is the help."""

    id: str
    key: str
    label: str
    help: str
    writes: bool
    many: bool  # also over marked rows
    run: Callable[[Host, Sequence[Target]], Awaitable[None]]
    ready: Callable[[Any], str] = lambda _: ""  # why not for this object, or ""


Verb = Callable[["Host", Sequence[Target]], Awaitable[None]]
T = TypeVar("T")


def action(
    key: str, label: str, *, writes: bool = False, many: bool = True, ready: Callable[[Any], str] = lambda _: ""
) -> Callable[[Verb], Action]:
    """Turn a function into an Action: its name is the id, its docstring the help."""

    def make(run: Verb) -> Action:
        return Action(run.__name__.strip("_"), key, label, (run.__doc__ or "").strip(), writes, many, run, ready)

    return make


class Host(Protocol):
    """What an action or a view may ask of the app."""

    @property
    def read_only(self) -> bool:
        """Tell whether every write is refused."""
        ...

    def protected(self, engine: str) -> bool:
        """Tell whether the person protects the engine with this id: the gravest verbs are typed out."""
        ...

    async def ask(self, dialog: Answers[T]) -> T | None:
        """Show a dialog and return the answer, or None when it was left."""
        ...

    def tell(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Say something in passing; `text` may come from outside."""
        ...

    def show(self, kind: str, *, namespace: str | None = None, filter: str = "") -> None:  # noqa: A002
        """Go to a kind."""
        ...

    def open(self, view: View, target: Target) -> None:
        """Open a view about one object over the whole screen; Esc comes back."""
        ...

    def engine(self, ref: Ref) -> Engine:
        """Return the engine an object lives in; raises Unreachable when that engine is gone."""
        ...

    def family(self, name: str) -> Engine | None:
        """Return the engine now in use for a family, or None."""
        ...

    async def switch(self, family: str, context: str) -> None:
        """Use another kube context or docker host from now on."""
        ...

    async def edit(self, text: str, name: str) -> str:
        """Let the person edit a text in their own editor and return what is left; `name`: of the file. Raises EngineError."""
        ...

    def copy(self, text: str) -> None:
        """Put text on the clipboard, made safe, and say so."""
        ...

    @property
    def folder(self) -> Path:
        """Return the folder for files that the program keeps or saves."""
        ...

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...
