"""Checks of ex10: told to stop, a pipeline finishes what it has in hand, and says what is left."""

from dataclasses import replace
from functools import partial
from typing import Any

from grader.course.api import (
    ALWAYS,
    HARD_STOP,
    MOST_CONSUMERS,
    MOST_WAITING,
    ODD,
    Draw,
    Exercise,
    Failure,
    Item,
    Odd,
    Subject,
    Trace,
    bound,
    check,
    counts,
    crew,
    endings,
    independence,
    interruption,
    jitter,
    pauses,
    tries,
    twice,
)
from grader.course.ex10_stop_when_told.account import accounted, unfinished_is
from grader.course.ex10_stop_when_told.ending import returned_in_time
from grader.course.ex10_stop_when_told.interrupted import cancelled_well, judged
from grader.course.ex10_stop_when_told.mistakes import NEEDS_STOP_TO_END
from grader.course.ex10_stop_when_told.stopping import in_hand_go_on, nothing_new, told_well
from grader.course.ex10_stop_when_told.stops import (
    FAST,
    SLOW,
    at_the_pauses_end,
    cut_short,
    failing,
    in_the_pause,
    some_settle,
    told,
)
from grader.course.ex10_stop_when_told.told import Facts, Runs, Told, played
from grader.course.ex10_stop_when_told.twins import as_others, each_time_an_item, twins
from grader.course.ex10_stop_when_told.waking import looks_in_time, never_polls
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS
from grader.course.mistakes.draws import JITTER_FIXED_SEED

EXERCISE = Exercise(
    title="Stop when told",
    track="debug",
    teaches="cancellation, draining, accounting",
    subgoals={
        "Work as before": (
            "test_works_when_never_told",
            "test_keeps_the_lessons_rules",
            "test_keeps_jitter_random",
            "test_waits_for_hours",
        ),
        "Stop, and say what is left": ("test_begins_nothing_new", "test_accounts_for_every_item"),
        "Finish what is in hand": (
            "test_finishes_what_is_in_hand",
            "test_returns_when_nothing_is_in_hand",
            "test_waits_for_the_clean_up",
        ),
        "Let errors out": ("test_can_be_cancelled", "test_lets_errors_surface"),
    },
    learned=(
        "A stop has four steps: begin nothing new, finish what is in hand within the grace, cancel the "
        "rest, and say what is left. A retry loop that swallows cancellation keeps a dead deployment "
        "alive."
    ),
    pause=pauses.window,
    in_production=(
        "Every deployment stops a program in the middle of its work. Kubernetes sends SIGTERM and, "
        "30 s later, SIGKILL; Docker waits 10 s. What has not gone by then is killed, without a "
        "clean-up and without a list of what is left. So stop taking first, then finish what is in "
        "hand for a little less than the platform grants, then cancel, and give back what is left. "
        "Test it under load and in an outage: with an empty queue every shutdown works."
    ),
    read_next=(
        (
            "Task cancellation, in Python's documentation of asyncio",
            "https://docs.python.org/3/library/asyncio-task.html#task-cancellation",
        ),
        (
            "Termination of pods, in the documentation of Kubernetes",
            "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        ),
    ),
)

BASICS = ("test_works_when_never_told",)
TOLD = (*BASICS, "test_begins_nothing_new")
HANDS = (*TOLD, "test_finishes_what_is_in_hand")
ENDS = (*HANDS, "test_returns_when_nothing_is_in_hand")


def settled(runs: Runs) -> None:
    """Runs that are never told to stop: all is settled, and nothing is unfinished."""
    for scenario, trace in runs:
        done = len([i for i in range(len(scenario.jobs)) if Facts(trace, scenario).settled(i)])
        stuck = [wait for wait in trace.waits if wait.inside.endswith("Event.wait")]
        if trace.how == "deadlock" and stuck and done == len(scenario.jobs):
            raise NEEDS_STOP_TO_END(
                f"All {done} items are settled at {trace.clock:.3f} s, and run_pipeline never returns: "
                f"{trace.label(stuck[0].task)} waits for `stop`, which nobody sets.",
                "It returns as soon as every item is settled, also when `stop` is never set.",
                why="deadlock",
                line=stuck[0].line,
                at=trace.clock,
                task=1,
            ).about(trace)
    never_polls(runs)
    endings.all_came_to_their_end(runs)
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario)
        looks_in_time(trace)
        endings.returned_promptly(trace)
        try:
            unfinished_is(Facts(trace, scenario), trace.result, [])
        except Failure as failure:
            raise failure.about(trace) from None
    counts.result_true(runs)


