"""Safety: crashes tell no secrets, writes are recorded and sent once, the program ends when told to, and marks what is not secure."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cockpit import cockpit, config
from tests.docker_trial import add, host, trial
from tests.kubernetes_trial import QUICK
from tests.terminal import Tty, tty
from tests.told_kubernetes import Answer, KubernetesServer, drop, hang, listing, says, status, stream
from tests.waiting import until
from tui.app import Pilothouse
from tui.demo.docker.faults import Fault
from tui.engines.gate import Gate
from tui.engines.kubernetes.access import Access, ExecSpec
from tui.engines.kubernetes.engine import KubernetesEngine
from tui.engines.kubernetes.kubeconfig import Kubeconfig
from tui.engines.kubernetes.plugin import run_plugin
from tui.engines.kubernetes.transport import Deadlines, Transport
from tui.facts import Conflict, Denied, EngineError, OutcomeUnknown, Ref
from tui.views.logs import save
from widgets.safe import safe

POD = Ref("kubernetes:trial", "kubernetes/pods", "default", "web", "uid-web")
POD_PATH = "/api/v1/namespaces/default/pods/web"


def _environ(folder: Path, **more: str) -> dict[str, str]:
    made = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "KUBECONFIG": str(folder / "kubeconfig")}
    return made | {"DOCKER_HOST": f"unix://{folder}/d.sock"} | more


# ---- crashes --------------------------------------------------------------------------------------------------------

BROKEN = """
import sys
import tui.app
from textual.widgets import Static
how = sys.argv.pop()

def fail():
    token = password = "SESAME-5591"
    raise ValueError("the fault \\x1b]52;c;aGFybQ==\\x07 itself")

class Bad(Static):
    def render(self):
        if how == "render":
            fail()
        return ""

class Broken(tui.app.Pilothouse):
    secret = "SESAME-5592"

    async def work(self):
        fail()

    def on_mount(self):
        if how == "mount":
            fail()
        super().on_mount()
        if how == "worker":
            self.run_worker(self.work())
        if how == "render":
            self.call_after_refresh(lambda: self.screen.mount(Bad("")))

    def show_help(self, kind):
        fail()

