"""What a container does once it runs: how soon it serves, when it ends, what it needs, what it says. By its image and its command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tui.demo.kubernetes.kubelet import images, shell
from tui.demo.kubernetes.kubelet.voices import PANIC, SYSTEM, VOICES, Voice

FOREVER = None
SILENT = Voice()


@dataclass(frozen=True, slots=True)
class Program:
    """How a container behaves. Seconds and counts; `warm` None: it never gets ready; `lasts` None: it does not end by itself."""

    warm: float | None = 0.5
    lasts: float | None = FOREVER
    code: int = 0
    reason: str = ""  # why it ended, when not by itself (OOMKilled)
    stops: float | None = 0.4  # after SIGTERM; None: it does not listen, and is killed
    stop_code: int = 0
    ports: tuple[int, ...] = ()
    cpu: float = 5.0  # thousandths of a core
    memory: float = 24.0  # MiB
    voice: Voice = SILENT


ROLES: Mapping[str, Program] = {
    "web": Program(1.5, cpu=38, memory=96),
    "api": Program(2.5, cpu=120, memory=310, stops=1.5),
    "checkout": Program(2.0, cpu=75, memory=240, stops=1.0),
    "worker": Program(0.8, cpu=210, memory=180, stops=3.0),
    "mailer": Program(0.8, cpu=9, memory=88),
    "recommender": Program(3.0, cpu=160, memory=520),
    "search": Program(5.0, cpu=340, memory=1480),
    "postgres": Program(2.0, cpu=95, memory=820, stops=2.0),
    "rabbitmq": Program(4.0, cpu=60, memory=260, stops=2.0),
    "redis": Program(0.4, cpu=12, memory=64),
    "fluent-bit": Program(0.5, cpu=7, memory=38),
    "invoice": Program(0.2, lasts=38.0, cpu=400, memory=150),
    "stock-sync": Program(0.2, lasts=14.0, cpu=180, memory=90),
    "migrate": Program(0.1, lasts=1.2, cpu=50, memory=60),
    "coredns": Program(0.6, cpu=6, memory=22),
    "nginx": Program(0.4, cpu=3, memory=12, ports=(80,)),
    "kube-apiserver": Program(2.0, cpu=95, memory=420),
    "etcd": Program(1.0, cpu=48, memory=130),
    "kube-controller-manager": Program(1.0, cpu=22, memory=84),
    "kube-scheduler": Program(1.0, cpu=6, memory=36),
    "kube-proxy": Program(0.5, cpu=2, memory=28),
    "metrics-server": Program(3.0, cpu=5, memory=34),
    "pause": Program(0.1, cpu=0, memory=1),
}
LOST = ("E leaderelection.go:436] error retrieving resource lock: context deadline exceeded", "leaderelection lost")
NO_QUEUE = ("FATAL worker: amqp connection lost: heartbeat timeout",)
ODD: Mapping[tuple[str, str], Program] = {
    ("worker", "5.1.0"): replace(ROLES["worker"], lasts=76_000.0, code=1, voice=replace(VOICES["worker"], end=NO_QUEUE)),
    ("kube-controller-manager", "v1.34.4"): replace(
        ROLES["kube-controller-manager"], lasts=2_600_000.0, code=1, voice=replace(SYSTEM, end=LOST)
    ),
    ("kube-scheduler", "v1.34.4"): replace(ROLES["kube-scheduler"], lasts=2_900_000.0, code=1, voice=replace(SYSTEM, end=LOST)),
    ("recommender", "0.9.0-rc2"): replace(
        ROLES["recommender"], lasts=4.0, code=2, voice=replace(VOICES["recommender"], flow=None, end=PANIC)
    ),
    ("search", "4.2.0"): replace(ROLES["search"], lasts=5400.0, code=137, reason="OOMKilled", memory=1990),
}
"""Versions that do not do as they should."""


def program_of(container: Mapping[str, Any]) -> Program:
    """Return what a container of this spec does."""
    ports = tuple(int(port["containerPort"]) for port in container.get("ports") or ())
    command = [*(container.get("command") or ()), *(container.get("args") or ())]
    image = str(container.get("image", ""))
    name, tag = images.role(image), images.split(image)[2]
    known = ROLES.get(name)
    if container.get("command") or (name == "busybox" and command):
        return _scripted(shell.run(command), ports)
    if known is not None:
        odd = ODD.get((name, tag))
        made = odd or replace(known, voice=VOICES.get(name, SYSTEM))
        return replace(made, ports=tuple({*ports, *made.ports}))
    if name in {"busybox", "alpine"}:
        return Program(lasts=0.1)  # its shell finds no terminal and ends
    return Program(0.5, ports=ports, voice=VOICES["nginx"])


def _scripted(script: shell.Script, ports: tuple[int, ...]) -> Program:
    flow = None
    if script.again:
        said = [text for _, text in script.again]
        flow = lambda chance, _: said[0] if len(said) == 1 else chance.choice(said)  # noqa: E731
    voice = Voice(tuple(script.lines), flow, script.period or 5.0, rest=script.rest)
    open_ports = script.ports or (ports if script.code is None and not script.again else ())
    lasts = None if script.code is None else max(0.05, script.time)
    warm = script.time + 0.1
    stops = 0.4 if script.ports else None  # a shell as first process does not hear SIGTERM
    return Program(warm, lasts, script.code or 0, stops=stops, stop_code=0, ports=open_ports, cpu=1, memory=2, voice=voice)
