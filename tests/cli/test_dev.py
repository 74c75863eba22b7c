"""The author's tools: an exercise begins as a copy that works, and is proved by one command."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import exercises, find_root
from grader.script import from_json
from tests.cli.conftest import NAMES, Run

NEW = "ex99_try_it"
IGNORED = shutil.ignore_patterns("__pycache__", "backups")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course, small: one exercise and its submissions."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("exercises", "solutions", "grader"):
        shutil.copytree(find_root() / folder, root / folder, ignore=IGNORED)
    for entry in exercises()[1:]:
        for path in _places(root, entry.id):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    first = exercises()[0].id
    submissions = Path("tests", "submissions", first)
    shutil.copytree(find_root() / submissions, root / submissions, ignore=IGNORED)
    return root


def _places(root: Path, exercise: str) -> list[Path]:
    """The four places of an exercise."""
    return [
        root / "exercises" / f"{exercise}.py",
        root / "solutions" / f"{exercise}.py",
        root / "grader" / "course" / exercise,
        root / "tests" / "submissions" / exercise,
    ]


def _environment(root: Path) -> dict[str, str]:
    """What a command in the copy is started with.

    Where this course is measured, the copy is in its place; `tool.coverage.paths` makes them one.
    """
    found = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "120"}
    if found.pop("COVERAGE_PROCESS_CONFIG", None) is not None:
        settings = root / "coverage.ini"
        lines = ["[run]", "parallel = true", f"source = {root / 'grader'}"]
        lines += [f"data_file = {find_root() / '.coverage'}", "omit = */grader/course/ex*/*"]
        settings.write_text("\n".join(lines), encoding="utf-8")
        found["COVERAGE_PROCESS_START"] = str(settings)
    return found


def dev(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m grader dev ...` in a course."""
    return subprocess.run(
        [sys.executable, "-m", "grader", "dev", *arguments],
        cwd=root,
        env=_environment(root),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def test_a_new_exercise_works_and_is_gone_with_its_places(course: Path) -> None:
    """`dev new` writes four places, `dev check` proves them, and removing them leaves the rest."""
    made = dev(course, "new", NEW)
    assert made.returncode == 0, made.stderr
    assert all(path.exists() for path in _places(course, NEW))
    proved = dev(course, "check", NEW)
    assert proved.returncode == 10, proved.stdout + proved.stderr
    assert "2 things left to do." in proved.stdout
    assert "Change it in" in proved.stdout  # its title
    assert "Rename " in proved.stdout  # its own mistake
    assert dev(course, "new", NEW).returncode == 2  # it is there already
    solution = course / "solutions" / f"{NEW}.py"
    solution.write_text(solution.read_text().replace("q.put(item)", "q.put(None)"))
    stub = course / "exercises" / f"{NEW}.py"
    stub.write_text(stub.read_text().replace("TODO", "Nothing"))
    found = dev(course, "check", NEW)
    assert found.returncode == 10
    assert "TODO comment" in found.stdout
    assert "dev stubs" in found.stdout
    dev(course, "stubs")
    stub.write_text(stub.read_text() + "# TODO\n")
    dev(course, "stubs")
    (course / "docs" / "lesson").mkdir(parents=True)
    again = dev(course, "check", NEW).stdout
    assert "came out as failed" in again
    assert f"Write docs/lesson/{NEW}.md" in again
    for path in _places(course, NEW):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert NEW not in dev(course, "check", "nothing_of_that_name").stderr
    listed = subprocess.run(
        [sys.executable, "-m", "grader", "list"],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(course)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "ex99" not in listed.stdout


def test_subgoals_that_will_not_do(course: Path) -> None:
    """A check under none or under two, one that is not there, another order, other words in the stub."""
    name = "ex98_try_it"
    dev(course, "new", name)
    checks, stub = (_places(course, name)[place] for place in (2, 0))
    file = checks / "checks.py"
    source = file.read_text(encoding="utf-8")
    head, _, rest = source.partition("    subgoals={\n")
    declared, _, tail = rest.partition("    },\n")
    names = re.findall(r'"(test_\w+)"', declared)

    def told(**subgoals: list[str]) -> str:
        rows = "".join(
            f"        {' '.join(key.split('_'))!r}: {tuple(value)!r},\n"
            for key, value in subgoals.items()
        )
        file.write_text(f"{head}    subgoals={{\n{rows}    }},\n{tail}", encoding="utf-8")
        dev(course, "stubs")
        proved = dev(course, "check", name)
        assert proved.returncode == 10, proved.stderr
        return " ".join(proved.stdout.split())

    said = told(Begin=names[:3], Go_on=[names[5], names[4]], End=[*names[6:], names[0], "test_no"])
    assert f"{names[0]} stands under several subgoals: list it under one." in said
    assert f"{names[3]} stands under no subgoal: list it under one." in said
    assert "There is no check test_no: take it out." in said
    assert "by their first checks, in the order of the file." in said
    assert "Declared are: Begin, Go on, End." in said
    assert "Declare 3 or 4 `subgoals` in EXERCISE" in told(All_of_it=names)
    stub.write_text(stub.read_text().replace("Step by step", "Steps"), encoding="utf-8")
    assert f"the assignment in {name}.py names none." in told(Begin=[], Go_on=[], End=names)
    for path in _places(course, name):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("new",), "Say what it is to be called"),
        (("new", "Exercise 6"), "is no exercise's id"),
        (("new", f"{NAMES[0].partition('_')[0]}_again"), "Take another number"),
    ],
)
def test_names_that_will_not_do(run: Run, arguments: tuple[str, ...], says: str) -> None:
    """A name has to be an id that is free."""
    ran = run("dev", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_finding_what_there_is(run: Run) -> None:
    """By a word, with where it is and what it says."""
    assert "JOIN_BOUNDED  (grader.course.mistakes.marks)" in run("dev", "mistakes", "join").out
    assert "grader.course.rules.marks" in run("dev", "rules", "task_done").out
    assert "Nothing there speaks of 'zebra'." in run("dev", "rules", "zebra").out


def test_what_happens_in_a_check_is_printed(run: Run) -> None:
    """An event a line, by the reference, for the first check with the word in its name."""
    lines = run("dev", "play", exercises()[0].id).out.splitlines()
    assert lines[0].startswith("-- test_")
    assert any(" begin " in line for line in lines)
    assert any(line.startswith("end: {'how': 'returned'}") for line in lines)


def test_a_checks_script_is_printed(run: Run) -> None:
    """As JSON, for the lab alone."""
    script = from_json(json.loads(run("dev", "play", exercises()[0].id, "--script").out))
    assert script.calls
    assert script.services


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--check", "zebra"), "has 'zebra' in its name"),
        (("--file", "nowhere.py"), "`nowhere.py` cannot be read"),
    ],
)
def test_what_cannot_be_played(run: Run, arguments: tuple[str, ...], says: str) -> None:
    """A check or a file that is not there is said in one line."""
    ran = run("dev", "play", exercises()[0].id, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
