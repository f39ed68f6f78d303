"""The kubeconfig merge against the real kubectl: whatever it makes of many files, we make too."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tui.engines.kubernetes.access import Access
from tui.engines.kubernetes.kubeconfig import load

pytestmark = pytest.mark.real

FILES = {
    "a": """
current-context: blue
clusters:
- {name: shared, cluster: {server: "https://one"}}
- {name: a-only, cluster: {server: "https://a", certificate-authority: pki/ca.crt}}
users: [{name: red, user: {token: first}}, {name: cert, user: {client-certificate: pki/c.crt, client-key: pki/k.key}}]
contexts: [{name: blue, context: {cluster: shared, user: red, namespace: x}}, {name: certs, context: {cluster: a-only, user: cert}}]
""",
    "b": """
current-context: green
clusters: [{name: shared, cluster: {server: "https://two", insecure-skip-tls-verify: true}}]
users: [{name: red, user: {token: second, as: root}}, {name: blank, user: {}}]
contexts: [{name: blue, context: {cluster: other, user: blank}}, {name: green, context: {cluster: shared, user: blank}}]
""",
    "c": """
contexts: [{name: lone, context: {cluster: a-only, user: run, namespace: z}}]
users: [{name: run, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/tool, interactiveMode: Never}}}]
""",
    "d": "current-context: ''\n",
}


def kubectl() -> str:
    folder = os.environ.get("PILOTHOUSE_TESTBED_BIN", "") or str(Path(__file__).parents[2] / ".cache" / "kubebin")
    found = shutil.which("kubectl", path=f"{folder}:{os.environ.get('PATH', '')}")
    if not found:
        pytest.skip("no kubectl")
    return found


@pytest.mark.parametrize("order", ["".join(order) for count in (1, 2, 3, 4) for order in itertools.permutations("abcd", count)][::3])
def test_merging_is_what_kubectl_does(tmp_path: Path, order: str) -> None:
    for name, text in FILES.items():
        (tmp_path / name / "pki").mkdir(parents=True)
        (tmp_path / name / "config").write_text(text)
        for file in ("ca.crt", "c.crt", "k.key"):
            (tmp_path / name / "pki" / file).write_text(f"{name} {file}")
    listed = ":".join([*(str(tmp_path / name / "config") for name in order), str(tmp_path / "missing")])
    command = [kubectl(), "config", "view", "--flatten", "-o", "json"]
    theirs = json.loads(subprocess.run(command, env={"KUBECONFIG": listed}, capture_output=True, text=True, check=True).stdout)
    ours = load({"KUBECONFIG": listed}, tmp_path)
    assert ours.current == theirs["current-context"]
    clusters, users = ({item["name"]: item[key] for item in theirs[f"{key}s"] or ()} for key in ("cluster", "user"))
    wanted = {item["name"]: item["context"] for item in theirs["contexts"] or ()}
    assert {entry.name for entry in ours.contexts} == set(wanted)
    for entry in ours.contexts:
        context = wanted[entry.name]
        assert (entry.cluster, entry.user, entry.namespace) == (context["cluster"], context["user"], context.get("namespace", "default"))
        assert entry.server == clusters.get(context["cluster"], {}).get("server", "")
        if not entry.broken:
            compare(ours.resolve(entry.name), clusters[context["cluster"]], users[context["user"]])


def compare(access: Access, cluster: dict[str, Any], user: dict[str, Any]) -> None:
    """Compare what we would use with what kubectl says; with --flatten it reads the files it would use."""
    assert content(access.authority_file) == cluster.get("certificate-authority-data", "")
    assert content(access.certificate_file) == user.get("client-certificate-data", "")
    assert content(access.key_file) == user.get("client-key-data", "")
    assert (access.token, access.impersonate) == (user.get("token", ""), user.get("as", ""))
    assert access.insecure == cluster.get("insecure-skip-tls-verify", False)
    assert (access.exec is not None) == ("exec" in user)


def content(file: Path | None) -> str:
    return base64.b64encode(file.read_bytes()).decode() if file else ""


def test_data_is_base64_as_kubectl_reads_it(tmp_path: Path) -> None:
    text = base64.encodebytes(b"x" * 100).decode().replace("\n", "\\n")
    (tmp_path / "config").write_text(
        f'clusters: [{{name: c, cluster: {{server: "https://x", certificate-authority-data: "{text}"}}}}]\n'
        "contexts: [{name: x, context: {cluster: c}}]"
    )
    assert load({}, tmp_path, tmp_path / "config").resolve("x").authority == b"x" * 100
    command = [kubectl(), "config", "view", "--raw", "--kubeconfig", str(tmp_path / "config"), "-o", "json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert base64.b64decode(theirs["clusters"][0]["cluster"]["certificate-authority-data"]) == b"x" * 100
