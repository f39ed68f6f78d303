"""What tests share: the look of a screen, compared with the SVG that was accepted."""

from __future__ import annotations

import difflib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
import textual.app
import textual.pilot
from textual.app import App

from tests.real.worlds import docker_world, kube_world  # here, and only here: a second import would start a second world
from tests.waiting import settled
from tests.workers import Groups, check, slow_first

__all__ = ["docker_world", "kube_world"]

os.environ["TZ"] = "UTC"  # times that are shown in local time are the same everywhere
time.tzset()

textual.app.wait_for_idle = textual.pilot.wait_for_idle = settled  # type: ignore[attr-defined]

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
ODD = ((re.compile(r"/tmp/ph-[a-z0-9_]{8}\b"), "/tmp/ph-00000000"), (re.compile(r"127\.0\.0\.1:\d{5}\b"), "127.0.0.1:00000"))
"""What differs from run to run and says nothing: the folder of a world, ports that the system gives out."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write the looks of now into snapshots/, after looking at them")


def pytest_itemcollected(item: pytest.Item) -> None:
    """See to it that a test is in a file from whose name its worker can be told."""
    check(item)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    slow_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Groups | None:
    """Keep groups together where `--dist loadgroup` asks for it (xdist's own way does not see the groups with this pytest)."""
    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end how many real-engine tests did not run."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "real" in report.keywords]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} tests on real engines were skipped; each reason is above")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail where the engines must be (CI=true) and a test on them did not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = [report for report in reporter.stats.get("skipped", []) if "real" in report.keywords] if reporter else []
    if os.environ.get("CI") == "true" and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _a_clock_of_its_own() -> Iterator[None]:
    """Take back the clock that a cockpit brought along: kinds read it whoever asks."""
    yield
    if (common := sys.modules.get("tui.kinds.kubernetes.common")) is not None:
        common.use_clock(lambda: datetime.now(UTC))


def words_of(svg: str) -> list[str]:
    """Return the text of a screen from its SVG, a line of the screen a line."""
    rows: dict[str, list[str]] = {}
    for y, text in re.findall(r'<text[^>]*? y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        rows.setdefault(y, []).append(unescape(text).replace("\xa0", " "))
    return ["".join(parts).rstrip() for parts in rows.values()]


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare the screen of a running app with snapshots/MODULE/TEST[.STEP].svg; the test's docstring says what one should see."""
    folder = SNAPSHOTS / Path(request.node.path).stem.removeprefix("test_")
    name = re.sub(r"[^\w.-]+", "-", request.node.name.removeprefix("test_")).strip("-")

    def compare(app: App[object], step: str = "") -> None:
        svg = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="pilothouse", simplify=True))
        for odd, even in ODD:
            svg = odd.sub(even, svg)
        path = folder / (f"{name}.{step}.svg" if step else f"{name}.svg")
        now = path.with_suffix(".now.svg")
        if request.config.getoption("--accept"):
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(svg, "utf-8")
            now.unlink(missing_ok=True)
            return
        before = path.read_text("utf-8") if path.exists() else ""
        if svg == before:
            now.unlink(missing_ok=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        now.write_text(svg, "utf-8")
        changes = "\n".join(difflib.unified_diff(words_of(before), words_of(svg), "accepted", "now", lineterm="", n=1))
        pytest.fail(f"{path.name} looks different, see {now}\n{changes or '(same text, other style)'}", pytrace=False)

    return compare
