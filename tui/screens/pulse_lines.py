"""Pulse lines: what the overview says, section by section, as lines of a given width."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from rich.cells import cell_len
from textual.content import Content

from tui.facts import GLYPHS, State, Tone
from tui.model import Engine
from tui.screens import status
from tui.screens.pulse import CONTAINERS, Hot, Problem, Pulse, Rollout, Warned
from tui.values import age, binary_size
from tui.views.series import columns
from widgets.bars import fit
from widgets.gauge import gauge, spark
from widgets.ledger import Entry
from widgets.words import words

Way = tuple[str, str, str]
"""Where a line leads: kind, namespace ("*" = as it is now) and name ("" = the whole pane)."""

SMALL, WIDE = 80, 120  # columns below which a line says less, from which it says more
GAUGED, SIZED = 76, 96  # columns from which a hot container has a line for its memory, and its size
TALL = 26  # lines from which there is air between the sections
LEAST = 2  # lines that each section may have, however low the window
ENGINES = {"docker": "docker/containers", "swarm": "swarm/services", "kubernetes": "kubernetes/pods"}
COUNTED = (
    ("swarm/nodes", "node"), ("swarm/services", "service"), ("kubernetes/nodes", "node"), ("kubernetes/pods", "pod"),
    ("kubernetes/deployments", "deployment"),
)  # fmt: skip


class Part(Struct):
    """A section: its title, its lines, and the word that stands beside the title when there are none."""

    id: str
    title: str
    lines: Sequence[tuple[Content, Way]]
    none: str = ""
    tone: str = "faint"


class Page(Struct):
    """The lines, and where each leads by its key; the way of "… n more" is ("more", section, "")."""

    entries: list[Entry] = field(default_factory=list)
    ways: dict[str, Way] = field(default_factory=dict)

    def add(self, section: str, content: Content, way: Way | None) -> None:
        """Add a line; without a way it cannot be chosen."""
        key = "\n".join((section, *way)) if way is not None else ""
        if way is not None:
            self.ways[key] = way
        self.entries.append(Entry(content, key))


def page(
    pulse: Pulse, engines: Mapping[str, Engine], absent: Mapping[str, str], now: datetime, size: tuple[int, int], opened: frozenset[str]
) -> Page:
    """Return the overview for `size` cells; a section in `opened` has all its lines, the others as many as there is room for."""
    width, height = size
    problems, rollouts = pulse.problems(), sorted(pulse.rollouts.values(), key=lambda one: (one.object.namespace, one.object.name))
    hot, warned = pulse.hottest(50), pulse.warned()
    names = _widest([one.lead.object for one in problems[:40]] + [one.object for one in rollouts[:20]], width)
    scope = f"  of namespace {pulse.narrowed}: all may not be seen" if pulse.narrowed else ""
    parts = (
        Part("engines", "ENGINES", engine_lines(pulse, engines, absent, now, width)),
        Part(
            "wrong", f"WRONG NOW{f'  {len(problems)}' if problems else ''}{scope}",
            [problem_line(one, names, width) for one in problems], *_nothing(pulse),
        ),
        Part("rollouts", "ROLLOUTS", [rollout_line(one, names, width) for one in rollouts], "none under way"),
        Part("hot", "HOTTEST CONTAINERS", hot_lines(hot, now, width), "nothing measured yet" if pulse.running else "none runs"),
        Part("warnings", "WARNINGS", [warning_line(one, now, width) for one in warned], "none lately"),
    )  # fmt: skip
    gaps = height >= TALL
    room = height - len(parts) - gaps * (len(parts) - 1)
    shares = share_out([len(part.lines) for part in parts], max(0, room))
    made = Page()
    for part, most in zip(parts, shares, strict=True):
        _put(made, part, len(part.lines) if part.id in opened else most, gaps and bool(made.entries))
    return made


def _nothing(pulse: Pulse) -> tuple[str, str]:
    """Return what to say when nothing is wrong; that all is well is said only when everything there is was read and is live."""
    shelves = pulse.shelves.values()
    if any(not shelf.loaded and shelf.health.state is State.CONNECTING for shelf in shelves):
        return "reading …", "moving"
    lost = {shelf.topic.kind.partition("/")[0] for shelf in shelves if shelf.health.state not in {State.LIVE, State.CONNECTING}}
    lost -= {family for family in lost if pulse.health(family).state is State.ABSENT}
    if not any(shelf.loaded for shelf in shelves):
        return "nothing is known: no engine answers", "strained"
    if lost:
        return f"nothing that is known of; not all of {', '.join(sorted(lost))} can be seen now", "strained"
    return "● nothing is broken or strained", "well"


def _put(made: Page, part: Part, most: int, gap: bool) -> None:
    if gap:
        made.add(part.id, words(""), None)
    none = words("  ", (part.none, part.tone)) if not part.lines else ""
    made.add(part.id, words((part.title, "faint"), none), None)
    hidden = len(part.lines) - most
    shown = part.lines[: most - 1] if hidden > 0 else part.lines
    for content, way in shown:
        made.add(part.id, content, way)
    if hidden > 0:
        made.add(part.id, words("  ", (f"… {len(part.lines) - len(shown)} more", "muted")), ("more", part.id, ""))


def share_out(wanted: Sequence[int], room: int) -> list[int]:
    """Return how many lines each section gets: the first all it wants, each other at least a few, then one by one; the second twice."""
    shares = [wanted[0], *(min(one, LEAST + (n == 0)) for n, one in enumerate(wanted[1:]))]
    order = (1, 1, 2, 1, 3, 4)
    while sum(shares) < room and any(share < one for share, one in zip(shares, wanted, strict=True)):
        for n in order:
            if shares[n] < wanted[n] and sum(shares) < room:
                shares[n] += 1
    return shares


def _widest(objects: Sequence[object], width: int) -> int:
    """Return how wide names are drawn: as wide as the widest, up to a third of the window."""
    return max(12, min(width // 3, max((cell_len(_name(one)) for one in objects), default=12)))


def _name(obj: object) -> str:
    namespace, name = getattr(obj, "namespace", ""), getattr(obj, "name", "")
    return f"{namespace}/{name}" if namespace else name


def _pad(text: str, width: int) -> str:
    text = fit(text, width)
    return text + " " * (width - cell_len(text))


def _cut(line: Content, width: int) -> Content:
    return line if line.cell_length <= width else line.truncate(max(1, width), ellipsis=True)


# ---- engines ---------------------------------------------------------------------------------------------------------


def engine_lines(
    pulse: Pulse, engines: Mapping[str, Engine], absent: Mapping[str, str], now: datetime, width: int
) -> list[tuple[Content, Way]]:
    """Return a line for each family: how it does, where it is, what there is, how fresh that is."""
    lines: list[tuple[Content, Way]] = []
    wide = max((cell_len(status.fit(engine.about.context, 28)) for engine in engines.values() if engine.family in ENGINES), default=8)
    for family, kind_id in ENGINES.items():
        engine, way = engines.get(family), (kind_id, "*", "")
        if engine is None:
            reason = absent.get(family, "")
            mark = ("✖ ", "broken") if reason else ("◐ ", "moving")
            text = words(mark, (f"{family:<12}", family), (" ".join(reason.split()) or "looking for it …", "muted"))
        else:
            text = _engine(pulse, engine, wide, now, width)
        lines.append((_cut(text, width), way))
    return lines


def _engine(pulse: Pulse, engine: Engine, wide: int, now: datetime, width: int) -> Content:
    about, family = engine.about, engine.family
    health = engine.health
    known = pulse.health(family)
    if health.state is State.LIVE and known.state is not State.CONNECTING:
        health = known
    mark, role = status.glyph(health.state)
    line = words((f"{mark} ", role), (f"{family:<12}", family), (_pad(about.context, min(wide, 28)), "name bold"))
    version = status.fit(about.version, 14)
    if width >= SMALL:
        line = words(line, (f"  {version:<12}", "faint"))
    marks, counts = engine_marks(pulse, family), engine_counts(pulse, family)
    counts = Content("   ").join(part for part in ((counts, marks) if width >= SMALL else (marks, counts)) if part)
    fresh = status.freshness(health, now)
    if width >= WIDE and "://" in about.server and not about.server.startswith("unix"):
        counts = words(counts, (f"   {fit(about.server, 40)}", "faint"))
    if health.state not in {State.LIVE, State.CONNECTING} and health.reason:
        counts = words((" ".join(health.reason.split()), "muted"), "  ", counts)
    line = _cut(words(line, "  ", counts), width - fresh.cell_length - 2)
    return words(line, " " * max(2, width - line.cell_length - fresh.cell_length), fresh)


def engine_counts(pulse: Pulse, family: str) -> Content:
    """Return what an engine has, in words: how many of each kind."""
    parts: list[Content] = []
    if family == "docker" and (total := pulse.count(CONTAINERS)) is not None:
        parts.append(words((f"{len(pulse.running)} of {total}", "text"), (" containers run", "muted")))
    for kind_id, noun in COUNTED:
        if kind_id.partition("/")[0] == family and (count := pulse.count(kind_id)) is not None:
            parts.append(words((str(count), "text"), (f" {noun}{'' if count == 1 else 's'}", "muted")))
    return Content("   ").join(parts)


def engine_marks(pulse: Pulse, family: str) -> Content:
    """Return how many problems an engine has."""
    tones = [one.tone for one in pulse.problems() if one.lead.kind.family == family]
    counts = ((tone, tones.count(tone)) for tone in (Tone.BROKEN, Tone.STRAINED))
    return Content("   ").join(words((f"{GLYPHS[tone]} {count} {tone}", tone)) for tone, count in counts if count)


# ---- what is wrong, and what is under way ------------------------------------------------------------------------------


def problem_line(one: Problem, names: int, width: int) -> tuple[Content, Way]:
    """Return what is wrong with an object: its state in a word, then why."""
    woe = one.lead
    more = f" +{one.others}" if one.others else ""
    noun = woe.kind.singular if width >= SMALL else ""
    word_width = min(24, max(12, width // 6))
    line = words(
        (f"{GLYPHS[one.tone]} ", one.tone),
        (f"{fit(noun, 11):<12}" if noun else "", "faint"),
        (fit(_name(woe.object), names - len(more)), "name"),
        (more, "muted"),
    )
    line = words(
        line, " " * max(0, 2 + (12 if noun else 0) + names - line.cell_length), "  ", (_pad(woe.trouble.word, word_width), one.tone)
    )
    cause = " ".join(woe.trouble.cause.split())
    line = words(line, "  ", (cause, "text"), (f"   {woe.trouble.next}" if woe.trouble.next and width >= WIDE else "", "muted"))
    return _cut(line, width), (woe.kind.id, woe.object.namespace, woe.object.name)


def rollout_line(one: Rollout, names: int, width: int) -> tuple[Content, Way]:
    """Return how far a rollout is: a thin line, so many of so many, and how it goes."""
    done, whole = one.progress.done, one.progress.whole
    share = done / whole * 100 if done is not None and whole else None
    noun = one.kind.singular if width >= SMALL else ""
    stopped = "stuck" in one.progress.word or "paused" in one.progress.word
    tone = "strained" if stopped else "moving"
    line = words(
        (f"{GLYPHS[Tone.STRAINED if stopped else Tone.MOVING]} ", tone),
        (f"{fit(noun, 11):<12}" if noun else "", "faint"),
        (_pad(_name(one.object), names), "name"),
        "  ",
        *gauge(share, 16 if width >= SMALL else 8, tone),
        (f"  {'?' if done is None else done}/{whole}", "text"),
        (f"   {one.progress.word}" if one.progress.word else "", tone if stopped else "muted"),
    )
    return _cut(line, width), (one.kind.id, one.object.namespace, one.object.name)


# ---- what is hot, and what was warned of --------------------------------------------------------------------------------


def hot_lines(found: Sequence[Hot], now: datetime, width: int) -> list[tuple[Content, Way]]:
    """Return the hottest containers: processors with their last minutes, memory as a share of its limit. All charts have one scale."""
    if not found:
        return []
    names = max(12, min(width // 3, max(cell_len(one.object.name) for one in found)))
    chart = max(8, min(40, width - names - (50 if width >= SIZED else 40 if width >= GAUGED else 28)))
    series = [columns(one.past, lambda figures: figures.cpu, chart, now) for one in found]
    top = max((value for line in series for value in line if value is not None), default=1.0)
    return [
        (hot_line(one, names, spark(line, chart, top=max(top, 1.0))[0], width), (CONTAINERS, "", one.object.name))
        for one, line in zip(found, series, strict=True)
    ]


def hot_line(one: Hot, names: int, chart: str, width: int) -> Content:
    """Return one container's line."""
    last = one.past[-1]
    share = last.memory / last.limit * 100 if last.memory is not None and last.limit else None
    text = f"{binary_size(last.memory)}" if last.memory is not None else ""
    line = words(
        "  ", (_pad(one.object.name, names), "name"), "  ", (chart, "docker"), (f"{one.cpu:7.1f}%", "text"), (" cpu   ", "faint"),
        *gauge(share, 10 if width >= GAUGED else 0), (f"{share:6.1f}%" if share is not None else "", "text"),
        (" mem" if text else "", "faint"), (f"  {text:>8}" if width >= SIZED else "", "muted"),
    )  # fmt: skip
    return _cut(line, width)


