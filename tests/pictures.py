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
            (folder / f"{name}.svg").write_text(app.export_screenshot(title="pilothouse demo", simplify=True), "utf-8")


def main() -> None:
    """Make them."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["TZ"] = "UTC"
    with demo() as (home, environ):
        asyncio.run(draw(folder, home, dict(environ)))


if __name__ == "__main__":
    main()
