"""The checks of exercises that are not run, from a list that is stored: importing them takes too long."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from grader.course.catalog import Entry
from grader.judge.prefetch import not_run
from grader.results import CheckResult, ExerciseResult, Outcome, Why

__all__ = ["checks_of", "store_checks", "unjudged"]

LIST = "checks.json"
"""The name of the file with the list, in the exercise's folder."""


def checks_of(entry: Entry) -> tuple[CheckResult, ...]:
    """Return the exercise's checks, none of them run; they are imported if no list is stored."""
    try:
        rows = json.loads(_file(entry).read_text(encoding="utf-8"))
        return tuple(
            CheckResult(
                row["check"],
                row["title"],
                row["max_score"],
                hints=tuple(row["hints"]),
                subgoal=row["subgoal"],
                pictured=row["pictured"],
            )
            for row in rows
        )
    except (OSError, ValueError, LookupError, TypeError):
        return not_run(entry)


def store_checks(entry: Entry) -> None:
    """Store the list of an exercise's checks as they are now; nothing if they cannot be imported."""
    if checks := not_run(entry):
        rows = [
            {
                "check": one.check,
                "title": one.title,
                "max_score": one.max_score,
                "hints": list(one.hints),
                "subgoal": one.subgoal,
                "pictured": one.pictured,
            }
            for one in checks
        ]
        text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
        _file(entry).write_text(text, encoding="utf-8")


def _file(entry: Entry) -> Path:
    return entry.checks.with_name(LIST)


def unjudged(result: ExerciseResult, checks: tuple[CheckResult, ...]) -> ExerciseResult:
    """Return a result of a module that was not run, with its checks; if it failed, the first says why."""
    points = sum(check.max_score for check in checks)
    if result.outcome is not Outcome.FAILED or not checks:
        told = [replace(check, why=Why.DEPENDENCY, message="not run") for check in checks]
        return replace(result, max_score=points, checks=tuple(told))
    first = replace(
        checks[0],
        outcome=Outcome.FAILED,
        why=Why.IMPORT,
        message=result.note,
        hints=(),  # the note says what to do, and the code was not looked at
    )
    rest = (
        replace(check, why=Why.DEPENDENCY, message="not run: the file cannot be used")
        for check in checks[1:]
    )
    return replace(result, max_score=points, checks=(first, *rest))
