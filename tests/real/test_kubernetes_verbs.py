"""Every verb of Kubernetes, pressed in the running app on a real cluster, its effect read back with plain kubectl."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.cockpit import Cockpit, cockpit, config
from tests.waiting import eventually, until
from tui.facts import State
from tui.screens.single import SingleScreen
from widgets.dialogs import Toggle
from widgets.logpane import LogPane
from widgets.textpane import TextPane

pytestmark = pytest.mark.real

WORKLOAD = """
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  {more}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      terminationGracePeriodSeconds: 0
      nodeSelector: {{type: real}}
      containers:
      - name: main
        image: busybox:1
        imagePullPolicy: IfNotPresent
        command: [sh, -c, "echo begun {name}; exec httpd -f -p 8080 -h /www"]
        env: [{{name: STEP, value: one}}]
        ports: [{{name: http, containerPort: 8080}}]
        readinessProbe: {{tcpSocket: {{port: 8080}}, periodSeconds: 1}}
"""

Kubectl = Callable[..., str]


@pytest.fixture
def kubectl(kube_world) -> Iterator[Kubectl]:
    """Give plain kubectl in a namespace of our own, which is removed after."""
    beside = Path(os.environ.get("PILOTHOUSE_TESTBED_BIN", ".cache/kubebin")) / "kubectl"
    program = str(beside) if beside.exists() else shutil.which("kubectl")
    assert program, "no kubectl"
    namespace = f"verbs-{uuid.uuid4().hex[:8]}"

    def run(*words: str, stdin: str = "") -> str:
        done = subprocess.run(
            [program, "-n", namespace, *words],
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, "KUBECONFIG": str(kube_world)},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("create", "namespace", namespace)
    run.namespace = namespace
    yield run
    run("delete", "namespace", namespace, "--wait=false")


def make(kubectl, kind, name, more):
    kubectl("apply", "-f", "-", stdin=WORKLOAD.format(kind=kind, name=name, more=more))
    kubectl("rollout", "status", f"{kind.lower()}/{name}", "--timeout=120s")


@pytest.fixture
def web(kubectl) -> str:
    """Give a deployment with two good revisions."""
    make(kubectl, "Deployment", "web", "replicas: 1")
    kubectl("set", "env", "deployment/web", "STEP=two")
    kubectl("rollout", "status", "deployment/web", "--timeout=120s")
    return "web"


def here(tmp_path, kube_world, **options):
    return cockpit(config(tmp_path, kubeconfig=kube_world, **options))


def get(kubectl, what, path="") -> object:
    found = json.loads(kubectl("get", what, "-o", "json"))
    for part in path.split(".") if path else ():
        found = found[int(part)] if part.isdecimal() else found[part]
    return found


ENV = "spec.template.spec.containers.0.env.0.value"


async def begin(one: Cockpit, kubectl, kind: str, name: str) -> None:
    await one.go(f"{kind} {kubectl.namespace}")
    await one.select(name)


async def test_scale_a_deployment(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("s")
        await one.fill("2")
        await until(lambda: get(kubectl, "deployment/web", "spec.replicas") == 2)
        await one.cell_is(web, "Ready", "2/2")


async def test_a_scale_that_others_changed_meanwhile_is_not_sent(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("s")
        await one.dialog()
        kubectl("scale", "deployment/web", "--replicas=3")
        await one.fill("2")
        await one.told("web")
        assert get(kubectl, "deployment/web", "spec.replicas") == 3


async def test_scale_statefulset_and_replicaset(tmp_path, kube_world, kubectl):
    make(kubectl, "StatefulSet", "queue", "replicas: 1\n  serviceName: queue")
    kubectl("apply", "-f", "-", stdin=WORKLOAD.format(kind="ReplicaSet", name="bare", more="replicas: 1"))
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "statefulsets", "queue")
        await one.press("s")
        await one.fill("0")
        await until(lambda: get(kubectl, "statefulset/queue", "spec.replicas") == 0)
        await begin(one, kubectl, "replicasets", "bare")
        await one.press("s")
        await one.fill("2")
        await until(lambda: get(kubectl, "replicaset/bare", "spec.replicas") == 2)


async def test_restart_a_deployment(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("r")
        await one.yes()
        await until(
            lambda: (
                "kubectl.kubernetes.io/restartedAt" in (get(kubectl, "deployment/web", "spec.template.metadata").get("annotations") or {})
            )
        )


async def test_undo_a_deployment(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("u")
        dialog = await one.dialog()
        assert "STEP" in str(dialog.query_one("#preview-text").render())
        await one.yes()
        await until(lambda: get(kubectl, "deployment/web", ENV) == "one")
        kubectl("rollout", "status", "deployment/web", "--timeout=120s")


async def test_undo_a_half_done_bad_rollout_to_a_chosen_revision(tmp_path, kube_world, kubectl, web):
    kubectl("set", "image", "deployment/web", "main=nowhere.invalid/no:1")
    async with here(tmp_path, kube_world) as one:
        await one.go(f"pods {kubectl.namespace}")
        await until(lambda: any("Pull" in one.cell(name, "Status") for name in one.names))
        await begin(one, kubectl, "deployments", web)
        await one.press("u")
        dialog = await one.dialog()
        rows = dialog.query_one(OptionList)
        assert rows.option_count == 3
        rows.highlighted = 2  # revision 1, the oldest
        await one.pilot.pause()
        await one.yes()
        await until(lambda: get(kubectl, "deployment/web", ENV) == "one")
        assert get(kubectl, "deployment/web", "spec.template.spec.containers.0.image") == "busybox:1"
        kubectl("rollout", "status", "deployment/web", "--timeout=120s")


@pytest.mark.parametrize(("kind", "more"), [("StatefulSet", "replicas: 1\n  serviceName: x"), ("DaemonSet", "")])
async def test_undo_statefulset_and_daemonset(tmp_path, kube_world, kubectl, kind, more):
    make(kubectl, kind, "set", more)
    kubectl("set", "env", f"{kind.lower()}/set", "STEP=two")
    await eventually(lambda: asyncio.to_thread(lambda: len(get(kubectl, "controllerrevisions", "items")) == 2))
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, f"{kind.lower()}s", "set")
        await one.press("u")
        await one.yes()
        await until(lambda: get(kubectl, f"{kind.lower()}/set", ENV) == "one")


async def test_edit_a_deployment(tmp_path, kube_world, kubectl, web, monkeypatch):
    """What is not valid comes back with the server's words; what somebody else changed meanwhile is not overwritten."""
    hands = [
        lambda text: text.replace("replicas: 1", "replicas: -1", 1),
        lambda text: text.replace("replicas: -1", "replicas: 2", 1).replace("value: two", "value: three", 1),
        lambda text: text.replace("replicas: 2", "replicas: 1", 1),
    ]

    async def edited(_app: object, _environ: object, text: str, _file: str) -> str:
        return hands.pop(0)(text)

    monkeypatch.setattr("tui.editor.edited", edited)
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("e")
        dialog = await one.dialog()
        assert "must be greater than or equal to 0" in "".join(str(line.render()) for line in dialog.query(".line"))
        await one.yes()
        await one.yes()
        await one.told("saved deployment")
        assert get(kubectl, "deployment/web", "spec.replicas") == 2
        assert get(kubectl, "deployment/web", ENV) == "three"
        await one.press("e")
        await one.dialog()
        kubectl("scale", "deployment/web", "--replicas=3")
        await one.yes()
        await one.told("no longer as it was read")
        assert get(kubectl, "deployment/web", "spec.replicas") == 3