def warning_line(one: Warned, now: datetime, width: int) -> tuple[Content, Way]:
    """Return what was warned of last, of which object, how often in all."""
    event = one.event
    about = event.involved
    ago = age(event.last, now) if event.last else ""
    name = f"{about.kind.lower()}/{about.name}" if width < WIDE else f"{about.kind.lower()} {about.namespace}/{about.name}"
    line = words(
        ("▲ ", "strained"), (f"{ago:>5}  ", "muted"), (_pad(event.reason, 16 if width < WIDE else 22), "strained"), "  ",
        (_pad(name, max(16, width // 3 - 8)), "name"), (f"  {f'×{one.count}' if one.count > 1 else '':<5}", "muted"),
        (" ".join(event.message.split()), "text"),
    )  # fmt: skip
    return _cut(line, width), way_of(event)


def way_of(event: object) -> Way:
    """Return where a warning leads: to the object it speaks of, or to the event where that has no pane."""
    from tui.kinds import kinds

    owners: Callable[[object], Sequence[tuple[str, str]]] = kinds()["kubernetes/events"].owners
    found = owners(event)
    namespace, name = getattr(event, "namespace", ""), getattr(event, "name", "")
    if found and found[0][0] in kinds():
        return found[0][0], namespace if kinds()[found[0][0]].namespaced else "", found[0][1]
    return "kubernetes/events", namespace, name
