"""The checks of one exercise, and their verdicts on one submission."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from grader.contained import contained
from grader.course.api import ADVICE, IMPOSSIBLE, CheckSpec, Failure, Prose
from grader.course.catalog import Entry, declared
from grader.course.rules.exceptions import caret
from grader.errors import HostBusy
from grader.judge.prefetch import not_run_yet
from grader.results import CheckResult, Outcome, Why

if TYPE_CHECKING:
    from grader.judge.observing import Pick
    from grader.runner.learner import Learner
    from grader.trace import Trace

__all__ = ["Scorecard"]

# A program will do these again in every check, so they are reported once and the rest is not run.
_FATAL = {Why.IMPORT, Why.SIGNATURE, Why.EXIT, Why.MEMORY, Why.OUTPUT, Why.TIMEOUT, Why.BUSY_LOOP}


class Scorecard:
    """The checks of one exercise, and their verdicts on one submission."""

    def __init__(
        self,
        entry: Entry,
        learner: Learner | None = None,
        seed: int = 0,
        begin: Callable[[], object] = int,
        pick: Pick | None = None,
    ) -> None:
        """begin: called before each check, to start further learners' processes.

        pick: as for `grader.judge.grade`.
        """
        self.entry = entry
        self.pick = pick
        self.begin = begin
        self.judged = 0.0  # processor seconds used by the grader
        self.busy: HostBusy | None = None  # the machine had no room for the learner's process
        self.learner = learner
        self.seed = seed
        self.results: list[CheckResult] = []
        self.fault = ""
        self.shared: dict[str, Trace] = {}
        self._causes: dict[tuple[Any, ...], str] = {}
        self._mistakes: dict[str, str] = {}

    def expect(self, spec: CheckSpec) -> None:
        """Add a check, with the outcome NOT_RUN for now."""
        self.results.append(not_run_yet(spec, declared(self.entry.id)))

    def end(self) -> None:
        """Close the learner's processes, since all checks have been run."""
        self.shared.clear()
        if self.learner is not None:
            self.learner.close()

    def outcome_of(self, name: str) -> Outcome:
        """The outcome of an earlier check."""
        return next((r.outcome for r in self.results if r.check == name), Outcome.NOT_RUN)

    def settle(self, name: str, **verdict: Any) -> CheckResult:
        """Set the verdict on a check; returns its result."""
        place = next(i for i, result in enumerate(self.results) if result.check == name)
        self.results[place] = replace(self.results[place], **verdict)
        return self.results[place]

    def _same_cause(self, failure: Failure, title: str) -> str | None:
        """The title of an earlier check that failed for the same reason, or None."""
        if Why(failure.why) not in _FATAL | {Why.ERROR, Why.DEADLOCK, Why.LIVELOCK}:
            return None
        fatal = Why(failure.why) in _FATAL
        cause = (failure.why, failure.line, None if fatal else failure.mistake)
        if cause in self._causes:
            return self._causes[cause]
        self._causes[cause] = title
        return None

    def _cause_of(self, code: str, prose: Prose, title: str) -> str | None:
        """The title of an earlier check whose mistake caused this one, or None."""
        for earlier in prose.follows_from:
            if earlier in self._mistakes:
                return self._mistakes[earlier]
        self._mistakes.setdefault(code, title)
        return None

    def verdict_on(self, spec: CheckSpec, failure: Failure) -> dict[str, Any]:
        """The verdict, for `settle`, on a failed check; NOT_RUN if an earlier failure explains it."""
        earlier = self._same_cause(failure, spec.title)
        if earlier is not None:
            message = f"not run to its end, for the same reason as “{earlier}”"
            return {"outcome": Outcome.NOT_RUN, "why": Why.DEPENDENCY, "message": message}
        if failure.why == Why.DEPENDENCY:
            return {"outcome": Outcome.NOT_RUN, "why": Why.DEPENDENCY, "message": failure.text}
        mistake = failure.mistake
        if mistake is IMPOSSIBLE and self.learner is not None:
            self.learner.noticed["left a record that cannot be true"] = None
        help_: dict[str, Any] = {"hints": ADVICE[failure.why]} if failure.why in ADVICE else {}
        prose = mistake.prose if mistake is not None else None
        if mistake is not None and prose is not None:
            cause = self._cause_of(mistake.code, prose, spec.title)
            if cause is not None:
                message = f"not judged by itself: it follows from the mistake in “{cause}”"
                return {"outcome": Outcome.NOT_RUN, "why": Why.DEPENDENCY, "message": message}
            help_ = {"hints": prose.hints, "matters": prose.matters}
        line, message = self._line_of(failure), failure.text
        if (bare := self._uncalled(failure)) is not None:
            line, message = bare[0], f"{bare[1]} {failure.text}"
        return {
            **help_,
            "outcome": Outcome.FAILED,
            "why": Why(failure.why),
            "message": message,
            "misconception": mistake.code if mistake is not None else None,
            "line": line,
            "caret": _caret_of(failure, line),
        }

    def _uncalled(self, failure: Failure) -> tuple[int, str] | None:
        """The line of a call without its parentheses, and a sentence on it; None if there is none.

        What stopped the program has a line of its own, and is told by itself.
        """
        if self.learner is None or Why(failure.why) in (_FATAL - {Why.BUSY_LOOP}) | {Why.ERROR}:
            return None
        from grader.course.where import uncalled  # noqa: PLC0415 - most runs have no use for it

        source = self.learner.submission.code
        return contained(lambda: uncalled(source, self.entry.contract), None)

    def _line_of(self, failure: Failure) -> int | None:
        """The line to look at: from the trace, or from the source if only that knows it, or better."""
        mistake = failure.mistake
        if mistake is None or self.learner is None:
            return failure.line
        if failure.line is not None and not mistake.sharper:
            return failure.line
        from grader.course.where import spot  # noqa: PLC0415 - most runs have no use for it

        source = self.learner.submission.code
        return (
            contained(lambda: spot(mistake.place, source, self.entry.contract), None)
            or failure.line
        )


def _caret_of(failure: Failure, line: int | None) -> tuple[int, int] | None:
    """The columns where the reported error arose in the line, or None."""
    if failure.why not in (Why.ERROR, Why.IMPORT):
        return None
    trace = failure.trace
    told = (trace.end.get("error"), *(error for _, error in trace.died())) if trace else ()
    places = (caret(error, line) for error in (failure.error, *told) if error)
    return next((place for place in places if place is not None), None)
