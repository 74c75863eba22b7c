"""What every test may count on, and which of them run where: under one Python or all, measured or not.

Ctrl-C is heard, also where the tests were started in the background.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a test asserts no time, on no machine
settings.load_profile("untimed")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited, and it would be handed on
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What these ask about depends on the version of Python: its loop, tracebacks, compiler and processes.
# Everything else is text, data and commands.
EVERY_PYTHON = (
    *("lab", "runner", "cli/test_worker.py", "practice/test_workers.py", "test_accuracy.py"),
    *("test_contained.py", "test_course.py", "test_flags.py", "test_judge.py"),
    *("test_long_session.py", "test_noxfile.py", "test_outcomes.py", "test_serving.py"),
    *("test_source.py", "test_trace.py", "test_words.py"),
)
# Beside the proofs.
LONG = (
    *("test_accuracy.py", "test_dev.py", "test_outcomes.py", "test_questions.py"),
    *("test_timelines.py", "test_wheel.py", "test_words.py"),
)
# The tests of each of these share something that takes long to make: one process has them all.
TOGETHER = (
    *("classroom/test_command.py", "classroom/test_parts.py"),
    *("cli/test_before.py", "cli/test_dev.py", "cli/test_survey.py", "predict/test_questions.py"),
    *("test_timelines.py", "test_wheel.py"),
)
NOT_ONCE = "not once"  # what `nox -s tests` asks for under all Pythons but the first
COVERAGE = "COVERAGE_PROCESS_CONFIG"  # with it a Python that a test starts measures itself


@cache
def _once(path: Path) -> bool:
    """Whether no test of this file depends on the version of Python."""
    here = Path(__file__).parent
    return not any(path.is_relative_to(here / name) for name in EVERY_PYTHON)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files unread of which no test is asked for: reading all takes as long as many tests."""
    unasked = config.getoption("markexpr") == NOT_ONCE and collection_path.is_file()
    return True if unasked and _once(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run under one Python what hardly depends on its version, and first what takes longest."""
    for item in items:
        if _once(item.path):
            item.add_marker(pytest.mark.once)
        if item.get_closest_marker("proof"):
            item.add_marker(pytest.mark.no_cover)
    # At the end there shall be short ones, for every process that tests.
    items.sort(key=lambda item: not (item.get_closest_marker("proof") or item.path.name in LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process one test at a time, but all tests of a file in `TOGETHER` to the same.

    xdist's own groups (`--dist=loadgroup`) do nothing with pytest 9.2, where a test's name is fixed.
    """
    if config.getoption("dist") != "loadgroup":
        return None
    from xdist.scheduler import (  # type: ignore[import-untyped]  # noqa: PLC0415 - only where xdist is
        LoadScopeScheduling,
    )

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0].removeprefix("tests/")
            return file if file in TOGETHER else nodeid

    return Together(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Do not measure the processes that a proof starts: that would take half as long again."""
    measured = os.environ.get(COVERAGE)
    if measured is None or not item.get_closest_marker("proof"):
        return (yield)
    del os.environ[COVERAGE]
    try:
        return (yield)
    finally:
        os.environ[COVERAGE] = measured
