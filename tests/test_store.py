"""The store: the last write wins, a listing removes what it does not name, watches live as long as somebody looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from tests.waiting import until
from tui.facts import Gone, Health, Listed, Put, State, Topic, Unsupported
from tui.model import Column, Engine, Kind
from tui.store import Change, Store

KIND = Kind("test/things", "Things", "thing", (Column("Name", lambda thing: thing.name),))


@dataclass(frozen=True)
class Thing:
    uid: str
    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)


class Scripted(Engine):
    """Feeds what it is told, for ever."""

    id, family, context = "test:one", "test", "one"

    def __init__(self, deltas=()):
        self.deltas, self.started, self.ended, self.feed = list(deltas), 0, 0, None

    async def watch(self, kind, namespace, feed):
        self.started += 1
        self.feed = feed
        for delta in self.deltas:
            feed(delta)
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1


def things(*names):
    return Put([Thing(name, name) for name in names])


async def test_rows_arrive_coalesced_and_a_listing_removes_the_rest():
    store, told = Store(tick=0.01), []
    engine = Scripted([things("a", "b"), Put([Thing("a", "a2")]), Listed(frozenset({"a"})), Health(State.LIVE)])
    store.look(engine, KIND, "", lambda shelf, change: told.append((dict(shelf.objects), change)))
    await until(lambda: len(told) == 2)
    objects, change = told[1]
    assert objects == {"a": Thing("a", "a2")}
    assert (change.put, change.gone, change.listed, change.health) == ({"a"}, {"b"}, True, True)
    await store.close()


async def test_two_who_look_share_one_watch_and_the_second_is_told_at_once():
    store, engine, seen = Store(tick=0.01), Scripted([things("a"), Listed(frozenset({"a"}))]), []
    store.look(engine, KIND, "", lambda shelf, change: None)
    await until(lambda: store.shelves[Topic("test:one", "test/things")].loaded)
    store.look(engine, KIND, "", lambda shelf, change: seen.append(set(change.put)))
    assert seen == [{"a"}]
    assert engine.started == 1
    await store.close()


async def test_a_watch_lingers_and_then_ends():
    store, engine = Store(tick=0.01, linger=0.05), Scripted([things("a")])
    store.look(engine, KIND, "", lambda shelf, change: None)()
    again = store.look(engine, KIND, "", lambda shelf, change: None)
    await until(lambda: engine.started == 1)
    assert engine.ended == 0
    again()
    await until(lambda: engine.ended == 1)
    assert not store.shelves


async def test_an_engine_that_is_dropped_is_heard_no_more():
    store, engine, told = Store(tick=0.01), Scripted([things("a")]), []
    store.look(engine, KIND, "", lambda shelf, change: told.append(change))
    await until(lambda: engine.feed is not None)
    feed = engine.feed
    store.drop_engine("test:one")
    before = len(told)
    feed(things("ghost"))
    store.drain()
    assert len(told) == before
    await until(lambda: engine.ended == 1)


async def test_a_watch_that_cannot_be_says_so():
    class Poor(Scripted):
        async def watch(self, kind, namespace, feed):
            raise Unsupported("no things here")

    store, told = Store(tick=0.01), []
    store.look(Poor(), KIND, "", lambda shelf, change: told.append(shelf.health))
    await until(lambda: told[-1].state is State.ABSENT)
    assert told[-1].reason == "no things here"
    await store.close()


async def test_a_fault_of_one_watch_is_said_and_kept_to_itself():
    class Broken(Scripted):
        async def watch(self, kind, namespace, feed):
            raise ZeroDivisionError("oops")

    store, told = Store(tick=0.01), []
    store.look(Broken(), KIND, "", lambda shelf, change: told.append(shelf.health))
    await until(lambda: told[-1].state is State.STALE)
    assert "ZeroDivisionError" in told[-1].reason
    await store.close()


steps = st.lists(
    st.one_of(
        st.sets(st.sampled_from("abcdef")).map(lambda names: things(*sorted(names))),
        st.sets(st.sampled_from("abcdef")).map(lambda names: Gone(sorted(names))),
        st.sets(st.sampled_from("abcdef")).map(lambda names: Listed(frozenset(names))),
        st.just("drain"),
    ),
    max_size=30,
)


async def test_many_objects_are_told_in_slices_and_the_listing_with_the_last(monkeypatch):
    monkeypatch.setattr("tui.store.SLICE", 2)
    store, told, big = Store(tick=0.01), [], []
    store.loaded = lambda: big.append(True)
    engine = Scripted([things(*"abcde"), Listed(frozenset("abcde"))])
    store.look(engine, KIND, "", lambda shelf, change: told.append(change))
    await until(lambda: told[-1].listed)
    assert [len(change.put) for change in told] == [0, 2, 2, 1]
    assert [change.listed for change in told] == [False, False, False, True]
    assert big
    late = []
    store.look(engine, KIND, "", lambda shelf, change: late.append(change))
    await until(lambda: late[-1].listed)
    assert [len(change.put) for change in late] == [2, 2, 1]
    await store.close()


async def test_a_few_objects_at_a_time_are_never_many(monkeypatch):
    monkeypatch.setattr("tui.store.SLICE", 2)
    store, told, big = Store(tick=3600), [], []
    store.loaded = lambda: big.append(True)
    topic = Topic("test:one", "test/things")
    store.look(Scripted([]), KIND, "", lambda shelf, change: told.append(change))
    for name in "abcdef":
        store.feed(topic, things(name))
        store.drain()
    assert [len(change.put) for change in told] == [0, 1, 1, 1, 1, 1, 1]
    assert not big
    await store.close()


async def test_who_leaves_between_two_slices_is_told_no_more(monkeypatch):
    monkeypatch.setattr("tui.store.SLICE", 2)
    store, told = Store(tick=0.01), []
    engine = Scripted([things(*"abcde"), Listed(frozenset("abcde"))])
    store.look(engine, KIND, "", lambda shelf, change: told.append(change))
    await until(lambda: told[-1].listed)
    late, whole = [], []
    leave = store.look(engine, KIND, "", lambda shelf, change: late.append(change))
    store.look(engine, KIND, "", lambda shelf, change: whole.append(change))
    leave()
    await until(lambda: whole[-1].listed)
    assert len(late) == 1
    await store.close()


@given(steps)
def test_whoever_applies_the_changes_has_what_the_shelf_has(script):
    """A listener that keeps its own copy from put and gone ends with exactly the shelf's objects."""

    async def run():
        store, copy = Store(tick=3600, linger=3600), {}

        def apply(shelf, change: Change):
            for uid in change.gone:
                copy.pop(uid, None)
            for uid in change.put:
                copy[uid] = shelf.objects[uid]

        store.look(Scripted(), KIND, "", apply)
        topic = Topic("test:one", "test/things")
        for step in script:
            if step == "drain":
                store.drain()
            else:
                store.feed(topic, step)
        store.drain()
        assert copy == store.shelves[topic].objects
        await store.close()

    asyncio.run(run())
