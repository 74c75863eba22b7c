"""Checks of ex4: a random part in each wait breaks up the herd."""

from collections.abc import Sequence
from dataclasses import replace

from grader.course.api import (
    ALWAYS,
    ODD,
    Consume,
    Crowd,
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
    independence,
    interruption,
    jitter,
    letting_out,
    marks,
    pauses,
    tries,
)
from grader.course.mistakes.draws import JITTER_FIXED_SEED, SEEDED_IN_STEP

# After the first try, 90 ms long, the first retries come at 0.120 s.
TOGETHER = Consume(
    tuple(Job(number, 0.09, ALWAYS) for number in range(1001, 1101)),
    names=tuple(f"C{number}" for number in range(1, 101)),
    options={"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25},
)

EXERCISE = Exercise(
    title="Add jitter",
    track="lesson",
    teaches="jitter",
    subgoals={
        "Try again, then give up": ("test_tries_and_gives_up",),
        "Stay in the window": (
            "test_stays_in_the_window",
            "test_no_jitter_is_exact",
            "test_waits_only_before_retries",
        ),
        "Break up the herd": (
            "test_draws_for_every_retry",
            "test_differs_from_run_to_run",
            "test_breaks_up_the_herd",
        ),
        "Keep the old rules": ("test_counts_and_marks", "test_lets_errors_and_cancellation_out"),
    },
    learned=(
        "Jitter keeps clients apart that failed at the same moment. Without it a hundred "
        "of them come back as a herd, and fail again."
    ),
    pause=pauses.window,
    crowd=Crowd(TOGETHER, beside=("no jitter", {"jitter": 0.0})),
    in_production=(
        "Clients that fail together come back together: after an outage the herd arrives at 30, 60 "
        "and 120 ms, and the recovering service falls over again. A random part of the delay spreads "
        "the same requests over a window, which grows with the delay; it also helps cron jobs, cache "
        "expiry and reconnects. Here up to a quarter is added to the delay; full jitter, a random wait "
        "from 0 to the delay, spreads even further where nobody needs the least wait."
    ),
    read_next=(
        (
            "Exponential backoff and jitter, on the AWS architecture blog",
            "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/",
        ),
        ("tenacity's wait strategies", "https://tenacity.readthedocs.io/"),
    ),
)

BASICS = ("test_tries_and_gives_up",)
WINDOW = (*BASICS, "test_stays_in_the_window")
ONLY_RETRIES = (*WINDOW, "test_waits_only_before_retries")
FRESH = (*ONLY_RETRIES, "test_draws_for_every_retry")


def jobs(draw: Draw, fails: Sequence[int]) -> tuple[Job, ...]:
    """One job for each number of failing tries, each with a duration of its own."""
    return tuple(
        Job(item, draw.seconds(0.05, 0.12), n)
        for item, n in zip(draw.items(len(fails)), fails, strict=True)
    )


HERD = {"attempts": 3, "delay": 1.0, "backoff": 3.0, "jitter": 0.5}


def crowd(draw: Draw, clients: int, *, late: int = 0) -> Consume:
    """Clients that fail at the same moment; half of them go by one name.

    late: how many further items come when all that is over, at moments of their own.
    """
    seconds = draw.seconds(0.05, 0.12)
    half = clients // 2
    names = draw.items(clients + late)
    later = [Job(item, seconds, ALWAYS, at=draw.seconds(20, 30)) for item in names[clients:]]
    return Consume(
        (*(Job(item, seconds, ALWAYS) for item in names[:clients]), *later),
        names=(*(f"C{number}" for number in range(1, clients - half + 1)), *("client",) * half),
        options=HERD,
    )


async def herd(learner: Subject, draw: Draw) -> tuple[Consume, Trace]:
    """A hundred of them, in a process that has done nothing else yet, for all checks that look."""
    scenario = crowd(draw.shared("herd"), 100, late=4)
    trace = await learner.shared("herd", scenario, process=1)
    pauses.pauses_are(trace, scenario, jitter=0.5)
    tries.settled_and_tried(trace, scenario)
    return scenario, trace


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
        "Only the length of the wait changes here; the loop around it stays as it was.",
        "Put the random part into the argument of the sleep, and change nothing else.",
    )
)
async def test_tries_and_gives_up(learner: Subject, draw: Draw) -> None:
    """Tries each item until it succeeds or `attempts` tries have failed, and keeps it till then."""
    scenarios = [
        Consume(jobs(draw, fails), options={"attempts": attempts})
        for attempts, fails in (
            (draw.integer(9, 12), [ALWAYS, 0, 1]),
            (3, [ALWAYS, 0, 1, ALWAYS, 2]),
            (1, [ALWAYS, 0, 1, ALWAYS, 2]),
        )
    ]
    runs = await learner.run_all(scenarios)
    for scenario, trace in runs:
        crew.keeps_its_item(trace, scenario)
    tries.attempts_respected(runs)


