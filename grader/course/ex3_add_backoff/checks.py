"""Checks of ex3: each retry waits longer than the one before, and nobody else is held up."""

from collections.abc import Sequence

from grader.course.api import (
    ALWAYS,
    MOST_ATTEMPTS,
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
    letting_out,
    marks,
    pauses,
    tries,
)
from grader.course.ex3_add_backoff.mistakes import EXPONENT_FROM_TOTALS

EXERCISE = Exercise(
    title="Add backoff",
    track="lesson",
    teaches="exponential backoff",
    subgoals={
        "Try again, then give up": ("test_tries_and_gives_up", "test_takes_any_item_any_time"),
        "Wait longer each time": (
            "test_waits_longer_each_time",
            "test_starts_again_for_each_item",
            "test_waits_only_before_retries",
            "test_lets_others_go_on",
        ),
        "Count and mark": ("test_counts_in_stats", "test_marks_each_item_done"),
        "Let errors out": ("test_lets_errors_and_cancellation_out",),
    },
    learned=(
        "Exponential backoff: each wait is longer than the last. Retries at once double "
        "the load just when the service can bear it least."
    ),
    pause=pauses.window,
    in_production=(
        "A service that is down for lack of capacity is kept down by clients that try again at once: "
        "each failure brings the next request. Exponential backoff takes the pressure off it, quickly "
        "at first and by a factor each time, as the AWS SDKs and Kubernetes' controllers do. "
        "Services next door want short delays and few attempts, external APIs longer ones; cap the "
        "delay where somebody waits for the answer."
    ),
    read_next=(
        (
            "Addressing cascading failures, in Google's SRE book",
            "https://sre.google/sre-book/addressing-cascading-failures/",
        ),
        (
            "Timeouts, retries and backoff with jitter, in the Amazon Builders' Library",
            "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
        ),
    ),
)

BASICS = ("test_tries_and_gives_up",)
WAITS = (*BASICS, "test_waits_longer_each_time")


def jobs(draw: Draw, fails: Sequence[int]) -> tuple[Job, ...]:
    """One job for each number of failing tries, each with a duration of its own."""
    return tuple(
        Job(item, draw.seconds(0.05, 0.12), n)
        for item, n in zip(draw.items(len(fails)), fails, strict=True)
    )


SLOW = {"attempts": 4, "delay": 0.2, "backoff": 2.0}


def moments(draw: Draw) -> dict[str, float]:
    """When to cancel a consumer of one 0.1 s item with `SLOW` retries, and what it does then."""
    return {
        "while it worked on an item": draw.seconds(0.06, 0.09),
        "while it waited for a retry": draw.seconds(0.11, 0.29),
        "while it waited for an item": draw.seconds(8.0, 9.0),
    }


@check(
    hints=(
        "Does each item still get its tries, and is it given up on after `attempts` of them?",
        "The wait comes between two tries; the loop around them stays as it was.",
        (
            "In `except TransientError`: give up when it was the last try, else count the retry, wait, "
            "and go round again."
        ),
    )
)
async def test_tries_and_gives_up(learner: Subject, draw: Draw) -> None:
    """Tries each item until it succeeds or `attempts` tries have failed, and keeps it till then."""
    scenarios = [
        Consume(jobs(draw, [ALWAYS, 0, 1, ALWAYS, 2]), options={"attempts": attempts})
        for attempts in (draw.integer(5, 6), 1, 3)
    ]
    runs = await learner.run_all(scenarios)
    for scenario, trace in runs:
        crew.keeps_its_item(trace, scenario)
    tries.attempts_respected(runs)


@check(
    points=3,
    needs=BASICS,
    hints=(
        "Write down the waits before the retries of one item, and divide each by the one before.",
        "The first retry waits `delay`; each further one `backoff` times as long as the last.",
        "Before retry k (k = 1, 2, ...): await asyncio.sleep(delay * backoff ** (k - 1))",
    ),
)
async def test_waits_longer_each_time(learner: Subject, draw: Draw) -> None:
    """Waits `delay` before the first retry, and `backoff` times longer before each further one."""
    settings = [
        (5, draw.seconds(0.01, 0.09), 3.0),
        (4, draw.seconds(0.1, 0.3), 1.5),
        (3, draw.seconds(0.0003, 0.0009), 2.0),
        (4, draw.seconds(0.02, 0.06), 1.0),
        (6, draw.seconds(0.6, 0.8), 3.0),
        (12, draw.seconds(0.1, 0.2), 2.0),
        (4, draw.seconds(0.2, 0.6), 0.5),
        (3, 0, 2.0),
    ]
    settings.append((4, settings[1][1], 2.5))  # nothing is kept of the call with the same delay
    far = [(4, draw.grows_to_hours(25.0), 5.0)]  # the last wait takes nearly three hours
    for some in (settings, far):
        scenarios = [
            Consume(
                jobs(draw, [ALWAYS]),
                options={"attempts": attempts, "delay": delay, "backoff": backoff},
            )
            for attempts, delay, backoff in some
        ]
        runs = await learner.run_all(scenarios, allow=("time_limit",))
        pauses.pauses_hold(runs)
        for scenario, trace in runs:
            _retries_hold(trace, scenario)
    attempts, delay = MOST_ATTEMPTS, draw.seconds(0.01, 0.02)
    options = {"attempts": attempts, "delay": delay, "backoff": 1.03}
    await learner.run_briefly(Consume(jobs(draw, [ALWAYS]), options=options), _retries_hold)


