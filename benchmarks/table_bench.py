"""Compare LiveTable with Textual's DataTable in one run: fill 10,000 rows, 1,000 changes, cursor, sort; prints ratios.

Run it with `python -m benchmarks.table_bench`. The times are those from the call until the screen is painted, in
Textual's headless driver; trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

import themes
from widgets.table import LiveTable, TableColumn

ROWS = 10_000
SIZE = (160, 48)


@dataclass(frozen=True)
class Pod:
    """A row."""

    name: str
    status: str
    node: str
    restarts: int
    cpu: int


def pods() -> dict[str, Pod]:
    """Return the rows, the same in every run."""
    chance = random.Random(7)
    return {f"u{n}": Pod(f"pod-{n:05}", "Running", f"node-{n % 9}", n % 7, chance.randrange(1000)) for n in range(ROWS)}


COLUMNS = (
    TableColumn("NAME", lambda o, _: o.name, lambda o: o.name),
    TableColumn("STATUS", lambda o, _: o.status, lambda o: o.status),
    TableColumn("NODE", lambda o, _: o.node, lambda o: o.node),
    TableColumn("RESTARTS", lambda o, _: str(o.restarts), lambda o: o.restarts, right=True),
    TableColumn("CPU", lambda o, _: f"{o.cpu}m", lambda o: o.cpu, right=True),
)


class Bench(App[None]):
    """Both tables, one at a time."""

    def __init__(self, live: bool) -> None:
        super().__init__()
        theme = themes.load("dark")
        self.register_theme(theme)
        self.theme = theme.name
        self.table: LiveTable | DataTable[str] = LiveTable() if live else DataTable(cursor_type="row")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the roles to themes without them."""
        return themes.defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        """Show the table."""
        yield self.table


def steps(table: LiveTable | DataTable[str], rows: dict[str, Pod]) -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    chance = random.Random(11)
    changed = {f"u{n}": replace(rows[f"u{n}"], cpu=chance.randrange(1000)) for n in chance.sample(range(ROWS), 1000)}
    if isinstance(table, LiveTable):
        table.set_columns(COLUMNS)
        live = table
        return {
            "fill 10,000 rows": lambda: live.put(rows),
            "1,000 changes": lambda: live.put(changed),
            "sort by a number": lambda: live.sort("CPU", True),
            "page down": lambda: live.action_page(1),
            "cursor down": lambda: live.action_move(1),
            "remove 10 rows": lambda: live.gone([f"u{n}" for n in range(10)]),
        }
    old = table
    keys = [old.add_column(column.title, key=column.title) for column in COLUMNS]

    def fill() -> None:
        for key, pod in rows.items():
            old.add_row(pod.name, pod.status, pod.node, str(pod.restarts), f"{pod.cpu}m", key=key)

    def change() -> None:
        for key, pod in changed.items():
            old.update_cell(key, keys[4], f"{pod.cpu}m")

    def remove() -> None:
        for n in range(10):
            old.remove_row(f"u{n}")

    return {
        "fill 10,000 rows": fill,
        "1,000 changes": change,
        "sort by a number": lambda: old.sort(keys[4], key=lambda cell: int(cell[:-1]), reverse=True),
        "page down": old.action_page_down,
        "cursor down": old.action_cursor_down,
        "remove 10 rows": remove,
    }


async def painted(pilot: Pilot[None], step: Callable[[], object], table: LiveTable | DataTable[str]) -> float:
    """Return the seconds from a call until the screen is painted and the app is idle."""
    began = time.process_time()
    step()
    await pilot.pause()
    while isinstance(table, LiveTable) and table._sorting.busy:  # many rows are sorted in some turns of the loop
        await pilot.pause()
    return time.process_time() - began


async def measure(live: bool) -> dict[str, float]:
    """Return the seconds of processor time that each step takes."""
    app = Bench(live)
    found: dict[str, float] = {}
    async with app.run_test(size=SIZE) as pilot:
        app.table.focus()
        for name, step in steps(app.table, pods()).items():
            found[name] = await painted(pilot, step, app.table)
    return found


async def compare(again: Callable[[bool], Awaitable[dict[str, float]]], runs: int = 3) -> None:
    """Print the medians of interleaved runs and their ratio."""
    old = [await again(False) for _ in range(1)]
    new: list[dict[str, float]] = []
    for _ in range(runs):
        new.append(await again(True))
        old.append(await again(False))
    print(f"{'':20}{'LiveTable':>12}{'DataTable':>12}{'ratio':>8}")
    for name in new[0]:
        mine, theirs = (statistics.median(run[name] for run in group) for group in (new, old))
        print(f"{name:20}{mine * 1000:9.1f} ms{theirs * 1000:9.1f} ms{theirs / mine:7.1f}x")


if __name__ == "__main__":
    asyncio.run(compare(measure))
