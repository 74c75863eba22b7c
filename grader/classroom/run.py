"""Grades a class: hands submissions to workers, retries failures, and stores every verdict.

A worker takes its next submission when it has finished one: files are read only when a worker is
free, and a slow submission holds up one worker. A submission that failed goes to the queue's end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from grader.class_results import SubmissionResult
from grader.classroom.crew import Worker, WorkerLost
from grader.classroom.plan import Plan
from grader.classroom.provenance import Provenance, moment
from grader.classroom.request import module_data
from grader.classroom.store import ClassStore, Run
from grader.classroom.submission import Submission, telling
from grader.errors import GraderFault
from grader.judge import Module
from grader.judge.unjudged import checks_of, unjudged
from grader.results import ExerciseResult, Outcome
from grader.wire import Graded, Troubled

__all__ = [
    "Audience",
    "Engine",
    "Nobody",
    "grade_class",
    "grade_here",
    "ungraded_result",
    "unread_result",
]

TRIES = 3  # attempts at a submission, each in another worker, before it is left ungraded
BUSY = 20  # times that the machine may have no room for a submission's processes; not tries
A_MOMENT = 1.0  # seconds before trying again
STARTS = 3  # attempts to start a worker before the run is given up


class Audience(Protocol):
    """Receives the progress of a run; a verdict only once it is stored."""

    def began(self, total: int, pending: int) -> None: ...

    def grading(self, worker: int, submission: str) -> None: ...

    def advanced(self, worker: int, done: int) -> None:
        """So many of the submissions that a worker has at once are graded there, and not here yet."""

    def graded(self, worker: int, result: SubmissionResult) -> None: ...

    def failed(self, worker: int, submission: str, reason: str) -> None: ...


class Nobody:
    """An audience that does nothing."""

    def began(self, total: int, pending: int) -> None: ...

    def grading(self, worker: int, submission: str) -> None: ...

    def advanced(self, worker: int, done: int) -> None: ...

    def graded(self, worker: int, result: SubmissionResult) -> None: ...

    def failed(self, worker: int, submission: str, reason: str) -> None: ...


Engine = Callable[[Plan, ClassStore, Run, Audience], None]
"""Grades a plan's pending submissions: stores the verdicts on each, then tells the audience."""


def grade_here(plan: Plan, store: ClassStore, run: Run, audience: Audience) -> None:
    """Grade the pending submissions with worker processes on this machine."""
    asyncio.run(_Grading(plan, store, run, audience).run())


def grade_class(
    plan: Plan,
    store: ClassStore,
    run: Run,
    audience: Audience | None = None,
    *,
    engine: Engine = grade_here,
) -> None:
    """Grade all pending submissions; on return every submission has its verdicts.

    Raises `GraderFault` when no worker can be started, and `KeyboardInterrupt` when it is stopped;
    verdicts up to then are in the store, and no process is left.
    """
    ids = [entry.id for entry in plan.entries]
    store.enrol(
        run, (_without_verdicts(one, ids, plan.kept.get(one.name, ())) for one in plan.submissions)
    )
    listener = audience or Nobody()
    listener.began(len(plan.submissions), len(plan.pending))
    if plan.pending:
        engine(plan, store, run, listener)
    _complete(plan, store, run)
    store.end(run)


def _complete(plan: Plan, store: ClassStore, run: Run) -> None:
    """Give verdicts to earlier runs' submissions on exercises that did not count then.

    One of which there was a file is ungraded, for the file is not here; any other is missing.
    """
    for known in store.known():
        absent = [
            entry for entry in plan.entries if entry.id not in store.verdicts_on(known.submission)
        ]
        results = []
        for entry in absent:
            path = f"{entry.id}.py"
            module = Module(entry, path, note=f"{path} was not handed in.")
            if entry.id in known.handed_in:
                note = f"{path} was handed in, but not graded then: give this submission again"
                module = Module(entry, path, outcome=Outcome.UNGRADED, note=note)
            results.append((plan.keys.of(module), unread_result(module)))
        if results:
            by = dict.fromkeys((one.id for one in absent), Provenance.here("", moment()))
            store.record(run, known.submission, results, by)


def _without_verdicts(
    one: Submission, ids: Collection[str], kept: Collection[str]
) -> SubmissionResult:
    return SubmissionResult(
        one.name,
        (),
        one.senders,
        one.late,
        one.note,
        one.unused,
        telling(one, [name for name in ids if name not in kept]),
        (*one.files, *kept),
        getattr(one, "submitted", ""),
        attempt=getattr(one, "attempt", None),
    )


@dataclass(frozen=True)
class _Job:
    """A submission to grade: its index, and how often it failed or found no room."""

    place: int
    failures: int = 0
    busy: int = 0
    worker: int = -1  # number of the last worker that failed


