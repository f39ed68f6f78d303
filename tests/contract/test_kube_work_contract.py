"""What controllers make of what is wanted: rollouts and the way back, order, budgets; on a real cluster and on the demo's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.kube_bed import BAD, MERGE, STRATEGIC, Bed, Json, image_of, is_true, pod, reasons, script, web, workload
from tui.facts import Missing

# ---- deployments ----------------------------------------------------------------------------------------------------------


async def test_a_rollout_goes_to_a_new_set_and_leaves_the_old_one_empty(kube: Bed):
    await web(kube)
    one = await kube.get("deployments", "web")
    assert one["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    said = {said["type"]: (said["status"], said["reason"]) for said in one["status"]["conditions"]}
    assert said == {"Available": ("True", "MinimumReplicasAvailable"), "Progressing": ("True", "NewReplicaSetAvailable")}
    (old,) = await kube.names("replicasets")
    await kube.patch("deployments", "web", image_of("busybox:2"), STRATEGIC)

    async def done() -> bool:
        return await kube.deployed("deployments", "web") and len(await kube.pods("web")) == 2

    await kube.until(done, "the rollout")
    sets = {one["metadata"]["name"]: one for one in (await kube.get("replicasets"))["items"]}
    (new,) = set(sets) - {old}
    assert (sets[old]["spec"]["replicas"], sets[new]["spec"]["replicas"]) == (0, 2)
    assert sets[new]["metadata"]["labels"]["pod-template-hash"] == new.removeprefix("web-")
    assert sets[new]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert sets[new]["metadata"]["ownerReferences"][0]["kind"] == "Deployment"
    assert {one["spec"]["containers"][0]["image"] for one in await kube.pods("web")} == {"busybox:2"}
    assert all(one["metadata"]["name"].startswith(f"{new}-") for one in await kube.pods("web"))
    events = await kube.engine.events(await kube.ref("deployments", "web"))
    assert f"Scaled up replica set {old} from 0 to 2" in {event.message for event in events}
    assert f"Scaled down replica set {old} from 1 to 0" in {event.message for event in events}
    assert "SuccessfulCreate" in await reasons(kube, "replicasets", new)


async def test_never_too_few_and_never_too_many(kube: Bed):
    rule = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    await web(kube, 3, strategy=rule)
    version = (await kube.get("pods"))["metadata"]["resourceVersion"]
    pods = {one["metadata"]["name"]: one for one in await kube.pods("web")}
    ready, total = [], []
    async with kube.watch(kube.path("pods"), resourceVersion=version) as watch:
        await kube.patch("deployments", "web", image_of("busybox:2"), STRATEGIC)
        while True:
            word, one = await watch.next()
            pods.pop(one["metadata"]["name"], None)
            if word != "DELETED" and "deletionTimestamp" not in one["metadata"]:
                pods[one["metadata"]["name"]] = one
            ready.append(sum(is_true(one, "Ready") for one in pods.values()))
            total.append(len(pods))
            if ready[-1] == 3 and all(one["spec"]["containers"][0]["image"] == "busybox:2" for one in pods.values()):
                break
    assert min(ready) >= 3
    assert max(total) <= 4


async def test_recreate_ends_all_before_it_begins(kube: Bed):
    await web(kube, strategy={"type": "Recreate"})
    version = (await kube.get("pods"))["metadata"]["resourceVersion"]
    old = {one["metadata"]["name"] for one in await kube.pods("web")}
    async with kube.watch(kube.path("pods"), resourceVersion=version) as watch:
        await kube.patch("deployments", "web", image_of("busybox:2"), STRATEGIC)
        while old:
            word, one = await watch.next()
            assert word != "ADDED"
            if word == "DELETED":
                old.discard(one["metadata"]["name"])
        assert (await watch.next())[0] == "ADDED"


async def test_undo_goes_back_to_the_old_set(kube: Bed):
    await web(kube)
    await kube.patch("deployments", "web", image_of("busybox:2"), STRATEGIC)
    await kube.until(lambda: kube.deployed("deployments", "web"), "the rollout")
    ref = await kube.ref("deployments", "web")
    assert [(one.number, one.current, one.images) for one in await kube.engine.revisions(ref)] == [
        (2, True, ("busybox:2",)), (1, False, ("busybox:1",)),
    ]  # fmt: skip
    await kube.engine.rollback(ref, 1)

    async def back() -> bool:
        found = [(one.number, one.current, one.images) for one in await kube.engine.revisions(ref)]
        return found == [(3, True, ("busybox:1",)), (2, False, ("busybox:2",))] and await kube.deployed("deployments", "web")

    await kube.until(back, "the old set as revision 3")
    assert len(await kube.names("replicasets")) == 2
    with pytest.raises(Missing):
        await kube.engine.rollback(ref, 77)


async def test_a_bad_rollout_stops_half_way_and_can_be_undone(kube: Bed):
    await web(kube, 3, progressDeadlineSeconds=5)
    await kube.patch("deployments", "web", image_of(BAD), STRATEGIC)

    async def stuck() -> Any:
        one = await kube.get("deployments", "web")
        said = {said["type"]: said for said in one["status"]["conditions"]}
        return one["status"] if said["Progressing"]["reason"] == "ProgressDeadlineExceeded" else None

    status = await kube.until(stuck, "the rollout to be stuck")
    assert (status["replicas"], status["updatedReplicas"], status["availableReplicas"], status["unavailableReplicas"]) == (4, 1, 3, 1)
    said = {said["type"]: said for said in status["conditions"]}
    assert said["Progressing"]["status"] == "False"
    assert said["Progressing"]["message"].endswith("has timed out progressing.")
    assert said["Available"]["status"] == "True"
    await kube.engine.rollback(await kube.ref("deployments", "web"), 1)

    async def back() -> bool:
        return await kube.deployed("deployments", "web") and len(await kube.pods("web")) == 3

    await kube.until(back, "everything as it was")
    assert {one["status"]["containerStatuses"][0]["restartCount"] for one in await kube.pods("web")} == {0}


async def test_a_pod_that_is_deleted_is_made_anew(kube: Bed):
    await web(kube)
    first = (await kube.pods("web"))[0]["metadata"]["name"]
    await kube.engine.remove(await kube.ref("pods", first))

    async def again() -> bool:
        names = {one["metadata"]["name"] for one in await kube.pods("web")}
        return first not in names and await kube.deployed("deployments", "web")

    await kube.until(again, "another pod")


async def test_a_paused_deployment_does_not_roll(kube: Bed):
    await web(kube)
    await kube.patch("deployments", "web", {"spec": {"paused": True}})
    await kube.patch("deployments", "web", image_of("busybox:2"), STRATEGIC)

    async def paused() -> bool:
        said = {one["type"]: one["reason"] for one in (await kube.get("deployments", "web"))["status"]["conditions"]}
        return said["Progressing"] == "DeploymentPaused"

    await kube.until(paused, "the pause to be told")
    assert len(await kube.names("replicasets")) == 1
    await kube.patch("deployments", "web", {"spec": {"paused": False}})
    await kube.until(lambda: kube.deployed("deployments", "web"), "the rollout after all")
    assert len(await kube.names("replicasets")) == 2


# ---- the others -----------------------------------------------------------------------------------------------------------


async def test_a_stateful_set_keeps_its_order_and_its_revisions(kube: Bed):
    await kube.make("statefulsets", workload("StatefulSet", "db", replicas=2, serviceName="db"))

    async def serves(image: str) -> bool:
        one = await kube.get("statefulsets", "db")
        pods = await kube.pods("db")
        here = [pod["metadata"]["name"] for pod in pods if is_true(pod, "Ready") and pod["spec"]["containers"][0]["image"] == image]
        counts = [one["status"].get(key) for key in ("replicas", "readyReplicas", "updatedReplicas", "currentReplicas")]
        return here == ["db-0", "db-1"] and counts == [2] * 4

    await kube.until(lambda: serves("busybox:1"), "both pods")
    born = {pod["metadata"]["name"]: pod for pod in await kube.pods("db")}
    assert born["db-0"]["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == "db-0"
    order = [event.message for event in await kube.engine.events(await kube.ref("statefulsets", "db"))]
    assert order == ["create Pod db-0 in StatefulSet db successful", "create Pod db-1 in StatefulSet db successful"]
    version = (await kube.get("pods"))["metadata"]["resourceVersion"]
    gone: list[str] = []
    async with kube.watch(kube.path("pods"), resourceVersion=version) as watch:
        await kube.patch("statefulsets", "db", image_of("busybox:2"), STRATEGIC)
        while len(gone) < 2:
            word, one = await watch.next()
            gone += [one["metadata"]["name"]] if word == "DELETED" else []
    assert gone == ["db-1", "db-0"]
    await kube.until(lambda: serves("busybox:2"), "the new template")
    ref = await kube.ref("statefulsets", "db")
    assert [(one.number, one.current) for one in await kube.engine.revisions(ref)] == [(2, True), (1, False)]
    await kube.engine.rollback(ref, 1)
    await kube.until(lambda: serves("busybox:1"), "the old template")
    assert [(one.number, one.current) for one in await kube.engine.revisions(ref)] == [(3, True), (2, False)]


async def test_a_daemon_set_has_a_pod_on_each_node_that_suits(kube: Bed):
    await kube.make("daemonsets", workload("DaemonSet", "agent", replicas=None))
    nodes = {one["metadata"]["name"] for one in (await kube.ask("GET", "/api/v1/nodes", labelSelector="type=real")).body["items"]}

    async def everywhere(image: str) -> bool:
        status = (await kube.get("daemonsets", "agent")).get("status", {})
        pods = [one for one in await kube.pods("agent") if one["spec"]["containers"][0]["image"] == image]
        return {one["spec"].get("nodeName") for one in pods} == nodes and all(
            status.get(key) == len(nodes) for key in ("desiredNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable")
        )

    await kube.until(lambda: everywhere("busybox:1"), "a pod on each node")
    await kube.patch("daemonsets", "agent", image_of("busybox:2"), STRATEGIC)
    await kube.until(lambda: everywhere("busybox:2"), "the new template on each node")
    ref = await kube.ref("daemonsets", "agent")
    assert [(one.number, one.current) for one in await kube.engine.revisions(ref)] == [(2, True), (1, False)]


def job(name: str, text: str, **spec: Any) -> Json:
    inner = pod(name, script(text), restartPolicy="Never")["spec"]
    return {"kind": "Job", "apiVersion": "batch/v1", "metadata": {"name": name}, "spec": {"template": {"spec": inner}, **spec}}


async def test_jobs_end_well_or_badly(kube: Bed):
    await kube.make("jobs", job("good", "echo done", completions=2))
    await kube.make("jobs", job("bad", "exit 2", backoffLimit=0))

    async def over(name: str, kind: str) -> Any:
        one = await kube.get("jobs", name)
        return one if is_true(one, kind) else None

    good = await kube.until(lambda: over("good", "Complete"), "the job to be done")
    assert good["status"]["succeeded"] == 2
    assert good["status"]["completionTime"] >= good["status"]["startTime"]
    assert "Completed" in await reasons(kube, "jobs", "good")
    bad = await kube.until(lambda: over("bad", "Failed"), "the job to have failed")
    assert bad["status"]["failed"] == 1
    assert {said["reason"] for said in bad["status"]["conditions"]} == {"BackoffLimitExceeded"}
    pods = (await kube.get("pods", labelSelector="job-name=good"))["items"]
    assert {one["status"]["phase"] for one in pods} == {"Succeeded"}


async def test_endpoints_are_where_the_ready_pods_are(kube: Bed):
    await web(kube)
    service = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]}
    made = await kube.make("services", {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web"}, "spec": service})
    assert (made["spec"]["type"], made["spec"]["ports"][0]["protocol"]) == ("ClusterIP", "TCP")
    assert made["spec"]["clusterIP"].count(".") == 3

    async def both() -> Any:
        found = await kube.ask("GET", kube.path("endpoints", "web"))
        subsets = found.body.get("subsets") or () if found.status == 200 else ()
        return subsets[0] if subsets and len(subsets[0].get("addresses", ())) == 2 else None

    subset = await kube.until(both, "two addresses")
    assert {one["ip"] for one in subset["addresses"]} == {one["status"]["podIP"] for one in await kube.pods("web")}
    assert subset["ports"][0]["port"] == 8080


async def test_an_eviction_asks_the_budget(kube: Bed):
    await web(kube)
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    body = {"kind": "PodDisruptionBudget", "apiVersion": "policy/v1", "metadata": {"name": "b"}, "spec": spec}
    await kube.make("poddisruptionbudgets", body)
    name = (await kube.pods("web"))[0]["metadata"]["name"]
    path, evicts = kube.path("pods", name, "eviction"), {"kind": "Eviction", "apiVersion": "policy/v1", "metadata": {"name": name}}

    async def refused() -> Any:
        answer = await kube.ask("POST", path, {**evicts, "deleteOptions": {"dryRun": ["All"]}})
        return answer if answer.status == 429 and "causes" in answer.body.get("details", {}) and "needs 2" in str(answer.body) else None

    answer = await kube.until(refused, "the budget to be known")
    assert answer.message == "Cannot evict pod as it would violate the pod's disruption budget."
    assert answer.body["details"]["causes"][0]["message"] == "The disruption budget b needs 2 healthy pods and has 2 currently"
    await kube.ask("DELETE", kube.path("poddisruptionbudgets", "b"))
    other = await kube.ask("POST", path, {**evicts, "metadata": {"name": "other"}})
    assert (other.status, other.message) == (400, "name in URL does not match name in Eviction object")
    done = await kube.ask("POST", path, evicts)
    assert (done.status, done.body["status"]) == (201, "Success")
    await kube.until(lambda: kube.gone("pods", name), "the pod to be gone")


async def test_a_namespace_takes_its_pods_along(kube: Bed):
    await web(kube)
    (await kube.ask("DELETE", f"/api/v1/namespaces/{kube.space}"))

    async def gone() -> bool:
        return (await kube.ask("GET", f"/api/v1/namespaces/{kube.space}")).status == 404

    await kube.until(gone, "the namespace to be gone")
    assert (await kube.ask("GET", kube.path("pods"))).body["items"] == []


async def test_what_nobody_knows_cannot_be_patched(kube: Bed):
    answer = await kube.ask("PATCH", kube.path("pods", "none"), {}, MERGE)
    assert (answer.status, answer.message) == (404, 'pods "none" not found')
