"""What is secret in a full object is covered until a person asks for it."""

from __future__ import annotations

from tui.views.describe import describe
from tui.views.mask import COVER, LAST_APPLIED, decoded, masked
from tui.views.yaml import dump

SECRET = {
    "kind": "Secret",
    "metadata": {"name": "db", "annotations": {LAST_APPLIED: '{"data": {"password": "aHVudGVyMg=="}}', "other": "kept"}},
    "data": {"password": "aHVudGVyMg==", "blob": "/w=="},
    "stringData": {"token": "hunter2"},
}


def test_no_value_of_a_secret_is_shown_by_itself():
    text = dump(masked(SECRET)) + describe(masked(SECRET), None, None)
    assert "aHVudGVyMg" not in text
    assert "hunter2" not in text
    assert "/w==" not in text
    assert "kept" in text
    assert "password" in text


def test_a_secret_is_decoded_when_a_person_asks():
    assert decoded(SECRET)["data"] == {"password": "hunter2", "blob": "/w=="}


def test_environment_variables_are_covered_by_their_names():
    inspect = {"Config": {"Env": ["DB_PASSWORD=hunter2", "PATH=/bin", "API_KEY=k"], "Cmd": ["sh", "-c", "PASSWORD=x; echo a=b"]}}
    pod = {"kind": "Pod", "spec": {"containers": [{"env": [{"name": "TOKEN", "value": "t"}, {"name": "LEVEL", "value": "info"}]}]}}
    assert masked(inspect)["Config"]["Env"] == [f"DB_PASSWORD={COVER}", "PATH=/bin", f"API_KEY={COVER}"]
    assert masked(pod)["spec"]["containers"][0]["env"] == [{"name": "TOKEN", "value": COVER}, {"name": "LEVEL", "value": "info"}]


def test_what_is_not_secret_is_as_it_was():
    plain = {"kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"settings.yaml": "a: 1\nb: 2\n", "x": "y=z"}, "n": [1, None, True]}
    assert masked(plain) == plain
