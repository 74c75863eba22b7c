"""Grades with the right seeds: a failing run's is kept until the exercise passes with it."""

from __future__ import annotations

import os
import time
from argparse import Namespace
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.cli import passes
from grader.cli.folders import is_ours, is_own, sandbox_for, wanted_folder
from grader.cli.trial import try_lab
from grader.course import catalog
from grader.results import ExerciseResult, GradeReport, Outcome
from grader.runner import early

if TYPE_CHECKING:
    from grader.cli.handed_in import HandedIn
    from grader.judge import Listener
    from grader.judge.long_session import RunChecks
    from grader.judge.observing import Pick
    from grader.practice.progress import Store
    from grader.runner.sandbox import Sandbox

__all__ = ["Grading", "fresh_seed", "open_grading"]

SEEDS = 1_000_000  # few enough to read out and type


@dataclass(frozen=True)
class Grading:
    """What to grade, and how.

    seed: the requested one, if any. store: None for a folder that is not the learner's own, whose
    results are not progress. stubs: also run untouched stubs, which stay not started. sandbox:
    isolates the modules' processes; None for trusted code. run_checks: of a pytest session that is open.
    reuse: show the stored verdict of an exercise that has passed, if nothing has changed since.
    handed_in: what was found in another folder than the learner's own, besides files named as asked.
    pick: chooses the run that a check keeps, as for `grader.judge.grade`.
    """

    entries: tuple[catalog.Entry, ...]
    folder: Path
    seed: int | None = None
    fork: bool = True
    store: Store | None = None
    stubs: bool = False
    sandbox: Sandbox | None = None
    run_checks: RunChecks | None = None
    reuse: bool = False
    handed_in: HandedIn | None = None
    pick: Pick | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know about the files, a line each."""
        return self.handed_in.remarks if self.handed_in is not None else ()

    @property
    def complete(self) -> bool:
        """Whether these are all exercises of the course."""
        return len(self.entries) == len(catalog.exercises())

    def run(self, listener: Listener | None = None) -> GradeReport:
        """Grade, confirm passes with a kept seed by a fresh one, and store the progress.

        Raises `GraderFault` if the lab does not work on this Python.
        """
        began = time.perf_counter()
        try_lab(self.store)
        files = self._files()
        kept = self._kept()
        unchanged = self._unchanged(files, kept)
        changed = [entry for entry in self.entries if entry.id not in unchanged]
        fresh = fresh_seed() if self.seed is None else self.seed
        with early.keeping():
            judged = self._results(changed, kept, fresh, listener)
        self._note(judged.values(), kept, files)
        self._note_again(unchanged.values())
        results = unchanged | judged
        report = _report([results[entry.id] for entry in self.entries], fresh)
        took = (time.perf_counter() - began) * 1000
        return replace(report, unchanged=tuple(unchanged), wall_ms=took)

    def _results(
        self,
        entries: Sequence[catalog.Entry],
        kept: dict[str, int],
        fresh: int,
        listener: Listener | None,
    ) -> dict[str, ExerciseResult]:
        results: dict[str, ExerciseResult] = {}
        seeds = {} if self.seed is not None else kept
        for seed, together in _by_seed(entries, seeds, fresh).items():
            results |= self._judged(together, seed, listener)
        confirm = [e for e in entries if _passed(results[e.id]) and results[e.id].seed != fresh]
        if confirm:
            results |= self._judged(confirm, fresh, listener)
        return results

    def _unchanged(
        self, files: Mapping[str, bytes], kept: Collection[str]
    ) -> dict[str, ExerciseResult]:
        """Return the stored verdicts that may be shown again, by exercise, in order.

        None of an exercise that has failed since (`kept`): it has to pass with that seed.
        """
        if self.store is None or not self.reuse:
            return {}
        found = passes.unchanged(self.store, files)
        return {name: result for name, result in found.items() if name not in kept}

    def _files(self) -> dict[str, bytes]:
        """Return the learner's own files, by exercise; of another folder nothing is stored."""
        return {} if self.store is None else passes.sources(self.entries, self.folder)

    def _kept(self) -> dict[str, int]:
        """Return the seeds of failing runs, by exercise."""
        if self.store is None:
            return {}
        progress = self.store.progress().values()
        return {known.exercise: known.seed for known in progress if known.seed is not None}

    def _judged(
        self, entries: Sequence[catalog.Entry], seed: int, listener: Listener | None
    ) -> dict[str, ExerciseResult]:
        report = self._grade()(
            entries,
            self.folder,
            seed=seed,
            fork=self.fork,
            listener=listener,
            stubs=self.stubs,
            run_checks=self.run_checks,
            **self._further(),
        )
        return {result.exercise: replace(result, seed=seed) for result in report.exercises}

    def _further(self) -> dict[str, Any]:
        """Return what few runs ask for, by name."""
        modules = self.handed_in.modules if self.handed_in is not None else {}
        further = {"modules": modules, "pick": self.pick}
        return {name: value for name, value in further.items() if value}

    def _grade(self) -> Callable[..., GradeReport]:
        """Return the function that grades.

        Trusted modules run while the rest is imported, strangers' modules after it.
        """
        if self.sandbox is None:
            from grader import judge  # noqa: PLC0415 - while the host is starting

            return judge.grade
        from grader.cli.strangers import grade  # noqa: PLC0415 - one's own modules need none

        return partial(grade, sandbox=self.sandbox)

    def _note(
        self,
        results: Collection[ExerciseResult],
        kept: Mapping[str, int],
        files: Mapping[str, bytes],
    ) -> None:
        """Store all verdicts; an ungraded exercise has none."""
        if self.store is None:
            return
        for result in results:
            if result.outcome is not Outcome.UNGRADED:
                self.store.record(result, self._to_keep(result, kept.get(result.exercise)))
            if _shows_a_failure(result):
                self.store.keep_failure(result)
        passes.keep(self.store, results, files, self._files())

    def _note_again(self, unchanged: Collection[ExerciseResult]) -> None:
        """Store passes that were not run again, where another file was graded in between."""
        if self.store is None or not unchanged:
            return
        known = self.store.progress()
        for result in unchanged:
            last = known.get(result.exercise)
            if last is None or last.outcome is not Outcome.PASSED:
                self.store.record(result, None)

    def _to_keep(self, result: ExerciseResult, kept: int | None) -> int | None:
        if result.outcome is Outcome.FAILED:
            return result.seed
        # A pass with a requested seed says nothing about the seed that failed before.
        return kept if self.seed is not None and kept != self.seed and _passed(result) else None


