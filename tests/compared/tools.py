"""The graders that are compared: how each is installed, runs on a class, and says who passed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from grader.course.catalog import find_root, resolve

__all__ = ["EXERCISE", "SUITES", "TOOLS", "UNREADABLE", "Class", "Tool"]

EXERCISE = resolve("ex1")
FILE = EXERCISE.solution.name
UNREADABLE = (OSError, ValueError, LookupError, ET.ParseError, subprocess.TimeoutExpired)
"""What is raised where a tool has not said what was asked."""

CHECKS = 8  # of each suite, as of the exercise
SUITES = Path(__file__).with_name("suites")


@dataclass(frozen=True)
class Class:
    """What one run of a tool is given.

    folder: an empty folder, for this run alone.
    submissions: the code of each, by name.
    python: the interpreter of the environment that has the tool.
    jobs: how many submissions are graded at once.
    limit: seconds after which a process is killed that should have ended.
    """

    folder: Path
    submissions: Mapping[str, str]
    python: Path
    jobs: int
    limit: float = 300

    def run(self, *words: str | Path, cwd: Path) -> bytes:
        """Run a command of the tool's Python; what it prints, or `TimeoutExpired`."""
        with subprocess.Popen(
            [self.python, *words],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                return process.communicate(timeout=self.limit)[0]
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise


@dataclass(frozen=True)
class Tool:
    """One of the graders.

    packages: what its environment needs; nothing for the grader of this project.
    grade: who of a class passed, by name; a submission without a verdict is missing.
    checks: the file that its checks stand in.
    before: the first version of Python that it does not support.
    alone: the packages are installed without what they depend on, because that cannot be.
    """

    name: str
    packages: tuple[str, ...]
    grade: Callable[[Class], dict[str, bool]]
    checks: Path
    before: tuple[int, int] = (4, 0)
    alone: bool = False


# -- tools that take a class -----------------------------------------------------------------------


def class_mode(given: Class) -> dict[str, bool]:
    """This project's class mode: one command for all, on all cores."""
    for name, code in given.submissions.items():
        write(given.folder / "class" / name / FILE, code)
    asked = ("--exercises", EXERCISE.id, "--jobs", str(given.jobs))
    words = ("class", given.folder / "class", "--out", given.folder / "out", *asked)
    given.run("-m", "grader", *words, cwd=find_root())
    found = read(given.folder / "out" / "results.json")["submissions"]
    graded = {one["submission"]: one["exercises"][0]["outcome"] for one in found}
    return {name: outcome == "passed" for name, outcome in graded.items() if outcome != "ungraded"}


def autograder(given: Class) -> dict[str, bool]:
    """One command for all; each check of each submission is a process."""
    for name, code in given.submissions.items():
        write(given.folder / f"{name}.py", code)
    tests = given.folder / "tests"
    shutil.copytree(SUITES / "autograder", tests / "testcases")
    copy("station.py", tests / "extra" / "station.py")
    write(tests / "config.toml", f"[CONFIG]\nMAX_CONCURRENT_SUBMISSIONS = {given.jobs}\n")
    printed = given.run("-m", "autograder", "run", "--json", ".", cwd=given.folder)
    found = json.loads(printed)["submissions"]
    return {Path(one["submission"]).stem: one["final_grade"] == 100 for one in found}


def pytest_for_all(given: Class, *options: str) -> dict[str, bool]:
    """One pytest, whose tests have the submissions as parameters."""
    for name, code in given.submissions.items():
        write(given.folder / "class" / name / FILE, code)
    for source, name in (
        ("for_pytest.py", "test_pipeline.py"),
        ("conftest_for_pytest.py", "conftest.py"),
        ("pytest.ini", "pytest.ini"),
        ("station.py", "station.py"),
    ):
        copy(source, given.folder / name)
    given.run("-m", "pytest", "-q", "--junitxml=results.xml", *options, cwd=given.folder)
    passed: Counter[str] = Counter()
    # An exit code says less: `os._exit(0)` would pass.
    for case in ET.parse(given.folder / "results.xml").iter("testcase"):  # noqa: S314 - a tool's own file
        name = case.attrib["name"].partition("[")[2].removesuffix("]")
        passed[name] += not len(case)  # what is wrong is a child: failure, error, skipped
    return {name: count == CHECKS for name, count in passed.items()}


# -- tools that take one submission ----------------------------------------------------------------


def each(one: Callable[[Class, str], bool], given: Class) -> dict[str, bool]:
    """Grade submission by submission, as many at once as `xargs -P` would start."""

    def grade(name: str) -> tuple[str, bool] | None:
        alone = replace(given, folder=given.folder / name, jobs=1)
        alone.folder.mkdir()
        try:
            return name, one(alone, name)
        except UNREADABLE:
            return None  # no verdict

    with ThreadPoolExecutor(given.jobs) as pool:
        return dict(filter(None, pool.map(grade, given.submissions)))


def check50(given: Class, name: str) -> bool:
    """Here and not on CS50's servers; a process for each check, on all cores."""
    write(given.folder / "work" / FILE, given.submissions[name])
    for source, target in (
        ("for_check50.py", "__init__.py"),
        ("cs50.yaml", ".cs50.yaml"),
        ("station.py", "station.py"),
    ):
        copy(source, given.folder / "checks" / target)
    words = ("--dev", "../checks", "--log-level", "warning", "-o", "json", "--output-file")
    given.run("-m", "check50", *words, "../results.json", cwd=given.folder / "work")
    results = read(given.folder / "results.json")["results"]
    return len(results) == CHECKS and all(one["passed"] for one in results)


def gradescope(given: Class, name: str) -> bool:
    """The folders and the script of Gradescope's examples, without the container that it has there."""
    source = given.folder / "source"
    write(source / FILE, given.submissions[name])
    copy("run_tests.py", source / "run_tests.py")
    copy("for_gradescope.py", source / "tests" / "test_pipeline.py")
    copy("station.py", source / "station.py")
    (given.folder / "results").mkdir()
    given.run("run_tests.py", cwd=source)
    tests = read(given.folder / "results" / "results.json")["tests"]
    return len(tests) == CHECKS and all(one["status"] == "passed" for one in tests)


def pytest_for_one(given: Class, name: str, *, options: tuple[str, ...] = ()) -> bool:
    """A pytest of its own."""
    alone = replace(given, submissions={name: given.submissions[name]})
    return pytest_for_all(alone, *options)[name]


# -- files -----------------------------------------------------------------------------------------


def write(file: Path, text: str) -> None:
    """Write a file, and make the folders that it lies in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def copy(suite: str, file: Path) -> None:
    """Copy a file of the suites to where a tool looks for it."""
    write(file, (SUITES / suite).read_text(encoding="utf-8"))


def read(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Read results that are JSON."""
    found: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


OURS = EXERCISE.checks
IN_PYTEST = SUITES / "for_pytest.py"
REAL = ("pytest", "pytest-asyncio")
VIRTUAL = (*REAL, "looptime")
LOOPTIME = "--looptime"

TOOLS = {
    "class": Tool("class mode", (), class_mode, OURS),
    "check50": Tool("check50", ("check50",), partial(each, check50), SUITES / "for_check50.py"),
    "gradescope": Tool(
        "gradescope-utils",
        ("gradescope-utils",),
        partial(each, gradescope),
        SUITES / "for_gradescope.py",
    ),
    "pytest": Tool("pytest-asyncio", REAL, partial(each, pytest_for_one), IN_PYTEST),
    "looptime": Tool(
        "pytest + looptime",
        VIRTUAL,
        partial(each, partial(pytest_for_one, options=(LOOPTIME,))),
        IN_PYTEST,
    ),
    "together": Tool(
        "the same, one process for all",
        VIRTUAL,
        lambda given: pytest_for_all(given, LOOPTIME),
        IN_PYTEST,
    ),
    "autograder": Tool(
        "autograder",
        # Its other dependencies, for finding likeness, end at Python 3.10; grading imports none of them.
        ("autograder==3.7.7", "tomlkit<0.12"),
        autograder,
        SUITES / "autograder" / "logs_each_put.py",
        before=(3, 12),
        alone=True,
    ),
}
