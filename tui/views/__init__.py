"""Views: panes about one object."""

from tui.views.describe import DESCRIBE
from tui.views.events import EVENTS
from tui.views.facts import FACTS
from tui.views.logs import LOGS, PREVIOUS
from tui.views.yaml import YAML

__all__ = ["DESCRIBE", "EVENTS", "FACTS", "LOGS", "PREVIOUS", "YAML"]
