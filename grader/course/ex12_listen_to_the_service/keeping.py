"""What the pipeline of the lesson did already: it ends, counts, marks, and bounds what is taken.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from grader.course.api import (
    ALWAYS,
    SAME_TIME,
    Failure,
    Misconception,
    counts,
    endings,
    ends,
    jitter,
    lines,
    marks,
    pauses,
    shapes,
    states,
    tries,
    twice,
)
from grader.course.ex12_listen_to_the_service.mistakes import (
    GIVES_UP_WHEN_REFUSED,
    POLLS_FOR_A_TURN,
    REFUSALS_NOT_COUNTED,
    REFUSALS_USE_UP_NO_TRY,
)
from grader.course.ex12_listen_to_the_service.rests import rests_too_long
from grader.course.ex12_listen_to_the_service.service import Run, Runs, by_the_lesson
from grader.course.mistakes.bound import (
    BOUND_TOO_LARGE,
    PUTS_RUN_IN_TASKS,
    READS_ALL_ITEMS_FIRST,
    UNBOUNDED_QUEUE,
)
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS
from grader.course.mistakes.jitter import JITTER_NOT_RANDOM

__all__ = [
    "ENDS",
    "all_settled",
    "as_in_the_lesson",
    "counts_are_true",
    "few_are_taken",
    "is_stuck_on_rounding",
    "marked_once",
    "never_spins",
    "not_slowed_by_another",
    "returned_promptly",
    "still_drawn",
    "wrong_as_the_first_too",
]

ENDS = ("deadlock", "raised", "time_limit", "livelock")
"""The ends of a run that `all_settled` judges itself."""


def all_settled(runs: Runs) -> None:
    """Each run came to its end, each item tried until it succeeded or `attempts` tries had failed."""
    for run in runs:
        with by_the_lesson():
            pauses.loop_never_blocked(run.heard)
        _refusals_are_tries(run)
        with by_the_lesson():
            _came_to_its_end(run)
            tries.settled_and_tried(run.heard, run.scenario)


def _came_to_its_end(run: Run) -> None:
    """The order in which the items are begun is left open."""
    trace, scenario = run.heard, run.scenario
    if trace.how == "deadlock":
        endings.came_to_its_end(trace, scenario)
    failure = ends.unwelcome_end(trace, scenario, ())
    if failure is not None:
        raise (_why_it_spins(run) or marks.with_its_item(failure, trace, scenario)).about(trace)
    if len(set(shapes.settled_items(trace, scenario).values())) < len(scenario.jobs):
        endings.came_to_its_end(trace, scenario)


def never_spins(runs: Runs) -> None:
    """No run stands still because somebody asks again and again, without an end."""
    for run in runs:
        failure = ends.unwelcome_end(run.heard, run.scenario, ENDS[:-1])
        if run.trace.how == "livelock" and failure is not None:
            raise (_why_it_spins(run) or failure).about(run.trace)


def _why_it_spins(run: Run) -> Misconception | None:
    """The failure for a task that asks for its turn, or for the end of its pause, again and again."""
    task, line = run.trace.end.get("task"), run.trace.end.get("line")
    held = [one for one in run.heard.tries if one.task == task]
    got = [step for step in run.heard.gets if step.task == task and step.item is not None]
    if run.trace.how != "livelock" or not got:
        return None
    if held and held[-1].item == got[-1].item:
        if held[-1].end is None or run.settles(held[-1]):
            return None
        what = f"whether it may try item {run.name(got[-1].item or 0)} again"
    else:
        what = f"whether it may try item {run.name(got[-1].item or 0)}"
    return POLLS_FOR_A_TURN(
        f"From {run.trace.clock:.3f} s on {run.trace.label(got[-1].task)} asks again and again "
        f"{what}{lines([line])}, and meanwhile no time passes for anybody.",
        "Waiting is awaiting: a task that knows when its turn comes sleeps until then, once.",
        why="livelock",
        line=line,
        at=run.trace.clock,
        task=got[-1].task,
    )


def as_in_the_lesson(said: Run, unsaid: Run) -> None:
    """Without refusals tries and jitter are the lesson's, also when their settings are left out."""
    with by_the_lesson():
        for run in (said, unsaid):
            tries.settled_and_tried(run.heard, run.alone)
        jitter.default_in_force((said.alone, said.heard), (unsaid.alone, unsaid.heard))