@check(
    pictured=True,
    points=2,
    needs=BASICS,
    hints=(
        "Compare each wait with d = delay * backoff ** (k - 1): is it ever shorter, or much longer?",
        "The random part is added to d: never less than d, at most jitter (a fraction) of d more.",
        (
            "d = delay * backoff ** (k - 1), then sleep(d + random.uniform(0, d * jitter)); "
            "the next d does not start from what was slept."
        ),
    ),
)
async def test_stays_in_the_window(learner: Subject, draw: Draw) -> None:
    """Waits at least d and at most d + d * jitter, and never feeds jitter into the next delay."""
    delay = draw.seconds(0.1, 0.4)
    settings = (
        (("C1", "C2"), 0.25, 0.03, 2.0),
        (("C1", "C2"), 1.0, delay, 1.5),
        (("C1", "C1"), 0.1, draw.seconds(0.4, 0.8), 3.0),
        # As the second but for one setting: nothing is kept of that call.
        (("C1", "C2"), 0.1, delay, 1.5),
        (("C1", "C2"), 1.0, delay, 2.5),
    )
    scenarios = [
        Consume(
            jobs(draw, [ALWAYS] * 10),
            names=names,
            options={"attempts": 4, "delay": delay, "backoff": backoff, "jitter": fraction},
        )
        for names, fraction, delay, backoff in settings
    ]
    runs = await learner.run_all(scenarios, allow=("time_limit",))
    pauses.pauses_hold(runs, jitter=None)
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario)
    # The one that a timeline shows: each pause lies somewhere else in its window.
    options = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}
    mixed = Consume(jobs(draw, [2, 1, 0, ALWAYS, 3]), options=options)
    pauses.pauses_hold([(mixed, await learner.run(mixed))], jitter=None)


@check(
    needs=BASICS,
    hints=(
        "What is left of the wait when jitter is 0?",
        "With jitter=0 there is no random part: the wait is exactly d.",
        "Use the parameter: the largest random part is d * jitter.",
    ),
)
async def test_no_jitter_is_exact(learner: Subject, draw: Draw) -> None:
    """Waits exactly d when jitter is 0, for each item anew."""
    equal: list[Item] = ["same", "same"]
    unusual: list[Item] = [[5, 6], (5, 6), *map(Odd, ODD)]
    scenarios = [
        Consume(
            (*jobs(draw, fails), *(Job(item, 0.05, 2) for item in last)),
            names=names,
            options={"attempts": 4, "delay": delay, "backoff": backoff, "jitter": 0},
        )
        for delay, backoff, fails, names, last in (
            (0.04, 2.0, [ALWAYS, 1, 0, ALWAYS], ("C1",), equal),
            (draw.seconds(0.1, 0.4), 3.0, [ALWAYS, 1, 0, ALWAYS], ("C1", "C2", "C3"), equal),
            (draw.seconds(0.0003, 0.0009), 2.0, [ALWAYS], ("C1",), unusual),
            (draw.seconds(8.0, 9.0), 5.0, [ALWAYS], ("C1",), equal),
            (draw.seconds(0.2, 0.6), 0.5, [ALWAYS], ("C1",), equal),
            (0, 2.0, [ALWAYS], ("C1",), equal),
        )
    ]
    far = {"attempts": 4, "delay": draw.grows_to_hours(25.0), "backoff": 5.0, "jitter": 0}
    hours = Consume(jobs(draw, [ALWAYS]), options=far)  # the last wait takes nearly three
    for some in (scenarios, [hours]):
        runs = await learner.run_all(some, allow=("time_limit",))
        pauses.pauses_hold(runs)
        for scenario, trace in runs:
            tries.settled_and_tried(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "Where else does your consumer wait, and do the others go on meanwhile?",
        "Only a retry waits, and it waits by awaiting: a random start is no jitter.",
        "One `await asyncio.sleep(...)`, in the except branch, when another try follows.",
    ),
)
async def test_waits_only_before_retries(learner: Subject, draw: Draw) -> None:
    """Waits only before retries, and never blocks the event loop."""
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
    # One that comes, and one that takes, nearly three hours late: no limit of the learner's own.
    work, moment = draw.hours(), draw.hours()
    late = replace(jobs(draw, [2])[0], seconds=work, at=moment)
    options["attempts"] = 3
    scenarios += [Consume(some, options=options) for some in ((*jobs(draw, [0]), late), (late,))]
    for scenario, trace in await learner.run_all(scenarios):
        pauses.loop_never_blocked(trace)
        crew.begins_at_once(trace, scenario)


@check(
    points=4,
    needs=ONLY_RETRIES,
    hints=(
        "Print the random part before each retry: which are the same, and which never occur?",
        (
            "Each retry of each consumer draws its own number, and each size up to d * jitter is as "
            "likely: nothing from a seed, a name, a counter or a clock; no rounding, no gauss()."
        ),
        (
            "Call random.uniform(0, d * jitter) right where the wait is computed, and never seed the "
            "generator."
        ),
    ),
)
async def test_draws_for_every_retry(learner: Subject, draw: Draw) -> None:
    """Draws afresh for every retry of every consumer, evenly over the whole window."""
    # All that luck has a part in is asked here: what builds on it is judged or not, whatever the luck.
    scenario, trace = await herd(learner, draw)
    rows = jitter.parts(trace, scenario)
    late = jitter.late_parts(trace, scenario)
    independence.independent(rows, trace.seeds, names=scenario.names, late=late)
    jitter.grows_with_the_wait(rows, 3.0)
    await evenly(learner, draw, jitter.as_drawn(trace, scenario))


async def evenly(learner: Subject, draw: Draw, drawn: list[float]) -> None:
    """The window is used evenly and to its end; drawn: random parts of many clients in their order."""
    wide = Consume(
        jobs(draw, [ALWAYS]),
        options={"attempts": 41, "delay": draw.seconds(0.2, 0.4), "backoff": 1.0, "jitter": 2.5},
    )
    alone = jitter.one_by_one(draw)
    of_one = await learner.run_briefly(alone, jitter.one_by_one_holds)
    in_wide = await learner.run(wide)
    pauses.pauses_are(in_wide, wide, jitter=2.5)
    by_item = jitter.parts(of_one, alone)
    independence.not_of_the_item(by_item[1:], of_one.seeds)
    independence.afresh(by_item)
    series = jitter.flat(by_item)
    for values in (series, drawn):
        jitter.random_at_all(values)
        jitter.fine_enough(values, "The random part")
        jitter.no_lump(values)
        independence.serial(values)
    jitter.wide_window(in_wide, wide)

    async def again() -> list[float]:
        once_more = await learner.run_briefly(alone, jitter.one_by_one_holds)
        return jitter.flat(jitter.parts(once_more, alone))

    await jitter.uniform_in_two_rounds([*series, *drawn], again, "The random part")
    for values in (series, drawn):
        independence.keeps_no_distance(values)


