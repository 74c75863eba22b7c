"""For authors: proves one exercise, from its files to its labelled submissions."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.cli.dev_find import raised_in
from grader.cli.dev_subgoals import trouble
from grader.course import catalog, labelled, pages
from grader.course.catalog import Entry
from grader.judge import Module, grade_modules
from grader.judge.long_session import RunChecks, keep_open
from grader.judge.prefetch import not_run
from grader.judge.unjudged import checks_of
from grader.results import ExerciseResult, Outcome
from grader.runner.early import hosting

__all__ = ["Row", "check"]

LONGEST_HINT = 3 * 76  # characters: three lines of a screen
SEED = 1
Grade = Callable[[bytes], ExerciseResult]
"""Grades a module given by its bytes."""


@dataclass(frozen=True)
class Row:
    """One thing that was checked. todo: what to do if it is not in order."""

    says: str
    todo: tuple[str, ...] = ()


def check(entry: Entry) -> list[Row]:
    """Check an exercise's files, then grade its stub, reference and submissions."""
    rows = [*_files(entry), *_hints(entry)]
    if any(row.todo for row in rows):
        return rows  # there is nothing to grade
    rows += [*_names(entry), *_page(entry), *_subgoals(entry)]

    def examine(run_checks: RunChecks, faults: Mapping[str, str]) -> None:
        fault = faults.get(entry.id)
        if fault:
            rows.append(Row("the checks can be collected", (fault,)))
            return
        with hosting(fork=True, sandbox=None) as host:

            def grade(data: bytes) -> ExerciseResult:
                module = Module(entry, f"{entry.id}.py", data)
                report = grade_modules([module], host, seed=SEED, run_checks=run_checks)
                return report.exercises[0]

            rows.extend(_graded(entry, grade))

    keep_open([entry], examine)
    return rows


def _files(entry: Entry) -> Iterator[Row]:
    missing = [path for path in (entry.stub, entry.solution, entry.checks) if not path.is_file()]
    yield Row("stub, reference and checks are there", tuple(f"Write {path}." for path in missing))
    if missing:
        return
    stub = entry.stub.read_text(encoding="utf-8")
    todo = []
    if "TODO" not in stub:
        todo.append(f"Mark the place to work at with a TODO comment in {entry.stub.name}.")
    if not (ast.get_docstring(ast.parse(stub)) or "").strip():
        todo.append(f"Begin {entry.stub.name} with the assignment as its docstring.")
    yield Row("the stub has its assignment and a TODO", tuple(todo))
    pristine = entry.checks.with_name(catalog.PRISTINE)
    fresh = pristine.is_file() and pristine.read_text(encoding="utf-8") == stub
    yield Row(
        "the stub is stored as it is handed out",
        () if fresh else ("Run `python -m grader dev stubs`.",),
    )
    yield Row(
        "its checks are listed as they are",
        () if checks_of(entry) == not_run(entry) else ("Run `python -m grader dev stubs`.",),
    )


def _names(entry: Entry) -> Iterator[Row]:
    """What a copy still has from the exercise that it is a copy of."""
    others = [one for one in catalog.exercises() if one.id != entry.id and one.title == entry.title]
    yield Row(
        f"its title is its own: {entry.title}",
        tuple(f"Change it in {_short(entry.checks)}: {one.id} has it too." for one in others),
    )
    folder = entry.checks.parent
    known = {
        code: file
        for file in folder.parent.rglob("mistakes*/*.toml")
        for code in tomllib.loads(file.read_text(encoding="utf-8"))
    }
    known |= {
        code: file
        for file in folder.parent.glob("*/mistakes.toml")
        if file.parent != folder
        for code in tomllib.loads(file.read_text(encoding="utf-8"))
    }
    own = folder / "mistakes.toml"
    codes = tomllib.loads(own.read_text(encoding="utf-8")) if own.is_file() else {}
    yield Row(
        "its own mistakes have names that no other has",
        tuple(f"Rename {code}: {_short(known[code])} has it." for code in codes if code in known),
    )


