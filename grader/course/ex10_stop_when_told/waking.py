"""Whether anything wakes up for nothing: to look for a stop, or for what is left."""

from __future__ import annotations

from collections import Counter
from typing import Any

from grader.course.api import Trace, lines
from grader.course.ex10_stop_when_told.mistakes import POLLS
from grader.course.ex10_stop_when_told.told import CLOCK, Facts, Runs
from grader.course.ex10_stop_when_told.words import items_words
from grader.course.mistakes.marks import RETURNS_WITHOUT_WAITING

__all__ = ["LOOKS", "PIECES", "looks_in_time", "never_polls", "works_until_told"]

LOOKS = 3  # timers of one line that ring for nothing: once or twice is no polling
PIECES = 10  # a pause may be slept in some pieces


def works_until_told(runs: Runs) -> None:
    """It does not end before the stop while there is anything left to do."""
    for scenario, trace in runs:
        facts = Facts(trace, scenario)
        if trace.how != "returned" or trace.clock >= facts.stop - CLOCK or scenario.beside:
            continue
        left = [item for item in range(facts.first) if not facts.settled(item)]
        if left:
            raise RETURNS_WITHOUT_WAITING(
                f"run_pipeline returned at {trace.clock:.3f} s, before it was told to stop, and "
                f"{items_words(trace, left)} {'was' if len(left) == 1 else 'were'} not settled.",
                "As long as `stop` is not set it goes on until every item is settled.",
                at=trace.clock,
                task=1,
                item=left[0],
            ).about(trace)


def never_polls(runs: Runs) -> None:
    """Timers ring at the ends of pauses, and when the grace is over."""
    for scenario, trace in runs:
        over = Facts(trace, scenario).over
        known = [over, *(one.start for one in trace.tries if one.number > 1)]
        pauses = [(one.start, one.start + one.pause) for one in trace.retries]
        looks: Counter[Any] = Counter()
        for timer in trace.of("timer"):
            if any(abs(timer.at - at) <= CLOCK for at in known):
                continue
            if timer.at > over and abs(timer.data[0] - scenario.options["grace"]) <= CLOCK:
                continue  # a grace that is counted once more
            task, line = timer.task, timer.line
            pause = next((one for one in pauses if one[0] < timer.at < one[1]), None)
            looks[task, line, pause] += 1
            if (count := looks[task, line, pause]) < (LOOKS if pause is None else PIECES):
                continue
            raise POLLS(
                f"{trace.label(task) if task else 'A timer'} woke up {count} times by {timer.at:.3f} s, "
                f"and nothing had happened{lines([line])}: the last time after {timer.data[0]:.6g} s.",
                "Waiting is awaiting: `stop`, a queue and a task each wake whoever waits for them.",
                line=line,
                at=timer.at,
                task=task or None,
            ).about(trace)


def looks_in_time(trace: Trace) -> None:
    """Never told to stop, it does not find out by a look, some time later, that all is settled."""
    ended = max((one.end for one in trace.tries if one.end is not None), default=0.0)
    workers = {one.task for one in trace.tries}
    late = [e for e in trace.of("timer") if e.at > ended + CLOCK and e.task not in workers]
    if late and late[-1].at - late[-1].data[0] < ended - CLOCK:
        raise POLLS(
            f"The last item was finished at {ended:.3f} s, and run_pipeline found out only when it "
            f"looked again at {late[-1].at:.3f} s{lines([late[-1].line])}.",
            "Waiting is awaiting: whatever comes first, the end of the work or `stop`, wakes it.",
            line=late[-1].line,
            at=ended,
            task=1,
        ).about(trace)
