"""The engines that contracts are tested on: real ones, and those of the demo."""

from tests.contract.docker_bed import bed
from tests.contract.kube_bed import kube
from tests.real.conftest import goodbyes

__all__ = ["bed", "goodbyes", "kube"]
