"""The workers of a cluster that grade one class: met as they come, missed when they go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from grader.classroom.keys import python_here
from grader.errors import UsageError
from grader.runner.sandbox import Layers
from grader.scale.cluster import GLANCE, LOCAL, Cluster, NoAnswer, Ticket, open_cluster
from grader.scale.members import Member, Members
from grader.scale.remote import course_here, introduce

__all__ = ["Fleet", "open_fleet"]

MEETING = 60.0  # seconds at the start for the first worker to say who it is
STRAGGLERS = 15.0  # seconds more for all others; a busy one is met later

_NONE_CAME = (
    "None has come, or none has stayed: start some with `python -m dask worker`, in the course's folder "
    "or where its wheel is installed. Their own output says why they end"
)


class Fleet:
    """The workers of a cluster. Open it with `open_fleet`.

    jobs: submissions at once on each worker; by default as many as it has threads.
    """

    def __init__(self, cluster: Cluster, members: Members, jobs: int | None) -> None:
        self._jobs = jobs
        self._asked: dict[Ticket, int] = {}  # who they are; their threads
        self._lost: list[str] = []
        self._looked = 0.0
        self.cluster = cluster
        self.members = members

    def gather(self) -> None:
        """Wait until the workers that are there have said who they are.

        Raises `UsageError` when none of them can grade as this machine would.
        """
        until = time.monotonic() + MEETING
        self.look()
        while time.monotonic() < until and (self._asked or not self._met()):
            ticket = self.cluster.ended(GLANCE)
            if ticket is not None and self.heard(ticket) and self.members.present:
                until = min(until, time.monotonic() + STRAGGLERS)
            self.look()
        if not self.members.present:
            raise UsageError(self._nobody())
        self.members.settle()

    def _met(self) -> bool:
        return bool(self.members.present or self.members.refused)

    def _nobody(self) -> str:
        reasons = "; ".join(f"{who}: {why}" for who, why in self.members.refused.items())
        return f"No worker at {self.cluster.name} can grade. {reasons or _NONE_CAME}."

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
        asked = {ticket.address for ticket in self._asked}
        gone = self.members.without(there)
        self._lost += [one.called for one in gone]
        for address in sorted(there.keys() - self.members.known - asked):
            self._asked[self.cluster.ask(address, introduce)] = there[address]
        return gone

    def heard(self, ticket: Ticket) -> bool:
        """Take in what a worker said of itself; False when the ticket is about something else."""
        threads = self._asked.pop(ticket, None)
        if threads is None:
            return False
        try:
            self.members.met(ticket.address, threads, ticket.answer())
        except NoAnswer as error:
            reason = f"{error}. Is the course installed there, and where the scheduler is?"
            self.members.refuse_unknown(ticket.address, reason)
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
def open_fleet(address: str, *, here: int, jobs: int | None, trust: bool) -> Iterator[Fleet]:
    """Connect to a cluster and meet its workers.

    here: workers of a cluster on this machine, one submission each. jobs: see `Fleet`. trust: machines
    without enough isolation grade as well.
    """
    jobs = None if address == LOCAL else jobs
    with open_cluster(address, workers=here) as cluster:
        fleet = Fleet(cluster, Members(python_here(), course_here(), trust=trust), jobs)
        fleet.gather()
        yield fleet
