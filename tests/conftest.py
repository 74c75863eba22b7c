"""What every test may count on: Ctrl-C is heard, also where the tests were started in the background."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run under one Python what hardly depends on its version."""
    here = Path(__file__).parent
    everywhere = [here / name for name in EVERY_PYTHON]
    for item in items:
        if not any(item.path.is_relative_to(one) for one in everywhere):
            item.add_marker(pytest.mark.once)
