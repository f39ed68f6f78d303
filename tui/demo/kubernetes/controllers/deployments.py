"""Deployments: a ReplicaSet for each template, the newest of them with all the pods in the end."""

from __future__ import annotations

from collections.abc import Sequence

from tui.demo.kubernetes.cluster import digest
from tui.demo.kubernetes.controllers.loop import Controller
from tui.demo.kubernetes.controllers.pods import is_active, owned_of, pods_of
from tui.demo.kubernetes.controllers.progress import status_of
from tui.demo.kubernetes.controllers.rollout import DESIRED, HISTORY, MOST, REVISION, new_size, old_sizes, replicas, room, spread
from tui.demo.kubernetes.objects import Json, born, is_going, name_of, noted, notes_of, reference, space_of
from tui.demo.kubernetes.resources import DEPLOYMENTS, PODS, REPLICASETS
from tui.demo.kubernetes.storage import Key

SOURCE = "deployment-controller"
HASH = "pod-template-hash"
OWN_NOTES = {"kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MOST, "deprecated.deployment.rollback.to"}
"""Annotations that a ReplicaSet does not take over from its Deployment."""


class Deployments(Controller):
    """Rolls: RollingUpdate within its limits, Recreate all at once, and back again when an older template is wanted."""

    resource = DEPLOYMENTS

    def listen(self) -> None:
        """Hear of the sets, and of the last pods of old ones (Recreate waits for them)."""
        self.hear_owned(REPLICASETS)
        self.hear(PODS, lambda change: self._waiting(change.item) if change.word == "DELETED" else ())

    def _waiting(self, pod: Json) -> list[Key]:
        return [
            (space_of(one), name_of(one))
            for one in self.storage.items(DEPLOYMENTS, space_of(pod))
            if one["spec"]["strategy"]["type"] == "Recreate"
        ]

    def sync(self, key: Key) -> None:
        """Take one step of a rollout and say where it is."""
        item = self.storage.get(DEPLOYMENTS, *key)
        if item is None:
            return
        sets = self._sets(item)
        if not is_going(item):
            new = self._find_new(item, sets)
            if item["spec"].get("paused") or self._is_scaled(item, sets):
                self._resize(item, sets, new)
            else:
                new = self._ensure_new(item, sets, new)
                self._roll(item, new, [one for one in self._sets(item) if name_of(one) != name_of(new)])
                self._forget(item, name_of(new))
        self._tell(key)

    def _sets(self, item: Json) -> list[Json]:
        return sorted(owned_of(self.cluster, item, REPLICASETS), key=lambda one: (born(one), name_of(one)))

    # ---- the set that is wanted ---------------------------------------------------------------------------------------

    @staticmethod
    def _find_new(item: Json, sets: Sequence[Json]) -> Json | None:
        wanted = item["spec"]["template"]
        return next((one for one in sets if _plain(one["spec"]["template"]) == _plain(wanted)), None)

    def _ensure_new(self, item: Json, sets: Sequence[Json], new: Json | None) -> Json:
        last = max((int(notes_of(one).get(REVISION, "0")) for one in sets), default=0)
        if new is None:
            number = last + 1
            new = self._make(item, sets, number)
        else:
            had = int(notes_of(new).get(REVISION, "0"))
            older = max((int(notes_of(one).get(REVISION, "0")) for one in sets if name_of(one) != name_of(new)), default=0)
            number = had if had > older else older + 1
            notes = self._notes(item, number)
            if number != had and had:
                notes[HISTORY] = ",".join(filter(None, [notes_of(new).get(HISTORY, ""), str(had)]))
            new = self.cluster.set_meta(REPLICASETS, new, annotations={**notes_of(new), **notes})
        now = self.storage.get(DEPLOYMENTS, space_of(item), name_of(item)) or item
        self.cluster.set_meta(DEPLOYMENTS, now, annotations={**notes_of(now), REVISION: str(number)})
        return new

    def _notes(self, item: Json, number: int) -> dict[str, str]:
        taken = {key: value for key, value in notes_of(item).items() if key not in OWN_NOTES}
        most = replicas(item) + room(item)[0]
        return {**taken, REVISION: str(number), DESIRED: str(replicas(item)), MOST: str(most)}

    def _make(self, item: Json, sets: Sequence[Json], number: int) -> Json:
        template = item["spec"]["template"]
        word = digest(_plain(template))
        taken = {name_of(one) for one in sets}
        while f"{name_of(item)}-{word}" in taken:  # two templates with one hash
            word = digest([word, template])
        labels = {**(template["metadata"].get("labels") or {}), HASH: word}
        shape = {**template, "metadata": {**template["metadata"], "labels": labels}}
        selector = item["spec"]["selector"]
        chosen = {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), HASH: word}}
        own = {"name": f"{name_of(item)}-{word}", "labels": labels, "annotations": self._notes(item, number)}
        spec: Json = {"replicas": 0, "selector": chosen, "template": shape}
        if item["spec"].get("minReadySeconds"):
            spec["minReadySeconds"] = item["spec"]["minReadySeconds"]
        body = {"kind": "ReplicaSet", "apiVersion": "apps/v1", "metadata": {**own, "ownerReferences": [reference(item)]}, "spec": spec}
        return self.cluster.create(REPLICASETS, space_of(item), body)

    # ---- sizes ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def _is_scaled(item: Json, sets: Sequence[Json]) -> bool:
        """Tell whether it was scaled since its sets were sized."""
        return any(replicas(one) and notes_of(one).get(DESIRED) not in {None, str(replicas(item))} for one in sets)

    def _resize(self, item: Json, sets: Sequence[Json], new: Json | None) -> None:
        alive = [one for one in sets if replicas(one)]
        if len(alive) <= 1:
            for one in alive or ([new] if new is not None else []):
                self._scale(item, one, replicas(item))
            return
        sizes = spread(item, alive)
        for one in alive:
            self._scale(item, one, sizes[name_of(one)])

    def _scale(self, item: Json, one: Json, wanted: int) -> None:
        had = replicas(one)
        notes = {DESIRED: str(replicas(item)), MOST: str(replicas(item) + room(item)[0])}
        if not notes.items() <= notes_of(one).items():
            one = self.cluster.set_meta(REPLICASETS, one, annotations=notes_of(noted(one, notes)))
        if had != wanted:
            self.cluster.set_spec(REPLICASETS, one, replicas=wanted)
            way = "up" if wanted > had else "down"
            self.cluster.events.say(item, "ScalingReplicaSet", f"Scaled {way} replica set {name_of(one)} from {had} to {wanted}", SOURCE)

    def _roll(self, item: Json, new: Json, old: list[Json]) -> None:
        if item["spec"]["strategy"]["type"] == "Recreate":
            for one in old:
                self._scale(item, one, 0)
            if not any(is_active(pod) or pod["status"].get("phase") == "Running" for one in old for pod in pods_of(self.cluster, one)):
                self._scale(item, new, replicas(item))
            return
        size = new_size(item, new, [*old, new])
        if size != replicas(new):
            self._scale(item, new, size)
            return
        sizes = old_sizes(item, new, [one for one in old if replicas(one)])
        for one in old:
            if name_of(one) in sizes:
                self._scale(item, one, sizes[name_of(one)])

    def _forget(self, item: Json, new: str) -> None:
        """Delete the oldest sets beyond the history that is kept."""
        empty = [one for one in self._sets(item) if name_of(one) != new and not replicas(one) and not one["status"].get("replicas")]
        empty.sort(key=lambda one: int(notes_of(one).get(REVISION, "0")))
        for one in empty[: max(0, len(empty) - item["spec"]["revisionHistoryLimit"])]:
            self.cluster.delete(REPLICASETS, one)

    # ---- status ---------------------------------------------------------------------------------------------------------

    def _tell(self, key: Key) -> None:
        item = self.storage.get(DEPLOYMENTS, *key)
        if item is None:
            return
        sets = self._sets(item)
        status, again = status_of(item, sets, self._find_new(item, sets), self.cluster.clock.time())
        self.cluster.set_status(DEPLOYMENTS, item, status)
        if again is not None:
            self.look(key, again)


def _plain(template: Json) -> Json:
    labels = {key: value for key, value in ((template.get("metadata") or {}).get("labels") or {}).items() if key != HASH}
    return {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}}
