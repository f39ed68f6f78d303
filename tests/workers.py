"""Which tests stay together on one worker: those on one real engine, and those of a file."""

from __future__ import annotations

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

SLOW = ("hostile", "dialogs", "browse", "demo_faults", "demo_docker", "comfort", "browse_acts", "panes", "start", "palette", "safety")
"""The files, of those without real engines, that take longest: they are handed out first."""


def slow_first(items: list[pytest.Item]) -> None:
    """Put the slow files first, so that no worker is left alone with one at the end."""
    ranks = {f"test_{name}.py": rank for rank, name in enumerate(SLOW)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(SLOW)) if item.get_closest_marker("real") is None else len(SLOW))


def group(nodeid: str, real: bool) -> str:
    """Return the name of the tests that a test stays with: its engine's, or its file's.

    Real engines are one to a worker. Above all the cluster: two kubelets on one machine end each other's containers.
    """
    path = nodeid.partition("::")[0]
    if real and path.startswith(("tests/real/", "tests/contract/")):
        return "kubernetes" if "kube" in path else "docker"
    return path


def check(item: pytest.Item) -> None:
    """Raise UsageError for a test on a real cluster in a file whose name does not say so: it would start a second one."""
    uses = {"kube", "kube_world"} & set(getattr(item, "fixturenames", ()))
    if uses and item.get_closest_marker("real") and group(item.nodeid, True) != "kubernetes":
        raise pytest.UsageError(f"{item.nodeid}: a test on a real cluster belongs in a file with kube in its name")


class Groups(LoadScopeScheduling):
    """Hand out tests by `group`, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid, self.config.getoption("markexpr") != "not real")
