"""What is left in a budget by the tries of a run, by the contract and by the usual wrong rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from grader.course.api import SAME_TIME, Pipeline, Trace, Try, pauses

__all__ = ["Policy", "Ruling", "Run", "Runs", "decides_like"]


@dataclass(frozen=True)
class Ruling:
    """What the contract says of a failed try that has tries left.

    low, high: the least and the most that may be left in the budget then, with this failure counted;
        they differ only where tries end at the same instant, which may be counted in any order.
    again: the retry that was made; None if none was.
    """

    one: Try
    low: float
    high: float
    again: Try | None


class Run:
    """A scenario and its trace: the tries in the order of their ends, and what becomes of the failed."""

    def __init__(self, scenario: Pipeline, trace: Trace) -> None:
        self.scenario = scenario
        self.trace = trace
        self.budget: float = scenario.options["budget"]
        self.refund: float = scenario.options["refund"]
        self.attempts: int = scenario.options["attempts"]

    @cached_property
    def ended(self) -> list[Try]:
        """The tries that succeeded or failed, in the order in which they ended."""
        known = (one for one in self.trace.tries if one.outcome in ("ok", "transient"))
        return sorted(known, key=lambda one: one.end_order or 0)

    def call(self, one: Try) -> int:
        """Which of the scenario's two calls of run_pipeline, 0 or 1, the try belongs to."""
        first = len(self.scenario.jobs) - self.scenario.beside
        return int(bool(self.scenario.beside) and one.item >= first)

    def again(self, one: Try) -> Try | None:
        """The item's next try."""
        tries = self.trace.tries_of(one.item)
        return tries[one.number] if len(tries) > one.number else None

    def fails_early(self, one: Try) -> bool:
        """Whether a try failed and was not the item's last one."""
        return one.outcome == "transient" and one.number < self.attempts

    @cached_property
    def rulings(self) -> list[Ruling]:
        """What the contract says of each failed try that has tries left, in order."""
        calls = [0, 1] if self.scenario.beside else [0]
        found = [ruling for call in calls for ruling in self._rulings(call)]
        return sorted(found, key=lambda ruling: ruling.one.end_order or 0)

    def _rulings(self, call: int) -> Iterator[Ruling]:
        low = high = self.budget
        for together in _instants([one for one in self.ended if self.call(one) == call]):
            failed = [one for one in together if one.outcome == "transient"]
            gained = self.refund * (len(together) - len(failed))
            least = max(0.0, low - len(failed))
            most = max(0.0, min(self.budget, high + gained) - 1)
            for one in failed:
                if self.fails_early(one):
                    yield Ruling(one, least, most, self.again(one))
            low = max(0.0, min(self.budget, low + gained) - len(failed))
            high = min(self.budget, max(0.0, high - len(failed)) + gained)

    @property
    def half(self) -> float:
        """What has to be exceeded for a retry."""
        return self.budget / 2

    @property
    def _slack(self) -> float:
        """How far right spellings differ, with a refund that is not exact in binary."""
        return 0.0 if (self.refund * 1024).is_integer() else 1e-6

    def asks_retry(self, ruling: Ruling) -> bool:
        """Whether the item has to be retried."""
        return ruling.low > self.half + self._slack

    def forbids_retry(self, ruling: Ruling) -> bool:
        """Whether the item must not be retried."""
        return ruling.high <= self.half - self._slack

    @cached_property
    def wrong(self) -> list[Ruling]:
        """The failed tries after which something else was done than the contract says."""
        return [
            ruling
            for ruling in self.rulings
            if (self.asks_retry(ruling) and ruling.again is None and self.trace.how == "returned")
            or (self.forbids_retry(ruling) and ruling.again is not None)
        ]

    def window(self, one: Try) -> tuple[float, float]:
        """The earliest and the latest time of a retry after this failed try."""
        least, most = pauses.window(self.scenario.options, one.number) or (0.0, math.inf)
        return (one.end or 0.0) + least, (one.end or 0.0) + most


Runs = Sequence[Run]


def _instants(tries: Sequence[Try]) -> Iterator[list[Try]]:
    """The tries that end at the same instant, together."""
    instant, last = 0, 0.0
    numbered = []
    for one in tries:
        end = one.end or 0.0
        instant += end - last > SAME_TIME
        last = end
        numbered.append((instant, one))
    for _, group in groupby(numbered, key=lambda pair: pair[0]):
        yield [one for _, one in group]


@dataclass(frozen=True)
class Policy:
    """A rule for the budget; the defaults are the contract's.

    scope: who shares it: run, task, item, together (runs at the same time), kept (all runs with the
        same settings), forever (all runs, with the settings of the first).
    full: what it begins with; None: `budget`. half: what has to be exceeded; None: half of `full`.
    charges: what takes 1 away: failures, early failures, last failures, retries, tries, begins (of
        tries).
    gains: which successes fill it up: all, first tries, retries, none. refund: by how much; None:
        `refund`; infinite: up to the top.
    reads: when a try reads what it changes at its end: at the end, or at its begin (so that what others
        do meanwhile is lost).
    looks: when it is looked at: counted, before the failure is counted, late (after the pause), or
        once, at the item's first failure.
    """

    scope: str = "run"
    full: float | None = None
    half: float | None = None
    whole: bool = False
    or_equal: bool = False
    charges: str = "failures"
    gains: str = "all"
    refund: float | None = None
    capped: bool = True
    floored: bool = True
    reads: str = "end"
    looks: str = "counted"


