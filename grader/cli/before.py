"""Runs the version that failed last and the present one in the same scenario."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.cli.exits import COULD_NOT_GRADE
from grader.cli.grading import Grading, fresh_seed, open_grading
from grader.course import catalog
from grader.errors import UsageError
from grader.practice.progress import Failed
from grader.results import CheckResult, ExerciseResult, Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.judge.observing import Run

__all__ = ["Compared", "compared"]


@dataclass(frozen=True)
class Compared:
    """Result: a check as it failed, and the same check now, in the same scenario.

    before: None if what failed then does not fail any more. at: when it failed (ISO 8601); "" for the
    stub, which stands in for a version of the learner's that failed.
    """

    result: ExerciseResult
    before: CheckResult | None = None
    now: CheckResult | None = None
    at: str = ""
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return COULD_NOT_GRADE if self.result.outcome is Outcome.UNGRADED else 0

    def view(self) -> RenderableType:
        from grader.render.beside import Beside  # noqa: PLC0415 - Rich comes last

        return Beside(self.result, self.before, self.now, self.at)


def compared(options: Namespace, chosen: Callable[[ExerciseResult, str], CheckResult]) -> Compared:
    """Grade what failed last, or else the stub, and then the present file with the same seed.

    chosen: finds the check that was named. Raises `UsageError` for a folder that is not the learner's
    own, and with options that ask for files.
    """
    if options.svg or options.html:
        raise UsageError("--before draws two timelines on the screen: leave --svg and --html out.")
    with open_grading([options.exercise], options) as grading:
        if grading.store is None:
            raise UsageError(
                "--before shows what failed in your own folder: leave --from and --weather out."
            )
        entry = grading.entries[0]
        failed = grading.store.failure(entry.id)
        seed = options.seed if options.seed is not None else failed.seed if failed else fresh_seed()
        then = _graded(grading, _source(entry, failed), seed, ())
        wrong = chosen(then, options.check) if options.check else then.first_failure
        shown = [wrong.observation.scenario] if wrong is not None else []
        now = _graded(grading, None, seed, shown)
        notices = grading.store.notices
    found = Compared(now, at=failed.at if failed else "", notices=notices)
    if wrong is None or wrong.outcome is not Outcome.FAILED:
        return found
    same = next((check for check in now.checks if check.check == wrong.check), None)
    if same is not None and same.observation.scenario != wrong.observation.scenario:
        same = replace(same, observation=replace(same.observation, trace=None))
    return replace(found, before=wrong, now=same)


def _source(entry: catalog.Entry, failed: Failed | None) -> bytes:
    source = failed.source if failed is not None else catalog.pristine(entry.id)
    return source.encode()


def _graded(
    grading: Grading, source: bytes | None, seed: int, shown: Collection[str]
) -> ExerciseResult:
    """Grade a source, or the learner's file if it is None, which is no progress."""
    from grader import judge  # noqa: PLC0415 - while the host is starting
    from grader.judge.observing import scenario_of  # noqa: PLC0415 - likewise

    entry = grading.entries[0]
    path = f"exercises/{entry.id}.py"
    given = {} if source is None else {entry.id: judge.Module(entry, path, source)}

    def pick(runs: Sequence[Run], failing: Run | None) -> Run:
        same = (run for run in runs if scenario_of(run) in shown)
        return failing or next(same, runs[-1])

    report = judge.grade(
        grading.entries,
        grading.folder,
        seed=seed,
        fork=grading.fork,
        stubs=True,
        modules=given,
        pick=pick,
    )
    return report.exercises[0]
