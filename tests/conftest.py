"""What every test may count on: Ctrl-C is heard, also where the tests were started in the background."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited, and it would be handed on
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What is in these folders and files is text and data, the same under any Python.
ANY_PYTHON = {"export", "intake", "mistakes", "render", "test_architecture.py", "test_engine.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run under one Python what hardly depends on its version."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in ANY_PYTHON:
            item.add_marker(pytest.mark.once)