NODE = """
apiVersion: v1
kind: Node
metadata: {{name: {name}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: alone}}
spec:
  nodeName: {name}
  terminationGracePeriodSeconds: 0
  tolerations: [{{operator: Exists}}]
  containers: [{{name: main, image: "busybox:1"}}]
"""


async def test_cordon_drain_and_uncordon_a_node(tmp_path, kube_world, kubectl):
    """On a node of our own, with a pod that nothing makes anew: it goes when that is agreed to, and not before."""
    name = f"{kubectl.namespace}-node"
    kubectl("apply", "-f", "-", stdin=NODE.format(name=name))
    try:
        async with here(tmp_path, kube_world) as one:
            await one.go("nodes")
            await one.select(name)
            await one.press("x")
            await one.yes()
            await until(lambda: get(kubectl, f"node/{name}", "spec").get("unschedulable"))
            await until(lambda: "SchedulingDisabled" in one.cell(name, "Status"))
            await one.press("X")
            await one.yes()
            await until(lambda: not get(kubectl, f"node/{name}", "spec").get("unschedulable"))
            await one.press("r")
            await one.yes()
            await one.told("would be lost")
            assert not get(kubectl, f"node/{name}", "spec").get("unschedulable")
            assert get(kubectl, "pods", "items")
            await one.press("r")
            (await one.dialog()).query_one(Toggle).on = True
            await one.yes()
            await one.told(f"drained {name}")
            assert not get(kubectl, "pods", "items")
            assert get(kubectl, f"node/{name}", "spec")["unschedulable"]
    finally:
        kubectl("delete", "node", name)


