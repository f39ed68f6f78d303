"""The rollback dialog: what goes back is told field by field, by names a person knows."""

from __future__ import annotations

from tui.actions.rollback import difference, leaves
from tui.facts import Revision

ENV = [{"name": "DB_URL", "value": "x"}, {"name": "KEEP", "value": "1"}]
OLD = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {
        "containers": [
            {
                "name": "api",
                "image": "shop/api:2",
                "env": [{"name": "DB_URL", "value": "x"}, {"name": "KEEP", "value": "1"}],
                "args": ["-v"],
            },
            {"name": "proxy", "image": "envoy:1"},
        ]
    },
}


def revision(number, template, current=False):
    return Revision(number, None, (), template, current)


def test_paths_go_by_name_and_leave_out_empty_levels():
    found = leaves(OLD)
    assert found == {
        "metadata.labels.app": "web",
        "api.args": "-v",
        "api.env.DB_URL": "x",
        "api.env.KEEP": "1",
        "api.image": "shop/api:2",
        "proxy.image": "envoy:1",
    }


def test_only_what_differs_is_shown():
    new = {
        "metadata": OLD["metadata"],
        "spec": {"containers": [{"name": "api", "image": "shop/api:1"}, {"name": "proxy", "image": "envoy:1"}]},
    }
    text = difference(revision(2, OLD, True), revision(1, new)).plain
    assert "- api.image" in text
    assert "+ api.image" in text
    assert "shop/api:1" in text
    assert "- api.env.DB_URL" in text
    assert "proxy" not in text
    assert "stay as they are" in text


def test_equal_templates_and_the_current_revision_say_so():
    now = revision(2, OLD, True)
    assert "equal" in difference(now, revision(1, OLD)).plain
    assert "Choose" in difference(now, now).plain


def test_swarm_env_and_digests_are_readable():
    found = leaves({"TaskTemplate": {"ContainerSpec": {"Env": ["A=1", "B=x=y"], "Image": "r/w:1@sha256:" + "ab" * 32}}})
    assert found == {"Env.A": "1", "Env.B": "x=y", "Image": "r/w:1@sha256:abababababab…"}


def test_a_difference_without_end_is_told_in_short() -> None:
    new = {f"field-{number:04}": "long " * 1000 for number in range(5000)}
    lines = difference(revision(2, {}, True), revision(1, new)).plain.split("\n")
    assert len(lines) < 200
    assert max(len(line) for line in lines) < 300
    assert any("and 4940 more fields" in line for line in lines)
