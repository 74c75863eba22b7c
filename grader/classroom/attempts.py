"""Which of a learner's attempts counts: the last, the last in time, or the best.

Every attempt is graded by itself. It counts together with what earlier ones hold of other exercises: who
hands in ex1 and, later, ex2, has both. So the learner's work after each attempt is weighed, as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from grader.class_results import Final, SubmissionResult
from grader.classroom.finals import Finals
from grader.classroom.policy import BEST, IN_TIME
from grader.results import ExerciseResult, Outcome

__all__ = ["Learners"]


@dataclass(frozen=True)
class Learners:
    """Makes one submission of each learner's attempts.

    rule: of `grader.classroom.policy.ATTEMPTS`, or "" when attempts are not weighed. finals: finds the
    points in the end.
    """

    rule: str = ""
    finals: Finals = field(default_factory=Finals)

    def known(self, everybody: Iterable[SubmissionResult]) -> list[SubmissionResult]:
        """Return what is known of each learner, without verdicts, in the order of the names."""
        return [
            replace(group[-1], submission=name, attempt=None)
            for name, group in self._grouped(everybody)
        ]

    def of(
        self,
        everybody: Collection[SubmissionResult],
        known: Iterable[SubmissionResult],
        read: Callable[[str], SubmissionResult],
    ) -> Collection[SubmissionResult]:
        """Return the learners' submissions; each is weighed when it is iterated over.

        everybody: all attempts. known: the same, without verdicts. read: returns one by its name.
        """
        light = list(known)
        if not any(one.attempt for one in light):
            return everybody
        groups = [(name, [one.submission for one in group]) for name, group in self._grouped(light)]
        return _Weighed(groups, read, self.counting)

    def _grouped(
        self, everybody: Iterable[SubmissionResult]
    ) -> list[tuple[str, list[SubmissionResult]]]:
        """Return the attempts of each learner, the earliest first.

        A submission without attempts is from a run that did not weigh them, or the other way around: what
        fits the rule of this run stands.
        """
        groups: dict[str, list[SubmissionResult]] = defaultdict(list)
        for one in everybody:
            groups[one.attempt.learner if one.attempt else one.submission].append(one)
        return [(name, self._standing(groups[name])) for name in sorted(groups)]

    def _standing(self, group: list[SubmissionResult]) -> list[SubmissionResult]:
        fitting = [one for one in group if bool(one.attempt) is bool(self.rule)]
        return sorted(
            fitting or group,
            key=lambda one: (one.attempt.number if one.attempt else 0, one.submission),
        )

    def counting(self, name: str, attempts: Sequence[SubmissionResult]) -> SubmissionResult:
        """Return a learner's submission: the work after the attempt that counts."""
        if len(attempts) == 1:
            return replace(attempts[0], submission=name, attempt=None)
        after = [_after(attempts[:end], name) for end in range(1, len(attempts) + 1)]
        place, why = self._choose(after)
        return replace(after[place], counted=_said(after, place, why))

    def _choose(self, after: Sequence[SubmissionResult]) -> tuple[int, str]:
        """Return the place of the attempt that counts, and why it does."""
        last = len(after) - 1
        if self.rule == IN_TIME:
            in_time = [place for place, one in enumerate(after) if self._is_in_time(one)]
            if not in_time:
                return last, "it is the last, and none was in time"
            return in_time[-1], "it is the last in time"
        if self.rule != BEST:
            return last, "it is the last"
        finals = [self._final(one) for one in after]
        points = [final.score for final in finals if final.score is not None]
        if len(points) < len(after):  # a guess might cost points
            unknown = next(place for place, final in enumerate(finals) if final.score is None)
            return unknown, "it could not be graded, so that the best is not known"
        best = max(
            range(len(after)),
            key=lambda place: (points[place], self._is_in_time(after[place]), place),
        )
        listed = ", ".join(f"{score:g}" for score in points)
        return best, f"it has the most points in the end (in their order: {listed})"

    def _final(self, one: SubmissionResult) -> Final:
        final = self.finals.of(one).final
        assert final is not None
        return final

    def _is_in_time(self, one: SubmissionResult) -> bool:
        """Return whether an attempt is in time: by the policy, or else as the platform says."""
        policy = self.finals.policy
        if policy.sent(one) is None or policy.deadline_of(one) is None:
            return not one.late
        return policy.late_by(one) == timedelta()


def _after(attempts: Sequence[SubmissionResult], name: str) -> SubmissionResult:
    """Return a learner's work after the last of these attempts: of each exercise the newest file."""
    last = attempts[-1]
    from_where = {result.exercise: _newest(attempts, result.exercise) for result in last.exercises}
    results = tuple(
        _result(attempts[from_where[one.exercise]], one.exercise, one) for one in last.exercises
    )
    earlier = {exercise for exercise, place in from_where.items() if place < len(attempts) - 1}
    doubts = [
        doubt
        for place, one in enumerate(attempts[:-1])
        for doubt in one.doubts
        if from_where.get(doubt.exercise) == place
    ]
    handed_in = dict.fromkeys(exercise for one in attempts for exercise in one.handed_in)
    return replace(
        last,
        submission=name,
        exercises=results,
        doubts=(*doubts, *(one for one in last.doubts if one.exercise not in earlier)),
        handed_in=tuple(handed_in),
        note="" if handed_in else last.note,
        attempt=None,
    )


def _newest(attempts: Sequence[SubmissionResult], exercise: str) -> int:
    """Return the place of the last attempt that has a file of an exercise, or may have one."""
    for place in reversed(range(len(attempts))):
        if _result(attempts[place], exercise).outcome is not Outcome.MISSING:
            return place
    return len(attempts) - 1


def _result(
    one: SubmissionResult, exercise: str, otherwise: ExerciseResult | None = None
) -> ExerciseResult:
    missing = otherwise or ExerciseResult(exercise, exercise, 0, Outcome.MISSING)
    return next((each for each in one.exercises if each.exercise == exercise), missing)


def _said(after: Sequence[SubmissionResult], place: int, why: str) -> str:
    sent = after[place].submitted.replace("T", " ")
    when = f", sent {sent}," if sent else ""
    return f"Attempt {place + 1} of {len(after)}{when} counts: {why}."


class _Weighed(Collection[SubmissionResult]):
    """Learners, of whom the attempts of one at a time are in memory."""

    def __init__(
        self,
        groups: Sequence[tuple[str, Sequence[str]]],
        read: Callable[[str], SubmissionResult],
        weigh: Callable[[str, Sequence[SubmissionResult]], SubmissionResult],
    ) -> None:
        self._groups = groups
        self._read = read
        self._weigh = weigh

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[SubmissionResult]:
        for name, attempts in self._groups:
            yield self._weigh(name, [self._read(one) for one in attempts])

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)
