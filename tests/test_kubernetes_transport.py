"""The transport against the demo's API, told what to say: deadlines, sentences, credentials renewed once, and no write ever sent twice."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.kubernetes_trial import PODS, QUICK, access_to
from tests.told_kubernetes import KubernetesServer, drop, hang, listing, pod, reply, says, status, stream
from tests.waiting import until
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.answers import Busy, NotKubernetes, TooOld
from tui.engines.kubernetes.credentials import Credential, Credentials
from tui.engines.kubernetes.pools import Pools
from tui.engines.kubernetes.transport import Transport
from tui.facts import Conflict, Denied, EngineError, Expired, Missing, OutcomeUnknown, Ref, Unreachable, Unsupported

REF = Ref("kubernetes:trial", "kubernetes/pods", "default", "a", "uid-a")
POD = f"{PODS}/a"


@pytest.fixture
async def server() -> AsyncIterator[KubernetesServer]:
    async with KubernetesServer() as it:
        yield it


@pytest.fixture
async def transport(server: KubernetesServer) -> AsyncIterator[Transport]:
    it = Transport(access_to(server), Gate(), deadlines=QUICK)
    yield it
    await it.close()


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (status(401), Expired, "does not accept these credentials"),
        (status(403, "Forbidden", 'pods is forbidden: User "x" cannot'), Denied, 'User "x" cannot'),
        (status(404, "NotFound", 'pods "a" not found'), Missing, 'pods "a" not found'),
        (status(409, "Conflict", "object was modified"), Conflict, "object was modified"),
        (status(410, "Expired", "too old"), TooOld, "too old"),
        (status(405), Unsupported, "405"),
        (status(422, "Invalid", "spec.replicas: Invalid value"), EngineError, "Invalid value"),
        (status(429, "", "slow"), Busy, "slow"),
        (status(500, "", "x\x1b[2J\n" + "y" * 5000), Busy, "the server failed"),
        (reply(b"<html>502</html>", 502, "text/html"), Busy, "the server failed \\(502\\)"),
        (reply(b"Unauthorized\n", 401, "text/plain"), Expired, "Unauthorized"),
        (reply(b"<html>", kind="text/html"), NotKubernetes, "not a Kubernetes API"),
        (reply(b"", 302, headers={"Location": "http://127.0.0.1:1/login"}), NotKubernetes, "redirects elsewhere"),
        (hang(), Unreachable, "in time"),
        (drop(), Unreachable, "closed the connection"),
        (stream(b'{"half', end="hang"), Unreachable, "in time"),
        (stream(b'{"half', end="cut"), Unreachable, "127.0.0.1"),
    ],
)
async def test_every_answer_is_one_of_our_errors_with_a_sentence(
    server: KubernetesServer, answer: Any, error: type[Exception], words: str
) -> None:
    server.on(PODS, answer)
    transport = Transport(access_to(server), Gate(), deadlines=structs.replace(QUICK, answer=0.2, body=0.2))
    with pytest.raises(error, match=words) as caught:
        await transport.get(PODS)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()
    await transport.close()


async def test_a_server_that_is_not_there_is_refused_in_words(server: KubernetesServer, transport: Transport) -> None:
    await server.close()
    with pytest.raises(Unreachable, match="Connection refused"):
        await transport.get(PODS)


async def test_the_token_is_sent_whatever_netrc_or_the_environment_say(
    server: KubernetesServer, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login l password p\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.on(PODS, listing())
    await transport.get(PODS)
    assert server.requests[0].headers["Authorization"] == "Bearer sesame"


async def test_impersonation_goes_out_with_every_group(server: KubernetesServer) -> None:
    server.on(PODS, listing())
    transport = Transport(access_to(server, impersonate="eve", impersonate_groups=("a", "b")), Gate())
    await transport.get(PODS)
    sent = [(name, value) for name, value in server.requests[0].every if name.startswith("Impersonate")]
    assert sent == [("Impersonate-User", "eve"), ("Impersonate-Group", "a"), ("Impersonate-Group", "b")]
    await transport.close()


async def test_a_401_renews_the_credentials_once_for_all_and_then_says_expired(server: KubernetesServer, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    transport = Transport(access_to(server, token_file=token), Gate(), deadlines=QUICK)
    server.on(PODS, listing())
    await transport.get(PODS)
    token.write_text("new")
    server.on(PODS, status(401), listing())
    await transport.get(PODS)
    assert [said.headers["Authorization"] for said in server.requests] == ["Bearer old", "Bearer old", "Bearer new"]
    server.on(PODS, status(401))
    server.requests.clear()
    with pytest.raises(Expired):
        await transport.get(PODS)
    assert len(server.requests) == 1, "the same token is not sent twice"
    token.unlink()
    with pytest.raises(Expired, match="new ones were not to be had"):
        await transport.get(PODS)
    await transport.close()


async def test_a_credential_source_that_fails_sends_nothing_at_all(server: KubernetesServer, tmp_path: Path) -> None:
    transport = Transport(access_to(server, token_file=tmp_path / "none"), Gate())
    with pytest.raises(Denied, match="cannot be read"):
        await transport.get(PODS)
    assert server.requests == []
    await transport.close()


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "POST"])
@pytest.mark.parametrize("fault", [drop(), hang()])
async def test_a_write_without_an_answer_is_unknown_and_sent_once(
    server: KubernetesServer, method: str, fault: Any, tmp_path: Path
) -> None:
    audit = tmp_path / "audit.jsonl"
    transport = Transport(access_to(server), Gate(audit=audit), deadlines=QUICK)
    server.on(PODS, listing())
    await transport.get(PODS)
    server.on(POD, fault, method=method)
    with pytest.raises(OutcomeUnknown, match="sent, but"):
        await transport.write("verb", REF, method, POD, b"{}")
    assert len(server.asked(POD)) == 1
    assert [json.loads(line)["outcome"] for line in audit.read_text().splitlines()] == ["sent", "unknown"]
    await transport.close()


@pytest.mark.parametrize("code", [502, 504])
async def test_a_gateway_that_gave_up_leaves_the_outcome_unknown(server: KubernetesServer, transport: Transport, code: int) -> None:
    server.on(POD, status(code), method="DELETE")
    with pytest.raises(OutcomeUnknown):
        await transport.write("delete", REF, "DELETE", POD)


async def test_a_write_to_a_server_that_is_not_there_surely_did_not_happen(server: KubernetesServer, transport: Transport) -> None:
    await server.close()
    with pytest.raises(Unreachable):
        await transport.write("delete", REF, "DELETE", POD)


async def test_read_only_lets_questions_through_and_nothing_else(server: KubernetesServer) -> None:
    transport = Transport(access_to(server), Gate(read_only=True))
    review = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    server.on(review, says({}), method="POST")
    await transport.ask(review, b"{}")
    with pytest.raises(Denied, match="read-only"):
        await transport.write("delete", REF, "DELETE", POD)
    with pytest.raises(Denied, match="not a question"):
        await transport.ask(PODS, b"{}")
    for recorded in (True, False):
        with pytest.raises(Denied, match="read-only"):
            async with transport.websocket("exec", REF, f"{POD}/exec", {}, (), recorded=recorded):
                pass
    assert [said.path for said in server.requests] == [review]
    await transport.close()


async def test_a_websocket_handshake_has_its_deadline_and_keeps_the_servers_words(server: KubernetesServer, transport: Transport) -> None:
    server.on(f"{POD}/exec", hang())
    with pytest.raises(Unreachable, match="in time"):
        async with transport.websocket("exec", REF, f"{POD}/exec", {}, ()):
            pass
    server.on(f"{POD}/exec", status(403, "", "pods exec is forbidden"))
    with pytest.raises(Denied, match="pods exec is forbidden"):
        async with transport.websocket("exec", REF, f"{POD}/exec", {}, ()):
            pass


async def test_a_hundred_streams_do_not_keep_a_short_call_waiting(server: KubernetesServer, transport: Transport) -> None:
    server.on(PODS, listing(pod("a")))
    server.watch(PODS, stream())

    async def hold() -> None:
        async with transport.stream(PODS, {"watch": "true"}) as open_stream:
            await open_stream.read()

    tasks = [asyncio.create_task(hold()) for _ in range(120)]
    await server.until(lambda: len(server.asked(PODS, watch=True)) == 120)
    assert b"uid-a" in await transport.get(PODS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_special_characters_in_queries_arrive(server: KubernetesServer, transport: Transport) -> None:
    server.on(PODS, listing())
    await transport.get(PODS, {"labelSelector": "a in (b,c),d!=e;f&g=h+i"})
    assert server.requests[0].query["labelSelector"] == "a in (b,c),d!=e;f&g=h+i"


async def test_a_bad_authority_or_certificate_is_said_before_anything_is_sent(server: KubernetesServer) -> None:
    secure = access_to(server, server=server.url.replace("http", "https"))
    with pytest.raises(Unreachable, match="certificate authority"):
        await Transport(replace(secure, authority=b"no PEM"), Gate()).get(PODS)
    with pytest.raises(Denied, match="client certificate"):
        await Transport(replace(secure, certificate=b"no PEM", key=b"x"), Gate()).get(PODS)
    transport = Transport(secure, Gate(), deadlines=QUICK)
    with pytest.raises(Unreachable, match="TLS failed"):
        await transport.get(PODS)
    await transport.close()


async def test_a_proxy_from_the_kubeconfig_is_used(server: KubernetesServer) -> None:
    server.on(PODS, listing())
    transport = Transport(access_to(server, server="http://cluster.invalid", proxy=server.url), Gate(), deadlines=QUICK)
    await transport.get(PODS)
    assert server.requests[0].headers["Host"] == "cluster.invalid"
    await transport.close()


def test_nothing_secret_is_shown_by_a_representation(server: KubernetesServer) -> None:
    access = access_to(server, password="hidden", username="u")
    assert "sesame" not in repr(access)
    assert "hidden" not in repr(access)
    assert base64.b64encode(b"u:hidden").decode() not in repr(Credentials(access))


async def test_a_session_that_is_being_made_when_all_is_closed_is_not_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(*_: object) -> object:
        begun.set()
        assert go_on.wait(30)
        return None

    monkeypatch.setattr("tui.engines.kubernetes.tls.make_wire", slowly)
    pools = Pools(Access(context="x", server="https://127.0.0.1:1"), 1.0)
    asked = asyncio.create_task(pools.session("stream", Credential(1, {})))
    await until(begun.is_set)
    await pools.close()
    go_on.set()
    with pytest.raises(Unreachable):
        await asked
    assert not pools._sessions