def still_drawn(run: Run) -> None:
    """After a refusal the pauses of other failures have their random part as before."""
    plain = [one for one in run.heard.retries if run.refusal(one) is None]
    bare = [one for one in plain if abs(one.pause - run.scenario.clean(one.number)) < SAME_TIME]
    if len(bare) > 2:  # a draw is so near to 0 once in 7,000 times
        raise JITTER_NOT_RANDOM(
            f"Once the service had refused a try, {len(bare)} of {len(plain)} pauses after other "
            f"failures were d alone, as that of item {run.name(bare[0].item)} at {bare[0].start:.3f} s: "
            f"{bare[0].pause * 1000:.1f} ms.",
            "A random part, drawn afresh each time, is added to d after each failure that is no refusal.",
            at=bare[0].start,
            task=bare[0].task,
            item=bare[0].item,
            line=bare[0].line,
        ).about(run.trace)


def is_stuck_on_rounding(run: Run) -> bool:
    """Whether it spins at the very moment at which it is due, because of a rounding error.

    `now - time >= 1` and `time + 1 - now > 0` can both be false. On a real clock such a loop goes on with
    the next nanosecond, in virtual time never: nothing is said of such a run.
    """
    now, gap = run.trace.clock, 1 / run.scenario.rate
    due = (moment for one in run.trace.tries for moment in (one.start + 1, one.start + gap))
    return run.trace.how == "livelock" and any(abs(now - moment) < SAME_TIME for moment in due)


def _refusals_are_tries(run: Run) -> None:
    """A refused try is one of `attempts`, no more and no less."""
    attempts = run.scenario.attempts
    for item, job in enumerate(run.scenario.jobs):
        made = run.heard.tries_of(item)
        refused = [one for one in made if run.scenario.refusal(item, one.number) is not None]
        asks = (
            "A try that is refused is a failed try: it counts as one of `attempts`, like any other."
        )
        if not refused or job.error is not None:
            continue
        if len(made) > attempts and len(made) - len(refused) <= attempts:
            raise REFUSALS_USE_UP_NO_TRY(
                f"Item {run.name(item)} was tried {len(made)} times, with attempts={attempts}: "
                f"{len(refused)} tries that were refused were not counted.",
                asks,
                item=item,
                at=made[attempts].start,
                line=made[attempts].line,
            ).about(run.trace)
        fails = job.fails == ALWAYS or job.fails >= len(made)
        if len(made) < attempts and fails and refused[-1] is made[-1] and made[-1].end is not None:
            after = made[-1].end + run.scenario.most(item, len(made))
            over = run.trace.clock >= after or _given_up(run) > _hopeless(run)
            if run.trace.how != "returned" or not over:
                continue
            raise GIVES_UP_WHEN_REFUSED(
                f"Item {run.name(item)} was refused in try {len(made)} at {made[-1].end:.3f} s, and was "
                f"never tried again, with attempts={attempts}.",
                asks,
                item=item,
                at=made[-1].end,
            ).about(run.trace)


def _given_up(run: Run) -> int:
    """How many items were given up on, as run_pipeline says."""
    said = run.trace.result.get("failed") if isinstance(run.trace.result, dict) else 0
    return said if type(said) is int else 0


def _hopeless(run: Run) -> int:
    """How many items have used up all their tries."""
    return sum(
        one.outcome == "transient" and one.number == run.scenario.attempts
        for one in run.heard.tries
    )


def returned_promptly(runs: Runs) -> None:
    """`run_pipeline` returns as soon as all is settled; tasks that it leaves behind are not judged."""
    for run in runs:
        ended = max((one.end for one in run.heard.tries if one.end is not None), default=0.0)
        if run.trace.clock - ended > SAME_TIME:
            with by_the_lesson():
                endings.returned_promptly(run.heard)


