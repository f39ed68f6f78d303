"""What makes the cockpit a person's own: settings held live, guarded contexts, themes, and what is remembered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.style import Style
from textual.filter import ANSIToTruecolor
from textual.widgets import Static

import themes
from tests.terminal import tty
from tests.waiting import until
from tests.world import flying, words, world
from tui import comfort, memory
from tui.config import Config
from tui.doctor import doctor
from tui.facts import Denied
from tui.memory import Memory
from tui.screens.single import SingleScreen
from tui.screens.themes import ThemeScreen
from widgets.bars import KeyBar, TopBar
from widgets.colourless import bare
from widgets.dialogs import Confirm

FILE = """\
theme: light
keys:
  delete: ctrl+x
  help: [f1, "?"]
  warp: d
contexts:
  shop-*: {colour: "#00ff7f", protected: true}
hosts:
  default: {read_only: true}
"""


@pytest.fixture
async def shop():
    async with world() as it:
        yield it


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comfort, "POLL", 0.02)


def settle(config: Config, text: str) -> None:
    """Write the settings as an editor does: whole."""
    path = config.settings_file
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def kept(config: Config) -> Memory:
    return memory.load(config.state_file)


def hints(one) -> dict[str, str]:
    return {hint.label: hint.key for hint in one.browse.query_one(KeyBar).hints}


async def test_settings_hold_and_are_followed(shop) -> None:
    config = shop.config()
    settle(config, FILE)
    async with flying(config, line="pods") as one:
        # what is wrong is told with its line; the rest holds
        await one.told("config.yaml:5: keys.warp: the key d already does Describe (describe) there")
        assert one.app.comfort.theme == "light"
        assert one.app.theme == "pilothouse-light"
        bar = one.browse.query_one("#top", TopBar)
        assert bar.has_class("-protected")
        assert "protected" in bar.right.plain
        assert (hints(one)["delete"], hints(one)["help"]) == ("ctrl+x", "f1")
        # what destroys is typed out here, and the dialog says where it is
        await one.select("checkout-66b7d4c9f-w8zsj")
        await one.press("ctrl+d")
        assert one.app.screen is one.browse
        await one.press("ctrl+x")
        dialog = await one.dialog()
        assert isinstance(dialog, Confirm)
        assert dialog.has_class("-protected")
        assert " shop-eu is protected " in words(one)
        assert dialog._typed == "checkout-66b7d4c9f-w8zsj"
        await one.press("escape", "f1")
        assert re.search(r"\^x +Delete", words(one))
        await one.press("escape")
        # the Docker host alone takes no writes
        await one.go("docker/containers")
        assert one.app.read_only
        assert "read-only" in words(one).splitlines()[0]
        engine = one.app.fleet.engines["docker"]
        row = one.browse.target_at(one.browse.table.cursor_key)
        with pytest.raises(Denied, match="read-only"):
            await engine.remove(row.ref)
        # the file changes while the program runs
        settle(config, "theme: high-contrast\nread_only: true\ncontexts:\n  shop-eu: {colour: '#00ff7f'}\n")
        await one.told("config.yaml is in order now")
        assert (one.app.comfort.theme, hints(one)["help"]) == ("high-contrast", "question_mark")
        await one.go("pods")
        assert one.app.read_only
        assert not bar.has_class("-protected")
        assert [span for span in bar.left.spans if "#00ff7f" in str(span.style)]
        # a file that cannot be read leaves everything as it was
        settle(config, "theme: [")
        await one.told("config.yaml:1: This is not YAML")
        assert (one.app.comfort.theme, one.app.read_only) == ("high-contrast", True)
        config.settings_file.unlink()
        await until(lambda: not one.app.read_only, what="the file's end")


async def test_the_command_line_wins(shop) -> None:
    config = shop.config(theme="dark", read_only=True, keys="k9s-strict")
    settle(config, "theme: light\nread_only: false\nkeys: {logs.save: f2}\n")
    async with flying(config, line="deployments") as one:
        assert (one.app.comfort.theme, one.app.read_only) == ("dark", True)
        await one.press("ctrl+z")
        assert one.browse.faults
        await one.press("slash", "w", "e", "b", "enter")
        await one.press("ctrl+q")
        assert not one.browse.place.filter
        await one.press("colon", "q")
        assert one.browse.prompt.line.value == "q"
        await one.press("escape", "l")
        await until(lambda: isinstance(one.app.screen, SingleScreen), what="the log")
        await until(lambda: "f2 save" in words(one), what="the key of now")
        await one.press("q")
        assert one.app.screen is one.browse


async def test_without_a_file_nothing_is_said(shop) -> None:
    async with flying(shop.config(theme="ansi"), line="pods") as one:
        assert not [one for one in one.app.get_line_filters() if isinstance(one, ANSIToTruecolor)]
        assert one.notices == []
        assert one.app.comfort.keymap == {}


async def test_a_fault_in_reading_shuts_the_gate(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comfort, "read_settings", lambda _: 1 / 0)
    async with flying(shop.config(), line="pods") as one:
        await one.told("so nothing is written: ZeroDivisionError")
        assert one.app.read_only
        assert one.names


# ---- themes ---------------------------------------------------------------------------------------------------------


async def test_themes_are_seen_before_they_are_chosen(shop) -> None:
    config = shop.config()
    own = config.folder / "themes"
    own.mkdir(parents=True)
    dark = (Path(themes.__file__).parent / "dark.yaml").read_text()
    (own / "zebra.yaml").write_text(dark.replace('ground: "#0e131a"', 'ground: "#330033"'))
    (own / "broken.yaml").write_text("roles: {sky: blue}\n")
    async with flying(config, line="pods") as one:
        await one.press("colon", *"theme", "enter")
        await until(lambda: isinstance(one.app.screen, ThemeScreen) and "zebra" in words(one), what="the themes")
        assert "broken  ✖ cannot be used" in words(one)
        before = one.app.comfort.theme
        await one.press("down")
        assert one.app.comfort.theme == "light"
        assert one.app.theme_variables["ph-ground"] == "#f8f9fb"
        await one.press("escape")
        assert (one.app.comfort.theme, before) == ("dark", "dark")
        await one.press("colon", *"theme", "enter")
        await until(lambda: isinstance(one.app.screen, ThemeScreen) and "zebra" in words(one), what="the themes")
        await one.press("end", "up")
        assert "no such role: sky" in one.app.screen.query_one(Static).content.plain
        await one.press("enter")
        assert isinstance(one.app.screen, ThemeScreen)
        await one.press("end", "enter")
        assert one.app.screen is one.browse
        assert one.app.theme_variables["ph-ground"] == "#330033"
        assert one.browse._completions("theme z") == ["theme zebra"]
        assert one.app.command("theme nothing")
        await one.told("no theme is called nothing")
    assert kept(config).theme == "zebra"
    async with flying(config) as one:  # from the first frame on
        assert one.app.theme_variables["ph-ground"] == "#330033"
        # the file's word is the later one now
        settle(config, "theme: ansi\n")
        await until(lambda: one.app.comfort.theme == "ansi", what="the file's theme")
        assert one.app.native_ansi_color
        assert one.app.command("theme light")
    async with flying(config) as one:
        await until(lambda: one.app.comfort.settings.theme, what="the settings")
        assert one.app.comfort.theme == "light"


def test_emphasis_stands_for_colours() -> None:
    roles = themes.load("monochrome").variables

    def drawn(above: str, below: str) -> str:
        return str(bare(Style(color=roles[f"ph-{above}"], bgcolor=roles[f"ph-{below}"])))

    assert [drawn("text", ground) for ground in ("ground", "cursor", "cursor-blurred", "protected", "accent")] == [
        "none", "reverse", "underline", "bold reverse", "reverse",
    ]  # fmt: skip
    assert drawn("faint", "ground") == "dim"
    assert bare(Style(color="red", bold=True)) == Style(bold=True, dim=True)
    assert bare(Style(color="default", bgcolor="default")) == Style()
    assert bare(Style(meta={"@click": "x"}, color="#ffffff")).meta == {"@click": "x"}


@pytest.mark.parametrize("told", [{"NO_COLOR": "1"}, {}])
async def test_no_colour_reaches_the_terminal(shop, told: dict[str, str]) -> None:
    environ = {**shop.config().environ, "HOME": str(shop.folder), "COLORTERM": "truecolor", **told}
    arguments = [] if told else ["--theme", "monochrome"]
    async with tty(environ, "-m", "tui", "pods", *arguments) as one:
        await one.shows("checkout-66b7d4c9f", "CrashLoop")
        one.type("jj?")
        await one.shows("Mark range")
        one.type("\x1b")
        await one.until(lambda: "Mark range" not in one.screen.text)
        one.type("\x04")
        await one.shows("Delete pod")
        one.type("\x1b")
        await one.until(lambda: "Delete pod" not in one.screen.text)
        one.type(":q\r")
        assert await one.ended() == 0
    codes = {int(code) for part in re.findall(rb"\x1b\[([0-9;]*)m", bytes(one.output)) for code in part.split(b";") if code}
    assert not {code for code in codes if 30 <= code <= 49 or 90 <= code <= 107}
    assert {1, 7} <= codes


# ---- what is remembered ---------------------------------------------------------------------------------------------


async def test_it_begins_where_the_person_left(shop) -> None:
    config = shop.config()
    async with flying(config) as one:
        await until(lambda: len(one.app.fleet.engines) >= 4, what="the engines")
        await one.go("deployments shop")
        await one.press("A")
        await one.press("A", "ctrl+w")
        one.browse.table.width_chosen("Name", 33)
        await one.press("colon", *"po shop", "enter")
        await one.live()
        await one.press("enter")
        assert one.browse.place.kind.id == "kubernetes/containers"
        await until(lambda: kept(config).view == "kubernetes/pods", what="the memory")
    found = kept(config)
    assert (found.namespace, found.context, found.wide, found.history) == ("shop", "shop-eu", True, ["po shop"])
    assert found.sorts == {"kubernetes/deployments": ("Age", True)}
    assert config.state_file.stat().st_mode & 0o777 == 0o600
    async with flying(config) as one:
        assert one.browse.place.kind.id == "kubernetes/pods"
        await one.live()
        assert (one.browse.place.namespace, one.browse.table.wide) == ("shop", True)
        await one.go("deployments")
        assert one.browse.table.sorted_by == ("Age", True)
        assert one.browse.table._widths.chosen == {"Name": 33}
        await one.press("colon", "up")
        assert one.browse.prompt.line.value == "po shop"


async def test_elsewhere_is_begun_elsewhere(shop) -> None:
    config = shop.config()
    memory.save(config.state_file, Memory("kubernetes/pods", "staging", "another").packed())
    async with flying(config) as one:
        await one.live()
        assert (one.browse.place.kind.id, one.browse.place.namespace) == ("kubernetes/pods", "shop")  # a namespace of another cluster
    async with flying(shop.config(kubernetes=False)) as one:
        await until(lambda: one.browse.place.kind.id == "docker/containers", what="what answers")
    assert kept(config).view == "kubernetes/pods"
    async with flying(shop.config(namespace="kube-system")) as one:
        assert one.browse.place.kind.id == "docker/containers"
    for odd in ("kubernetes/nothing", "../../x", "kubernetes/common"):
        memory.save(config.state_file, Memory(odd).packed())
        async with flying(config) as one:
            assert one.browse.place.kind.id == "docker/containers"


async def test_the_demo_and_a_closed_folder_leave_nothing(shop, tmp_path: Path) -> None:
    demo = shop.config(command="demo")
    async with flying(demo, line="pods"):
        pass
    assert not demo.state_folder.exists()
    (tmp_path / "file").write_text("")
    closed = shop.config(environ={"XDG_STATE_HOME": str(tmp_path / "file")})
    async with flying(closed, line="pods") as one:
        assert one.notices == []


# ---- the doctor -----------------------------------------------------------------------------------------------------


def test_the_doctor_lists_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = Config(home=tmp_path, environ={"DOCKER_HOST": f"unix://{tmp_path}/none.sock", "KUBECONFIG": str(tmp_path / "none")})
    doctor(config)
    assert f"settings {config.settings_file} (not there)" in capsys.readouterr().out
    settle(config, "them: dark\nkeys:\n  delet: x\n")
    (config.folder / "themes").mkdir()
    (config.folder / "themes" / "odd.yaml").write_text("[")
    doctor(config)
    said = capsys.readouterr().out
    for part in (
        "config.yaml:1: the file knows no entry them",
        "config.yaml:3: No binding is called delet; did you mean delete",
        "odd.yaml",
    ):
        assert part in said, said
