"""Judges submissions: runs the checks of each exercise as pytest tests, and reports the outcomes.

The checks run in this process, the submissions in separate ones. A pytest plugin object gives each check
its learner and its draws, and turns any exception into a verdict; only a check that ran to its end
without an exception has passed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from grader.contained import contained
from grader.course.catalog import Entry, declared, pristine, resolve
from grader.judge.listener import Listener, Silent
from grader.judge.modules import Module, decoded, is_untouched, read_module
from grader.judge.prefetch import rehearse
from grader.judge.unjudged import checks_of, unjudged
from grader.results import ExerciseResult, GradeReport, Outcome
from grader.runner.early import hosting, start_early
from grader.runner.hosts import Host
from grader.runner.learner import Learner, Submission
from grader.runner.watch import Spent

if TYPE_CHECKING:
    from grader.judge.observing import Pick
    from grader.judge.scorecard import Scorecard
    from grader.runner.sandbox import Sandbox

__all__ = [
    "grade",
    "grade_modules",
    "start_early",
]


def grade(
    entries: Sequence[Entry],
    folder: Path,
    *,
    seed: int,
    fork: bool = True,
    sandbox: Sandbox | None = None,
    flagged: bool = False,
    listener: Listener | None = None,
    stubs: bool = False,
    run_checks: Callable[[Sequence[Scorecard], Listener], str] | None = None,
    modules: Mapping[str, Module] = MappingProxyType({}),
    pick: Pick | None = None,
) -> GradeReport:
    """Grade the modules in `folder` that are named like the exercises in `entries`.

    seed: the seed of all scenarios; the same seed gives the same verdicts.
    fork: use the warm server where the system supports it.
    sandbox: the sandbox for the submissions' processes; None for trusted code. With a sandbox, links are
        not followed, as they may lead to a solution.
    flagged: also fill `ExerciseResult.flags`, for a human to review.
    stubs: run the checks on untouched stubs too. These stay `not_started`, at 0 points, but their checks
        show what happened: a timeline shows the mistake before the first step.
    run_checks: as for `grade_modules`.
    modules: those that were read already, by exercise id, instead of the files in `folder`.
    pick: chooses the run that a check keeps, with its scenario; None: the one that shows a failure, or
        the last one, without it.

    Raises `GraderFault` if nothing could be graded at all.
    """
    with hosting(fork=fork, sandbox=sandbox) as host:
        read = [
            modules.get(entry.id) or read_module(entry, folder, links=sandbox is None)
            for entry in entries
        ]
        return grade_modules(
            read,
            host,
            seed=seed,
            listener=listener,
            flagged=flagged,
            stubs=stubs,
            run_checks=run_checks,
            pick=pick,
        )


def grade_modules(
    modules: Sequence[Module],
    host: Host,
    *,
    seed: int,
    listener: Listener | None = None,
    flagged: bool = False,
    stubs: bool = False,
    ahead: int | None = None,
    run_checks: Callable[[Sequence[Scorecard], Listener], str] | None = None,
    pick: Pick | None = None,
) -> GradeReport:
    """Grade modules that have been read, in processes of `host`.

    flagged, stubs, pick: as for `grade`.
    ahead: for how many exercises beyond the one being judged processes may be started; None for all,
        which is fastest but needs memory for all.
    run_checks: runs the checks of all cards, and returns a description of what went wrong with the run
        itself (default: a pytest session for this call alone).

    Raises `GraderFault` if nothing could be graded at all.
    """
    began = time.perf_counter()
    desks: list[_Desk | ExerciseResult] = []
    try:
        spent = Spent()
        desks.extend(_open(module, host, seed, spent, stubs=stubs) for module in modules)
        queue = _Queue([desk for desk in desks if isinstance(desk, _Desk)], ahead)
        results = _judge(desks, queue, seed, listener or Silent(), run_checks, pick=pick)
        if flagged:
            results = [_flagged(*pair) for pair in zip(desks, results, strict=True)]
    finally:
        for desk in desks:
            if isinstance(desk, _Desk):
                desk.learner.close()
    return GradeReport(seed, tuple(results), wall_ms=_ms(began))


@dataclass(eq=False)
class _Desk:
    """A submission to be judged.

    seed: the run's seed.
    untouched: the note if it is an untouched stub, else empty.
    """

    entry: Entry
    learner: Learner
    path: str
    source: str
    seed: int
    untouched: str = ""

    def begin(self) -> None:
        """Start the submission's processes, and request the first scenario of each check."""
        self.learner.start()
        for script, process in rehearse(self.entry, self.seed):
            self.learner.prepare([script], process)


