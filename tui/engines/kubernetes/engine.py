"""The Kubernetes engine: one context of the kubeconfig, as the rest of the program speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from tui.engines.gate import Gate
from tui.engines.kubernetes import edits, metrics, nodes, paths, pods, revisions, workloads
from tui.engines.kubernetes import events as event_list
from tui.engines.kubernetes.clock import Clock
from tui.engines.kubernetes.kubeconfig import Kubeconfig
from tui.engines.kubernetes.logs import pod_logs
from tui.engines.kubernetes.reflector import Reflector
from tui.engines.kubernetes.rows import Rows, pod_of
from tui.engines.kubernetes.transport import Transport
from tui.engines.past import Past
from tui.facts import (
    About,
    Change,
    Delta,
    Denied,
    Drained,
    EngineError,
    Event,
    Expired,
    Fate,
    Feed,
    Figures,
    Health,
    LogLine,
    LogOptions,
    Ref,
    Revision,
    Sitting,
    State,
    Unsupported,
)
from tui.model import Engine, Kind

LOGGED = {"deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "jobs", "services"}
SCALED = {"deployments", "statefulsets", "replicasets", "replicationcontrollers"}


class _Version(msgspec.Struct):
    gitVersion: str = ""  # noqa: N815


class _UserInfo(msgspec.Struct):
    username: str = ""


class _Review(msgspec.Struct):
    userInfo: _UserInfo = msgspec.field(default_factory=_UserInfo)  # noqa: N815
    allowed: bool = False
    reason: str = ""


class _Reviewed(msgspec.Struct):
    status: _Review = msgspec.field(default_factory=_Review)


def _home(ref: Ref) -> Ref:
    """Return the object of the API that a row stands in: a container's pod, else itself."""
    return pod_of(ref)[0] if ref.kind == "kubernetes/containers" else ref


def _utc_now() -> datetime:
    return datetime.now(UTC)


