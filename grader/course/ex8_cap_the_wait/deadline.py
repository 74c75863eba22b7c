"""The deadline of an item: whether it decides about each retry as asked, and if not, how it does.

Each function raises `Failure` with the evidence, or returns when all is well. The length of the pauses
is asked elsewhere (`ceiling`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from grader.course.api import Failure, Misconception, Mistake, Trace, Try, lines
from grader.course.ex8_cap_the_wait.ceiling import longest, shortest, sleep_line
from grader.course.ex8_cap_the_wait.mistakes import (
    DEADLINE_COUNTS_OTHER_TIME,
    DEADLINE_CUTS_OFF_TRY,
    DEADLINE_FOR_THE_END,
    DEADLINE_FORGETS_JITTER,
    DEADLINE_FORGETS_THE_PAUSE,
    NO_DEADLINE,
    PAUSE_DRAWN_AGAIN,
    PAUSE_FITS_BUT_GIVEN_UP,
    WEIGHS_THE_LONGEST_PAUSE,
    ZERO_DEADLINE_TAKEN_FOR_NONE,
)
from grader.course.ex8_cap_the_wait.outage import TOLD_APART, Outage, Runs, by_item
from grader.course.mistakes.tries import OWN_TIMEOUT_ADDED

__all__ = ["cut_off", "never_cut_off", "none_given_up_early", "none_too_late", "weighs_the_draw"]

ASKS_LATEST = (
    "No further try begins later than `deadline` seconds after the beginning of the item's first."
)
ASKS_RUNNING = (
    "A try that is running is never cut off: the deadline only says whether another may begin."
)
ASKS_FITS = "An item is never given up on while tries are left and the pause that was drawn fits."


A_LITTLE = 0.1
"""Seconds: where no try is later than that, its pause was asked about, though not exactly."""


class _Decision(NamedTuple):
    """What became of an item after a failed try that was not its last one allowed.

    again: the next try, or None where the item was given up on.
    """

    trace: Trace
    scenario: Outage
    tries: Sequence[Try]
    failed: Try
    again: Try | None

    @property
    def first(self) -> Try:
        return self.tries[0]

    @property
    def ended(self) -> float:
        return self.failed.end or 0.0

    @property
    def deadline(self) -> float:
        deadline = self.scenario.options["deadline"]
        return math.inf if deadline is None else float(deadline)

    @property
    def latest(self) -> float:
        return self.first.start + self.deadline

    @property
    def low(self) -> float:
        """The shortest pause that may have been drawn."""
        return shortest(self.scenario.options, self.failed.number)

    @property
    def high(self) -> float:
        """The longest one."""
        return longest(self.scenario.options, self.failed.number)

    @property
    def pause(self) -> float:
        """The pause that was slept; where there was none, the longest that may have been drawn."""
        return self.high if self.again is None else self.again.start - self.ended

    @property
    def late(self) -> bool:
        return self.again is not None and self.again.start > self.latest + TOLD_APART

    @property
    def early(self) -> bool:
        return self.again is None and self.ended + self.high < self.latest - TOLD_APART

    def asked_for(self) -> tuple[float, float]:
        """When its consumer asked for this item, and for its first one, as far as that can be told."""
        got = next((step for step in self.trace.gets if step.item == self.first.item), None)
        if got is None:
            return 0.0, 0.0
        asked = [
            e
            for e in self.trace.events[: got.order + 1]
            if e.task == got.task and e.kind in ("get_wait", "get")
        ]
        waited = len(asked) > 1 and asked[-2].kind == "get_wait"
        return asked[-2].at if waited else got.at, asked[0].at

    def begun_by_namesake(self) -> float:
        """When a consumer of the name of this one began an item last, before this try failed."""
        names = dict(zip(self.trace.crew, self.scenario.names, strict=False))
        name = names.get(self.first.task)
        until = self.failed.end_order or math.inf
        firsts = [one for one in self.trace.tries if one.number == 1 and one.order < until]
        return max(one.start for one in firsts if names.get(one.task) == name)

    def where(self) -> dict[str, Any]:
        return {
            "line": sleep_line(self.trace, self.failed.task, self.ended),
            "at": self.ended if self.again is None else self.again.start,
            "task": self.failed.task,
            "item": self.failed.item,
        }


def _decisions(trace: Trace, scenario: Outage) -> list[_Decision]:
    found = []
    for tries in by_item(trace):
        for failed, again in zip(tries, [*tries[1:], None], strict=True):
            lost = failed.outcome == "transient" and failed.end is not None
            if lost and failed.number < scenario.options["attempts"]:
                found.append(_Decision(trace, scenario, tries, failed, again))
    return found


def _all_of(runs: Runs) -> list[_Decision]:
    return [one for scenario, trace in runs for one in _decisions(trace, scenario)]


# -- a try that runs -------------------------------------------------------------------------------


def never_cut_off(trace: Trace, scenario: Outage) -> None:
    """No try is ended by anybody but the service."""
    found = cut_off(trace, scenario)
    if found is not None:
        raise found


def cut_off(trace: Trace, scenario: Outage) -> Misconception | None:
    """The failure for a try that was ended by somebody else than the service; None if there is none."""
    cancel = next((n for n, e in enumerate(trace.events) if e.kind in ("cancel", "quiet")), None)
    for tries in by_item(trace):
        for one in tries:
            late = cancel is not None and (one.end_order or 0) > cancel
            if one.outcome != "cancelled" or one.end is None or late:
                continue
            return _cut_off(trace, scenario, tries[0], one)
    return None


def _cut_off(trace: Trace, scenario: Outage, first: Try, one: Try) -> Misconception:
    deadline = scenario.options["deadline"]
    end = one.end or 0.0
    since = end - first.start
    timer = next((e for e in reversed(trace.of("timer")) if abs(e.at - end) < TOLD_APART), None)
    line = timer.line if timer is not None and timer.line else one.line
    seen = (
        f"Try {one.number} of item {trace.name(one.item)} was cut off at {end:.3f} s{lines([line])}"
    )
    ran = f"{end - one.start:.3f} s"
    mistake = DEADLINE_CUTS_OFF_TRY
    if deadline is not None and abs(since - deadline) < TOLD_APART:
        seen += f", at the deadline of the item: deadline={deadline:g}, and it had run for {ran}"
    elif deadline is not None and abs(end - one.start - deadline) < TOLD_APART:
        seen += f", when it had run for {ran}, as if deadline were the time that one try may take"
    else:
        mistake = OWN_TIMEOUT_ADDED
        seen += f", when it had run for {ran}"
    found = mistake(
        f"{seen}.",
        ASKS_RUNNING,
        line=line,
        at=end,
        task=one.task,
        item=one.item,
    )
    found.about(trace)
    return found


# -- a try that begins -----------------------------------------------------------------------------


def none_too_late(runs: Runs) -> None:
    """No further try of an item begins later than `deadline` seconds after the beginning of its first."""
    every = _all_of(runs)
    late = [one for one in every if one.late]
    if not late:
        return
    if {one.deadline for one in late} == {0.0} and any(one.deadline > 0 for one in every):
        raise _begun_late(late[0], ZERO_DEADLINE_TAKEN_FOR_NONE, "deadline=0 means one try")
    known = _explained(_OTHER_TIMES, every)
    words = known.words if known is not None else ""
    past = [one for one in late if one.ended > one.latest + TOLD_APART]
    long = [one for one in late if one.ended + one.low > one.latest + TOLD_APART]
    if known is not None and known.mistake is not None:
        raise _begun_late((past or long or late)[0], known.mistake, words)
    if past:
        raise _begun_late(past[0], NO_DEADLINE, words)
    if long:
        raise _begun_late(long[0], DEADLINE_FORGETS_THE_PAUSE, words or _just_late(late))
    raise _begun_late(late[0], DEADLINE_FORGETS_JITTER, words)


def _just_late(late: Sequence[_Decision]) -> str:
    """Words for tries that are all so little too late that the pause was asked about."""
    over = max(one.again.start - one.latest for one in late if one.again is not None)
    return "the comparison allows for a little more" if over < A_LITTLE else ""


def _begun_late(one: _Decision, mistake: Mistake, words: str) -> Failure:
    assert one.again is not None
    name = one.trace.name(one.failed.item)
    what = f"Try {one.failed.number} of item {name} failed at {one.ended:.3f} s, "
    if one.ended > one.latest:
        what += f"after the item's deadline at {one.latest:.3f} s"
    else:
        what += f"{one.latest - one.ended:.3f} s before the item's deadline at {one.latest:.3f} s"
    return mistake(
        f"{what}, and the next try began at {one.again.start:.3f} s, "
        f"{one.again.start - one.latest:.3f} s too late{f': {words}' if words else ''}.",
        ASKS_LATEST,
        **one.where(),
    ).about(one.trace)


def none_given_up_early(runs: Runs) -> None:
    """No item is given up on while tries are left and even the longest pause fits."""
    every = _all_of(runs)
    early = [one for one in every if one.early]
    if early:
        known = _explained(_TOO_CAUTIOUS, every) or _explained(_OTHER_TIMES, every)
        mistake = (known.mistake if known is not None else None) or PAUSE_FITS_BUT_GIVEN_UP
        raise _given_up_early(early[0], mistake, known.words if known is not None else "")


def _given_up_early(one: _Decision, mistake: Mistake, words: str) -> Failure:
    name, attempts = one.trace.name(one.failed.item), one.scenario.options["attempts"]
    failed = (
        f"Item {name} was given up on after failed try {one.failed.number} of {attempts}, at "
        f"{one.ended:.3f} s"
    )
    if one.deadline == math.inf:
        why = "though there was no deadline"
    else:
        why = (
            f"though a pause of at most {one.high:.3f} s would have ended before its deadline at "
            f"{one.latest:.3f} s"
        )
    return mistake(
        f"{failed}, {why}{f': {words}' if words else ''}.",
        ASKS_FITS,
        **one.where(),
    ).about(one.trace)


# -- the pause that was drawn ----------------------------------------------------------------------

BEYOND_CHANCE = 6.5
"""Standard deviations: a right solution is farther off less than once in 10**10 runs."""


def weighs_the_draw(runs: Runs, shares: Sequence[float]) -> None:
    """Where such a share of all pauses would fit, such a share of the items is tried again.

    The number of retries has a binomial distribution: the variance is n * share * (1 - share). Asked of
    each run, and of all together, where smaller differences show.
    """
    firsts = [
        [one for one in _decisions(trace, scenario) if one.failed.number == 1]
        for scenario, trace in runs
    ]
    off = [
        sum(one.again is not None for one in some) - len(some) * share
        for some, share in zip(firsts, shares, strict=True)
    ]
    spread = [
        math.sqrt(len(some) * share * (1 - share))
        for some, share in zip(firsts, shares, strict=True)
    ]
    by_run = [many / one for many, one in zip(off, spread, strict=True)]
    together = sum(off) / math.hypot(*spread)
    if max(map(abs, (*by_run, together))) > BEYOND_CHANCE:
        place = max(range(len(runs)), key=lambda number: abs(by_run[number]))
        raise _not_as_drawn(firsts[place], shares[place], more=by_run[place] > 0)


def _not_as_drawn(every: Sequence[_Decision], share: float, *, more: bool) -> Failure:
    made = sum(one.again is not None for one in every)
    one = next(one for one in every if (one.again is not None) == more)
    seen = (
        f"{made} of {len(every)} items were tried again, with {one.latest - one.ended:.3f} s left until "
        f"the deadline when the first try failed, and a pause of {one.low:.3f} to {one.high:.3f} s to be "
        "drawn"
    )
    asks = (
        f"About {share * 100:.0f} % of these pauses fit, for {len(every) * share:.0f} items. The one "
        "that was drawn decides: if it fits, it is slept, if not, the item is given up on."
    )
    if more:
        words = "where one did not fit, another was drawn"
        mistake = PAUSE_DRAWN_AGAIN
    else:
        words = "it was not the pause that was drawn that decided, but a longer one"
        mistake = WEIGHS_THE_LONGEST_PAUSE
    return mistake(f"{seen}: {words}.", asks, **one.where()).about(one.trace)


# -- the usual other ways to decide ----------------------------------------------------------------


class _Way(NamedTuple):
    """A way to decide: what is compared with the deadline, of a pause that may be drawn.

    mistake: None where it depends on what came of it.
    """

    measure: Callable[[_Decision, float], float]
    mistake: Mistake | None
    words: str


def _explained(ways: Iterable[_Way], every: Sequence[_Decision]) -> _Way | None:
    """The first of these ways that leads to all of these decisions."""
    return next((way for way in ways if all(_fits(way, one) for one in every)), None)


def _fits(way: _Way, one: _Decision) -> bool:
    over = way.measure(one, one.pause) - one.deadline
    return over <= TOLD_APART if one.again is not None else over > -TOLD_APART


def _slept(one: _Decision) -> float:
    """The pauses before this one, together."""
    pairs = zip(one.tries, one.tries[1 : one.failed.number], strict=False)
    return sum(again.start - (failed.end or 0.0) for failed, again in pairs)


def _worked(one: _Decision) -> float:
    """The tries until now, together."""
    return sum((t.end or t.start) - t.start for t in one.tries[: one.failed.number])


def _never(_one: _Decision, _pause: float) -> float:
    return -math.inf


_OTHER_TIMES = (
    _Way(_never, NO_DEADLINE, "it is never asked whether there is time left"),
    _Way(lambda one, _: one.ended - one.first.start, DEADLINE_FORGETS_THE_PAUSE, ""),
    _Way(lambda one, _: one.ended + one.low - one.first.start, DEADLINE_FORGETS_JITTER, ""),
    *(
        _Way(measure, DEADLINE_COUNTS_OTHER_TIME, f"as if the deadline {words}")
        for measure, words in (
            (
                lambda one, pause: one.ended + pause - (one.first.end or 0.0),
                "counted from the end of the first try",
            ),
            (
                lambda one, pause: one.ended + pause - one.failed.start,
                "counted from the beginning of each try",
            ),
            (lambda _, pause: pause, "counted from each failure"),
            (
                lambda one, pause: _slept(one) + pause,
                "were for the pauses alone, without the tries",
            ),
            (lambda one, _: _worked(one), "were for the tries alone, without the pauses"),
            (
                lambda one, pause: one.ended + pause - one.asked_for()[0],
                "counted from when the consumer began to wait for the item",
            ),
            (
                lambda one, pause: one.ended + pause - one.asked_for()[1],
                "counted from the start of the consumer",
            ),
            (
                lambda one, pause: one.ended + pause - one.begun_by_namesake(),
                "counted from the last item that a consumer of this name began, maybe another one",
            ),
        )
    ),
)
_TOO_CAUTIOUS = (
    _Way(
        lambda one, pause: one.ended + pause + (one.ended - one.failed.start) - one.first.start,
        DEADLINE_FOR_THE_END,
        "as if a try as long as the last one had to end before the deadline",
    ),
    _Way(
        lambda one, _: one.ended + float(one.scenario.options["max_delay"]) - one.first.start,
        WEIGHS_THE_LONGEST_PAUSE,
        "as if the pause were max_delay already",
    ),
)