@check(
    hints=(
        "Never told to stop: is every item settled, and what does run_pipeline still wait for then?",
        "The pipeline ends for one of two reasons: every item is settled, or it is told to stop.",
        "`await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)`, and cancel the rest.",
    )
)
async def test_works_when_never_told(learner: Subject, draw: Draw) -> None:
    """Never told to stop, it settles every item, returns promptly, and nothing is unfinished."""
    scenarios = [
        told(draw, [0] * draw.integer(8, 12)),
        told(draw, [0, 0, 0, 1], (5.0, 7.0)),
        told(draw, draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS, 0])),
        told(draw, [0, ALWAYS, 0, 1], consumers=1, maxsize=1),
        told(draw, [0, 1], consumers=5),
        told(draw, []),
        told(draw, [0, ALWAYS, 1, 0], stop=draw.seconds(80.0, 90.0)),
    ]
    await judged(learner, scenarios, settled)
    two = replace(told(draw, [0, 1, ALWAYS, 0, 2, 0, ALWAYS]), beside=3)
    twice.keep_apart(await learner.run(two, allow=("deadlock", "raised")), two)


def all_as_before(runs: Runs) -> None:
    """The lesson's rules on the queue, the consumers and the pauses."""
    bound.bound_holds(runs)
    for _scenario, trace in runs:
        pauses.loop_never_blocked(trace)
    crew.crews_are_busy(runs)


@check(
    needs=BASICS,
    hints=(
        "What else did you change, in the queue, the number of consumers, or the pauses?",
        "As long as `stop` is not set, all is as before: a bounded queue, busy consumers, true pauses.",
        "`asyncio.Queue(maxsize)`, `range(consumers)`, and d + random.uniform(0, d * jitter) as it was.",
    ),
)
async def test_keeps_the_lessons_rules(learner: Subject, draw: Draw) -> None:
    """Keeps the queue bounded, the consumers busy, and the pauses and counts of the lesson."""
    large, many = MOST_WAITING, MOST_CONSUMERS
    scenarios = [
        told(draw, [0, 1] * 6, maxsize=1, consumers=draw.integer(2, 4)),
        told(draw, [1] * 5 + [0] * 45, maxsize=draw.integer(4, 9), consumers=many),
        told(draw, [0] * (large + 9), maxsize=large, consumers=5),
        replace(told(draw, [0, 1] * 6), unsaid=frozenset({"consumers", "maxsize", "grace"})),
    ]
    all_as_before(await judged(learner, scenarios, settled))
    fails = [ALWAYS, 1, 0, ALWAYS, ALWAYS, 2]
    waits: list[dict[str, Any]] = [
        {"attempts": 8, "delay": draw.seconds(0.1, 0.2), "backoff": 3.0, "jitter": 0},
        {"attempts": 4, "delay": draw.seconds(0.2, 0.4), "backoff": 1.5, "jitter": 1.0},
    ]
    settings = [told(draw, fails, **options) for options in waits]
    settings.append(replace(told(draw, [ALWAYS] * 10), unsaid=frozenset({"attempts", *FAST})))
    runs = await played(learner, settings)
    pauses.settings_arrive(runs)
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario)
        pauses.loop_never_blocked(trace)
    pauses.pauses_hold(runs, jitter=None)
    jitter.default_in_force(said=runs[1], unsaid=runs[-1])
    unusual: list[Item] = [0, "", "same", "same", *(Odd(kind) for kind in ODD), (7, 8), [7, 8]]
    odd = told(draw, draw.shuffled([0, 1, ALWAYS, *[0] * (len(unusual) - 3)]), items=unusual)
    await judged(learner, [odd], settled)


