"""The workers of a cluster that grade one class: met as they come, missed when they go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from grader.classroom.keys import python_here
from grader.errors import UsageError
from grader.runner.sandbox import Layers
from grader.scale.cluster import GLANCE, LOCAL, Cluster, NoAnswer, Ticket, open_cluster
from grader.scale.members import Member, Members
from grader.scale.remote import course_here, introduce

__all__ = ["Fleet", "open_fleet"]

MEETING = 60.0  # seconds at the start for the first worker to say who it is
STRAGGLERS = 15.0  # seconds more for all others; a busy one is met later

REMINDING = 10.0  # seconds between two words on what is waited for

_IMPORT = "import grader.scale.remote"
"""Asked before anything of ours is: a worker that lacks the course can answer this, and no more."""

_START = (
    "start some with `python -m dask worker {address}`, in the course's folder or where its wheel is "
    "installed"
)
_NONE_CAME = "None has come, or none has stayed: {start}. Their own output says why they end"
_LACKING = (
    'it does not find the course ({why}). There: pip install "WHEEL[scale]", with the course\'s wheel, '
    "or start the worker in the course's folder"
)
_ENDED = "it ended before it said who it is. Its own output says why"
_SILENT = (
    "{why}. The scheduler needs the course as well: start it in the course's folder, or where the wheel "
    "is installed"
)


@dataclass(frozen=True)
class _Newcomer:
    """A worker that was asked whether the course is there, and, if it `imports` that, who it is."""

    threads: int
    imports: bool


class Fleet:
    """The workers of a cluster. Open it with `open_fleet`.

    jobs: submissions at once on each worker; by default as many as it has threads.
    """

    def __init__(self, cluster: Cluster, members: Members, jobs: int | None) -> None:
        self._jobs = jobs
        self._asked: dict[Ticket, _Newcomer] = {}
        self._lost: list[str] = []
        self._looked = 0.0
        self.cluster = cluster
        self.members = members

    def gather(self, say: Callable[[str], None]) -> None:
        """Wait until the workers that are there have said who they are.

        say: is told what is waited for, at once and again and again. Raises `UsageError` when none of
        them can grade as this machine would.
        """
        until = time.monotonic() + MEETING
        self.look()
        speak = time.monotonic() + (REMINDING if self._asked else 0)
        while time.monotonic() < until and (self._asked or not self._met()):
            if time.monotonic() >= speak:
                say(self._waited_for(until - time.monotonic()))
                speak = time.monotonic() + REMINDING
            ticket = self.cluster.ended(GLANCE)
            if ticket is not None and self.heard(ticket) and self.members.present:
                until = min(until, time.monotonic() + STRAGGLERS)
            self.look()
        if not self.members.present:
            raise UsageError(self._nobody())
        self.members.settle()

    def _waited_for(self, left: float) -> str:
        ending = f"Waiting up to {left:.0f} s more (Ctrl-C stops this)."
        if self._asked:
            who = ", ".join(sorted({one.address for one in self._asked}))
            return f"Not known yet who these workers are: {who}. {ending}"
        start = _START.format(address=self.cluster.name)
        return f"No worker is at {self.cluster.name} yet: {start}. {ending}"

    def _met(self) -> bool:
        return bool(self.members.present or self.members.refused)

    def _nobody(self) -> str:
        reasons = "; ".join(f"{who}: {why}" for who, why in self.members.refused.items())
        none_came = _NONE_CAME.format(start=_START.format(address=self.cluster.name))
        return f"No worker at {self.cluster.name} can grade. {reasons or none_came}."

    def look(self) -> list[Member]:
        """Meet the workers that came, and return those that are gone; at most once in `GLANCE`.

        Raises `GraderFault` when the scheduler is gone.
        """
        if time.monotonic() - self._looked < GLANCE:
            return []
        there = self.cluster.workers()
        self._looked = time.monotonic()
        for ticket in [one for one in self._asked if one.address not in there]:
            del self._asked[ticket]
            ticket.drop()
            self.members.refuse_unknown(ticket.address, _ENDED)
        asked = {ticket.address for ticket in self._asked}
        gone = self.members.without(there)
        self._lost += [one.called for one in gone]
        for address in sorted(there.keys() - self.members.known - asked):
            ticket = self.cluster.ask(address, exec, _IMPORT)
            self._asked[ticket] = _Newcomer(there[address], imports=False)
        return gone

    def heard(self, ticket: Ticket) -> bool:
        """Take in what a worker said of itself; False when the ticket is about something else."""
        one = self._asked.pop(ticket, None)
        if one is None:
            return False
        try:
            told = ticket.answer()
        except NoAnswer as error:
            reason = _SILENT if one.imports else _LACKING
            self.members.refuse_unknown(ticket.address, reason.format(why=error))
            return True
        if one.imports:
            self.members.met(ticket.address, one.threads, told)
        else:
            again = self.cluster.ask(ticket.address, introduce)
            self._asked[again] = replace(one, imports=True)
        return True

    @property
    def layers(self) -> Layers:
        """The isolation of submissions, the same on all machines."""
        return next(iter(self.members.present.values())).layers

    @property
    def at_once(self) -> int:
        """The submissions that are graded at once."""
        return sum(self.jobs_of(one) for one in self.members.present.values())

    def jobs_of(self, member: Member) -> int:
        return self._jobs or member.threads

    def rows(self) -> list[tuple[str, str]]:
        """Say which workers take no work, or no more, and why."""
        refused = [(who, f"takes no work: {why}") for who, why in self.members.refused.items()]
        return [*refused, *((who, "was lost in the middle of the run") for who in self._lost)]


@contextmanager
def open_fleet(
    address: str,
    *,
    here: int,
    jobs: int | None,
    trust: bool,
    say: Callable[[str], None],
) -> Iterator[Fleet]:
    """Connect to a cluster and meet its workers.

    here: workers of a cluster on this machine, one submission each. jobs: see `Fleet`. trust: machines
    without enough isolation grade as well. say: is told what is waited for.
    """
    jobs = None if address == LOCAL else jobs
    with open_cluster(address, workers=here, say=say) as cluster:
        fleet = Fleet(cluster, Members(python_here(), course_here(), trust=trust), jobs)
        fleet.gather(say)
        yield fleet
