"""Credentials: always fresh, one plugin run at a time, and a source that fails refuses instead of going on as nobody."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import stat
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kubernetes_trial import HeldClock, until
from tui.engines.kubernetes.access import Access, ExecSpec
from tui.engines.kubernetes.credentials import Credentials, repeated_headers
from tui.engines.kubernetes.plugin import Ticket, run_plugin
from tui.facts import Denied

V1 = "client.authentication.k8s.io/v1"


def plugin(tmp_path: Path, script: str, **more: object) -> Access:
    path = tmp_path / "plugin.py"
    path.write_text(script)
    return Access(server="https://x", exec=replace(ExecSpec(sys.executable, (str(path),)), **more))  # type: ignore[arg-type]


def answer(**status: object) -> str:
    return f"print({json.dumps({'apiVersion': V1, 'kind': 'ExecCredential', 'status': status})!r})"


async def test_the_token_file_wins_is_stripped_and_is_read_anew_each_minute(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("FRESH\n")
    clock = HeldClock()
    credentials = Credentials(Access(token="stale", token_file=file), clock)
    first = await credentials.get()
    assert first.headers["Authorization"] == "Bearer FRESH"
    file.write_text("NEWER")
    assert (await credentials.get()) is first
    clock.time += 61
    newer = await credentials.get()
    assert newer.headers["Authorization"] == "Bearer NEWER"
    assert newer.generation == first.generation + 1
    file.write_text("NEWEST")
    assert await credentials.refresh(newer.generation)
    assert not await credentials.refresh((await credentials.get()).generation)


@pytest.mark.parametrize("text", [None, "", " \n"])
async def test_a_token_file_that_is_gone_or_empty_refuses_also_with_a_token_beside_it(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "token").write_text(text)
    with pytest.raises(Denied, match="token file"):
        await Credentials(Access(token="other", token_file=tmp_path / "token")).get()


async def test_impersonation_is_sent_with_all_its_groups_and_extras() -> None:
    access = Access(
        token="t", impersonate="eve", impersonate_uid="7", impersonate_groups=("a", "b"), impersonate_extra=(("acme.com/x y", ("1", "2")),)
    )
    headers = (await Credentials(access).get()).headers
    assert (headers["Impersonate-User"], headers["Impersonate-Uid"]) == ("eve", "7")
    assert repeated_headers(access) == [
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-acme.com%2Fx%20y", "1"),
        ("Impersonate-Extra-acme.com%2Fx%20y", "2"),
    ]
    with pytest.raises(Denied, match="as-groups without as"):
        await Credentials(Access(impersonate_groups=("a",))).get()


async def test_basic_and_legacy_credentials() -> None:
    assert (await Credentials(Access(username="u", password="p")).get()).headers["Authorization"] == "Basic dTpw"
    provider = {"name": "oidc", "config": {"id-token": "abc"}}
    assert (await Credentials(Access(auth_provider=provider)).get()).headers["Authorization"] == "Bearer abc"
    with pytest.raises(Denied, match="'gcp' of old"):
        await Credentials(Access(auth_provider={"name": "gcp"})).get()
    over = base64.urlsafe_b64encode(b'{"exp": 5}').decode().rstrip("=")
    with pytest.raises(Denied, match="has run out"):
        await Credentials(Access(auth_provider={"name": "oidc", "config": {"id-token": f"x.{over}.y"}})).get()


async def test_a_plugin_gives_a_token_and_is_told_of_the_cluster(tmp_path: Path) -> None:
    script = "import os,json; info = json.loads(os.environ['KUBERNETES_EXEC_INFO']); " + answer(token="TOKEN").replace(
        "TOKEN", "' + info['spec']['cluster']['server'] + os.environ['EXTRA'] + str(info['spec']['interactive']) + '"
    )
    ticket = await run_plugin(plugin(tmp_path, script, provide_cluster=True, env=(("EXTRA", "-e-"),)))
    assert ticket.token == "https://x-e-False"


async def test_a_plugin_has_no_terminal_and_may_shout(tmp_path: Path) -> None:
    script = "import sys; assert sys.stdin.read() == ''; sys.stderr.write('x' * 2_000_000); " + answer(token="t")
    assert (await run_plugin(plugin(tmp_path, script))).token == "t"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; sys.stderr.write('\\x1b[31mplease log in\\x07'); sys.exit(3)", "exit code 3: .*please log in"),
        ("print('hello')", "did not write an ExecCredential"),
        ("print('[]')", "did not write an ExecCredential"),
        (answer(), "neither a token nor a certificate"),
        (answer(clientCertificateData="PEM"), "only one of certificate and key"),
        ('print(\'{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"t"}}\')', "v1beta1, not"),
        ("print('x' * 2_000_000)", "more than 1 MiB"),
        ("import time; time.sleep(1000)", "no answer within 0.3 s"),
    ],
)
async def test_a_plugin_that_fails_refuses_with_its_own_words(tmp_path: Path, script: str, reason: str) -> None:
    slow = "sleep" not in script
    with pytest.raises(Denied, match=reason) as caught:
        await run_plugin(plugin(tmp_path, script), 20.0 if slow else 0.3)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (ExecSpec("/nowhere/plugin", install_hint="see docs"), "cannot be started .*see docs"),
        (ExecSpec(sys.executable, interactive="Always"), "interactiveMode: Always"),
        (ExecSpec(sys.executable, api_version="client.authentication.k8s.io/v1alpha1"), "v1alpha1"),
    ],
)
async def test_a_plugin_that_cannot_be_run_refuses(spec: ExecSpec, reason: str) -> None:
    with pytest.raises(Denied, match=reason):
        await Credentials(Access(exec=spec)).get()


async def test_a_plugin_that_leaves_a_child_with_its_pipes_does_not_hold_us(tmp_path: Path) -> None:
    script = f"import subprocess,sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)']); {answer(token='t')}"
    async with asyncio.timeout(4):
        assert (await run_plugin(plugin(tmp_path, script))).token == "t"


@pytest.mark.parametrize("how", ["deadline", "cancel"])
async def test_the_whole_group_of_a_plugin_is_ended(tmp_path: Path, how: str) -> None:
    pids = tmp_path / "pids"
    script = (
        "import subprocess,sys,time,os,pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
        f"part = pathlib.Path({str(pids) + '.part'!r}); part.write_text(f'{{os.getpid()}} {{child.pid}}'); part.rename({str(pids)!r})\n"
        "time.sleep(1000)"
    )
    task = asyncio.create_task(run_plugin(plugin(tmp_path, script), 20.0 if how == "cancel" else 1.5))
    await until(lambda: pids.exists() or task.done())
    if how == "cancel":
        task.cancel()
    await asyncio.wait({task})
    await until(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()))
    assert task.cancelled() == (how == "cancel")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


async def test_all_who_ask_share_one_run_and_a_ticket_is_renewed_before_it_ends() -> None:
    clock, runs = HeldClock(), 0

    async def run(_: Access) -> Ticket:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0)
        return Ticket(f"t{runs}", expires=clock.now() + timedelta(seconds=100))

    credentials = Credentials(Access(exec=ExecSpec("x")), clock, run)
    held = await asyncio.gather(*(credentials.get() for _ in range(20)))
    assert runs == 1
    clock.time += 95
    assert (await credentials.get()).headers["Authorization"] == "Bearer t2"
    clock.time += 31
    await asyncio.gather(*(credentials.refresh(held[0].generation + 1) for _ in range(20)))
    assert runs == 3
    assert not await credentials.refresh((await credentials.get()).generation), "a plugin that does not help is not run in a storm"
    assert runs == 3


async def test_a_plugin_that_failed_is_not_hidden_by_another_credential() -> None:
    async def run(_: Access) -> Ticket:
        raise Denied("not signed in")

    with pytest.raises(Denied, match="not signed in"):
        await Credentials(Access(exec=ExecSpec("x"), certificate=b"PEM", key=b"PEM"), run=run).get()


def test_a_client_key_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    from tui.engines.kubernetes import tls
    from tui.engines.kubernetes.credentials import Credential

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with tls._on_disk(Credential(1, {}, b"CERT", b"KEY")) as path:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert path.read_bytes() == b"CERT\nKEY"
    with pytest.raises(Denied, match="client certificate"):
        tls.make_wire(Access(server="https://x"), Credential(1, {}, b"CERT", b"KEY"))
    assert list(tmp_path.iterdir()) == []
