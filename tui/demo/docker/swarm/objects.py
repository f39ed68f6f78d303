"""Objects of a swarm: nodes, services, tasks, secrets and configs, as the swarm's store keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.demo.docker.container import Container
from tui.demo.docker.daemon import Daemon
from tui.demo.docker.words import Json

ORDER = ("new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running",
         "complete", "shutdown", "failed", "rejected", "remove", "orphaned")  # fmt: skip
RANK = {word: rank for rank, word in enumerate(ORDER)}


@dataclass(eq=False)
class Stored:
    """What every object has. Times are nanoseconds; `index`: of its last write."""

    id: str
    created: int
    updated: int
    index: int


@dataclass(eq=False)
class Node(Stored):
    """One machine. `daemon`: its engine."""

    name: str
    address: str
    daemon: Daemon
    role: str = "worker"
    availability: str = "active"
    labels: dict[str, str] = field(default_factory=dict)
    state: str = "ready"
    message: str = ""
    leader: bool = False
    reachable: bool = True

    @property
    def takes(self) -> bool:
        """Tell whether new tasks may come here."""
        return self.state == "ready" and self.availability == "active"


@dataclass(eq=False)
class Service(Stored):
    """One service. `updating`: its UpdateStatus, or None."""

    spec: Json
    previous: Json | None = None
    updating: Json | None = None

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.spec["Name"])

    @property
    def labels(self) -> dict[str, str]:
        """Return its labels."""
        found: dict[str, str] = self.spec["Labels"]
        return found

    @property
    def template(self) -> Json:
        """Return what its tasks are made from."""
        found: Json = self.spec["TaskTemplate"]
        return found

    @property
    def replicas(self) -> int | None:
        """Return how many tasks are wanted; None when every node is to have one."""
        asked = self.spec["Mode"].get("Replicated")
        return None if asked is None else int(asked["Replicas"])

    @property
    def ports(self) -> list[Json]:
        """Return the published ports."""
        return list((self.spec.get("EndpointSpec") or {}).get("Ports") or ())


@dataclass(eq=False)
class Task(Stored):
    """One try to run one replica. `slot`: 0 in a global service; `since`: when its state began."""

    service: Service
    template: Json
    slot: int = 0
    node: Node | None = None
    desired: str = "running"
    state: str = "new"
    message: str = "created"
    error: str = ""
    since: int = 0
    container: Container | None = None
    container_id: str = ""
    exit_code: int = 0
    pid: int = 0

    @property
    def name(self) -> str:
        """Return service.slot.id, or service.node.id in a global service."""
        return f"{self.service.name}.{self.slot or (self.node.id if self.node else '')}.{self.id}"

    @property
    def over(self) -> bool:
        """Tell whether it has ended."""
        return RANK[self.state] > RANK["running"]

    @property
    def wanted(self) -> bool:
        """Tell whether the swarm still wants it to run."""
        return RANK[self.desired] <= RANK["running"]


@dataclass(eq=False)
class Kept(Stored):
    """A secret or a config. `data`: base64."""

    name: str
    labels: dict[str, str]
    data: str
