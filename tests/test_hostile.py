"""Malice in every text: the real program in a terminal sends the same kinds of bytes as in a harmless world, and shows what is there."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from tests.hostile_world import COUNT, PAYLOADS, SIGNS, HostileWorld, hostile_world
from tests.terminal import Tty, tty, unfit
from tui.kinds import kinds
from widgets.safe import safe

SEEN = {
    "docker/containers": "Zcontainer-name-1", "docker/images": "ZRepoTags", "docker/volumes": "Zvolume-name-1",
    "docker/networks": "Znetwork-name-1", "swarm/nodes": "ZHostname", "swarm/services": "ZName", "swarm/tasks": "ZErr",
    "swarm/secrets": "ZName", "swarm/configs": "ZName", "kubernetes/containers": "Zname", "kubernetes/jobs": "Zrefusal",
    "kubernetes/cronjobs": "Zrefusal", "kubernetes/events": "Zmessage", "local/contexts": "Zcontext-1", "local/hosts": "Zhost-1",
    "local/forwards": "no port-forwards here",
}  # fmt: skip
"""What stands in each pane when it is filled; of the other kinds the name of the second object."""
TURNED = {"docker/containers", "docker/networks", "swarm/services", "kubernetes/pods", "kubernetes/configmaps", "kubernetes/nodes"}
SHOWN = (
    "Zhost-0", "Zcontext-0", "Zcontainer-name-1", "Zup", "ZCommand", "ZImage", "Zproject", "ZOutput", "ZEnv", "ZRepoTags",
    "Zvolume-name-1", "Znetwork-name-1", "ZHostname", "Zaction", "Zpods-name-1", "Zreason", "Zmessage", "Zspace", "Zline-1",
    "Znodes-name-1", "Zservices-name-1", "ZA", "ZErr", "Zimage", "Zcause",
)  # fmt: skip
"""A word of each class of fields; its sign must have stood right behind it on the screen."""


def seen(kind_id: str) -> str:
    return SEEN.get(kind_id, f"Z{kind_id.partition('/')[2]}-name-1")


async def _go(one: Tty, line: str, *texts: str) -> None:
    await _line(one, line)
    one.type("\r")
    await one.until(lambda: "⏎ run" not in one.screen.lines[-1], "the line to be read")
    await one.shows(*texts)


async def _line(one: Tty, line: str) -> None:
    one.type(f":{line}")
    await one.until(lambda: f": {line}" in one.screen.text and "⏎ run" in one.screen.lines[-1], f"the line {line}")


async def _panes(one: Tty) -> None:
    """Every pane; of one kind of each sort every view of the details beside it, too."""
    for kind in kinds().values():
        await _go(one, f"{kind.id} all" if kind.namespaced else kind.id, f"› {kind.title}  ", seen(kind.id))
        for _ in kind.views if kind.id in TURNED else ():
            one.type("v")
            await one.rest()
        one.type("jj" if kind.id != "local/forwards" else "")
        await one.rest()


async def _views(one: Tty) -> None:
    """The views over the whole screen, of Docker and Kubernetes."""
    for place, keys in (("docker/containers", "ldyE"), ("kubernetes/pods all", "lpdyE"), ("kubernetes/configmaps all", "y")):
        title = f"› {kinds()[place.split()[0]].title}  "
        await _go(one, place, title, seen(place.split()[0]))
        one.type("j")
        await one.rest()
        for key in keys:
            await _view(one, key, title)


async def _view(one: Tty, key: str, title: str) -> None:
    one.type(key)
    await one.until(lambda: "esc back" in one.screen.lines[-1] and title not in one.screen.text, f"the view {key}")
    if said := {"l": "Zline-1", "p": "Zline-1", "E": "Zaction" if "Containers" in title else "Zmessage"}.get(key):
        await one.shows(said)
    await one.rest()
    one.type("\x1b")
    await one.until(lambda: "esc back" not in one.screen.lines[-1] and title in one.screen.text, f"{title} again")


async def _dialogs(one: Tty) -> None:
    """Every kind of dialog, left without an answer; then many marked rows."""
    for place, keys in (
        ("docker/containers", ("x", "\x04")),
        ("swarm/services", ("s",)),
        ("kubernetes/deployments all", ("r", "u", "F", "\x04")),
    ):
        await _go(one, place, seen(place.split()[0]))
        one.type("g")
        await one.rest()
        for key in keys:
            one.type(key)
            await one.shows("Cancel")
            await one.rest()
            one.type("\x1b")
            await one.until(lambda: "Cancel" not in one.screen.text, "the dialog to go")
    one.type(" j j \x04")
    await one.shows("Cancel")
    one.type("\x1b")
    await one.until(lambda: "Cancel" not in one.screen.text)


async def _lines(one: Tty) -> None:
    """The filter, the command line with its completions, help, a switch to what is not there, copying."""
    await _go(one, "kubernetes/pods all", seen("kubernetes/pods"))
    one.type("/Zpods")
    await one.shows("/ Zpods")
    one.type("\r")
    await one.until(lambda: "⏎ run" not in one.screen.lines[-1], "the line to be read")
    await one.shows("/Zpods")
    one.type("\x1b")
    await one.until(lambda: "/Zpods" not in one.screen.text, "all rows")
    for line in ("ns Z", "ctx Z", "host Z"):
        await _line(one, line)
        await one.rest()
        one.type("\x1b")
        await one.until(lambda: "⏎ run" not in one.screen.lines[-1], "the line to go")
    one.type("?")
    await one.shows("Next pane")
    one.type("\x1b")
    await one.until(lambda: "Next pane" not in one.screen.text, "the pane again")
    one.type("c")
    await one.until(lambda: one.screen.clipboard, "the clipboard")
    await one.rest()


async def _clicks(one: Tty) -> None:
    """Click on what looks like markup, wherever it stands: nothing happens but that the row is chosen."""
    await _go(one, "docker/containers", seen("docker/containers"))
    await one.rest()
    marks = [(line.find("quit"), y) for y, line in enumerate(one.screen.lines) if y > 4 and "quit" in line]
    for x, y in marks[:4]:
        one.click(x, y)
        await one.rest()
        await one.shows("› Containers  ")


async def _walk(folder: Path, hostile: bool) -> tuple[Tty, HostileWorld]:
    async with hostile_world(folder, hostile) as world, tty(world.environ) as one:
        await one.shows("Zhost-0", seen("docker/containers"))
        for step in (_panes, _views, _dialogs, _lines, _clicks):
            await step(one)
        await _line(one, "q")
        one.type("\r")
        assert await one.ended() == 0
        assert one.restored
        written = [said for said in world.cluster.requests if said.method not in {"GET", "POST"}]
        assert not written
        assert {said.method for said in world.docker.record.asked} <= {"GET", "HEAD"}
        return one, world


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tty, Tty]:
    """Walk through both worlds at once."""
    folder = tmp_path_factory.mktemp("h")

    async def both() -> tuple[Tty, Tty]:
        (harmful, _), (harmless, _) = await asyncio.gather(_walk(folder / "h", True), _walk(folder / "p", False))
        return harmful, harmless

    return asyncio.run(both())


def test_nothing_reaches_the_terminal_but_what_a_harmless_world_sends(walks: tuple[Tty, Tty]) -> None:
    harmful, harmless = walks
    assert not harmful.screen.faults
    assert not harmless.screen.faults
    assert harmful.screen.shapes == harmless.screen.shapes


def test_no_payload_stands_behind_an_escape(walks: tuple[Tty, Tty]) -> None:
    told = bytes(walks[0].output).decode("utf-8")
    for harm in ("]52;c;aGFybQ", "]0;harm", "]8;", "[2J", "[6n", "Pharm", "_harm", "^harm", "c\x1b", "[21t"):
        assert "\x1b" + harm not in told, harm
    assert "\x9b" not in told
    assert not unfit(told.replace("\x1b", "").replace("\x07", "").replace("\r", "").replace("\n", ""))


def test_the_clipboard_gets_only_what_was_copied_and_that_made_safe(walks: tuple[Tty, Tty]) -> None:
    for one in walks:
        (copied,) = {base64.b64decode(said).decode() for said in one.screen.clipboard}
        assert copied == safe(copied, lines=True)
        assert copied.startswith("Zpods-name-")


@pytest.mark.parametrize("word", SHOWN)
def test_what_is_there_is_shown(walks: tuple[Tty, Tty], word: str) -> None:
    assert any(f"{word}{sign}" in line for line in walks[0].seen for sign in SIGNS)
    assert any(f"{word} plain" in line for line in walks[1].seen)


def test_the_words_of_a_refusal_are_shown_without_what_steers(walks: tuple[Tty, Tty]) -> None:
    assert any("Zrefusal ]52;c;aGFybQ==" in line for line in walks[0].seen)


@pytest.mark.parametrize("which", range(COUNT))
def test_every_payload_is_shown(walks: tuple[Tty, Tty], which: int) -> None:
    names = [f"Z{word}-name-{which}" for word in ("container", "volume", "network", "pods", "deployments", "nodes", "services")]
    start = safe(PAYLOADS[which])[:1] if which != 11 else "e"
    assert any(f"{name}{start}" in line for line in walks[0].seen for name in names)
