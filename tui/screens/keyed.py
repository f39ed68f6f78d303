"""Keyed: a screen on which a person's own keys hold, whatever has the focus; hints are given the keys of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingsMap, BindingType
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.widgets import Static

from widgets.bars import Hint
from widgets.steady import Steady
from widgets.words import words

if TYPE_CHECKING:
    from tui.bridge import Bridge

Keymap = Mapping[str, tuple[str, ...]]
"""The keys of those bindings, by id, that are not as they come."""


LEAST = (60, 16)  # columns and rows below which nothing can be read


class TooSmall(Static):
    """Says over the whole screen which size it has and which it needs; what is below it stays as it is."""

    DEFAULT_CSS = """
    TooSmall {
        layer: above; dock: top; width: 100%; height: 100%; content-align: center middle; text-align: center;
        background: $ph-ground; color: $ph-text;
    }
    """


class Keyed(Steady[None]):
    """Puts the keymap over every widget's bindings.

    Textual's own keymap throws away whatever else is bound to an old or a new key, also verbs of other kinds, so it cannot be used.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("T", "tour('next')", "Tour", show=False, tooltip="One minute over the panes; its next step.", id="tour"),
        Binding("ctrl+t", "tour('end')", "End tour", show=False, tooltip="No more of the tour.", id="tour.end"),
    ]
    DEFAULT_CSS = "Keyed { layers: default above; }"
    cockpit: Bridge
    keymap: Keymap = MappingProxyType({})

    def on_resize(self, event: events.Resize) -> None:
        """Say that there is too little room, as long as there is."""
        wide, high = event.size
        said = self.query(TooSmall)
        if wide >= LEAST[0] and high >= LEAST[1]:
            said.remove()
            return
        text = words((f"This window is {wide}x{high}; it takes {LEAST[0]}x{LEAST[1]}.", "text"))
        if said:
            said.first(TooSmall).update(text)
        else:
            self.mount(TooSmall(text))

    def action_tour(self, what: str) -> None:
        """Take the tour, go on with its next step, or end it."""
        if (tour := self.cockpit.browse.tour) is None:
            if what == "next":
                self.cockpit.command("tour")
        elif what == "next":
            tour.next()
        else:
            tour.end()

    def settings_changed(self) -> None:
        """Take the keys and the words of the settings of now."""

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        chain = super()._binding_chain
        if not self.keymap:
            return chain
        inner: list[DOMNode] = []
        found: list[tuple[DOMNode, BindingsMap]] = []
        for node, _ in chain:
            # the chain has lost the keys that are typed into a line by now: ask the node for all its bindings
            own = rebound(node._bindings, self.keymap)
            taken = [key for key in own.key_to_bindings if any(one.check_consume_key(key, key_to_character(key)) for one in inner)]
            for key in taken:
                del own.key_to_bindings[key]
            inner.append(node)
            found.append((node, own))
        return found

    def with_keys(self, hints: Sequence[Hint]) -> tuple[Hint, ...]:
        """Return the hints with the keys that their bindings have now."""
        return tuple(replace(hint, key=self._key_of(hint)) for hint in hints) if self.keymap else tuple(hints)

    def _key_of(self, hint: Hint) -> str:
        found = [one for _, bindings in super()._binding_chain for one in bindings.key_to_bindings.get(hint.key, ()) if one.id]
        found.sort(key=lambda one: one.action != hint.action)
        keys = self.keymap.get(found[0].id or "") if found else None
        return keys[0] if keys else hint.key


def rebound(bindings: BindingsMap, keymap: Keymap) -> BindingsMap:
    """Return the bindings with the keymap's keys; a key that a person chose comes before one that was there."""
    chosen = {key for held in keymap.values() for key in held}
    keys = {
        # what has no id and comes before everything (Textual's ctrl+q) gives way to a person's choice
        key: [one for one in some if one.id not in keymap and not (one.priority and not one.id and key in chosen)]
        for key, some in bindings.key_to_bindings.items()
    }
    once = {one.id: one for some in bindings.key_to_bindings.values() for one in some if one.id in keymap}
    for name, one in once.items():
        for key in keymap[name or ""]:
            keys.setdefault(key, []).insert(0, one.with_key(key=key, key_display=None))
    return BindingsMap.from_keys({key: some for key, some in keys.items() if some})
