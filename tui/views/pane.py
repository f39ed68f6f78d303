"""What every view shares: it shows one target after another, and asks the engine without holding up the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar

from textual.content import Content
from textual.widget import Widget

from tui.facts import EngineError
from tui.model import Host, Target
from widgets.frame import Frame
from widgets.words import words

REST = 0.15  # seconds the cursor rests on a row before its engine is asked


class ObjectPane(Frame):
    """A view about one object. Subclasses implement `changed` (at once) and `ask` (after a rest, cancellable)."""

    DEFAULT_CSS = "ObjectPane { height: 1fr; background: $ph-ground; }"

    def __init__(self, host: Host, target: Target) -> None:
        super().__init__()
        self.host = host
        self.target = target
        self._asking: asyncio.Task[None] | None = None

    def on_mount(self) -> None:
        """Show the first target."""
        self.show(self.target, fresh=True)

    def show(self, target: Target, *, fresh: bool = False) -> None:
        """Show a target: another object, or the same one with news."""
        other = fresh or target.ref != self.target.ref
        self.target = target
        self.changed(other)
        if other or self.keeps_asking:
            self._start(self._ask_soon(0.0 if fresh else REST))

    hints: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The keys of the view as the foot of the screen shows them, most used first."""
    keeps_asking = False
    """Whether a change of the object is a reason to ask the engine again."""

    def changed(self, other: bool) -> None:
        """Draw what is known now; `other`: it is another object than before."""

    async def ask(self) -> None:
        """Ask the engine for more and draw it."""

    def said(self, text: str) -> None:
        """Show why nothing can be shown."""

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.stop()
        self._asking = asyncio.create_task(work)

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _ask_soon(self, rest: float) -> None:
        await asyncio.sleep(rest)
        try:
            await self.ask()
        except EngineError as error:
            self.said(str(error))

    def on_unmount(self) -> None:
        """Let go of what is under way."""
        self.stop()


def nothing(text: str) -> Content:
    """Return a quiet sentence for an empty pane."""
    return words((text, "faint"))


def focus_first(widget: Widget) -> None:
    """Give the focus to the first part of a view that takes it."""
    for part in [widget, *widget.query("*")]:
        if part.can_focus:
            part.focus()
            return
