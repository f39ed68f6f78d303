"""Every verb of Docker and Swarm, pressed in the running app on a real engine, its effect read back with the plain API."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import docker
import pytest

from tests.cockpit import Cockpit, cockpit, config
from tests.waiting import until
from tui.screens.single import SingleScreen
from widgets.logpane import LogPane

pytestmark = pytest.mark.real


@pytest.fixture
def plain(docker_world) -> Iterator[docker.APIClient]:
    """Give docker's own client for the same engine."""
    client = docker.APIClient(base_url=docker_world["DOCKER_HOST"], version="auto")
    yield client
    client.close()


LOOP = "trap 'exit 0' TERM; echo {word}; while :; do sleep 1 & wait $!; done"


@pytest.fixture
def box(plain) -> Iterator[str]:
    """Give a container of our own that runs, and remove it after."""
    name = "verbs-box"
    made = plain.create_container("busybox:1", ["sh", "-c", LOOP.format(word="hello from the box")], name=name)
    plain.start(made["Id"])
    yield name
    with contextlib.suppress(docker.errors.NotFound):
        plain.remove_container(name, force=True)


@pytest.fixture
def service(plain) -> Iterator[str]:
    """Give a service of our own with two revisions, and remove it after."""
    name = "verbs-service"
    update = docker.types.UpdateConfig(parallelism=0, monitor=100_000_000)
    shape = {"name": name, "mode": docker.types.ServiceMode("replicated", 1), "update_config": update, "rollback_config": update}

    def template(word: str) -> docker.types.TaskTemplate:
        spec = docker.types.ContainerSpec("busybox:1", command=["sh", "-c", LOOP.format(word=word)], env=[f"WORD={word}"])
        return docker.types.TaskTemplate(spec, restart_policy=docker.types.RestartPolicy())

    made = plain.create_service(template("one"), **shape)
    plain.update_service(made["ID"], plain.inspect_service(made["ID"])["Version"]["Index"], template("two"), **shape)
    yield name
    plain.remove_service(name)


def here(tmp_path, docker_world, **options):
    return cockpit(config(tmp_path, docker=docker_world["DOCKER_HOST"], **options))


def audit(one: Cockpit) -> list[tuple[str, str, str]]:
    lines = [json.loads(line) for line in one.app.config.audit_file.read_text().splitlines()]
    return [(line["verb"], line["name"], line["outcome"]) for line in lines]


async def test_stop_and_start_and_restart_a_container(tmp_path, docker_world, plain, box):
    async with here(tmp_path, docker_world) as one:
        await one.go("containers")
        await one.select(box)
        await one.press("x")
        await one.yes()
        await until(lambda: plain.inspect_container(box)["State"]["Status"] == "exited")
        await one.cell_is(box, "Status", lambda text: text.startswith("Exited"))
        await one.press("X")
        await until(lambda: plain.inspect_container(box)["State"]["Running"])
        started = plain.inspect_container(box)["State"]["StartedAt"]
        await one.press("r")
        await one.yes()
        await until(lambda: plain.inspect_container(box)["State"]["StartedAt"] != started)
        await until(lambda: ("restart", box, "ok") in audit(one))
        assert [line for line in audit(one) if line[2] == "ok"] == [("stop", box, "ok"), ("start", box, "ok"), ("restart", box, "ok")]


async def test_remove_a_running_container_by_force(tmp_path, docker_world, plain, box):
    async with here(tmp_path, docker_world) as one:
        await one.go("containers")
        await one.select(box)
        await one.press("ctrl+d")
        await one.yes()
        await one.told("running")  # the daemon refuses, and says why
        assert plain.inspect_container(box)["State"]["Running"]
        await one.press("ctrl+d")
        dialog = await one.dialog()
        dialog.query_one("Toggle").focus()
        await one.press("space")
        await one.yes()
        await until(lambda: box not in one.names)
        with pytest.raises(docker.errors.NotFound):
            plain.inspect_container(box)


async def test_the_object_that_was_looked_at_is_the_only_one_removed(tmp_path, docker_world, plain, box):
    """A namesake that was made while the dialog stood open stays."""
    async with here(tmp_path, docker_world) as one:
        await one.go("containers")
        await one.select(box)
        await one.press("ctrl+d")
        await one.dialog()
        plain.remove_container(box, force=True)
        plain.create_container("busybox:1", ["sleep", "1"], name=box)
        await one.yes()
        await one.told(box)
        assert plain.inspect_container(box)["State"]["Status"] == "created"


async def test_remove_volume_network_and_image(tmp_path, docker_world, plain):
    plain.create_volume("verbs-volume")
    plain.create_network("verbs-network")
    plain.tag("busybox:1", "verbs-image", "1")
    async with here(tmp_path, docker_world) as one:
        await one.go("volumes")
        await one.select("verbs-volume")
        await one.press("ctrl+d")
        dialog = await one.dialog()
        await one.press("right", "enter")
        assert one.app.screen is dialog  # the name was not typed out, so nothing goes
        dialog.query_one("#typed").value = "verbs-volume"
        await one.yes()
        await until(lambda: "verbs-volume" not in one.names)
        await one.go("networks")
        await one.select("verbs-network")
        await one.press("ctrl+d")
        await one.yes()
        await until(lambda: "verbs-network" not in one.names)
        await one.go("images")
        await one.go("images /verbs-image")
        await until(lambda: len(one.names) == 1)
        await one.press("home", "ctrl+d")
        await one.yes()
        await until(lambda: not one.names)
    assert not plain.volumes(filters={"name": "verbs-volume"})["Volumes"]
    assert not plain.networks(names=["verbs-network"])
    assert not plain.images("verbs-image")
    assert plain.images("busybox")


