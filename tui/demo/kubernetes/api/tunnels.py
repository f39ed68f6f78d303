"""Port-forwards: a WebSocket (`v4.channel.k8s.io`) to a page that the container serves, which names the pod and what it runs."""

from __future__ import annotations

import contextlib
import struct

from aiohttp import WSMsgType, web

from tui.demo.kubernetes.api.asked import Asked
from tui.demo.kubernetes.cluster import Cluster
from tui.demo.kubernetes.failures import Failure, bad
from tui.demo.kubernetes.kubelet.boxes import Box
from tui.demo.kubernetes.kubelet.kubelet import Kubelet
from tui.demo.kubernetes.objects import Json, name_of, space_of, stamp

PROTOCOL = "v4.channel.k8s.io"
LONGEST = 64 << 10  # bytes of a request that are looked at


def _ports(asked: Asked, request: web.Request) -> list[int]:
    words = [word for text in request.query.getall("ports", []) for word in text.split(",")]
    try:
        ports = [int(word) for word in words]
    except ValueError:
        raise bad(f"unable to parse {', '.join(words)!r} as a port") from None
    if not ports:
        raise bad("query parameter `ports` is required")
    return ports


async def forward(cluster: Cluster, kubelet: Kubelet, pod: Json, asked: Asked, request: web.Request) -> web.StreamResponse:
    """Answer with a tunnel to a pod's ports; raises Failure 400 and 500."""
    if request.headers.get("Upgrade", "").casefold() != "websocket":
        raise bad("Upgrade request required")
    worker, ports = kubelet.worker(pod), _ports(asked, request)
    if worker is None or pod["status"].get("phase") != "Running":
        raise Failure(500, "InternalError", f"error upgrading connection: pod {name_of(pod)} is not running")
    socket = web.WebSocketResponse(protocols=(PROTOCOL,), max_msg_size=0)
    await socket.prepare(request)
    for place, port in enumerate(ports):
        for channel in (2 * place, 2 * place + 1):
            await socket.send_bytes(bytes([channel]) + struct.pack("<H", port))
    box = next((one for one in worker.boxes if one.state == "running" and one.now is not None and ports[0] in one.now.program.ports), None)
    with contextlib.suppress(ConnectionError):
        if box is None:
            said = f"an error occurred forwarding {ports[0]} -> {ports[0]}: error forwarding port {ports[0]} to pod {name_of(pod)}, uid : failed to connect to localhost:{ports[0]} inside namespace: dial tcp4 127.0.0.1:{ports[0]}: connect: connection refused"  # noqa: E501
            await socket.send_bytes(b"\1" + said.encode())
        else:
            await _serve(socket, cluster, pod, box)
        await socket.close()
    return socket


async def _serve(socket: web.WebSocketResponse, cluster: Cluster, pod: Json, box: Box) -> None:
    """Answer one HTTP request, as a server that keeps no connection does."""
    heard = b""
    async for message in socket:
        if message.type is not WSMsgType.BINARY or not message.data or message.data[0] != 0:
            continue
        heard = (heard + message.data[1:])[:LONGEST]
        if b"\r\n\r\n" in heard or b"\n\n" in heard:
            await socket.send_bytes(b"\0" + _page(cluster, pod, box, heard))
            return


def _page(cluster: Cluster, pod: Json, box: Box, heard: bytes) -> bytes:
    first = heard.split(b"\n", 1)[0].decode("latin-1").strip()
    words = [*first.split(" "), "", ""]
    now = cluster.clock.time()
    if box.now is not None:
        box.now.heard.append((now, f'127.0.0.1 - - [{stamp(now)}] "{first}" 200 - "-" "port-forward"'))
    version = box.image.rpartition(":")[2]
    text = f"{box.name} {version} in pod {name_of(pod)} of {space_of(pod)}\n"
    if words[1].startswith(("/healthz", "/readyz", "/livez")):
        text = "ok\n"
    elif box.spec.get("command"):
        text += "hello\n"
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text.encode())}\r\nConnection: close\r\n\r\n"
    )
    return (head if words[0] == "HEAD" else head + text).encode()