def decides_like(policy: Policy, runs: Runs) -> bool:
    """Whether after each failed try just that was done which this rule says."""
    levels: dict[tuple[object, ...], Any] = {}
    return all(_Play(policy, run, place, levels).agrees() for place, run in enumerate(runs))


class _Play:
    """One run by the rule of a policy, in the order of the trace."""

    def __init__(
        self, policy: Policy, run: Run, place: int, levels: dict[tuple[object, ...], Any]
    ) -> None:
        self.policy, self.run, self.place, self.levels = policy, run, place, levels
        first = levels.setdefault(("settings",), (run.budget, run.refund))
        budget, refund = first if policy.scope == "forever" else (run.budget, run.refund)
        self.full = budget if policy.full is None else policy.full
        half = self.full / 2 if policy.half is None else policy.half
        self.half = float(half // 1) if policy.whole else half
        self.refund = refund if policy.refund is None else policy.refund
        self.begins = sorted(run.trace.tries, key=lambda one: -one.order)
        self.read: dict[int, float] = {}  # by the order of the try
        self.decided: dict[int, bool] = {}
        self.history: list[tuple[float, int, float]] = []  # time, order, and what is left then

    def key(self, one: Try) -> tuple[object, ...]:
        """Whose budget a try counts against."""
        scopes: dict[str, tuple[object, ...]] = {
            "run": (self.place, self.run.call(one)),
            "task": (self.place, self.run.call(one), "task", one.task),
            "item": (self.place, "item", one.item),
            "together": (self.place,),
            "kept": ("kept", self.run.budget, self.run.refund),
            "forever": ("forever",),
        }
        return scopes[self.policy.scope]

    def allows(self, left: float) -> bool:
        return left > self.half or (self.policy.or_equal and left == self.half)

    def agrees(self) -> bool:
        """Play it to its end; whether each decision is the one that was made."""
        open_: list[Try] = []
        for one in self.run.ended:
            self.note_begins(one.end_order or 0)
            before = self.levels.setdefault(self.key(one), self.full)
            before = self.read.get(one.order, before)
            after = self.settle(one, before)
            self.levels[self.key(one)] = after
            self.history.append((one.end or 0.0, one.end_order or 0, after))
            if not self.run.fails_early(one):
                continue
            if self.run.again(one) is None and self.run.trace.how != "returned":
                continue  # whatever was decided, nothing came of it any more
            if self.policy.looks == "late":
                open_.append(one)
                continue
            left = before if self.policy.looks == "before" else after
            allowed = self.allows(left)
            if self.policy.looks == "once":
                allowed = self.decided.setdefault(one.item, allowed)
            if allowed != (self.run.again(one) is not None):
                return False
        return all(map(self.agrees_late, open_))

    def agrees_late(self, one: Try) -> bool:
        """Whether what was left after the pause fits what was done."""
        again = self.run.again(one)
        if again is not None:
            known = [left for _, order, left in self.history if order < again.order]
            return self.allows(known[-1])
        first, last = self.run.window(one)
        known = [left for at, _, left in self.history if at <= first + SAME_TIME]
        later = [left for at, _, left in self.history if first <= at <= last + SAME_TIME]
        return any(not self.allows(left) for left in (*known[-1:], *later))

    def note_begins(self, order: int) -> None:
        """Take 1 away for each try that began before this place in the trace, or read what is left."""
        while self.begins and self.begins[-1].order < order:
            one = self.begins.pop()
            left = self.levels.get(self.key(one), self.full)
            if self.policy.charges == "begins":
                self.levels[self.key(one)] = self.taken(left)
            if self.policy.reads == "begin":
                self.read[one.order] = left

    def settle(self, one: Try, left: float) -> float:
        """What is left when a try has ended."""
        if self.policy.charges == "tries":
            left = self.taken(left)
        if one.outcome == "ok":
            return self.refilled(one, left)
        early = one.number < self.run.attempts
        again = self.run.again(one) is not None
        charged = {
            "failures": True,
            "early failures": early,
            "last failures": not again,
            "retries": again,
            "tries": False,
            "begins": False,
        }
        return self.taken(left) if charged[self.policy.charges] else left

    def taken(self, left: float) -> float:
        return max(0.0, left - 1) if self.policy.floored else left - 1

    def refilled(self, one: Try, left: float) -> float:
        gains = {"all": True, "first tries": one.number == 1, "retries": one.number > 1}
        if not gains.get(self.policy.gains, False):
            return left
        left += self.refund
        return min(self.full, left) if self.policy.capped else left
