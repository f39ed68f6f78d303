"""The first minute: what is said when no engine answers, the ways on from there, the doctor's text and the shells' completions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cockpit import cockpit, config
from tests.docker_trial import add, host
from tests.terminal import tty
from tests.told_kubernetes import KubernetesServer, says
from tests.waiting import until
from tui.completion import SHELLS, script
from tui.config import Config
from tui.doctor import doctor
from tui.engines.findings import look_around
from tui.engines.fleet import fleet_of
from tui.options import config_of
from tui.screens.start import StartScreen
from widgets.dialogs import Ask


def _said(app) -> str:
    return "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())


async def _started(one) -> StartScreen:
    await until(lambda: isinstance(one.app.screen, StartScreen) and one.app.screen.found, what="the start screen")
    await one.pilot.pause()
    screen = one.app.screen
    assert isinstance(screen, StartScreen)
    return screen


async def test_the_start_says_where_it_looked_and_why_it_failed(tmp_path: Path) -> None:
    async with cockpit(config(tmp_path)) as one:
        await _started(one)
        text = _said(one.app)
        for part in (
            "no engine answers yet",
            "nobody.sock",
            "DOCKER_HOST",
            "There is no socket",
            "$KUBECONFIG",
            "There is no such file.",
            "demo",
        ):
            assert part in text, part


async def test_the_start_goes_when_an_engine_comes(tmp_path: Path) -> None:
    server = host()
    async with cockpit(config(tmp_path, docker=f"unix://{tmp_path}/later.sock")) as one:
        await _started(one)
        add(server, "here-i-am")
        await server.start(tmp_path / "later.sock")
        try:
            await one.press("r")
            await until(lambda: one.app.screen is one.browse, what="the panes")
            await until(lambda: "here-i-am" in one.names, what="the rows")
        finally:
            await server.stop()


async def test_the_start_comes_once_and_can_be_left(tmp_path: Path) -> None:
    async with cockpit(config(tmp_path)) as one:
        await _started(one)
        await one.press("escape")
        assert one.app.screen is one.browse
        await one.app.fleet.again()
        await one.pilot.pause()
        assert one.app.screen is one.browse


async def test_a_host_named_at_the_start_is_used(tmp_path: Path) -> None:
    server = host()
    await server.start(tmp_path / "other.sock")
    try:
        async with cockpit(config(tmp_path)) as one:
            await _started(one)
            await one.press("h")
            await until(lambda: isinstance(one.app.screen, Ask))
            await one.fill(server.host)
            await until(lambda: one.app.screen is one.browse, what="the panes")
            assert one.app.fleet.engines["docker"].about.server == server.host
    finally:
        await server.stop()


async def test_a_kubeconfig_named_at_the_start_is_used(tmp_path: Path) -> None:
    async with KubernetesServer() as server:
        server.on("/version", says({"gitVersion": "v1.34.4"}))
        path = tmp_path / "mine"
        whole = {
            "clusters": [{"name": "c", "cluster": {"server": server.url}}],
            "contexts": [{"name": "c", "context": {"cluster": "c"}}],
            "current-context": "c",
        }
        path.write_text(json.dumps(whole))
        async with cockpit(config(tmp_path)) as one:
            await _started(one)
            await one.press("k")
            await until(lambda: isinstance(one.app.screen, Ask))
            await one.fill(str(path))
            await until(lambda: one.app.screen is one.browse and one.browse.place.kind.id == "kubernetes/pods", what="the pods")


async def test_the_demo_is_one_key_away(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock", "KUBECONFIG": str(tmp_path / "none")}
    async with tty(environ) as one:
        await one.shows("no engine answers yet", "look around in a world inside")
        one.type("d")
        await one.shows(" DEMO ", "shop-api-1")
        one.type(":q\r")
        assert await one.ended() == 0
        assert one.restored


@pytest.mark.parametrize(("wide", "high"), [(160, 45), (100, 30), (80, 24), (60, 16)])
async def test_look(tmp_path: Path, look, wide: int, high: int) -> None:
    """See where was looked, why it failed and what to do in whole sentences; the six ways on, all of them, whatever the size."""
    home = Path("/nowhere")  # nothing is written there: the start has nothing to remember
    environ = {"DOCKER_HOST": "unix:///nowhere/docker.sock", "XDG_STATE_HOME": str(tmp_path), "XDG_RUNTIME_DIR": "/nowhere"}
    async with cockpit(Config(home=home, environ=environ), (wide, high)) as one:
        await _started(one)
        look(one.app)


@pytest.mark.parametrize("size", [(100, 30), (60, 16)])
async def test_each_way_on_can_be_clicked(tmp_path: Path, size: tuple[int, int]) -> None:
    async with cockpit(config(tmp_path), size) as one:
        screen = await _started(one)

        async def click(word: str) -> None:
            lines = _said(one.app).splitlines()
            y = max(n for n, line in enumerate(lines) if f" {word}" in line)
            await one.pilot.click(offset=(lines[y].index(f" {word}") + 1, y))

        for word, title in (("host", "Docker host"), ("kubeconfig", "Kubeconfig")):
            await click(word)
            await until(lambda: isinstance(one.app.screen, Ask), what=word)
            await one.pilot.pause()
            assert title in _said(one.app)
            await one.press("escape")
            await until(lambda: one.app.screen is screen)
        await click("panes")
        await until(lambda: one.app.screen is one.browse)


async def test_what_was_found_scrolls_and_the_ways_on_stay(tmp_path: Path) -> None:
    async with cockpit(config(tmp_path), (60, 16)) as one:
        await _started(one)
        assert "KUBERNETES" not in _said(one.app) or "aws" not in _said(one.app)
        for _ in range(20):
            await one.press("down")
        await until(lambda: "aws" in _said(one.app), what="the last line")
        assert "kubeconfig" in _said(one.app).splitlines()[-1]


# ---- doctor ---------------------------------------------------------------------------------------------------------


def test_the_doctor_says_no_when_nothing_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(config(tmp_path)) == 1
    said = capsys.readouterr().out
    for part in ("Docker", "Kubernetes", "nobody.sock", "(in use)", "pilothouse demo", "audit file"):
        assert part in said, part
    assert list(tmp_path.iterdir()) == []


async def test_the_findings_tell_the_good_from_the_bad(tmp_path: Path) -> None:
    server = host()
    await server.start(tmp_path / "docker.sock")
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        "contexts: [{name: dead, context: {cluster: c}}, {name: broken, context: {cluster: none}}]\n"
        "current-context: dead\n"
    )
    try:
        fleet = fleet_of(config(tmp_path, docker=server.host, kubeconfig=kubeconfig), lambda: None)  # type: ignore[arg-type]
        found = {one.place: one for one in await look_around(fleet)}
        assert found[server.host].answers
        assert (found["dead"].answers, found["dead"].chosen) == (False, True)
        assert "refused" in found["dead"].said.lower() or "reached" in found["dead"].said
        assert "not in the kubeconfig" in found["broken"].said
    finally:
        await server.stop()


# ---- the command line -----------------------------------------------------------------------------------------------


def test_the_first_word_may_be_a_command() -> None:
    assert config_of(["demo", "pods", "shop"]) == Config(command="demo", view="pods shop")
    assert config_of(["pods", "demo"]).command == ""
    assert config_of(["completion", "bash"]).view == "bash"


@pytest.mark.parametrize("shell", SHELLS)
def test_completions_name_every_option_and_kind(shell: str) -> None:
    text = script(shell)
    for word in ("read-only", "kubeconfig", "deployments", "swarm/services", "demo", "doctor"):
        assert word in text, word


def test_bash_reads_its_completion(tmp_path: Path) -> None:
    path = tmp_path / "completion"
    path.write_text(script("bash"))
    ask = f'source {path}; COMP_WORDS=(pilothouse deploym); COMP_CWORD=1; _pilothouse; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("deployments\n", "")
