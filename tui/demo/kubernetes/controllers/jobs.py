"""Jobs: pods that are to end well, so many of them, and how often they may fail."""

from __future__ import annotations

from tui.demo.kubernetes.cluster import Removal
from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.controllers.pods import end_pod, is_active, is_ready, make_pod, phase, pods_of
from tui.demo.kubernetes.objects import Json, born, condition, holds, is_going, moment, name_of, space_of, stamp
from tui.demo.kubernetes.resources import JOBS, PODS
from tui.demo.kubernetes.storage import Key

SOURCE = "job-controller"
FIRST, LONGEST = 10.0, 360.0  # seconds before a failed pod is replaced, doubled each time


def is_over(item: Json) -> bool:
    """Tell whether a job has ended, well or badly."""
    return holds(item, "Complete") or holds(item, "Failed")


class Jobs(Controller):
    """Makes pods until enough have ended well or too many have failed."""

    resource = JOBS

    def listen(self) -> None:
        """Hear of the pods."""
        self.hear_owned(PODS)

    def sync(self, key: Key) -> None:
        """Count the pods, and make or end some."""
        item = self.storage.get(JOBS, *key)
        if item is None or is_going(item):
            return
        if is_over(item):
            self._expire(item)
            return
        now, spec = self.cluster.clock.time(), item["spec"]
        status = {"startTime": stamp(now), **item["status"]}
        if spec.get("suspend"):
            status.pop("startTime", None)
            self._suspend(item, status)
            return
        pods = pods_of(self.cluster, item)
        succeeded, failed = self._ended(pods)
        active = [pod for pod in pods if is_active(pod)]
        tries = failed + sum(_restarts(pod) for pod in active)
        deadline = spec.get("activeDeadlineSeconds")
        over = deadline is not None and now - moment(status["startTime"]) >= deadline
        if deadline is not None and not over:
            self.look(key, moment(status["startTime"]) + deadline - now + 0.1)
        if over or tries > spec["backoffLimit"]:
            reason, said = (
                ("DeadlineExceeded", "Job was active longer than specified deadline")
                if over
                else ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
            )
            self._fail(item, status, active, succeeded, failed, (reason, said))
        elif succeeded >= spec.get("completions", 1):
            self._complete(item, status, active, succeeded, failed)
        else:
            self._go_on(item, status, pods, succeeded, failed)

    @staticmethod
    def _ended(pods: list[Json]) -> tuple[int, int]:
        return sum(phase(pod) == "Succeeded" for pod in pods), sum(phase(pod) == "Failed" for pod in pods)

    def _go_on(self, item: Json, status: Json, pods: list[Json], succeeded: int, failed: int) -> None:
        active = [pod for pod in pods if is_active(pod)]
        wanted = min(item["spec"]["parallelism"], item["spec"].get("completions", 1) - succeeded)
        wait = self._wait(pods, failed)
        if len(active) < wanted and wait > 0:
            self.look((space_of(item), name_of(item)), wait)
        elif len(active) < wanted:
            template = {**item["spec"]["template"]}
            active += [
                make_pod(self.cluster, item, template, SOURCE, generateName=f"{name_of(item)}-") for _ in range(wanted - len(active))
            ]
        self._tell(item, status, active, succeeded, failed)

    def _wait(self, pods: list[Json], failed: int) -> float:
        """Return the seconds until a failed pod may be replaced."""
        if not failed:
            return 0.0
        last = max(_finished(pod) for pod in pods if phase(pod) == "Failed")
        return last + min(LONGEST, FIRST * float(2 ** (failed - 1))) - self.cluster.clock.time()

    def _tell(self, item: Json, status: Json, active: list[Json], succeeded: int, failed: int) -> None:
        counts = {"active": len(active), "succeeded": succeeded, "failed": failed}
        told = {key: value for key, value in status.items() if key not in counts} | {key: value for key, value in counts.items() if value}
        told |= {"terminating": 0, "uncountedTerminatedPods": {}, "ready": sum(is_ready(pod) for pod in active)}
        self.cluster.set_status(JOBS, item, told)

    def _said(self, kind: str, reason: str, message: str) -> Json:
        now = stamp(self.cluster.clock.time())
        return {"type": kind, "status": "True", "lastProbeTime": now, "lastTransitionTime": now, "reason": reason, "message": message}

    def _complete(self, item: Json, status: Json, active: list[Json], succeeded: int, failed: int) -> None:
        for pod in active:
            end_pod(self.cluster, item, pod, SOURCE)
        why = ("CompletionsReached", "Reached expected number of succeeded pods")
        conditions = [self._said("SuccessCriteriaMet", *why), self._said("Complete", *why)]
        done = {**status, "conditions": conditions, "completionTime": stamp(self.cluster.clock.time())}
        self.cluster.events.say(item, "Completed", "Job completed", SOURCE)
        self._tell(item, done, [], succeeded, failed)
        self._expire(item)

    def _fail(self, item: Json, status: Json, active: list[Json], succeeded: int, failed: int, why: tuple[str, str]) -> None:
        for pod in active:
            end_pod(self.cluster, item, pod, SOURCE)
        conditions = [self._said("FailureTarget", *why), self._said("Failed", *why)]
        self.cluster.events.say(item, *why, SOURCE, bad=True)
        self._tell(item, {**status, "conditions": conditions}, [], succeeded, failed + len(active))
        self._expire(item)

    def _suspend(self, item: Json, status: Json) -> None:
        for pod in pods_of(self.cluster, item):
            if is_active(pod):
                end_pod(self.cluster, item, pod, SOURCE)
        if not holds(item, "Suspended"):
            self.cluster.events.say(item, "Suspended", "Job suspended", SOURCE)
            status = {**status, "conditions": [self._said("Suspended", "JobSuspended", "Job suspended")]}
        self._tell(item, status, [], int(status.get("succeeded", 0)), int(status.get("failed", 0)))

    def _expire(self, item: Json) -> None:
        """Delete a job that has ended, when its time is over (ttlSecondsAfterFinished)."""
        life = item["spec"].get("ttlSecondsAfterFinished")
        now = self.storage.get(JOBS, space_of(item), name_of(item))
        if life is None or now is None or not is_over(now):
            return
        ended = moment((condition(now, "Complete") or condition(now, "Failed") or {}).get("lastTransitionTime"))
        left = ended + life - self.cluster.clock.time()
        if left <= 0:
            self.cluster.delete(JOBS, now, Removal(propagation="Background"))
        else:
            self.look((space_of(item), name_of(item)), left + 0.1)


def _restarts(pod: Json) -> int:
    return sum(int(one.get("restartCount", 0)) for one in pod["status"].get("containerStatuses") or ())


def _finished(pod: Json) -> float:
    ends = [moment((one["state"].get("terminated") or {}).get("finishedAt")) for one in pod["status"].get("containerStatuses") or ()]
    return max([*ends, born(pod)])
