"""Doctor: what the program finds on this machine, as text, for a person without a screen or a bug report."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from textwrap import wrap

from tui import __version__
from tui.config import Config
from tui.engines.findings import Finding, look_around, sentence
from tui.engines.fleet import fleet_of
from widgets.safe import safe


def doctor(config: Config) -> int:
    """Print the findings; returns 0 when an engine answers, else 1."""
    found = asyncio.run(look_around(fleet_of(config, lambda: datetime.now(UTC))))
    width = min(100, shutil.get_terminal_size().columns)
    print("\n".join(safe(line) for line in [*report(found, width), "", *about(config)]))
    return 0 if any(one.answers for one in found) else 1


def report(found: Sequence[Finding], width: int = 100) -> list[str]:
    """Return the findings as lines, folded at a width: a mark, the place, who named it; below it what is wrong and what to do."""
    lines: list[str] = []
    for family in ("docker", "kubernetes"):
        lines += ["", family.capitalize()] if lines else [family.capitalize()]
        for one in (one for one in found if one.family == family):
            mark = "ok  " if one.answers else "no  "
            lines.append(f"  {mark}{one.place}{'  (in use)' if one.chosen else ''}  from {one.source}")
            for text in (sentence(one.said), one.advice):
                lines += [f"        {part}" for part in wrap(text, width - 8, break_long_words=False, break_on_hyphens=False)]
    good = sum(one.answers for one in found)
    lines += ["", f"{good} of {len(found)} places answer." if good else "No engine answers. To look around without one: pilothouse demo"]
    return lines


def about(config: Config) -> list[str]:
    """Return what a bug report needs of the machine: versions, terminal, files."""
    size = shutil.get_terminal_size()
    terminal = " ".join(filter(None, (os.environ.get("TERM", "no TERM"), os.environ.get("COLORTERM", ""))))
    libraries = ", ".join(f"{name} {version(name)}" for name in ("textual", "docker", "kubernetes", "aiohttp", "msgspec"))
    return [
        f"pilothouse {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        libraries,
        f"terminal {terminal} {size.columns}x{size.lines}{'' if sys.stdout.isatty() else ' (not a terminal)'}",
        f"audit file {config.audit_file}",
        *comforts(config),
    ]


def comforts(config: Config) -> list[str]:
    """Return where the settings are, and each of their entries that is passed over, with its line and the reason."""
    from tui.comfort import problems

    there = "" if config.settings_file.exists() else " (not there)"
    return [f"settings {config.settings_file}{there}", *(f"  no  {fault}" for fault in problems(config))]
