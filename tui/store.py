"""The store: what engines feed, folded into the newest truth, and told to whoever looks, 15 times a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tui.facts import Delta, EngineError, Gone, Health, Listed, Object, Put, State, Topic
from tui.model import Engine, Kind

TICK = 1 / 15  # seconds between two drains while deltas come
SLICE = 500  # objects told of at once: what a table takes in within a few ms
BREATH = 0.002  # seconds between two slices, for keys and paints
LINGER = 30.0  # seconds a watch lives on after nobody looks


@dataclass(slots=True)
class Change:
    """What one drain changed in one topic. Objects are read from the Shelf, by uid."""

    put: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    health: bool = False
    listed: bool = False


Listener = Callable[["Shelf", Change], None]


@dataclass(eq=False)
class Shelf:
    """All that is known of one topic: its objects by uid, how fresh they are, and whether a listing was complete."""

    topic: Topic
    objects: dict[str, Object] = field(default_factory=dict)
    health: Health = field(default_factory=lambda: Health(State.CONNECTING))
    loaded: bool = False
    listeners: list[Listener] = field(default_factory=list)
    pending: Change = field(default_factory=Change)
    task: asyncio.Task[None] | None = None
    farewell: asyncio.TimerHandle | None = None


class Store:
    """Shelves by topic. Feed and drain run on the event loop's thread; the last write per object wins.

    A watch runs while somebody looks at its topic, is shared by all who do, and ends `linger` seconds after the last left;
    its rows stay on the shelf until then, and are given at once to the next who looks.
    """

    def __init__(self, tick: float = TICK, linger: float = LINGER) -> None:
        self.shelves: dict[Topic, Shelf] = {}
        self._dirty: set[Topic] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._tick = tick
        self._linger = linger
        self.loaded: Callable[[], None] = lambda: None  # called whenever many objects were told in one go
        self._told = 0  # objects, since this go began

    def look(self, engine: Engine, kind: Kind, namespace: str, listener: Listener) -> Callable[[], None]:
        """Watch a kind and be told of its changes; returns the way to stop looking. What is known is told at once."""
        topic = Topic(engine.id, kind.id, namespace)
        shelf = self.shelves.get(topic)
        if shelf is None:
            shelf = self.shelves[topic] = Shelf(topic)
        if shelf.farewell is not None:
            shelf.farewell.cancel()
            shelf.farewell = None
        if shelf.task is None:
            shelf.task = asyncio.create_task(self._watch(shelf, engine, kind), name=f"watch {topic}")
        shelf.listeners.append(listener)
        self._tell_known(shelf, listener)

        def leave() -> None:
            if listener in shelf.listeners:
                shelf.listeners.remove(listener)
                if not shelf.listeners:
                    shelf.farewell = asyncio.get_running_loop().call_later(self._linger, self._drop, topic)

        return leave

    def _tell_known(self, shelf: Shelf, listener: Listener, uids: list[str] | None = None, first: bool = True) -> None:
        """Tell one who has just come what is known, slice by slice."""
        uids = list(shelf.objects) if uids is None else uids
        part, rest = uids[:SLICE], uids[SLICE:]
        listener(shelf, Change({uid for uid in part if uid in shelf.objects}, health=first, listed=shelf.loaded and not rest))
        if rest:

            def go_on() -> None:
                if listener in shelf.listeners:
                    self._tell_known(shelf, listener, rest, False)

            asyncio.get_running_loop().call_later(BREATH, go_on)

    async def _watch(self, shelf: Shelf, engine: Engine, kind: Kind) -> None:
        topic = shelf.topic
        try:
            await engine.watch(kind, topic.namespace, lambda delta: self.feed(topic, delta))
        except EngineError as error:
            self.feed(topic, Health(State.ABSENT, str(error)))
        except Exception as error:  # the edge: a fault of one watch must not take the others along
            self.feed(topic, Health(State.STALE, f"this pane stopped by a fault of the program: {type(error).__name__}: {error}"))

    def feed(self, topic: Topic, delta: Delta) -> None:
        """Fold one delta in; whoever looks is told at the next drain. A topic that nobody keeps is passed over."""
        shelf = self.shelves.get(topic)
        if shelf is None:
            return
        change = shelf.pending
        match delta:
            case Put(objects):
                for item in objects:
                    uid = item.uid
                    shelf.objects[uid] = item
                    change.put.add(uid)
                if change.gone:
                    change.gone.difference_update(item.uid for item in objects)
            case Gone(uids):
                self._forget(shelf, uids)
            case Listed(uids):
                self._forget(shelf, shelf.objects.keys() - uids)
                shelf.loaded = change.listed = True
            case Health():
                shelf.health, change.health = delta, True
        self._dirty.add(topic)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._tick, self.drain)

    @staticmethod
    def _forget(shelf: Shelf, uids: Iterable[str]) -> None:
        for uid in uids:
            if shelf.objects.pop(uid, None) is not None:
                shelf.pending.put.discard(uid)
                shelf.pending.gone.add(uid)

    def drain(self) -> None:
        """Tell every listener what has changed since the last drain; of more than SLICE objects the rest follows in a breath."""
        self._timer = None
        dirty, self._dirty = self._dirty, set()
        for topic in dirty:
            shelf = self.shelves.get(topic)
            if shelf is None:
                continue
            change = self._next(shelf)
            self._told += len(change.put)
            for listener in tuple(shelf.listeners):
                listener(shelf, change)
        if self._told >= 2 * SLICE:
            self._told = 0
            self.loaded()
        if not self._dirty:
            self._told = 0
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BREATH, self.drain)

    def _next(self, shelf: Shelf) -> Change:
        """Take what is to be told now off a shelf's pending change."""
        change, shelf.pending = shelf.pending, Change()
        if len(change.put) > SLICE:
            rest, change.put = change.put, {change.put.pop() for _ in range(SLICE)}
            shelf.pending.put = rest
            shelf.pending.listed, change.listed = change.listed, False
            self._dirty.add(shelf.topic)
        return change

    def _drop(self, topic: Topic) -> None:
        shelf = self.shelves.pop(topic, None)
        if shelf is not None and shelf.task is not None:
            shelf.task.cancel()

    def restart(self, topic: Topic) -> None:
        """Forget what is known of a topic and watch it anew; whoever looks goes on looking after a new `look`."""
        self._drop(topic)

    def drop_engine(self, engine: str) -> None:
        """End every watch of an engine and forget its objects: nothing of it is told any more."""
        for topic in [topic for topic in self.shelves if topic.engine == engine]:
            shelf = self.shelves[topic]
            shelf.listeners.clear()
            if shelf.farewell is not None:
                shelf.farewell.cancel()
            self._drop(topic)

    async def close(self) -> None:
        """End every watch and wait until it has ended."""
        tasks = [shelf.task for shelf in self.shelves.values() if shelf.task is not None]
        for topic in list(self.shelves):
            self.drop_engine(topic.engine)
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