def _page(entry: Entry) -> Iterator[Row]:
    """Whether the lesson has a page on it; a course without a lesson needs none."""
    if not pages.folder().is_dir():
        return
    file = pages.folder() / f"{entry.id}.md"
    todo = () if file.is_file() else (f"Write {_short(file)}: docs/authoring.md says how.",)
    yield Row("the lesson has its page", todo)


def _subgoals(entry: Entry) -> Iterator[Row]:
    names = ", ".join(catalog.declared(entry.id).subgoals)
    yield Row(
        f"its checks stand under subgoals, and its stub names the same: {names or 'none'}",
        tuple(trouble(entry, not_run(entry))),
    )


def _hints(entry: Entry) -> Iterator[Row]:
    checks = not_run(entry)
    long = [
        f"{one.check}: hint {number} has {len(hint)} characters, {LONGEST_HINT} fit on three lines."
        for one in checks
        for number, hint in enumerate(one.hints, 1)
        if len(hint) > LONGEST_HINT
    ]
    yield Row(f"{len(checks)} checks have hints of at most three lines", tuple(long))
    shown = [one.check for one in checks if one.pictured]
    todo = "Give one check `pictured=True`: the one whose run shows the lesson"
    if len(shown) > 1:
        todo = f"Give only one of {', '.join(shown)} `pictured=True`"
    says = "one check's run is drawn after a pass"
    yield Row(says, () if len(shown) == 1 else (f"{todo}. docs/authoring.md says how.",))


def _graded(entry: Entry, grade: Grade) -> Iterator[Row]:
    stub = entry.stub.read_bytes()
    yield _expect("the untouched stub is not started", grade(stub), Outcome.NOT_STARTED)
    touched = grade(stub + b"\n# touched\n")
    yield _expect("the stub fails", touched, Outcome.FAILED)
    failure = touched.first_failure
    named = failure is not None and failure.misconception is not None
    says = f"the stub's mistake has a name: {failure.misconception}" if failure and named else ""
    todo = (
        () if named else ("Raise a mistake of grader.course.mistakes where the stub fails first.",)
    )
    yield Row(says or "the stub's mistake has a name", todo)
    yield _expect("the reference passes", grade(entry.solution.read_bytes()), Outcome.PASSED)
    yield from _submissions(entry, grade)


def _expect(says: str, result: ExerciseResult, outcome: Outcome) -> Row:
    if result.outcome is outcome:
        return Row(says)
    failure = result.first_failure
    why = failure.message.partition("\n")[0] if failure is not None else result.note
    return Row(says, (f"It came out as {result.outcome.value}: {why or 'no check failed'}",))


def _submissions(entry: Entry, grade: Grade) -> Iterator[Row]:
    folder = catalog.find_root() / "tests" / "submissions" / entry.id
    found = labelled.submissions(folder)
    drawn: set[str | None] = set()
    wrong = []
    for one in found:
        result = grade(one.path.read_bytes())
        failure = result.first_failure
        code = failure.misconception if failure is not None else None
        drawn.add(code)
        wanted = Outcome.PASSED if one.label == "right" else Outcome.FAILED
        if result.outcome is not wanted or code != one.misconception:
            what = result.note if result.outcome is Outcome.UNGRADED else code
            shown = f"{result.outcome.value}, {what or 'no mistake named'}"
            expected = f"{wanted.value}, {one.misconception or 'no mistake named'}"
            wrong.append(f"{_short(one.path)} came out as: {shown}; its label says: {expected}.")
    few = [] if found else [f"Put labelled submissions into {_short(folder)}/right and /wrong."]
    yield Row(f"{len(found)} labelled submissions are judged as labelled", (*wrong, *few))
    own = raised_in(entry.checks.parent)
    todo = tuple(f"Add a wrong submission that draws {code}." for code in sorted(own - drawn))
    yield Row("each mistake that its checks raise is drawn by a submission", todo)


def _short(path: Path) -> str:
    return path.relative_to(catalog.find_root()).as_posix()
