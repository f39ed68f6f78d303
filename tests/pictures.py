"""Makes the pictures of the papers from the embedded world: `python -m tests.pictures FOLDER` (or `make pictures`)."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.cockpit import Cockpit
from tests.waiting import until
from tui.app import Pilothouse
from tui.config import Config
from tui.demo.world import demo

SCENES = {
    "containers": ("docker/containers", "shop-search-1"),
    "services": ("swarm/services", "shop_mailer"),
    "pods": ("pods", "checkout-"),
    "deployments": ("deployments", "checkout"),
}


async def draw(folder: Path, home: Path, environ: dict[str, str]) -> None:
    """Draw every scene as an SVG of 150 by 38 cells."""
    app = Pilothouse(Config(command="demo", home=home, environ=environ), glow=False)
    async with app.run_test(size=(150, 38)) as pilot:
        one = Cockpit(app, pilot)
        await until(lambda: {"docker", "swarm", "kubernetes"} <= app.fleet.engines.keys(), what="the engines")
        for name, (line, row) in SCENES.items():
            await one.go(line)
            await until(lambda row=row: any(shown.startswith(row) for shown in one.names), what=row)  # type: ignore[misc]
            broken = [shown for shown in one.names if shown.startswith(row)]
            await one.select(broken[-1])
            for _ in range(60):  # the details follow, and the figures move
                await pilot.pause(0.05)
            keep(folder, name, app)
        await rooms(folder, one)


def keep(folder: Path, name: str, app: Pilothouse) -> None:
    """Write what is on the screen."""
    (folder / f"{name}.svg").write_text(app.export_screenshot(title="pilothouse demo", simplify=True), "utf-8")


async def rooms(folder: Path, one: Cockpit) -> None:
    """Draw what is opened by a key: the undoing of a rollout with its difference, a log, the charts, the overview, the light theme."""
    app = one.app

    async def stand() -> None:
        for _ in range(60):
            await one.pilot.pause(0.05)

    await one.press("u")
    await one.dialog()
    await stand()
    keep(folder, "undo", app)
    await one.press("escape")
    await one.go("docker/containers")
    await one.select("shop-api-1")
    await one.press("l")
    await until(lambda: app.screen is not one.browse, what="the log")
    await stand()
    keep(folder, "logs", app)
    await one.press("escape")
    await until(lambda: app.screen is one.browse, what="the panes")
    while one.browse.details.view is None or one.browse.details.view.id != "stats":
        await one.press("v")
    await stand()
    keep(folder, "charts", app)
    await one.press("o")
    await until(lambda: app.screen.id == "overview", what="the overview")
    await stand()
    keep(folder, "overview", app)
    await one.press("escape")
    app.comfort.choose_theme("light")
    await stand()
    keep(folder, "light", app)


def main() -> None:
    """Make them."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["TZ"] = "UTC"
    with demo() as (home, environ):
        asyncio.run(draw(folder, home, dict(environ)))


if __name__ == "__main__":
    main()
