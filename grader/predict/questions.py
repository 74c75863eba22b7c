"""Makes questions from a trace: what is asked, the one right answer, and the reason for it.

Only what the scenario and the code decide is asked, never what chance does: with jitter, no moment after
the first random pause.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import islice, pairwise

from grader.trace import Trace
from grader.trace.questions import SAME_TIME, QueueStep, Retry
from grader.trace.record import Try

__all__ = ["NEVER", "Question", "questions"]

NEVER = math.inf
"""The answer to when something happens that never does."""

MOST = 3
SLACK = 0.005  # seconds: half of what a timeline shows apart
SHARE = 0.01  # of the run: the same for long ones
SHORTEST = (
    0.004  # seconds: the queue has to stay as it is for so long that a moment in it can be named
)
_ENDS_WELL = ("returned", "quiet")
_ENDLESS = ("deadlock", "livelock", "time_limit")


@dataclass(frozen=True)
class Question:
    """One question.

    text: with all that is needed to tell what is asked, in one sentence.
    unit: of the answer: "s" (virtual seconds), or what is counted, in the singular.
    answer: a number, or `NEVER`.
    slack: how far off an answer may be.
    at: the moment, in virtual seconds, at which the answer shows.
    task: whose lane it shows in; None for the queue.
    reason: why it is so, in a sentence.
    may_never: whether "never" is a sensible answer.
    """

    text: str
    unit: str
    answer: float
    slack: float
    at: float
    task: int | None
    reason: str
    may_never: bool = False

    def is_answered_by(self, answer: float | None) -> bool:
        """Whether this answer is right; None: no answer was given."""
        if answer is None:
            return False
        return answer == self.answer or abs(answer - self.answer) <= self.slack


def questions(trace: Trace) -> tuple[Question, ...]:
    """Return up to three questions on a run: on a try, on the queue, on the end; or on what goes on."""
    sure = _sure_until(trace)
    makers = (_of_a_try, _of_the_queue, _of_the_end, _of_what_goes_on, _of_all_tries)
    found = (make(trace, sure) for make in makers)
    return tuple(islice((one for one in found if one is not None), MOST))


def _sure_until(trace: Trace) -> float:
    """Return the moment until which chance decides nothing: the end of the first random pause."""
    windows = trace.raw.get("windows") or []
    random = [retry for retry in trace.retries if _is_random(retry, windows)]
    return min((retry.start + retry.pause for retry in random), default=math.inf)


def _is_random(retry: Retry, windows: list[list[float]]) -> bool:
    """Whether the pause may be drawn at random, as it may be where no window is known."""
    if retry.pause <= SAME_TIME:
        return False
    if retry.number > len(windows):
        return True
    shortest, longest = windows[retry.number - 1]
    return longest - shortest > SAME_TIME


def _slack(trace: Trace) -> float:
    return max(SLACK, SHARE * trace.clock)


# -- a try -----------------------------------------------------------------------------------------


def _of_a_try(trace: Trace, sure: float) -> Question | None:
    names = Counter(map(str, trace.items))  # one that is named like another cannot be asked about
    retries = [
        one
        for one in trace.retries
        if one.start + one.pause < sure and names[trace.name(one.item)] == 1
    ]
    if retries:
        return _of_a_retry(trace, max(retries, key=lambda one: (one.number, -one.start)))
    tries = [one for one in trace.tries if names[trace.name(one.item)] == 1]
    failed = [one for one in tries if one.outcome == "transient"]
    if failed:
        return _of_how_many(trace, failed[-1])
    late = [one for one in tries if one.start < sure and one.number == 1]
    return _of_a_first(trace, late[-1]) if late else None


def _of_a_retry(trace: Trace, retry: Retry) -> Question:
    name, number = trace.name(retry.item), retry.number + 1
    pause = f"{retry.pause:.3f} s later" if retry.pause > SAME_TIME else "at once"
    return Question(
        f"When does try {number} of item {name} begin{_in_service(trace, retry.service)}?",
        "s",
        retry.start + retry.pause,
        _slack(trace),
        retry.start + retry.pause,
        retry.task,
        f"Its try {retry.number} failed at {retry.start:.3f} s, and the next began {pause}.",
    )


def _of_how_many(trace: Trace, last: Try) -> Question:
    tries = trace.tries_of(last.item, last.service)
    which = "the last of them" if len(tries) > 1 else "that"
    ended = {
        "ok": f"{which} succeeded",
        "transient": f"{which} failed",
        "error": f"{which} ended with an error that is not tried again",
    }
    how = ended.get(tries[-1].outcome or "", f"{which} did not end by itself")
    count = f"{len(tries)} times" if len(tries) > 1 else "once"
    return Question(
        f"How many tries does item {trace.name(last.item)} get{_in_service(trace, last.service)}?",
        "try",
        len(tries),
        0,
        tries[-1].start,
        tries[-1].task,
        f"It was tried {count}, and {how}.",
    )


def _of_a_first(trace: Trace, one: Try) -> Question:
    label = trace.label(one.task)
    return Question(
        f"When does work on item {trace.name(one.item)} begin{_in_service(trace, one.service)}?",
        "s",
        one.start,
        _slack(trace),
        one.start,
        one.task,
        f"{label} was free to begin with it at {one.start:.3f} s, and nobody earlier.",
    )


def _in_service(trace: Trace, service: int) -> str:
    """Return ` in store` where items go through several services, else nothing."""
    several = len({one.service for one in trace.tries}) > 1 and service < len(trace.services)
    return f" in {trace.services[service]}" if several else ""


# -- the queue -------------------------------------------------------------------------------------


def _of_the_queue(trace: Trace, sure: float) -> Question | None:
    """Ask for the queue's size in the longest time in which it stays the same, and is not trivial."""
    steps = sorted((*trace.puts, *trace.gets), key=lambda step: step.order)
    steps = [step for step in steps if step.queue == steps[0].queue]
    calm = [
        (before.size > 0, after.at - before.at, -before.at, before)
        for before, after in pairwise(steps)
        if after.at - before.at > SHORTEST and after.at < sure
    ]
    if not calm:
        return None
    _, length, _, step = max(calm)
    moment = round(step.at + length / 2, 3)
    return Question(
        f"How many items wait in {_queue(trace, step.queue)} at {moment:.3f} s?",
        "item",
        step.size,
        0,
        moment,
        None,
        _of_puts_and_gets(trace, step),
    )


