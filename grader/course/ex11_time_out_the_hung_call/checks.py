"""Checks of ex11: a try that takes too long is cancelled, and is retried like any other that failed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    ALWAYS,
    HARD_STOP,
    MOST_ATTEMPTS,
    MOST_ITEMS,
    ODD,
    Draw,
    Exercise,
    Item,
    Job,
    Odd,
    Subject,
    check,
    counts,
    crew,
    independence,
    interruption,
    jitter,
    pauses,
    tries,
)
from grader.course.ex11_time_out_the_hung_call import counting, interrupted
from grader.course.ex11_time_out_the_hung_call.calls import (
    OWN_TIMEOUTS,
    Calls,
    breaks_off,
    hangs,
    takes,
)
from grader.course.ex11_time_out_the_hung_call.limits import limits_hold
from grader.course.ex11_time_out_the_hung_call.runs import Run, Runs, by_the_lesson
from grader.course.ex11_time_out_the_hung_call.scenarios import LESSON, calls, herd, moments, named
from grader.course.ex11_time_out_the_hung_call.timed import ENDS, holds
from grader.course.mistakes.draws import JITTER_FIXED_SEED

EXERCISE = Exercise(
    title="Time out the hung call",
    track="adapt",
    teaches="a timeout for each try",
    subgoals={
        "Keep the old rules": (
            "test_works_as_before",
            "test_counts_and_marks",
            "test_keeps_backoff_and_jitter",
        ),
        "Give each try its time": (
            "test_times_out_the_hung_call",
            "test_each_try_has_its_own_time",
            "test_counts_what_ends_in_time",
            "test_retries_the_services_own_timeout",
        ),
        "Wait for the clean-up": ("test_waits_for_the_clean_up", "test_disturbs_nobody"),
        "Let errors out": ("test_lets_other_errors_out", "test_can_be_cancelled"),
    },
    learned=(
        "A call without a limit of time is a consumer that you may lose: one that hangs takes it out "
        "for ever. Limit each try, let it clean up, and retry it like any other."
    ),
    pause=pauses.window,
    in_production=(
        "A call that fails costs a retry; one that hangs costs a worker: when one in ten does, three "
        "are gone within some thirty calls, and no log says why. So every call over a network gets a "
        "limit, a bit above what nearly all answers take: for each try, and a deadline for the whole "
        "where somebody waits. httpx has one from the start, requests and urllib have none. A call "
        "that is cancelled has to clean up, or its connection stays taken."
    ),
    read_next=(
        (
            "Timeouts, in the asyncio documentation",
            "https://docs.python.org/3/library/asyncio-task.html#timeouts",
        ),
        (
            "Timeouts and cancellation for humans, by Nathaniel J. Smith",
            "https://vorpus.org/blog/timeouts-and-cancellation-for-humans/",
        ),
        (
            "Timeouts, retries and backoff with jitter, in the Amazon Builders' Library",
            "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
        ),
    ),
)

BASICS = ("test_works_as_before",)
LIMITS = (*BASICS, "test_times_out_the_hung_call")
OWN_TIME = (*LIMITS, "test_each_try_has_its_own_time")


async def run(learner: Subject, scenarios: Sequence[Calls], *, process: int = 0) -> Runs:
    """Run the scenarios, whatever comes of it."""
    traces = await learner.run_all(scenarios, process=process, allow=ENDS)
    return [Run(scenario, trace) for scenario, trace in traces]


async def played(learner: Subject, scenarios: Sequence[Calls]) -> Runs:
    """Run the scenarios; each try had its time, and what followed was right."""
    runs = await run(learner, scenarios)
    holds(runs)
    return runs


async def settled(learner: Subject, scenarios: Sequence[Calls]) -> Runs:
    """`played`; and the counts are true, and every item was marked as done once."""
    runs = await played(learner, scenarios)
    counting.all_true(runs)
    return runs


@check(
    hints=(
        "Does each item still get its tries, and is it given up on after `attempts` of them?",
        "The limit of time changes how a try may fail; the loop around it stays as it was.",
        "Put the limit around the call in the `try:`, and change nothing else.",
    )
)
async def test_works_as_before(learner: Subject, draw: Draw) -> None:
    """Tries, counts and marks each item as before when no call takes too long."""
    plain = [
        calls(draw, fails, attempts=attempts, jitter=0)
        for attempts, fails in (
            (draw.integer(5, 6), [ALWAYS, 0, 1]),
            (3, [ALWAYS, 0, 1, ALWAYS, 2]),
            (1, [ALWAYS, 0, 1, ALWAYS, 2]),
        )
    ]
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", "STOP"])), "same", "same", [7, 8], (7, 8)]
    odd += map(Odd, ODD)
    jobs = tuple(Job(item, draw.seconds(0.05, 0.12), draw.integer(0, 2)) for item in odd)
    unusual = replace(calls(draw, []), jobs=jobs)
    runs = await settled(learner, [*plain, unusual])
    with by_the_lesson(runs, early=True) as counted:
        tries.attempts_respected(counted[: len(plain)])
        for scenario, trace in counted:
            crew.keeps_its_item(trace, scenario)


@check(
    pictured=True,
    points=3,
    needs=BASICS,
    hints=(
        "What does your consumer do while process_item neither returns nor raises?",
        (
            "The consumer sets a limit of time for the call: when it is over, the call is cancelled, and "
            "that counts as a failed try."
        ),
        (
            "`async with asyncio.timeout(timeout):` around the call, inside of the `try:`. It raises "
            "TimeoutError, which is to be retried as well."
        ),
    ),
)
async def test_times_out_the_hung_call(learner: Subject, draw: Draw) -> None:
    """Cancels a try that takes longer than `timeout`, at that instant, and retries it as usual."""
    first, second = draw.seconds(0.3, 0.45), draw.seconds(0.7, 0.9)
    once = calls(draw, [0, 1, 0], hangs(1), timeout=first)
    later = replace(once.jobs[2], at=draw.seconds(1.6, 1.9))
    once = replace(once, jobs=(*once.jobs[:2], later))
    # Failing, all its tries together take longer than one of them may.
    together = calls(draw, [ALWAYS, 0], timeout=first, attempts=8)
    mixed = calls(draw, [3, ALWAYS, 0], hangs(0, first=2), hangs(1), timeout=second)
    slow = calls(draw, [1, 2], takes(second * 1.7, 0), takes(9.0, 1), timeout=second)
    runs = await played(learner, [once, together, mixed, slow])
    learner.show(runs[0].trace)


@check(
    points=2,
    needs=LIMITS,
    hints=(
        "From when to when does the time run, for the first try, a later one, and the last?",
        (
            "Every try has the whole `timeout` to itself, whatever the tries, pauses and items before "
            "it took, and whether it is long or short."
        ),
        (
            "`asyncio.timeout(timeout)` is made anew for each try, and is left as soon as the call has "
            "returned or raised: the pause and `q.get()` stand outside of it."
        ),
    ),
)
async def test_each_try_has_its_own_time(learner: Subject, draw: Draw) -> None:
    """Each try has the whole `timeout` to itself, however long or short that is."""
    scenarios = [
        calls(draw, fails, hangs(0, 1, first=first), timeout=timeout, attempts=attempts)
        for timeout, attempts, fails, first in (
            (draw.seconds(0.0007, 0.0009), 3, [ALWAYS, 2], 1),
            (draw.seconds(0.01, 0.04), 5, [4, ALWAYS], 1),
            (draw.seconds(0.2, 0.4), 4, [ALWAYS, 3], 2),
            (draw.seconds(1.2, 1.9), 4, [ALWAYS, 3], 4),
            (draw.seconds(70.0, 90.0), 3, [2, ALWAYS], 2),
            (draw.seconds(0.2, 0.4), 1, [ALWAYS, 0, ALWAYS], 1),
        )
    ]
    # Each of its tries takes nearly the whole time, and its pauses far more than that.
    timeout = draw.seconds(0.3, 0.4)
    pauses_long = {"delay": draw.seconds(0.5, 0.7), "timeout": timeout}
    nearly = calls(draw, [3, ALWAYS, 0], takes(timeout * 0.93, 0, 1), **pauses_long)
    # It waits for its items much longer than a try may take.
    late = calls(draw, [0, 1, 1, 0], hangs(1, 2), timeout=timeout)
    times = 0.0, draw.seconds(2.0, 3.0), draw.seconds(7.0, 7.2), draw.seconds(400.0, 500.0)
    jobs = tuple(replace(job, at=at) for job, at in zip(late.jobs, times, strict=True))
    late = replace(late, jobs=jobs)
    await played(learner, [*scenarios, nearly, late])
    hours = draw.hours()
    long = calls(draw, [1, 0], hangs(0), takes(hours * 0.99, 1), timeout=hours)
    many = calls(
        draw,
        [ALWAYS, 0],
        hangs(0),
        attempts=MOST_ATTEMPTS,
        timeout=draw.seconds(0.01, 0.02),
        delay=draw.seconds(0.01, 0.02),
        backoff=1.02,
    )
    await played(learner, [long, many])
    by_default = calls(draw, [1, 0], hangs(0), takes(0.48, 1), timeout=0.5)
    await played(learner, [replace(by_default, unsaid=frozenset({"timeout"}))])


@check(
    points=2,
    needs=LIMITS,
    hints=(
        "What does your consumer make of an answer that comes a moment before the time is over?",
        "A try that ends before its time counts as what it is: a success, a failure, an error.",
        "Look at how the call ended, not at a clock: it has returned, or it has raised.",
    ),
)
async def test_counts_what_ends_in_time(learner: Subject, draw: Draw) -> None:
    """A try that ends before its time is over counts as what it is, however little before."""
    timeout = draw.seconds(0.3, 0.6)
    just = [timeout - draw.seconds(0.0011, 0.0029), timeout * 0.75, timeout * 0.51, 0.0]
    scenarios = [
        calls(draw, [0, 2, ALWAYS, 0], takes(seconds, 0, 1, 2), timeout=timeout) for seconds in just
    ]
    over = timeout + draw.seconds(0.0011, 0.0029)
    scenarios.append(calls(draw, [2, 0], takes(over, 0), timeout=timeout))
    await played(learner, scenarios)
    refused = Job(draw.integer(300, 900), just[0], draw.integer(0, 1), "ValueError")
    way = Calls((refused, Job(0, 0.05)), options=LESSON | {"timeout": timeout})
    interrupted.all_left(await run(learner, [way]))


@check(
    points=3,
    needs=OWN_TIME,
    hints=(
        "When a call is cancelled, is it over at once? What may it still have to do?",
        (
            "A cancelled call may need time to clean up. The next try begins when it has ended, and the "
            "pause before it counts from there."
        ),
        (
            "`asyncio.timeout()` and `wait_for()` wait for it; after `task.cancel()` wait yourself, "
            "`await asyncio.wait({task})`, and sleep only then."
        ),
    ),
)
async def test_waits_for_the_clean_up(learner: Subject, draw: Draw) -> None:
    """The next try begins only when the cancelled one has cleaned up, and the pause counts from there."""
    exact = {"delay": draw.seconds(0.2, 0.3), "jitter": 0}
    short, long = draw.seconds(0.02, 0.09), draw.seconds(0.9, 1.3)
    scenarios = [
        replace(calls(draw, fails, *rules, **exact), cleanup=cleanup)
        for cleanup, fails, rules in (
            (long, [1, 0], (hangs(0),)),
            (draw.hours(), [1, 0], (hangs(0),)),
            (draw.seconds(20.0, 30.0), [3, 0], (takes(40.0, 0),)),
            (short, [2, ALWAYS, 0], (hangs(0, 1),)),
            (long, [ALWAYS, 3, 0], (hangs(0, first=2, last=3), hangs(1, first=3))),
        )
    ]
    await played(learner, scenarios)


@check(
    needs=OWN_TIME,
    hints=(
        "What do the other consumers do while one of them waits for a call that hangs?",
        "Each consumer limits its own call, and the others go on meanwhile as if nothing had happened.",
        "No lock, no queue and no timer that consumers share; nothing but `await` waits.",
    ),
)
async def test_disturbs_nobody(learner: Subject, draw: Draw) -> None:
    """Other consumers go on meanwhile, and begin what waits at once."""
    slow = {"timeout": draw.seconds(0.5, 0.7), "jitter": 0, "delay": draw.seconds(0.05, 0.09)}
    beside = named(calls(draw, [2, *[0, 1] * 9], hangs(0), **slow), "C1", "C2", "C3")
    all_hang = named(
        calls(draw, [1, 2, ALWAYS, *[0] * 6], hangs(0, 1, 2), **slow), "C1", "C1", "C2"
    )
    later = 0.0, 0.13, 0.27, *[0.4] * 6
    jobs = tuple(replace(job, at=at) for job, at in zip(all_hang.jobs, later, strict=True))
    apart = replace(all_hang, jobs=jobs)
    forty = tuple(f"C{number}" for number in range(1, 41))
    crowd = named(calls(draw, [*[1] * 45, *[0] * 20], hangs(*range(0, 40, 3)), **slow), *forty)
    cleaning = [replace(one, cleanup=draw.seconds(0.3, 0.4)) for one in (beside, apart)]
    two = calls(draw, [2, ALWAYS, 1, 1], hangs(0, 1, 3), **slow)
    cleaning.append(named(two, "C1", "C2", cleanup=draw.seconds(0.9, 1.3)))
    # Both hang, and one needs long to clean up, the other hardly any time.
    long, short = draw.seconds(2.0, 3.0), draw.seconds(0.1, 0.2)
    for first, second in ((long, short), (short, long)):
        uneven = hangs(0, last=1, cleanup=first), hangs(1, last=1, cleanup=second)
        cleaning.append(named(calls(draw, [1, 1, 0, 0], *uneven, **slow), "C1", "C2"))
    odd: list[Item] = ["same", "same", [7, 8], *map(Odd, ODD), "same"]
    jobs = tuple(Job(item, draw.seconds(0.05, 0.12), draw.integer(1, 2)) for item in odd)
    strange = replace(calls(draw, [], hangs(*range(len(odd)), last=1), **slow), jobs=jobs)
    strange = named(strange, "C1", "C2")
    runs = await run(learner, [beside, all_hang, apart, crowd, *cleaning, strange])
    limits_hold(runs)
    with by_the_lesson(runs) as counted:
        for scenario, trace in counted:
            crew.begins_at_once(trace, scenario)
    holds(runs)
    with by_the_lesson(runs, early=True) as counted:
        for scenario, trace in counted:
            crew.keeps_its_item(trace, scenario)
    thousand = calls(draw, [0] * MOST_ITEMS, hangs(*draw.some(range(MOST_ITEMS), 40), last=1))
    jobs = tuple(replace(job, seconds=0.0) for job in thousand.jobs)
    fails = {place for rule in thousand.rules for place in rule.items or ()}
    jobs = tuple(replace(job, fails=int(n in fails)) for n, job in enumerate(jobs))
    await played(learner, [named(replace(thousand, jobs=jobs), "C1", "C2")])


@check(
    needs=LIMITS,
    hints=(
        "Who else raises a TimeoutError, and where does it go in your consumer?",
        "A TimeoutError of the service's own says the same: this try took too long, the next may not.",
        "`except (TransientError, TimeoutError):` for both, whoever raised it.",
    ),
)
async def test_retries_the_services_own_timeout(learner: Subject, draw: Draw) -> None:
    """Retries a TimeoutError of the service's own, or one of a class below it, as usual."""
    plain, below = OWN_TIMEOUTS
    scenarios = [
        calls(draw, [1, 0], breaks_off(plain, 0)),
        calls(draw, [ALWAYS, 2, 1, 1], breaks_off(plain, 0, 1), breaks_off(below, 2)),
        calls(
            draw,
            [ALWAYS, 3],
            breaks_off(below, 0, last=2),
            hangs(0, first=4, last=4),
            hangs(1, last=1),
            breaks_off(plain, 1, first=2, last=2),
            attempts=6,
        ),
    ]
    await played(learner, scenarios)