@check(
    needs=BASICS,
    hints=(
        "Draw ten retries with a large jitter: is each random part another one?",
        "Each retry of each consumer draws its own number, uniformly from 0 to d * jitter.",
        "random.uniform(0, d * jitter), right where the pause is computed, from a generator not seeded.",
    ),
)
async def test_keeps_jitter_random(learner: Subject, draw: Draw) -> None:
    """Still draws afresh for every retry, uniformly over the whole window."""
    crowd: dict[str, Any] = {
        "consumers": 40,
        "maxsize": 9,
        "attempts": 3,
        "delay": 1.0,
        "backoff": 3.0,
        "jitter": 0.5,
    }
    many, few = (
        told(draw, [ALWAYS] * 40, (0.05, 0.0501), **crowd),
        told(draw, [ALWAYS] * 12, **crowd),
    )
    first, second, third = draw.items(3)
    five = [first, second, second, third, third]
    each: dict[str, Any] = {"consumers": 1, "attempts": 300, "backoff": 1.0}
    alone = told(draw, [ALWAYS] * 5, (0.0001, 0.0002), items=five, **each)
    trace, elsewhere = await learner.run_apart((many, 1), (few, 2))
    one_by_one = await learner.run_briefly(alone, tried_and_paused, process=1)
    for ran, scenario in ((trace, many), (elsewhere, few)):
        tried_and_paused(ran, scenario)
    rows, by_item = jitter.parts(trace, many), jitter.parts(one_by_one, alone)
    independence.independent(rows, trace.seeds)
    independence.not_of_the_item(by_item[1:], one_by_one.seeds)
    independence.afresh(by_item)
    jitter.no_lump(jitter.flat(by_item))
    jitter.grows_with_the_wait(rows, 3.0)
    others = jitter.flat(jitter.parts(elsewhere, few))

    async def again() -> list[float]:
        once_more = await learner.run_briefly(alone, tried_and_paused, process=1)
        return jitter.flat(jitter.parts(once_more, alone))

    values = [*jitter.flat(rows), *others, *jitter.flat(by_item)]
    await jitter.uniform_in_two_rounds(values, again, "The random part")
    independence.not_repeated(
        jitter.flat(rows),
        others,
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )


def tried_and_paused(trace: Trace, scenario: Told) -> None:
    """Each item has as many tries as asked, and every pause is in its window."""
    tries.settled_and_tried(trace, scenario)
    pauses.pauses_hold([(scenario, trace)], jitter=None)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "At the moment of the stop, what do the producer and an idle consumer wait for?",
        "After `stop` no item is taken any more, and no item's first try begins.",
        "Cancel the producer when `stop` is set, and empty the queue; a `stop` set before: take nothing.",
    ),
)
async def test_begins_nothing_new(learner: Subject, draw: Draw) -> None:
    """After `stop` nothing is taken from `items`, and no item's first try begins."""
    many: dict[str, Any] = {"consumers": MOST_CONSUMERS, "maxsize": MOST_WAITING}
    scenarios = [
        told(draw, [0] * 40, stop=draw.seconds(0.2, 0.4), grace=9.0),
        told(draw, [0] * 30, stop=draw.seconds(0.2, 0.4), grace=9.0, consumers=1, maxsize=1),
        told(draw, [0, 1] * 20, stop=draw.seconds(0.2, 0.4), grace=3.0, consumers=2, maxsize=9),
        told(draw, [0] * 300, stop=draw.seconds(0.13, 0.19), grace=2.0, **many),
        told(draw, [0] * 9, SLOW, stop=draw.seconds(0.1, 0.3), grace=9.0, consumers=5, maxsize=2),
        told(draw, [0] * 6, SLOW, stop=draw.seconds(0.1, 0.3), grace=9.0),
        replace(told(draw, [0] * 9, stop=0.0), begins=draw.seconds(0.1, 0.2)),
        replace(told(draw, [0] * 9, stop=draw.seconds(0.1, 0.2)), begins=draw.hours()),
    ]
    await judged(learner, scenarios, partial(told_well, upto=nothing_new))


