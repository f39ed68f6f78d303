"""What an API server tells: lists, pages, watches, and how it says no; on a real cluster and on the demo's."""

from __future__ import annotations

import base64
import json

import pytest

from tests.contract.kube_bed import Bed, configmap

WRONG = 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'


def aged(token: str, version: int) -> str:
    """Return a continue token of another version."""
    said = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return base64.urlsafe_b64encode(json.dumps({**said, "rv": version}).encode()).decode().rstrip("=")


async def three(kube: Bed) -> None:
    for name, tier in (("a", "front"), ("b", "back"), ("c", "back")):
        await kube.config(name, {"tier": tier, name: "yes"})


async def test_a_list_says_its_kind_once_and_has_a_version(kube: Bed):
    await three(kube)
    body = await kube.get("configmaps")
    assert (body["kind"], body["apiVersion"]) == ("ConfigMapList", "v1")
    assert int(body["metadata"]["resourceVersion"]) > 0
    assert [one["metadata"]["name"] for one in body["items"]] == ["a", "b", "c", "kube-root-ca.crt"]
    assert "kind" not in body["items"][0]
    one = await kube.get("configmaps", "a")
    assert (one["kind"], one["apiVersion"], one["metadata"]["namespace"]) == ("ConfigMap", "v1", kube.space)


async def test_pages_are_of_one_moment(kube: Bed):
    await three(kube)
    first = await kube.get("configmaps", limit=2)
    assert [one["metadata"]["name"] for one in first["items"]] == ["a", "b"]
    assert first["metadata"]["remainingItemCount"] == 2
    await kube.config("bb")
    await kube.ask("DELETE", kube.path("configmaps", "c"))
    rest = await kube.get("configmaps", limit=2, **{"continue": first["metadata"]["continue"]})
    assert [one["metadata"]["name"] for one in rest["items"]] == ["c", "kube-root-ca.crt"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert "continue" not in rest["metadata"]


async def test_a_page_that_comes_too_late_is_refused_with_a_way_on(kube: Bed):
    await three(kube)
    first = await kube.get("configmaps", limit=1)
    token = aged(first["metadata"]["continue"], 2)
    if kube.demo is not None:
        kube.demo.cluster.storage.compact()
    answer = await kube.ask("GET", kube.path("configmaps"), limit=1, **{"continue": token})
    if answer.status == 200 and kube.demo is None:  # a young cluster has forgotten nothing: at its second version there was nothing of ours
        assert answer.body["items"] == []
        return
    assert (answer.status, answer.reason) == (410, "Expired")
    assert "too old to display a consistent list result" in answer.message
    rest = await kube.get("configmaps", limit=9, **{"continue": answer.body["metadata"]["continue"]})
    assert [one["metadata"]["name"] for one in rest["items"]] == ["b", "c", "kube-root-ca.crt"]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("tier=back", "bc"), ("tier==back,b", "b"), ("tier!=back", "a-"), ("tier in (front,back),!c", "ab"), ("tier notin (back)", "a-"),
        ("tier", "abc"), ("!tier", "-"), ("tier=none", ""),
    ],
)  # fmt: skip
async def test_label_selectors(kube: Bed, selector: str, names: str):
    await three(kube)
    found = [name.replace("kube-root-ca.crt", "-") for name in await kube.names("configmaps", labelSelector=selector)]
    assert "".join(found) == names


async def test_field_selectors(kube: Bed):
    await three(kube)
    assert await kube.names("configmaps", fieldSelector="metadata.name=b") == ["b"]
    assert await kube.names("configmaps", fieldSelector="metadata.name!=b,metadata.namespace!=x") == ["a", "c", "kube-root-ca.crt"]
    answer = await kube.ask("GET", kube.path("configmaps"), fieldSelector="spec.nodeName=x")
    assert (answer.status, answer.reason) == (400, "BadRequest")
    assert answer.message == '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"'
    answer = await kube.ask("GET", kube.path("configmaps"), labelSelector="a in")
    assert (answer.status, answer.message) == (400, "unable to parse requirement: found '' expected: '('")


async def test_a_watch_tells_what_happens_after_a_version(kube: Bed):
    await kube.config("before")
    version = (await kube.get("configmaps"))["metadata"]["resourceVersion"]
    async with kube.watch(kube.path("configmaps"), resourceVersion=version) as watch:
        await kube.config("new", a="1")
        word, made = await watch.next()
        assert (word, made["metadata"]["name"], made["kind"]) == ("ADDED", "new", "ConfigMap")
        await kube.patch("configmaps", "new", {"data": {"a": "2"}})
        word, changed = await watch.next()
        assert (word, changed["data"]) == ("MODIFIED", {"a": "2"})
        await kube.ask("DELETE", kube.path("configmaps", "new"))
        word, last = await watch.next()
        assert (word, last["data"]) == ("DELETED", {"a": "2"})
        versions = [int(one["metadata"]["resourceVersion"]) for one in (made, changed, last)]
        assert versions == sorted(set(versions))
    async with kube.watch(kube.path("configmaps"), resourceVersion=versions[0]) as watch:
        assert [(await watch.next())[0] for _ in range(2)] == ["MODIFIED", "DELETED"]


async def test_a_watch_without_a_version_begins_with_everything(kube: Bed):
    await kube.config("one")
    async with kube.watch(kube.path("configmaps"), timeoutSeconds=60 if kube.demo is not None else 5) as watch:
        assert {(await watch.next())[1]["metadata"]["name"] for _ in range(2)} == {"one", "kube-root-ca.crt"}
        with pytest.raises(EOFError):
            await watch.next()  # its time is over


