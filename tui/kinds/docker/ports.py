"""Ports: published and exposed ports of a container, written as `docker ps` writes them."""

from __future__ import annotations

from collections.abc import Sequence

from tui.engines.docker.objects import Part
from tui.kinds.docker.common import host_port


class Port(Part, frozen=True):
    """One port of a container list item; `ip` and `public_port` are missing where it is not published."""

    ip: str = ""
    private_port: int = 0
    public_port: int = 0
    type: str = "tcp"


def ports_text(ports: Sequence[Port] | None) -> str:
    """Return the ports in docker's order: neighbours as ranges first, then those published under another number.

    The rule is docker/cli's `DisplayablePorts`: a range needs the same address and protocol and, when published, the
    same number on both sides; ranges that end early come before those still open at the end.
    """
    closed: list[str] = []
    ranges: dict[tuple[str, str], tuple[int, int]] = {}
    renumbered: list[str] = []
    for port in sorted(ports or (), key=lambda one: (one.private_port, one.ip, one.public_port, one.type)):
        if port.ip and port.public_port != port.private_port:
            renumbered.append(f"{host_port(port.ip, port.public_port)}->{port.private_port}/{port.type}")
            continue
        group, number = (port.ip, port.type), port.private_port
        if group in ranges and number == ranges[group][1] + 1:
            ranges[group] = (ranges[group][0], number)
            continue
        if group in ranges:
            closed.append(_range(group, *ranges[group]))
        ranges[group] = (number, number)
    return ", ".join([*closed, *(_range(group, *ends) for group, ends in ranges.items()), *renumbered])


def _range(group: tuple[str, str], first: int, last: int) -> str:
    address, protocol = group
    numbers = str(first) if first == last else f"{first}-{last}"
    return f"{host_port(address, numbers)}->{numbers}/{protocol}" if address else f"{numbers}/{protocol}"
