"""`python -m grader.lab FILE` prints what a module did."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import find_root

ROOT = find_root()


def printed(*arguments: str) -> str:
    """What it prints; the exit code has to be 0."""
    command = [sys.executable, "-m", "grader.lab", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("file", "options", "events"),
    [
        ("ex1_add_maxsize", ["--set", "maxsize=1"], ["put_wait", "PROD 1001 SZ 1", "return"]),
        ("ex2_build_retry_loop", ["--consumers", "1"], ["transient", "FAIL 1004", "'failed': 1"]),
        ("ex5_fix_task_done", ["--fails", "2,0"], ["RETRY 1001 2", "joined", "'retried': 2"]),
    ],
)
def test_prints_the_trace(file: str, options: list[str], events: list[str]) -> None:
    """A line an event, then how it ended and what came of it."""
    text = printed(f"solutions/{file}.py", *options)
    assert all(event in text for event in events), text


def test_what_cannot_be_imported(tmp_path: Path) -> None:
    """The reason stands in place of the events."""
    file = tmp_path / "work.py"
    file.write_text("def broken(:")
    text = printed(str(file))
    assert "SyntaxError" in text