@check(
    pictured=True,
    points=3,
    needs=TOLD,
    hints=(
        "Follow an item in hand from `stop` on: is it tried, paused and tried again as before?",
        "What is in hand has `grace` seconds, retries included; what is left then is cancelled.",
        "Wait for what is in hand, at most `grace` seconds, then cancel the consumers, once.",
    ),
)
async def test_finishes_what_is_in_hand(learner: Subject, draw: Draw) -> None:
    """Items in hand go on for `grace` seconds, retries included, and then they are cancelled."""
    ample = told(
        draw, [0, 1, 2] * 5, SLOW, stop=draw.seconds(0.3, 0.5), grace=draw.seconds(5.0, 6.0)
    )
    graces = draw.seconds(0.2, 0.4), draw.seconds(1.5, 1.9), draw.seconds(2.5, 2.9)
    scenarios = [
        ample,
        in_the_pause(draw),
        in_the_pause(draw, consumers=40, maxsize=1),
        in_the_pause(draw, attempts=draw.integer(20, 30)),
        *(cut_short(draw, grace) for grace in graces),
        cut_short(draw, 0.0),
        cut_short(draw, graces[0], consumers=MOST_CONSUMERS),
        some_settle(draw),
        some_settle(draw, consumers=draw.integer(10, 20), maxsize=1),
        told(
            draw,
            [ALWAYS] * 9,
            (0.2, 0.3),
            stop=draw.seconds(0.3, 0.4),
            grace=graces[2],
            attempts=300,
            backoff=1.0,
        ),
    ]
    scenarios.append(at_the_pauses_end(draw))
    unsaid = replace(cut_short(draw, 1.0), unsaid=frozenset({"grace"}))
    runs = await judged(learner, scenarios, partial(told_well, upto=in_hand_go_on))
    pauses.pauses_hold(runs, jitter=None)
    await judged(learner, [*scenarios[4:6], unsaid], partial(told_well, upto=in_hand_go_on))


@check(
    points=2,
    needs=HANDS,
    hints=(
        "When exactly is the last item in hand settled, and when does run_pipeline return?",
        "It waits for what is in hand, and not for what waits in the queue: nobody works on that.",
        "Empty the queue first, with task_done() for each; then join() ends with what is in hand.",
    ),
)
async def test_returns_when_nothing_is_in_hand(learner: Subject, draw: Draw) -> None:
    """Returns as soon as nothing is in hand, however long the grace, and leaves no task behind."""
    stop = draw.seconds(0.2, 0.3)
    scenarios = [
        told(draw, [0] * 3, SLOW, stop=stop, grace=5.0),
        told(draw, [0] * 2, SLOW, stop=stop, grace=5.0, consumers=draw.integer(5, 40)),
        told(draw, [0] * 30, SLOW, stop=stop, grace=5.0),
        told(draw, [0] * 30, SLOW, stop=stop, grace=5.0, consumers=1, maxsize=1),
        told(draw, [0, 1] * 99, SLOW, stop=stop, grace=5.0, consumers=20, maxsize=99),
        in_the_pause(draw),
        in_the_pause(draw, grace=draw.seconds(0.1, 0.15), delay=7.0),
        in_the_pause(draw, grace=0.0, delay=7.0),
        replace(told(draw, [0] * 9, stop=0.0, grace=5.0), begins=draw.seconds(0.1, 0.2)),
        cut_short(draw, draw.seconds(0.3, 0.5)),
        cut_short(draw, 0.0),
    ]
    await judged(learner, scenarios, partial(told_well, upto=returned_in_time))


@check(
    points=2,
    needs=ENDS,
    hints=(
        "Which of your waits would end by itself after an hour, and what happens then?",
        "A limit of time is right for the grace, and nowhere else; all other waits are for events.",
        "`await asyncio.wait({...}, timeout=grace)` once; no other timeout, and no sleep but the pauses.",
    ),
)
async def test_waits_for_hours(learner: Subject, draw: Draw) -> None:
    """Waits by awaiting, without a limit of time: for items, for `stop`, and in a long grace."""
    hours = draw.hours()
    long = told(draw, [0] * 9, (hours, hours + 9.0), stop=hours / 2, grace=hours)
    brief = told(
        draw, [0] * 9, (hours, hours + 9.0), stop=hours - 60.0, grace=draw.seconds(20.0, 30.0)
    )
    paused = in_the_pause(draw, delay=hours, grace=hours + 90.0, jitter=0)
    alone = told(draw, [0, 1, 0, ALWAYS], (hours, hours + 9.0), consumers=1, maxsize=1)
    idle = told(draw, [0] * 2, (hours, hours + 9.0), consumers=draw.integer(4, 40))
    await judged(learner, [long, brief, paused], partial(told_well, upto=returned_in_time))
    await judged(learner, [alone, idle], settled)