tui.app.Pilothouse = Broken
from tui.__main__ import main
main()
"""


@pytest.mark.parametrize("how", ["mount", "worker", "render", "handler"])
async def test_a_crash_tells_no_secret_and_gives_the_terminal_back(tmp_path: Path, how: str) -> None:
    async with tty(_environ(tmp_path), "-c", BROKEN, how) as one:
        if how == "handler":
            await one.shows("? help")
            one.type("?")
        code = await one.ended()
        assert one.restored
    told = bytes(one.output).decode()
    assert code == 1
    assert "ValueError" in told
    assert "the fault" in told
    assert "SESAME" not in told
    assert "\x1b]52" not in told
    assert not one.screen.faults


# ---- writes: recorded, sent once ------------------------------------------------------------------------------------


def _outcomes(audit: Path) -> list[tuple[str, int]]:
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert all({"time", "verb", "engine", "kind", "uid", "context", "server", "method", "path", "seconds"} <= line.keys() for line in lines)
    return [(line["outcome"], line["status"]) for line in lines]


DOCKER: Mapping[str, tuple[Mapping[str, Any] | None, bool, type[EngineError] | None, list[tuple[str, int]], int]] = {
    "ok": (None, False, None, [("sent", 0), ("ok", 204)], 1),
    "failed": ({"status": 409, "message": "it is being removed"}, False, Conflict, [("sent", 0), ("failed", 409)], 1),
    "cut off": ({"refuse": True}, False, OutcomeUnknown, [("sent", 0), ("unknown", 0)], 1),
    "cut off when done": ({"refuse": True, "after": True}, False, OutcomeUnknown, [("sent", 0), ("unknown", 0)], 1),
    "no answer": ({"hang": True}, False, OutcomeUnknown, [("sent", 0), ("unknown", 0)], 1),
    "refused": (None, True, Denied, [("refused", 0)], 0),
}


@pytest.mark.parametrize("case", DOCKER)
async def test_each_docker_write_is_recorded_with_its_outcome_and_sent_once(tmp_path: Path, case: str) -> None:
    fault, read_only, error, outcomes, sent = DOCKER[case]
    audit = tmp_path / "audit.jsonl"
    async with trial(tmp_path, Gate(read_only, audit)) as on:
        web = on.add("web")
        if fault is not None:
            on.world.faults.add(Fault("/containers", "POST", **fault))
        call = on.engine.writer.call
        on.engine.writer.call = lambda *parts: call(*parts[:5], 0.5)  # type: ignore[method-assign]  # half a second's patience
        if error is None:
            await on.engine.start(on.ref("containers", web))
        else:
            with pytest.raises(error):
                await on.engine.start(on.ref("containers", web))
        assert [one.method for one in on.world.record.writes()] == ["POST"] * sent
        assert web.running == (case in {"ok", "cut off when done"})
    assert _outcomes(audit) == outcomes
    assert stat.S_IMODE(audit.stat().st_mode) == 0o600


KUBERNETES: Mapping[str, tuple[Answer, bool, type[EngineError] | None, list[tuple[str, int]], int]] = {
    "ok": (says({"kind": "Status", "status": "Success"}), False, None, [("sent", 0), ("ok", 200)], 1),
    "failed": (status(409, "Conflict", "the UID in the precondition"), False, Conflict, [("sent", 0), ("failed", 409)], 1),
    "too many": (status(429, "TooManyRequests", "later", {"Retry-After": "1"}), False, EngineError, [("sent", 0), ("failed", 429)], 1),
    "cut off": (drop(), False, OutcomeUnknown, [("sent", 0), ("unknown", 0)], 1),
    "no answer": (hang(), False, OutcomeUnknown, [("sent", 0), ("unknown", 0)], 1),
    "refused": (hang(), True, Denied, [("refused", 0)], 0),
}


@pytest.mark.parametrize("case", KUBERNETES)
async def test_each_kubernetes_write_is_recorded_with_its_outcome_and_sent_once(tmp_path: Path, case: str) -> None:
    answer, read_only, error, outcomes, sent = KUBERNETES[case]
    audit, gate = tmp_path / "audit.jsonl", Gate(read_only, tmp_path / "audit.jsonl")
    async with KubernetesServer() as server:
        engine = KubernetesEngine(Kubeconfig((), "trial", ()), "trial", gate)
        engine._open = Transport(
            Access(context="trial", server=server.url, token="sesame"), gate, deadlines=QUICK if case == "no answer" else Deadlines()
        )
        server.on(POD_PATH, answer, method="DELETE")
        if error is None:
            await engine.remove(POD)
        else:
            with pytest.raises(error):
                await engine.remove(POD)
        assert len(server.asked(POD_PATH, method="DELETE")) == sent
        await engine.close()
    assert _outcomes(audit) == outcomes
    assert "sesame" not in audit.read_text()


async def test_an_unknown_outcome_is_told_and_not_sent_again(tmp_path: Path) -> None:
    server = host()
    add(server, "web")
    server.faults.add(Fault("/containers", "POST", refuse=True))
    await server.start(tmp_path / "d.sock")
    async with cockpit(config(tmp_path, docker=f"unix://{tmp_path}/d.sock")) as one:
        await one.go("docker/containers")
        await one.select("web")
        await one.press("X")
        await one.told("it may have happened")
        assert [one.method for one in server.record.writes()] == ["POST"]
    await server.stop()


@pytest.mark.parametrize(
    ("audit", "why"),
    [
        ("/dev/full", "No space left on device"),
        ("/proc/nothing/here/audit.jsonl", "No such file"),
        ("{}/file/audit.jsonl", "File exists"),
    ],
)
async def test_without_an_audit_nothing_is_sent_and_the_reason_is_said(tmp_path: Path, audit: str, why: str) -> None:
    (tmp_path / "file").touch()
    async with trial(tmp_path, Gate(audit=Path(audit.format(tmp_path)))) as on:
        web = on.add("web")
        with pytest.raises(Denied) as failed:
            await on.engine.start(on.ref("containers", web))
        assert why in str(failed.value)
        assert "start was not sent" in str(failed.value)
        assert not on.world.record.writes()


# ---- the end --------------------------------------------------------------------------------------------------------


def _living(session: int) -> list[str]:
    """Return the processes of a session that still live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(path.parent.name)
    return found


