"""What the pipeline of the lesson did already, also while the circuit is open.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections import Counter

from grader.course.api import (
    Misconception,
    apart,
    bound,
    counts,
    endings,
    ends,
    lines,
    marks,
    order,
    pauses,
    shapes,
    span,
    states,
    tries,
)
from grader.course.ex14_break_the_circuit.mistakes import (
    OPEN_CIRCUIT_USES_UP_TRIES,
    OPENING_CUTS_OFF_TRIES,
    POLLS_THE_CIRCUIT,
    RETURNS_AFTER_THE_COOLDOWN,
)
from grader.course.ex14_break_the_circuit.policies import CLOSED
from grader.course.ex14_break_the_circuit.replay import fault_of, phases
from grader.course.ex14_break_the_circuit.weather import SLACK, Run, Runs
from grader.course.mistakes.bound import BOUND_TOO_LARGE, READS_ALL_ITEMS_FIRST, UNBOUNDED_QUEUE

__all__ = [
    "ENDS",
    "all_settled",
    "counts_are_true",
    "few_are_taken",
    "is_stuck_on_rounding",
    "marked_once",
    "never_polls",
    "no_tries_used_up",
    "none_cut_off",
    "none_spins",
    "producer_waits",
    "returned_promptly",
]

ENDS = ("deadlock", "raised", "time_limit", "livelock")
"""The ends of a run that these functions judge themselves."""


def is_stuck_on_rounding(run: Run) -> bool:
    """Whether it spins at the very moment at which the cooldown ends, because of a rounding error.

    `now < until` can be true where no time is left to sleep. On a real clock such a loop goes on with
    the next nanosecond, in virtual time never: nothing is said of such a run.
    """
    now, cooldown = run.trace.clock, run.scenario.options["cooldown"]
    over = (one.end + cooldown for one in run.trace.tries if one.end is not None)
    return run.trace.how == "livelock" and any(abs(now - at) < SLACK for at in over)


def none_spins(runs: Runs) -> None:
    """No run blocks the loop, or asks again and again whether it may go on."""
    for run in runs:
        pauses.loop_never_blocked(run.trace)
        order.none_put_back(run.trace, run.scenario)
        if run.trace.how == "livelock" and not _is_closed_at_the_end(run):
            line = run.trace.end.get("line")
            raise POLLS_THE_CIRCUIT(
                f"From {run.trace.clock:.3f} s on it is asked again and again whether the circuit lets a "
                f"try through{lines([line])}, and meanwhile no time passes.",
                _ASKS_TO_WAIT,
                why="livelock",
                line=line,
                at=run.trace.clock,
            ).about(run.trace)
        if run.trace.how == "time_limit" and fault_of(run) is not None:
            continue  # the fault says why it takes so long
        failure = ends.unwelcome_end(run.trace, run.scenario, ("deadlock",))
        if failure is not None:
            raise marks.with_its_item(failure, run.trace, run.scenario).about(run.trace)


_ASKS_TO_WAIT = (
    "Waiting is awaiting: sleep until the cooldown is over, once, and be woken when the probe has "
    "ended."
)


def _is_closed_at_the_end(run: Run) -> bool:
    if fault_of(run) is not None:
        return True
    found = phases(run)
    return not found or found[-1][1] < run.trace.clock - SLACK


def never_polls(runs: Runs) -> None:
    """While the circuit is not closed, no timer fires that is neither a pause nor the cooldown's end.

    For runs without jitter and without a fault.
    """
    for run in runs:
        pauses_end = [
            one.end + run.scenario.pause(one.number)[0]
            for one in run.trace.tries
            if one.end is not None
        ]
        moments = sorted([*pauses_end, *(at for row in phases(run) for at in row[:2])])
        stray: Counter[tuple[int, str]] = Counter()
        for since, until, kind in phases(run):
            for timer in run.trace.of("timer"):
                inside = since + SLACK < timer.at < until - SLACK and kind != CLOSED
                if not inside or any(abs(timer.at - at) < SLACK for at in moments):
                    continue
                stray[timer.task, kind] += 1
                if stray[timer.task, kind] > 3:
                    raise POLLS_THE_CIRCUIT(
                        f"While the circuit was {kind}, "
                        f"{run.trace.label(timer.task) if timer.task else 'a timer'} woke up again and "
                        f"again, as at {timer.at:.3f} s after {span(timer.data[0])}"
                        f"{lines([timer.line])}, and could only go on waiting.",
                        _ASKS_TO_WAIT,
                        line=timer.line,
                        at=timer.at,
                        task=timer.task or None,
                    ).about(run.trace)


def none_cut_off(runs: Runs) -> None:
    """No try is cancelled while `run_pipeline` works on."""
    for run in runs:
        own_limit = shapes.cut_off(run.trace, run.scenario)
        if own_limit is not None:
            raise own_limit.about(run.trace)
        failures = [
            t.end for t in run.trace.tries if t.outcome == "transient" and t.end is not None
        ]
        for one in run.trace.tries if run.trace.how == "returned" else ():
            end = run.trace.clock if one.end is None else one.end
            if one.outcome not in ("cancelled", "stopped") or end > run.trace.clock - SLACK:
                continue
            when = ", when another failed" if any(abs(at - end) < SLACK for at in failures) else ""
            raise OPENING_CUTS_OFF_TRIES(
                f"Item {run.name(one.item)} was tried from {one.start:.3f} s on, and the try was "
                f"cancelled at {end:.3f} s{when}.",
                "Tries that are running when the circuit opens go on, and count for their items.",
                at=end,
                task=one.task,
                item=one.item,
                line=one.line,
            ).about(run.trace)


def no_tries_used_up(runs: Runs) -> None:
    """No item is given up on with tries left because the circuit was open."""
    for run in runs:
        if run.trace.how != "returned":
            continue
        for item in range(len(run.scenario.jobs)):
            made = run.trace.tries_of(item)
            settled = made and (made[-1].outcome == "ok" or len(made) >= run.scenario.attempts)
            if settled or not any(_row(run)):
                continue
            last = (
                f"was tried {len(made)} time{'s' if len(made) > 1 else ''}"
                if made
                else "was never tried"
            )
            raise OPEN_CIRCUIT_USES_UP_TRIES(
                f"Item {run.name(item)} {last}, and was given up on, with attempts="
                f"{run.scenario.attempts}, in a run in which the circuit was open.",
                "Waiting for the circuit is no try: an item is given up on only when `attempts` tries of "
                "it have failed.",
                item=item,
                at=made[-1].end if made else None,
                task=made[-1].task if made else None,
            ).about(run.trace)


def _row(run: Run) -> list[bool]:
    """For each try that ended, whether `threshold` in a row have failed."""
    ended = [one for one in run.trace.tries if one.end_order is not None]
    found, row = [], 0
    for one in sorted(ended, key=lambda one: one.end_order or 0):
        row = row + 1 if one.outcome == "transient" else 0
        found.append(row >= run.scenario.options["threshold"])
    return found


def all_settled(runs: Runs) -> None:
    """Each run came to its end, each item tried until it succeeded or `attempts` tries had failed."""
    for run in runs:
        trace, scenario = run.trace, run.scenario
        missing = len(set(shapes.settled_items(trace, scenario).values())) < len(scenario.jobs)
        if (
            trace.how == "deadlock" or missing
        ):  # the order in which the items are begun is left open
            endings.came_to_its_end(trace, scenario)
        tries.settled_and_tried(trace, scenario)


def returned_promptly(runs: Runs) -> None:
    """`run_pipeline` returns as soon as all is settled, and leaves no task."""
    for run in runs:
        ended = max((one.end for one in run.trace.tries if one.end is not None), default=0.0)
        late, cooldown = run.trace.clock - ended, run.scenario.options["cooldown"]
        if late > SLACK and abs(late - cooldown) < SLACK:
            last, returned = apart(ended, run.trace.clock)
            raise RETURNS_AFTER_THE_COOLDOWN(
                f"The last item was settled at {last}, but run_pipeline returned only at "
                f"{returned}, when the cooldown of {cooldown:g} s was over.",
                "It returns as soon as every item is settled, whatever state the circuit is in.",
                at=ended,
                task=1,
            ).about(run.trace)
        endings.returned_promptly(run.trace)


def producer_waits(runs: Runs) -> None:
    """A producer, where there is one, waits for room by awaiting."""
    for run in runs:
        takers = {event.task for event in run.trace.taken}
        if takers.isdisjoint({one.task for one in run.trace.tries}):
            bound.keeps_awake_by_waiting(run.trace)


def counts_are_true(runs: Runs) -> None:
    """The stats that run_pipeline returned are true."""
    counts.result_true([(run.scenario, run.trace) for run in runs])


def marked_once(runs: Runs) -> None:
    """`task_done()` was called once for each item, where they went through an `asyncio.Queue`."""
    for run in runs:
        gets = run.trace.gets  # the first may be of another queue, as one of permits
        if gets and gets[0].queue == states.carrier_of(run.trace):
            marks.items_done_once(run.trace, run.scenario)


def few_are_taken(runs: Runs) -> None:
    """At most `maxsize + consumers + 1` items are taken and not settled."""
    found = []
    for run in runs:
        most = run.scenario.options["maxsize"] + run.scenario.consumers + 1
        worst = max(
            states.states(run.trace, run.scenario), key=lambda state: state.taken - state.settled
        )
        if worst.taken - worst.settled > most:
            found.append(
                _too_many(run, worst.taken - worst.settled, worst.at, most).about(run.trace)
            )
    if found:  # one that tells how many it takes, if there is one
        raise next((one for one in found if one.mistake is BOUND_TOO_LARGE), found[0])


def _too_many(run: Run, taken: int, at: float, most: int) -> Misconception:
    seen = f"At {at:.3f} s {taken} items were taken from `items` and not settled"
    asks = f"At most {most}: maxsize in the queue, one for each consumer, and one in the producer's hand."
    line = run.trace.taken[-1].line
    begun = run.trace.tries[0].order if run.trace.tries else 0
    first = min((step.order for step in run.trace.puts), default=begun)
    early = [one for one in run.trace.events[: min(begun, first)] if one.kind == "take"]
    if len(early) == len(run.scenario.jobs) > 1:
        return READS_ALL_ITEMS_FIRST(
            f"{seen}: all were read before the first was put.", asks, at=at, line=line
        )
    if taken < len(run.scenario.jobs):
        return BOUND_TOO_LARGE(f"{seen}.", asks, at=at, line=line)
    return UNBOUNDED_QUEUE(f"{seen}: nothing held the producer back.", asks, at=at, line=line)