def fresh_seed() -> int:
    """Return an unpredictable seed below `SEEDS`."""
    return int.from_bytes(os.urandom(8), "big") % SEEDS


def _passed(result: ExerciseResult) -> bool:
    return result.outcome is Outcome.PASSED


def _shows_a_failure(result: ExerciseResult) -> bool:
    """Whether there is a scenario to look at: a typing error leaves none, and is soon forgotten."""
    first = result.first_failure if result.outcome is Outcome.FAILED else None
    return first is not None and first.observation.trace is not None


def _by_seed(
    entries: Sequence[catalog.Entry], kept: dict[str, int], fresh: int
) -> dict[int, list[catalog.Entry]]:
    """Group the exercises to judge together, by seed; mostly they form one group."""
    together: dict[int, list[catalog.Entry]] = {}
    for entry in entries:
        together.setdefault(kept.get(entry.id, fresh), []).append(entry)
    return together


def _report(results: list[ExerciseResult], fresh: int) -> GradeReport:
    """Return a report with the seed of the first exercise not done: the one to run again."""
    report = GradeReport(fresh, tuple(results))
    first = report.first_open
    return report if first is None or first.seed is None else replace(report, seed=first.seed)


@contextmanager
def open_grading(names: Sequence[str], options: Namespace) -> Iterator[Grading]:
    """Yield the grading that the command line asks for, while its host is starting.

    Raises `UnknownExercise`, `CourseError` for a missing folder, and `UsageError` if its modules
    need isolation that is not available.
    """
    weather = vars(options).get("weather")
    if weather is not None:
        from grader.cli.weather import weathered  # noqa: PLC0415 - most runs have none

        with weathered(names, weather) as entry:
            yield _starting((entry,), options)  # it is no progress
        return
    grading = _starting(catalog.chosen(names) if names else catalog.exercises(), options)
    if not is_own(grading.folder):
        yield grading
        return
    from grader.practice.progress import open_store, place  # noqa: PLC0415 - not before the process has started

    with open_store(place(catalog.find_home())) as store:
        yield replace(grading, store=store)


def _starting(entries: tuple[catalog.Entry, ...], options: Namespace) -> Grading:
    """Return the grading of these exercises, and start its host."""
    folder = wanted_folder(options.folder)
    sandbox = sandbox_for(options.folder, trust=options.trust)
    # From here on the host starts in parallel, while this process does its slow imports.
    early.start_early(fork=options.fork, sandbox=sandbox)
    grading = Grading(entries, folder, options.seed, options.fork, sandbox=sandbox)
    if is_ours(folder):
        return grading
    from grader.cli.handed_in import find  # noqa: PLC0415 - one's own modules are where they belong

    return replace(grading, handed_in=find(entries, folder))