async def test_a_selecting_watch_sees_things_come_and_go_by_their_labels(kube: Bed):
    version = (await kube.config("one"))["metadata"]["resourceVersion"]
    async with kube.watch(kube.path("configmaps"), resourceVersion=version, labelSelector="colour=blue") as watch:
        await kube.patch("configmaps", "one", {"metadata": {"labels": {"colour": "blue"}}})
        assert (await watch.next())[0] == "ADDED"
        await kube.patch("configmaps", "one", {"data": {"a": "1"}})
        assert (await watch.next())[0] == "MODIFIED"
        await kube.patch("configmaps", "one", {"metadata": {"labels": {"colour": "red"}}})
        assert (await watch.next())[0] == "DELETED"


async def test_a_streaming_list_ends_with_a_bookmark(kube: Bed):
    await kube.config("one")
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    async with kube.watch(kube.path("configmaps"), **query) as watch:
        assert [(await watch.next())[0] for _ in range(2)] == ["ADDED", "ADDED"]
        word, mark = await watch.next()
        assert (word, mark["kind"]) == ("BOOKMARK", "ConfigMap")
        assert mark["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        await kube.config("two")
        word, two = await watch.next()
        assert (word, two["metadata"]["name"]) == ("ADDED", "two")
        assert int(two["metadata"]["resourceVersion"]) > int(mark["metadata"]["resourceVersion"])
    answer = await kube.ask("GET", kube.path("configmaps"), watch="true", sendInitialEvents="true")
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert answer.body["details"]["causes"][0]["field"] == "resourceVersionMatch"


async def test_a_watch_from_a_forgotten_version_is_told_so(kube: Bed):
    if kube.demo is not None:
        kube.demo.cluster.storage.compact()
    async with kube.watch("/api/v1/configmaps", resourceVersion=2, timeoutSeconds=5) as watch:
        word, said = await watch.next()
    if word != "ERROR" and kube.demo is None:  # a young cluster has forgotten nothing yet, and tells all of it
        assert (word, said["kind"]) == ("ADDED", "ConfigMap")
        return
    assert (word, said["code"], said["reason"]) == ("ERROR", 410, "Expired")
    assert said["message"].startswith("too old resource version: 2 (")


async def test_a_version_of_the_future_is_refused(kube: Bed):
    answer = await kube.ask("GET", kube.path("configmaps"), resourceVersion=99999999, resourceVersionMatch="NotOlderThan")
    assert (answer.status, answer.reason) == (504, "Timeout")
    assert answer.message.startswith("Timeout: Too large resource version: 99999999, current: ")
    assert answer.body["details"]["causes"] == [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]


async def test_what_is_not_there(kube: Bed):
    answer = await kube.ask("GET", kube.path("configmaps", "none"))
    assert answer.status == 404
    assert answer.body == {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": 'configmaps "none" not found',
        "reason": "NotFound", "details": {"name": "none", "kind": "configmaps"}, "code": 404,
    }  # fmt: skip
    answer = await kube.ask("GET", kube.path("deployments", "none"))
    assert answer.message == 'deployments.apps "none" not found'
    assert answer.body["details"] == {"name": "none", "group": "apps", "kind": "deployments"}
    answer = await kube.ask("GET", "/api/v1/nonsense")
    assert (answer.status, answer.message) == (404, "the server could not find the requested resource")
    answer = await kube.ask("GET", "/apis/nobody.example.com/v1/things")
    assert (answer.status, answer.body) == (404, "404 page not found\n")
    answer = await kube.ask("PUT", kube.path("configmaps"), configmap("a"))
    assert (answer.status, answer.reason) == (405, "MethodNotAllowed")


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({"resourceVersion": "abc"}, 400, f"invalid resource version: {WRONG}"),
        ({"limit": 1, "continue": "abc"}, 400, "invalid continue token: continue key is not valid: "),
        ({"watch": "true", "resourceVersion": "abc"}, 500, WRONG),
        ({"fieldSelector": "foo"}, 400, "invalid selector: 'foo'; can't understand 'foo'"),
    ],
)  # fmt: skip
async def test_questions_that_make_no_sense(kube: Bed, query: dict[str, str], status: int, message: str):
    answer = await kube.ask("GET", kube.path("configmaps"), **query)
    assert answer.status == status
    assert answer.message.startswith(message)


async def test_only_json_is_spoken_when_something_else_is_asked_for(kube: Bed):
    async with kube.session.get(kube.url + kube.path("configmaps"), headers={"Accept": "text/html"}) as answer:
        assert answer.status == 406
        assert (await answer.json())["reason"] == "NotAcceptable"


async def test_the_api_tells_of_itself(kube: Bed):
    assert (await kube.ask("GET", "/version")).body["gitVersion"].startswith("v1.")
    assert (await kube.ask("GET", "/livez")).body == "ok"
    assert "[+]ping ok" in (await kube.ask("GET", "/readyz", verbose="")).body
    groups = (await kube.ask("GET", "/apis")).body["groups"]
    assert {"apps", "batch", "policy"} <= {group["name"] for group in groups}
    found = {one["name"]: one for one in (await kube.ask("GET", "/apis/apps/v1")).body["resources"]}
    assert found["deployments"]["shortNames"] == ["deploy"]
    assert found["deployments/scale"]["kind"] == "Scale"
    await kube.engine.connect()
    assert kube.engine.about.user
    assert kube.space in await kube.engine.namespaces()
    assert await kube.engine.can("delete", "pods", kube.space)
