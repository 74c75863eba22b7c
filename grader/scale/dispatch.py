"""Hands out the batches of a class to the workers of a cluster, and keeps what comes back.

A batch is one worker's at a time. When that worker is lost the batch is given to another one, once: no
submission is graded more than twice. Our own processes keep a submission that kills them from the
worker, so what loses two workers is the machines' fault, and halving the batch would find nobody.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.classroom.plan import Plan
from grader.classroom.provenance import Provenance, moment
from grader.classroom.run import Audience, Engine, ungraded_result, unread_result
from grader.classroom.store import ClassStore, Run
from grader.errors import GraderFault
from grader.judge import Module
from grader.results import ExerciseResult, Outcome
from grader.scale.batch import Answer, Asked, Batch, Judged, answer_in, batch_bytes, size_of_batches
from grader.scale.cluster import GLANCE, NoAnswer, Ticket
from grader.scale.fleet import Fleet
from grader.scale.members import Member
from grader.scale.remote import grade_batch

__all__ = ["engine_on"]

TRIES = 2  # workers that a batch may lose or fail on before it is left ungraded
LARGEST = 4 << 20  # bytes of sources in a batch; one that would be larger is cut
LONELY = 30.0  # seconds without any worker that grades before a run is given up


def engine_on(fleet: Fleet) -> Engine:
    """Return what grades a plan on these workers.

    It raises `GraderFault` when the scheduler or all workers are gone for good.
    """

    def grade(plan: Plan, store: ClassStore, run: Run, audience: Audience) -> None:
        _Dispatch(fleet, plan, store, _Notes(plan, store, run, audience)).run()

    return grade


@dataclass(frozen=True)
class _Pending:
    """A batch that waits: indices of submissions, and how many workers it was lost with."""

    places: tuple[int, ...]
    tries: int = 0


@dataclass(frozen=True)
class _Work:
    """One submission: what is asked of it, with fingerprints, and what could not be read."""

    place: int
    name: str
    asked: tuple[tuple[str, Module], ...]
    unread: tuple[tuple[str, ExerciseResult], ...]

    def as_asked(self) -> Asked:
        return Asked(self.name, {module.entry.id: _file(module) for _, module in self.asked})

    def by_us(self) -> dict[str, Provenance]:
        """Return who says what no worker did, by exercise."""
        exercises = [module.entry.id for _, module in self.asked]
        exercises += [result.exercise for _, result in self.unread]
        return dict.fromkeys(exercises, Provenance.here("", moment()))

    @property
    def size(self) -> int:
        return sum(len(module.data or b"") for _, module in self.asked)


def _file(module: Module) -> bytes | str | None:
    return module.note if module.outcome is Outcome.FAILED else module.data


@dataclass(frozen=True)
class _Out:
    """A batch that a worker grades, with the number under which it tells how far it is."""

    member: Member
    pending: _Pending
    work: tuple[_Work, ...]
    number: int


class _Notes:
    """Stores verdicts and tells the audience."""

    def __init__(self, plan: Plan, store: ClassStore, run: Run, audience: Audience) -> None:
        self._store = store
        self._run = run
        self._ids = [entry.id for entry in plan.entries]
        self.audience = audience

    def note(
        self,
        number: int,
        work: _Work,
        results: Sequence[tuple[str, ExerciseResult]],
        by: Mapping[str, Provenance],
    ) -> None:
        """Store the verdicts on one submission."""
        self._store.record(self._run, work.name, [*results, *work.unread], by)
        self.audience.graded(number, self._store.submission(work.name, self._ids))

    def give_up(self, number: int, work: _Work, reason: str) -> None:
        """Leave one submission ungraded."""
        results = [(key, ungraded_result(module, reason)) for key, module in work.asked]
        self.note(number, work, results, work.by_us())


class _Dispatch:
    """Hands out the batches of one run."""

    def __init__(self, fleet: Fleet, plan: Plan, store: ClassStore, notes: _Notes) -> None:
        size = size_of_batches(len(plan.pending), len(fleet.members.present))
        starts = range(0, len(plan.pending), size)
        self._fleet = fleet
        self._plan = plan
        self._store = store
        self._notes = notes
        self._waiting = deque(_Pending(plan.pending[at : at + size]) for at in starts)
        self._out: dict[Ticket, _Out] = {}
        self._count = 0
        self._alone_since = time.monotonic()

    def run(self) -> None:
        """Grade until nothing waits; whatever ends this, nothing of it goes on in the cluster."""
        try:
            while self._waiting or self._out:
                self._hand_out()
                ticket = self._fleet.cluster.ended(GLANCE)
                if ticket is not None and not self._fleet.heard(ticket):
                    self._take_in(ticket)
                self._pass_on()
                for member in self._fleet.look():
                    self._lose(member)
                self._check_company()
        finally:
            for ticket in self._out:
                ticket.drop()

    def _pass_on(self) -> None:
        """Tell the audience how far the batches are that are not back yet."""
        numbers = {one.number: one.member.number for one in self._out.values()}
        for batch, done in self._fleet.cluster.told():
            if batch in numbers:
                self._notes.audience.advanced(numbers[batch], done)

    def _check_company(self) -> None:
        if self._fleet.members.present or not self._waiting:
            self._alone_since = time.monotonic()
        if time.monotonic() - self._alone_since > LONELY:
            rows = "; ".join(f"{who}: {why}" for who, why in self._fleet.rows())
            raise GraderFault(f"No worker is left at {self._fleet.cluster.name} ({rows}).")

    def _hand_out(self) -> None:
        """Give each worker without a batch its next one."""
        taken = {one.member.address for one in self._out.values()}
        for member in list(self._fleet.members.present.values()):
            if member.address in taken:
                continue
            work, pending = self._next_work(member.number)
            if not work:
                return
            self._give(member, pending, work)

    def _next_work(self, number: int) -> tuple[list[_Work], _Pending]:
        """Read the next batch; what would make it too large goes back to the queue."""
        while self._waiting:
            pending, size = self._waiting.popleft(), 0
            found: list[_Work] = []
            for at, place in enumerate(pending.places):
                one = self._read(place)
                size += one.size
                if found and size > LARGEST:
                    self._waiting.appendleft(replace(pending, places=pending.places[at:]))
                    break
                if one.asked:
                    found.append(one)
                else:
                    self._notes.note(number, one, (), one.by_us())
            if found:
                return found, pending
        return [], _Pending(())

    def _read(self, place: int) -> _Work:
        one = self._plan.submissions[place]
        pairs = self._plan.pending_modules(one, self._store)
        unread = [pair for pair in pairs if pair[1].outcome is Outcome.UNGRADED]
        return _Work(
            place,
            one.name,
            tuple(pair for pair in pairs if pair not in unread),
            tuple((key, unread_result(module)) for key, module in unread),
        )

    def _give(self, member: Member, pending: _Pending, work: Sequence[_Work]) -> None:
        batch = Batch(
            member.process,
            self._plan.keys.seed,
            self._plan.keys.settings,
            self._plan.worker,
            self._fleet.jobs_of(member),
            tuple(one.as_asked() for one in work),
            self._fleet.cluster.topic,
            self._count,
        )
        ticket = self._fleet.cluster.ask(member.address, grade_batch, batch_bytes(batch))
        # The answer needs no sources.
        light = [replace(one, asked=_without_data(one.asked)) for one in work]
        self._out[ticket] = _Out(member, pending, tuple(light), self._count)
        self._count += 1
        self._notes.audience.grading(member.number, f"{len(work)} on {member.host}")

    def _take_in(self, ticket: Ticket) -> None:
        """Store what a worker answered; what is missing in that is given to another one."""
        out = self._out.pop(ticket, None)
        if out is None:  # of a worker that was lost
            ticket.drop()
            return
        answer = self._answer(ticket)
        judged = {one.name: one for one in answer.submissions}
        left = [one for one in out.work if not self._kept(out.member, one, judged.get(one.name))]
        if left:
            reason = answer.trouble or "it answered something else than it was asked"
            if answer.gone:
                self._fleet.members.forget(out.member)
            else:  # it would fail on one batch after the other, faster than others can grade
                self._fleet.members.refuse(out.member, reason)
            self._again(out, left, reason)

    def _answer(self, ticket: Ticket) -> Answer:
        try:
            return answer_in(ticket.answer())
        except ValueError as error:
            return Answer((), str(error))
        except NoAnswer as error:
            self._fleet.cluster.workers()  # raises if it is the scheduler that is gone
            return Answer((), str(error))

    def _kept(self, member: Member, work: _Work, judged: Judged | None) -> bool:
        """Store the verdicts on a submission, if they are those that were asked for."""
        if judged is None:
            return False
        try:
            results = judged.results()
        except ValueError:
            return False
        asked = {(key, module.entry.id) for key, module in work.asked}
        if {(key, result.exercise) for key, result in results} != asked:
            return False
        there = {
            exercise: replace(one, worker=f"{member.address}, {one.worker}")
            for exercise, one in judged.by.items()
        }
        self._notes.note(member.number, work, results, work.by_us() | there)
        return True

    def _lose(self, member: Member) -> None:
        for ticket in [each for each, out in self._out.items() if out.member == member]:
            out = self._out.pop(ticket)
            ticket.drop()
            self._again(out, out.work, "the machine or its worker was lost")

    def _again(self, out: _Out, left: Sequence[_Work], reason: str) -> None:
        """Put what a worker did not grade into the queue, or give it up after the last try."""
        said = f"{out.member.called}: {reason}"
        again = _Pending(tuple(one.place for one in left), out.pending.tries + 1)
        if again.tries < TRIES:
            what = f"{len(left)} on {out.member.host}"
            self._notes.audience.failed(out.member.number, what, said)
            self._waiting.appendleft(again)
            return
        for one in left:
            why = f"Given up after {TRIES} machines: {said}"
            self._notes.give_up(out.member.number, one, why)


def _without_data(asked: Sequence[tuple[str, Module]]) -> tuple[tuple[str, Module], ...]:
    return tuple((key, replace(module, data=None)) for key, module in asked)
