"""Views: panes about one object; the file of a pane is read when the first one is built."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tui.model import Host, Target, View

__all__ = ["DESCRIBE", "EVENTS", "FACTS", "LOGS", "PREVIOUS", "STATS", "YAML"]


def _pane(file: str, name: str, **options: bool) -> Callable[[Host, Target], Any]:
    def build(host: Host, target: Target) -> Any:
        return getattr(import_module(f"{__name__}.{file}"), name)(host, target, **options)

    return build


DESCRIBE = View("describe", "Describe", "d", _pane("describe", "DescribePane"), "Everything about the object in words, and its events.")
EVENTS = View("events", "Events", "E", _pane("events", "EventsPane"), "What was said about the object.")
FACTS = View("facts", "Facts", "", _pane("facts", "FactsPane"), "What is wrong, and what there is to know at a glance.")
LOGS = View("logs", "Logs", "l", _pane("logs", "LogsPane"), "The log, followed.")
PREVIOUS = View("previous", "Previous", "p", _pane("logs", "LogsPane", previous=True), "The log of the container's run before.")
STATS = View("stats", "Stats", "", _pane("stats", "StatsPane"), "What it used in the last five minutes: processors, memory, network.")
YAML = View("yaml", "YAML", "y", _pane("yaml", "YamlPane"), "The whole object as YAML.")
