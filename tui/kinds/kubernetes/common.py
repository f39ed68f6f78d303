"""What the Kubernetes kinds share: conditions, pod templates, cells as kubectl writes them, and the usual sections of facts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import Struct

from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Ref, Tone
from tui.model import Fact, Section
from tui.values import Key, Value, age, duration

NONE, UNKNOWN = "<none>", "<unknown>"
T = TypeVar("T", bound=Hashable)
M = TypeVar("M")
_MOST = 20_000  # values that are shared before the table of them is begun anew
_shared: dict[Any, Any] = {}


def share(value: T) -> T:
    """Return an equal value that is already known, so that the pods of one workload hold their common parts once."""
    return share_as(value, value)


def share_as(key: Hashable, value: M) -> M:
    """Return what is already known by a key, for values that have no hash and are never changed; the key tells all of it."""
    found = _shared.get(key)
    if found is None:
        if len(_shared) >= _MOST:
            _shared.clear()
        found = _shared[key] = value
    return found


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One of `status.conditions`."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class Image(msgspec.Struct, frozen=True, gc=False):
    """A container of a pod template: what it is called and what it runs."""

    name: str = ""
    image: str = ""


class TemplateSpec(msgspec.Struct, frozen=True, gc=False):
    """`spec.template.spec`."""

    containers: tuple[Image, ...] | None = ()
    nodeSelector: dict[str, str] | None = None  # noqa: N815


class Template(msgspec.Struct, frozen=True, gc=False):
    """`spec.template` of a workload."""

    spec: TemplateSpec | None = None

    @property
    def containers(self) -> Sequence[Image]:
        """Return the containers."""
        return (self.spec.containers if self.spec else None) or ()


class Lasting(Struct, frozen=True):
    """A length of time that ended, or still goes on where `end` is None."""

    start: datetime
    end: datetime | None = None

    right: ClassVar[bool] = True

    def text(self, now: datetime) -> str:
        """Return the length in kubectl's short form."""
        return duration(((self.end or now) - self.start).total_seconds())

    def key(self) -> Key:
        """Sort by length; what still goes on comes last, the youngest first."""
        return (0, -self.start.timestamp() + 1e12 if self.end is None else (self.end - self.start).total_seconds(), "")


def _wall() -> datetime:
    return datetime.now(UTC)


_clocks: list[Callable[[], datetime]] = [_wall]


def use_clock(now: Callable[[], datetime]) -> None:
    """Take the time from here: states such as "restarted lately" hang on it, and columns are plain functions of an object."""
    _clocks[:] = [now]


def now_utc() -> datetime:
    """Return the time, in UTC."""
    return _clocks[0]()


def created(one: KubeObject) -> Value:
    """Return the AGE cell."""
    return one.metadata.creationTimestamp or UNKNOWN


def seconds_old(one: KubeObject) -> float:
    """Return the age in seconds; an object without a time counts as old."""
    then = one.metadata.creationTimestamp
    return (now_utc() - then).total_seconds() if then else 1e9


def going(one: KubeObject) -> bool:
    """Tell whether the object is being deleted."""
    return one.metadata.deletionTimestamp is not None


def names(template: Template | None) -> str:
    """Return the CONTAINERS cell."""
    return ",".join(item.name for item in template.containers) if template else ""


def images(template: Template | None) -> str:
    """Return the IMAGES cell."""
    return ",".join(item.image for item in template.containers) if template else ""


def labels_text(labels: Mapping[str, str] | None) -> str:
    """Return labels as kubectl prints a plain map."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def condition(conditions: Iterable[Condition] | None, type_: str) -> Condition | None:
    """Return the condition of a type, or None."""
    return next((item for item in conditions or () if item.type == type_), None)


def holds(conditions: Iterable[Condition] | None, type_: str) -> bool:
    """Tell whether a condition is True."""
    found = condition(conditions, type_)
    return found is not None and found.status == "True"


def said(found: Condition | None) -> str:
    """Return what a condition says: its message, else its reason."""
    return (found.message or found.reason) if found else ""


def at(full: Mapping[str, Any] | None, *path: str) -> Any:
    """Return what is at a path of nested mappings, or None."""
    found: Any = full
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def told(label: str, value: Value, tone: Tone = Tone.PLAIN, link: Ref | None = None) -> list[Fact]:
    """Return one fact, or none when there is nothing to tell."""
    return [] if value is None or value == "" else [Fact(label, value, tone, link)]


def filled(*sections: Section) -> list[Section]:
    """Return those sections that say something."""
    return [section for section in sections if section.facts]


def link(kind: str, namespace: str, name: str) -> Ref:
    """Return where a fact leads: the object of that name in the same cluster."""
    return Ref("", f"kubernetes/{kind}", namespace, name, "")


def owner_facts(one: KubeObject, owners: Sequence[tuple[str, str]]) -> list[Fact]:
    """Return a fact per owner, outermost first."""
    facts = []
    for kind, name in owners:
        word = kind.partition("/")[2] or kind
        facts.append(Fact(word.removesuffix("s"), name, link=link(word, one.namespace, name) if "/" in kind else None))
    return facts


def labels_section(one: KubeObject, full: Mapping[str, Any] | None = None) -> list[Section]:
    """Return labels and annotations; what kubectl keeps in an annotation for itself is left out."""
    notes = at(full, "metadata", "annotations")
    shown = (
        {key: value for key, value in notes.items() if not key.endswith("/last-applied-configuration")} if isinstance(notes, dict) else {}
    )
    return [
        Section("Labels", [Fact(key, value) for key, value in sorted(one.labels.items())]),
        Section("Annotations", [Fact(str(key), str(value)) for key, value in sorted(shown.items())]),
    ]


def conditions_section(conditions: Iterable[Condition] | None, bad: frozenset[str] = frozenset()) -> Section:
    """Return the conditions; `bad` are those that are well when they are False."""
    facts = []
    for item in conditions or ():
        well = (item.status == "True") is not (item.type in bad)
        text = item.status if well else f"{item.status}: {said(item)}" if said(item) else item.status
        facts.append(
            Fact(item.type, text, Tone.WELL if well else Tone.BROKEN if item.status == "False" or item.type in bad else Tone.STRAINED)
        )
    return Section("Conditions", facts)


def images_section(template: Template | None) -> Section:
    """Return the containers of a template and their images."""
    return Section("Containers", [Fact(item.name, item.image) for item in (template.containers if template else ())])


def aged(one: KubeObject) -> list[Fact]:
    """Return the age as a fact, and since when it is being deleted."""
    gone = one.metadata.deletionTimestamp
    return [
        *told("age", one.metadata.creationTimestamp),
        *told("deleted", f"{age(gone, now_utc())} ago" if gone and gone < now_utc() else "going" if gone else None, Tone.OVER),
    ]
