"""What stands behind a forward: which pods may serve it, and which of their ports is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tui.engines.kubernetes import paths
from tui.engines.kubernetes.pods import PodSeen
from tui.engines.kubernetes.reflector import Reflector
from tui.engines.kubernetes.selectors import selector_of
from tui.engines.kubernetes.transport import Transport
from tui.engines.kubernetes.workloads import decode, read, word_of
from tui.facts import EngineError, Feed, Missing, Ref


class Backing(Struct, frozen=True):
    """The pods a query chooses, those of one controller only if `owner` is given, and a service's ports."""

    namespace: str
    narrow: Mapping[str, str]
    owner: str = ""  # uid of the controller
    ports: Sequence[Mapping[str, Any]] = ()

    def takes(self, pod: PodSeen) -> bool:
        """Tell whether a pod of the query may serve."""
        return not self.owner or any(owner.uid == self.owner and owner.controller for owner in pod.metadata.ownerReferences)

    def port(self, wanted: int | str, pod: PodSeen) -> int:
        """Return the number of the pod's port that is meant; raises Missing when it has none of that name."""
        target: int | str = wanted
        for port in self.ports:
            if wanted in (port.get("port"), port.get("name")) or str(wanted) == str(port.get("port")):
                target = port.get("targetPort") or port.get("port") or wanted
                break
        if isinstance(target, int) or target.isdigit():
            return int(target)
        number = pod.port(target)
        if number is None:
            raise Missing(f"pod {pod.name} has no port named {target!r}")
        return number

    async def watch(self, transport: Transport, feed: Feed) -> None:
        """Feed the pods, for ever."""
        await Reflector(transport, paths.collection("v1/pods", self.namespace), PodSeen, feed, narrow=self.narrow).run()


async def backing_of(transport: Transport, path: str, ref: Ref) -> Backing:
    """Return what stands behind an object. A bare pod with a controller is backed by all pods of that controller."""
    word, body = word_of(ref), await read(transport, path, ref)
    if word != "pods":
        ports = (body.get("spec") or {}).get("ports") or () if word == "services" else ()
        return Backing(ref.namespace, {"labelSelector": selector_of(word, body)}, ports=ports)
    alone = Backing(ref.namespace, {"fieldSelector": f"metadata.name={ref.name}"})
    for owner in (body.get("metadata") or {}).get("ownerReferences") or ():
        kind = paths.PLURALS.get(owner.get("kind", ""), "")
        if not owner.get("controller") or not kind:
            continue
        try:
            controller = decode(await transport.get(paths.item(paths.KNOWN[kind], ref.namespace, owner.get("name", ""))))
            return Backing(ref.namespace, {"labelSelector": selector_of(kind, controller)}, owner.get("uid", ""))
        except EngineError:  # we may not read the controller, or it has no selector: then it is the pod alone
            return alone
    return alone