def counts_are_true(runs: Runs) -> None:
    """The stats that are returned are true."""
    for run in runs:
        again = [one for one in run.heard.tries if one.number > 1]
        told = [one for one in again if run.scenario.refusal(one.item, one.number - 1) is not None]
        said = run.trace.result.get("retried") if isinstance(run.trace.result, dict) else None
        if told and said == len(again) - len(told):
            raise REFUSALS_NOT_COUNTED(
                f'stats["retried"] is {said} where it should be {len(again)}: the {len(told)} retries '
                f"after a refusal are missing, as that of item {run.name(told[0].item)}.",
                'stats["retried"] goes up by 1 for each retry, whatever the try before it said.',
                at=told[0].start,
                item=told[0].item,
            ).about(run.trace)
    with by_the_lesson():
        counts.result_true([(run.scenario, run.heard) for run in runs])


def marked_once(run: Run) -> None:
    """task_done() is called once for each item that came out of the queue, after it was settled.

    Where items are put again, or go through several queues, there are more calls than items.
    """
    put = [step.item for step in run.heard.puts if step.item is not None]
    if len(put) == len(set(put)) == len(run.scenario.jobs):
        with by_the_lesson():
            marks.items_done_once(run.heard, run.scenario)


# -- what is taken -------------------------------------------------------------------------------


def few_are_taken(runs: Runs) -> None:
    """At most `maxsize + consumers + 1` items are taken and not settled, whenever time passes."""
    for run in runs:
        given = run.scenario.options
        most = given["maxsize"] + given["consumers"] + 1
        for state in states.states(run.heard, run.scenario):
            if state.taken - state.settled > most:
                raise (
                    _why_many(run, state.at, state.taken - state.settled, most)
                    .showing(at=state.at)
                    .about(run.trace)
                )


def _why_many(run: Run, at: float, count: int, most: int) -> Failure:
    trace, given = run.heard, run.scenario.options
    seen = (
        f"With maxsize={given['maxsize']} and consumers={given['consumers']}, {count} items had been "
        f"taken at {at:.3f} s and were not settled"
    )
    asks = f"At most maxsize + consumers + 1 = {most}, however slowly they are worked on."
    line = trace.taken[-1].line
    puts = trace.of("put_wait", "put")
    waiting = {event.task for event in trace.of("put_wait")}
    if len(waiting) > 1:
        return PUTS_RUN_IN_TASKS(
            f"{seen}: every put runs in a task of its own{lines([puts[0].line])}.",
            asks,
            line=puts[0].line,
        )
    until = trace.events.index(puts[0]) if puts else len(trace.events)
    early = [event for event in trace.events[:until] if event.kind == "take"]
    if len(early) > most:
        return READS_ALL_ITEMS_FIRST(
            f"{seen}: {len(early)} were taken before the first was put{lines([line])}.",
            asks,
            line=line,
        )
    if count >= len(run.scenario.jobs):
        return UNBOUNDED_QUEUE(f"{seen}: nothing held the producer back.", asks)
    return BOUND_TOO_LARGE(f"{seen}.", asks, line=line)


# -- two runs ------------------------------------------------------------------------------------


def not_slowed_by_another(runs: Runs) -> None:
    """A run that is not slowed when it is alone is not slowed by another one at the same time."""
    *alone, both = runs
    if not alone or next(rests_too_long(alone[0]), None) is not None:
        return
    rest = next(rests_too_long(both), None)
    if rest is None:
        return
    raise STATE_SHARED_BETWEEN_RUNS(
        f"run_pipeline keeps to the rate alone, but of two runs at the same time one waited from "
        f"{rest.since:.3f} s to {rest.until:.3f} s, when only {rest.lately} of its tries had begun in "
        f"the last second, with rate={both.scenario.rate}.",
        _FOR_ITSELF,
        at=rest.since,
    ).about(both.trace)


def wrong_as_the_first_too(failure: Failure, first: Run) -> None:
    """A run that wastes time after others does so, too, as the first one of a program."""
    right = first.trace.how == "returned" and not any(rests_too_long(first))
    if right and failure.mistake is not STATE_SHARED_BETWEEN_RUNS:
        shared = twice.of_another_run(failure, twice.AFTER_OTHERS, _FOR_ITSELF)
        raise shared.about(failure.trace or first.trace) from None


_FOR_ITSELF = (
    "Each run keeps to the rate for itself: what counts the tries is made in run_pipeline."
)
