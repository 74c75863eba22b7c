"""Every exercise has questions, each with one right answer: that of the record."""

from __future__ import annotations

import io
import itertools
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from grader.cli.program import main
from grader.course.catalog import exercises, pristine, resolve
from grader.predict import NEVER, Question, questions
from grader.predict.choice import MOST_ITEMS
from grader.render.measures import read
from grader.results import ExerciseResult
from grader.trace import Trace
from tests.grading import grade_each

SEEDS = int(os.environ.get("GRADER_PREDICT_SEEDS", "1"))
IDS = [entry.id for entry in exercises()]
BETWEEN = 1e-4  # seconds: what is counted does not change so close to the moment that is named


def _traces(exercise: str, seed: int) -> Iterator[Trace]:
    """Of the reference, and of the stub with a line added, so that it is begun."""
    for result in _graded(seed)[exercise]:
        shown = (read(check.observation.trace) for check in result.checks)
        yield from (trace for trace in shown if trace is not None)


@cache
def _graded(seed: int) -> dict[str, list[ExerciseResult]]:
    """The results of both, by exercise: graded in one session, as collecting the checks takes long."""
    submissions = [
        (exercise, source)
        for exercise in IDS
        for source in (
            resolve(exercise).solution.read_text("utf-8"),
            f"{pristine(exercise)}\n# begun\n",
        )
    ]
    found: dict[str, list[ExerciseResult]] = {exercise: [] for exercise in IDS}
    for result in grade_each(submissions, seed):
        found[result.exercise].append(result)
    return found


@pytest.mark.once
@pytest.mark.parametrize("seed", range(1, 1 + SEEDS))
@pytest.mark.parametrize("exercise", IDS)
def test_one_right_answer(exercise: str, seed: int) -> None:
    """Over all checks of a reference and a stub: each answer is what the record says, and only that."""
    most = 0
    for trace in _traces(exercise, seed):
        asked = questions(trace)
        most = max(most, len(asked))
        assert len({one.text for one in asked}) == len(asked) <= 3
        for question in asked:
            assert question.answer == pytest.approx(_in(trace, question), abs=1e-6), question
            assert question.is_answered_by(question.answer)
            assert not question.is_answered_by(None)
            assert question.at <= trace.clock or question.answer == NEVER
            assert question.reason.endswith(".")
            assert "once, and the last of them" not in question.reason
    assert most == 3


@pytest.mark.parametrize("exercise", IDS)
def test_what_is_shown_decides_the_answers(
    exercise: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A few items with plain names, each question about one of them, and no failure without its error."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    folder = str(resolve(exercise).solution.parent)
    assert main(["predict", exercise, "--from", folder, "--seed", "5"]) == 0
    shown, _, asked = " ".join(capsys.readouterr().out.split()).partition("Your code as it is now")
    number = re.search(r" with (\d+) items?", shown)
    assert number is not None
    assert int(number[1]) <= MOST_ITEMS
    assert "<" not in shown.partition("Called: ")[2]
    questions_asked = re.findall(r"\d\. ([A-Z][^?]+\?) \[", asked)
    assert questions_asked
    for named in re.findall(r"item (\S+) (?:begin|get)", " ".join(questions_asked)):
        assert f"{named}:" in shown
    assert "fail" not in shown or "raises" in shown
    assert len(re.findall(r"A try of (\S+) takes", shown)) < 2 or all(
        "in the queue at" not in one and not one.endswith("begin?") for one in questions_asked
    )


def _in(trace: Trace, question: Question) -> float:
    """The answer, read from the rows of the record alone."""
    rows: list[tuple[Any, ...]] = [tuple(event) for event in trace.events]
    number = re.search(r"try (\d+) of item", question.text)
    named = re.search(r"item (.+?) (?:begin|get)", question.text)
    moment = re.search(r"at ([\d.]+) s\?", question.text)
    items = (
        []
        if named is None
        else [n for n in range(len(trace.items)) if (trace.name(n) or "''") == named[1]]
    )
    assert len(items) <= 1  # nobody can tell which of two is meant
    begins = [row for row in rows if row[2] == "begin" and row[4] in items]
    if number is not None and "begin" in question.text:
        (found,) = {row[0] for row in begins if row[5] == int(number[1])}
        return float(found)
    if "work on item" in question.text:
        return float(max(row[0] for row in begins if row[5] == 1))
    if "How many tries does" in question.text:
        services = {row[6] for row in begins}
        return float(max(sum(row[6] == service for row in begins) for service in services))
    if moment is not None:
        counts = {_at(rows, float(moment[1]) + off, question) for off in (-BETWEEN, 0, BETWEEN)}
        (count,) = counts
        return float(count)
    if "in all" in question.text:
        return float(sum(row[2] == "begin" for row in rows))
    if trace.how in ("deadlock", "livelock", "time_limit"):
        return NEVER
    before = list(itertools.takewhile(lambda row: row[2] != "quiet", rows))  # then the lab cancels
    if sum((row[2] == "begin") - (row[2] == "finish") for row in before):
        return NEVER
    return float(max(row[0] for row in rows if row[2] == "finish"))


def _at(rows: list[tuple[Any, ...]], moment: float, question: Question) -> int:
    """What is counted, up to a moment: in the first queue, or among the tries."""
    past = [row for row in rows if row[0] <= moment]
    if "queue" not in question.text:
        return sum((row[2] == "begin") - (row[2] == "finish") for row in past)
    first = next(row[4] for row in rows if row[2] in ("put", "get"))
    sizes = [row[5] for row in past if row[2] in ("put", "get") and row[4] == first]
    size: int = sizes[-1]
    return size


def test_chance_is_not_asked_for() -> None:
    """With jitter, no moment after the first pause that is drawn."""
    for seed in range(1, 1 + SEEDS):
        for exercise in IDS:
            for trace in _traces(exercise, seed):
                windows = trace.raw.get("windows") or []
                drawn = [
                    one.start + one.pause
                    for one in trace.retries
                    if one.pause > 1e-6
                    and (one.number > len(windows) or len({*windows[one.number - 1]}) > 1)
                ]
                for question in questions(trace):
                    if question.answer != NEVER and "How many tries" not in question.text[:14]:
                        assert question.at <= min(drawn, default=NEVER), question
