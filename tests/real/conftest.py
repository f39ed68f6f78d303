"""Real engines for the tests in this folder."""

from tests.real.worlds import docker_world, kube_world

__all__ = ["docker_world", "kube_world"]