@check(
    needs=ENDS,
    hints=(
        "A cancelled try needs a moment to clean up. Who waits for it, and does anybody break it off?",
        "cancel() only asks: a task has ended when its clean-up has. It is cancelled once.",
        "Leave the waiting to the TaskGroup, or `await asyncio.gather(*crew, return_exceptions=True)`.",
    ),
)
async def test_waits_for_the_clean_up(learner: Subject, draw: Draw) -> None:
    """What is cancelled has the time that it needs to clean up, and run_pipeline waits for it."""
    long = draw.seconds(0.4, 2.0), draw.seconds(20.0, 70.0), draw.hours()
    scenarios = [
        cut_short(draw, draw.seconds(0.2, 0.4), long[0]),
        cut_short(draw, 0.0, long[0]),
        cut_short(draw, draw.seconds(0.2, 0.4), long[1], consumers=MOST_CONSUMERS),
        cut_short(draw, 0.0, long[2]),
        in_the_pause(draw, grace=draw.seconds(0.7, 0.8)),
    ]
    scenarios[-1] = replace(scenarios[-1], cleanup=long[0])
    await judged(learner, scenarios, partial(told_well, upto=returned_in_time))


@check(
    points=3,
    needs=ENDS,
    hints=(
        "At the stop, in which places can an item be that was taken and is not settled?",
        "In the queue, in hand, in a pause, or in the producer's hand: all of them are unfinished.",
        "Note each item when it is taken, before its put, and cross it off where it is settled.",
    ),
)
async def test_accounts_for_every_item(learner: Subject, draw: Draw) -> None:
    """Each item taken is counted as settled, or is in "unfinished", in the order of taking."""
    odd: list[Item] = ["same", "same", *(Odd(kind) for kind in ODD), (7, 8), [7, 8], "", False]
    fails = [0, 1, ALWAYS, 0, 2, *draw.shuffled([ALWAYS, 0, 1, 2, 0, 0, 3, ALWAYS]), *[0] * 160]
    large: dict[str, Any] = {"consumers": 7, "maxsize": MOST_WAITING}
    all_taken = told(draw, [0] * len(odd), SLOW, items=draw.shuffled(odd), maxsize=20)
    scenarios = [
        replace(all_taken, stop=0.2, options={**all_taken.options, "grace": 0.0}),
        told(draw, fails[:40], stop=draw.seconds(0.3, 0.5), grace=draw.seconds(0.1, 0.2)),
        told(draw, fails[:40], stop=draw.seconds(0.5, 0.7), grace=2.0, consumers=2, maxsize=5),
        told(
            draw, fails[:40], SLOW, stop=draw.seconds(0.9, 1.4), grace=0.0, consumers=6, maxsize=1
        ),
        told(draw, [0] * len(odd), (0.2, 0.9), items=draw.shuffled(odd), stop=0.3, grace=0.5),
        told(draw, [0, ALWAYS] * 9, stop=draw.seconds(0.2, 0.3), attempts=1, grace=0.0),
        told(draw, [0, 0, 0, 1, 0, 0], SLOW, stop=draw.seconds(0.75, 0.85), grace=0.3),
        told(draw, fails, (0.1, 0.9), stop=draw.seconds(0.9, 1.4), grace=0.2, **large),
        in_the_pause(draw, grace=draw.seconds(0.7, 0.8)),
        cut_short(draw, 0.0, draw.seconds(0.4, 0.5)),
        cut_short(draw, 0.4, consumers=1, maxsize=1),
        replace(told(draw, [0] * 9, stop=0.0, grace=5.0), begins=draw.seconds(0.1, 0.2)),
    ]
    again = twins(draw)
    others = [as_others(draw, scenario) for scenario in again[:-1]]
    await judged(learner, [*scenarios, *others], partial(told_well, upto=accounted))
    each_time_an_item(await played(learner, again, allow=("deadlock", "raised", "died")))
    beside = replace(told(draw, [0, 1] * 15, stop=draw.seconds(0.3, 0.5), grace=2.0), beside=12)
    trace = await learner.run(beside, allow=("deadlock", "raised", "cancelled"))
    apart(beside, trace)


def apart(scenario: Told, trace: Trace) -> None:
    """Of two runs at the same time one is told to stop, and the other one goes on to its end."""
    try:
        _each_for_itself(scenario, trace)
    except Failure as failure:
        raise STATE_SHARED_BETWEEN_RUNS(
            f"Each is right alone, but of two runs at the same time one was told to stop, and then: "
            f"{failure.message}",
            "Each run has its own `stop`, and makes its own queue, counts, list and tasks.",
            at=failure.at,
            task=failure.task,
            item=failure.item,
        ).about(trace) from None


