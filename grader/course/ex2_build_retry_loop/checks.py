"""Checks of ex2: an item is tried again, and given up on in the end."""

from collections.abc import Sequence
from dataclasses import replace

from grader.course.api import (
    ALWAYS,
    HARD_STOP,
    MOST_ATTEMPTS,
    MOST_ITEMS,
    ODD,
    Consume,
    Draw,
    Exercise,
    Item,
    Job,
    Odd,
    Subject,
    Trace,
    check,
    counts,
    crew,
    interruption,
    marks,
    pauses,
    tries,
)

EXERCISE = Exercise(
    title="Build the retry loop",
    track="lesson",
    teaches="retries",
    subgoals={
        "Try again, then give up": (
            "test_tries_until_it_succeeds",
            "test_gives_up_after_attempts",
            "test_does_not_wait",
        ),
        "Keep the item in hand": ("test_keeps_the_item", "test_takes_any_item_any_time"),
        "Count and mark": ("test_counts_in_stats", "test_marks_each_item_done"),
        "Let errors out": ("test_lets_other_errors_out", "test_can_be_cancelled"),
    },
    learned=(
        "What fails now and then gets another try; what keeps failing is given up on. "
        "A busy moment costs no order, and one bad order stops no other."
    ),
    in_production=(
        "Networks drop connections and services answer 503 while they are deployed: what fails now "
        "and then succeeds a moment later, and a retry hides it from everybody. What will fail "
        "again, a bad request or a missing right, must not be retried: it costs time, and hides the "
        "bug. Give up after a few attempts, count what was given up on, and let the count set off an "
        "alarm: a retry that nobody sees is an outage that nobody knows of."
    ),
    read_next=(
        (
            "Timeouts, retries and backoff with jitter, in the Amazon Builders' Library",
            "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
        ),
        ("stamina, retries for production", "https://stamina.hynek.me/"),
    ),
)

BASICS = ("test_tries_until_it_succeeds",)
GIVES_UP = (*BASICS, "test_gives_up_after_attempts", "test_keeps_the_item")
KEEPS_GOING = (*BASICS, "test_keeps_the_item", "test_takes_any_item_any_time")


def jobs(draw: Draw, fails: Sequence[int], items: Sequence[Item] | None = None) -> tuple[Job, ...]:
    """One job for each number of failing tries, each with a duration of its own."""
    named = items if items is not None else draw.items(len(fails))
    return tuple(
        Job(item, draw.seconds(0.05, 0.12), n) for item, n in zip(named, fails, strict=True)
    )


async def many_attempts(learner: Subject, draw: Draw) -> tuple[Consume, Trace]:
    """One item is tried some three hundred times, for all checks that look; then comes another."""
    drawn = draw.shared("many attempts")
    scenario = Consume(jobs(drawn, [ALWAYS, 0]), options={"attempts": MOST_ATTEMPTS})
    return scenario, await learner.shared("many attempts", scenario)


@check(
    points=2,
    hints=(
        "What happens to an item whose first try fails?",
        "A try that raises TransientError is followed by another try of the same item.",
        (
            "Loop over the attempts; in the loop: try: await process_item(item) / except "
            "TransientError: go round again / else: leave the loop."
        ),
    ),
)
async def test_tries_until_it_succeeds(learner: Subject, draw: Draw) -> None:
    """Tries an item again until it succeeds."""
    scenario = Consume(jobs(draw, [0, *draw.shuffled([1, 2, 3]), 2]), options={"attempts": 5})
    tries.settled_and_tried(await learner.run(scenario), scenario)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "Count the tries of one item that never succeeds: how many are there in all?",
        "The first try counts: 4 attempts are one try and at most three retries.",
        (
            "Raise `tried` before each try; when it failed and `tried == attempts`, give up and go on "
            "with the next item."
        ),
    ),
)
async def test_gives_up_after_attempts(learner: Subject, draw: Draw) -> None:
    """Gives up on an item after `attempts` tries, and takes the next one."""
    scenarios = [
        Consume(jobs(draw, [ALWAYS, 0, ALWAYS]), options={"attempts": attempts})
        for attempts in (2, 1, 4)
    ]
    scenarios.append(Consume(jobs(draw, [*[ALWAYS] * 10, 0]), options={"attempts": 2}))
    runs = await learner.run_all(scenarios)
    tries.attempts_respected([*runs, await many_attempts(learner, draw)])


