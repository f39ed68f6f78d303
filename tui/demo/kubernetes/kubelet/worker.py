"""One pod on its node: its containers come up one after the other, crash, wait and come again, and end when they are told to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui.demo.kubernetes.clock import Timer
from tui.demo.kubernetes.kubelet import images
from tui.demo.kubernetes.kubelet.boxes import Box, status_of
from tui.demo.kubernetes.kubelet.instances import Instance
from tui.demo.kubernetes.kubelet.mounts import lacking_config, lacking_volume
from tui.demo.kubernetes.kubelet.programs import program_of
from tui.demo.kubernetes.objects import Json, is_going, name_of, space_of, stamp, uid_of
from tui.demo.kubernetes.resources import PODS

if TYPE_CHECKING:
    from tui.demo.kubernetes.kubelet.kubelet import Kubelet

SANDBOX = 0.25  # seconds until a pod has its network
START = 0.15  # seconds from an image to a running container
FIRST, LONGEST = 10.0, 300.0  # seconds of a back-off (kubelet: 10 s, doubled up to 5 min)
FORGIVEN = 600.0  # seconds a container must have run for its crashes to be forgotten
EACH = 12.0  # seconds between two times that a kubelet says that it waits
LOST = 30.0  # seconds between two tries at what is lacking


class Worker:
    """Keeps one pod. It says what it does by events, and how far it is by the pod's status."""

    def __init__(self, kubelet: Kubelet, pod: Json, host: str) -> None:
        self.kubelet, self.cluster, self.clock = kubelet, kubelet.cluster, kubelet.cluster.clock
        self.key = (space_of(pod), name_of(pod))
        self.uid, self.node = uid_of(pod), str(pod["spec"]["nodeName"])
        self.policy = str(pod["spec"].get("restartPolicy", "Always"))
        self.inits = [Box(spec, init=True) for spec in pod["spec"].get("initContainers") or ()]
        self.boxes = [Box(spec) for spec in pod["spec"]["containers"]]
        self.ending = False
        self._place: Json = {"startTime": stamp(self.clock.time()), "hostIP": host}
        self._timers: set[Timer] = set()
        self._writing: Timer | None = None
        self._lacking: list[Callable[[], None]] = []
        if self.inits:
            for box in [*self.inits, *self.boxes]:
                box.why = "PodInitializing"
        self.publish()
        self.later(SANDBOX, self._mount)

    @property
    def pod(self) -> Json:
        """Return the pod as the API has it, or as it was known last."""
        found = self.cluster.storage.get(PODS, *self.key)
        return found if found is not None and uid_of(found) == self.uid else {}

    def box(self, name: str) -> Box | None:
        """Return a container by its name."""
        return next((box for box in [*self.boxes, *self.inits] if box.name == name), None)

    # ---- small hands ------------------------------------------------------------------------------------------------

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something later, unless the pod is gone by then."""

        def now() -> None:
            self._timers.discard(timer)
            action()

        timer = self.clock.later(seconds, now)
        self._timers.add(timer)

    def forget(self) -> None:
        """Let go of everything that was still to be done."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._writing is not None:
            self._writing.cancel()

    def say(self, box: Box | None, reason: str, message: str, *, bad: bool = False, times: int = 1) -> None:
        """Say something about the pod or one of its containers."""
        pod = self.pod
        if pod:
            field = box.field if box is not None else ""
            self.cluster.events.say(pod, reason, message, "kubelet", bad=bad, host=self.node, field=field, times=times)

    def publish(self) -> None:
        """Write the status soon; what changes together is written once."""
        if self._writing is None or self._writing.is_dead:
            self._writing = self.clock.soon(self._write)

    def _write(self) -> None:
        pod = self.pod
        if pod:
            self.cluster.set_status(PODS, pod, status_of(pod, self.boxes, self.inits, self._place, self.clock.time()))

    # ---- coming up --------------------------------------------------------------------------------------------------

    def _mount(self, delay: float = 0.0) -> None:
        pod = self.pod
        lacking = lacking_volume(self.cluster, pod) if pod else ""
        if lacking:
            self.say(None, "FailedMount", lacking, bad=True, times=max(1, int(delay / LOST)))
            self._lack(self._mount, delay)
            return
        self._place["podIP"] = self.kubelet.address(self.node, pod)
        self.publish()
        self._next()

    def _next(self) -> None:
        """Begin the first init container that is not done, else all the others."""
        for box in self.inits:
            if not box.has_succeeded and not (box.is_sidecar and box.started):
                if box.state == "waiting":
                    self._pull(box)
                return
        for box in self.boxes:
            if box.state == "waiting":
                if box.why == "PodInitializing":
                    box.why = "ContainerCreating"
                self._pull(box)

    def _lack(self, again: Callable[[float], None], delay: float) -> None:
        """Try again later, or as soon as somebody makes what is lacking."""
        wait, done = min(LONGEST, delay * 2 or FIRST), False

        def once() -> None:
            nonlocal done
            if not done and not self.ending:
                done = True
                again(wait)

        self._lacking.append(once)
        self.later(wait, once)

    def nudge(self) -> None:
        """Look again for what was lacking: something has been made."""
        waiting, self._lacking = self._lacking, []
        for once in waiting:
            self.later(START, once)

    def _pull(self, box: Box) -> None:
        here = self.kubelet.has_image(self.node, box.image)
        if here and box.spec.get("imagePullPolicy") != "Always":
            self.say(box, "Pulled", f'Container image "{box.image}" already present on machine')
            box.pulled = True
            self.later(START, lambda: self._start(box))
            return
        if box.spec.get("imagePullPolicy") == "Never":
            self.say(box, "ErrImageNeverPull", f'Container image "{box.image}" is not present with pull policy of Never', bad=True)
            box.wait("ErrImageNeverPull", f'Container image "{box.image}" is not present with pull policy of Never')
            self.publish()
            return
        self.say(box, "Pulling", f'Pulling image "{box.image}"')
        took = 0.3 if here or images.refusal(box.image) else images.seconds(box.image) * self.cluster.chance.uniform(0.7, 1.4)
        self.later(took, lambda: self._pulled(box, took))

    def _pulled(self, box: Box, took: float) -> None:
        why = images.refusal(box.image)
        if not why:
            self.kubelet.keep_image(self.node, box.image)
            spent = f"{took:.3f}s ({took:.3f}s including waiting)"
            self.say(box, "Pulled", f'Successfully pulled image "{box.image}" in {spent}. Image size: {images.size(box.image)} bytes.')
            box.pulled, box.pull_delay = True, 0.0
            self.later(START, lambda: self._start(box))
            return
        self.say(box, "Failed", f'Failed to pull image "{box.image}": {why}', bad=True)
        self.say(box, "Failed", "Error: ErrImagePull", bad=True)
        box.wait("ErrImagePull", why)
        self.publish()
        box.pull_delay = min(LONGEST, box.pull_delay * 2 or FIRST)
        self.later(min(2.0, box.pull_delay), lambda: self._hold_pull(box, why, box.pull_delay))

    def _hold_pull(self, box: Box, why: str, delay: float) -> None:
        self.say(box, "BackOff", f'Back-off pulling image "{box.image}"', times=max(1, int(delay / EACH)))
        self.say(box, "Failed", "Error: ImagePullBackOff", bad=True, times=max(1, int(delay / EACH)))
        box.wait("ImagePullBackOff", f'Back-off pulling image "{box.image}": ErrImagePull: {why}')
        self.publish()
        self.later(delay, lambda: self._pull(box))

    def _start(self, box: Box, delay: float = 0.0) -> None:
        lacking = lacking_config(self.cluster, self.pod, box.spec)
        if lacking:
            self.say(box, "Failed", f"Error: {lacking}", bad=True, times=max(1, int(delay / EACH)))
            box.wait("CreateContainerConfigError", lacking)
            self.publish()
            self._lack(lambda delay: self._start(box, delay), delay)
            return
        program, now, chance = program_of(box.spec), self.clock.time(), self.cluster.chance
        box.before, box.now = (box.now or box.before), Instance(program, chance.getrandbits(32), now)
        box.identity = f"containerd://{chance.getrandbits(256):064x}"
        box.state, box.message, box.ended, box.started, box.ready = "running", "", None, "startupProbe" not in box.spec, False
        self.say(box, "Created", f"Created container: {box.name}")
        self.say(box, "Started", f"Started container {box.name}")
        run = box.now
        if program.lasts is not None:
            self.later(
                program.lasts * (chance.uniform(0.8, 1.3) if program.lasts > 2 else 1),
                lambda: self._ended(box, run, program.code, program.reason),
            )
        self._probe(box, run)
        self.publish()
        if box.is_sidecar:
            self.later(START, self._next)

    # ---- probes -----------------------------------------------------------------------------------------------------

    def _probe(self, box: Box, run: Instance) -> None:
        probe = box.spec.get("startupProbe") or box.spec.get("readinessProbe")
        if not probe:
            box.ready = not box.init or box.is_sidecar
            return
        warm = run.program.warm
        if warm is None or not self._answers(box, probe, run):
            self.later(float(probe.get("periodSeconds", 10)), lambda: self._unready(box, run, probe))
            return
        first, period = float(probe.get("initialDelaySeconds", 0)), float(probe.get("periodSeconds", 10))
        failed = max(0, math.ceil((warm - first) / period))
        if failed:
            self.later(first + 0.1, lambda: self._unhealthy(box, run, probe))
        self.later(max(0.1, first + failed * period), lambda: self._answered(box, run))

    @staticmethod
    def _port(box: Box, probe: Json) -> Any:
        """Return the number of the port that a probe asks, None when it asks none."""
        port = (probe.get("tcpSocket") or probe.get("httpGet") or {}).get("port")
        named = {one.get("name"): one["containerPort"] for one in box.spec.get("ports") or ()}
        return named.get(port, port)

    def _answers(self, box: Box, probe: Json, run: Instance) -> bool:
        port = self._port(box, probe)
        if port is None:
            return (probe.get("exec") or {}).get("command", [""])[0] not in {"false", "/bin/false"}
        return port in run.program.ports

    def _unhealthy(self, box: Box, run: Instance, probe: Json, times: int = 1) -> None:
        if box.now is run and box.state == "running" and not self.ending:
            ip = self._place.get("podIP", "")
            port = self._port(box, probe)
            said = f"dial tcp {ip}:{port}: connect: connection refused"
            if "httpGet" in probe:
                said = f'Get "http://{ip}:{port}{probe["httpGet"].get("path", "/")}": {said}'
            elif "exec" in probe:
                said = "command failed"
            self.say(box, "Unhealthy", f"Readiness probe failed: {said}", bad=True, times=times)

    def _unready(self, box: Box, run: Instance, probe: Json) -> None:
        if box.now is run and box.state == "running" and not self.ending:
            period = float(probe.get("periodSeconds", 10))
            wait = max(60.0, period)
            self._unhealthy(box, run, probe)
            self.later(wait, lambda: self._unready(box, run, probe))

    def _answered(self, box: Box, run: Instance) -> None:
        if box.now is run and box.state == "running" and not self.ending:
            box.started = True
            box.ready = not box.init or box.is_sidecar
            self.publish()
            if box.is_sidecar:
                self._next()

    # ---- ending -----------------------------------------------------------------------------------------------------

    def _ended(self, box: Box, run: Instance, code: int, reason: str = "") -> None:
        """Take note that a run is over, and see what comes of it."""
        if box.now is not run or run.ended is not None:
            return
        now = self.clock.time()
        run.ended = now
        word = reason or ("Completed" if code == 0 else "Error")
        ended = {"exitCode": code, "reason": word, "startedAt": stamp(run.started), "finishedAt": stamp(now), "containerID": box.identity}
        box.state, box.ended, box.ready, box.started = "terminated", ended, False, False
        self.publish()
        if self.ending:
            self._leave()
        elif box.init and code == 0 and not box.is_sidecar:
            self.later(START, self._next)
        elif self._again(box, code):
            self._hold(box, now - run.started)

    def _again(self, box: Box, code: int) -> bool:
        if box.is_sidecar:
            return True
        if box.init:
            return self.policy != "Never"
        return self.policy == "Always" or (self.policy == "OnFailure" and code != 0)

    def _hold(self, box: Box, ran: float) -> None:
        """Start again: at once the first time, then after a back-off that doubles."""
        if ran >= FORGIVEN:
            box.delay = 0.0
        delay, box.delay = box.delay, min(LONGEST, box.delay * 2 or FIRST)
        if not delay:
            self.later(0.6, lambda: self._restart(box))
            return
        self.later(0.5, lambda: self._back_off(box, delay))

    def _back_off(self, box: Box, delay: float) -> None:
        space, name = self.key
        target = f"{box.name} in pod {name}_{space}({self.uid})"
        self.say(box, "BackOff", f"Back-off restarting failed container {target}", bad=True, times=max(1, int(delay / EACH)))
        box.last = box.ended
        box.wait("CrashLoopBackOff", f"back-off {_spoken(delay)} restarting failed container={box.name} pod={name}_{space}({self.uid})")
        self.publish()
        self.later(delay, lambda: self._restart(box))

    def _restart(self, box: Box) -> None:
        if self.ending:
            return
        box.last = box.ended or box.last
        box.restarts += 1
        self._pull(box)

    def kill(self, box: Box, why: str) -> None:
        """End a container's run so that it starts anew."""
        run = box.now
        if run is not None and run.ended is None:
            self.say(box, "Killing", why)
            self.later(0.5, lambda: self._ended(box, run, 137))

    def reshape(self, pod: Json) -> None:
        """Take over images that were changed in the pod's spec."""
        specs = {spec["name"]: spec for spec in pod["spec"]["containers"]}
        for box in self.boxes:
            spec = specs.get(box.name, box.spec)
            if spec["image"] != box.image:
                box.spec, box.pulled = spec, False
                self.kill(box, f"Container {box.name} definition changed, will be restarted")

    def end(self, pod: Json) -> None:
        """Stop every container within the pod's grace period, then let the pod go."""
        grace = float(pod["metadata"].get("deletionGracePeriodSeconds", 30))
        self.ending = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for box in [*self.boxes, *self.inits]:
            run = box.now
            if run is None or run.ended is not None:
                continue
            self.say(box, "Killing", f"Stopping container {box.name}")
            program, run.told_to_stop = run.program, True
            if program.stops is None or program.stops > grace:
                self.later(grace, lambda box=box, run=run: self._ended(box, run, 137))  # type: ignore[misc]
            else:
                self.later(program.stops, lambda box=box, run=run: self._ended(box, run, run.program.stop_code))  # type: ignore[misc]
        self._leave()

    def _leave(self) -> None:
        if all(box.now is None or box.now.ended is not None for box in [*self.boxes, *self.inits]):
            self.later(0.2, self._gone)

    def _gone(self) -> None:
        pod = self.pod
        if pod and is_going(pod):
            if pod["metadata"].get("finalizers"):
                self.cluster.set_meta(PODS, pod, deletionGracePeriodSeconds=0)
            else:
                self.cluster.storage.drop(PODS, pod)


def _spoken(seconds: float) -> str:
    """Return a duration as Go writes it: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
