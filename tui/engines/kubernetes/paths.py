"""Where objects live in the API: paths from a kind's api word ("v1/pods", "apps/v1/deployments"), a namespace and a name."""

from __future__ import annotations

from urllib.parse import quote


def collection(api: str, namespace: str = "") -> str:
    """Return the path of all objects of a kind, in one namespace or in all ("")."""
    group, _, resource = api.rpartition("/")
    root = "/api/v1" if group == "v1" else f"/apis/{group}"
    return f"{root}/namespaces/{quote(namespace, safe='')}/{resource}" if namespace else f"{root}/{resource}"


def item(api: str, namespace: str, name: str, sub: str = "") -> str:
    """Return the path of one object, or of its subresource ("scale", "log")."""
    return f"{collection(api, namespace)}/{quote(name, safe='')}" + (f"/{sub}" if sub else "")