@check(
    needs=BASICS,
    hints=(
        "Which item does a consumer work on between two tries of the same item?",
        (
            "It keeps the item until it is settled: nothing goes back into the queue, nothing runs "
            "beside it."
        ),
        "The retry loop sits inside the loop that gets items; it awaits each try itself.",
    ),
)
async def test_keeps_the_item(learner: Subject, draw: Draw) -> None:
    """Keeps an item until it is settled, one at a time."""
    fails = [draw.integer(1, 3), 0, draw.integer(1, 2), 0, 1]
    scenarios = [
        Consume(jobs(draw, fails), names=names, options={"attempts": 6})
        for names in (("C1",), ("C1", "C2"))
    ]
    for scenario, trace in await learner.run_all(scenarios):
        crew.keeps_its_item(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "What if an item is 0, if two are equal, or if the next one comes a second later?",
        "An empty queue is not the end: a consumer waits for the next item until it is cancelled.",
        "`while True:` and `item = await q.get()`, with no test of the item or of the queue.",
    ),
)
async def test_takes_any_item_any_time(learner: Subject, draw: Draw) -> None:
    """Takes any item, also 0, an empty string or equal ones, whenever it comes."""
    same = f"order-{draw.integer(10, 99)}"
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", False])), same, same, "STOP", "done", -1]
    late = draw.hours()
    later = (
        Job(draw.integer(300, 400), 0.05, 1, at=late),
        Job(draw.integer(500, 600), draw.hours(), 3, at=late + 1),  # each try takes hours
    )
    soon = Job(draw.integer(300, 400), 0.05, 1, at=draw.seconds(60.0, 90.0))
    scenarios = [
        Consume((*jobs(draw, [2, 2, 2, ALWAYS, 2, 2, 2, 2], odd), soon), options={"attempts": 4}),
        Consume((*jobs(draw, [0] * 8, odd), later[0]), options={"attempts": 4}),
        Consume(later, options={"attempts": 4}),
    ]
    thousand = tuple(Job(item, 0.0) for item in draw.items(MOST_ITEMS))
    many = Consume(thousand, names=("C1", "C2"))
    for scenario, trace in await learner.run_all(scenarios):
        tries.settled_and_tried(trace, scenario)
    await learner.run_briefly(many, tries.settled_and_tried)
    lists: list[Item] = [[1, 2], (3, 4), [1, 2], *map(Odd, ODD)]
    unusual = Consume(jobs(draw, [2, 0, 2, *[1] * len(ODD)], lists))
    tries.settled_and_tried(await learner.run(unusual), unusual)


@check(
    pictured=True,
    points=2,
    needs=GIVES_UP,
    hints=(
        "After each item, compare stats with what happened: successes, retries, items given up on.",
        (
            "Each count has its own place: one on success, one where another try follows, one where "
            "the item is given up on."
        ),
        (
            'stats["retried"] += 1 only when there will be another try; stats["failed"] += 1 once, '
            "after the last."
        ),
    ),
)
async def test_counts_in_stats(learner: Subject, draw: Draw) -> None:
    """Counts successes, retries and items given up on, for all consumers together."""
    fails = draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS])
    scenarios = (
        Consume(jobs(draw, fails), options={"attempts": 3}),
        # One consumer alone: what goes wrong among several is no matter of defaults.
        Consume(jobs(draw, [ALWAYS]), options={"attempts": 4}, unsaid=frozenset({"attempts"})),
        # They go by one name, and the third comes later: all count into the same stats.
        Consume(
            jobs(draw, fails), ("C1", "C1", "C1"), options={"attempts": 4}, starts=(0.0, 0.0, 0.2)
        ),
    )
    runs = await learner.run_all(scenarios)
    for scenario, trace in (*runs, await many_attempts(learner, draw)):
        tries.settled_and_tried(trace, scenario)
        counts.stats_true(trace, scenario, trace.stats)
        counts.true_when_joined(trace, scenario)
    cut_short = interruption.cut_short(draw)
    trace = await learner.run(cut_short, allow=("died",))
    interruption.unsettled_is_not_counted(trace, cut_short)
    learner.show(runs[0][1])