def _queue(trace: Trace, number: int) -> str:
    """Return a queue's name, where there are several that items are put into."""
    names = {put.queue: _name(trace, put.queue) for put in trace.puts}
    if len(names) < 2:
        return "the queue"
    own = names.get(number, "")
    known = own and list(names.values()).count(own) == 1
    return f"the queue `{own}`" if known else f"queue number {number}"


def _name(trace: Trace, number: int) -> str:
    return trace.queues[number - 1] if 0 < number <= len(trace.queues) else ""


def _of_puts_and_gets(trace: Trace, step: QueueStep) -> str:
    puts = sum(one.order <= step.order and one.queue == step.queue for one in trace.puts)
    gets = sum(one.order <= step.order and one.queue == step.queue for one in trace.gets)
    return f"By then {puts} had been put in and {gets} taken out again."


# -- the end ---------------------------------------------------------------------------------------


def _of_the_end(trace: Trace, sure: float) -> Question | None:
    if trace.how in _ENDLESS:
        return Question(
            "When does it end?",
            *("s", NEVER, 0.0, trace.clock),
            trace.waits[0].task if trace.waits else None,
            f"It never ends: {_waiting(trace)}.",
            may_never=True,
        )
    ended = [one for one in trace.tries if one.end is not None]
    if trace.how not in _ENDS_WELL or not ended:
        return None
    cut_off = _cut_off(trace)
    if cut_off:
        return _of_a_hang(trace, cut_off[0], sure)
    last = max(ended, key=lambda one: (one.end or 0, one.end_order or 0))
    end = last.end or 0
    if end < sure:
        name = trace.name(last.item)
        return Question(
            "When does the last try of all end?",
            *("s", end, _slack(trace), end, last.task),
            f"The last was try {last.number} of item {name}: it began at {last.start:.3f} s.",
            may_never=True,
        )
    return None


def _cut_off(trace: Trace) -> list[Try]:
    """Return the tries that went on until the lab ended the run: by themselves they never end."""
    quiet = next((place for place, event in enumerate(trace.events) if event.kind == "quiet"), -1)
    return [one for one in trace.tries if one.order < quiet < (one.end_order or math.inf)]


def _of_a_hang(trace: Trace, one: Try, sure: float) -> Question | None:
    if one.start >= sure:
        return None
    return Question(
        "When does the last try of all end?",
        *("s", NEVER, 0.0, trace.clock, one.task),
        f"Try {one.number} of item {trace.name(one.item)} began at {one.start:.3f} s, and nothing "
        "ends it. The picture stops where the grader ends the run.",
        may_never=True,
    )


# -- what goes on ----------------------------------------------------------------------------------


def _of_what_goes_on(trace: Trace, sure: float) -> Question | None:
    """Ask how many tries are under way, in the longest time in which it is the same, after the first."""
    moments = sorted(
        {one.start for one in trace.tries} | {one.end for one in trace.tries if one.end is not None}
    )
    calm = [
        (after - before, -before, before)
        for before, after in pairwise(moments)
        if after - before > SHORTEST and after < sure and before > 0
    ]
    if not calm:
        return None
    length, _, start = max(calm)
    moment = round(start + length / 2, 3)
    under_way = [one for one in trace.tries if one.start < moment and _ends_after(one, moment)]
    names = ", ".join(trace.name(one.item) for one in under_way)
    return Question(
        f"How many tries are under way at {moment:.3f} s?",
        "try",
        len(under_way),
        0,
        moment,
        under_way[0].task if under_way else None,
        f"Worked on at that moment: {names}." if names else "Nobody works on anything then.",
    )


def _ends_after(one: Try, moment: float) -> bool:
    return one.end is None or one.end > moment


def _of_all_tries(trace: Trace, _sure: float) -> Question | None:
    """Ask for what chance does not decide: how many tries there are in all."""
    if not trace.tries:
        return None
    last = trace.tries[-1]
    tries, items = len(trace.tries), len({one.item for one in trace.tries})
    return Question(
        "How many tries are there in all?",
        *("try", tries, 0, last.start, last.task),
        f"First tries: {items}; tries after a failure: {tries - items}.",
    )


def _waiting(trace: Trace) -> str:
    places = trace.waiting(trace.waits)
    return "; ".join(_who(*place, who) for place, who in places.items()) or "nobody waits"


def _who(place: str, line: int | None, who: list[str]) -> str:
    at = f" (line {line})" if line else ""
    return f"{', '.join(who)} wait{'s' if len(who) == 1 else ''} in {place}{at}"
