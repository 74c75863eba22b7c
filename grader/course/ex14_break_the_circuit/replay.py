"""Follows a trace with a circuit, and finds the first try that it forbids, or that is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.course.api import Trace, Try
from grader.course.ex14_break_the_circuit.policies import RIGHT, Policy, State
from grader.course.ex14_break_the_circuit.weather import SLACK, Run, Weather

__all__ = ["Fault", "fault_of", "phases"]


@dataclass(frozen=True)
class Fault:
    """Where a run leaves the way of a circuit.

    kind: "begun", where a try began that should not; "missing", where none began that should.
    at: virtual seconds.
    state: the circuit's state then.
    one: the try that began, or the one that began next; None if none ever did.
    item: the item that was ready; None for one that has not been begun, or where a try began.
    """

    kind: str
    at: float
    state: State
    one: Try | None = None
    item: int | None = None


@dataclass
class _Follower:
    """What is in hand, and the states that the circuit may have."""

    scenario: Weather
    policy: Policy
    left: int  # items that are not begun
    states: dict[int, set[State]] = field(default_factory=dict)  # by task, if each has its own
    running: dict[int, Try] = field(default_factory=dict)
    pausing: dict[int, tuple[float, Try]] = field(default_factory=dict)

    def of(self, task: int) -> set[State]:
        return self.states.setdefault(task if self.policy.own else 0, {State()})

    def begin(self, one: Try) -> Fault | None:
        states = self.of(one.task)
        found = {self.policy.begin(state, one, self.scenario) for state in states} - {None}
        if not found:
            return Fault("begun", one.start, _last(states), one)
        self.states[one.task if self.policy.own else 0] = {s for s in found if s is not None}
        self.left -= one.number == 1
        self.pausing.pop(one.item, None)
        self.running[one.item] = one
        return None

    def end(self, one: Try) -> None:
        states = self.of(one.task)
        after = {new for s in states for new in self.policy.end(s, one, self.scenario)}
        self.states[one.task if self.policy.own else 0] = after
        self.running.pop(one.item, None)
        if one.outcome == "transient" and one.number < self.scenario.attempts:
            longest = self.scenario.pause(one.number)[1]
            self.pausing[one.item] = (one.end or 0.0) + longest, one

    def due(self, now: float) -> tuple[float, int | None, State]:
        """From when on a try has to begin, of which item, and the circuit's state."""
        found: list[tuple[float, int | None, State]] = [
            (max(at, *(s.due for s in self.of(one.task))), item, _last(self.of(one.task)))
            for item, (at, one) in self.pausing.items()
        ]
        in_hand = len(self.running) + len(self.pausing)
        if self.left and in_hand < self.scenario.consumers and not self.policy.own:
            states = self.of(0)
            found.append((max(now, *(s.due for s in states)), None, _last(states)))
        return min(found, key=lambda one: one[0], default=(math.inf, None, State()))


def _last(states: set[State]) -> State:
    return max(states, key=lambda state: (state.until, state.row))


def fault_of(run: Run, policy: Policy = RIGHT) -> Fault | None:
    """The first fault of a run; None if a circuit with this policy explains all of it."""
    faults = (_fault(run, policy, some, tries) for some, tries in run.calls)
    found = [fault for fault in faults if fault is not None]
    return min(found, key=lambda fault: fault.at, default=None)


def _fault(run: Run, policy: Policy, some: range, tries: list[Try]) -> Fault | None:
    follower = _Follower(run.scenario, policy, len(some))
    for at, following, events in _instants(run.trace, tries):
        for one, begins in events:
            if begins:
                fault = follower.begin(one)
                if fault is not None:
                    return fault
            else:
                follower.end(one)
                if one.outcome not in ("ok", "transient"):
                    return None
        due, item, state = follower.due(at)
        due = max(due, at)
        if due + SLACK < following:
            later = (one for one in tries if one.start > due + SLACK)
            return Fault("missing", due, state, next(later, None), item)
    return None


def _instants(
    trace: Trace, tries: list[Try]
) -> Iterator[tuple[float, float, list[tuple[Try, bool]]]]:
    """Each instant with a beginning or an end: its time, that of the next, and what there is."""
    rows = [(one.order, one.start, one, True) for one in tries]
    rows += [
        (one.end_order, one.end, one, False)
        for one in tries
        if one.end_order and one.end is not None
    ]
    rows.sort(key=lambda row: row[0])
    ends = math.inf if trace.how == "deadlock" else trace.clock
    begun: list[tuple[Try, bool]] = []
    for place, (_, at, one, begins) in enumerate(rows):
        begun.append((one, begins))
        following = rows[place + 1][1] if place + 1 < len(rows) else ends
        if following - at > SLACK or place + 1 == len(rows):
            yield at, following, begun
            begun = []


def phases(run: Run) -> list[tuple[float, float, str]]:
    """When the circuit was not closed: from, to, and its state; for runs without a fault."""
    found = []
    for some, tries in run.calls:
        follower = _Follower(run.scenario, RIGHT, len(some))
        for at, following, events in _instants(run.trace, tries):
            for one, begins in events:
                follower.begin(one) if begins else follower.end(one)
            state = _last(follower.of(0))
            if state.kind != "closed":
                found.append((at, following, state.kind))
    return found
