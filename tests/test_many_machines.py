"""The recipes for many machines are parsed, and their commands run, as the machinery would run them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.cli import class_, class_merge, grade
from grader.cli.options import Parser
from grader.course.catalog import exercises, find_root
from grader.runner.sandbox import isolation_or_reason
from tests.classroom.support import files_of, hand_in, solution

DOCS = find_root() / "docs"
FILES = DOCS / "many-machines"
PAGE = (DOCS / "many-machines.md").read_text(encoding="utf-8")
JOB = yaml.safe_load((FILES / "kubernetes.yml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((FILES / "matrix.yml").read_text(encoding="utf-8"))
PARTS = 8
BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="needs bash")
needs_walls = pytest.mark.skipif(isolation_or_reason() is not None, reason="needs isolation")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The folder in which a job runs: a `python` of ours, and a class of two."""
    command = tmp_path / "bin" / "python"
    command.parent.mkdir()
    root, program = shlex.quote(str(find_root())), shlex.quote(sys.executable)
    command.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {program} "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    for name in ("anna", "bert"):
        hand_in(tmp_path / "downloads", name, {exercises()[0].id: solution(1)})
    return tmp_path


def bash(course: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script where the class is."""
    path = f"{course / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(BASH), *words],
        cwd=course,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def in_one_piece(course: Path) -> dict[str, Any]:
    """The files of the class in one piece."""
    ran = bash(course, "-c", "python -m grader class downloads --out whole --seed 20260")
    assert ran.returncode == 0, ran.stderr
    return files_of(course / "whole")


def merged(course: Path, command: str) -> dict[str, Any]:
    """The files of a merge."""
    ran = bash(course, "-ec", command)
    assert ran.returncode == 0, ran.stderr
    return files_of(course / "marks")


MERGE = "python -m grader class merge parts/[0-9]* --out marks"


@pytest.mark.once
@needs_bash
@needs_walls
def test_slurm(course: Path) -> None:
    """Each task of the array grades its part, the first and the last as well."""
    script = FILES / "slurm.sh"
    (array,) = re.findall(r"#SBATCH --array=1-(\d+)", script.read_text(encoding="utf-8"))
    assert int(array) == PARTS
    for number in (1, PARTS):
        ran = bash(course, str(script), SLURM_ARRAY_TASK_ID=str(number))
        assert ran.returncode == 0, ran.stderr
    assert sorted(one.name for one in (course / "parts").iterdir()) == ["1", str(PARTS)]


@pytest.mark.once
@needs_bash
@needs_walls
@pytest.mark.skipif(shutil.which("parallel") is None, reason="needs GNU parallel")
def test_gnu_parallel(course: Path) -> None:
    """Likewise; the same line again has nothing to do."""
    runs = [bash(course, str(FILES / "parallel.sh")) for _ in range(2)]
    assert [ran.returncode for ran in runs] == [0, 0], runs[0].stderr
    assert "Grading " not in runs[1].stdout
    assert merged(course, MERGE) == in_one_piece(course)


@pytest.mark.once
@needs_bash
@needs_walls
def test_the_matrix(course: Path) -> None:
    """A job for each part hands its store over, which is all that the job that merges has."""
    part, merge = WORKFLOW["jobs"]["part"], WORKFLOW["jobs"]["merge"]
    matrix = part["strategy"]["matrix"]["part"]
    assert matrix == list(range(1, PARTS + 1))
    assert (merge["needs"], part["strategy"]["fail-fast"]) == ("part", False)
    (grade,) = _steps(part)
    (together,) = _steps(merge)
    for number in matrix:
        ran = bash(course, "-ec", _of(grade, number))
        assert ran.returncode == 0, ran.stderr
    (upload,) = [one["with"] for one in part["steps"] if "upload" in one.get("uses", "")]
    (download,) = [one["with"] for one in merge["steps"] if "download" in one.get("uses", "")]
    for number in matrix:
        name, path = _of(upload["name"], number), course / _of(upload["path"], number)
        assert Path(name).match(download["pattern"])
        place = course / "job" / download["path"] / name
        place.mkdir(parents=True)
        shutil.copy(path, place)
    (course / "parts").rename(course / "gone")
    (course / "job" / "parts").rename(course / "parts")
    assert merged(course, together) == in_one_piece(course)


def _steps(job: dict[str, Any]) -> list[str]:
    return [one["run"] for one in job["steps"] if "grader" in one.get("run", "")]


def _of(text: str, part: int) -> str:
    return text.replace("${{ matrix.part }}", str(part))


def test_kubernetes() -> None:
    """An Indexed Job: a failing index is repeated alone, and not at all where that is of no use."""
    spec = JOB["spec"]
    assert (JOB["kind"], spec["completionMode"], spec["completions"]) == ("Job", "Indexed", PARTS)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"  # a policy for failures needs it
    assert spec["backoffLimitPerIndex"] > 0
    assert spec["maxFailedIndexes"] == PARTS
    (never,) = [one for one in spec["podFailurePolicy"]["rules"] if one["action"] == "FailIndex"]
    assert never["onExitCodes"]["values"] == [2]


@pytest.mark.once
@needs_bash
@needs_walls
def test_kubernetes_grades_a_part(course: Path) -> None:
    """The indexes, which begin at zero, are all parts."""
    (container,) = JOB["spec"]["template"]["spec"]["containers"]
    _, *options = container["command"]
    for index in (0, PARTS - 1):
        ran = bash(course, *options, *container["args"], JOB_COMPLETION_INDEX=str(index))
        assert ran.returncode == 0, ran.stderr
    assert sorted(one.name for one in (course / "parts").iterdir()) == ["1", str(PARTS)]


def test_the_page_types_what_there_is() -> None:
    """All commands in it and in its files can be parsed, and its links lead to files."""
    texts = [PAGE, *(path.read_text(encoding="utf-8") for path in FILES.iterdir())]
    typed = [line for text in texts for line in re.findall(r"python -m grader (class .*)", text)]
    assert len(typed) >= 7
    for line in typed:
        words = shlex.split(line.strip().strip('"`.').removesuffix("slurm.sh"))[1:]
        parser = Parser("class", "")
        (class_merge if words[0] == "merge" else class_).declare(parser)
        parser.parse_intermixed_args(words[1:] if words[0] == "merge" else [*words, "--out", "x"])
    for line in re.findall(r"python -m grader grade (.*)", PAGE):
        parser = Parser("grade", "")
        grade.declare(parser)
        parser.parse_intermixed_args(shlex.split(line))
    linked = {link for link in re.findall(r"\]\(([^)]+)\)", PAGE) if "://" not in link}
    assert linked >= {f"many-machines/{path.name}" for path in FILES.iterdir()}
    assert all((DOCS / link).exists() for link in linked)
