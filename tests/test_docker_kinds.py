"""Docker's cells: written as the docker command writes them, and true while nobody reads the list anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui.kinds.docker.common import environment, familiar, quoted, shorten, span, split_tag, status
from tui.kinds.docker.containers import Container, image_text
from tui.kinds.docker.ports import Port, ports_text
from tui.kinds.swarm.ports import Published
from tui.kinds.swarm.ports import ports_text as published_text
from tui.values import docker_duration, text_of

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        ([], ""),
        ([Port("", 80)], "80/tcp"),
        ([Port("", 80), Port("", 81), Port("", 82), Port("", 90)], "80-82/tcp, 90/tcp"),
        ([Port("0.0.0.0", 80, 8080), Port("::", 80, 8080)], "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp"),
        ([Port("0.0.0.0", 80, 80), Port("0.0.0.0", 81, 81), Port("", 443)], "0.0.0.0:80-81->80-81/tcp, 443/tcp"),
        ([Port("::", 80, 80), Port("::", 81, 81)], "[::]:80-81->80-81/tcp"),
        ([Port("", 53, 0, "udp"), Port("", 53, 0, "tcp")], "53/tcp, 53/udp"),
        ([Port("1.2.3.4", 81, 8000), Port("", 80)], "80/tcp, 1.2.3.4:8000->81/tcp"),
    ],
)
def test_ports(ports, text):
    assert ports_text(ports) == text


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        ([], ""),
        ([Published("tcp", 80, 8088)], "*:8088->80/tcp"),
        ([Published("tcp", 80, 8088), Published("tcp", 81, 8089)], "*:8088-8089->80-81/tcp"),
        ([Published("tcp", 80, 8088), Published("tcp", 80, 8089)], "*:8088-8089->80/tcp"),
        ([Published("tcp", 80, 8088), Published("udp", 80, 8088)], "*:8088->80/tcp, *:8088->80/udp"),
        ([Published("tcp", 80, 8088, "host")], ""),
        ([Published("tcp", 81, 8088), Published("tcp", 80, 8089)], "*:8088->81/tcp, *:8089->80/tcp"),
    ],
)
def test_published_ports(ports, text):
    assert published_text(ports) == text


SECONDS = [0, 1, 2, 59, 60, 119, 120, 3599, 3600, 5399, 5400, 86400, 172799, 172800, 1209600, 2592000, 5184000, 63072000, 94608000]


@pytest.mark.parametrize("seconds", SECONDS)
def test_words_are_turned_back_into_the_times_they_stand_for(seconds):
    found = span(docker_duration(seconds))
    assert found is not None
    assert found[0] <= seconds < found[1]


def shown(text: str, later: float = 0.0) -> str:
    return text_of(status(text, NOW).value(), NOW + timedelta(seconds=later))


@pytest.mark.parametrize(
    "text",
    [
        "Up 3 seconds", "Up Less than a second", "Up About an hour (healthy)", "Up 2 hours (Paused)", "Exited (137) 3 days ago",
        "Up 3 weeks (health: starting)", "Restarting (1) 28 seconds ago", "Created", "Dead", "Removal In Progress", "", "Exited (0)",
        "Up 5 fortnights",
    ],
)  # fmt: skip
def test_a_status_is_shown_as_it_came(text):
    assert shown(text) == text


def test_a_status_goes_on_by_itself():
    assert shown("Up 3 seconds (healthy)", 4) == "Up 7 seconds (healthy)"
    assert shown("Exited (1) 59 seconds ago", 1) == "Exited (1) About a minute ago"
    assert shown("Created", 99) == "Created"


def test_reading_it_anew_moves_the_time_only_as_far_as_it_must():
    first = status("Up 2 minutes", NOW)
    assert status("Up 2 minutes", NOW + timedelta(seconds=30), first) == first
    ahead = status("Up 3 minutes", NOW + timedelta(seconds=30), first)  # it was older than we thought
    assert text_of(ahead.value(), NOW + timedelta(seconds=30)) == "Up 3 minutes"
    again = status("Up 1 second", NOW + timedelta(seconds=60), ahead)  # restarted
    assert text_of(again.value(), NOW + timedelta(seconds=60)) == "Up 1 second"


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("busybox:1", "busybox:1"),
        ("docker.io/library/busybox:1", "busybox:1"),
        ("docker.io/team/app", "team/app"),
        ("127.0.0.1:5000/demo/web:1.0@sha256:abc", "127.0.0.1:5000/demo/web:1.0"),
        ("demo@sha256:abc", "demo"),
    ],
)
def test_references(reference, text):
    assert familiar(reference) == text


def test_a_port_is_no_tag():
    assert split_tag("127.0.0.1:5000/demo/web") == ("127.0.0.1:5000/demo/web", "")
    assert split_tag("127.0.0.1:5000/demo/web:1.0") == ("127.0.0.1:5000/demo/web", "1.0")


def test_commands_are_cut_and_quoted():
    assert quoted(shorten("sh -c 'echo \"no license\"'", 20)) == '"sh -c \'echo \\"no lic…"'
    assert shorten("x" * 20, 20) == "x" * 20


def test_what_looks_like_a_secret_is_masked():
    facts = {fact.label: fact.value for fact in environment(["DB_PASSWORD=x", "API_TOKEN=y", "PATH=/bin", "EMPTY_SECRET="])}
    assert facts["PATH"] == "/bin"
    assert "x" not in str(facts["DB_PASSWORD"])
    assert "y" not in str(facts["API_TOKEN"])
    assert facts["EMPTY_SECRET"] == ""


def test_the_image_of_a_digest_that_is_the_image_id_is_still_its_name():
    """The containerd store gives the manifest's digest as the image's id; the docker command prints the name."""
    digest = "sha256:" + "ab" * 32
    one = Container(id="c", image=f"127.0.0.1:5000/demo/web:1.0@{digest}", image_id=digest)
    assert image_text(one) == "127.0.0.1:5000/demo/web:1.0"
    assert image_text(Container(id="c", image=digest, image_id=digest)) == "ab" * 6