@check(
    points=2,
    needs=(*OWN_TIME, "test_disturbs_nobody"),
    hints=(
        "After a call that hung, compare stats and the calls of task_done() with what happened.",
        "A try that was timed out counts like any that failed: retried when another follows, or failed.",
        "The same branch for both: `except (TransientError, TimeoutError):`, once for each try.",
    ),
)
async def test_counts_and_marks(learner: Subject, draw: Draw) -> None:
    """Counts in stats, and calls task_done() once for each item, also when calls hung."""
    alone = [
        calls(draw, [0, 1], hangs(1)),
        calls(draw, [ALWAYS, 0], hangs(0)),
        calls(draw, [2, ALWAYS, 0, ALWAYS], hangs(0), hangs(1, first=4), attempts=4),
    ]
    fails = draw.shuffled([0, 1, 3, ALWAYS, ALWAYS, 2, 0, 1])
    some = draw.some(range(8), 6)
    many = calls(draw, fails, hangs(*some[:3]), breaks_off(OWN_TIMEOUTS[0], *some[3:], last=2))
    crews = [named(many, "C1", "C1"), replace(many, names=("C1", "C2"), starts=(0.0, 0.2))]
    cleaning = [replace(one, cleanup=draw.seconds(0.2, 0.3)) for one in (*alone, *crews)]
    # Both give up while a call cleans up: who has read a count before that loses the other's.
    pairs = calls(draw, counts.IN_PAIRS, hangs(0, 1), hangs(4, 5, first=4), attempts=4)
    cleaning.append(named(pairs, "C1", "C2", cleanup=draw.seconds(0.4, 0.5)))
    await settled(learner, [*alone, *crews, *cleaning])
    lesson = interruption.cut_short(draw)
    given = LESSON | {"timeout": 60.0}
    cut_short = Calls(lesson.jobs, lesson.names, options=given, cancel=lesson.cancel)
    counting.unsettled_is_not_counted(await run(learner, [cut_short]))


