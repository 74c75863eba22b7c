"""What editors and others' CI read: valid, and fitting what the grader prints."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grader.course.catalog import exercises
from grader.render.problems import problems
from grader.results import CheckResult, ExerciseResult, GradeReport, Outcome, Why
from tests.corpus import load

ROOT = Path(__file__).parent.parent
TASKS = ROOT / ".vscode" / "tasks.json"


def _matcher() -> re.Pattern[str]:
    first, *_ = json.loads(TASKS.read_text(encoding="utf-8"))["tasks"]
    return re.compile(first["problemMatcher"]["pattern"]["regexp"])


@pytest.mark.once
def test_problems_are_matched(tmp_path: Path) -> None:
    """Each line that the task prints is a problem with a file that is there, a line and a message."""
    wrong = next(
        one for one in load() if one.label == "wrong" and one.exercise == exercises()[0].id
    )
    file = tmp_path / f"{wrong.exercise}.py"
    file.write_bytes(wrong.path.read_bytes())
    command = (
        sys.executable,
        "-m",
        "grader",
        wrong.exercise,
        "--problems",
        "--from",
        str(tmp_path),
    )
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 10, done.stderr
    found = [_matcher().match(line) for line in done.stdout.splitlines()]
    assert found
    for match in found:
        assert match is not None
        assert Path(match[1]) == file
        assert 1 <= int(match[2]) <= len(file.read_text(encoding="utf-8").splitlines())


def test_a_message_is_one_line() -> None:
    """Whatever the learner's code has put into it; what could not be judged is a problem, too."""
    failed = CheckResult(
        "test_it", "It.", 1, Outcome.FAILED, Why.ERROR, "a\x1b[2Jb\nmore", "its-name"
    )
    passed = CheckResult("test_other", "Other.", 1, Outcome.PASSED, None)
    missing = ExerciseResult("ex2_b", "B", 1, Outcome.MISSING, path="ex2_b.py", note="Not there.")
    report = GradeReport(
        1, (ExerciseResult("ex1_a", "A", 1, Outcome.FAILED, (failed, passed), "ex1_a.py"), missing)
    )
    first, second = problems(report).splitlines()
    assert first == "ex1_a.py:1: a\\x1b[2Jb [its-name]"
    assert second == "ex2_b.py:1: Not there."
    assert all(_matcher().match(line) for line in (first, second))


def test_what_others_run() -> None:
    """The container and the workflow can be read; the workflow has every Python that the course names."""
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert container["postCreateCommand"].startswith("python3 noxfile.py ")
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]
    stated = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert {*stated} <= {*matrix["python"]}
    assert len(matrix["os"]) == 3
