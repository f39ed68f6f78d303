"""CronJobs of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui.actions import copy, delete, edit
from tui.engines.kubernetes.objects import KubeObject
from tui.facts import Tone
from tui.kinds.kubernetes import jobs
from tui.kinds.kubernetes.common import NONE, aged, at, created, filled, going, images, images_section, labels_section, names, told
from tui.kinds.kubernetes.owning import owned_by, owners
from tui.kinds.kubernetes.selectors import selector_text
from tui.model import Column, Drill, Kind, Section
from tui.values import Value
from tui.views import DESCRIBE, EVENTS, FACTS, YAML


class Running(msgspec.Struct, gc=False):
    """One of the jobs that run now."""

    name: str = ""


class JobTemplate(msgspec.Struct, gc=False):
    """`spec.jobTemplate`."""

    spec: jobs.Spec | None = None


class Spec(msgspec.Struct, gc=False):
    """`spec` of a cron job."""

    schedule: str = ""
    timeZone: str | None = None  # noqa: N815
    suspend: bool | None = None
    concurrencyPolicy: str = ""  # noqa: N815
    jobTemplate: JobTemplate | None = None  # noqa: N815


class Status(msgspec.Struct, gc=False):
    """`status` of a cron job."""

    active: tuple[Running, ...] | None = ()
    lastScheduleTime: datetime | None = None  # noqa: N815
    lastSuccessfulTime: datetime | None = None  # noqa: N815


NO_SPEC, NO_STATUS, NO_JOB = Spec(), Status(), jobs.Spec()


class CronJob(KubeObject, gc=False):
    """A cron job. `spec_`, `status_` may lack; ask `spec` and `status`."""

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

    @property
    def job(self) -> jobs.Spec:
        """Return the spec of the jobs it makes."""
        return (self.spec.jobTemplate.spec if self.spec.jobTemplate else None) or NO_JOB


def suspended(one: CronJob) -> str:
    """Return SUSPEND as kubectl writes it."""
    return "<unset>" if one.spec.suspend is None else str(one.spec.suspend)


def last(one: CronJob) -> Value:
    """Return when it last made a job."""
    return one.status.lastScheduleTime or NONE


def tone(one: CronJob) -> Tone:
    """Return how the cron job does."""
    if going(one) or one.spec.suspend:
        return Tone.OVER
    return Tone.MOVING if one.status.active else Tone.WELL


def facts(one: CronJob, full: Mapping[str, Any] | None) -> Sequence[Section]:
    """Return the sections."""
    first = [
        *told("schedule", f"{one.spec.schedule}  {one.spec.timeZone or ''}".strip()),
        *told("suspended", "yes" if one.spec.suspend else None),
        *told("when one still runs", one.spec.concurrencyPolicy),
        *told("last made", one.status.lastScheduleTime),
        *told("last success", one.status.lastSuccessfulTime),
        *told("running", ", ".join(item.name for item in one.status.active or ())),
        *told("jobs kept", _kept(full)),
        *aged(one),
    ]
    return filled(Section("", first), images_section(one.job.template), *labels_section(one, full))


def _kept(full: Mapping[str, Any] | None) -> str:
    good, bad = at(full, "spec", "successfulJobsHistoryLimit"), at(full, "spec", "failedJobsHistoryLimit")
    return f"{good} that succeeded, {bad} that failed" if good is not None and bad is not None else ""


KIND = Kind(
    id="kubernetes/cronjobs",
    title="CronJobs",
    singular="cronjob",
    aliases=("cj", "cronjob"),
    api="batch/v1/cronjobs",
    type=CronJob,
    namespaced=True,
    columns=(
        Column("Name", lambda one: one.name, keep=9, glow=False),
        Column("Schedule", lambda one: one.spec.schedule, keep=8),
        Column("Timezone", lambda one: one.spec.timeZone or NONE, keep=3),
        Column("Suspend", suspended, keep=7),
        Column("Active", lambda one: len(one.status.active or ()), tone=tone, keep=7),
        Column("Last Schedule", last, keep=6),
        Column("Age", created, keep=5, glow=False),
        Column("Containers", lambda one: names(one.job.template), keep=1, wide=True, glow=False),
        Column("Images", lambda one: images(one.job.template), keep=1, wide=True),
        Column("Selector", lambda one: selector_text(one.job.selector), keep=1, wide=True, glow=False),
    ),
    tone=tone,
    facts=facts,
    owners=owners,
    views=(FACTS, YAML, EVENTS, DESCRIBE),
    actions=(edit, delete, copy),
    drill=Drill("kubernetes/jobs", owned_by),
)
