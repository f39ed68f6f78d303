"""What a kubelet makes of a pod: it comes up, crashes, waits and goes, speaks and serves; on a real cluster and on the demo's."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.contract.kube_bed import BAD, PROBED, SERVES, Bed, in_state, is_true, pod, reasons, script, state
from tui.engines.kubernetes.forward import open_forward
from tui.facts import LogOptions

# ---- pods ---------------------------------------------------------------------------------------------------------------


async def test_a_pod_comes_up_step_by_step(kube: Bed):
    made = await kube.make("pods", pod("p", script(SERVES, **PROBED)))
    assert (made["status"]["phase"], made["status"]["qosClass"]) == ("Pending", "BestEffort")
    assert made["spec"]["serviceAccountName"] == "default"
    seen: list[tuple[bool, str, bool]] = []
    async with kube.watch(kube.path("pods"), resourceVersion=made["metadata"]["resourceVersion"]) as watch:
        while not seen or not seen[-1][2]:
            _, one = await watch.named("p")
            step = (bool(one["spec"].get("nodeName")), one["status"]["phase"], is_true(one, "Ready"))
            seen += [step] if step not in seen else []
    assert seen[0] == (True, "Pending", False)
    assert (True, "Running", False) in seen
    assert seen == sorted(seen)
    status = one["status"]
    assert {"PodScheduled", "Initialized", "ContainersReady", "Ready"} <= {said["type"] for said in status["conditions"]}
    box = status["containerStatuses"][0]
    assert (box["name"], box["ready"], box["started"], box["restartCount"], box["lastState"]) == ("main", True, True, 0, {})
    assert box["image"] == "docker.io/library/busybox:1"
    assert box["containerID"].startswith("containerd://")
    assert status["podIP"].count(".") == 3
    assert {"Scheduled", "Pulled", "Created", "Started"} <= set(await reasons(kube, "pods", "p"))


async def test_a_pod_goes_within_its_grace(kube: Bed):
    await kube.make("pods", pod("p", script(SERVES)))
    await in_state(kube, "p", "running")
    ref = await kube.ref("pods", "p")
    answer = await kube.ask("DELETE", kube.path("pods", "p"))
    assert answer.body["metadata"]["deletionGracePeriodSeconds"] == 1
    assert answer.body["metadata"]["deletionTimestamp"]
    await kube.until(lambda: kube.gone("pods", "p"), "the pod to be gone")
    assert "Killing" in {event.reason for event in await kube.engine.events(ref)}
    await kube.make("pods", pod("q", script("sleep 1000"), terminationGracePeriodSeconds=600))
    await in_state(kube, "q", "running")
    await kube.engine.remove(await kube.ref("pods", "q"), force=True)
    await kube.until(lambda: kube.gone("pods", "q"), "the pod to be gone at once")


async def test_a_pod_that_ends_well_has_succeeded(kube: Bed):
    await kube.make("pods", pod("once", script("echo one; printf two"), restartPolicy="Never"))
    one = await in_state(kube, "once", "terminated", "Completed")
    assert state(one)[1]["exitCode"] == 0
    await kube.until(lambda: _in_phase(kube, "once", "Succeeded"), "its phase")
    lines = [line.text async for batch in kube.engine.logs(await kube.ref("pods", "once"), LogOptions()) for line in batch]
    assert lines == ["one", "two"]
    await kube.make("pods", pod("bad", script("exit 3"), restartPolicy="Never"))
    one = await in_state(kube, "bad", "terminated", "Error")
    assert state(one)[1]["exitCode"] == 3
    await kube.until(lambda: _in_phase(kube, "bad", "Failed"), "its phase")


async def _in_phase(kube: Bed, name: str, phase: str) -> bool:
    return bool((await kube.get("pods", name))["status"]["phase"] == phase)


async def test_init_containers_come_first(kube: Bed):
    first = {**script("sleep 1"), "name": "first"}
    await kube.make("pods", pod("p", script(SERVES), initContainers=[first]))
    one = await in_state(kube, "p", "waiting", "PodInitializing")
    assert one["status"]["phase"] == "Pending"
    one = await in_state(kube, "p", "running")
    assert one["status"]["initContainerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"


async def test_an_image_that_cannot_be_had(kube: Bed):
    await kube.make("pods", pod("p", script("true", BAD)))
    one = await in_state(kube, "p", "waiting", "ErrImagePull")
    assert "no such host" in state(one)[1]["message"]
    one = await in_state(kube, "p", "waiting", "ImagePullBackOff")
    assert state(one)[1]["message"].startswith(f'Back-off pulling image "{BAD}": ErrImagePull: failed to pull and unpack image')
    assert one["status"]["phase"] == "Pending"
    assert one["status"]["containerStatuses"][0]["image"] == BAD
    events = await kube.engine.events(await kube.ref("pods", "p"))
    assert {"Pulling", "Failed", "BackOff"} <= {event.reason for event in events}
    assert "Error: ErrImagePull" in {event.message for event in events}
    answer = await kube.ask("GET", kube.path("pods", "p", "log"))
    assert (answer.status, answer.message) == (400, 'container "main" in pod "p" is waiting to start: trying and failing to pull image')


async def test_a_container_that_crashes_is_started_ever_more_slowly(kube: Bed):
    await kube.make("pods", pod("p", script("echo going down; exit 3")))
    one = await in_state(kube, "p", "waiting", "CrashLoopBackOff")
    space, uid = kube.space, one["metadata"]["uid"]
    assert state(one)[1]["message"] == f"back-off 10s restarting failed container=main pod=p_{space}({uid})"
    box = one["status"]["containerStatuses"][0]
    assert (box["restartCount"], box["lastState"]["terminated"]["exitCode"], one["status"]["phase"]) == (1, 3, "Running")
    ref = await kube.ref("pods", "p")
    before = [line.text async for batch in kube.engine.logs(ref, LogOptions(previous=True)) for line in batch]
    assert before == ["going down"]

    async def longer() -> Any:
        found, said = state(await kube.get("pods", "p"))
        return found == "waiting" and said.get("message", "").startswith("back-off 20s")

    await kube.until(longer, "a longer back-off")
    assert (await kube.get("pods", "p"))["status"]["containerStatuses"][0]["restartCount"] == 2
    assert "BackOff" in await reasons(kube, "pods", "p")


async def test_a_pod_that_suits_no_node_waits(kube: Bed):
    await kube.make("pods", pod("p", script("true"), nodeSelector={"colour": "none"}))

    async def refused() -> Any:
        conditions = (await kube.get("pods", "p"))["status"].get("conditions") or ()
        return next((one for one in conditions if one["type"] == "PodScheduled" and one["status"] == "False"), None)

    said = await kube.until(refused, "the scheduler to say why")
    assert said["reason"] == "Unschedulable"
    assert "node(s) didn't match Pod's node affinity/selector" in said["message"]
    assert "FailedScheduling" in await reasons(kube, "pods", "p")
    assert (await kube.ask("GET", kube.path("pods", "p", "log"))).status == 204


async def test_a_config_that_lacks_is_waited_for(kube: Bed):
    env = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "later", "key": "a"}}}]
    await kube.make("pods", pod("p", script(SERVES, env=env)))
    one = await in_state(kube, "p", "waiting", "CreateContainerConfigError")
    assert state(one)[1]["message"] == 'configmap "later" not found'
    await kube.config("later", a="1")
    await in_state(kube, "p", "running")


# ---- logs and forwards ----------------------------------------------------------------------------------------------------


async def test_logs_are_cut_and_followed(kube: Bed):
    await kube.make("pods", pod("p", script("echo one; echo two; echo three; while true; do sleep 1; echo tick; done")))
    await in_state(kube, "p", "running")
    path = kube.path("pods", "p", "log")

    async def begun() -> bool:
        return "three" in (await kube.ask("GET", path)).body

    await kube.until(begun, "the first lines")
    whole = (await kube.ask("GET", path)).body.splitlines()
    assert whole[:3] == ["one", "two", "three"]
    assert len((await kube.ask("GET", path, tailLines=1)).body.splitlines()) == 1
    stamped = (await kube.ask("GET", path, timestamps="true")).body.splitlines()[0]
    assert stamped.endswith("Z one")
    assert stamped.startswith("20")
    assert "one" not in (await kube.ask("GET", path, sinceTime="2099-01-01T00:00:00Z")).body
    followed: list[str] = []
    async with asyncio.timeout(60):
        async for batch in kube.engine.logs(await kube.ref("pods", "p"), LogOptions(tail=1)):
            followed += [line.text for line in batch]
            if len(followed) > 3:
                break
    assert set(followed) <= {"three", "tick"}


async def test_logs_that_cannot_be_had(kube: Bed):
    await kube.make("pods", pod("p", script(SERVES)))
    await in_state(kube, "p", "running")
    path = kube.path("pods", "p", "log")
    for query, status, message in (
        ({"container": "zz"}, 400, "container zz is not valid for pod p"),
        ({"previous": "true"}, 400, 'previous terminated container "main" in pod "p" not found'),
        ({"tailLines": "-1"}, 422, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'),
        ({"tailLines": "x"}, 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
    ):
        answer = await kube.ask("GET", path, **query)
        assert (answer.status, answer.message) == (status, message)
    answer = await kube.ask("GET", kube.path("pods", "none", "log"))
    assert (answer.status, answer.message) == (404, 'pods "none" not found')
    two = pod("two", script(SERVES))
    two["spec"]["containers"].append({**script("sleep 1000"), "name": "side"})
    await kube.make("pods", two)
    answer = await kube.ask("GET", kube.path("pods", "two", "log"))
    assert answer.message == "a container name must be specified for pod two, choose one of: [main side]"


async def page(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    try:
        return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()


async def test_a_port_is_forwarded(kube: Bed):
    await kube.make("pods", pod("p", script(SERVES, **PROBED)))
    service = {"selector": {"app": "p"}, "ports": [{"name": "page", "port": 80, "targetPort": "http"}]}
    await kube.make("services", {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "p"}, "spec": service})
    await kube.until(lambda: _is_ready(kube, "p"), "the pod to be ready")
    for word, port in (("pods", 8080), ("pods", "http"), ("services", 80), ("services", "page")):
        forward = await open_forward(kube.engine, await kube.ref(word, "p"), port)
        try:
            assert (await page(forward.local_port)).endswith(b"hello\n"), (word, port, forward.error)
            assert forward.pod == "p"
        finally:
            await forward.close()
    forward = await open_forward(kube.engine, await kube.ref("pods", "p"), 9)
    try:
        assert await page(forward.local_port) == b""
        await kube.until(lambda: _said(forward), "the reason")
        assert "nothing listens on port 9" in forward.error
    finally:
        await forward.close()
    answer = await kube.ask("GET", kube.path("pods", "p", "portforward"), ports="8080")
    assert (answer.status, answer.message) == (400, "Upgrade request required")


async def _is_ready(kube: Bed, name: str) -> bool:
    return is_true(await kube.get("pods", name), "Ready")


async def _said(forward: Any) -> str:
    return str(forward.error)
