"""Prepares the details of each learner for the page of a class."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from grader.class_results import ClassReport, Doubt, SubmissionResult, Unused
from grader.render.class_figures import ClassFigures, LearnerFigures
from grader.render.class_timelines import Timelines
from grader.render.class_views import Describe
from grader.render.example import Line, lines_around
from grader.render.words import TAGS
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["DetailView", "ExerciseView", "FindingView", "detail_views"]

SMALLEST = 2_000  # characters; no timeline is shorter, so none is drawn if less room is left


@dataclass(frozen=True)
class FindingView:
    """A check that did not pass, with details. left_out: there was no room for its timeline."""

    check: CheckResult
    tag: str
    message: list[str]
    mistake: str
    lines: tuple[Line, ...]
    timeline: Markup | None
    left_out: bool


@dataclass(frozen=True)
class ExerciseView:
    """One exercise of one learner. passed: how many checks passed."""

    result: ExerciseResult
    passed: int
    findings: list[FindingView]


@dataclass(frozen=True)
class DetailView:
    """All details of one learner. sources: files to be shown beside another's, by exercise."""

    figures: LearnerFigures
    identity: str
    exercises: list[ExerciseView]
    unused: tuple[Unused, ...]
    doubts: tuple[Doubt, ...] = ()
    adjusted: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


def detail_views(
    report: ClassReport,
    figures: ClassFigures,
    describe: Describe,
    timelines: Timelines | None,
    room: int,
    *,
    beside: Callable[[str], Collection[str]] = lambda _: (),
) -> Iterator[DetailView]:
    """Yield each learner's details; room for timelines that one leaves goes to the next.

    room: characters of timelines in all. beside: returns the exercises of which a submission's file is
    shown beside another's.
    """
    left = room
    for place, submission in enumerate(report.submissions):
        learner = figures.learners[place]
        builder = _Builder(describe, timelines, left // (len(figures.learners) - place))
        left -= builder.room
        exercises = [builder.exercise(result) for result in submission.exercises]
        left += builder.room
        yield DetailView(
            learner,
            _identity(submission, learner),
            exercises,
            submission.unused,
            submission.doubts,
            _adjusted(submission),
            _sources(submission, beside(submission.submission)),
        )


def _sources(submission: SubmissionResult, wanted: Collection[str]) -> dict[str, str]:
    return {one.exercise: one.source for one in submission.exercises if one.exercise in wanted}


def _adjusted(submission: SubmissionResult) -> tuple[str, ...]:
    """Return which attempt counts, and each adjustment of the points."""
    counted = (submission.counted,) if submission.counted else ()
    return counted + (submission.final.said if submission.final is not None else ())


def _identity(submission: SubmissionResult, learner: LearnerFigures) -> str:
    """Return the entry's name, unless it is the learner's, and the platform's ids and addresses."""
    known = [text for one in submission.senders for text in (one.sid, one.email) if text]
    entry = [submission.submission] if submission.submission != learner.name else []
    return " · ".join([*entry, *known])


class _Builder:
    """Builds one learner's details. room: how many characters of timelines are left."""

    def __init__(self, describe: Describe, timelines: Timelines | None, room: int) -> None:
        self.describe = describe
        self.timelines = timelines
        self.room = room

    def exercise(self, result: ExerciseResult) -> ExerciseView:
        """Build one exercise: passed checks are counted, the others detailed."""
        judged = result.outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.UNGRADED)
        checks = result.checks if judged else ()
        passed = sum(check.outcome is Outcome.PASSED for check in checks)
        findings = [
            self._finding(result, check) for check in checks if check.outcome is not Outcome.PASSED
        ]
        return ExerciseView(result, passed, findings)

    def _finding(self, result: ExerciseResult, check: CheckResult) -> FindingView:
        failed = check.outcome is Outcome.FAILED
        timeline, left_out = self._timeline(check) if failed else (None, False)
        return FindingView(
            check=check,
            tag=TAGS.get(check.why, "") if check.why and failed else "",
            message=[line for line in check.message.splitlines() if line.strip()],
            mistake=self.describe(check.misconception)[0] if check.misconception else "",
            lines=lines_around(result.source, check.line, 1) if failed else (),
            timeline=timeline,
            left_out=left_out,
        )

    def _timeline(self, check: CheckResult) -> tuple[Markup | None, bool]:
        """Return the drawing, and whether one was left out because there is no room."""
        if self.timelines is None or check.observation.trace is None:
            return None, False
        if self.room < max(SMALLEST, self.timelines.smallest):
            return None, True
        svg = self.timelines.draw(check)
        if len(svg) > self.room:
            return None, True
        self.room -= len(svg)
        return Markup(svg) or None, False  # noqa: S704 - a `Draw` escapes what it shows
