"""Actions: a verb per file, one key everywhere; kinds name the verbs that apply to them.

Verbs import their dialogs when they ask: the first frame needs the verbs' keys, and no dialog.
"""

from tui.actions.copy import copy
from tui.actions.cordon import cordon
from tui.actions.delete import delete
from tui.actions.drain import drain
from tui.actions.edit import edit
from tui.actions.forward import forward
from tui.actions.restart import restart
from tui.actions.rollback import rollback
from tui.actions.scale import scale
from tui.actions.start import start
from tui.actions.stop import stop
from tui.actions.uncordon import uncordon
from tui.actions.use import use

__all__ = [
    "copy", "cordon", "delete", "drain", "edit", "forward", "restart", "rollback", "scale", "start", "stop", "uncordon", "use",
]  # fmt: skip
