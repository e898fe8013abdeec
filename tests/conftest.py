"""Options of the whole suite and the plug-ins in tests/support that hold its fixtures."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Tests commit some ten thousand times, and nobody pulls the plug: their files lie in memory where there is room.
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# Where Python may not write beside the sources, each process of a run, and each that a test starts, would compile the
# portal and its libraries anew: what is compiled is kept with pytest's own cache. What is imported above is not.
if sys.dont_write_bytecode:
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# Most of what is alive lives as long as the process: looking for cycles in it again and again finds nothing.
gc.set_threshold(50_000, 20, 100)

pytest_plugins = [
    "tests.support.examples",
    "tests.support.browser",
    "tests.support.databases",
    "tests.support.demonstrations",
    "tests.support.server",
    "tests.support.smtp",
    "tests.support.object_store",
    # Each after those it stands on: pytest wants to load a plug-in before anything imports it.
    "tests.support.portals",
    "tests.support.region",
    "tests.support.purse",
    "tests.support.crawled",
    "tests.support.fund",
    "tests.support.issuer",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two promises that a continuous build asks for."""
    parser.addoption("--require-browser", action="store_true", help="a missing Chromium fails")
    parser.addoption("--no-skips", action="store_true", help="every skipped test counts as failed")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than there are processors, since some always wait for a browser or a server of theirs; a chosen
    part runs in this one, where it starts quicker.
    """
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    chosen = config.getoption("keyword") or config.getoption("markexpr")
    return min((os.cpu_count() or 1) + 1, 4) if whole and not chosen else 0


def pytest_collection_finish() -> None:
    """Leave out of the search for garbage what was made so far."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    """With --no-skips a test that did not run is a failure that says why."""
    report = yield
    if report.skipped and item.config.getoption("--no-skips") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --no-skips forbids: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a module that skips itself as a whole."""
    report = yield
    if report.skipped and collector.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --no-skips forbids: {report.longrepr}"
    return report
