"""The look of each state of freshness: what is told when there is nothing, not yet, no more, or no permission."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.shop_kubernetes import FIXED
from tests.told_kubernetes import hang, status
from tests.waiting import until
from tests.world import flying, shows, still, world
from tui.demo.docker.faults import Fault
from tui.facts import Health, Ref, State

PODS = "/api/v1/namespaces/shop/pods"


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


async def test_loading(shop, look):
    """See that pods are being read, in the middle of an empty table; the other panes are there already."""
    shop.shop.server.on(PODS, hang())
    async with flying(shop.config(view="pods")) as one:
        await shows(one, "reading pods")
        await until(lambda: len([tab for tab in one.browse.query_one("TabBar").tabs if tab.note == "…"]) == 1)
        await still(one, tabs=False)
        look(one.app)


async def test_empty(shop, look):
    """See a quiet sentence that there is nothing here."""
    async with flying(shop.config(), line="deployments staging") as one:
        await still(one)
        look(one.app)


async def test_no_match(shop, look):
    """See that none of the rows matches, and how to see them all again."""
    async with flying(shop.config(), line="pods") as one:
        await one.press("slash", *"nobody", "enter")
        await still(one)
        look(one.app)


async def test_faults_only(shop, look):
    """See the broken and strained pods alone, and the words faults only."""
    async with flying(shop.config(), line="pods") as one:
        await still(one)
        await one.press("ctrl+z")
        await still(one)
        look(one.app)


async def test_docker_absent(shop, look):
    """See that nobody answers at the socket, and what to do; the cluster is well beside it."""
    async with flying(shop.config(docker=False, view="containers")) as one:
        await until(lambda: one.state is State.RETRYING)
        _ails(one, State.RETRYING, one.browse.shelf.health.reason, 8)
        await still(one, tabs=False)
        look(one.app)


async def test_no_kubeconfig(shop, look):
    """See that no context was found, where was looked, and what to do."""
    async with flying(shop.config(kubernetes=False, view="pods")) as one:
        await shows(one, "--kubeconfig")
        await still(one, tabs=False)
        look(one.app)


def _ails(one, state: State, reason: str, wait: float = 0.0) -> None:
    """Make the pane in front ail at a fixed time, and let nothing else be heard: the true times are not the same twice."""
    one.browse.shelf.task.cancel()
    retry = FIXED + timedelta(seconds=wait) if wait else None
    since = FIXED - timedelta(seconds=65) if one.browse.shelf.loaded else None
    one.app.store.feed(one.browse.shelf.topic, Health(state, reason, since, retry))


async def test_retrying(shop, look):
    """See the rows dimmed but there, when it is tried again and since when they are old; an amber sign on the tab."""
    async with flying(shop.config(), line="pods") as one:
        await still(one)
        _ails(one, State.RETRYING, "eu-1.localhost refused the connection", 12)
        await shows(one, "retrying in 12 s")
        await still(one)
        look(one.app)


async def test_expired(shop, look):
    """See the rows dimmed, and that the credentials are no longer good."""
    async with flying(shop.config(), line="pods") as one:
        await still(one)
        _ails(one, State.EXPIRED, "the server no longer takes the credentials of alice; sign in again")
        await shows(one, "credentials expired")
        await still(one)
        look(one.app)


async def test_forbidden(shop, look):
    """See that alice may not list config maps here, in the server's words; the other panes are well."""
    said = 'configmaps is forbidden: User "alice@example.com" cannot list resource "configmaps" in API group "" in the namespace "shop"'
    shop.shop.server.on("/api/v1/namespaces/shop/configmaps", status(403, "Forbidden", said))
    async with flying(shop.config(view="configmaps")) as one:
        await shows(one, "✖ forbidden")
        await still(one)
        look(one.app)


async def test_daemon_refuses(shop, look):
    """See the daemon's own words in the middle of the table, and that it is tried again."""
    shop.docker.faults.add(Fault("/volumes", "GET", status=403, message="authorization denied by plugin: volumes are not for you"))
    async with flying(shop.config(view="volumes")) as one:
        await until(lambda: one.browse.shelf is not None and one.browse.shelf.health.state is State.FORBIDDEN)
        await still(one)
        look(one.app)


async def test_not_a_swarm(shop, look):
    """See that the host is in no swarm, and how one is made."""
    shop.docker.manager = False
    shop.docker.info = {"Swarm": {"LocalNodeState": "inactive"}}
    async with flying(shop.config(view="swarm/services")) as one:
        await shows(one, "docker swarm init")
        await still(one, tabs=False)
        look(one.app)


async def test_read_only(shop, look):
    """See the word read-only in the top line, and no key at the foot that would write."""
    async with flying(shop.config(read_only=True), line="deployments") as one:
        await still(one)
        look(one.app)


async def test_contexts(shop, look):
    """See the three contexts: one in use, one that answers, one that is broken and why."""
    async with flying(shop.config(), line="contexts") as one:
        await until(lambda: "asking" not in {one.cell(name, "State") for name in ("shop-eu", "lab")})
        await one.select("left-over")
        await still(one)
        look(one.app)


async def test_hosts(shop, look):
    """See the docker hosts: one in use, one that refuses, one of a kind that is not supported."""
    async with flying(shop.config(), line="hosts") as one:
        await until(lambda: "asking" not in {one.cell(name, "State") for name in ("default", "build")})
        await one.select("build")
        await still(one)
        look(one.app)


async def test_no_forwards(shop, look):
    """See that there are no port-forwards."""
    async with flying(shop.config(), line="forwards") as one:
        await still(one)
        look(one.app)


async def test_forwards(shop, look):
    """See three forwards: one that listens, one whose last connection failed, one without a ready pod; what is wrong is said."""
    async with flying(shop.config(), line="forwards") as one:
        await one.live()
        local = one.app.fleet.engines["local"]
        for number, (name, state, pod, error) in enumerate(
            (
                ("gateway", "listening", "gateway-0", ""),
                ("checkout", "degraded", "checkout-7d9f8c6b5-4xk2p", "connection refused by port 8080 of the pod"),
                ("search", "no ready pod", "", ""),
            )
        ):
            local._forwards[name] = Running(name, state, pod, error, 8080 + number)
            local._contexts[name] = "shop-eu"
        local._changed()
        await one.select("checkout")
        await still(one)
        look(one.app)


class Running:
    """A forward as it is while it runs, in a state that is told."""

    def __init__(self, name: str, state: str, pod: str, error: str, port: int) -> None:
        self.ref = Ref("kubernetes:shop-eu", "kubernetes/deployments", "shop", name, name)
        self.state, self.pod, self.error = state, pod, error
        self.address, self.local_port, self.remote_port = "127.0.0.1", port, 80
        self.bytes_in, self.bytes_out, self.live, self.total = 1_250_000, 48_000, 1, 12
        self.started = FIXED - timedelta(minutes=9)

    async def close(self) -> None:
        """Nothing is open."""


async def test_no_colour(shop, look, monkeypatch):
    """See every state by its glyph and its word, without any colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with flying(shop.config(), line="pods") as one:
        await one.select("checkout-66b7d4c9f-w8zsj")
        await still(one)
        look(one.app)