async def test_delete_with_its_uid(tmp_path, kube_world, kubectl):
    """What was looked at goes; a namesake made while the dialog stood open stays."""
    kubectl("create", "configmap", "settings", "--from-literal=a=1")
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "configmaps", "settings")
        await one.press("ctrl+d")
        await one.dialog()
        kubectl("delete", "configmap", "settings")
        kubectl("create", "configmap", "settings", "--from-literal=a=2")
        await one.yes()
        await one.told("settings")
        assert get(kubectl, "configmap/settings", "data.a") == "2"
        await until(lambda: one.cell("settings", "Data") == "1")
        await one.select("settings")
        await one.press("ctrl+d")
        await one.yes()
        await until(lambda: "settings" not in one.names)


async def test_delete_several_marked_pods_needs_their_number(tmp_path, kube_world, kubectl):
    for name in ("a", "b"):
        kubectl("run", name, "--image=busybox:1", "--image-pull-policy=IfNotPresent", "--restart=Never", "--", "sleep", "1000")
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "pods", "a")
        await one.press("space")
        await one.select("b")
        await one.press("space", "ctrl+d")
        dialog = await one.dialog()
        dialog.query_one("#typed").value = "2"
        dialog.query("Toggle").first().focus()
        await one.press("space")  # at once, without a grace period
        await one.yes()
        await until(lambda: not get(kubectl, "pods", "items"))


