"""Sentences about a container: why it ended, why its image is not there, when it is tried again."""

from __future__ import annotations

import re
from datetime import timedelta

from tui.kinds.kubernetes.common import now_utc
from tui.kinds.kubernetes.pod_objects import Container, ContainerStatus, Terminated
from tui.values import duration

IMAGE = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"})
_DELAY = re.compile(r"back-off (?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)? restarting failed")
_RPC = re.compile(r"^rpc error: code = \w+ desc = ")
_BACK_OFF = re.compile(r'^Back-off pulling image "[^"]*"(?:: )?|^ErrImagePull(?:: |$)')
_PULL = re.compile(r'^(?:failed to|Failed to) (?:pull and unpack image|pull image|resolve reference|copy|do request)(?: "[^"]*")?: ')
_NAMED = re.compile(r"^\S*[/:]\S*: (?=not found$)")


def exit_sentence(name: str, ended: Terminated, limit: str = "", *, counted: int = 0) -> str:
    """Return why a container ended: `api exited 1 (Error) after 3s, 14 restarts`; `limit`: its memory limit, if any."""
    lasted = ""
    if ended.startedAt and ended.finishedAt and ended.startedAt.year > 1970:
        seconds = (ended.finishedAt - ended.startedAt).total_seconds()
        lasted = f" after {duration(seconds)}" if seconds >= 1 else " within a second"
    if ended.reason == "OOMKilled":
        cause = f"{name} was killed for memory (OOMKilled){lasted}" + (f": it reached its limit of {limit}" if limit else "")
    elif ended.signal:
        cause = f"{name} was ended by signal {ended.signal}{lasted}"
    else:
        cause = f"{name} exited {ended.exitCode}" + (f" ({ended.reason})" if ended.reason else "") + lasted
    if counted:
        cause += f", {counted} restart{'s' * (counted != 1)}"
    said = [line for line in ended.message.strip().splitlines() if line.strip()]
    return f"{cause}: {said[-1].strip()}" if said else cause


def image_sentence(image: str, message: str) -> str:
    """Return why an image cannot be had, with what the kubelet and its runtime put around the reason taken off."""
    reason = message.strip()
    while True:
        bare = reason
        for wrapping in (_BACK_OFF, _RPC, _PULL):
            bare = wrapping.sub("", bare)
        if bare == reason:
            break
        reason = bare
    reason = _NAMED.sub("", reason)
    return f"image {image} cannot be pulled" + (f": {reason}" if reason else "")


def delay(one: ContainerStatus) -> float:
    """Return the seconds of a container's back-off: as its message says, else 10 s doubled with each restart, at most 300 s."""
    said = _DELAY.search(one.state.waiting.message if one.state.waiting else "")
    if said and any(said.groups()):
        hours, minutes, seconds = (float(part or 0) for part in said.groups())
        return hours * 3600 + minutes * 60 + seconds
    return float(min(300, 10 * 2 ** min(max(0, one.restartCount), 5)))


def next_try(one: ContainerStatus) -> str:
    """Return when a container in back-off is started again, as far as it can be known."""
    ended = one.ended or one.state.terminated
    if ended is None or ended.finishedAt is None:
        return ""
    left = (ended.finishedAt + timedelta(seconds=delay(one)) - now_utc()).total_seconds()
    return f"next try in ~{duration(left)}" if left >= 1 else "next try any moment"


def container_sentence(one: ContainerStatus, asked: Container | None) -> tuple[str, str]:
    """Return (cause, what comes next) of a container that does not run as it should; both "" when it does."""
    waiting, ended = one.state.waiting, one.state.terminated
    limit = asked.memory_limit if asked else ""
    if waiting is not None and waiting.reason == "CrashLoopBackOff":
        last = one.ended
        cause = exit_sentence(one.name, last, limit, counted=one.restartCount) if last else f"{one.name} ends again and again"
        return cause, next_try(one)
    if waiting is not None and waiting.reason in IMAGE:
        again = "tried again at most every 5 minutes" if waiting.reason in {"ErrImagePull", "ImagePullBackOff"} else ""
        return image_sentence(asked.image if asked else one.name, waiting.message), again
    if waiting is not None and waiting.reason:
        return f"{one.name}: {waiting.message.strip() or waiting.reason}", ""
    if ended is not None and (ended.exitCode or ended.signal):
        return exit_sentence(one.name, ended, limit, counted=one.restartCount), ""
    return "", ""