@check(
    needs=GIVES_UP,
    hints=(
        (
            "Follow one item on each path (success, success after retries, given up): where is "
            "task_done() called?"
        ),
        (
            "Once for each item, after it is settled: a failed try that is followed by another "
            "settles nothing."
        ),
        "One q.task_done() at the end of the outer loop's body, after the inner loop.",
    ),
)
async def test_marks_each_item_done(learner: Subject, draw: Draw) -> None:
    """Calls task_done() exactly once for each item, when it is settled."""
    scenarios = [
        Consume(jobs(draw, fails), names=("C1", "C2")[: len(fails) // 2], options={"attempts": 4})
        for fails in ([0, 2], [ALWAYS, 0], draw.shuffled([0, 1, 3, ALWAYS, ALWAYS, 2]))
    ]
    odd: list[Item] = draw.shuffled(list[Item]([0, "", "STOP", -1]))
    scenarios.append(Consume(jobs(draw, [0, 1, 2, ALWAYS], odd), options={"attempts": 4}))
    for scenario, trace in await learner.run_all(scenarios):
        marks.items_done_once(trace, scenario)
    cut_short = interruption.cut_short(draw)
    trace = await learner.run(cut_short, allow=("died",))
    interruption.unsettled_is_marked_once(trace, cut_short)
    interruption.settled_are_marked(trace, cut_short)


@check(
    needs=KEEPS_GOING,
    hints=(
        "Which exceptions does your except clause catch?",
        "A ValueError will fail again however often it is tried: only TransientError is transient.",
        "`except TransientError:` and nothing broader; no except clause for anything else.",
    ),
)
async def test_lets_other_errors_out(learner: Subject, draw: Draw) -> None:
    """Lets any other exception leave the consumer at once."""
    kinds = interruption.NOT_TRANSIENT
    scenarios = [
        Consume(
            (Job(item, draw.seconds(0.05, 0.12), draw.integer(0, 1), kind), *jobs(draw, [0])),
            options={"attempts": 4},
        )
        for kind, item in zip(kinds, draw.items(len(kinds)), strict=True)
    ]
    runs = await learner.run_all(scenarios, allow=("died",))
    for kind, (scenario, trace) in zip(kinds, runs, strict=True):
        interruption.error_left(trace, scenario, kind)


@check(
    needs=KEEPS_GOING,
    hints=(
        "What does your consumer do with a CancelledError, while it works and while it waits?",
        "Cancelling is how others stop the consumer: it has to end, and be seen as cancelled.",
        "Catch TransientError only. If you need CancelledError for cleaning up, end with `raise`.",
    ),
)
async def test_can_be_cancelled(learner: Subject, draw: Draw) -> None:
    """Ends at once when it is cancelled, at work or idle."""
    first, second = draw.items(2)
    item = Job(first, 0.1, fails=2)
    moments = {
        "while it worked on an item": draw.seconds(0.02, 0.08),
        "during a retry": draw.seconds(0.12, 0.18),
        "while it waited for an item": draw.seconds(0.5, 0.9),
    }
    scenarios = [  # with an item that comes too late, and which nobody may take any more
        Consume((item, Job(second, 0.1, at=at + 0.5)), names=("C1", "C2"), cancel=at)
        for at in moments.values()
    ]
    scenarios += [
        Consume((replace(item, error=kind), *jobs(draw, [0])))
        for kind in ("CancelledError", HARD_STOP)
    ]
    *runs, (inside, cancelled), (stopping, stopped) = await learner.run_all(
        scenarios, allow=("died",)
    )
    for where, (scenario, trace) in zip(moments, runs, strict=True):
        interruption.cancelled_cleanly(trace, scenario, where)
    interruption.cancelled_from_within(cancelled, inside)
    interruption.error_left(stopped, stopping, HARD_STOP)


@check(
    needs=BASICS,
    hints=(
        "How much time passes between a failed try and the next, and before a waiting item?",
        "In this exercise a retry follows at once; the waiting comes in the next one.",
        "No sleep anywhere: `await q.get()` and `await process_item(item)` are all the waiting.",
    ),
)
async def test_does_not_wait(learner: Subject, draw: Draw) -> None:
    """Retries at once, and begins a waiting item at once."""
    scenarios = [
        Consume(jobs(draw, [2, 0, 1, ALWAYS, 0, 0]), names=names, options={"attempts": 3})
        for names in (("C1",), ("C1", "C2", "C3"))
    ]
    crew_of_40 = tuple(f"C{number}" for number in range(1, 41))
    scenarios.append(
        Consume(jobs(draw, [*[1] * 4, *[0] * 38]), names=crew_of_40, options={"attempts": 2})
    )
    for scenario, trace in await learner.run_all(scenarios):
        pauses.retries_at_once(trace)
        crew.begins_at_once(trace, scenario)
