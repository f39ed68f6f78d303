"""Logs of containers, as the API gives them: the end of one, what is new, and on and on."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from aiohttp import web

from tui.demo.kubernetes.api.asked import Asked
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.failures import Failure, bad, invalid
from tui.demo.kubernetes.kubelet.boxes import Box
from tui.demo.kubernetes.kubelet.instances import KEPT, Instance, Line
from tui.demo.kubernetes.kubelet.kubelet import Kubelet
from tui.demo.kubernetes.objects import Json, nano

PATIENCE = 1.0  # seconds between two looks at a log of which no next line is foreseen
WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
    "ErrImageNeverPull": "image can't be pulled",
}


def _container(pod: Json, wanted: str) -> str:
    every = [one["name"] for key in ("containers", "initContainers") for one in pod["spec"].get(key) or ()]
    name = pod["metadata"]["name"]
    if wanted:
        if wanted not in every:
            raise bad(f"container {wanted} is not valid for pod {name}")
        return wanted
    mains = [one["name"] for one in pod["spec"]["containers"]]
    if len(mains) == 1:
        return str(mains[0])
    default = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container", "")
    if default in mains:
        return str(default)
    inits = [one["name"] for one in pod["spec"].get("initContainers") or ()]
    more = f" or one of the init containers: [{' '.join(inits)}]" if inits else ""
    raise bad(f"a container name must be specified for pod {name}, choose one of: [{' '.join(mains)}]{more}")


def _run(pod: Json, box: Box, *, previous: bool) -> Instance:
    """Return the run whose log is meant; raises Failure 400 when there is none."""
    name = pod["metadata"]["name"]
    if previous:
        over = box.now if box.state == "waiting" and box.now is not None and box.now.ended is not None else box.before
        if over is None:
            raise bad(f'previous terminated container "{box.name}" in pod "{name}" not found')
        return over
    if box.now is None:
        raise bad(f'container "{box.name}" in pod "{name}" is waiting to start: {WAITING.get(box.why, box.why)}')
    return box.now


def _since(asked: Asked, now: float) -> float:
    seconds, text = asked.number("sinceSeconds"), asked.query.get("sinceTime", "")
    if seconds is not None and text:
        said = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        raise invalid("PodLogOptions", "", asked.name, [("[]", "FieldValueForbidden", said)])
    for key, least in (("sinceSeconds", 1), ("tailLines", 0), ("limitBytes", 1)):
        value = asked.number(key)
        if value is not None and value < least:
            said = f"Invalid value: {value}: must be greater than {'or equal to ' if not least else ''}0"
            raise invalid("PodLogOptions", "", asked.name, [(key, "FieldValueInvalid", said)])
    if seconds is not None:
        return now - seconds
    if text:
        try:
            head, dot, tail = text.removesuffix("Z").partition(".")
            whole = datetime.fromisoformat(head + ("+00:00" if text.endswith("Z") else "")).timestamp()
            return whole + (float(f"0.{tail}") if dot else 0.0) - 1e-6
        except ValueError:
            raise bad(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text}" as "2006"') from None
    return 0.0


class _Page:
    """Lines as bytes, with or without their times."""

    def __init__(self, asked: Asked) -> None:
        self.stamps = asked.query.get("timestamps") in {"true", "1"}
        self.left = asked.number("limitBytes")

    def bytes(self, lines: list[Line], rest: Line | None = None) -> bytes:
        parts = [f"{nano(when)} {text}\n" if self.stamps else f"{text}\n" for when, text in lines]
        if rest is not None:
            parts.append(f"{nano(rest[0])} {rest[1]}" if self.stamps else rest[1])
        whole = "".join(parts).encode()
        if self.left is not None:
            whole = whole[: self.left]
            self.left -= len(whole)
        return whole


async def logs(cluster: Cluster, kubelet: Kubelet, pod: Json, asked: Asked, request: web.Request) -> web.StreamResponse:
    """Answer with a container's log; raises Failure 400 and 422."""
    name = _container(pod, asked.query.get("container", ""))
    clock = cluster.clock
    since, tail = _since(asked, clock.time()), asked.number("tailLines")
    worker = kubelet.worker(pod)
    if not pod["spec"].get("nodeName"):
        return web.Response(status=204)
    box = worker.box(name) if worker is not None else None
    if box is None:
        raise Failure(404, "NotFound", f'the log of container "{name}" is no longer there')
    run, page = _run(pod, box, previous=asked.query.get("previous") in {"true", "1"}), _Page(asked)
    now = clock.time()
    newest = [line for line in islice(run.newest(now), KEPT if tail is None else tail) if line[0] > since]
    said = page.bytes(newest[::-1], _rest(run, since))
    if asked.query.get("follow") not in {"true", "1"} or run.ended is not None:
        return web.Response(body=said, headers={"Content-Type": "text/plain"})
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    if said:
        await response.write(said)
    await _follow(cluster, run, now, page, response)
    return response


def _rest(run: Instance, since: float) -> Line | None:
    return (run.ended, run.rest) if run.rest and run.ended is not None and run.ended > since else None


async def _follow(cluster: Cluster, run: Instance, seen: float, page: _Page, response: web.StreamResponse) -> None:
    """Write lines as they come, until the run is over."""
    clock = cluster.clock
    while page.left is None or page.left > 0:
        ahead = run.next_after(seen)
        wait = PATIENCE if ahead is None else min(PATIENCE, max(0.0, ahead - clock.time()))
        over = run.ended is not None
        if not over:
            await clock.sleep(max(wait, 0.02))
        now = clock.time()
        lines = run.lines(seen, now)
        rest = _rest(run, seen) if run.ended is not None else None
        if lines or rest is not None:
            await response.write(page.bytes(lines, rest))
        seen = now
        if over or run.ended is not None:
            return
