"""The overview: what is wrong over every engine and why, what is under way, hot or warned of; live, cheap, and left without a trace."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests import shop_kubernetes
from tests.shop_kubernetes import FIXED, before
from tests.waiting import until
from tests.world import flying, shows, words, world
from tui.facts import Figures, Health, Listed, Put, State, Tone, Topic
from tui.kinds import kind_of, kinds
from tui.model import Engine
from tui.screens.overview import OverviewScreen
from tui.screens.pulse import POLLED, Pulse
from tui.screens.pulse_lines import page, share_out
from tui.store import Store
from tui.views.series import columns, rates

DOCKER, KUBE = "docker:here", "kubernetes:there"


class Still(Engine):
    """An engine that feeds nothing by itself, and remembers who looks."""

    def __init__(self, family: str) -> None:
        self.family, self.id, self.context = family, f"{family}:here", "here"
        self.looked: dict[str, frozenset[str]] = {}
        self.figures_of: dict[str, list[Figures]] = {}

    async def watch(self, kind: Any, namespace: str, feed: Any) -> None:
        """Wait."""
        import asyncio

        await asyncio.Event().wait()

    def look(self, kind: Any, uids: frozenset[str], by: str = "table") -> None:
        """Remember it."""
        self.looked[by] = uids

    def past(self, uid: str) -> list[Figures]:
        """Return what a test put there."""
        return self.figures_of.get(uid, [])


def container(name: str, state: str = "running", **more: Any) -> Any:
    return msgspec.convert({"Id": name, "Names": [f"/{name}"], "State": state, **more}, kind_of("docker/containers").type)


def event(name: str, about: str, minutes: int, count: int = 1, type_: str = "Warning") -> Any:
    body = {
        "metadata": {"name": name, "uid": name, "namespace": "shop"}, "type": type_, "reason": "BackOff", "message": f"said {name}",
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": about}, "count": count,
        "lastTimestamp": (FIXED - timedelta(minutes=minutes)).isoformat(),
    }  # fmt: skip
    return msgspec.convert(body, kind_of("kubernetes/events").type)


class Watched:
    """A pulse over still engines, fed by hand."""

    def __init__(self) -> None:
        self.store = Store(tick=0)
        self.engines = {family: Still(family) for family in ("docker", "swarm", "kubernetes")}
        self.news = 0
        self.pulse = Pulse(self.store, self._changed)
        self.pulse.look(self.engines, "shop")

    def _changed(self) -> None:
        self.news += 1

    def feed(self, kind_id: str, *objects: Any, namespace: str = "", health: State = State.LIVE) -> None:
        topic = Topic(self.engines[kind_id.partition("/")[0]].id, kind_id, namespace)
        self.store.feed(topic, Put(objects))
        self.store.feed(topic, Listed(frozenset(one.uid for one in objects)))
        self.store.feed(topic, Health(health))
        self.store.drain()

    def page(self, size: tuple[int, int] = (100, 40), opened: frozenset[str] = frozenset()) -> Any:
        return page(self.pulse, self.engines, {}, FIXED, size, opened)


@pytest.fixture
async def watched():
    one = Watched()
    yield one
    one.pulse.leave()
    await one.store.close()


async def test_troubles_come_and_go_with_the_deltas(watched):
    watched.feed("docker/containers", container("web"), container("job", "exited", Status="Exited (3) 2 minutes ago"))
    assert [(one.lead.object.name, one.tone) for one in watched.pulse.problems()] == [("job", Tone.BROKEN)]
    watched.feed("docker/containers", container("web"), container("job", "running"))
    assert not watched.pulse.problems()


async def test_what_belongs_to_one_owner_is_one_line(watched):
    raw = [one for one in copy.deepcopy(shop_kubernetes.pods()) if one["metadata"]["name"].startswith("checkout")]
    for one in raw:
        one["metadata"].setdefault("labels", {})["pod-template-hash"] = one["metadata"]["ownerReferences"][0]["name"].rpartition("-")[2]
    pods = [msgspec.convert(one, kind_of("kubernetes/pods").type) for one in raw]
    deployments = [msgspec.convert(one, kind_of("kubernetes/deployments").type) for one in shop_kubernetes.deployments()]
    watched.feed("kubernetes/pods", *pods)
    watched.feed("kubernetes/deployments", *deployments)
    problems = watched.pulse.problems()
    groups = [one.lead.group for one in problems]
    assert len(groups) == len(set(groups))
    assert [one.tone for one in problems] == sorted((one.tone for one in problems), key=[Tone.BROKEN, Tone.STRAINED].index)
    told = {one.lead.group[2]: one.lead.kind.id for one in problems}
    assert told["checkout"] == "kubernetes/pods", "a pod tells why, its deployment does not"


async def test_what_is_left_of_a_swarm_task_is_told_by_its_service(watched):
    labels = {"com.docker.swarm.service.name": "web"}
    watched.feed("docker/containers", container("web.1", "exited", Status="Exited (1) 2 hours ago", Labels=labels))
    assert not watched.pulse.problems()


async def test_warnings_are_folded_by_object_the_newest_first(watched):
    watched.feed(
        "kubernetes/events", event("a", "web", 9, 4), event("b", "web", 3), event("c", "db", 5), event("d", "db", 1, type_="Normal")
    )
    assert [(one.event.name, one.count) for one in watched.pulse.warned()] == [("b", 5), ("c", 1)]


async def test_where_all_namespaces_are_refused_one_is_watched(watched):
    watched.feed("kubernetes/pods", health=State.FORBIDDEN)
    watched.pulse.look(watched.engines, "shop")
    assert watched.pulse.narrowed == "shop"
    assert Topic("kubernetes:here", "kubernetes/pods", "shop") in watched.store.shelves
    assert "of namespace shop" in "\n".join(entry.content.plain for entry in watched.page().entries)


async def test_few_containers_are_measured_at_a_time_and_each_has_its_turn(watched):
    names = {f"c{number:02}" for number in range(40)}
    watched.feed("docker/containers", *(container(name) for name in sorted(names)))
    docker, seen = watched.engines["docker"], set()
    docker.figures_of["c07"] = [Figures(FIXED, 99.0)]
    for _ in range(40):
        watched.pulse.measure()
        now = docker.looked["overview"]
        assert len(now) <= POLLED
        assert "c07" in now
        seen |= now
    assert seen == names
    watched.pulse.leave()
    assert docker.looked["overview"] == frozenset()


async def test_nothing_wrong_is_promised_only_when_everything_was_read(watched):
    def text() -> str:
        return "\n".join(entry.content.plain for entry in watched.page().entries)

    assert "nothing is broken" not in text()
    for kind_id in list(watched.pulse.shelves):
        watched.feed(kind_id)
    assert "● nothing is broken or strained" in text()


@pytest.mark.parametrize("size", [(160, 40), (98, 26), (78, 20), (58, 12), (30, 6)])
async def test_no_line_is_wider_than_the_window_and_each_section_is_there(watched, size):
    watched.feed("docker/containers", *(container(f"job-{n}", "exited", Status="Exited (3) 2 minutes ago") for n in range(60)))
    watched.feed("kubernetes/events", *(event(f"e{n}", f"web-{n}", n) for n in range(60)))
    made = watched.page(size)
    assert max(entry.content.cell_length for entry in made.entries) <= size[0]
    text = "\n".join(entry.content.plain for entry in made.entries)
    for title in ("ENGINES", "WRONG NOW", "ROLLOUTS", "HOTTEST", "WARNINGS"):
        assert title in text
    if size[1] >= 20:
        assert len(made.entries) <= size[1]
    assert len(watched.page(size, frozenset({"wrong"})).entries) > 60
    assert set(made.ways) == {entry.key for entry in made.entries} - {""}


def test_room_is_shared_out():
    assert share_out([3, 9, 0, 4, 4], 20) == [3, 9, 0, 4, 4]
    assert sum(share_out([3, 90, 5, 40, 40], 30)) == 30
    assert share_out([3, 90, 5, 40, 40], 0) == [3, 3, 2, 2, 2]


def test_a_series_is_means_by_column_and_gaps_stay_gaps():
    past = [Figures(FIXED - timedelta(seconds=seconds), cpu) for seconds, cpu in ((290, 10.0), (100, 20.0), (99, 40.0), (1, 5.0))]
    made = columns(past, lambda one: one.cpu, 10, FIXED)
    assert made[0] == 10.0
    assert made[6] == 30.0
    assert made[-1] == 5.0
    assert made[5] is None


def test_a_counter_that_fell_began_anew():
    past = [Figures(FIXED + timedelta(seconds=2 * n), received=received) for n, received in enumerate((100, 300, 50, 250))]
    assert [rate for _, rate in rates(past, lambda one: one.received)] == [100.0, 100.0]


# ---- on the screen ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def measured(one: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait until the overview says all that it will."""
    await until(lambda: isinstance(one.app.screen, OverviewScreen))
    await until(lambda: one.app.screen.pulse.shelves)
    pulse = one.app.screen.pulse
    await until(
        lambda: all(shelf.loaded or shelf.health.state is State.ABSENT for shelf in pulse.shelves.values()) and len(pulse.shelves) == 10
    )
    docker = one.app.fleet.engines["docker"]
    await until(lambda: all(docker.past(uid) for uid in pulse.running), what="figures")
    await until(lambda: all(woe.object.peek for woe in pulse.woes.values() if woe.kind.id == "docker/containers"), what="why they ended")
    monkeypatch.setattr(Pulse, "measure", lambda _: None)
    docker.look(kinds()["docker/containers"], frozenset(), "overview")
    one.app.screen.draw()
    await one.pilot.pause()


@pytest.mark.parametrize(("wide", "high"), [(160, 45), (100, 30), (80, 24), (60, 16)])
async def test_look(shop, look, wide, high, monkeypatch):
    """See every engine on a line, then what is wrong with its cause, rollouts with a thin line, hot containers, warnings."""
    async with flying(shop.config(), (wide, high), line="containers") as one:
        await one.press("o")
        await measured(one, monkeypatch)
        await one.press("down", "down", "down")
        one.app.screen.draw()
        await one.pilot.pause()
        look(one.app)


async def test_enter_leads_to_the_object_and_nothing_is_watched_on(shop, monkeypatch):
    async with flying(shop.config(), line="containers") as one:
        await one.press("colon", *"overview", "enter")
        await measured(one, monkeypatch)
        overview = one.app.screen
        assert "CrashLoopBackOff" in words(one)
        key = next(key for key, way in overview._page.ways.items() if way[2] == "checkout-66b7d4c9f-w8zsj")
        overview.ledger.go(next(n for n, entry in enumerate(overview.ledger.entries) if entry.key == key))
        await one.press("enter")
        await until(lambda: one.app.screen is one.browse)
        await until(
            lambda: one.browse.table.cursor_key and one.browse.table.row(one.browse.table.cursor_key).name == "checkout-66b7d4c9f-w8zsj"
        )
        await until(
            lambda: (
                not any(
                    listener.__self__ is overview.pulse
                    for shelf in one.app.store.shelves.values()
                    for listener in shelf.listeners
                    if hasattr(listener, "__self__")
                )
            )
        )


async def test_a_new_fault_appears_by_itself_and_the_mouse_goes_there(shop, monkeypatch):
    async with flying(shop.config(), line="pods") as one:
        await one.press("o")
        await measured(one, monkeypatch)
        bad = shop_kubernetes.pod("aaa-new", None, before(minutes=3), [], namespace="shop")
        bad = copy.deepcopy(bad)
        bad["status"] = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on memory"}
        shop.shop.put("pods", bad)
        await shows(one, "aaa-new")
        await shows(one, "Evicted")
        overview = one.app.screen
        at = next(n for n, entry in enumerate(overview.ledger.entries) if "aaa-new" in entry.content.plain)
        await one.pilot.click(overview.ledger, offset=(5, at - round(overview.ledger.scroll_y)))
        assert overview.ledger.at == at
        await one.press("escape")
        assert one.app.screen is one.browse


async def test_without_engines_it_says_so_in_a_line_each(shop):
    async with flying(shop.config(docker=False, kubernetes=False)) as one:
        await until(lambda: one.app.screen.id == "start")
        await one.press("escape", "o")
        await shows(one, "overview")
        await shows(one, "kubernetes")
        await until(lambda: "✖ kubernetes" in words(one), what=words(one))
        assert "nothing is broken" not in words(one)
