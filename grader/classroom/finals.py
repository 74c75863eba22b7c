"""The points in the end: what was graded, by the policy and by what a person decided, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from grader.class_results import Final, SubmissionResult
from grader.classroom.overrides import Decision, Overrides
from grader.classroom.policy import Policy
from grader.results import ExerciseResult, Outcome

__all__ = ["NO_TIME", "Finals"]

NO_TIME = "late, but by how much is not known: no points were taken off"
DIGITS = 2


@dataclass(frozen=True)
class Finals:
    """Finds the points in the end of submissions."""

    policy: Policy = field(default_factory=Policy)
    overrides: Overrides = field(default_factory=Overrides)

    def of(self, one: SubmissionResult) -> SubmissionResult:
        """Return the submission with its points in the end; what was graded stays."""
        counting = {"", *(each.exercise for each in one.exercises)}
        decisions = tuple(each for each in self.overrides.on(one) if each.exercise in counting)
        late = self.policy.late_by(one)
        points = self._points(one, decisions)
        earned = sum(points.values())
        cost = 0.0 if not late else self.policy.late.cost(earned, self.policy.units(late))
        factor = 1 - cost / earned if earned else 1.0
        total = next((each for each in decisions if not each.exercise), None)
        decided = {each.exercise for each in decisions}
        ungraded = {
            each.exercise for each in one.exercises if each.outcome is Outcome.UNGRADED
        } - decided
        unknown = total is None and (bool(ungraded) or not one.exercises)
        final = Final(
            score=None
            if unknown
            else round(earned - cost if total is None else total.points, DIGITS),
            max_score=round(
                sum(each.max_score * self.policy.weight(each.exercise) for each in one.exercises),
                DIGITS,
            ),
            # By themselves they have no weight: a column of their own has its own maximum.
            exercises={
                each.exercise: round(self._alone(each, decisions) * factor, DIGITS)
                for each in one.exercises
            },
            ungraded=frozenset(ungraded),
            said=tuple(self._said(one, decisions, late, round(cost, DIGITS))),
        )
        return replace(one, final=final, late=self._is_late(one, late))

    def _is_late(self, one: SubmissionResult, late: timedelta | None) -> bool:
        if self.policy.deadline_of(one) is None or late is None or not one.submitted:
            return one.late
        return bool(late)

    def _alone(self, each: ExerciseResult, decisions: tuple[Decision, ...]) -> float:
        decided = {one.exercise: one.points for one in decisions}
        return decided.get(each.exercise, each.score)

    def _points(self, one: SubmissionResult, decisions: tuple[Decision, ...]) -> dict[str, float]:
        return {
            each.exercise: self._alone(each, decisions) * self.policy.weight(each.exercise)
            for each in one.exercises
        }

    def _said(
        self,
        one: SubmissionResult,
        decisions: tuple[Decision, ...],
        late: timedelta | None,
        cost: float,
    ) -> Iterator[str]:
        for each in one.exercises:
            weight = self.policy.weight(each.exercise)
            if weight != 1:
                yield f"{_short(each.exercise)}: its points count {weight:g} times"
        if late is None:
            yield NO_TIME
        elif late:
            units = self.policy.units(late)
            per = self.policy.late.per + ("s" if units > 1 else "")
            deadline = self.policy.deadline_of(one)
            shown = f" (deadline {deadline:%Y-%m-%d %H:%M %Z})" if deadline else ""
            points = f"{cost:g} point{'' if cost == 1 else 's'} taken off"
            yield f"late, in {units} {per} after the deadline: {points}{shown}"
        graded = {each.exercise: each.score for each in one.exercises}
        for decision in decisions:
            what = _short(decision.exercise) if decision.exercise else "the total"
            was = graded[decision.exercise] if decision.exercise else one.score
            comment = f": {decision.comment}" if decision.comment else ""
            points = f"{decision.points:g} points by a person's decision, instead of {was:g}"
            yield f"{what}: {points}{comment}"


def _short(exercise: str) -> str:
    return exercise.partition("_")[0]