def _each_for_itself(scenario: Told, trace: Trace) -> None:
    if trace.how != "returned":
        raise Failure(f"it ended in another way ({trace.how}).", at=trace.clock)
    nothing_new([(scenario, trace)])
    accounted([(scenario, trace)])
    second = trace.result[1]
    unfinished_is(Facts(trace, scenario), second, [])
    consumed = second.get("consumed")
    if consumed != scenario.beside:
        raise Failure(
            f"the other one returned consumed={consumed!r:.40}, of {scenario.beside} items."
        )


@check(
    points=2,
    needs=ENDS,
    hints=(
        "What does run_pipeline do when somebody cancels it, in each of its waits?",
        "It cancels what is in hand, waits for the clean-up, and passes the CancelledError on.",
        "A TaskGroup around everything does so; else `finally:` cancel all tasks and await them.",
    ),
)
async def test_can_be_cancelled(learner: Subject, draw: Draw) -> None:
    """Cancelled itself, it cancels what is in hand, raises CancelledError, and leaves no task."""
    slow, at = (3.0, 4.0), draw.seconds(0.3, 0.5)
    cleanup = draw.seconds(0.5, 0.7)
    waits: dict[str, Any] = {"delay": draw.seconds(3.0, 4.0), "cancel": draw.seconds(0.3, 0.5)}
    early: dict[str, Any] = {"stop": draw.seconds(0.1, 0.2), "grace": 2.0, "cancel": at}
    late: dict[str, Any] = {
        "stop": 0.1,
        "grace": 0.5,
        "cleanup": 0.4,
        "cancel": draw.seconds(0.65, 0.95),
    }
    scenarios = [
        told(draw, [0] * 20, slow, cancel=at),
        told(draw, [0] * 20, slow, cancel=at, cleanup=cleanup),
        told(draw, [0] * 2, slow, cancel=at, cleanup=cleanup),
        told(draw, [0] * 99, slow, cancel=at, consumers=MOST_CONSUMERS, maxsize=1),
        told(draw, [ALWAYS] * 20, **waits),
        told(draw, [ALWAYS] * 20, **waits, stop=draw.seconds(0.2, 0.25), grace=9.0),
        told(draw, [0] * 20, slow, **early),
        told(draw, [0] * 20, slow, cleanup=cleanup, **early),
        told(draw, [0] * 3, slow, cleanup=cleanup, **early),
        told(draw, [0] * 20, slow, **late),
        told(draw, [0] * 3, slow, **late | {"grace": 0.0, "stop": 0.6}),
    ]
    await judged(learner, scenarios, cancelled_well, allow=("deadlock", "cancelled", "raised"))


@check(
    points=2,
    needs=ENDS,
    hints=(
        "What becomes of a ValueError that a consumer meets, before the stop and after it?",
        "A task's error is seen only by whoever awaits that task, or by its TaskGroup.",
        "Keep everything in one TaskGroup, or ask each task for its result() after the wait.",
    ),
)
async def test_lets_errors_surface(learner: Subject, draw: Draw) -> None:
    """An error that is not transient surfaces, also during the grace, and never hangs it."""
    kinds = (
        "ValueError",
        "RuntimeError",
        "TimeoutError",
        "ExceptionGroup",
        "QueueEmpty",
        "StopAsyncIteration",
        HARD_STOP,
    )
    cases = [(kind, {1}, 6) for kind in kinds]
    cases += [("ValueError", {0, 1, 2}, 9), ("PaymentRefused", {4}, 5)]
    scenarios = [failing(draw, *case) for case in cases]
    later = [("ValueError", {0}, 3), (HARD_STOP, {1}, 20), ("TimeoutError", {0, 1, 2}, 20)]
    scenarios += [
        failing(draw, *case, stop=draw.seconds(0.1, 0.3), seconds=SLOW, grace=9.0) for case in later
    ]
    runs = await played(learner, scenarios, allow=("deadlock", "raised"))
    for (kind, errors, _count), (_scenario, trace) in zip([*cases, *later], runs, strict=True):
        interruption.error_surfaced(trace, kind, all_die=len(errors) > 1)
