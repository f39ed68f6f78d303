"""Ports: the published ports of a service, written as `docker service ls` writes them."""

from __future__ import annotations

from collections.abc import Sequence

from tui.engines.docker.objects import Part


class Published(Part, frozen=True):
    """One published port of a service."""

    protocol: str = "tcp"
    target_port: int = 0
    published_port: int = 0
    publish_mode: str = "ingress"


def ports_text(ports: Sequence[Published] | None) -> str:
    """Return the ports of the routing mesh, neighbours as ranges: `*:8088-8090->80-82/tcp`.

    The rule is docker/cli's: a range goes on while protocol is the same and both numbers grow by one, or while several
    published ports lead to one target.
    """
    ranges: list[list[Published]] = []
    for port in sorted(ports or (), key=lambda one: (one.protocol, one.published_port)):
        if port.publish_mode != "ingress":
            continue
        if ranges and _goes_on(ranges[-1], port):
            ranges[-1].append(port)
        else:
            ranges.append([port])
    return ", ".join(_range(group[0], group[-1]) for group in ranges)


def _goes_on(group: Sequence[Published], port: Published) -> bool:
    first, last = group[0], group[-1]
    if port.protocol != last.protocol or port.published_port - last.published_port > 1:
        return False
    if not 0 <= port.target_port - last.target_port <= 1:
        return False
    return last.target_port == first.target_port or port.target_port > last.target_port


def _range(first: Published, last: Published) -> str:
    def numbers(begin: int, end: int) -> str:
        return f"{begin}-{end}" if end > begin else str(begin)

    published = numbers(first.published_port, last.published_port)
    return f"*:{published}->{numbers(first.target_port, last.target_port)}/{first.protocol}"