def _retries_hold(trace: Trace, scenario: Consume) -> None:
    pauses.pauses_are(trace, scenario)
    pauses.loop_never_blocked(trace)
    tries.settled_and_tried(trace, scenario)


@check(
    pictured=True,
    points=2,
    needs=WAITS,
    hints=(
        "How long is the first wait of the second item that fails?",
        "Each item begins again at `delay`: what one item has waited is none of the next's.",
        (
            "Compute each wait from `delay` and this item's own retries, or set `pause = delay` anew "
            "for each item; never change `delay` itself."
        ),
    ),
)
async def test_starts_again_for_each_item(learner: Subject, draw: Draw) -> None:
    """Starts again at `delay` for each item and for each consumer."""
    options = {"attempts": 3, "delay": draw.seconds(0.02, 0.06), "backoff": 2.5}
    first, second = jobs(draw, [ALWAYS, ALWAYS])
    later = Job(second.item, second.seconds, ALWAYS, at=5.0)
    shared = Consume((first, later), names=("C1", "C2"), options=options)
    alone = Consume(jobs(draw, [ALWAYS, 1, 0, ALWAYS, 2]), options=options)
    same = tuple(Job("same", draw.seconds(0.05, 0.12), ALWAYS) for _ in range(2))
    twins = Consume(same, options=options)
    crowd = Consume(jobs(draw, [ALWAYS] * 5), names=("C1", "C2", "C2"), options=options)
    defaults, unsaid = {"delay": 0.03, "backoff": 2.0}, frozenset({"delay", "backoff"})
    by_default = Consume(jobs(draw, [ALWAYS]), options=defaults, unsaid=unsaid)
    scenarios = shared, alone, twins, crowd, by_default
    runs = await learner.run_all(scenarios, allow=("time_limit",))
    _no_shared_counter(runs[0][1], shared)
    for run in runs[1:]:
        pauses.pauses_hold([run])
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario)
    learner.show(runs[1][1])


def _no_shared_counter(trace: Trace, scenario: Consume) -> None:
    before, after = trace.retries_of(0), trace.retries_of(1)
    different = before and after and before[0].task != after[0].task
    if different and abs(after[0].pause - before[0].pause) > 1e-6:
        raise EXPONENT_FROM_TOTALS(
            f"C1 waited {before[0].pause * 1000:.1f} ms before its first retry, and later another "
            f"consumer {after[0].pause * 1000:.1f} ms before its own: it went on where C1 ended.",
            "Each item and each consumer starts again at `delay`.",
        ).about(trace)
    pauses.pauses_are(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "Where else does your consumer sleep, beside between two tries?",
        "Only a retry waits: not the first try, not the next item after a success or a failure.",
        "Sleep in the `except` branch only, and only after you know that another try follows.",
    ),
)
async def test_waits_only_before_retries(learner: Subject, draw: Draw) -> None:
    """Waits only before retries: not before a first try, and not after the last failure."""
    options = {"delay": draw.seconds(0.02, 0.06), "backoff": 2.0}
    scenarios = [
        Consume(jobs(draw, fails), names=names, options={"attempts": attempts, **options})
        for attempts, fails, names in (
            (1, [0, 0, ALWAYS, 0], ("C1",)),
            (3, [ALWAYS, 0, ALWAYS, 0], ("C1",)),
            (3, [1, 2, 0, 1, 0, 0], ("C1", "C2", "C3")),
            (2, [*[1] * 4, *[0] * 38], tuple(f"C{number}" for number in range(1, 41))),
        )
    ]
    for scenario, trace in await learner.run_all(scenarios):
        crew.begins_at_once(trace, scenario)


