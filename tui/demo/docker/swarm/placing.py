"""Placing: which node a task may go to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tui.demo.docker.figures import MEMORY
from tui.demo.docker.swarm.objects import Node, Task
from tui.demo.docker.words import Json

_CONSTRAINT = re.compile(r"\s*([\w.\-]+)\s*(==|!=)\s*(.+?)\s*")


def allowed(node: Node, template: Json) -> bool:
    """Tell whether a node meets the placement constraints."""
    return all(_meets(node, one) for one in (template.get("Placement") or {}).get("Constraints") or ())


def _meets(node: Node, constraint: str) -> bool:
    found = _CONSTRAINT.fullmatch(constraint)
    if found is None:
        return False
    key, operator, value = found.groups()
    own = {"node.id": node.id, "node.hostname": node.name, "node.role": node.role, "node.platform.os": "linux"}
    label = key.removeprefix("node.labels.")
    have = node.labels.get(label, "") if label != key else own.get(key, "")
    return (have == value) == (operator == "==")


def place(task: Task, nodes: Iterable[Node], tasks: Sequence[Task]) -> Node | str:
    """Return the node for a task: the one with the fewest of its service, then the fewest of all; or why there is none."""
    nodes = list(nodes)
    ready = [node for node in nodes if node.takes]
    fitting = [node for node in ready if allowed(node, task.template)]
    roomy = [
        node for node in fitting if _reserved(task) <= MEMORY - sum(_reserved(one) for one in tasks if one.node is node and not one.over)
    ]
    most = (task.template.get("Placement") or {}).get("MaxReplicas") or 0

    def here(node: Node, own: bool) -> int:
        return sum(1 for one in tasks if one.node is node and one.wanted and not one.over and (one.service is task.service or not own))

    free = [node for node in roomy if not most or here(node, True) < most]
    if free:
        return min(free, key=lambda node: (here(node, True), here(node, False), node.name))
    causes = []
    for count, said in (
        (len(nodes) - len(ready), "{} not available for new tasks"),
        (len(ready) - len(fitting), "scheduling constraints not satisfied on {}"),
        (len(fitting) - len(roomy), "insufficient resources on {}"),
        (len(roomy) - len(free), "max replicas per node limit exceed"),
    ):
        if count:
            causes.append(said.format(f"{count} node{'s' if count > 1 else ''}"))
    return f"no suitable node ({'; '.join(causes)})"


def _reserved(task: Task) -> int:
    asked = (task.template.get("Resources") or {}).get("Reservations") or {}
    return int(asked.get("MemoryBytes") or 0)
