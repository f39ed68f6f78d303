"""What an API server does when it is written to: conflicts, patches, deletions with conditions; real and demo alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.kube_bed import MERGE, STEPS, STRATEGIC, Bed, configmap, script, workload
from tui.facts import Conflict, Missing, Ref

STRANGER = "00000000-0000-4000-8000-000000000000"


async def parked(kube: Bed, **spec: Any) -> Any:
    """Return a deployment without pods."""
    return await kube.make("deployments", workload("Deployment", "web", script("sleep 1000"), 0, **spec))


async def test_making_fills_in_what_was_not_said(kube: Bed):
    made = await parked(kube)
    own, spec = made["metadata"], made["spec"]
    assert (own["generation"], own["namespace"]) == (1, kube.space)
    assert own["uid"]
    assert own["creationTimestamp"].endswith("Z")
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    assert (spec["revisionHistoryLimit"], spec["progressDeadlineSeconds"]) == (10, 600)
    inner = spec["template"]["spec"]
    assert (inner["restartPolicy"], inner["dnsPolicy"], inner["schedulerName"]) == ("Always", "ClusterFirst", "default-scheduler")
    assert inner["containers"][0]["terminationMessagePolicy"] == "File"
    named = await kube.make("configmaps", {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"generateName": "some-"}})
    assert named["metadata"]["name"].startswith("some-")
    assert len(named["metadata"]["name"]) == 10


async def test_a_name_is_taken_only_once(kube: Bed):
    await kube.config("a")
    answer = await kube.ask("POST", kube.path("configmaps"), configmap("a"))
    assert (answer.status, answer.reason, answer.message) == (409, "AlreadyExists", 'configmaps "a" already exists')
    assert answer.body["details"] == {"name": "a", "kind": "configmaps"}


@pytest.mark.parametrize(
    ("word", "body", "status", "part"),
    [
        ("configmaps", configmap("A_b"), 422, '"A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain'),
        ("configmaps", {"metadata": {}}, 422, "metadata.name: Required value: name or generateName is required"),
        ("configmaps", {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a", "namespace": "other"}}, 400,
         "the namespace of the provided object does not match the namespace sent on the request"),
        ("configmaps", {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "a"}}, 400,
         'Secret in version "v1" cannot be handled as a ConfigMap'),
        ("configmaps", b"{nonsense", 400, "the object provided is unrecognized (must be of type ConfigMap)"),
        ("deployments", workload("Deployment", "web", replicas=-1), 422,
         'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'),
        ("deployments", workload("Deployment", "web", selector={"matchLabels": {"app": "x"}}), 422,
         'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'),
        ("pods", {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}, "spec": {"containers": []}}, 422,
         'Pod "p" is invalid: spec.containers: Required value'),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said(kube: Bed, word: str, body: Any, status: int, part: str):
    if isinstance(body, dict) and "kind" not in body:
        body = {"kind": "ConfigMap", "apiVersion": "v1", **body}
    answer = await kube.ask("POST", kube.path(word), body)
    assert answer.status == status
    assert part in answer.message


async def test_a_namespace_must_be_there(kube: Bed):
    answer = await kube.ask("POST", "/api/v1/namespaces/contract-none/configmaps", configmap("a"))
    assert (answer.status, answer.message) == (404, 'namespaces "contract-none" not found')


async def test_whoever_comes_second_is_told(kube: Bed):
    one = await kube.config("a", x="1")
    await kube.patch("configmaps", "a", {"data": {"x": "2"}})
    answer = await kube.ask("PUT", kube.path("configmaps", "a"), {**one, "data": {"x": "3"}})
    assert (answer.status, answer.reason) == (409, "Conflict")
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version'
        " and try again"
    )
    old = {"metadata": {"resourceVersion": one["metadata"]["resourceVersion"]}}
    assert (await kube.ask("PATCH", kube.path("configmaps", "a"), old, MERGE)).status == 409
    whole = {**one, "metadata": {"name": "a", "uid": STRANGER}}
    answer = await kube.ask("PUT", kube.path("configmaps", "a"), whole)
    assert answer.status == 409
    assert f"Precondition failed: UID in precondition: {STRANGER}, UID in object meta: {one['metadata']['uid']}" in answer.message
    assert (await kube.ask("PUT", kube.path("configmaps", "a"), configmap("b"))).message == (
        "the name of the object (b) does not match the name on the URL (a)"
    )
    assert (await kube.get("configmaps", "a"))["data"] == {"x": "2"}


async def test_a_change_that_changes_nothing_is_none(kube: Bed):
    one = await kube.config("a", x="1")
    same = await kube.patch("configmaps", "a", {"data": {"x": "1"}})
    assert same["metadata"]["resourceVersion"] == one["metadata"]["resourceVersion"]


async def test_only_what_is_wanted_counts_as_a_generation(kube: Bed):
    await parked(kube, paused=True)
    labelled = await kube.patch("deployments", "web", {"metadata": {"labels": {"colour": "blue"}}})
    assert labelled["metadata"]["generation"] == 1
    changed = await kube.patch("deployments", "web", {"spec": {"minReadySeconds": 3}})
    assert changed["metadata"]["generation"] == 2


async def test_a_merge_patch_takes_away_with_null(kube: Bed):
    await kube.config("a", {"l": "1"}, x="1", y="2")
    one = await kube.patch("configmaps", "a", {"metadata": {"labels": None}, "data": {"x": None, "z": "3"}})
    assert one["data"] == {"y": "2", "z": "3"}
    assert "labels" not in one["metadata"]


async def test_a_json_patch_tests_first(kube: Bed):
    one = await kube.config("a", x="1")
    steps = [
        {"op": "test", "path": "/metadata/uid", "value": one["metadata"]["uid"]},
        {"op": "replace", "path": "/data/x", "value": "2"},
        {"op": "add", "path": "/data/y~1z", "value": "3"},
    ]
    assert (await kube.patch("configmaps", "a", steps[:2], STEPS))["data"] == {"x": "2"}
    for step in (
        {"op": "test", "path": "/metadata/uid", "value": STRANGER},
        {"op": "add", "path": "/nowhere/x", "value": 1},
    ):
        answer = await kube.ask("PATCH", kube.path("configmaps", "a"), [step, steps[1]], STEPS)
        assert (answer.status, answer.reason) == (422, "Invalid")
        assert answer.message == "the server rejected our request due to an error in our request"


async def test_a_strategic_patch_merges_lists_by_their_keys(kube: Bed):
    container = script("sleep 1000", env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    await kube.make("deployments", workload("Deployment", "web", container, 0))
    env = [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}, {"name": "A", "$patch": "delete"}]
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "env": env}, {"name": "side", "image": "busybox:2"}]}}}}
    one = await kube.patch("deployments", "web", patch, STRATEGIC)
    first, second = sorted(one["spec"]["template"]["spec"]["containers"], key=lambda one: str(one["name"]))
    assert sorted((entry["name"], entry["value"]) for entry in first["env"]) == [("B", "3"), ("C", "4")]
    assert (first["command"][0], second["image"]) == ("sh", "busybox:2")
    whole = {"spec": {"template": {"$patch": "replace", **container_only("busybox:2")}}}
    one = await kube.patch("deployments", "web", whole, STRATEGIC)
    assert [one["image"] for one in one["spec"]["template"]["spec"]["containers"]] == ["busybox:2"]


def container_only(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": image}]}}


async def test_patches_that_are_none(kube: Bed):
    await kube.config("a")
    path = kube.path("configmaps", "a")
    assert (await kube.ask("PATCH", path, {"a": 1}, "application/json")).status == 415
    answer = await kube.ask("PATCH", path, b"{nono", MERGE)
    assert (answer.status, answer.reason) == (400, "BadRequest")
    assert answer.message.startswith("error decoding patch: invalid character 'n'")
    answer = await kube.ask("PATCH", path, {"metadata": {"uid": STRANGER}}, STRATEGIC)
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert answer.message.startswith(f'ConfigMap "a" is invalid: metadata.uid: Invalid value: "{STRANGER}": field is immutable')
    assert (await kube.ask("PATCH", kube.path("configmaps", "none"), {}, MERGE)).status == 404


async def test_what_must_stay_stays(kube: Bed):
    await parked(kube)
    answer = await kube.ask("PATCH", kube.path("deployments", "web"), {"spec": {"replicas": -4}}, MERGE)
    assert answer.message == 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -4: must be greater than or equal to 0'
    answer = await kube.ask("PATCH", kube.path("deployments", "web"), {"spec": {"selector": {"matchLabels": {"tier": "y"}}}}, MERGE)
    assert answer.status == 422
    assert "field is immutable" in answer.message
    body = workload("StatefulSet", "db", script("sleep 1"), 0, serviceName="db")
    await kube.make("statefulsets", body)
    answer = await kube.ask("PATCH", kube.path("statefulsets", "db"), {"spec": {"serviceName": "x"}}, MERGE)
    assert "updates to statefulset spec for fields other than 'replicas'" in answer.message


async def test_status_is_nobodys_but_the_servers(kube: Bed):
    await parked(kube)
    one = await kube.patch("deployments", "web", {"status": {"readyReplicas": 77}})
    assert one["status"].get("readyReplicas", 0) != 77


async def test_deleting_is_bound_to_what_was_seen(kube: Bed):
    one = await kube.config("a")
    path, uid = kube.path("configmaps", "a"), one["metadata"]["uid"]
    answer = await kube.ask("DELETE", path, {"preconditions": {"uid": STRANGER}})
    assert (answer.status, answer.reason) == (409, "Conflict")
    assert answer.message == (
        f'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition ({STRANGER}) does not match the UID in record'
        f" ({uid}). The object might have been deleted and then recreated"
    )
    assert (await kube.ask("DELETE", path, {"preconditions": {"resourceVersion": "1"}})).status == 409
    assert (await kube.ask("DELETE", path, {"propagationPolicy": "Sideways"})).status == 422
    dry = await kube.ask("DELETE", path, dryRun="All")
    assert (dry.status, dry.body["status"]) == (200, "Success")
    gone = await kube.ask("DELETE", path, {"preconditions": {"uid": uid}})
    assert gone.body == {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": "a", "kind": "configmaps", "uid": uid},
    }  # fmt: skip
    assert (await kube.ask("DELETE", path)).status == 404


async def test_a_dry_run_makes_nothing(kube: Bed):
    answer = await kube.ask("POST", kube.path("configmaps"), configmap("a"), dryRun="All")
    assert answer.status == 201
    assert await kube.gone("configmaps", "a")


async def test_a_finalizer_holds_what_is_deleted(kube: Bed):
    body = configmap("held")
    body["metadata"]["finalizers"] = ["example.com/hold"]
    await kube.make("configmaps", body)
    answer = await kube.ask("DELETE", kube.path("configmaps", "held"))
    assert answer.body["metadata"]["deletionTimestamp"]
    assert (await kube.get("configmaps", "held"))["metadata"]["finalizers"] == ["example.com/hold"]
    await kube.patch("configmaps", "held", {"metadata": {"finalizers": None}})
    assert await kube.gone("configmaps", "held")


async def test_many_are_deleted_by_their_labels(kube: Bed):
    for name in "abc":
        await kube.config(name, {"old": "yes" if name != "b" else "no"})
    answer = await kube.ask("DELETE", kube.path("configmaps"), labelSelector="old=yes")
    assert (answer.status, answer.body["kind"]) == (200, "ConfigMapList")
    assert await kube.names("configmaps", labelSelector="old") == ["b"]


@pytest.mark.parametrize("policy", ["Background", "Foreground", "Orphan"])
async def test_what_is_owned_goes_with_its_owner_or_before_it_or_stays(kube: Bed, policy: str):
    await parked(kube)
    await kube.until(lambda: kube.names("replicasets"), "the replica set")
    (name,) = await kube.names("replicasets")
    answer = await kube.ask("DELETE", kube.path("deployments", "web"), {"propagationPolicy": policy})
    assert answer.status == 200
    if policy == "Foreground":
        assert "foregroundDeletion" in answer.body["metadata"]["finalizers"]
    await kube.until(lambda: kube.gone("deployments", "web"), "the deployment to be gone")
    if policy == "Orphan":
        await kube.until(lambda: _is_free(kube, name), "the replica set to belong to nobody")
    else:
        await kube.until(lambda: kube.gone("replicasets", name), "the replica set to be gone")


async def _is_free(kube: Bed, name: str) -> bool:
    return not (await kube.get("replicasets", name))["metadata"].get("ownerReferences")


async def test_scale_is_a_thing_of_its_own(kube: Bed):
    one = await parked(kube)
    path = kube.path("deployments", "web", "scale")
    scale = (await kube.ask("GET", path)).body
    assert (scale["kind"], scale["apiVersion"], scale["status"]["selector"]) == ("Scale", "autoscaling/v1", "app=web")
    assert scale["metadata"]["uid"] == one["metadata"]["uid"]
    answer = await kube.ask("PATCH", path, {"spec": {"replicas": -1}}, MERGE)
    assert answer.message == 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'
    for wrong in ({"uid": STRANGER}, {"resourceVersion": "1"}):
        body = {**scale, "metadata": {**scale["metadata"], **wrong}, "spec": {"replicas": 1}}
        answer = await kube.ask("PUT", path, body)
        assert answer.status == 409
        assert answer.message.startswith('Operation cannot be fulfilled on deployments.apps "web": ')
    ref = await kube.ref("deployments", "web")
    await kube.engine.scale(ref, 1, 0)
    assert (await kube.get("deployments", "web"))["spec"]["replicas"] == 1
    with pytest.raises(Conflict, match="1 replicas now"):
        await kube.engine.scale(ref, 5, 0)
    with pytest.raises(Conflict):
        await kube.engine.scale(Ref(ref.engine, ref.kind, ref.namespace, ref.name, STRANGER), 5, 1)


async def test_the_programs_own_verbs_are_bound_to_the_uid(kube: Bed):
    await parked(kube)
    ref = await kube.ref("deployments", "web")
    stranger = Ref(ref.engine, ref.kind, ref.namespace, ref.name, STRANGER)
    await kube.engine.restart(ref)
    template = (await kube.get("deployments", "web"))["spec"]["template"]
    assert "kubectl.kubernetes.io/restartedAt" in template["metadata"]["annotations"]
    managers = {one["manager"] for one in (await kube.get("deployments", "web"))["metadata"]["managedFields"]}
    assert "pilothouse" in managers
    with pytest.raises(Missing):
        await kube.engine.restart(stranger)
    with pytest.raises(Conflict):
        await kube.engine.remove(stranger)
    await kube.engine.remove(ref)
    with pytest.raises(Missing):
        await kube.engine.remove(ref)


async def test_a_namespace_is_emptied_before_it_goes(kube: Bed):
    name = f"{kube.space}-b"
    await kube.namespace(name)
    held = configmap("held")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    assert (await kube.ask("POST", f"/api/v1/namespaces/{name}/configmaps", held)).status == 201
    await kube.ask("POST", f"/api/v1/namespaces/{name}/configmaps", configmap("plain"))
    answer = await kube.ask("DELETE", f"/api/v1/namespaces/{name}")
    assert (answer.status, answer.body["status"]["phase"]) == (200, "Terminating")
    late = await kube.ask("POST", f"/api/v1/namespaces/{name}/configmaps", configmap("late"))
    assert (late.status, late.reason) == (403, "Forbidden")
    assert (
        late.message == f'configmaps "late" is forbidden: unable to create new content in namespace {name} because it is being terminated'
    )

    async def told() -> Any:
        conditions = (await kube.ask("GET", f"/api/v1/namespaces/{name}")).body["status"].get("conditions") or ()
        return any(one["type"] == "NamespaceContentRemaining" and one["status"] == "True" for one in conditions)

    async def gone() -> bool:
        return (await kube.ask("GET", f"/api/v1/namespaces/{name}")).status == 404

    await kube.until(told, "what is left to be told")
    await kube.ask("PATCH", f"/api/v1/namespaces/{name}/configmaps/held", {"metadata": {"finalizers": None}}, MERGE)
    await kube.until(gone, "the namespace to be gone")
