"""CronJobs: a job each time that the schedule says so, and not too many old ones."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Removal
from tui.demo.kubernetes.controllers.jobs import is_over
from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.controllers.pods import owned_of
from tui.demo.kubernetes.controllers.schedule import following
from tui.demo.kubernetes.objects import Json, born, holds, is_going, moment, name_of, reference, space_of, stamp, uid_of
from tui.demo.kubernetes.resources import CRONJOBS, JOBS
from tui.demo.kubernetes.storage import Key

SOURCE = "cronjob-controller"
MISSED = 2 * 86400.0  # seconds
STAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp"


class CronJobs(Controller):
    """Wakes at the next time of each schedule, and when one of its jobs has changed."""

    resource = CRONJOBS

    def listen(self) -> None:
        """Hear of the jobs."""
        self.hear_owned(JOBS)

    def sync(self, key: Key) -> None:
        """Start the job that is due, forget the oldest, and see when to look again."""
        item = self.storage.get(CRONJOBS, *key)
        if item is None or is_going(item):
            return
        now = self.cluster.clock.time()
        jobs = sorted(owned_of(self.cluster, item, JOBS), key=born)
        if not item["spec"].get("suspend"):
            since = max(moment(item["status"].get("lastScheduleTime")), born(item))
            try:
                due = following(item["spec"]["schedule"], since)
            except ValueError as error:
                self.cluster.events.say(
                    item, "UnparseableSchedule", f'unparseable schedule: "{item["spec"]["schedule"]}" : {error}', SOURCE, bad=True
                )
                return
            if due is not None and due <= now:
                jobs = self._start(item, jobs, self._latest(item, due, now))
                due = following(item["spec"]["schedule"], now)
            if due is not None:
                self.look(key, due - now + 0.05)
        self._forget(item, jobs)
        self._tell(key)

    @staticmethod
    def _latest(item: Json, due: float, now: float) -> float:
        """Return the last time that was due; what was missed long ago is not made up for."""
        latest = max(due, following(item["spec"]["schedule"], now - MISSED) or due) if now - due > MISSED else due
        while (after := following(item["spec"]["schedule"], latest)) is not None and after <= now:
            latest = after
        return latest

    def _start(self, item: Json, jobs: list[Json], due: float) -> list[Json]:
        busy = [job for job in jobs if not is_over(job)]
        self.cluster.set_status(CRONJOBS, item, {**item["status"], "lastScheduleTime": stamp(due)})
        policy = item["spec"]["concurrencyPolicy"]
        if busy and policy == "Forbid":
            self.cluster.events.say(
                item, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid", SOURCE
            )
            return jobs
        if policy == "Replace":
            for job in busy:
                self.cluster.delete(JOBS, job, Removal(propagation="Background"))
        name = f"{name_of(item)}-{int(due) // 60}"
        if any(name_of(job) == name for job in jobs):
            return jobs
        template = item["spec"]["jobTemplate"]
        own = {**template["metadata"], "name": name, "annotations": {STAMP: stamp(due)}, "ownerReferences": [reference(item)]}
        body = {"kind": "Job", "apiVersion": "batch/v1", "metadata": own, "spec": template["spec"]}
        made = self.cluster.create(JOBS, space_of(item), body)
        self.cluster.events.say(item, "SuccessfulCreate", f"Created job {name}", SOURCE)
        return [*jobs, made]

    def _forget(self, item: Json, jobs: list[Json]) -> None:
        """Delete the oldest jobs that have ended well, or failed, beyond what is kept of each."""
        for kind, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            ended = [job for job in jobs if holds(job, kind)]
            for job in ended[: max(0, len(ended) - item["spec"][limit])]:
                self.cluster.delete(JOBS, job, Removal(propagation="Background"))

    def _tell(self, key: Key) -> None:
        item = self.storage.get(CRONJOBS, *key)
        if item is None:
            return
        jobs = owned_of(self.cluster, item, JOBS)
        active = [
            {"kind": "Job", "namespace": space_of(job), "name": name_of(job), "uid": uid_of(job), "apiVersion": "batch/v1"}
            for job in jobs
            if not is_over(job)
        ]
        well = [moment(job["status"].get("completionTime")) for job in jobs if holds(job, "Complete")]
        status = {word: value for word, value in item["status"].items() if word != "active"}
        last = max([*well, moment(status.get("lastSuccessfulTime"))], default=0.0)
        if last:
            status["lastSuccessfulTime"] = stamp(last)
        self.cluster.set_status(CRONJOBS, item, {**({"active": active} if active else {}), **status})
        for job in jobs:
            if is_over(job) and any(one["uid"] == uid_of(job) for one in item["status"].get("active") or ()):
                state = "Complete" if holds(job, "Complete") else "Failed"
                self.cluster.events.say(item, "SawCompletedJob", f"Saw completed job: {name_of(job)}, condition: {state}", SOURCE)
