"""Counts a class's results, in one pass over its submissions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from grader.class_results import ClassReport, SubmissionResult, Unused
from grader.render.class_figures import (
    Bin,
    CheckFigures,
    ClassFigures,
    ExerciseFigures,
    LearnerFigures,
    MisconceptionFigures,
)
from grader.render.discrimination import Discrimination
from grader.render.example import Example, example_of
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["Tally", "bins", "class_figures", "name_of"]

MOST_BINS = 12
_Row = tuple[str, Outcome, int, int]


def class_figures(report: ClassReport) -> ClassFigures:
    """Return all figures of a class."""
    tally = Tally(report.exercises)
    for submission in report.submissions:
        tally.add(submission)
    return tally.figures(report.seed, report.unused)


def name_of(submission: SubmissionResult) -> str:
    """Return the senders' names, or else the entry's."""
    names = [sender.name for sender in submission.senders if sender.name.strip()]
    return ", ".join(names) or submission.submission


@dataclass
class _Exercise:
    """Counts of one exercise."""

    title: str = ""
    max_score: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    checks: dict[str, _Check] = field(default_factory=dict)


@dataclass
class _Check:
    title: str
    max_score: int
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    unrecognised: int = 0
    subgoal: str = ""
    discrimination: Discrimination = field(default_factory=Discrimination)


@dataclass
class _Mistake:
    exercises: Counter[str] = field(default_factory=Counter)
    learners: int = 0
    rank: tuple[bool, int, int] = (False, 0, 0)
    example: Example | None = None


class Tally:
    """Adds up submissions, keeping a few numbers of each.

    exercises: ids in the order of the course.
    """

    def __init__(self, exercises: Iterable[str]) -> None:
        self._exercises = {name: _Exercise(name) for name in exercises}
        self._mistakes: dict[str, _Mistake] = {}
        self._learners: list[LearnerFigures] = []
        self._rows: dict[_Row, _Row] = {}  # a class has few different ones: each is kept once

    def add(self, submission: SubmissionResult) -> None:
        """Count a submission."""
        codes: dict[str, None] = {}
        total = None if submission.ungraded else submission.score
        for result in submission.exercises:
            self._count(result, total)
            codes |= dict.fromkeys(self._count_mistakes(submission, result))
        for code in codes:
            self._mistakes[code].learners += 1
        self._learners.append(
            _learner(len(self._learners) + 1, submission, tuple(codes), self._kept)
        )

    def _kept(self, row: _Row) -> _Row:
        return self._rows.setdefault(row, row)

    def figures(self, seed: int, unused: Sequence[Unused] = ()) -> ClassFigures:
        """Return the figures counted so far."""
        graded = [one.score for one in self._learners if not one.ungraded]
        most = max((one.max_score for one in self._learners), default=0)
        return ClassFigures(
            seed=seed,
            exercises=tuple(_exercise(name, one) for name, one in self._exercises.items()),
            misconceptions=self._misconceptions(),
            learners=tuple(self._learners),
            scores=bins(graded, most),
            max_score=most,
            median=median(graded) if graded else None,
            mean=sum(graded) / len(graded) if graded else None,
            unused=tuple(unused),
        )

    def _count(self, result: ExerciseResult, total: int | None) -> None:
        """Count an exercise. total: the points of the submission, or None if they are not known."""
        counted = self._exercises.setdefault(result.exercise, _Exercise())
        counted.title = result.title or counted.title
        counted.max_score = max(counted.max_score, result.max_score)
        counted.outcomes[result.outcome] += 1
        for check in result.checks:
            fresh = _Check(check.title, check.max_score, subgoal=check.subgoal)
            one = counted.checks.setdefault(check.check, fresh)
            if result.outcome in (Outcome.PASSED, Outcome.FAILED):
                one.outcomes[check.outcome] += 1
                one.unrecognised += check.outcome is Outcome.FAILED and not check.misconception
                if total is not None:
                    # Not run is not passed: an earlier check that it builds on has failed.
                    one.discrimination.add(
                        passed=check.outcome is Outcome.PASSED,
                        elsewhere=total - check.score,
                    )

    def _count_mistakes(self, submission: SubmissionResult, result: ExerciseResult) -> list[str]:
        """Count the mistakes in one exercise, each once; return their codes."""
        failed = [check for check in result.checks if _is_mistake(check)]
        codes = {check.misconception or "": check for check in reversed(failed)}
        for code, check in codes.items():
            mistake = self._mistakes.setdefault(code, _Mistake())
            mistake.exercises[result.exercise] += 1
            # The clearest example has lines to show, then the fewest other mistakes, then the
            # shortest file.
            rank = (check.line is None, len(failed), len(result.source))
            if mistake.example is None or rank < mistake.rank:
                mistake.example, mistake.rank = example_of(submission, result, check), rank
        return list(codes)

    def _misconceptions(self) -> tuple[MisconceptionFigures, ...]:
        """Return the misconceptions, the most frequent first."""
        order = list(self._exercises)
        rows = [
            MisconceptionFigures(
                code,
                one.learners,
                tuple(sorted(one.exercises.items(), key=lambda row: order.index(row[0]))),
                one.example,
            )
            for code, one in self._mistakes.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-row.learners, row.code)))


def _is_mistake(check: CheckResult) -> bool:
    return check.outcome is Outcome.FAILED and check.misconception is not None


def _exercise(name: str, one: _Exercise) -> ExerciseFigures:
    checks = tuple(
        CheckFigures(
            check,
            row.title,
            row.max_score,
            row.outcomes[Outcome.PASSED],
            row.outcomes[Outcome.FAILED],
            row.outcomes[Outcome.NOT_RUN],
            row.unrecognised,
            row.subgoal,
            row.discrimination.value,
        )
        for check, row in one.checks.items()
    )
    return ExerciseFigures(name, one.title, one.max_score, dict(one.outcomes), checks)


def _learner(
    number: int,
    submission: SubmissionResult,
    mistakes: tuple[str, ...],
    kept: Callable[[_Row], _Row],
) -> LearnerFigures:
    results = submission.exercises
    return LearnerFigures(
        number=number,
        submission=submission.submission,
        name=name_of(submission),
        score=submission.score,
        max_score=submission.max_score,
        outcomes=tuple(
            kept((one.exercise, one.outcome, one.score, one.max_score)) for one in results
        ),
        flags=sum(len(one.flags) for one in results),
        unused=len(submission.unused),
        late=submission.late,
        ungraded=submission.ungraded,
        mistakes=mistakes,
        note=submission.note,
        doubts=sum(not doubt.sure for doubt in submission.doubts),
        final=_final(submission),
    )


def _final(submission: SubmissionResult) -> str:
    """Return the points in the end, where a policy or a person has adjusted them."""
    final = submission.final
    if final is None or not final.said:
        return ""
    return "not known" if final.score is None else f"{final.score:g} of {final.max_score:g}"


def bins(scores: Sequence[int], most: int) -> tuple[Bin, ...]:
    """Group scores, 0 to `most`, into at most `MOST_BINS` equal bins; full marks have their own."""
    if not scores:
        return ()
    width = max(1, -(-most // (MOST_BINS - 1)))
    counts = Counter(score // width if score < most else -1 for score in scores)
    lows = range(0, most, width)
    lower = [Bin(low, min(low + width, most) - 1, counts[low // width]) for low in lows]
    return (*lower, Bin(most, most, counts[-1]))
