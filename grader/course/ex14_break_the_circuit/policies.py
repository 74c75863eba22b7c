"""How a circuit goes by the results of tries: as the contract asks, or by one of many mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from grader.course.api import Try
from grader.course.ex14_break_the_circuit.weather import SLACK, Weather

__all__ = ["CLOSED", "HALF", "LATE", "OPEN", "RIGHT", "Policy", "State", "subsets"]

CLOSED, OPEN, HALF = "closed", "open", "half-open"
LATE = (("open", "ok"), ("open", "transient"), ("half-open", "ok"), ("half-open", "transient"))
"""Results of tries that were running when the circuit opened, by the state in which they end."""


class State(NamedTuple):
    """What is known of a circuit.

    rows: the failures in a row, while it is closed: by 0, or by what the policy counts apart.
    since, until: when the failing try ended, and up to when it is open, in virtual seconds.
    probe: the position in the trace at which the probe began.
    opened: the position in the trace at which it opened last, or -1.
    probes: how many probes have failed since it was closed last.
    """

    kind: str = CLOSED
    rows: tuple[tuple[int, int], ...] = ()
    since: float = 0.0
    until: float = 0.0
    probe: int = -1
    opened: int = -1
    probes: int = 0

    @property
    def row(self) -> int:
        """The failures in a row; the most of them if they are counted apart."""
        return max((row for _, row in self.rows), default=0)

    @property
    def due(self) -> float:
        """From when on a try may begin; infinity while it waits for the probe."""
        return {CLOSED: 0.0, OPEN: self.until}.get(self.kind, math.inf)


@dataclass(frozen=True)
class Policy:
    """A way to open and close; the defaults are as the contract has them.

    threshold, cooldown: constants in place of the parameters.
    shift: what the threshold is off by.
    resets: whether a success starts the count anew.
    counts: whether a failed try counts, by the try and `attempts`.
    apart: the number of what has a row of failures of its own, by the try; None for one row in all.
    number: the number of an item's try is taken for the count of failures.
    own: each consumer has a circuit of its own.
    late: which results of tries that were running count, of `LATE`.
    unlimited: what the count is as soon as the cooldown is over, if no probe is waited for.
    failed_probe: what a failed probe does: "opens", "closes" or "goes on" with another.
    after_probe: the failures that are left of the threshold when the probe has succeeded.
    begins: the cooldown counts from the beginning of the failing try: of "all", or of "probes".
    grows: the factor by which each failed probe changes the cooldown.
    """

    threshold: float | None = None
    cooldown: float | None = None
    shift: int = 0
    resets: bool = True
    counts: Callable[[Try, int], bool] | None = None
    apart: Callable[[Try], int] | None = None
    number: bool = False
    own: bool = False
    late: frozenset[tuple[str, str]] = frozenset()
    unlimited: str = ""
    failed_probe: str = "opens"
    after_probe: int | None = None
    begins: str = ""
    grows: float = 1.0

    def limit(self, scenario: Weather) -> float:
        """The number of failures in a row that opens the circuit."""
        asked: float = scenario.options["threshold"]
        return max(1, (asked if self.threshold is None else self.threshold) + self.shift)

    def begin(self, state: State, one: Try, scenario: Weather) -> State | None:
        """The state when a try has begun; None if it may not."""
        if state.kind == CLOSED:
            return state
        if state.kind == HALF or one.start < state.until - SLACK:
            return None
        if self.unlimited:
            left = 0 if self.unlimited == "anew" else int(self.limit(scenario)) - 1
            return State(rows=((0, left),), opened=state.opened)
        return state._replace(kind=HALF, probe=one.order)

    def end(self, state: State, one: Try, scenario: Weather) -> Iterator[State]:
        """The states that are possible when a try has ended."""
        outcome = str(one.outcome)
        if state.kind == HALF and one.order == state.probe:
            yield self._probed(state, one, scenario)
        elif state.kind != CLOSED:
            yield self._late(state, one, scenario)
        else:
            yield self._counted(state, one, scenario)
            if one.order < state.opened and outcome in ("ok", "transient"):
                yield state  # left open by the contract: it may count, or not

    def _open(self, one: Try, scenario: Weather, probes: int = 0) -> State:
        seconds = scenario.options["cooldown"] if self.cooldown is None else self.cooldown
        seconds *= self.grows**probes
        end = one.end or 0.0
        early = self.begins == "all" or (self.begins == "probes" and probes)
        start = one.start if early else end
        return State(OPEN, (), end, start + seconds, -1, one.end_order or 0, probes)

    def _counted(self, state: State, one: Try, scenario: Weather) -> State:
        key = self.apart(one) if self.apart else 0
        rows = dict(state.rows)
        if one.outcome == "ok":
            rows[key] = 0 if self.resets else rows.get(key, 0)
            return state._replace(rows=tuple(sorted(rows.items())))
        if one.outcome != "transient" or (self.counts and not self.counts(one, scenario.attempts)):
            return state
        rows[key] = one.number if self.number else rows.get(key, 0) + 1
        if rows[key] >= self.limit(scenario):
            return self._open(one, scenario)
        return state._replace(rows=tuple(sorted(rows.items())))

    def _probed(self, state: State, one: Try, scenario: Weather) -> State:
        if one.outcome == "transient":
            if self.failed_probe == "closes":
                return self._counted(State(opened=state.opened), one, scenario)
            if self.failed_probe == "goes on":
                return state._replace(kind=OPEN, probe=-1)
            return self._open(one, scenario, state.probes + 1)
        left = 0 if self.after_probe is None else int(self.limit(scenario)) - self.after_probe
        return State(rows=((0, left),), opened=state.opened)

    def _late(self, state: State, one: Try, scenario: Weather) -> State:
        if (state.kind, str(one.outcome)) not in self.late:
            return state
        if one.outcome == "ok":
            return State(opened=state.opened)
        return self._open(one, scenario)


RIGHT = Policy()


def subsets() -> list[frozenset[tuple[str, str]]]:
    """All ways in which late results may count, the simplest first."""
    return [frozenset(some) for size in range(1, 5) for some in combinations(LATE, size)]