@check(
    needs=FRESH,
    hints=(
        "Run your module twice: are the waits the same as the first time?",
        (
            "A fixed seed makes every run of the program draw the same numbers: so do a thousand "
            "clients that start it."
        ),
        "No random.seed(...) and no random.Random(<number>): the generator seeds itself.",
    ),
)
async def test_differs_from_run_to_run(learner: Subject, draw: Draw) -> None:
    """Draws differently each time that the program runs."""
    # Of the same items and names as there; small windows, for which a random part is easily left out.
    few = replace(crowd(draw.shared("herd"), 12), options=HERD | {"delay": 0.03, "jitter": 0.05})
    runs = await learner.run_apart((few, 2), (few, 1))
    for trace in runs:
        pauses.pauses_are(trace, few, jitter=0.05)
        jitter.random_before_each(
            jitter.parts(trace, few), "With delay=0.03 and jitter=0.05 what was added"
        )
    elsewhere, later = (jitter.flat(jitter.parts(trace, few)) for trace in runs)
    scenario, trace = await herd(learner, draw)
    first = jitter.flat(jitter.parts(trace, scenario))
    independence.not_repeated(
        first,
        later,
        SEEDED_IN_STEP,
        "Consumers that were started later drew the same numbers as the ones before them.",
    )
    independence.not_repeated(
        first,
        elsewhere,
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )
    independence.no_memory(elsewhere, later)


@check(
    needs=FRESH,
    hints=(
        "A hundred clients fail at one moment: when do they come back?",
        "Without jitter they come back as a herd, and may bring the recovering service down again.",
        "Each client's wait is d + its own random part of up to d * jitter.",
    ),
)
async def test_breaks_up_the_herd(learner: Subject, draw: Draw) -> None:
    """Many clients that fail together come back spread over the window."""
    scenario, trace = await herd(learner, draw)
    jitter.spread(trace, scenario)
    defaults = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}
    by_default = Consume(
        jobs(draw, [ALWAYS] * 10), ("C1", "C2"), options=defaults, unsaid=frozenset(defaults)
    )
    unsaid = await learner.run(by_default)
    tries.settled_and_tried(unsaid, by_default)
    pauses.pauses_are(unsaid, by_default, jitter=0.25)
    jitter.default_in_force((scenario, trace), (by_default, unsaid))


@check(
    needs=BASICS,
    hints=(
        "Compare stats and the calls of task_done() with what happened to each item.",
        "One count where an item succeeds, is retried, or is given up on; task_done() once per item.",
        "One q.task_done() at the end of the outer loop's body; the counts in their branches.",
    ),
)
async def test_counts_and_marks(learner: Subject, draw: Draw) -> None:
    """Counts in stats, and calls task_done() exactly once for each item."""
    scenarios = [
        Consume(jobs(draw, fails), names=("C1", "C2")[: len(fails) // 2])
        for fails in ([0, 2], [ALWAYS, 0], draw.shuffled([0, 1, 3, ALWAYS, ALWAYS, 2]))
    ]
    scenarios.append(Consume(jobs(draw, counts.IN_PAIRS), names=("C1", "C2")))
    for scenario, trace in await learner.run_all(scenarios):
        crew.keeps_its_item(trace, scenario)
        counts.stats_true(trace, scenario, trace.stats)
        marks.items_done_once(trace, scenario)
    cut_short = interruption.cut_short(draw)
    trace = await learner.run(cut_short, allow=("died",))
    interruption.unsettled_is_not_counted(trace, cut_short)
    interruption.unsettled_is_marked_once(trace, cut_short)
    interruption.settled_are_marked(trace, cut_short)


@check(
    needs=BASICS,
    hints=(
        "Which exceptions does your except clause catch, and what does it do with the others?",
        "Only TransientError is retried. Everything else, CancelledError too, leaves the consumer.",
        "`except TransientError:` and nothing broader; if you catch CancelledError, `raise` it again.",
    ),
)
async def test_lets_errors_and_cancellation_out(learner: Subject, draw: Draw) -> None:
    """Lets other errors and cancellation out at once, and takes any item."""
    first, when = draw.items(1)[0], moments(draw)
    scenarios = letting_out.ways_out(first, jobs(draw, [0]), 0, SLOW, when)
    letting_out.all_let_out(await learner.run_all(scenarios, allow=("died",)), when)