class KubernetesEngine(Engine):
    """One cluster, as one context reaches it. Making it does nothing; the first call connects."""

    family = "kubernetes"

    def __init__(self, config: Kubeconfig, context: str, gate: Gate, now: Callable[[], datetime] = _utc_now) -> None:
        self.id = f"kubernetes:{context}"
        self.context = context
        self.config = config
        self.gate = gate
        self._now = now
        self._open: Transport | None = None
        self._version = ""
        self._user = ""
        self._health = Health(State.CONNECTING)
        self._past = Past()
        self._apis = {f"kubernetes/{word}": api for word, api in paths.KNOWN.items()}

    @property
    def transport(self) -> Transport:
        """Return the way to the server; raises Unreachable or Missing when the context is broken or not there."""
        if self._open is None:
            self._open = Transport(self.config.resolve(self.context), self.gate, context=self.context)
        return self._open

    @property
    def about(self) -> About:
        """Return where this engine is: the server and namespace at once, version and user once connected."""
        try:
            access = self.transport.access
        except EngineError:
            return About(self.context)
        return About(
            self.context, access.server, self._version, self._user or access.user, access.namespace, self.config_file(), access.unsafe
        )

    def config_file(self) -> str:
        """Return the file that the context stands in."""
        return next((str(entry.file) for entry in self.config.contexts if entry.name == self.context), "")

    @property
    def health(self) -> Health:
        """Return how the last call or watch went."""
        return self._health

    async def connect(self) -> None:
        """Ask for version and user; raises Unreachable, Denied, Expired."""
        try:
            body = await self.transport.get("/version")
            try:
                self._version = msgspec.json.decode(body, type=_Version).gitVersion
            except msgspec.DecodeError:
                self._version = ""
            self._user = await self._whoami()
        except Expired as error:
            self._health = Health(State.EXPIRED, str(error))
            raise
        except EngineError as error:
            self._health = Health(State.FORBIDDEN if isinstance(error, Denied) else State.RETRYING, str(error))
            raise
        self._health = Health(State.LIVE)

    async def _whoami(self) -> str:
        """Return who the server says we are (SelfSubjectReview, 1.28 and later), else the kubeconfig's word for it."""
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        try:
            answer = await self.transport.ask(path, b'{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}')
            name = msgspec.json.decode(answer, type=_Reviewed).status.userInfo.username
        except Expired:
            raise
        except (EngineError, msgspec.DecodeError):
            name = ""
        self.transport.user = name or self.transport.access.user
        return self.transport.user

    async def watch(self, kind: Kind, namespace: str, feed: Feed) -> None:
        """Feed a kind's objects for ever; raises Unsupported for a kind that no API path is known for."""
        if not kind.api or kind.type is None:
            raise Unsupported(f"{kind.title} cannot be watched in a cluster")
        self._apis[kind.id] = kind.api

        def told(delta: Delta) -> None:
            if isinstance(delta, Health) and delta.state not in {State.ABSENT, State.CONNECTING}:  # one more watch that begins is no news
                self._health = delta
            feed(delta)

        path = paths.collection(kind.api, namespace if kind.namespaced else "")
        await Reflector(self.transport, path, kind.type, Rows(kind.expand, told) if kind.expand else told).run()

    def path(self, ref: Ref) -> str:
        """Return where an object lives in the API; raises Unsupported for an unknown kind."""
        api = self._apis.get(ref.kind, "")
        if not api:
            raise Unsupported(f"where {ref.kind} live is not known")
        return paths.item(api, ref.namespace, ref.name)

    async def fetch(self, ref: Ref) -> Mapping[str, Any]:
        """Return the full object, a container's pod; raises Missing when it is gone or a namesake stands there."""
        ref = _home(ref)
        return await workloads.read(self.transport, self.path(ref), ref)

    async def events(self, ref: Ref) -> Sequence[Event]:
        """Return the events about the object, or a container's pod, oldest first."""
        ref = _home(ref)
        return await event_list.events_of(self.transport, ref)

    def logs(self, ref: Ref, options: LogOptions) -> AsyncIterator[Sequence[LogLine]]:
        """Yield the log of a pod or container, or the logs of all pods of a workload."""
        word = workloads.word_of(ref)
        if word == "containers":
            ref, container = pod_of(ref)
            word, options = "pods", replace(options, container=container)
        if word == "pods":
            return pod_logs(self.transport, self.path(ref), ref.uid, options)
        if word in LOGGED:
            return pods.workload_logs(self.transport, self.path(ref), ref, options)
        raise Unsupported(f"{word} have no logs")

    def past(self, uid: str) -> Sequence[Figures]:
        """Return what a pod or node used in the last minutes, as far as it was polled."""
        return self._past.of(uid)

    def figures(self, ref: Ref) -> AsyncIterator[Sequence[Figures]]:
        """Yield what a pod, a container of one or a node uses, as the metrics API tells it, while somebody iterates."""
        return metrics.follow(self.transport, self._past, ref, self._now)

    async def scale(self, ref: Ref, replicas: int, was: int) -> None:
        """Set the replica count by the scale subresource, if it still is `was`."""
        if workloads.word_of(ref) not in SCALED:
            raise Unsupported(f"{workloads.word_of(ref)} cannot be scaled")
        await workloads.scale(self.transport, self.path(ref), ref, replicas, was)

    async def restart(self, ref: Ref) -> None:
        """Roll a workload's pods anew."""
        await workloads.restart(self.transport, self.path(ref), ref, self._now())

    async def remove(self, ref: Ref, *, force: bool = False, volumes: bool = False, propagation: str = "Background") -> None:
        """Delete the object, if it still is the one with `ref.uid`; `force`: with no grace period."""
        await workloads.remove(self.transport, self.path(ref), ref, force=force, propagation=propagation)

    def changes(self, ref: Ref, before: Mapping[str, Any], text: str) -> list[Change]:
        """Return what an edited YAML changes; raises ValueError."""
        return edits.changes(before, edits.parse(text))

    async def edit(self, ref: Ref, some: list[Change], *, dry: bool = False) -> None:
        """Change just these fields by a JSON Patch."""
        await edits.edit(self.transport, self.path(ref), ref, some, dry=dry)

    async def cordon(self, ref: Ref, closed: bool) -> None:
        """Let a node take no new pods, or take them again."""
        _need_node(ref)
        await nodes.cordon(self.transport, self.path(ref), ref, closed)

    async def sitting(self, ref: Ref) -> Sequence[Sitting]:
        """Return the pods of a node."""
        _need_node(ref)
        return await nodes.sitting(self.transport, ref)

    def drain(self, ref: Ref, taken: frozenset[Fate]) -> AsyncIterator[Drained]:
        """Cordon a node and evict its pods."""
        _need_node(ref)
        return nodes.drain(self.transport, Clock(), self.path(ref), ref, taken)

    async def revisions(self, ref: Ref) -> Sequence[Revision]:
        """Return a workload's revisions, newest first."""
        return await revisions.revisions(self.transport, self.path(ref), ref)

    async def rollback(self, ref: Ref, revision: int) -> None:
        """Make an earlier revision the wanted one, also in the middle of a rollout."""
        await revisions.rollback(self.transport, self.path(ref), ref, revision)

    async def namespaces(self) -> Sequence[str]:
        """Return the names of all namespaces, sorted; raises Denied when we may not list them."""
        body = workloads.decode(await self.transport.get("/api/v1/namespaces"))
        return sorted(item["metadata"]["name"] for item in body.get("items") or ())

    async def can(self, verb: str, resource: str, namespace: str = "", *, group: str = "", sub: str = "") -> bool:
        """Tell whether we may (SelfSubjectAccessReview); an API that cannot tell counts as yes, and the server decides."""
        asked = {"verb": verb, "resource": resource, "namespace": namespace, "group": group, "subresource": sub}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": asked}}
        try:
            answer = await self.transport.ask("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", msgspec.json.encode(body))
            return msgspec.json.decode(answer, type=_Reviewed).status.allowed
        except (EngineError, msgspec.DecodeError):
            return True

    async def close(self) -> None:
        """Let go of every connection."""
        if self._open is not None:
            await self._open.close()


def _need_node(ref: Ref) -> None:
    if workloads.word_of(ref) != "nodes":
        raise Unsupported(f"this verb is for nodes, not for {workloads.word_of(ref)}")
