"""The kubeconfig: merged as kubectl merges, and no file, however odd, keeps the others from loading."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tui.engines.kubernetes.kubeconfig import CAP, IN_CLUSTER, Kubeconfig, load
from tui.facts import Missing, Unreachable

ONE = """
apiVersion: v1
kind: Config
current-context: blue
clusters: [{name: shared, cluster: {server: "https://one:6443/", tls-server-name: real.example}}]
users: [{name: red-user, user: {token: "0123"}}]
contexts: [{name: blue, context: {cluster: shared, user: red-user, namespace: team}}]
"""
TWO = """
current-context: green
clusters: [{name: shared, cluster: {server: "https://two", insecure-skip-tls-verify: true}}]
users: [{name: red-user, user: {token: other, as: root}}, {name: green-user, user: {username: u, password: p}}]
contexts: [{name: blue, context: {cluster: shared, user: green-user}}, {name: green, context: {cluster: shared, user: green-user}}]
"""


def config(tmp_path: Path, *texts: str) -> Kubeconfig:
    names = []
    for number, text in enumerate(texts):
        path = tmp_path / f"config-{number}"
        path.write_text(text)
        names.append(str(path))
    return load({"KUBECONFIG": ":".join([*names, str(tmp_path / "missing"), ""])}, tmp_path)


def one_user(tmp_path: Path, user: str, cluster: str = 'server: "https://x"') -> Kubeconfig:
    return config(
        tmp_path,
        f"clusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]",
    )


def test_the_first_file_wins_whole_for_each_name_and_for_the_current_context(tmp_path: Path) -> None:
    it = config(tmp_path, ONE, TWO)
    assert it.current == "blue"
    assert [(entry.name, entry.server, entry.user, entry.namespace) for entry in it.contexts] == [
        ("blue", "https://one:6443/", "red-user", "team"),
        ("green", "https://one:6443/", "green-user", "default"),
    ]
    blue = it.resolve("blue")
    assert (blue.token, blue.impersonate, blue.insecure, blue.tls_server_name) == ("0123", "", False, "real.example")
    assert blue.server == "https://one:6443"
    assert config(tmp_path, TWO, ONE).current == "green"
    assert it.problems == ()
    assert it.contexts[1].file.name == "config-1"


def test_an_explicit_file_is_the_only_one_and_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text(TWO)
    it = load({"KUBECONFIG": str(tmp_path / "other")}, tmp_path, tmp_path / "mine")
    assert it.current == "green"
    assert load({}, tmp_path, tmp_path / "nothing").problems == (f"{tmp_path / 'nothing'}: no such file",)


def test_without_the_variable_it_is_the_file_in_the_home(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(ONE)
    assert load({}, tmp_path).current == "blue"
    assert load({"KUBECONFIG": ""}, tmp_path).current == "blue"
    assert load({}, tmp_path / "nobody").contexts == ()


def test_relative_paths_belong_to_the_file_they_stand_in(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "pki").mkdir(parents=True)
        (tmp_path / name / "pki" / "file").write_text(name)
    (tmp_path / "a" / "config").write_text(
        "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority: pki/file}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]"
    )
    (tmp_path / "b" / "config").write_text("users: [{name: u, user: {tokenFile: pki/file, exec: {command: bin/plugin, apiVersion: v}}}]")
    access = load({"KUBECONFIG": f"{tmp_path}/a/config:{tmp_path}/b/config"}, tmp_path).resolve("x")
    assert access.authority_file == tmp_path / "a" / "pki" / "file"
    assert access.token_file == tmp_path / "b" / "pki" / "file"
    assert access.exec is not None
    assert access.exec.command == str(tmp_path / "b" / "bin" / "plugin")


def test_everything_about_the_user_and_the_cluster_is_read(tmp_path: Path) -> None:
    pem = base64.b64encode(b"PEM").decode()
    it = one_user(
        tmp_path,
        f"as: eve, as-uid: u1, as-groups: [a, b], as-user-extra: {{reason: [x, y]}},client-certificate-data: {pem}, client-key-data: {pem}",
        f"server: 'https://x', certificate-authority-data: {pem}, proxy-url: 'http://proxy:1'",
    ).resolve("x")
    assert (it.impersonate, it.impersonate_uid, it.impersonate_groups) == ("eve", "u1", ("a", "b"))
    assert it.impersonate_extra == (("reason", ("x", "y")),)
    assert (it.certificate, it.key, it.authority, it.proxy) == (b"PEM", b"PEM", b"PEM", "http://proxy:1")
    assert "PEM" not in repr(it)


@pytest.mark.parametrize(
    ("user", "cluster", "reason"),
    [
        ("client-certificate: no.crt, client-key: no.key", "server: 'https://x'", "client-certificate: there is no file"),
        ("token: t", "server: 'https://x', certificate-authority: no.crt", "certificate-authority: there is no file"),
        ("tokenFile: none", "server: 'https://x'", "tokenFile: there is no file"),
        ("client-key-data: '%%%'", "server: 'https://x'", "client-key-data is not base64"),
        ("client-certificate-data: UEVN", "server: 'https://x'", "only one of them"),
        ("token: t, username: u", "server: 'https://x'", "both a token and a password"),
        ("token: [t]", "server: 'https://x'", "token is not a text"),
        ("exec: {args: [x]}", "server: 'https://x'", "exec: no command"),
        ("token: t", "insecure-skip-tls-verify: true", "no server"),
        ("token: t", "server: 'ftp://x'", "not an http address"),
        ("token: t", "server: 'https://x:99999'", "not an http address"),
        ("token: t", "server: 'https://x', insecure-skip-tls-verify: 'yes'", "neither true nor false"),
        ("token: t", "server: 'https://x', insecure-skip-tls-verify: true, certificate-authority-data: UEVN", "exclude each other"),
    ],
)
def test_a_context_that_cannot_work_is_listed_with_the_reason(tmp_path: Path, user: str, cluster: str, reason: str) -> None:
    it = one_user(tmp_path, user, cluster)
    assert reason in it.contexts[0].broken
    with pytest.raises(Unreachable, match="context x: "):
        it.resolve("x")


def test_contexts_without_their_user_or_cluster_are_listed_as_broken(tmp_path: Path) -> None:
    it = config(tmp_path, "contexts: [{name: a, context: {cluster: c, user: u}}, {name: b}]\nclusters: [{name: d, cluster: {server: x}}]")
    assert [entry.broken for entry in it.contexts] == ["cluster 'c' is not in the kubeconfig", "cluster '' is not in the kubeconfig"]
    with pytest.raises(Missing):
        it.resolve("c")
    it = config(tmp_path, "contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'https://x'}}]")
    assert it.contexts[0].broken == "user 'u' is not in the kubeconfig"


BOMB = "a: &a {k: v}\n" + "".join(
    f"{name}: &{name} {{" + ", ".join(f"k{name}{n}: {n}" for n in range(9)) + f", <<: [{', '.join(['*' + before] * 9)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("contexts:\n\t- x", ":2: "),
        ("contexts: [", ":2: did not find"),
        ("- a\n- b", "a mapping is wanted, not a list"),
        ("contexts: {a: b}", "contexts is not a list"),
        ("users: [{name: 5}, 7, {name: u, user: [x]}]", "an entry of users has no name"),
        ("users: [{name: u}, {name: u}]", "'u' stands twice in users"),
        ("x" * (CAP + 1), "larger than 1 MiB"),
        ("a: *b", ":1: found undefined alias"),
        ("? {a: b}\n: c\n? [x]\n: d", ": "),
        ("[" * 100_000, ": "),
        ("a: &a [*a]", ""),
        ("!!python/object/apply:os.system [true]", "could not determine a constructor"),
        ("", ""),
        (BOMB, "unfold to too much"),
    ],
)
def test_an_odd_file_is_one_line_of_complaint_and_the_others_load(tmp_path: Path, text: str, problem: str) -> None:
    it = config(tmp_path, text, ONE)
    assert [entry.name for entry in it.contexts] == ["blue"]
    assert it.current == "blue"
    if problem:
        assert problem in it.problems[0]
        assert it.problems[0].startswith(str(tmp_path / "config-0"))


def test_a_file_that_cannot_be_read_or_is_not_utf_8_is_a_complaint(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "latin").write_bytes(b"contexts: \xff\xfe\n")
    (tmp_path / "good").write_text(ONE)
    it = load({"KUBECONFIG": f"{tmp_path}:{tmp_path}/loop:{tmp_path}/latin:{tmp_path}/good"}, tmp_path)
    assert it.current == "blue"
    assert len(it.problems) == 3


def test_inside_a_cluster_the_service_account_is_the_one_context(tmp_path: Path) -> None:
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text("t\n")
    (account / "ca.crt").write_text("PEM")
    (account / "namespace").write_text("here\n")
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    it = load(environ, tmp_path, account=account)
    assert [entry.name for entry in it.contexts] == [IN_CLUSTER]
    access = it.resolve(IN_CLUSTER)
    assert (access.server, access.namespace, access.token_file) == ("https://[fd00::1]:443", "here", account / "token")
    assert load({}, tmp_path, account=account).contexts == ()
