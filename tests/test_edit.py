"""Edit: what a person changes in the YAML is sent field by field, and only if each field still is what was read."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cockpit import Cockpit, cockpit, config
from tests.terminal import tty
from tests.world import flying, still
from tests.world import world as shop_world
from tui.demo.kubernetes.objects import Json, name_of
from tui.demo.kubernetes.resources import DEPLOYMENTS
from tui.demo.kubernetes.server import KubernetesWorld
from tui.editor import NoEditor, command
from tui.engines.kubernetes.edits import changes, parse, patch
from tui.views.yaml import dump

OBJECT = {
    "apiVersion": "v1",
    "kind": "X",
    "metadata": {"name": "x", "uid": "u", "labels": {"a/b": "1"}},
    "spec": {"list": [{"n": 1}, {"n": 2}]},
}
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def applied(body: Any, steps: list[dict[str, Any]]) -> Any:
    """Apply a JSON Patch as RFC 6902 says."""
    whole = json.loads(json.dumps(body))
    for step in steps:
        keys = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        at = whole
        for key in keys[:-1]:
            at = at[int(key) if isinstance(at, list) else key]
        last: Any = int(keys[-1]) if isinstance(at, list) else keys[-1]
        match step["op"]:
            case "test":
                assert at[last] == step["value"]
            case "remove":
                del at[last]
            case "replace":
                at[last] = step["value"]
            case "add":
                assert isinstance(at, dict)
                at[last] = step["value"]
    return whole


@given(trees, trees)
def test_the_changes_make_one_object_of_the_other(one: Any, other: Any) -> None:
    before, after = {**OBJECT, "spec": one}, {**OBJECT, "spec": other}
    steps = json.loads(patch("u", changes(before, after)))
    assert applied(before, steps) == after


@given(trees)
def test_what_is_dumped_is_read_again_as_it_was(tree: Any) -> None:
    body = {**OBJECT, "spec": tree, "at": "2026-01-01T00:00:00Z", "yes": "yes", "number": "0123"}
    try:
        text = dump(body)
    except UnicodeEncodeError:  # a lone surrogate: no file can hold it
        return
    assert changes(body, parse(text)) == []


def test_a_place_in_a_list_is_replaced_and_not_put_before_what_stands_there() -> None:
    after = {**OBJECT, "spec": {"list": [{"n": 1}, {"n": "two"}]}}
    steps = json.loads(patch("u", changes(OBJECT, after)))
    assert steps == [
        {"op": "test", "path": "/metadata/uid", "value": "u"},
        {"op": "test", "path": "/spec/list/1/n", "value": 2},
        {"op": "replace", "path": "/spec/list/1/n", "value": "two"},
    ]


def test_keys_with_slashes_and_tildes_are_escaped() -> None:
    after = {**OBJECT, "metadata": {**OBJECT["metadata"], "labels": {"a/b": "2", "~c": "3"}}}
    paths = [step["path"] for step in json.loads(patch("u", changes(OBJECT, after)))]
    assert paths == ["/metadata/uid", "/metadata/labels/a~1b", "/metadata/labels/a~1b", "/metadata/labels/~0c"]


@pytest.mark.parametrize("field", ["name", "namespace", "uid"])
def test_who_an_object_is_cannot_be_edited(field: str) -> None:
    with pytest.raises(ValueError, match=f"metadata.{field} cannot be changed"):
        changes(OBJECT, {**OBJECT, "metadata": {**OBJECT["metadata"], field: "other"}})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "line 2"),
        ("- a", "not an object"),
        ("", "not an object"),
        ("a: " + "[" * 5000, "too deeply"),
        ("a: !!python/name:os 1", "line 1"),
    ],
)
def test_what_is_not_an_object_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_which_editor() -> None:
    assert command({"EDITOR": "cat", "VISUAL": "sh -c 'x y'", "PATH": "/usr/bin:/bin"}) == ["sh", "-c", "x y"]
    assert command({"EDITOR": "  ", "PATH": "/bin", "KUBE_EDITOR": "cat"}) == ["cat"]
    for environ, said in (
        ({"EDITOR": "'"}, "cannot be read"),
        ({"EDITOR": "no-such-editor-here"}, "no-such-editor-here"),
        ({"PATH": "/nowhere"}, "set EDITOR"),
    ):
        with pytest.raises(NoEditor, match=said):
            command(environ)


# ---- in the app -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def world() -> AsyncIterator[KubernetesWorld]:
    async with KubernetesWorld(speed=50) as it:
        yield it


def deployment(world: KubernetesWorld, name: str) -> Json:
    return next(one for one in world.cluster.storage.items(DEPLOYMENTS, "shop") if name_of(one) == name)


async def begin(one: Cockpit, monkeypatch: pytest.MonkeyPatch, name: str, *hands: Callable[[str], str]) -> list[str]:
    """Press `e` on a deployment; each of the hands edits once. Returns the texts that they were given."""
    given: list[str] = []
    left = list(hands)

    async def edited(_app: object, _environ: object, text: str, file: str) -> str:
        assert file == f"{name}.yaml"
        given.append(text)
        return left.pop(0)(text)

    monkeypatch.setattr("tui.editor.edited", edited)
    await one.go("deployments shop")
    await one.select(name)
    await one.press("e")
    return given


def here(tmp_path: Path, world: KubernetesWorld, **options: Any) -> Any:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(world.kubeconfig()))
    return cockpit(config(tmp_path, kubeconfig=kubeconfig, **options))


async def test_an_edit_shows_what_changes_and_sends_that_alone(tmp_path, world, monkeypatch):
    async with here(tmp_path, world) as one:
        await begin(one, monkeypatch, "web", lambda text: text.replace("replicas: 4", "replicas: 2", 1))
        dialog = await one.dialog()
        shown = "\n".join(str(line.render()) for line in dialog.query(".line"))
        assert "- spec.replicas  4" in shown
        assert "+ spec.replicas  2" in shown
        assert deployment(world, "web")["spec"]["replicas"] == 4
        await one.yes()
        await one.told("saved deployment shop/web")
        await one.cell_is("web", "Ready", "2/2")
        lines = [json.loads(line) for line in one.app.config.audit_file.read_text().splitlines()]
        ends = [(line["verb"], line["outcome"]) for line in lines if line["outcome"] != "sent"]
        assert ends == [("edit (dry run)", "ok"), ("edit", "ok")]


async def test_what_the_server_does_not_take_can_be_edited_again(tmp_path, world, monkeypatch):
    async with here(tmp_path, world) as one:
        given = await begin(
            one,
            monkeypatch,
            "web",
            lambda text: text.replace("replicas: 4", "replicas: -1", 1),
            lambda text: text + "\n  : [",
            lambda text: text.replace("\n  : [", "").replace("replicas: -1", "replicas: 3", 1),
        )
        for said in ("must be greater than or equal to 0", "This cannot be sent: line"):
            dialog = await one.dialog()
            assert said in "\n".join(str(line.render()) for line in dialog.query(".line"))
            await one.yes()
        assert "replicas: -1" in given[1]
        await one.yes()
        await one.told("saved deployment shop/web")
        assert deployment(world, "web")["spec"]["replicas"] == 3


async def test_a_field_that_somebody_else_changed_is_not_overwritten(tmp_path, world, monkeypatch):
    async with here(tmp_path, world) as one:
        await begin(one, monkeypatch, "web", lambda text: text.replace("replicas: 4", "replicas: 2", 1))
        await one.dialog()
        other = deployment(world, "web")
        world.cluster.update(DEPLOYMENTS, other, {**other, "spec": {**other["spec"], "replicas": 6}})
        await one.yes()
        await one.told("no longer as it was read")
        assert deployment(world, "web")["spec"]["replicas"] == 6


async def test_nothing_changed_sends_nothing(tmp_path, world, monkeypatch):
    async with here(tmp_path, world) as one:
        for hand in (lambda text: text, lambda text: "# a remark\n" + text):
            await begin(one, monkeypatch, "web", hand)
            await one.told("nothing was changed")
            one.app.clear_notifications()
        assert not one.app.config.audit_file.exists()


async def test_the_terminal_is_lent_and_comes_back(tmp_path):
    """A real editor in a real terminal: it sees a file of the person's own, the program paints nothing meanwhile and all after."""
    script = tmp_path / "editor"
    script.write_text(
        f'#!/bin/sh\nls -l "$1" > {tmp_path}/mode\nprintf "I am the editor"\nread answer < /dev/tty\n'
        'sed -i "s/^  replicas: .*/  replicas: 5/" "$1"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    home = tmp_path / "home"
    home.mkdir()
    async with tty({"HOME": str(home), "EDITOR": str(script)}, "-m", "tui", "demo", "deployments") as one:
        await one.shows("recommender-canary")
        one.type("/mailer\r")
        await one.shows("1 of 11")
        one.type("e")
        await one.until(lambda: b"I am the editor" in one.output, "the editor")
        one.type("\n")
        await one.shows("Save deployment mailer", "+ spec.replicas  5")
        row = next(y for y, line in enumerate(one.screen.lines) if " Save  " in line and "Cancel" in line)
        one.click(one.screen.lines[row].index(" Save  ") + 2, row)
        await one.shows("5/5")
        assert (tmp_path / "mode").read_text().startswith("-rw-------")
        one.type(":q\r")
        assert await one.ended() == 0
        assert one.restored


@pytest.mark.parametrize(("wide", "high"), [(160, 45), (100, 30), (80, 24)])
async def test_look(look, monkeypatch, wide, high):
    """See each field that changes, before in red and after in green, where it is sent, and Cancel in front."""

    async def edited(_app: object, _environ: object, text: str, _file: str) -> str:
        return text.replace("replicas: 3", "replicas: 5").replace("image: shop/checkout", "image: registry.example.com/shop/checkout", 1)

    monkeypatch.setattr("tui.editor.edited", edited)
    async with shop_world() as shop, flying(shop.config(), (wide, high), line="deployments") as one:
        await one.select("checkout")
        await one.press("e")
        await one.dialog()
        await still(one)
        look(one.app)
