"""Checks of ex5: the whole pipeline, which ends when every item is settled."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    ALWAYS,
    HARD_STOP,
    MOST_CONSUMERS,
    MOST_WAITING,
    ODD,
    Consume,
    Draw,
    Exercise,
    Failure,
    Item,
    Job,
    Misconception,
    Odd,
    Pipeline,
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
    marks,
    pauses,
    tries,
    twice,
)
from grader.course.mistakes.draws import JITTER_FIXED_SEED
from grader.course.mistakes.marks import TASK_DONE_MISSING

EXERCISE = Exercise(
    title="Fix the missing task_done",
    track="lesson",
    teaches="join and task_done",
    subgoals={
        "Come to an end": (
            "test_ends_when_all_succeed",
            "test_ends_despite_failures",
            "test_returns_promptly",
        ),
        "Count and mark": ("test_returns_true_stats", "test_marks_each_item_once"),
        "Keep the old rules": (
            "test_keeps_the_backpressure",
            "test_keeps_backoff_and_jitter",
            "test_keeps_jitter_random",
        ),
        "Let errors out": ("test_consumer_keeps_its_rules", "test_lets_errors_surface"),
    },
    learned=(
        "join() ends when task_done() was called once per item. One call too few hangs a "
        "job for ever; one too many ends it before its work is done."
    ),
    pause=pauses.window,
    in_production=(
        "A batch that never ends looks like a slow one: no error, no load, only a job that is still "
        "there in the morning. The same promise, one acknowledgement for each message taken, on every "
        "path, holds for RabbitMQ's acks, SQS' deletes and Kafka's commits: forget one and it is "
        "delivered again or blocks the rest. Wait for the work itself, never for a time, and make "
        "sure that an error in a task is seen by whoever waits."
    ),
    read_next=(
        (
            "Task groups, in Python's documentation",
            "https://docs.python.org/3/library/asyncio-task.html#task-groups",
        ),
        (
            "Notes on structured concurrency, by Nathaniel J. Smith",
            "https://vorpus.org/blog/notes-on-structured-concurrency-or-go-statement-considered-harmful/",
        ),
    ),
)

FAST = {"delay": 0.03, "backoff": 2.0, "jitter": 0.25}
DEFAULTS: dict[str, Any] = {"consumers": 3, "maxsize": 3, "attempts": 4, **FAST}
BASICS = ("test_ends_when_all_succeed",)
ENDS = (*BASICS, "test_ends_despite_failures")


def pipeline(
    draw: Draw, fails: Sequence[int], items: Sequence[Item] | None = None, **options: Any
) -> Pipeline:
    """A pipeline over one job for each number of failing tries."""
    named = items if items is not None else draw.items(len(fails))
    given = DEFAULTS | options
    jobs = tuple(
        Job(item, draw.seconds(0.05, 0.12), n) for item, n in zip(named, fails, strict=True)
    )
    return Pipeline(jobs, given, lazy=draw.one_of((True, False)))


Runs = list[tuple[Pipeline, Trace]]


async def finished(learner: Subject, scenarios: Sequence[Pipeline]) -> Runs:
    """The traces of pipelines that came to their end; a deadlock is explained by its cause."""
    runs = await learner.run_all(scenarios, allow=("deadlock",))
    try:
        endings.all_came_to_their_end(runs)
    except Misconception as failure:
        if failure.mistake is TASK_DONE_MISSING:
            await _look_at_the_consumer(learner, first_items(scenarios[0]), failure)
        raise
    return runs


def first_items(scenario: Pipeline) -> Consume:
    """The first items for one consumer alone, of which the last is given up on."""
    *jobs, last = scenario.jobs[:3]
    return Consume((*jobs, replace(last, fails=ALWAYS)))


async def _look_at_the_consumer(learner: Subject, alone: Consume, stuck: Failure) -> None:
    """Raise what a consumer alone shows of the `task_done()` that is missing in the pipeline."""
    try:
        trace = await learner.run(alone)
    except Failure:
        return  # the pipeline has shown enough
    try:
        marks.items_done_once(trace, alone)
    except Misconception as cause:
        cause.message = (
            f"run_pipeline waits for ever. One consumer alone shows why: {cause.message}"
        )
        cause.why, cause.line = stuck.why, cause.line or stuck.line
        raise cause from None


@check(
    hints=(
        "With a service that never fails: is every item worked on, once and in order?",
        "The producer puts each item; consumers take, work, and mark it as done; then the wait ends.",
        "for item in items: await q.put(item) / await q.join() / cancel the consumers.",
    )
)
async def test_ends_when_all_succeed(learner: Subject, draw: Draw) -> None:
    """Works on every item once, in order, and comes to an end when all succeed."""
    await finished(learner, [pipeline(draw, [0] * draw.integer(8, 12))])


@check(
    pictured=True,
    points=3,
    needs=BASICS,
    hints=(
        "Follow an item that is given up on: which call does every other item get, and it does not?",
        (
            "join() counts: each put() adds one, each task_done() takes one away. One that is missing "
            "is waited for, for ever."
        ),
        (
            "Call q.task_done() once for each item got, on every path: after the retry loop, not in one "
            "of its branches."
        ),
    ),
)
async def test_ends_despite_failures(learner: Subject, draw: Draw) -> None:
    """Comes to an end for every mixture of successes, retries and items given up on."""
    mixtures = (
        [0, ALWAYS, 0],
        draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS, 0]),
        [ALWAYS] * 5,
        [ALWAYS, *[0] * 9],
    )
    scenarios = [pipeline(draw, fails) for fails in mixtures]
    *jobs, last = scenarios[-1].jobs  # one that ends long after the failure
    scenarios[-1] = replace(scenarios[-1], jobs=(*jobs, replace(last, seconds=6.0)))
    runs = await finished(learner, scenarios)
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario)
    learner.show(runs[1][1])


@check(
    points=2,
    needs=ENDS,
    hints=(
        "When exactly does run_pipeline return, after the last item is settled?",
        "It waits for the work itself: no timeout, no sleep, no asking again and again.",
        "await q.join(), bare; then cancel the consumers and await them.",
    ),
)
async def test_returns_promptly(learner: Subject, draw: Draw) -> None:
    """Returns as soon as every item is settled, and leaves no task behind."""
    slow = pipeline(draw, [ALWAYS, 0, 1], delay=4.0)
    # Some work, the put meanwhile and the wait for the last item take nearly three hours.
    first, *most, last = pipeline(draw, [0, 0, 0, 1, 0], consumers=1, maxsize=1).jobs
    ends = replace(first, seconds=draw.hours()), replace(last, seconds=draw.hours())
    long = Pipeline((ends[0], *most, ends[1]), DEFAULTS | {"consumers": 1, "maxsize": 1})
    crews = (
        pipeline(draw, [0, 1, 0, ALWAYS, 0, 0, 1], consumers=5),
        pipeline(draw, [0, 1], consumers=1),
    )
    at_once = Pipeline(tuple(Job(item, 0.0) for item in draw.items(9)), slow.options)
    waits = Pipeline(tuple(Job(item, 40.0, 1) for item in draw.items(3)), slow.options)
    scenarios = (
        pipeline(draw, [0, 2, ALWAYS, 0, 1]),
        *crews,
        slow,
        waits,
        at_once,
        pipeline(draw, []),
    )
    for some in (scenarios, (long,)):  # who polls is told before the hours of it are run
        for _scenario, trace in await finished(learner, some):
            endings.returned_promptly(trace)
            endings.waits_for_real(trace)


@check(
    needs=ENDS,
    hints=(
        "What does run_pipeline give back, and do the numbers add up to the number of items?",
        "consumed + failed is the number of items; retried counts the retries of all of them.",
        "Make the dict with all three keys at 0, hand it to every consumer, and return it.",
    ),
)
async def test_returns_true_stats(learner: Subject, draw: Draw) -> None:
    """Returns the stats, and they are true."""
    mixtures = [0, 1, ALWAYS], draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS]), [0, 0]
    counts.result_true(await finished(learner, [pipeline(draw, fails) for fails in mixtures]))
    other = {"consumers": draw.integer(4, 5), "maxsize": draw.integer(5, 7)}
    fails = [0, 1, ALWAYS, 0, *draw.shuffled([2, 0, ALWAYS, 1, *[0] * 12])]
    two = replace(pipeline(draw, fails, jitter=0), beside=16, differently=other)
    alone = [trace for _, trace in await learner.run_all(two.apart(), allow=("deadlock", "raised"))]
    twice.keep_apart(await learner.run(two, allow=("deadlock", "raised")), two, alone)


@check(
    points=2,
    needs=ENDS,
    hints=(
        "Count the calls of task_done() on each path through the consumer.",
        "Exactly once for each item, after it is settled: not in each try, not right after get().",
        "One q.task_done() behind the retry loop, or in a `finally` around the whole of it.",
    ),
)
async def test_marks_each_item_once(learner: Subject, draw: Draw) -> None:
    """Calls task_done() exactly once for each item, after it is settled."""
    scenarios = [
        Consume(pipeline(draw, fails).jobs, names=("C1", "C2")[: len(fails) // 2])
        for fails in ([0, 2], [ALWAYS, 0], draw.shuffled([0, 1, 3, ALWAYS, ALWAYS, 2]))
    ]
    scenarios.append(Consume(pipeline(draw, [ALWAYS, 0]).jobs, options={"attempts": 1}))
    for scenario, trace in await learner.run_all(scenarios):
        tries.settled_and_tried(trace, scenario)
        marks.items_done_once(trace, scenario)
    whole = pipeline(draw, draw.shuffled([0, 0, 1, 2, ALWAYS, ALWAYS]))
    for _whole, trace in await finished(learner, [whole]):
        if trace.gets:
            marks.items_done_once(trace, whole)


@check(
    needs=ENDS,
    hints=(
        "How many items wait at once, and what does the producer do meanwhile?",
        "The queue keeps its bound: the producer waits in put() until there is room.",
        "asyncio.Queue(maxsize=maxsize), and `await q.put(item)` for one item after the other.",
    ),
)
async def test_keeps_the_backpressure(learner: Subject, draw: Draw) -> None:
    """Keeps the queue bounded and full, and all consumers busy."""
    large, many = MOST_WAITING, MOST_CONSUMERS
    scenarios = [
        pipeline(draw, fails, maxsize=maxsize, consumers=consumers)
        for fails, maxsize, consumers in (
            ([0, 1] * 6, 1, draw.integer(2, 4)),
            ([1] * 5 + [0] * 45, draw.integer(4, 9), many),
            ([0] * (large + 9), large, 5),
        )
    ]
    whole = pipeline(draw, [0, 1] * 6)
    scenarios.append(replace(whole, unsaid=frozenset({"consumers", "maxsize"})))
    runs = await finished(learner, scenarios)
    bound.bound_holds(runs)
    bound.queue_is_used(runs)
    for _scenario, trace in runs:
        bound.keeps_awake_by_waiting(trace)
    crew.crews_are_busy(runs)


@check(
    needs=ENDS,
    hints=(
        "Compare each wait with d = delay * backoff ** (k - 1), and with d * (1 + jitter).",
        "The settings go from run_pipeline to every consumer; each item starts again at delay.",
        (
            "Hand them on by name: consumer(..., attempts=attempts, delay=delay, backoff=backoff, "
            "jitter=jitter)."
        ),
    ),
)
async def test_keeps_backoff_and_jitter(learner: Subject, draw: Draw) -> None:
    """Still waits d + u before each retry, by the settings handed to run_pipeline."""
    settings: tuple[dict[str, Any], ...] = (
        {"attempts": 8, "delay": draw.seconds(0.1, 0.2), "backoff": 3.0, "jitter": 0},
        {"attempts": 4, "delay": draw.seconds(0.2, 0.4), "backoff": 1.5, "jitter": 1.0},
    )
    fails = [ALWAYS, 1, 0, ALWAYS, ALWAYS, 2]
    scenarios = [pipeline(draw, fails, **options) for options in settings]
    scenarios.append(replace(pipeline(draw, [ALWAYS] * 10), unsaid=frozenset({"attempts", *FAST})))
    shorter = settings[-1] | {"delay": draw.seconds(0.2, 0.6), "backoff": 0.5}
    scenarios.append(pipeline(draw, [ALWAYS] * 3, **shorter))
    *runs, less = await learner.run_all(scenarios, allow=("deadlock",))
    pauses.settings_arrive(runs)
    endings.all_came_to_their_end([*runs, less])
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario)
        pauses.loop_never_blocked(trace)
    pauses.pauses_hold(runs, jitter=None)
    jitter.default_in_force(said=runs[1], unsaid=runs[-1])
    pauses.pauses_hold([less], jitter=None)
    delay = draw.grows_to_hours(25.0)  # the last wait takes nearly three hours
    hours = pipeline(draw, [0, ALWAYS], attempts=4, delay=delay, backoff=5.0, jitter=0)
    runs = await learner.run_all([hours], allow=("deadlock", "time_limit"))
    pauses.pauses_hold(runs)
    endings.all_came_to_their_end(runs)


@check(
    needs=ENDS,
    hints=(
        "Print the random part before each retry, in two runs of the program.",
        "Each retry of each consumer draws its own number, uniformly from 0 to d * jitter.",
        (
            "random.uniform(0, d * jitter), right where the wait is computed, from a generator that "
            "nobody seeds."
        ),
    ),
)
async def test_keeps_jitter_random(learner: Subject, draw: Draw) -> None:
    """Still draws afresh for every retry, every consumer, and every run of the program."""
    seconds = draw.seconds(0.05, 0.12)
    many, few = (crowd(clients, seconds) for clients in (90, 24))
    few = replace(few, options={"attempts": 3, **FAST}, unsaid=frozenset(FAST))
    alone = jitter.one_by_one(draw)
    trace, elsewhere = await learner.run_apart((many, 1), (few, 2))
    one_by_one = await learner.run_briefly(alone, jitter.one_by_one_holds, process=1)
    pauses.pauses_are(trace, many, jitter=0.5)
    tries.settled_and_tried(trace, many)
    rows = jitter.parts(trace, many)
    independence.independent(rows, trace.seeds)
    by_item = jitter.parts(one_by_one, alone)
    independence.not_of_the_item(by_item[1:], one_by_one.seeds)
    independence.afresh(by_item)
    jitter.fine_enough(jitter.flat(by_item), "The random part")
    jitter.no_lump(jitter.flat(by_item))
    jitter.grows_with_the_wait(rows, 3.0)
    tries.settled_and_tried(elsewhere, few)
    pauses.pauses_are(elsewhere, few, jitter=FAST["jitter"])
    others = jitter.flat(jitter.parts(elsewhere, few))
    values = [*jitter.flat(rows), *others, *jitter.flat(by_item)]

    async def again() -> list[float]:
        once_more = await learner.run_briefly(alone, jitter.one_by_one_holds, process=1)
        return jitter.flat(jitter.parts(once_more, alone))

    await jitter.uniform_in_two_rounds(values, again, "The random part")
    jitter.default_in_force((many, trace), (few, elsewhere))
    independence.not_repeated(
        jitter.flat(rows),
        others,
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )


def crowd(clients: int, seconds: float) -> Consume:
    """Clients that fail at the same moment."""
    return Consume(
        tuple(Job(300 + number, seconds, ALWAYS) for number in range(clients)),
        names=tuple(f"C{number}" for number in range(1, clients + 1)),
        options={"attempts": 3, "delay": 1.0, "backoff": 3.0, "jitter": 0.5},
    )


@check(
    needs=BASICS,
    hints=(
        "Which exceptions does the consumer catch, and what does it do with the others?",
        "Only TransientError is retried. Everything else, CancelledError too, leaves the consumer.",
        "`except TransientError:` and nothing broader; a `finally` may call task_done().",
    ),
)
async def test_consumer_keeps_its_rules(learner: Subject, draw: Draw) -> None:
    """The consumer lets other errors and cancellation out, and takes any item at once."""
    kinds = "ValueError", "ConnectionError", "IndexError", "TransientError", "QueueEmpty"
    moments = {
        "while it worked on an item": draw.seconds(0.06, 0.09),
        "while it waited for a retry": draw.seconds(0.11, 0.29),
        "while it waited for an item": draw.seconds(8.0, 9.0),
    }
    slow = {"attempts": 4, "delay": 0.2, "backoff": 2.0}
    first = draw.integer(300, 400)
    scenarios = [
        *(Consume((Job(first, 0.05, 1, kind), Job(0, 0.05))) for kind in kinds),
        *(Consume((Job(first, 0.1, 2),), options=slow, cancel=at) for at in moments.values()),
        Consume((Job(first, 0.05, 2, "CancelledError"), Job(0, 0.05))),
    ]
    *runs, (inside, cancelled) = await learner.run_all(scenarios, allow=("died",))
    for kind, (scenario, trace) in zip(kinds, runs, strict=False):
        interruption.error_left(trace, scenario, kind)
    for where, (scenario, trace) in zip(moments, runs[len(kinds) :], strict=True):
        interruption.cancelled_cleanly(trace, scenario, where)
    for scenario, trace in runs:
        interruption.unsettled_is_not_counted(trace, scenario)
        interruption.unsettled_is_marked_once(trace, scenario)
    interruption.cancelled_from_within(cancelled, inside)
    odd: list[Item] = [0, "", "same", "same", "END", -1]
    fails = [*draw.shuffled([0, 1]), 2, 2, *draw.shuffled([0, ALWAYS])]
    late = Job("STOP", 0.05, 1, at=draw.hours())
    unusual = [Job(Odd(kind), 0.05, 1) for kind in ODD]
    given = *pipeline(draw, fails, odd).jobs, *unusual, late
    alone = Consume(given, options={"attempts": 3, **FAST})
    outage = Consume(pipeline(draw, [*[ALWAYS] * 11, 0]).jobs, options={"attempts": 3, **FAST})
    for scenario, trace in await learner.run_all((alone, outage)):
        crew.keeps_its_item(trace, scenario)
        tries.settled_and_tried(trace, scenario)
        crew.begins_at_once(trace, scenario)
        pauses.pauses_are(trace, scenario, jitter=0.25)
        counts.stats_true(trace, scenario, trace.stats)
    mixed = pipeline(draw, fails, [*odd[:-2], (7, 8), [7, 8]], consumers=2)
    await finished(learner, [replace(mixed, jobs=(*mixed.jobs, *unusual))])


@check(
    points=2,
    needs=(*BASICS, "test_consumer_keeps_its_rules"),
    hints=(
        "What becomes of a ValueError that a consumer meets? Who sees it?",
        (
            "An error in a task is seen only by whoever awaits the task: while the producer waits in "
            "put() or join(), nobody does."
        ),
        (
            "async with asyncio.TaskGroup(): start the consumers in it, and put and join inside it; "
            "when one of them fails, the group cancels the rest and raises the error."
        ),
    ),
)
async def test_lets_errors_surface(learner: Subject, draw: Draw) -> None:
    """An error that is not transient surfaces from run_pipeline, and never hangs it."""
    cases = [
        (kind, errors, count)
        for kind in ("ValueError", "RuntimeError", "PaymentRefused", "TimeoutError")
        for errors, count in (({0, 1, 2}, 9), ({1}, 6), ({4}, 5))
    ]
    cases += [
        (kind, {1}, 6)
        for kind in (
            "ExceptionGroup",
            "QueueEmpty",
            "QueueFull",
            "InvalidStateError",
            "StopAsyncIteration",
            HARD_STOP,
        )
    ]
    scenarios = [failing(draw, *case) for case in cases]
    runs = await learner.run_all(scenarios, allow=("deadlock", "raised"))
    for (kind, errors, _count), (_scenario, trace) in zip(cases, runs, strict=True):
        interruption.error_surfaced(trace, kind, all_die=len(errors) > 1)


def failing(draw: Draw, kind: str, errors: set[int], count: int) -> Pipeline:
    """A pipeline in which the items at these places raise an error that is not transient."""
    scenario = pipeline(draw, [0] * count)
    jobs = tuple(
        Job(job.item, job.seconds, draw.integer(0, 1), kind) if index in errors else job
        for index, job in enumerate(scenario.jobs)
    )
    return Pipeline(jobs, scenario.options, scenario.lazy)