async def test_drill_to_the_containers_and_their_logs(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("enter")
        await until(lambda: len(one.names) == 1 and one.browse.place.kind.id == "kubernetes/pods")
        await one.press("home", "enter")
        await until(lambda: one.names == ["main"])
        await one.press("home", "enter")
        await until(lambda: isinstance(one.app.screen, SingleScreen))
        await until(lambda: "begun web" in one.app.screen.query_one(LogPane).text())
        await one.press("escape")
        await one.press("escape", "escape")
        await until(lambda: one.browse.place.kind.id == "kubernetes/deployments")


async def test_logs_of_a_workload_and_describe_and_yaml(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("l")
        await until(lambda: isinstance(one.app.screen, SingleScreen))
        await until(lambda: "begun web" in one.app.screen.query_one(LogPane).text())
        await one.press("escape")
        for key, part in (("y", "replicas: 1"), ("d", "ScalingReplicaSet")):
            await one.press(key)
            await until(lambda: isinstance(one.app.screen, SingleScreen))
            await until(lambda part=part: part in one.app.screen.query_one(TextPane).text)
            await one.press("escape")


async def fetched(port: int) -> str:
    """Return what a local port serves, or "" while it serves nothing."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        text = (await asyncio.wait_for(reader.read(), 10)).decode()
        writer.close()
    except (OSError, TimeoutError):
        return ""
    return text


async def test_a_forward_outlives_its_pod_and_a_context_switch(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("F")
        await one.fill("0:http")
        await one.told("Forwarding")
        await one.go("pf")
        await until(lambda: one.names == [web])
        port = int(one.cell(web, "Listening").rpartition(":")[2])
        assert one.cell(web, "Listening").startswith("127.0.0.1:")
        assert "hello" in await eventually(lambda: fetched(port))
        kubectl("delete", "pod", "-l", "app=web", "--wait=true")
        assert "hello" in await eventually(lambda: fetched(port), limit=60)
        await one.app.switch("kubernetes", "viewer")
        assert "hello" in await eventually(lambda: fetched(port))
        await one.go("pf")
        await one.cell_is(web, "In", lambda text: text != "0B")
        await one.select(web)
        await one.press("ctrl+d")
        await one.yes()
        await until(lambda: not one.names)
        assert await fetched(port) == ""


async def test_contexts_are_switched_and_a_dead_one_can_be_left(tmp_path, kube_world, kubectl, web):
    before = kube_world.read_bytes()
    async with here(tmp_path, kube_world) as one:
        await begin(one, kubectl, "pods", next(iter(kubectl("get", "pods", "-o", "name").split())).removeprefix("pod/"))
        await one.go("contexts")
        await until(lambda: {"admin", "viewer", "nobody", "expired", "gone"} <= set(one.names))
        await one.cell_is("gone", "State", "unreachable")
        await one.cell_is("viewer", "State", "reachable")
        for name, state in (("gone", State.RETRYING), ("nobody", State.FORBIDDEN), ("expired", State.EXPIRED)):
            assert one.app.command(f"ctx {name}")
            await until(lambda name=name: one.app.fleet.engines["kubernetes"].context == name)
            await until(lambda: one.browse.place.kind.id == "kubernetes/pods")
            await until(lambda state=state: one.state is state, what=f"{name} to be {state}")
            assert not one.names  # no row of the context before
            assert one.browse.shelf.health.reason
        await one.app.switch("kubernetes", "admin")
        await begin(one, kubectl, "deployments", web)
    assert kube_world.read_bytes() == before


async def test_a_viewer_is_told_what_is_refused(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world, context="viewer") as one:
        await begin(one, kubectl, "deployments", web)
        await one.press("s")
        await one.fill("5")
        await one.told("forbidden")
        assert get(kubectl, "deployment/web", "spec.replicas") == 1
        lines = [json.loads(line) for line in one.app.config.audit_file.read_text().splitlines()]
        assert (lines[-1]["verb"], lines[-1]["outcome"], lines[-1]["status"]) == ("scale", "failed", 403)


async def test_read_only_stops_every_verb_below_the_screen(tmp_path, kube_world, kubectl, web):
    async with here(tmp_path, kube_world, read_only=True) as one:
        await begin(one, kubectl, "deployments", web)
        engine = one.app.fleet.engines["kubernetes"]
        ref = one.browse.target_at(one.browse.table.cursor_key).ref
        revisions = await engine.revisions(ref)
        local = one.app.fleet.engines["local"]
        for write in (
            engine.scale(ref, 5, 1), engine.restart(ref), engine.remove(ref), engine.rollback(ref, revisions[-1].number),
            local.open_forward(engine, ref, "http", 0, "127.0.0.1"),
        ):  # fmt: skip
            with pytest.raises(Exception, match="read-only"):
                await write
        assert get(kubectl, "deployment/web", "spec.replicas") == 1
