"""What has happened in the shop's cluster before one looks at it: it is lived through, not written down."""

from __future__ import annotations

import gc
from collections.abc import Callable

from tui.demo.kubernetes import manifests, scenes
from tui.demo.kubernetes.cluster import Cluster, Removal
from tui.demo.kubernetes.nodes import node
from tui.demo.kubernetes.objects import Json, noted
from tui.demo.kubernetes.resources import BY_KIND, CRONJOBS, DEPLOYMENTS, INGRESSES, NAMESPACES, SERVICES, Resource

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
CAUSE = "kubernetes.io/change-cause"
SPACES = (("default", 92), ("kube-system", 92), ("kube-public", 92), ("kube-node-lease", 92))
MACHINES = (("cp-1", True, 4, "16Gi"), ("node-a", False, 8, "32Gi"), ("node-b", False, 8, "32Gi"), ("node-c", False, 8, "32Gi"))


class Teller:
    """Does things at times in the past, the oldest first, and lets the cluster live in between."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.now = cluster.clock.time()
        self._plan: list[tuple[float, Callable[[], object]]] = []

    def at(self, ago: float, *actions: Callable[[], object]) -> None:
        """Plan something for so many seconds before now."""
        self._plan += [(ago, action) for action in actions]

    def tell(self) -> None:
        """Live through the plan."""
        clock = self.cluster.clock
        self._plan.sort(key=lambda one: -one[0])
        if self._plan:
            clock.rewind(self.now - self._plan[0][0])
        self.cluster.events.since = self.now - HOUR
        collects = gc.isenabled()
        gc.disable()  # nearly all that is made stays, and looking through it over and over costs a third of the time
        try:
            for ago, action in self._plan:
                clock.run_until(self.now - ago)
                action()
            clock.run_until(self.now)
        finally:
            if collects:
                gc.enable()

    # ---- what people do -----------------------------------------------------------------------------------------------

    def make(self, space: str, *items: Json) -> Callable[[], None]:
        """Return an action that makes objects in a namespace ("" for none)."""

        def act() -> None:
            for one in items:
                self.cluster.create(BY_KIND[one["apiVersion"], one["kind"]], space, one)

        return act

    def image(self, resource: Resource, space: str, name: str, image: str, cause: str = "") -> Callable[[], None]:
        """Return an action that gives the first container of a workload another image."""

        def act() -> None:
            had = self.cluster.need(resource, space, name)
            template = had["spec"]["template"]
            first, *rest = template["spec"]["containers"]
            pod = {**template["spec"], "containers": [{**first, "image": image}, *rest]}
            new = {**had, "spec": {**had["spec"], "template": {**template, "spec": pod}}}
            self.cluster.update(resource, had, noted(new, {CAUSE: cause}) if cause else new)

        return act

    def balancer(self, address: str) -> Callable[[], None]:
        """Return an action that gives the shop its address in the world, as a cloud does."""

        def act() -> None:
            told = {"loadBalancer": {"ingress": [{"ip": address}]}}
            self.cluster.set_status(SERVICES, self.cluster.need(SERVICES, "shop", "web"), told)
            self.cluster.set_status(INGRESSES, self.cluster.need(INGRESSES, "shop", "shop"), told)

        return act

    def spec(self, resource: Resource, space: str, name: str, **parts: object) -> Callable[[], None]:
        """Return an action that changes parts of an object's spec."""

        def act() -> None:
            self.cluster.set_spec(resource, self.cluster.need(resource, space, name), **parts)

        return act

    def end(self, resource: Resource, space: str, name: str) -> Callable[[], None]:
        """Return an action that deletes something."""

        def act() -> None:
            self.cluster.delete(resource, self.cluster.need(resource, space, name), Removal(propagation="Background"))

        return act


def tell(cluster: Cluster) -> None:
    """Live through three months of a shop's cluster, up to now."""
    teller = Teller(cluster)
    _machines(teller)
    _shop(teller)
    _changes(teller)
    _troubles(teller)
    teller.tell()


def machines(cluster: Cluster) -> None:
    """Have the machines and what every cluster has, and nothing else."""
    teller = Teller(cluster)
    _machines(teller)
    teller.tell()


