"""Finding the Docker host: the same one as the docker command would use, and never an exception."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tui.engines.docker.forward import command
from tui.engines.docker.hosts import DEFAULT_SOCKET, load


def context(folder: Path, name: str, host: str, *, skip: bool = False, certs: tuple[str, ...] = ()) -> None:
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    endpoint = {"docker": {"Host": host, "SkipTLSVerify": skip}}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {"Description": f"the {name} one"}, "Endpoints": endpoint}))
    tls = folder / "contexts" / "tls" / digest / "docker"
    for cert in certs:
        tls.mkdir(parents=True, exist_ok=True)
        (tls / cert).write_text("x")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / ".docker"
    context(folder, "prod", "tcp://prod.example.com:2376", certs=("ca.pem", "cert.pem", "key.pem"))
    context(folder, "far", "ssh://me@far.example.com:2222")
    (folder / "config.json").write_text('{"currentContext": "prod"}')
    return tmp_path


@pytest.mark.parametrize(
    ("environ", "host", "named", "name", "url"),
    [
        ({}, None, None, "prod", "tcp://prod.example.com:2376"),
        ({"DOCKER_CONTEXT": "far"}, None, None, "far", "ssh://me@far.example.com:2222"),
        ({"DOCKER_CONTEXT": "far", "DOCKER_HOST": "unix:///x.sock"}, None, None, "default", "unix:///x.sock"),
        ({"DOCKER_HOST": "unix:///x.sock"}, None, "far", "far", "ssh://me@far.example.com:2222"),
        ({"DOCKER_HOST": "unix:///x.sock"}, "tcp://h:1", "far", "default", "tcp://h:1"),
        ({}, None, "default", "default", DEFAULT_SOCKET),
        ({"DOCKER_HOST": "127.0.0.1"}, None, None, "default", "tcp://127.0.0.1:2375"),
        ({"DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1"}, None, None, "default", "tcp://h:2376"),
    ],
)
def test_the_order_is_that_of_the_docker_command(home, environ, host, named, name, url):
    chosen = load(environ, home, host, named).chosen
    assert (chosen.name, chosen.url, chosen.broken) == (name, url, "")


def test_every_context_is_listed_and_one_is_current(home):
    hosts = load({}, home)
    assert [entry.name for entry in hosts.entries] == ["default", "far", "prod"]
    assert [entry.name for entry in hosts.entries if entry.current] == ["prod"]
    assert hosts.chosen.description == "the prod one"


def test_tls_material_makes_tcp_secure_and_its_absence_is_said(home):
    hosts = load({"DOCKER_HOST": "tcp://h:2375"}, home)
    by_name = {entry.name: entry for entry in hosts.entries}
    assert by_name["prod"].secure
    assert by_name["prod"].insecure == ""
    assert "without TLS" in by_name["default"].insecure


def test_docker_config_moves_everything(home, tmp_path):
    other = tmp_path / "other"
    context(other, "lab", "tcp://lab:2375")
    assert [entry.name for entry in load({"DOCKER_CONFIG": str(other)}, home).entries] == ["default", "lab"]


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"currentContext": 7}', "\xff\xfe"])
def test_a_bad_config_file_is_no_exception(tmp_path, text):
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(text, encoding="latin-1")
    assert load({}, tmp_path).chosen.url == DEFAULT_SOCKET


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Name": "x"}', '{"Name": "x", "Endpoints": {"docker": {"Host": 3}}}'])
def test_a_bad_context_is_an_entry_that_says_why(tmp_path, text):
    meta = tmp_path / ".docker" / "contexts" / "meta" / ("a" * 64)
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(text)
    assert load({}, tmp_path).entries[1].broken


@pytest.mark.parametrize("url", ["npipe:////./pipe/x", "tcp://", "unix://relative", "tcp://h:port", "fd://"])
def test_a_bad_url_says_why(tmp_path, url):
    assert load({"DOCKER_HOST": url}, tmp_path).chosen.broken


def test_a_context_that_is_not_there_says_who_named_it(home):
    chosen = load({"DOCKER_CONTEXT": "gone"}, home).chosen
    assert "DOCKER_CONTEXT" in chosen.broken
    assert "gone" in chosen.broken


def test_ssh_keeps_user_and_port_and_never_asks():
    words = command("ssh://me@far:2222/run/user/1/docker.sock", "/tmp/x.sock")
    assert "/tmp/x.sock:/run/user/1/docker.sock" in words
    assert words[words.index("-l") + 1] == "me"
    assert words[words.index("-p") + 1] == "2222"
    assert "BatchMode=yes" in words
    assert words[-2:] == ["--", "far"]
