"""YAML of one object: the whole of it, as the engine's API gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from tui.model import Host, Target
from tui.views.mask import decoded, masked
from tui.views.text import TextView


class YamlPane(TextView):
    """The full object as YAML; managedFields are left out until `m` asks for them, secrets covered until `x` does."""

    language = "yaml"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "managed", "managedFields", show=False, id="yaml.managed", tooltip="Show or hide managedFields"),
        Binding("x", "reveal", "Reveal", show=False, id="yaml.reveal", tooltip="Show or cover what is secret"),
    ]
    hints = (*TextView.hints, ("m", "managedFields"), ("x", "reveal"))

    def __init__(self, host: Host, target: Target) -> None:
        super().__init__(host, target)
        self._managed = False
        self._revealed = False

    async def text(self) -> str:
        """Return the object as YAML text."""
        full = await self.host.engine(self.target.ref).fetch(self.target.ref)
        shown = decoded(full) if self._revealed else masked(full)
        return await asyncio.to_thread(dump, shown, self._managed)

    def action_reveal(self) -> None:
        """Show what is secret, decoded, or cover it again."""
        self._revealed = not self._revealed
        self.show(self.target, fresh=True)

    def action_managed(self) -> None:
        """Show or hide managedFields."""
        self._managed = not self._managed
        self.show(self.target, fresh=True)


def dump(full: Mapping[str, Any], managed: bool = False) -> str:
    """Return an object as YAML, keys in the API's order; without managedFields unless asked."""
    import yaml

    metadata = full.get("metadata")
    if not managed and isinstance(metadata, Mapping) and "managedFields" in metadata:
        full = {**full, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C one, where libyaml is there
        """A dumper that writes text of several lines as a block."""

    def block(dumper: Any, text: str) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    Dumper.add_representer(str, block)
    return str(yaml.dump(dict(full), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=4096))
