"""The lean structs that every Kubernetes kind is decoded to: just the fields that columns and facts need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Owner(msgspec.Struct, gc=False):
    """One of `metadata.ownerReferences`."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class Meta(msgspec.Struct, gc=False):
    """`metadata`, without annotations and managedFields, which make up most of its bytes."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resourceVersion: str = ""  # noqa: N815
    generation: int = 0
    creationTimestamp: datetime | None = None  # noqa: N815
    deletionTimestamp: datetime | None = None  # noqa: N815
    labels: dict[str, str] | None = None
    ownerReferences: tuple[Owner, ...] = ()  # noqa: N815


class NotedMeta(Meta, gc=False):
    """`metadata` with annotations, for the kinds that speak through them (a Deployment's revision)."""

    annotations: dict[str, str] | None = None


_NONE: Mapping[str, str] = {}


class KubeObject(msgspec.Struct, gc=False):
    """The base of every Kubernetes struct; a kind adds `spec`, `status` or `data` with the fields it shows."""

    metadata: Meta

    @property
    def uid(self) -> str:
        """Return metadata.uid."""
        return self.metadata.uid

    @property
    def name(self) -> str:
        """Return metadata.name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """Return metadata.namespace, "" where the kind has none."""
        return self.metadata.namespace

    @property
    def labels(self) -> Mapping[str, str]:
        """Return metadata.labels."""
        return self.metadata.labels or _NONE
