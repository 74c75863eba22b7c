"""Hostile submissions: none passes a check that it should not, or leaves a process behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.catalog import find_root
from grader.results import Outcome
from tests.corpus import Labelled, load
from tests.grading import grade_corpus

HOSTILE = [one for one in load() if one.label == "hostile"]
PARTS = 4


def marked_processes(mark: str) -> list[str]:
    """The processes whose environment or command shows the mark."""
    found = subprocess.run(["/bin/ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if mark in line and "ps -eo" not in line]


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_submissions(part: int) -> None:
    """Accepted is what keeps the contract; all else fails with an outcome that says something."""
    wrong: list[str] = []
    for one, result in grade_corpus(HOSTILE[part::PARTS], 4):
        passed = result.outcome is Outcome.PASSED
        if one.verdict == "accept" and not passed:
            failure = result.first_failure
            wrong.append(f"{one.id} is refused: {failure.message if failure else result.note}")
        honest = (Outcome.FAILED, Outcome.NOT_STARTED)
        if one.verdict == "reject" and result.outcome not in honest:
            wrong.append(f"{one.id} came out as {result.outcome}: {result.note}")
    assert not wrong


@pytest.mark.skipif(sys.platform == "win32", reason="looks for processes with ps")
def test_started_processes_are_ended(tmp_path: Path) -> None:
    """A process that a submission starts is ended with it."""
    seconds = "98765.4321"
    solution = (find_root() / "solutions" / "ex1_add_maxsize.py").read_text()
    module = tmp_path / "ex1_add_maxsize.py"
    module.write_text(
        f"import subprocess, sys\nsubprocess.Popen(['sleep', '{seconds}'])\n" + solution
    )
    labelled = Labelled(module, "ex1_add_maxsize", "hostile", None, "either", "")
    ((_one, result),) = grade_corpus([labelled])
    assert result.outcome is Outcome.PASSED
    assert marked_processes(seconds) == []
