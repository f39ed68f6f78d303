"""The command line: k9s's grammar, and words that two engines share."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.command import BadCommand, Go, Help, Quit, Switch, Theme, candidates, complete, parse
from tui.kinds import kinds


def go(text: str, family: str = "kubernetes") -> tuple[str, str | None, str, str | None]:
    asked = parse(text, kinds(), family)
    assert isinstance(asked, Go)
    return asked.kind.id, asked.namespace, asked.filter, asked.context


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pods", ("kubernetes/pods", None, "", None)),
        (":po", ("kubernetes/pods", None, "", None)),
        ("pod kube-system", ("kubernetes/pods", "kube-system", "", None)),
        ("po all", ("kubernetes/pods", "", "", None)),
        ("po /web !old", ("kubernetes/pods", None, "web !old", None)),
        ("po shop /web @prod", ("kubernetes/pods", "shop", "web", "prod")),
        ("po @prod", ("kubernetes/pods", None, "", "prod")),
        ("po app=x,env=y", ("kubernetes/pods", None, "-l app=x,env=y", None)),
        ("po 'env in (a,b)'", ("kubernetes/pods", None, "-l env in (a,b)", None)),
        ("po -f wbapi", ("kubernetes/pods", None, "-f wbapi", None)),
        ("deploy", ("kubernetes/deployments", None, "", None)),
        ("docker/networks", ("docker/networks", None, "", None)),
        ("pf", ("local/forwards", None, "", None)),
        ("ctx", ("local/contexts", None, "", None)),
    ],
)
def test_where_a_line_leads(text, meant):
    assert go(text) == meant


@pytest.mark.parametrize(
    ("word", "family", "kind"),
    [
        ("services", "kubernetes", "kubernetes/services"), ("services", "swarm", "swarm/services"),
        ("svc", "docker", "kubernetes/services"),
        ("nodes", "swarm", "swarm/nodes"), ("nodes", "kubernetes", "kubernetes/nodes"), ("containers", "docker", "docker/containers"),
        ("images", "kubernetes", "docker/images"), ("swarm/nodes", "kubernetes", "swarm/nodes"), ("tasks", "kubernetes", "swarm/tasks"),
    ],
)  # fmt: skip
def test_a_word_means_the_engine_at_hand_then_kubernetes(word, family, kind):
    assert go(word, family)[0] == kind


def test_themes():
    assert parse("theme", kinds(), "") == Theme()
    assert parse("theme light", kinds(), "") == Theme("light")
    with pytest.raises(BadCommand, match="one name"):
        parse("theme high contrast", kinds(), "")
    assert "theme" in candidates("th", kinds(), "docker")
    assert complete("theme l", kinds(), "", (), ("dark", "light")) == ["theme light"]


def test_switches_quit_and_help():
    assert parse("ctx prod", kinds(), "") == Switch("kubernetes", "prod")
    assert parse("host build", kinds(), "") == Switch("docker", "build")
    assert parse("ns shop", kinds(), "") == Switch("namespace", "shop")
    assert parse("q", kinds(), "") == Quit()
    assert parse("help", kinds(), "") == Help()


@pytest.mark.parametrize("text", ["", "nonsense", "images shop", "po a b", "'"])
def test_what_is_no_command_is_said(text):
    with pytest.raises(BadCommand) as said:
        parse(text, kinds(), "kubernetes")
    assert str(said.value)


def test_completion_prefers_what_is_near():
    assert candidates("po", kinds(), "kubernetes")[0] == "pods"
    assert candidates("serv", kinds(), "swarm")[0] == "services"
    assert "swarm/services" in candidates("serv", kinds(), "kubernetes")
    assert complete("po sh", kinds(), "kubernetes", ["shop", "other"], []) == ["po shop"]
    assert complete("po @pr", kinds(), "kubernetes", [], ["prod", "dev"]) == ["po @prod"]
    assert complete("ctx d", kinds(), "kubernetes", [], ["prod", "dev"]) == ["ctx dev"]


@given(st.text(max_size=40))
def test_no_line_makes_it_crash(text):
    with contextlib.suppress(BadCommand):
        parse(text, kinds(), "docker")
    complete(text, kinds(), "docker", ["a"], ["b"])
