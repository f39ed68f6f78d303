"""A running cockpit under Textual's Pilot, spoken to as a person would: typed lines, keys, dialogs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Button, Input

from tests.waiting import until
from tui.app import Pilothouse
from tui.config import Config
from tui.facts import State
from tui.screens.browse import BrowseScreen
from tui.values import text_of
from widgets.dialogs import Question


class Cockpit:
    """The app and the hands on it."""

    def __init__(self, app: Pilothouse, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def browse(self) -> BrowseScreen:
        return self.app.browse

    @property
    def names(self) -> list[str]:
        """Return the names of the rows shown, from the top."""
        table = self.browse.table
        return [table.row(key).name for key in table.shown_keys()]

    @property
    def state(self) -> State | None:
        """Return how fresh the pane in front is, or None before it has heard anything."""
        shelf = self.browse.shelf
        return shelf.health.state if shelf is not None else None

    @property
    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]

    async def quiet(self) -> None:
        """Wait until no engine is being asked for the first time, and leave the start if none answered."""
        await until(lambda: not self._asking(), what="every engine's first answer")
        await self.pilot.pause()
        if self.app.screen.id == "start":
            await self.press("escape")

    def _asking(self) -> bool:
        fleet = self.app.fleet
        states = [engine.health.state for family in ("docker", "kubernetes") if (engine := fleet.engines.get(family))]
        return len(states) + len({"docker", "kubernetes"} & fleet.absent.keys()) < 2 or State.CONNECTING in states

    async def go(self, line: str) -> None:
        """Type a line after `:` and wait until its pane is live."""
        assert self.app.command(line), line
        await self.live()

    async def live(self) -> None:
        def is_live() -> bool:
            shelf = self.browse.shelf
            return shelf is not None and shelf.loaded and shelf.health.state is State.LIVE

        await until(is_live, what=f"a live pane of {self.browse.place.kind.title}")
        await self.pilot.pause()

    async def select(self, name: str) -> None:
        """Put the cursor on the row with this name, when it is there."""
        await until(lambda: name in self.names, what=f"the row {name} (now {self.names[:20]})")
        table = self.browse.table
        table.select(next(key for key in table.shown_keys() if table.row(key).name == name))
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def dialog(self) -> Question[object]:
        """Wait for a dialog that takes keys."""
        await until(lambda: isinstance(self.app.screen, Question), what=f"a dialog ({self.notices})")
        dialog = self.app.screen
        assert isinstance(dialog, Question)
        await until(lambda: not dialog.guarded)
        await self.pilot.pause()
        return dialog

    async def yes(self) -> None:
        """Press the yes button of the dialog in front, by keys."""
        dialog = await self.dialog()
        cancel = dialog.query_one("#cancel", Button)
        cancel.focus()
        # a button that was pressed takes no second press for the fifth of a second in which it is drawn as pressed
        await until(lambda: dialog.focused is cancel and not dialog.query(".-active"), what="the focus")
        await self.press("right", "enter")
        await until(lambda: self.app.screen is not dialog, what="the dialog to close")

    async def fill(self, text: str) -> None:
        """Put text into the dialog's field and press Enter in it."""
        dialog = await self.dialog()
        field = dialog.query_one(Input)
        field.focus()
        await until(lambda: dialog.focused is field, what="the focus")
        field.value = ""
        await self.pilot.pause()
        await self.press(*text, "enter")

    async def told(self, part: str) -> None:
        """Wait until the program has said something with these words."""
        await until(lambda: any(part in notice for notice in self.notices), what=f"{part!r} to be said ({self.notices})")

    def cell(self, name: str, title: str) -> str:
        """Return what a cell says now."""
        shelf = self.browse.shelf
        assert shelf is not None
        obj = next(obj for obj in shelf.objects.values() if obj.name == name)
        column = next(column for column in self.browse.place.kind.columns if column.title.casefold() == title.casefold())
        return text_of(column.value(obj), self.app.now())

    async def cell_is(self, name: str, title: str, wanted: str | Callable[[str], bool]) -> None:
        """Wait until a cell says something."""

        def said() -> bool:
            if not self.browse.shelf or name not in {obj.name for obj in self.browse.shelf.objects.values()}:
                return False
            text = self.cell(name, title)
            return wanted(text) if callable(wanted) else text == wanted

        await until(said, what=f"{title} of {name} to be {wanted}")


@asynccontextmanager
async def cockpit(config: Config, size: tuple[int, int] = (160, 45)) -> AsyncIterator[Cockpit]:
    """Run the app with a configuration."""
    app = Pilothouse(config, glow=False)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield Cockpit(app, pilot)


def config(home: Path, *, docker: str = "", kubeconfig: Path | None = None, read_only: bool = False, **more: str) -> Config:
    """Return a configuration that knows nothing of the machine it runs on."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "DOCKER_HOST": docker or f"unix://{home}/nobody.sock",
        "KUBECONFIG": str(kubeconfig or home / "none"),
    }
    return Config(home=home, environ=environ, read_only=read_only, **more)