class _Queue:
    """Starts the submissions' processes in the order in which they are judged."""

    def __init__(self, desks: Sequence[_Desk], ahead: int | None) -> None:
        self._ahead = len(desks) if ahead is None else ahead
        self._waiting = deque(desks)
        self._begun: list[_Desk] = []
        self.see_to(None)

    def see_to(self, judged: _Desk | None) -> None:
        """Start as many as `ahead` allows when this desk is being judged; None: before the first."""
        place = self._begun.index(judged) if judged in self._begun else 0
        while self._waiting and len(self._begun) <= place + self._ahead:
            desk = self._waiting.popleft()
            self._begun.append(desk)
            desk.begin()


def _open(
    module: Module, host: Host, seed: int, spent: Spent, *, stubs: bool
) -> _Desk | ExerciseResult:
    """Prepare the module to be judged, or return its result if it cannot be."""
    entry, path = module.entry, module.path
    blank = ExerciseResult(entry.id, entry.title, 0, path=path)
    if module.data is None:
        return replace(blank, outcome=module.outcome, note=module.note)
    try:
        source = decoded(module.data)
    except ValueError as error:
        return replace(blank, outcome=Outcome.FAILED, note=str(error), source="")
    note = ""
    if is_untouched(source, pristine(entry.id)):
        note = f"Open {path}: its first lines say what to do."
        if not stubs:
            return replace(blank, outcome=Outcome.NOT_STARTED, note=note, source=source)
    learner = Learner(host, Submission(entry.id, path, source), f"{seed}/{entry.id}", spent)
    return _Desk(entry, learner, path, source, seed, note)


def _judge(
    desks: Sequence[_Desk | ExerciseResult],
    queue: _Queue,
    seed: int,
    listener: Listener,
    run_checks: Callable[[Sequence[Scorecard], Listener], str] | None,
    *,
    pick: Pick | None,
) -> list[ExerciseResult]:
    cards: dict[_Desk, Scorecard] = {}
    fault = ""
    if running := [desk for desk in desks if isinstance(desk, _Desk)]:
        # A late import, since it loads pytest: meanwhile the submissions' processes are working.
        from grader.judge.scorecard import Scorecard  # noqa: PLC0415
        from grader.judge.session import run_checks as run_here  # noqa: PLC0415

        cards = {
            desk: Scorecard(desk.entry, desk.learner, seed, partial(queue.see_to, desk), pick)
            for desk in running
        }
        fault = (run_checks or run_here)([*cards.values()], listener)
    for card in cards.values():
        if card.busy is not None:
            raise card.busy
    results = []
    for desk in desks:
        if isinstance(desk, _Desk):
            result = _closed(desk, cards[desk], fault)
        else:
            result = unjudged(desk, checks_of(resolve(desk.exercise)))
        listener.exercise_ended(result)
        results.append(result)
    return results


def _closed(desk: _Desk, card: Scorecard, fault: str) -> ExerciseResult:
    """The verdict on an exercise, derived from those on its checks."""
    points = sum(check.max_score for check in card.results)
    checks = tuple(card.results)
    outcomes = {check.outcome for check in checks}
    broken = card.fault or fault
    if broken or not checks:
        outcome, note = Outcome.UNGRADED, broken or "No check was found for this exercise."
    elif desk.untouched:
        outcome, note = Outcome.NOT_STARTED, desk.untouched
    elif outcomes == {Outcome.PASSED}:
        outcome, note = Outcome.PASSED, ""
    else:
        outcome, note = Outcome.FAILED, ""
    return ExerciseResult(
        desk.entry.id,
        desk.entry.title,
        points,
        outcome,
        checks,
        desk.path,
        desk.source,
        note,
        wall_ms=round(sum(check.wall_ms for check in checks), 1),
        learned=declared(desk.entry.id).learned if outcome is Outcome.PASSED else "",
    )


def _flagged(desk: _Desk | ExerciseResult, result: ExerciseResult) -> ExerciseResult:
    """The same verdict with its flags."""
    from grader.judge.flags import flags  # noqa: PLC0415 - who grades their own exercises needs none

    noticed = tuple(desk.learner.noticed) if isinstance(desk, _Desk) else ()
    unread = ("cannot be looked through", *noticed)
    return replace(result, flags=contained(lambda: flags(desk.source, noticed), unread))


def _ms(since: float) -> float:
    return round((time.perf_counter() - since) * 1000, 1)
