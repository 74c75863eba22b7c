"""Grades a submission for Classroom 50, with the grader that lies beside this file.

The runner starts it in the learner's checkout, and reads the verdicts in `result.json` there. What cannot
be graded, or not behind walls, gets no `result.json`, and the exit code is not 0.

The environment variable PYTHON names an interpreter that has the grader's packages already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GRADED = ("lesson",)  # another part of the course, or exercises such as "ex6"
NOT_YET = 10  # something does not pass yet, which is for `result.json` to say


def main(learner: Path) -> int:
    """Grade what lies in `learner`; returns the exit code."""
    # Handed in by these names, it is no verdict.
    for name in ("result.json", "release-body.md"):
        remove(learner / name)
    exercises = learner / "exercises"
    if exercises.resolve() != learner.resolve() / "exercises":
        sys.exit("The folder exercises is a link, and none is followed: hand in the folder itself.")
    with tempfile.TemporaryDirectory() as private:
        python = os.environ.get("PYTHON") or installed(Path(private))
        code = grade(python, exercises, learner / "result.json")
    return 0 if code == NOT_YET else code


def remove(path: Path) -> None:
    """Remove whatever has this name; a link, not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def installed(folder: Path) -> str:
    """An interpreter with the grader's packages, in a folder that only we can write."""
    python = str(folder / "bin" / "python")
    group = f"{HERE / 'pyproject.toml'}:grade"
    # Isolated (-I): nothing in the learner's checkout is taken for a part of Python or of pip.
    subprocess.run([sys.executable, "-I", "-m", "venv", folder], cwd=HERE, check=True)
    pip = [python, "-I", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--upgrade", "pip"], cwd=HERE, check=True)
    subprocess.run([*pip, "--group", group], cwd=HERE, check=True)
    return python


def grade(python: str, exercises: Path, result: Path) -> int:
    """Grade behind walls; returns the grader's exit code."""
    # Without the packages of a user (-s), and without writing bytecode beside the grader (-B).
    command = [python, "-sB", "-m", "grader", "grade", *GRADED]
    command += ["--from", str(exercises), "--classroom50", str(result)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, cwd=HERE, env=kept, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
