"""Kubernetes kinds: the STATUS of every sort of pod, sentences, selectors, owners, rows of containers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tui.engines.kubernetes.rows import Rows, pod_of
from tui.facts import Delta, Gone, Health, Listed, Put, Ref, State, Tone
from tui.kinds import kinds
from tui.kinds.kubernetes.common import use_clock
from tui.kinds.kubernetes.containers import ContainerRow, rows
from tui.kinds.kubernetes.pod_objects import Pod
from tui.kinds.kubernetes.pod_sentences import image_sentence
from tui.kinds.kubernetes.selectors import Requirement, Selector, chosen
from tui.values import Value, text_of

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _now() -> None:
    """Let the kinds take the time from NOW, whenever the test runs."""
    use_clock(lambda: NOW)


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def one(word: str, body: dict[str, Any]) -> Any:
    kind = kinds()[f"kubernetes/{word}"]
    meta = {"name": "it", "namespace": "ns", "uid": "u", "creationTimestamp": ago(9000), **body.get("metadata", {})}
    return msgspec.json.decode(msgspec.json.encode({**body, "metadata": meta}), type=kind.type)


def cell(word: str, obj: Any, title: str) -> str:
    value: Value = next(column.value(obj) for column in kinds()[f"kubernetes/{word}"].columns if column.title == title)
    return text_of(value, NOW)


def status(name: str = "api", ready: bool = False, restarts: int = 0, **states: Any) -> dict[str, Any]:
    last = states.pop("last", None)
    return {
        "name": name, "ready": ready, "restartCount": restarts, "state": states, "lastState": {"terminated": last} if last else {},
    }  # fmt: skip


RUNS: dict[str, Any] = {"running": {"startedAt": ago(8000)}}
DONE: dict[str, Any] = {"terminated": {"exitCode": 0, "reason": "Completed"}}


def pod(*statuses: dict[str, Any], inits: tuple[dict[str, Any], ...] = (), **more: Any) -> Pod:
    """Return a pod; `sidecars` names the init containers that go on, `conditions` those that are True."""
    sidecars, meta = more.pop("sidecars", ()), more.pop("metadata", {})
    conditions = [{"type": name, "status": "True"} for name in more.pop("conditions", ())] + more.pop("rough", [])
    spec = {
        "nodeName": "n1",
        "containers": [{"name": item["name"], "image": "shop/api:1", "resources": {"limits": {"memory": "64Mi"}}} for item in statuses],
        "initContainers": [
            {"name": item["name"], "image": "i", **({"restartPolicy": "Always"} if item["name"] in sidecars else {})} for item in inits
        ],
    }
    found = {
        "phase": "Running", "containerStatuses": list(statuses), "initContainerStatuses": list(inits), "conditions": conditions, **more,
    }  # fmt: skip
    made = one("pods", {"metadata": meta, "spec": spec, "status": found})
    assert isinstance(made, Pod)
    return made


def waits(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def ended(code: int, reason: str = "", signal: int = 0) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "signal": signal}}


WELL = status(ready=True, **RUNS)
IDLE = status(**waits("PodInitializing"))
CASES: dict[str, tuple[Pod, str, str, Tone]] = {
    "running": (pod(WELL, conditions=("Ready",)), "1/1", "Running", Tone.WELL),
    "not ready": (pod(status(**RUNS), WELL), "1/2", "Running", Tone.STRAINED),
    "pending": (pod(phase="Pending", metadata={"creationTimestamp": ago(3)}), "0/0", "Pending", Tone.MOVING),
    "creating": (
        pod(status(**waits("ContainerCreating")), phase="Pending", metadata={"creationTimestamp": ago(3)}), "0/1", "ContainerCreating",
        Tone.MOVING,
    ),
    "crashing": (pod(status(**waits("CrashLoopBackOff"))), "0/1", "CrashLoopBackOff", Tone.BROKEN),
    "no image": (pod(status(**waits("ImagePullBackOff"))), "0/1", "ImagePullBackOff", Tone.BROKEN),
    "image error": (pod(status(**waits("ErrImagePull"))), "0/1", "ErrImagePull", Tone.BROKEN),
    "config": (pod(status(**waits("CreateContainerConfigError"))), "0/1", "CreateContainerConfigError", Tone.BROKEN),
    "error": (pod(status(**ended(1, "Error"))), "0/1", "Error", Tone.BROKEN),
    "memory": (pod(status(**ended(137, "OOMKilled"))), "0/1", "OOMKilled", Tone.BROKEN),
    "exit code": (pod(status(**ended(3))), "0/1", "ExitCode:3", Tone.BROKEN),
    "signal": (pod(status(**ended(0, signal=9))), "0/1", "Signal:9", Tone.BROKEN),
    "completed": (pod(status(**DONE), phase="Succeeded"), "0/1", "Completed", Tone.OVER),
    "succeeded": (pod(phase="Succeeded"), "0/0", "Succeeded", Tone.OVER),
    "half done": (pod(status("a", **DONE), status("b", True, **RUNS)), "1/2", "NotReady", Tone.STRAINED),
    "half done and ready": (pod(status("a", **DONE), status("b", True, **RUNS), conditions=("Ready",)), "1/2", "Running", Tone.STRAINED),
    "the first that says a word": (
        pod(status("a", **ended(1, "Error")), status("b", **waits("ErrImagePull"))), "0/2", "Error", Tone.BROKEN,
    ),
    "evicted": (pod(status(**ended(0)), phase="Failed", reason="Evicted", message="low on memory"), "0/1", "ExitCode:0", Tone.BROKEN),
    "evicted without statuses": (pod(phase="Failed", reason="Evicted", message="low on memory"), "0/0", "Evicted", Tone.BROKEN),
    "gated": (pod(phase="Pending", rough=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]), "0/0",
              "SchedulingGated", Tone.MOVING),
    "no place": (pod(phase="Pending", rough=[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no cpu"}]),
                 "0/0", "Pending", Tone.STRAINED),
    "terminating": (pod(WELL, metadata={"deletionTimestamp": ago(1)}), "1/1", "Terminating", Tone.OVER),
    "deleted when done": (pod(status(**DONE), phase="Succeeded", metadata={"deletionTimestamp": ago(1)}), "0/1", "Completed", Tone.OVER),
    "node lost": (pod(WELL, reason="NodeLost", metadata={"deletionTimestamp": ago(1)}), "1/1", "Unknown", Tone.BROKEN),
    "node lost, kept": (pod(reason="NodeLost"), "0/0", "NodeLost", Tone.BROKEN),
    "init": (pod(IDLE, inits=(status("i", **DONE), status("j", **RUNS)), phase="Pending"), "0/1", "Init:1/2", Tone.STRAINED),
    "init waits": (pod(IDLE, inits=(status("i", **waits("PodInitializing")),)), "0/1", "Init:0/1", Tone.STRAINED),
    "init crashing": (pod(IDLE, inits=(status("i", **waits("CrashLoopBackOff")),)), "0/1", "Init:CrashLoopBackOff", Tone.BROKEN),
    "init error": (pod(IDLE, inits=(status("i", **ended(1, "Error")),)), "0/1", "Init:Error", Tone.BROKEN),
    "init exit code": (pod(IDLE, inits=(status("i", **ended(2)),)), "0/1", "Init:ExitCode:2", Tone.BROKEN),
    "init signal": (pod(IDLE, inits=(status("i", **ended(137, signal=9)),)), "0/1", "Init:Signal:9", Tone.BROKEN),
    "init over": (pod(IDLE, inits=(status("i", **DONE),), metadata={"creationTimestamp": ago(3)}), "0/1", "PodInitializing", Tone.MOVING),
    "sidecar": (pod(WELL, inits=({**status("s", True, **RUNS), "started": True},), sidecars=("s",)), "2/2", "Running", Tone.WELL),
    "sidecar not started": (pod(IDLE, inits=(status("s", **RUNS),), sidecars=("s",)), "0/2", "Init:0/1", Tone.STRAINED),
    "sidecar not ready": (
        pod(WELL, inits=({**status("s", **RUNS), "started": True},), sidecars=("s",)), "1/2", "Running", Tone.STRAINED,
    ),
    "sidecar down later": (
        pod(WELL, inits=(status("s", **waits("CrashLoopBackOff")),), sidecars=("s",), conditions=("Initialized",)), "1/2",
        "Init:CrashLoopBackOff", Tone.BROKEN,
    ),
    "nothing at all": (one("pods", {}), "0/0", "", Tone.STRAINED),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_ready_status_and_tone_of_a_pod(name: str) -> None:
    made, ready, word, tone = CASES[name]
    kind = kinds()["kubernetes/pods"]
    assert (cell("pods", made, "Ready"), cell("pods", made, "Status"), kind.tone(made)) == (ready, word, tone)
    trouble = kind.trouble(made)
    assert (trouble is not None) == (tone in {Tone.STRAINED, Tone.BROKEN})
    assert trouble is None or (trouble.cause and trouble.tone is tone)


LAST = {"exitCode": 1, "reason": "Error", "startedAt": ago(50), "finishedAt": ago(41)}


def test_restarts_count_main_containers_and_sidecars_and_before_that_the_init_containers() -> None:
    side = {**status("s", True, 2, **RUNS), "started": True}
    started = pod(status(ready=True, restarts=3, last=LAST, **RUNS), inits=(status("i", restarts=5, **DONE), side), sidecars=("s",))
    assert cell("pods", started, "Restarts") == "5 (41s ago)"
    before = pod(IDLE, inits=(status("i", restarts=5, last=LAST, **waits("CrashLoopBackOff")),))
    assert cell("pods", before, "Restarts") == "5 (41s ago)"
    assert kinds()["kubernetes/pods"].tone(pod(status(ready=True, restarts=1, last=LAST, **RUNS))) is Tone.STRAINED


def test_readiness_gates_are_counted_and_named() -> None:
    body = {"spec": {"readinessGates": [{"conditionType": "a"}, {"conditionType": "b"}]},
            "status": {"phase": "Running", "conditions": [{"type": "a", "status": "True"}]}}  # fmt: skip
    gated = one("pods", body)
    assert cell("pods", gated, "Readiness Gates") == "1/2"
    found = kinds()["kubernetes/pods"].trouble(gated)
    assert found is not None
    assert "gate b" in found.cause


def sentence(made: Any, word: str = "pods") -> tuple[str, str]:
    found = kinds()[f"kubernetes/{word}"].trouble(made)
    assert found is not None
    return found.cause, found.next


def test_a_crash_loop_says_exit_code_restarts_and_the_next_try() -> None:
    message = "back-off 2m40s restarting failed container=api pod=x"
    cause, then = sentence(pod(status(restarts=14, last=LAST, **waits("CrashLoopBackOff", message))))
    assert cause == "api exited 1 (Error) after 9s, 14 restarts"
    assert re.fullmatch(r"next try in ~(1m5\ds|11\ds)", then)


def test_what_is_wrong_is_said_with_its_cause() -> None:
    assert sentence(pod(status(restarts=2, **ended(137, "OOMKilled"))))[0].endswith("it reached its limit of 64Mi, 2 restarts")
    assert sentence(CASES["no place"][0])[0] == "no cpu"
    assert sentence(CASES["evicted"][0])[0] == "low on memory"
    assert sentence(CASES["not ready"][0])[0] == "1 of 2 containers ready: api is not ready"
    assert "n1 does not answer" in sentence(CASES["node lost"][0])[0]
    assert sentence(pod(status(**waits("CreateContainerConfigError", 'configmap "x" not found'))))[0] == 'api: configmap "x" not found'


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('Back-off pulling image "nginx:nope"', ""),
        ('Back-off pulling image "nginx:nope": ErrImagePull: failed to pull and unpack image "docker.io/library/nginx:nope": '
         'failed to resolve reference "docker.io/library/nginx:nope": docker.io/library/nginx:nope: not found', ": not found"),
        ("rpc error: code = NotFound desc = failed to pull and unpack image \"d/n:nope\": d/n:nope: not found", ": not found"),
        ("no such host", ": no such host"),
    ],
)  # fmt: skip
def test_an_image_that_cannot_be_pulled(message: str, reason: str) -> None:
    assert image_sentence("nginx:nope", message) == f"image nginx:nope cannot be pulled{reason}"


# ---- workloads ------------------------------------------------------------------------------------------------------


def deployment(wanted: int, available: int, updated: int, total: int, *conditions: dict[str, str], **spec: Any) -> Any:
    found = {"availableReplicas": available, "updatedReplicas": updated, "replicas": total, "conditions": list(conditions)}
    return one("deployments", {"spec": {"replicas": wanted, **spec}, "status": found})


LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}
QUOTA = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}


@pytest.mark.parametrize(
    ("made", "tone", "cause"),
    [
        (deployment(2, 2, 2, 2), Tone.WELL, None),
        (deployment(2, 2, 1, 3), Tone.MOVING, None),
        (deployment(2, 0, 2, 2, {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}), Tone.MOVING, None),
        (deployment(2, 1, 2, 2), Tone.STRAINED, "not every pod is ready for long enough"),
        (deployment(2, 0, 2, 2, {"type": "Available", "status": "False", "message": "no minimum"}), Tone.BROKEN, "no minimum"),
        (deployment(2, 1, 1, 3, LATE), Tone.BROKEN, "too late"),
        (deployment(2, 0, 0, 0, QUOTA), Tone.BROKEN, "exceeded quota"),
        (deployment(0, 0, 0, 0), Tone.OVER, None),
        (deployment(2, 2, 1, 2, paused=True), Tone.MOVING, "its rollout waits until it is resumed"),
    ],
)
def test_how_a_deployment_does(made: Any, tone: Tone, cause: str | None) -> None:
    kind = kinds()["kubernetes/deployments"]
    found = kind.trouble(made)
    assert (kind.tone(made), found.cause if found else None) == (tone, cause)


def test_how_many_are_wanted_is_known_where_one_can_scale() -> None:
    for word in ("deployments", "replicasets", "statefulsets"):
        assert kinds()[f"kubernetes/{word}"].replicas(one(word, {"spec": {"replicas": 3}})) == 3
        assert kinds()[f"kubernetes/{word}"].replicas(one(word, {})) == 1


@pytest.mark.parametrize(
    ("conditions", "more", "tone", "word"),
    [
        ({"Ready": "True"}, {}, Tone.WELL, "Ready"),
        ({"Ready": "Unknown"}, {}, Tone.BROKEN, "NotReady"),
        ({}, {}, Tone.BROKEN, "Unknown"),
        ({"Ready": "True"}, {"unschedulable": True}, Tone.STRAINED, "Ready,SchedulingDisabled"),
        ({"Ready": "True", "DiskPressure": "True"}, {}, Tone.STRAINED, "Ready"),
    ],
)
def test_how_a_node_does(conditions: dict[str, str], more: dict[str, Any], tone: Tone, word: str) -> None:
    made = one("nodes", {"spec": more, "status": {"conditions": [{"type": key, "status": value} for key, value in conditions.items()]}})
    assert (kinds()["kubernetes/nodes"].tone(made), cell("nodes", made, "Status")) == (tone, word)


def test_no_value_of_a_secret_stays_in_its_row() -> None:
    made = one("secrets", {"data": {"a": "aGlkZGVu", "b": "eA=="}, "type": "Opaque"})
    assert cell("secrets", made, "Data") == "2"
    full = {"data": {"a": "aGlkZGVu"}, "metadata": {"annotations": {"note": "aGlkZGVu"}}}
    assert "aGlkZGVu" not in repr(made) + repr(kinds()["kubernetes/secrets"].facts(made, full))


# ---- selectors, owners, what Enter leads to -------------------------------------------------------------------------

LABELS = {"app": "web", "tier": "a"}


@pytest.mark.parametrize(
    ("selector", "fits", "text"),
    [
        (Selector(), True, ""),
        (Selector({"app": "web"}), True, "app=web"),
        (Selector({"app": "web", "tier": "b"}), False, "app=web,tier=b"),
        (Selector(None, (Requirement("tier", "In", ("b", "a")),)), True, "tier in (a,b)"),
        (Selector(None, (Requirement("tier", "In", ()),)), False, "tier in ()"),
        (Selector(None, (Requirement("gone", "In", ("",)),)), False, "gone in ()"),
        (Selector(None, (Requirement("tier", "NotIn", ("b",)),)), True, "tier notin (b)"),
        (Selector(None, (Requirement("gone", "NotIn", ("b",)),)), True, "gone notin (b)"),
        (Selector(None, (Requirement("tier", "NotIn", ("a",)),)), False, "tier notin (a)"),
        (Selector(None, (Requirement("tier", "Exists"),)), True, "tier"),
        (Selector(None, (Requirement("gone", "Exists"),)), False, "gone"),
        (Selector(None, (Requirement("gone", "DoesNotExist"),)), True, "!gone"),
        (Selector(None, (Requirement("tier", "DoesNotExist", None),)), False, "!tier"),
        (Selector({"app": "web"}, (Requirement("a", "Exists"), Requirement("z", "DoesNotExist"))), False, "a,app=web,!z"),
        (Selector(None, (Requirement("tier", "Like", ("a",)),)), False, "tier like (a)"),
    ],
)
def test_a_label_selector(selector: Selector, fits: bool, text: str) -> None:
    assert (selector.fits(LABELS), selector.text()) == (fits, text)
    assert not chosen(None, LABELS)


def belongs(word: str, obj: Any, made: Any) -> bool:
    drill = kinds()[f"kubernetes/{word}"].drill
    assert drill is not None
    return drill.belongs(obj, made)


def test_enter_leads_to_the_pods_that_belong() -> None:
    mine = one(
        "pods",
        {"metadata": {"labels": LABELS, "uid": "p", "ownerReferences": [{"uid": "u", "kind": "ReplicaSet"}]}, "spec": {"nodeName": "it"}},
    )
    other = one("pods", {"metadata": {"uid": "q", "namespace": "else", "labels": LABELS}})
    for word, body in (
        ("deployments", {"spec": {"selector": {"matchLabels": {"app": "web"}}}}), ("replicasets", {}), ("statefulsets", {}),
        ("daemonsets", {}), ("jobs", {}), ("services", {"spec": {"selector": {"tier": "a"}}}), ("nodes", {}),
    ):  # fmt: skip
        assert belongs(word, one(word, body), mine), word
        assert not belongs(word, one(word, body), other), word
    assert not belongs("services", one("services", {}), mine)
    space = one("namespaces", {"metadata": {"name": "ns", "namespace": ""}})
    assert belongs("namespaces", space, mine)
    assert not belongs("namespaces", space, other)
    assert belongs("pods", mine, rows(one("containers", {"metadata": {"uid": "p"}, "spec": {"containers": [{"name": "c"}]}}))[0])


@pytest.mark.parametrize(
    ("owner", "labels", "expected"),
    [
        ({"kind": "ReplicaSet", "name": "web-5f6d98bb47"}, {"pod-template-hash": "5f6d98bb47"},
         (("deployments", "web"), ("replicasets", "web-5f6d98bb47"))),
        ({"kind": "ReplicaSet", "name": "web-5f6d98bb47"}, {}, (("replicasets", "web-5f6d98bb47"),)),
        ({"kind": "Job", "name": "night-29384710"}, {}, (("cronjobs", "night"), ("jobs", "night-29384710"))),
        ({"kind": "Job", "name": "once"}, {}, (("jobs", "once"),)),
        ({"kind": "Rollout", "name": "r"}, {}, (("Rollout", "r"),)),
    ],
)  # fmt: skip
def test_owners_come_outermost_first(owner: dict[str, str], labels: dict[str, str], expected: tuple[tuple[str, str], ...]) -> None:
    made = one("pods", {"metadata": {"labels": labels, "ownerReferences": [owner]}})
    found = kinds()["kubernetes/pods"].owners(made)
    assert tuple((kind.removeprefix("kubernetes/"), name) for kind, name in found) == expected


# ---- rows of containers ---------------------------------------------------------------------------------------------


def many(uid: str, *names: str) -> ContainerRow:
    made = one("containers", {"metadata": {"uid": uid, "name": f"pod-{uid}"}, "spec": {"containers": [{"name": name} for name in names]}})
    assert isinstance(made, ContainerRow)
    return made


def test_news_of_pods_become_news_of_their_containers() -> None:
    told: list[Delta] = []
    feed = Rows(rows, told.append)
    feed(Put([many("1", "a", "b"), many("2", "c")]))
    assert isinstance(told[0], Put)
    assert [row.uid for row in told[0].objects] == ["1/pod-1/a", "1/pod-1/b", "2/pod-2/c"]
    feed(Put([many("1", "b")]))
    assert told[-1] == Gone(["1/pod-1/a"])
    feed(Listed(frozenset({"1"})))
    assert told[-1] == Listed(frozenset({"1/pod-1/b"}))
    feed(Gone(["1", "2"]))
    assert told[-1] == Gone(["1/pod-1/b"])
    feed(Health(State.LIVE))
    assert told[-1] == Health(State.LIVE)
    feed(Listed(frozenset()))
    assert told[-1] == Listed(frozenset())


def test_a_container_leads_back_to_its_pod() -> None:
    row = rows(many("u1", "side"))[0]
    found, name = pod_of(Ref("kubernetes:x", "kubernetes/containers", row.namespace, row.name, row.uid))
    assert (found, name) == (Ref("kubernetes:x", "kubernetes/pods", "ns", "pod-u1", "u1"), "side")
