"""Jobs of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui.actions import copy, delete, edit
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes.common import (
    Condition,
    Lasting,
    Template,
    aged,
    at,
    condition,
    conditions_section,
    created,
    filled,
    going,
    holds,
    images_section,
    labels_section,
    owner_facts,
    said,
    told,
)
from tui.kinds.kubernetes.owning import owned_by, owners
from tui.kinds.kubernetes.selectors import Selector, selector_text
from tui.kinds.kubernetes.workload import template_columns
from tui.model import Column, Drill, Kind, Section, Trouble
from tui.values import Value
from tui.views import DESCRIBE, EVENTS, FACTS, LOGS, YAML

BAD = frozenset({"Failed", "FailureTarget", "Suspended"})
ORDER = ("Complete", "Failed", "", "Suspended", "FailureTarget", "SuccessCriteriaMet")  # "": when it is being deleted


class Spec(msgspec.Struct, gc=False):
    """`spec` of a job."""

    completions: int | None = None
    parallelism: int | None = None
    backoffLimit: int | None = None  # noqa: N815
    selector: Selector | None = None
    template: Template | None = None


class Status(msgspec.Struct, gc=False):
    """`status` of a job."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    startTime: datetime | None = None  # noqa: N815
    completionTime: datetime | None = None  # noqa: N815
    conditions: tuple[Condition, ...] | None = ()


NO_SPEC, NO_STATUS = Spec(), Status()


class Job(KubeObject, gc=False):
    """A job. `spec_`, `status_` may lack; ask `spec` and `status`."""

    spec_: Spec | None = msgspec.field(name="spec", default=None)
    status_: Status | None = msgspec.field(name="status", default=None)

    @property
    def spec(self) -> Spec:
        """Return what was asked for."""
        return self.spec_ or NO_SPEC

    @property
    def status(self) -> Status:
        """Return how far it is."""
        return self.status_ or NO_STATUS


def word(one: Job) -> str:
    """Return STATUS in kubectl's word."""
    for type_ in ORDER:
        if type_ and holds(one.status.conditions, type_):
            return type_
        if not type_ and going(one):
            return "Terminating"
    return "Running"


def completions(one: Job) -> str:
    """Return how many pods have completed, of how many."""
    done, spec = one.status.succeeded, one.spec
    if spec.completions is not None:
        return f"{done}/{spec.completions}"
    return f"{done}/1 of {spec.parallelism}" if (spec.parallelism or 0) > 1 else f"{done}/1"


def lasted(one: Job) -> Value:
    """Return how long it took, or has been running."""
    return Lasting(one.status.startTime, one.status.completionTime) if one.status.startTime else None


def tone(one: Job) -> Tone:
    """Return how the job does."""
    match word(one):
        case "Complete" | "Terminating" | "Suspended" | "SuccessCriteriaMet":
            return Tone.OVER
        case "Failed" | "FailureTarget":
            return Tone.BROKEN
        case _:
            return Tone.STRAINED if one.status.failed else Tone.MOVING


def trouble(one: Job) -> Trouble | None:
    """Return why it failed, or how often its pods have failed so far."""
    how = tone(one)
    failed = one.status.failed
    if how is Tone.BROKEN:
        found = condition(one.status.conditions, "Failed") or condition(one.status.conditions, "FailureTarget")
        return Trouble(how, word(one), said(found), "its pods tell why")
    if how is not Tone.STRAINED:
        return None
    limit = 6 if one.spec.backoffLimit is None else one.spec.backoffLimit
    return Trouble(how, word(one), f"{failed} pod{'s' * (failed != 1)} failed; it gives up after more than {limit}", "its pods tell why")


def facts(one: Job, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    status = one.status
    first = [
        *told("pods", f"{status.active} active, {status.succeeded} succeeded, {status.failed} failed", tone(one)),
        *told("completions", completions(one)),
        *told("at once", one.spec.parallelism),
        *told("retries", one.spec.backoffLimit),
        *told("deadline", f"{at(full, 'spec', 'activeDeadlineSeconds')} s" if at(full, "spec", "activeDeadlineSeconds") else None),
        *told("duration", lasted(one)),
        *aged(one),
        *owner_facts(one, owners(one)),
    ]
    return filled(
        Section("", first), images_section(one.spec.template), conditions_section(status.conditions, BAD), *labels_section(one, full)
    )


KIND = Kind(
    id="kubernetes/jobs",
    title="Jobs",
    singular="job",
    aliases=("job",),
    api="batch/v1/jobs",
    type=Job,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Status", word, tone=tone, keep=8),
        Column("Completions", completions, keep=7),
        Column("Duration", lasted, keep=4, glow=False),
        Column("Age", created, keep=5, glow=False),
        *template_columns(),
        Column("Selector", lambda one: selector_text(one.spec.selector), keep=1, wide=True, glow=False),
    ),
    tone=tone,
    trouble=trouble,
    facts=facts,
    owners=owners,
    views=(FACTS, YAML, EVENTS, LOGS, DESCRIBE),
    actions=(edit, delete, copy),
    drill=Drill("kubernetes/pods", owned_by),
)