class _Grading:
    """Runs the workers of one plan."""

    def __init__(self, plan: Plan, store: ClassStore, run: Run, audience: Audience) -> None:
        self._plan = plan
        self._store = store
        self._run = run
        self._audience = audience
        self._jobs = deque(_Job(place) for place in plan.pending)
        self._in_progress = 0
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        """Run all workers until no submission is pending."""
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._plan.jobs):
                    group.create_task(self._work(number))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _work(self, number: int) -> None:
        """Run one worker until there is no job; its process may be replaced by a fresh one."""
        worker: Worker | None = None
        try:
            while (job := await self._next(number)) is not None:
                worker = worker or await self._start()
                if await self._try(number, worker, job):
                    await worker.stop()
                    worker = None
        finally:
            if worker is not None:
                await worker.stop()

    async def _start(self) -> Worker:
        for attempt in range(1, STARTS + 1):
            try:
                return await Worker.start(self._plan.worker, self._plan.command)
            except (WorkerLost, OSError) as error:
                if attempt == STARTS:
                    raise GraderFault(f"No worker can be started: {error}.") from None
                await asyncio.sleep(A_MOMENT)
        raise AssertionError  # the last attempt returns or raises

    async def _next(self, number: int) -> _Job | None:
        """Return the next job, or None when none is left; waits while a running job may still fail."""
        async with self._changed:
            while True:
                if self._jobs:
                    self._in_progress += 1
                    return self._take(number)
                if not self._in_progress:
                    return None
                await self._changed.wait()

    def _take(self, number: int) -> _Job:
        untried = (place for place, job in enumerate(self._jobs) if job.worker != number)
        place = next(untried, 0)
        job = self._jobs[place]
        del self._jobs[place]
        return job

    async def _try(self, number: int, worker: Worker, job: _Job) -> bool:
        """Grade one submission; returns True when the worker must be replaced."""
        one, began = self._plan.submissions[job.place], moment()
        self._audience.grading(number, one.name)
        pending = self._plan.pending_modules(one, self._store)
        unread = [pair for pair in pending if pair[1].outcome is Outcome.UNGRADED]
        pending = [pair for pair in pending if pair[1].outcome is not Outcome.UNGRADED]
        results: list[ExerciseResult] = []
        reason, grown, busy = "", False, False
        times: Mapping[str, tuple[str, str]] = {}
        try:
            answer = await self._asked(worker, [module for _, module in pending])
            if isinstance(answer, Graded):
                results, grown, times = list(answer.results), answer.grown, answer.times
                reason = _fault(results, worker.broken)
                if len(results) != len(pending) and not reason:
                    reason = "a worker answered something else than it was asked"
            else:
                reason, busy = answer.trouble, answer.busy
        except WorkerLost as error:
            reason = str(error)
        if busy and job.busy < BUSY:
            await asyncio.sleep(A_MOMENT)
            await self._settle(replace(job, busy=job.busy + 1))
            return True
        if reason and job.failures + 1 < TRIES:
            self._audience.failed(number, one.name, reason)
            await self._settle(replace(job, failures=job.failures + 1, worker=number))
            return True
        if len(results) != len(pending):
            why = f"Given up after {TRIES} tries: {reason}"
            results = [ungraded_result(module, why) for _, module in pending]
        results += [unread_result(module) for _, module in unread]
        keys = [key for key, _ in (*pending, *unread)]
        by = Provenance.here(f"process {worker.process.pid}", began)
        each = {result.exercise: by.at(*times.get(result.exercise, ())) for result in results}
        self._store.record(self._run, one.name, list(zip(keys, results, strict=True)), each)
        ids = [entry.id for entry in self._plan.entries]
        self._audience.graded(number, self._store.submission(one.name, ids))
        await self._settle()
        return grown or bool(reason)

    async def _asked(self, worker: Worker, modules: Sequence[Module]) -> Graded | Troubled:
        return await worker.ask(self._job(modules)) if modules else Graded(1, ())

    def _job(self, modules: Sequence[Module]) -> dict[str, Any]:
        return {
            "seed": self._plan.keys.seed,
            "modules": [module_data(module) for module in modules],
        }

    async def _settle(self, again: _Job | None = None) -> None:
        async with self._changed:
            self._in_progress -= 1
            if again is not None:
                self._jobs.append(again)
            self._changed.notify_all()


def _fault(results: Sequence[ExerciseResult], broken: Collection[str]) -> str:
    """Return the grader's fault, or ""; broken checks do not count, for no worker can do better."""
    faults = [
        result.note
        for result in results
        if result.outcome is Outcome.UNGRADED and result.exercise not in broken
    ]
    return (faults[0] or "the grader failed and did not say how") if faults else ""


def unread_result(module: Module) -> ExerciseResult:
    """Return the result of a module that was not judged: missing, or not to be read."""
    entry = module.entry
    blank = ExerciseResult(entry.id, entry.title, 0, module.outcome, path=module.path)
    return unjudged(replace(blank, note=module.note), checks_of(entry))


def ungraded_result(module: Module, reason: str) -> ExerciseResult:
    """Return the result of a module that the grader could not judge."""
    checks = checks_of(module.entry)
    return ExerciseResult(
        module.entry.id,
        module.entry.title,
        sum(check.max_score for check in checks),
        Outcome.UNGRADED,
        checks,
        module.path,
        note=reason,
    )