@check(
    points=2,
    needs=WAITS,
    hints=(
        "What do the other consumers do while one of them waits?",
        "time.sleep() stops the whole event loop; asyncio.sleep() stops only the task that awaits it.",
        "await asyncio.sleep(seconds), with the await.",
    ),
)
async def test_lets_others_go_on(learner: Subject, draw: Draw) -> None:
    """Never blocks the event loop: the other consumers go on meanwhile."""
    # C2's short pauses begin and end within C1's long ones.
    options = {"attempts": 4, "delay": draw.seconds(0.15, 0.25), "backoff": 2.0}
    scenario = Consume(jobs(draw, [ALWAYS, 0, *[1] * 9, 0]), names=("C1", "C2"), options=options)
    trace = await learner.run(scenario)
    pauses.loop_never_blocked(trace)
    crew.keeps_its_item(trace, scenario)
    pauses.pauses_are(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "After each item, compare stats with what happened.",
        "One count on success, one where another try follows, one where the item is given up on.",
        'stats["retried"] += 1 just before the wait; stats["failed"] += 1 where nothing follows.',
    ),
)
async def test_counts_in_stats(learner: Subject, draw: Draw) -> None:
    """Counts successes, retries and items given up on."""
    fails = draw.shuffled([0, 1, 2, 3, ALWAYS, ALWAYS])
    scenarios = [
        Consume(jobs(draw, fails), names, starts=starts)
        for names, starts in ((("C1",), ()), (("C1", "C1"), (0.0, 0.2)))
    ]
    scenarios.append(Consume(jobs(draw, counts.IN_PAIRS), names=("C1", "C2")))
    for scenario, trace in await learner.run_all(scenarios):
        counts.stats_true(trace, scenario, trace.stats)
    cut_short = interruption.cut_short(draw)
    trace = await learner.run(cut_short, allow=("died",))
    interruption.unsettled_is_not_counted(trace, cut_short)
    interruption.unsettled_is_marked_once(trace, cut_short)
    interruption.settled_are_marked(trace, cut_short)


@check(
    needs=BASICS,
    hints=(
        "Follow one item on each path: where is task_done() called?",
        "Once for each item, after it is settled, and not in each try.",
        "One q.task_done() at the end of the outer loop's body.",
    ),
)
async def test_marks_each_item_done(learner: Subject, draw: Draw) -> None:
    """Calls task_done() exactly once for each item, when it is settled."""
    scenarios = [
        Consume(jobs(draw, fails), names=("C1", "C2")[: len(fails) // 2])
        for fails in ([0, 2], [ALWAYS, 0], draw.shuffled([0, 1, 3, ALWAYS, ALWAYS, 2]))
    ]
    for scenario, trace in await learner.run_all(scenarios):
        marks.items_done_once(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "Which exceptions does your except clause catch, and what does it do with the others?",
        "Only TransientError is retried. Everything else, CancelledError too, leaves the consumer.",
        "`except TransientError:` and nothing broader; if you catch CancelledError, `raise` it again.",
    ),
)
async def test_lets_errors_and_cancellation_out(learner: Subject, draw: Draw) -> None:
    """Lets other errors and cancellation out at once, also while it waits."""
    first, when = draw.items(1)[0], moments(draw)
    scenarios = letting_out.ways_out(first, jobs(draw, [0]), first, SLOW, when)
    letting_out.all_let_out(await learner.run_all(scenarios, allow=("died",)), when)


@check(
    needs=BASICS,
    hints=(
        "What if an item is 0, if two are equal, or if the next one comes a second later?",
        "An item waits with its consumer: it does not go back into the queue.",
        "`while True:` and `item = await q.get()`, with no test of the item or of the queue.",
    ),
)
async def test_takes_any_item_any_time(learner: Subject, draw: Draw) -> None:
    """Takes any item, also 0 or an empty string, whenever it comes."""
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", "STOP"])), "same", "same", [7, 8], (7, 8)]
    odd += map(Odd, ODD)
    waiting = tuple(
        Job(item, draw.seconds(0.05, 0.12), fails)
        for item, fails in zip(odd, (2, 2, 2, ALWAYS, 2, 2, 1, *[1] * len(ODD)), strict=True)
    )
    late = Job(draw.integer(300, 400), draw.hours(), 2, at=draw.hours())  # each try takes hours
    scenario = Consume((*waiting, late), options={"attempts": 3, "delay": 0.03, "backoff": 2.0})
    outage = Consume(jobs(draw, [*[ALWAYS] * 7, 0]), options={"attempts": 3})
    alone = Consume((late,), options=scenario.options)
    for one, trace in await learner.run_all((scenario, alone, outage)):
        tries.settled_and_tried(trace, one)
        crew.keeps_its_item(trace, one)
