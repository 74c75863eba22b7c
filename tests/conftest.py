"""What every test may count on: Ctrl-C is heard, also where the tests were started in the background."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited, and it would be handed on
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What these ask about is text, data and commands, the same under any Python.
ANY_PYTHON = (
    *("classroom", "export", "intake", "mistakes", "mutants", "render"),
    *("cli/test_dev.py", "cli/test_herding.py", "cli/test_survey.py", "test_architecture.py"),
    *("test_corpus.py", "test_defaults.py", "test_docs.py", "test_elsewhere.py", "test_engine.py"),
    *("test_goldens.py", "test_timelines.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run under one Python what hardly depends on its version."""
    here = Path(__file__).parent
    anywhere = [here / name for name in ANY_PYTHON]
    for item in items:
        if any(item.path.is_relative_to(one) for one in anywhere):
            item.add_marker(pytest.mark.once)
