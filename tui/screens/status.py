"""What the top line and the crumbs say: where a person is, and how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from tui.facts import Health, State
from tui.model import Engine
from tui.screens.place import Place
from widgets.bars import TopBar
from widgets.safe import safe
from widgets.words import words

if TYPE_CHECKING:
    from tui.bridge import Bridge

FAMILIES = ("docker", "swarm", "kubernetes")
SMALL, BRIEF = 90, 140  # columns below which the top line says less
_GLYPH = {State.LIVE: ("●", "well"), State.CONNECTING: ("◐", "moving"), State.RETRYING: ("▲", "strained"), State.STALE: ("▲", "strained")}


def glyph(state: State) -> tuple[str, str]:
    """Return the glyph of a state and its role."""
    return _GLYPH.get(state, ("✖", "broken"))


def freshness(health: Health, now: datetime) -> Content:
    """Return how fresh a pane is, in words."""
    match health.state:
        case State.LIVE:
            return words(("live", "well"))
        case State.CONNECTING:
            return words(("connecting …", "moving"))
        case State.RETRYING:
            wait = max(0, round((health.retry_at - now).total_seconds())) if health.retry_at else 0
            return words((f"▲ retrying in {wait} s", "strained"), (since(health), "muted"))
        case State.STALE:
            return words(("▲ stale", "strained"), (since(health), "muted"))
        case State.FORBIDDEN:
            return words(("✖ forbidden", "broken"))
        case State.EXPIRED:
            return words(("✖ credentials expired", "broken"))
        case State.ABSENT:
            return words(("✖ not there", "broken"))


def since(health: Health) -> str:
    """Return since when nothing new came, in local time."""
    return f"  stale since {health.since.astimezone():%H:%M:%S}" if health.since else ""


def say(top: TopBar, cockpit: Bridge, family: str, namespace: str, width: int, fresh: Content | None = None) -> None:
    """Let the top line say where a person is, what is guarded there, and how fresh it is."""
    spots = {name: cockpit.comfort.spot(name) for name in FAMILIES}
    tints = {name: spot.colour for name, spot in spots.items()}
    protected = family in spots and spots[family].protected
    demo = words((" DEMO ", "name bold on match"), "   ") if cockpit.config.demo else ""
    guards = words(("protected   " if protected else "", "text"), ("read-only   " if cockpit.read_only else "", "strained"))
    left = where(cockpit.fleet.engines, cockpit.fleet.absent, family, namespace, width, tints)
    top.say(left, words(demo, guards, fresh or ""), protected)


def where(
    engines: Mapping[str, Engine],
    absent: Mapping[str, str],
    family: str,
    namespace: str,
    width: int,
    tints: Mapping[str, str] | None = None,
) -> Content:
    """Return the left of the top line: each engine with its health, and for the cluster server, user and namespace.

    In a narrow window servers and versions are left out, and then the engines that are not at hand. `tints`: the colours
    ("#rrggbb", "" = none) that a person gave to the contexts in use, by family.
    """
    small, brief = width < SMALL, width < BRIEF
    line = words("" if small else ("▟█▙ ", family), "" if small else ("pilothouse   ", "name bold"))
    for name in FAMILIES:
        if small and name != family:
            continue
        engine = engines.get(name)
        if engine is None:
            line = words(line, ("✖ ", "faint") if name in absent else ("◐ ", "moving"), (f"{name}   ", "faint"))
            continue
        about = engine.about
        mark, role = glyph(engine.health.state)
        title = "swarm" if name == "swarm" else fit(about.context)
        rest = about.detail if name == "swarm" else " ".join(part for part in (fit(_short(about.server)), fit(about.version, 16)) if part)
        here = "name bold" if name == family else "text"
        tint = (tints or {}).get(name)
        named = Content.styled(title, f"{tint} bold") if tint else words((title, here))
        line = words(line, (f"{mark} ", role), named, (f" {rest}" if rest and not brief else "", "faint"))
        if about.insecure and (name == family or name != "swarm"):  # a swarm is reached by its docker host, which is marked already
            line = words(line, (" ▲ insecure", "strained"))
        if name == "kubernetes" and (name == family or not brief):
            user, space = fit(about.user), fit(namespace or "all namespaces")
            line = words(line, ("  in ", "faint"), (space, here), ("  as ", "faint") if user else "", user)  # when cut, the user goes first
        line = words(line, "   ")
    return line


def fit(text: str, most: int = 40) -> str:
    """Return a name as it is, or its two ends when it is longer than `most`: a long name must not push out what comes after it."""
    text = safe(text)
    return text if len(text) <= most else f"{text[: most // 2 - 1]}…{text[-(most // 2) :]}"


def _short(server: str) -> str:
    """Return a server without its scheme; of a socket only that it is one."""
    scheme, _, rest = server.partition("://")
    return "unix" if scheme == "unix" else rest.rstrip("/") or server


def crumbs(place: Place, context: str, shown: int, total: int, marked: int, wide: bool, faults: bool, loaded: bool) -> Content:
    """Return the line above the table: the way here, how many rows, the filter, the marks."""
    kind = place.kind
    line = words((fit(context), "muted"), (" › ", "faint"))
    if kind.namespaced:
        line = words(line, (fit(place.namespace) or "all namespaces", "muted"), (" › ", "faint"))
    if place.origin is not None:
        origin = place.origin
        line = words(line, (f"{origin.kind.singular} {fit(origin.ref.name)}", "muted"), (" › ", "faint"))
    line = words(line, (kind.title, "name bold"))
    count = f"   {shown} of {total}" if shown != total else f"   {total}"
    line = words(line, (count if loaded else f"{count} …", "muted"))
    if place.filter:
        line = words(line, (f"   /{place.filter}", kind.family))
    if faults:
        line = words(line, ("   faults only", "strained"))
    if marked:
        line = words(line, (f"   {marked} marked", kind.family))
    return words(line, ("   wide", "faint") if wide else "")