async def test_logs_of_a_container(tmp_path, docker_world, box):
    async with here(tmp_path, docker_world) as one:
        await one.go("containers")
        await one.select(box)
        await one.press("l")
        await until(lambda: isinstance(one.app.screen, SingleScreen))
        pane = one.app.screen.query_one(LogPane)
        await until(lambda: "hello from the box" in pane.text())
        await one.press("escape")
        assert one.app.screen is one.browse


async def test_scale_a_service(tmp_path, docker_world, plain, service):
    async with here(tmp_path, docker_world) as one:
        await one.go("swarm/services")
        await one.select(service)
        await one.press("s")
        await one.fill("3")
        await until(lambda: plain.inspect_service(service)["Spec"]["Mode"]["Replicated"]["Replicas"] == 3)
        await one.cell_is(service, "Replicas", "3/3")


async def test_roll_a_service_back_and_restart_it(tmp_path, docker_world, plain, service):
    def spec():
        return plain.inspect_service(service)["Spec"]["TaskTemplate"]

    async with here(tmp_path, docker_world) as one:
        await one.go("swarm/services")
        await one.select(service)
        assert spec()["ContainerSpec"]["Env"] == ["WORD=two"]
        await one.press("u")
        await one.yes()
        await until(lambda: spec()["ContainerSpec"]["Env"] == ["WORD=one"])
        forced = spec().get("ForceUpdate", 0)
        await one.press("r")
        await one.yes()
        await until(lambda: spec().get("ForceUpdate", 0) == forced + 1)


async def test_pause_drain_and_activate_a_node(tmp_path, docker_world, plain, service):
    """On the node that the service's one task runs on: it is told off, emptied and taken back."""

    def run_well() -> list[dict]:
        tasks = plain.tasks(filters={"service": service, "desired-state": "running"})
        return [one for one in tasks if one["Status"]["State"] == "running" and "WORD=two" in str(one["Spec"])]

    await until(run_well, what="the task of the second revision")
    task = run_well()[0]
    identity = task["NodeID"]
    name = plain.inspect_node(identity)["Description"]["Hostname"]

    def availability() -> str:
        return str(plain.inspect_node(identity)["Spec"]["Availability"])

    try:
        async with here(tmp_path, docker_world) as one:
            await one.go("swarm/nodes")
            await one.select(name)
            for key, wanted in (("x", "pause"), ("X", "active"), ("r", "drain"), ("X", "active")):
                await one.press(key)
                await one.yes()
                await until(lambda wanted=wanted: availability() == wanted, what=wanted)
                await one.cell_is(name, "AVAILABILITY", wanted.capitalize())
                if wanted == "drain":
                    await one.told(f"drained {name}")
                    assert plain.inspect_task(task["ID"])["DesiredState"] == "shutdown"
    finally:
        node = plain.inspect_node(identity)
        plain.update_node(identity, node["Version"]["Index"], {**node["Spec"], "Availability": "active"})


async def test_remove_a_service(tmp_path, docker_world, plain):
    spec = docker.types.TaskTemplate(docker.types.ContainerSpec("busybox:1", command=["sleep", "1000"]))
    plain.create_service(spec, name="verbs-gone", mode=docker.types.ServiceMode("replicated", 0))
    async with here(tmp_path, docker_world) as one:
        await one.go("swarm/services")
        await one.select("verbs-gone")
        await one.press("ctrl+d")
        await one.yes()
        await until(lambda: "verbs-gone" not in one.names)
    assert not plain.services(filters={"name": "verbs-gone"})


async def test_read_only_refuses_below_the_screen(tmp_path, docker_world, plain, box):
    """The keys are off, and the engine itself refuses when it is asked all the same."""
    async with here(tmp_path, docker_world, read_only=True) as one:
        await one.go("containers")
        await one.select(box)
        await one.press("x")
        await one.told("read-only")
        target = one.browse.target_at(one.browse.table.cursor_key)
        with pytest.raises(Exception, match="read-only"):
            await one.app.engine(target.ref).stop(target.ref)
        assert plain.inspect_container(box)["State"]["Running"]
        assert audit(one) == [("stop", box, "refused")]


async def test_drilling_and_the_way_back(tmp_path, docker_world, service):
    async with here(tmp_path, docker_world) as one:
        await one.go("swarm/services")
        await one.select(service)
        await one.press("enter")
        await until(lambda: one.names and all(name.startswith(service) for name in one.names))
        assert one.browse.place.kind.id == "swarm/tasks"
        await one.press("escape")
        await until(lambda: service in one.names)
        assert one.browse.place.kind.id == "swarm/services"