@check(
    needs=LIMITS,
    hints=(
        "Which exceptions does your except clause catch, and what does it do with the others?",
        "Only TransientError and TimeoutError are retried. Everything else leaves the consumer at once.",
        "`except (TransientError, TimeoutError):` and nothing broader: no OSError, no Exception.",
    ),
)
async def test_lets_other_errors_out(learner: Subject, draw: Draw) -> None:
    """Lets any other error leave the consumer at once, also after a call that hung."""
    kinds = [kind for kind in (*interruption.NOT_TRANSIENT, "OSError") if kind != "TimeoutError"]
    hung = {*draw.some(kinds, 5), "ValueError"}
    ways = [
        Calls(
            (Job(item, 0.05, 1, kind), Job(0, 0.05)),
            options=LESSON | {"timeout": 0.4},
            rules=(hangs(0, last=1),) if kind in hung else (),
        )
        for kind, item in zip((*kinds, HARD_STOP), draw.items(len(kinds) + 1), strict=True)
    ]
    interrupted.all_left(await run(learner, ways))


@check(
    points=2,
    needs=LIMITS,
    hints=(
        "Who may have cancelled your consumer, when a CancelledError comes out of the call?",
        (
            "Its own cancellation ends the consumer, at work, in a pause and while a call cleans up. "
            "Only the limit that you set yourself counts as a failed try."
        ),
        (
            "Do not catch CancelledError: `asyncio.timeout()` turns its own into a TimeoutError, and "
            "lets all others pass."
        ),
    ),
)
async def test_can_be_cancelled(learner: Subject, draw: Draw) -> None:
    """Passes its own cancellation on, and never takes it for a timeout."""
    at = moments(draw)
    runs = await run(learner, [scenario for _, scenario in at])
    interrupted.all_passed_on(runs, [where for where, _ in at])