def _kubeconfig(path: Path, server: str, user: Mapping[str, Any]) -> None:
    cluster, context = {"name": "c", "cluster": {"server": server}}, {"name": "far", "context": {"cluster": "c", "user": "u"}}
    other = {"name": "near", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}
    whole = {"clusters": [cluster], "contexts": [context, other], "users": [{"name": "u", "user": user}], "current-context": "far"}
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **whole}))


async def _quit(one: Tty, how: str) -> None:
    if how == "ctrl+c":
        one.type("\x03")
        return
    one.type(":q")
    await one.until(lambda: ": q" in one.screen.text and "⏎ run" in one.screen.lines[-1], "the line")
    one.type("\r")


@pytest.mark.parametrize("how", ["ctrl+c", ":q"])
async def test_it_ends_while_every_engine_hangs_and_leaves_nothing_behind(tmp_path: Path, how: str) -> None:
    server = host()
    server.faults.add(Fault(hang=True))
    await server.start(tmp_path / "d.sock")
    async with KubernetesServer() as cluster:
        script = "echo $$ > $HOME/plugin; sleep 100000"
        exec_user = {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script], "interactiveMode": "Never"}
        _kubeconfig(tmp_path / "kubeconfig", cluster.url, {"exec": exec_user})
        async with tty(_environ(tmp_path)) as one:
            await one.shows("? help")
            await one.until(lambda: server.record.in_flight and (tmp_path / "plugin").exists(), "the engines to be asked")
            await _quit(one, how)
            assert await one.ended() == 0
            assert one.restored
            await until(lambda: not _living(one.process.pid), what="the child processes to be gone")
            plugin = int((tmp_path / "plugin").read_text())
            await until(lambda: not Path(f"/proc/{plugin}/cmdline").exists() or not Path(f"/proc/{plugin}/cmdline").read_bytes())
        await until(lambda: not server.record.in_flight, what="the sockets to be closed")
    await server.stop()


@pytest.mark.parametrize("steps", range(12))
async def test_a_plugin_that_is_left_at_any_moment_is_ended_with_its_children(tmp_path: Path, steps: int) -> None:
    mark = f"10000{steps}.{os.getpid()}"
    access = Access(exec=ExecSpec("sh", ("-c", f"sleep {mark}"), interactive="Never"))
    task = asyncio.create_task(run_plugin(access))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(30):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()

    def lives() -> bool:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if mark.encode() in path.read_bytes():
                    return True
        return False

    await until(lambda: not lives(), what="the plugin to be gone")


async def test_a_stopped_app_leaves_no_task_thread_or_socket(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    server = host()
    await server.start(tmp_path / "d.sock")
    async with KubernetesServer() as cluster:
        _kubeconfig(tmp_path / "kubeconfig", cluster.url, {"token": "sesame"})
        cluster.on("/version", hang())
        async with cockpit(config(tmp_path, docker=f"unix://{tmp_path}/d.sock", kubeconfig=tmp_path / "kubeconfig")) as one:
            await one.go("docker/containers")
            await until(lambda: cluster.requests)
            server.faults.add(Fault(hang=True))
            one.app.browse.action_again()
        names = ("events ", "probe ", "read ", "lens ", "watch ", "connect ", "reflector")
        left = {task.get_name() for task in asyncio.all_tasks() - before if not task.done()}
        assert not [name for name in left if name.startswith(names)]
        await until(lambda: not server.record.in_flight, what="the sockets to be closed")
    await server.stop()


# ---- what is not secure is marked -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("docker", "server", "flags", "marked"),
    [
        ("tcp://127.0.0.1:1", "https://127.0.0.1:1", {}, {"docker"}),
        ("", "http://203.0.113.1:1", {}, {"kubernetes"}),
        ("", "http://127.0.0.1:1", {}, set()),  # as kubectl proxy serves it: nobody is on the way
        ("", "https://127.0.0.1:1", {"insecure-skip-tls-verify": True}, {"kubernetes"}),
        ("", "https://127.0.0.1:1", {}, set()),
    ],
)
async def test_an_insecure_connection_is_marked_on_the_top_line(
    tmp_path: Path, docker: str, server: str, flags: dict[str, Any], marked: set[str]
) -> None:
    path = tmp_path / "kubeconfig"
    _kubeconfig(path, server, {"token": "sesame"})
    whole = json.loads(path.read_text())
    whole["clusters"][0]["cluster"] |= flags
    path.write_text(json.dumps(whole))
    async with cockpit(config(tmp_path, docker=docker, kubeconfig=path)) as one:
        await until(lambda: {"docker", "kubernetes"} <= one.app.fleet.engines.keys())
        engines = one.app.fleet.engines
        assert {name for name in ("docker", "kubernetes") if engines[name].about.insecure} == marked
        await one.quiet()
        line = "".join(part.text for part in one.app.screen._compositor.render_strips()[0])
        assert line.count("▲ insecure") == len(marked)


# ---- small things ---------------------------------------------------------------------------------------------------


async def test_the_clipboard_gets_safe_text_and_no_text_presses_keys(tmp_path: Path) -> None:
    async with cockpit(config(tmp_path)) as one:
        await one.quiet()
        one.app.copy("a\x1b]52;c;aGFybQ==\x07\u202eb\nc")
        assert one.app.clipboard == safe("a\x1b]52;c;aGFybQ==\x07\u202eb\nc", lines=True)
        assert "\x1b" not in one.app.clipboard
        stack = list(one.app.screen_stack)
        await one.app.run_action("app.simulate_key('question_mark')")
        await one.pilot.pause()
        assert one.app.screen_stack == stack
        assert not Pilothouse.ENABLE_COMMAND_PALETTE


async def test_the_kubeconfig_is_never_written(tmp_path: Path) -> None:
    async with KubernetesServer() as cluster:
        cluster.on("/version", says({"gitVersion": "v1"}))
        for space in ("default", "shop"):
            cluster.on(f"/api/v1/namespaces/{space}/pods", listing())
            cluster.watch(f"/api/v1/namespaces/{space}/pods", stream())
        home = tmp_path / "kube"
        home.mkdir()
        path = home / "config"
        _kubeconfig(path, cluster.url, {"token": "sesame"})
        before = hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns
        async with cockpit(config(tmp_path, kubeconfig=path)) as one:
            await until(lambda: "kubernetes" in one.app.fleet.engines)
            await one.go("pods")
            assert one.app.command("ctx near")
            await until(lambda: one.app.fleet.engines["kubernetes"].context == "near")
            await one.live()
        assert (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) == before
        assert os.listdir(home) == ["config"]


async def test_textuals_own_logs_and_drivers_are_off(tmp_path: Path) -> None:
    environ = _environ(tmp_path, TEXTUAL_LOG=str(tmp_path / "keys.log"), TEXTUAL="debug,devtools", TEXTUAL_DRIVER="nowhere:Driver")
    async with tty(environ) as one:
        await one.shows("? help")
        await _quit(one, ":q")
        assert await one.ended() == 0
    assert not (tmp_path / "keys.log").exists()


@pytest.mark.parametrize("name", ["web", "../../etc/passwd", "\x1b]0;x\x07" * 50, "a/b c"])
def test_a_saved_log_is_for_its_owner_alone_and_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / "logs", name, "line\x1b[31m\udcff")
    assert path.parent == tmp_path / "logs"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.name.isprintable()


def test_a_token_stands_nowhere_in_what_is_shown_of_an_access() -> None:
    secret = base64.b64encode(b"sesame").decode()
    assert secret not in repr(Access(context="x", server="https://x", token=secret, password=secret))
