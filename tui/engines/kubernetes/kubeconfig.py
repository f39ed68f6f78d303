"""The kubeconfig: files merged exactly as kubectl merges them, every context listed, the broken ones with their reason."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tui.engines.kubernetes.access import Access, access_of, complaint
from tui.facts import Missing, Unreachable

CAP = 1 << 20  # bytes of one file; a kubeconfig of fifty clusters has 300 kB
MERGED_PAIRS = 100_000  # what `<<: *alias` may unfold to before a file is called a bomb
DEEPEST = 100  # levels of nesting; a kubeconfig has six
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
IN_CLUSTER = "in-cluster"


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One context, as a list of contexts shows it. `broken`: why it cannot be used, or ""."""

    name: str
    cluster: str
    server: str
    user: str
    namespace: str
    file: Path
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Stanza:
    """A named cluster, user or context with the file it came from."""

    body: Mapping[str, Any]
    file: Path


@dataclass(slots=True)
class _Merged:
    clusters: dict[str, Stanza] = field(default_factory=dict)
    users: dict[str, Stanza] = field(default_factory=dict)
    contexts: dict[str, Stanza] = field(default_factory=dict)
    current: str = ""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """All kubeconfig files as one. `problems`: one sentence for each file or entry that was passed over."""

    contexts: tuple[ContextEntry, ...]
    current: str
    problems: tuple[str, ...]
    stanzas: Mapping[str, tuple[Stanza, Stanza, Stanza]] = field(default_factory=dict, repr=False)  # context, cluster, user
    ready: Mapping[str, Access] = field(default_factory=dict, repr=False)

    def resolve(self, name: str) -> Access:
        """Return how to reach a context's server; raises Missing (no such context), Unreachable (it is broken)."""
        if name in self.ready:
            return self.ready[name]
        for entry in self.contexts:
            if entry.name == name:
                if entry.broken:
                    raise Unreachable(f"context {name}: {entry.broken}")
                return replace(access_of(*self.stanzas[name]), context=name)
        raise Missing(f"no context {name!r} in the kubeconfig")


def load(environ: Mapping[str, str], home: Path, explicit: Path | None = None, account: Path = SERVICE_ACCOUNT) -> Kubeconfig:
    """Read and merge the kubeconfig files; never raises, never writes.

    As kubectl: `explicit` alone if given, else the files of $KUBECONFIG (those that are missing are skipped), else
    ~/.kube/config. For each name the first file that has it wins whole, and so does the first current-context. With no
    context at all and a service account mounted at `account`, there is one context, "in-cluster".
    """
    merged = _Merged()
    for path in _files(environ, home, explicit):
        _add(merged, path, must=explicit is not None)
    if not merged.contexts:
        inside = _in_cluster(environ, account)
        if inside is not None:
            entry = ContextEntry(IN_CLUSTER, IN_CLUSTER, inside.server, "service account", inside.namespace, account)
            return Kubeconfig((entry,), IN_CLUSTER, tuple(merged.problems), ready={IN_CLUSTER: inside})
    stanzas = {name: _parts(merged, stanza) for name, stanza in merged.contexts.items()}
    entries = tuple(_entry(name, merged, parts) for name, parts in stanzas.items())
    return Kubeconfig(entries, merged.current, tuple(merged.problems), stanzas)


def _files(environ: Mapping[str, str], home: Path, explicit: Path | None) -> list[Path]:
    if explicit is not None:
        return [explicit.absolute()]
    names = [name for name in environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    if environ.get("KUBECONFIG", ""):
        return list(dict.fromkeys(Path(name).absolute() for name in names))
    return [home / ".kube" / "config"]


def _add(merged: _Merged, path: Path, *, must: bool) -> None:
    try:
        with path.open("rb") as file:
            data = file.read(CAP + 1)
    except (FileNotFoundError, NotADirectoryError):
        if must:
            merged.problems.append(f"{path}: no such file")
        return
    except (OSError, ValueError) as error:
        merged.problems.append(f"{path}: {getattr(error, 'strerror', None) or error}")
        return
    if len(data) > CAP:
        merged.problems.append(f"{path}: larger than {CAP >> 20} MiB, not read")
        return
    try:
        document = _parse(data)
    except ValueError as error:
        merged.problems.append(f"{path}{error}")
        return
    if document is None:
        return
    if not isinstance(document, dict):
        merged.problems.append(f"{path}: not a kubeconfig (a mapping is wanted, not a {type(document).__name__})")
        return
    for target, key, inner in (
        (merged.clusters, "clusters", "cluster"),
        (merged.users, "users", "user"),
        (merged.contexts, "contexts", "context"),
    ):
        _add_named(merged, target, path, document.get(key), key, inner)
    current = document.get("current-context")
    if not merged.current and isinstance(current, str):
        merged.current = current


def _add_named(merged: _Merged, target: dict[str, Stanza], path: Path, entries: Any, key: str, inner: str) -> None:
    if entries is None:
        return
    if not isinstance(entries, list):
        merged.problems.append(f"{path}: {key} is not a list")
        return
    seen: set[str] = set()
    for entry in entries:
        name = entry.get("name") if isinstance(entry, dict) else None
        body = entry.get(inner) if isinstance(entry, dict) else None
        if not isinstance(name, str) or not isinstance(body, dict | None):
            merged.problems.append(f"{path}: an entry of {key} has no name or no {inner}")
            continue
        if name in seen:
            merged.problems.append(f"{path}: {name!r} stands twice in {key}; the first is used")
            continue
        seen.add(name)
        target.setdefault(name, Stanza(body or {}, path))


def _parse(data: bytes) -> Any:
    """Return the YAML document; every plain scalar but true, false and null stays a str, so a token of digits keeps its zeros.

    Raises ValueError whose text begins with ":LINE: " where the line is known, else with ": ".
    """
    if is_too_deep(data):
        raise ValueError(": nested too deeply")
    import yaml

    loader = _loader(yaml)(data)
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ValueError(f"{line}: {error.problem or error.context or 'malformed YAML'}") from None
    except yaml.YAMLError as error:
        raise ValueError(f": {str(error).splitlines()[0]}") from None
    except (RecursionError, TypeError, ValueError) as error:
        raise ValueError(f": malformed YAML ({error})") from None
    finally:
        loader.dispose()


def is_too_deep(data: bytes) -> bool:
    """Tell whether a document nests so deeply that the C parser, which calls itself for each level, would crash the program."""
    if re.search(rb"(?:[-?:][ \t]+){%d}" % DEEPEST, data):
        return True
    depth = 0
    for bracket in re.finditer(rb"[][{}]", data):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEEPEST:
            return True
    return False


_LOADERS: list[Any] = []


def _loader(yaml: Any) -> Any:
    """Return the loader class, made at the first call because yaml is not imported before a kubeconfig is read."""
    if _LOADERS:
        return _LOADERS[0]

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pairs = 0

        def flatten_mapping(self, node: Any) -> None:
            super().flatten_mapping(node)
            self.pairs += len(node.value)
            if self.pairs > MERGED_PAIRS:
                raise yaml.constructor.ConstructorError(None, None, "the aliases unfold to too much", node.start_mark)

    wanted = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in wanted]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    _LOADERS.append(Loader)
    return Loader


def _parts(merged: _Merged, context: Stanza) -> tuple[Stanza, Stanza, Stanza]:
    none = Stanza({}, context.file)
    cluster, user = context.body.get("cluster"), context.body.get("user")
    return (
        context,
        merged.clusters.get(cluster, none) if isinstance(cluster, str) else none,
        merged.users.get(user, none) if isinstance(user, str) else none,
    )


def _entry(name: str, merged: _Merged, parts: tuple[Stanza, Stanza, Stanza]) -> ContextEntry:
    context, cluster, _ = parts

    def text(body: Mapping[str, Any], key: str) -> str:
        value = body.get(key)
        return value if isinstance(value, str) else ""

    cluster_name, user_name = text(context.body, "cluster"), text(context.body, "user")
    broken = ""
    if cluster_name not in merged.clusters:
        broken = f"cluster {cluster_name!r} is not in the kubeconfig"
    elif user_name and user_name not in merged.users:
        broken = f"user {user_name!r} is not in the kubeconfig"
    else:
        broken = complaint(*parts)
    namespace = text(context.body, "namespace") or "default"
    return ContextEntry(name, cluster_name, text(cluster.body, "server"), user_name, namespace, context.file, broken)


def _in_cluster(environ: Mapping[str, str], account: Path) -> Access | None:
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "")
    token, authority = account / "token", account / "ca.crt"
    if not host or not port or not token.is_file():
        return None
    host = f"[{host}]" if ":" in host else host
    try:
        namespace = (account / "namespace").read_text().strip()
    except OSError:
        namespace = ""
    return Access(
        context=IN_CLUSTER,
        server=f"https://{host}:{port}",
        authority_file=authority if authority.is_file() else None,
        token_file=token,
        namespace=namespace or "default",
    )
