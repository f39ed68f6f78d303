"""Which part of the API answers a request."""

from __future__ import annotations

import json
from urllib.parse import unquote

import msgspec
from aiohttp import web

from tui.demo.kubernetes.api import discovery, lists, metrics, scale, writes
from tui.demo.kubernetes.api.asked import Asked, place
from tui.demo.kubernetes.api.evictions import evict
from tui.demo.kubernetes.api.logs import logs
from tui.demo.kubernetes.api.tunnels import forward
from tui.demo.kubernetes.api.watches import watch
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.failures import Failure, bad, not_allowed, unsimulated
from tui.demo.kubernetes.kubelet.kubelet import Kubelet
from tui.demo.kubernetes.objects import Json
from tui.demo.kubernetes.resources import NODES, PODS

NOT_FOUND = "404 page not found\n"
UNACCEPTABLE = "406: Not Acceptable\n\nAvailable representations: application/json, application/json;stream=watch"


class Router:
    """Answers requests about a cluster; `user`: who everybody is taken for."""

    def __init__(self, cluster: Cluster, kubelet: Kubelet, user: str) -> None:
        self.cluster, self.kubelet, self.user = cluster, kubelet, user

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request; a refusal is an answer too."""
        try:
            return await self._answer(request)
        except Failure as error:
            return said(error.body, error.code, error.headers)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        _check_accept(request)
        found = place(request.rel_url.raw_path) if path.startswith(("/api/v1/", "/apis/")) else None
        if found is None:
            return await self._about(request)
        resource, namespace, name, sub = found
        asked = Asked(
            request.method,
            resource,
            namespace,
            name,
            sub,
            request.query,
            request.headers.get("Content-Type", "").partition(";")[0].strip(),
            b"" if request.method == "GET" else await request.read(),
            request.headers.get("User-Agent", ""),
        )
        if not name:
            return await self._collection(asked, request)
        if sub and sub != "status":
            return await self._sub(asked, request)
        match asked.method:
            case "GET":
                return said(self.cluster.need(resource, namespace, name))
            case "PUT":
                return said(writes.replace(self.cluster, asked))
            case "PATCH":
                return said(writes.patch(self.cluster, asked))
            case "DELETE" if not sub:
                return said(writes.delete(self.cluster, asked))
        raise not_allowed()

    async def _collection(self, asked: Asked, request: web.Request) -> web.StreamResponse:
        match asked.method:
            case "GET" if asked.is_watch:
                return await watch(self.cluster, asked, request)
            case "GET":
                return raw(lists.listing(self.cluster, asked))
            case "POST" if asked.namespace or not asked.resource.namespaced:
                return said(writes.create(self.cluster, asked), 201)
            case "DELETE" if asked.namespace or not asked.resource.namespaced:
                gone = writes.delete_all(self.cluster, asked)
                meta = {"resourceVersion": str(self.cluster.storage.version)}
                return raw(lists.encoded(self.cluster.storage, asked.resource, gone, meta))
        raise not_allowed()

    async def _sub(self, asked: Asked, request: web.Request) -> web.StreamResponse:
        match asked.sub, asked.method:
            case "scale", "GET" | "PUT" | "PATCH":
                return said(scale.scale(self.cluster, asked))
            case "log", "GET":
                return await logs(self.cluster, self.kubelet, self._pod(asked), asked, request)
            case "portforward", "GET" | "POST":
                return await forward(self.cluster, self.kubelet, self._pod(asked), asked, request)
            case "eviction", "POST":
                return said(evict(self.cluster, asked), 201)
            case "binding", "POST":
                return said(self._bind(asked), 201)
            case ("finalize", "PUT") | ("ephemeralcontainers" | "resize", "PUT" | "PATCH" | "GET"):
                raise unsimulated(f"{asked.resource.plural}/{asked.sub}")
            case "exec" | "attach" | "proxy", _:
                self.cluster.need(asked.resource, asked.namespace, asked.name)
                raise unsimulated(f"{asked.resource.plural}/{asked.sub}")
        raise not_allowed()

    def _pod(self, asked: Asked) -> Json:
        return self.cluster.need(PODS, asked.namespace, asked.name)

    def _bind(self, asked: Asked) -> Json:
        body = asked.mapping()
        if (body.get("metadata") or {}).get("name") != asked.name:
            raise bad("name in URL does not match name in Binding object")
        pod, node = self._pod(asked), str((body.get("target") or {}).get("name", ""))
        self.cluster.need(NODES, "", node)
        self.cluster.set_spec(PODS, pod, nodeName=node)
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}

    async def _about(self, request: web.Request) -> web.StreamResponse:
        """Answer what is not about an object: discovery, health, questions about oneself, figures."""
        path = request.path
        if request.method == "POST":
            try:
                body = json.loads(await request.read() or b"{}")
            except ValueError:
                raise bad("the body of the request is not JSON") from None
            told = discovery.review(path, body, self.user, self.cluster.clock.time())
            if told is not None:
                return said(told, 201)
        if request.method == "GET":
            healthy = discovery.health(path, "verbose" in request.query)
            if healthy is not None:
                return web.Response(text=healthy)
            words = [unquote(word) for word in request.rel_url.raw_path.strip("/").split("/")]
            if words[:3] == ["apis", "metrics.k8s.io", "v1beta1"] and len(words) > 3:
                told = metrics.metrics(self.cluster, self.kubelet, words[3:], request.query.get("labelSelector", ""))
            else:
                told = discovery.plain(path, request.host)
            if told is not None:
                return said(told)
        return web.Response(text=NOT_FOUND, status=404)


def _check_accept(request: web.Request) -> None:
    """Raise Failure 406 for one who takes no JSON: only tables, only protobuf, only html."""
    wanted = [part.strip() for part in request.headers.get("Accept", "*/*").split(",")]
    for part in wanted:
        kind, _, options = part.partition(";")
        if kind.strip() in {"application/json", "application/*", "*/*", ""} and "as=" not in options:
            return
    if "Upgrade" in request.headers or not any(wanted):
        return
    raise Failure(406, "NotAcceptable", UNACCEPTABLE, {})


def raw(body: bytes, code: int = 200) -> web.Response:
    """Answer with JSON that is already written."""
    return web.Response(body=body, status=code, headers={"Content-Type": "application/json"})


def said(body: Json, code: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with a value as JSON."""
    return web.Response(
        body=msgspec.json.encode(body) + b"\n", status=code, headers={"Content-Type": "application/json", **(headers or {})}
    )