@check(
    needs=(*OWN_TIME, "test_disturbs_nobody"),
    hints=(
        "After a try that was timed out, how long is the pause: for one consumer, and for many?",
        "It is the pause of any failed try: d + u, with u drawn at random, afresh for each retry.",
        "One branch for both errors, with one sleep: no other pause where the time was over.",
    ),
)
async def test_keeps_backoff_and_jitter(learner: Subject, draw: Draw) -> None:
    """Waits d + u after each failed try, also after one that was timed out, drawn afresh each time."""
    settings: tuple[dict[str, Any], ...] = (
        {"attempts": 8, "delay": draw.seconds(0.1, 0.2), "backoff": 3.0, "jitter": 0},
        {"attempts": 4, "delay": draw.seconds(0.2, 0.4), "backoff": 1.5, "jitter": 1.0},
        {"attempts": 4, "delay": draw.grows_to_hours(25.0), "backoff": 5.0, "jitter": 0},
        {"attempts": 3, "delay": draw.seconds(0.2, 0.6), "backoff": 0.5, "jitter": 0},
    )
    await played(
        learner,
        [
            calls(draw, [ALWAYS, 1, 0, ALWAYS, 2], hangs(0, 1, first=1, last=3), **options)
            for options in settings
        ],
    )
    by_default = calls(draw, [ALWAYS] * 10, hangs(*range(5)))
    unsaid = replace(by_default, unsaid=frozenset(LESSON))
    many, few = herd(draw, 90), herd(draw, 24)
    few = replace(
        few,
        options={**few.options, **LESSON, "attempts": 3},
        unsaid=frozenset(LESSON) - {"attempts"},
    )
    alone = jitter.one_by_one(draw)
    in_one = await run(learner, [many, unsaid], process=1)
    in_another = await run(learner, [few], process=2)
    for one in (*in_one, *in_another):  # each by itself: nothing is said of the defaults elsewhere
        holds([one])
    trace, default, elsewhere = (one.trace for one in (*in_one, *in_another))
    one_by_one = await learner.run_briefly(alone, jitter.one_by_one_holds, process=1)
    rows = jitter.parts(trace, many)
    independence.independent(rows, trace.seeds)
    by_item = jitter.parts(one_by_one, alone)
    independence.not_of_the_item(by_item[1:], one_by_one.seeds)
    independence.afresh(by_item)
    jitter.fine_enough(jitter.flat(by_item), "The random part")
    jitter.no_lump(jitter.flat(by_item))
    jitter.grows_with_the_wait(rows, 3.0)
    others = jitter.flat(jitter.parts(elsewhere, few))
    values = [*jitter.flat(rows), *others, *jitter.flat(by_item)]

    async def again() -> list[float]:
        once_more = await learner.run_briefly(alone, jitter.one_by_one_holds, process=1)
        return jitter.flat(jitter.parts(once_more, alone))

    await jitter.uniform_in_two_rounds(values, again, "The random part")
    jitter.default_in_force((many, trace), (unsaid, default))
    independence.not_repeated(
        jitter.flat(rows),
        others,
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )
