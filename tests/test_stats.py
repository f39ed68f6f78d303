"""Charts: figures of five minutes as blocks, with now, least, most and the limit; polled while somebody looks, and not a moment longer."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

import pytest

from tests.shop_kubernetes import FIXED
from tests.told_kubernetes import reply, says
from tests.waiting import until
from tests.world import flying, shows, words, world
from tui.engines.kubernetes import metrics
from tui.facts import Figures, Missing, Ref, Unsupported
from tui.views.limits import limits_of
from tui.views.stats import StatsPane, stats_lines

MIB = 2**20


def past(count: int = 140, **more: int) -> list[Figures]:
    """Return figures two seconds apart that end now."""
    made = []
    for n in range(count):
        when = FIXED - timedelta(seconds=2 * (count - 1 - n))
        made.append(Figures(when, 20.0 + n % 10, (100 + n) * MIB, 256 * MIB, n * 4096, n * 512))
    return made


def lines(width: int, height: int, limits: tuple[float | None, float | None] = (200.0, None), family: str = "docker") -> list[str]:
    return [line.plain for line in stats_lines(past(), limits, family, FIXED, (width, height))]


@pytest.mark.parametrize(("width", "height"), [(60, 40), (100, 20), (30, 12), (24, 8), (150, 60)])
def test_charts_keep_to_their_room(width, height):
    made = lines(width, height)
    assert max(map(len, made)) <= width
    text = "\n".join(made)
    for word in ("CPU", "MEMORY", "RECEIVED", "SENT", *(("5 min ago", "now") if height >= 20 else ())):
        assert word in text
    if height >= 20:
        assert len(made) <= height


def test_now_least_most_and_the_limit_are_told_in_words():
    made = "\n".join(lines(100, 40))
    assert "max 29.0%" in made
    assert "min 20" in made
    assert "28.5% of 200.0%, 14%" in made
    assert "MiB of 256MiB, 93%" in made
    assert "┄" in made, "the limit is a line where it is near"
    assert "max 290m" in "\n".join(lines(100, 40, family="kubernetes"))


def test_what_was_not_measured_is_a_gap():
    few = [Figures(FIXED - timedelta(seconds=200), 10.0, MIB), Figures(FIXED, 10.0, MIB)]
    chart = stats_lines(few, (None, None), "docker", FIXED, (69, 20))[1].plain
    assert chart.strip().count("  ") >= 1
    assert chart[0] == " "


def test_limits_come_from_the_full_record():
    assert limits_of("docker/containers", "", {"HostConfig": {"NanoCpus": 1_500_000_000, "Memory": 7}}) == (150.0, 7.0)
    assert limits_of("docker/containers", "", {"HostConfig": {"CpuQuota": 50_000}}) == (50.0, None)
    parts = [
        {"name": "a", "resources": {"limits": {"cpu": "250m", "memory": "64Mi"}}},
        {"name": "b", "resources": {"limits": {"cpu": "1"}}},
    ]
    assert limits_of("kubernetes/pods", "", {"spec": {"containers": parts}}) == (125.0, None)
    assert limits_of("kubernetes/containers", "a", {"spec": {"containers": parts}}) == (25.0, 64.0 * MIB)
    assert limits_of("kubernetes/nodes", "", {"status": {"allocatable": {"cpu": "4", "memory": "8Gi"}}}) == (400.0, 8.0 * 2**30)
    assert limits_of("kubernetes/pods", "", {}) == (None, None)


def test_an_answer_of_the_metrics_api_is_read():
    parts = b'{"name":"a","usage":{"cpu":"250m","memory":"1Mi"}},{"name":"b","usage":{"cpu":"5000000n","memory":"1Ki"}}'
    body = b'{"timestamp":"2026-03-10T11:59:30Z","containers":[' + parts + b"]}"
    both = metrics.figures_of(body, "", FIXED)
    assert (both.cpu, both.memory) == (pytest.approx(25.5), MIB + 1024)
    assert metrics.figures_of(body, "b", FIXED).memory == 1024
    assert metrics.figures_of(b'{"usage":{"cpu":"1","memory":"1"}}', "", FIXED).cpu == 100.0
    for odd in (b"[]", b'{"containers":[]}', b'{"usage":{"cpu":"many"}}'):
        with pytest.raises(Missing):
            metrics.figures_of(odd, "", FIXED)
    with pytest.raises(Unsupported):
        metrics.path_of(Ref("kubernetes:x", "kubernetes/services", "shop", "web", "1"))


# ---- in the details ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def stats_of(one, name: str) -> StatsPane:
    """Turn the details of a row to its stats."""
    await one.select(name)
    await until(lambda: one.browse.details.target is not None and one.browse.details.target.ref.name == name)
    await one.press("V")
    await until(lambda: one.browse.details.view.id == "stats")
    await until(lambda: one.app.screen.query(StatsPane))
    return one.app.screen.query_one(StatsPane)


async def test_a_container_shows_its_charts_and_is_polled_as_long_as_they_stand(shop):
    async with flying(shop.config(), line="containers") as one:
        await stats_of(one, "shop-api-1")
        await shows(one, "MEMORY")
        await shows(one, "5 min ago")
        lens = one.browse.engine._lens
        assert any(by.startswith("figures") for by in lens._looks)
        await one.press("v")
        await until(lambda: not any(by.startswith("figures") for by in lens._looks), what=f"no more polling: {lens._looks}")


async def test_a_container_that_does_not_run_says_so(shop):
    async with flying(shop.config(), line="containers") as one:
        await stats_of(one, "backup")
        await shows(one, "it does not run")


async def test_a_cluster_without_metrics_says_what_would_serve_them(shop):
    for path in ("", "/namespaces/shop/pods/queue-0"):
        shop.shop.server.on(f"/apis/metrics.k8s.io/v1beta1{path}", reply(b"404 page not found\n", 404, "text/plain"))
    async with flying(shop.config(), line="pods") as one:
        await stats_of(one, "queue-0")
        await until(lambda: "metrics-server" in words(one).replace("\n", " "), what=words(one))


async def test_a_pod_is_measured_and_nothing_is_left_when_the_app_ends(shop, look):
    """See two charts of one measurement each: processors in thousandths of a core, memory with its share of the limit."""
    body = {"timestamp": "2026-03-10T11:59:45Z", "containers": [{"name": "main", "usage": {"cpu": "125m", "memory": "90Mi"}}]}
    shop.shop.server.on("/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/queue-0", says(body))
    async with flying(shop.config(), line="pods") as one:
        await stats_of(one, "queue-0")
        await shows(one, "125m")
        await shows(one, "90MiB")
        look(one.app)
    assert not [task for task in asyncio.all_tasks() if "ObjectPane" in str(task.get_coro())]


@pytest.mark.parametrize(("wide", "high"), [(160, 45), (100, 30)])
async def test_look(shop, look, wide, high):
    """See blocks in the engine's colour, the limit of the memory as a dashed line, words above each chart, time below the last."""
    async with flying(shop.config(), (wide, high), line="containers") as one:
        uid = next(row.uid for row in one.browse.shelf.objects.values() if row.name == "shop-api-1")
        known = one.browse.engine._lens.past
        known.add = lambda *_: None
        known._known[uid] = deque(past())
        await stats_of(one, "shop-api-1")
        await shows(one, "RECEIVED")
        await until(lambda: one.app.store._timer is None)
        await one.pilot.pause()
        look(one.app)