def _machines(teller: Teller) -> None:
    now = teller.now
    for name, days in SPACES:
        teller.at(days * DAY + 60, teller.make("", manifests.item("v1", "Namespace", name)))
    for place, (name, control, cpu, memory) in enumerate(MACHINES):
        born = now - 92 * DAY + place * 240
        teller.at(
            92 * DAY - place * 240, teller.make("", node(name, place, born, now - 40 - place, control=control, cpu=cpu, memory=memory))
        )
    for one in scenes.static_pods("cp-1"):
        teller.at(92 * DAY - 20, teller.make("kube-system", one))
    teller.at(92 * DAY - 1000, teller.make("kube-system", *scenes.system()))
    teller.at(92 * DAY - 1000, teller.make("", *scenes.storage()))
    teller.at(30 * DAY, teller.make("kube-system", scenes.metrics_server()))
    teller.at(92 * DAY - 1000, teller.make("default", manifests.service("kubernetes", 443, 6443, app="kube-apiserver")))


def _shop(teller: Teller) -> None:
    teller.at(61 * DAY + 60, teller.make("", manifests.item("v1", "Namespace", "shop", labels={"team": "storefront"})))
    teller.at(61 * DAY + 30, teller.make("shop", *scenes.settings(), *scenes.services()))
    teller.at(61 * DAY, teller.make("shop", *scenes.stores()))
    teller.at(61 * DAY - 300, teller.make("shop", *scenes.tiers()))
    teller.at(61 * DAY - 900, teller.make("shop", *scenes.nightly()))
    teller.at(61 * DAY - 60, teller.balancer("203.0.113.20"))
    teller.at(4.2 * DAY, teller.spec(CRONJOBS, "shop", "invoice-nightly", suspend=False))
    teller.at(44 * MINUTE, teller.spec(CRONJOBS, "shop", "stock-sync", suspend=False))
    teller.at(40 * DAY, teller.make("", manifests.item("v1", "Namespace", "staging", labels={"team": "storefront"})))
    teller.at(40 * DAY - 60, teller.make("staging", *scenes.staging()))


def _changes(teller: Teller) -> None:
    """Rollouts that went well: they leave the revisions that one can go back to."""

    def roll(days: float, name: str, image: str, cause: str) -> None:
        teller.at(days * DAY, teller.image(DEPLOYMENTS, "shop", name, image, cause))

    roll(33.2, "web", "shop/web:2.6.1", "web 2.6.1: fix cart badge")
    roll(21.4, "api", "shop/api:1.14.0", "api 1.14.0: stock endpoint")
    roll(12.1, "web", "shop/web:2.7.0", "web 2.7.0: new product page")
    roll(9.3, "api", "shop/api:1.14.1", "api 1.14.1: pool of 12 connections")
    roll(9.1, "mailer", "shop/mailer:1.8.2", "")
    roll(5.6, "checkout", "shop/checkout:3.4.0", "checkout 3.4.0: gift cards")
    roll(3.05, "web", "shop/web:2.7.1", "web 2.7.1: lazy images")
    roll(1.3, "worker", "shop/worker:5.1.0", "")


def _troubles(teller: Teller) -> None:
    """What one finds when one looks: a canary that crashes, a rollout that is stuck, and more of the kind."""
    teller.at(30 * HOUR, teller.make("shop", scenes.search()))
    teller.at(140 * MINUTE, teller.make("shop", scenes.canary()))
    teller.at(52 * MINUTE, teller.make("shop", scenes.analytics()))
    teller.at(17 * MINUTE, teller.image(DEPLOYMENTS, "shop", "checkout", "shop/checkout:3.4.2", "checkout 3.4.2: tax rounding"))
    teller.at(6 * HOUR, teller.make("default", scenes.toolbox()))
    teller.at(26 * HOUR, teller.make("staging", scenes.broken_api()))
    teller.at(5 * DAY, teller.make("", manifests.item("v1", "Namespace", "preview-412", labels={"pull-request": "412"})))
    teller.at(5 * DAY - 60, teller.make("preview-412", *scenes.preview()))
    teller.at(38 * MINUTE, teller.end(NAMESPACES, "", "preview-412"))
