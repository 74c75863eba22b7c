"""Checks of ex1: a bounded queue holds the producer back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from grader.course.api import (
    MOST_CONSUMERS,
    MOST_ITEMS,
    MOST_WAITING,
    ODD,
    Draw,
    Exercise,
    Item,
    Job,
    Odd,
    Pipeline,
    Subject,
    Trace,
    bound,
    check,
    crew,
    deadlock,
    endings,
    log,
    order,
    twice,
)
from grader.course.ex1_add_maxsize.mistakes import ITEM_NOT_HANDED_ON, SENTINEL_CAN_BE_AN_ITEM
from grader.course.mistakes.crew import FALSY_ITEM_TAKEN_FOR_END

EXERCISE = Exercise(
    title="Add maxsize",
    track="lesson",
    teaches="backpressure",
    subgoals={
        "Work on every item": (
            "test_works_on_every_item",
            "test_returns_and_leaves_nothing_behind",
            "test_takes_any_items",
        ),
        "Bound the queue": ("test_bounds_what_waits", "test_waits_by_awaiting"),
        "Use all the room": ("test_fills_the_queue", "test_keeps_consumers_busy"),
        "Log each put": ("test_logs_each_put",),
    },
    learned=(
        "A full queue makes the producer wait: backpressure. Without it a slow consumer "
        "becomes memory that grows until the program dies."
    ),
    in_production=(
        "A queue without a bound turns every slow consumer into a growing heap of memory, and the "
        "program fails hours after the moment that was too much for it. With a bound the producer "
        "feels at once that nobody keeps up, and can slow down, shed load or ask for help: TCP's "
        "window, Kafka's consumers and reactive streams all pass the pressure back like this. "
        "Start with 100 or 1,000 for light messages, with 10 for large ones or long work, and watch "
        "how full the queue is."
    ),
    read_next=(
        ("asyncio queues", "https://docs.python.org/3/library/asyncio-queue.html"),
        ("Reactive Streams", "https://www.reactive-streams.org/"),
    ),
)

BASICS = ("test_works_on_every_item",)
# What an item that is not handed on was probably taken for; any other for the end, or for nothing.
READINGS = {
    "error": "an error",
    "cancelled": "an error",
    "coroutine": "work to await or to run",
    "class": "something to call",
    "bytes": "text",
    "dict": "arguments",
    "generator": "a source of items",
}


def steady(draw: Draw, count: int, *, consumers: int = 3, maxsize: int = 3) -> Pipeline:
    """Items that all take the same time."""
    seconds = draw.seconds(0.05, 0.12)
    jobs = tuple(Job(item, seconds) for item in draw.items(count))
    return Pipeline(jobs, {"consumers": consumers, "maxsize": maxsize})


def uneven(draw: Draw, count: int, *, consumers: int = 3, maxsize: int = 3) -> Pipeline:
    """Items that each take a time of their own."""
    options = {"consumers": consumers, "maxsize": maxsize}
    return Pipeline(varied(draw, draw.items(count)), options, lazy=False)


def varied(draw: Draw, items: Sequence[Item]) -> tuple[Job, ...]:
    """A job for each item, with a time of its own."""
    return tuple(Job(item, draw.seconds(0.05, 0.12)) for item in items)


def left_to_defaults(scenario: Pipeline, *names: str) -> Pipeline:
    """The same, in a call that does not say these options: they are 3 by the signature."""
    options = {**scenario.options, **dict.fromkeys(names, 3)}
    return replace(scenario, options=options, unsaid=frozenset(names))


@check(
    hints=(
        "Follow one item: from the source into the queue, out of it, and through work().",
        "run_pipeline may return only when every item that was put has been worked on to its end.",
        "Put each item, then `await q.join()`; consumers call q.task_done() after work().",
    )
)
async def test_works_on_every_item(learner: Subject, draw: Draw) -> None:
    """Every item is worked on exactly once, in order."""
    first = steady(draw, draw.integer(13, 16))
    *most, late, last = varied(draw, [job.item for job in first.jobs])
    again = Pipeline((*most, replace(late, seconds=0.4), last), first.options, lazy=False)
    for scenario, trace in await learner.run_all((first, again), allow=("deadlock",)):
        if scenario is again:
            order.nothing_remembered(trace)
        endings.came_to_its_end(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "What is still there when run_pipeline has returned, and when does it return?",
        "Consumers that wait in q.get() wait for ever, unless somebody ends them.",
        "After join(), cancel each consumer and await it, with gather(..., return_exceptions=True).",
    ),
)
async def test_returns_and_leaves_nothing_behind(learner: Subject, draw: Draw) -> None:
    """Returns as soon as all items are finished, and leaves no task behind."""
    options = {"consumers": 2, "maxsize": 2}
    at_once = Pipeline(tuple(Job(item, 0.0) for item in draw.items(9)), options)
    scenarios = uneven(draw, 9), steady(draw, 7, consumers=5, maxsize=1), at_once
    for scenario, trace in await learner.run_all(scenarios):
        order.all_worked_on_in_order(trace, scenario)
        endings.returned_promptly(trace)
    other = {"consumers": draw.integer(3, 4), "maxsize": draw.integer(5, 7)}
    two = Pipeline(varied(draw, draw.items(23)), options, beside=16, differently=other)
    alone = [trace for _, trace in await learner.run_all(two.apart(), allow=("deadlock", "raised"))]
    twice.keep_apart(await learner.run(two, allow=("deadlock", "raised")), two, alone)


@check(
    pictured=True,
    points=2,
    needs=BASICS,
    hints=(
        "How many items can wait in the queue at once? Who stops the producer from adding more?",
        "A queue without a bound takes everything; a bounded one makes put() wait for room.",
        "asyncio.Queue takes a maxsize: hand it the parameter, and await every put().",
    ),
)
async def test_bounds_what_waits(learner: Subject, draw: Draw) -> None:
    """No more than maxsize items wait in the queue, whatever maxsize is."""
    scenarios = [
        uneven(draw, 16, consumers=draw.integer(2, 3), maxsize=maxsize)
        for maxsize in (1, draw.integer(5, 7))
    ]
    scenarios.append(left_to_defaults(uneven(draw, 16, consumers=2), "maxsize"))
    bound.bound_holds(await learner.run_all(scenarios))


@check(
    needs=BASICS,
    hints=(
        "With all consumers busy, how many items should be ready and waiting?",
        "Backpressure is no standstill: the queue is filled up to maxsize, and only then put() waits.",
        "The bound is maxsize itself, neither 1 nor maxsize - 1: asyncio.Queue(maxsize).",
    ),
)
async def test_fills_the_queue(learner: Subject, draw: Draw) -> None:
    """While all consumers are busy, the queue is full: maxsize items are ready."""
    scenarios = [
        uneven(draw, maxsize + 8, consumers=3, maxsize=maxsize) for maxsize in (MOST_WAITING, 1)
    ]
    scenarios.append(left_to_defaults(uneven(draw, 12), "maxsize"))
    bound.queue_is_used(await learner.run_all(scenarios))


@check(
    needs=BASICS,
    hints=(
        "What does the producer do while the queue is full?",
        "Asking again and again whether there is room is polling; time.sleep stops everybody.",
        "No loop, no sleep: `await q.put(item)` waits, and wakes when a place is free.",
    ),
)
async def test_waits_by_awaiting(learner: Subject, draw: Draw) -> None:
    """The producer waits by awaiting: no polling, no sleeping, no blocked loop."""
    scenarios = [uneven(draw, 10, consumers=2, maxsize=maxsize) for maxsize in (1, 3)]
    for _scenario, trace in await learner.run_all(scenarios):
        bound.keeps_awake_by_waiting(trace)


@check(
    needs=BASICS,
    hints=(
        "How many items are worked on at the same time, and is a consumer ever idle for no reason?",
        "As many consumers as the parameter says, each taking the next item as soon as it is free.",
        "Start one task per consumer; each loops: get an item, await work(item), mark it as done.",
    ),
)
async def test_keeps_consumers_busy(learner: Subject, draw: Draw) -> None:
    """As many items are worked on at once as there are consumers: nothing is slowed."""
    few, some, many = draw.integer(4, 6), draw.integer(11, 13), MOST_CONSUMERS
    scenarios = [
        make(draw, count, consumers=consumers, maxsize=maxsize)
        for make, count, consumers, maxsize in (
            (uneven, 8, 1, 3),
            (steady, 2 * some + 4, some, draw.integer(1, 4)),
            (uneven, many + 12, many, draw.integer(1, 4)),
        )
    ]
    scenarios.append(steady(draw, few, consumers=few, maxsize=few + 2))
    scenarios += [
        left_to_defaults(make(draw, 11, maxsize=draw.integer(1, 4)), "consumers")
        for make in (steady, uneven)
    ]
    runs = await learner.run_all(scenarios, allow=("deadlock",))
    crew.crews_are_busy(runs)
    bound.queue_is_used(runs[:1])  # one consumer needs a queue, too
    for scenario, trace in runs:
        endings.came_to_its_end(trace, scenario)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "What is printed for each item, when, and which size does it show?",
        "Print after the put, and ask the queue itself for its size.",
        'After `await q.put(item)`: print(f"PROD {item} SZ {q.qsize()} {seconds:.3f}")',
    ),
)
async def test_logs_each_put(learner: Subject, draw: Draw) -> None:
    """After each put a line `PROD <item> SZ <size>` shows the queue's true size."""
    scenarios = [
        make(draw, count, consumers=consumers, maxsize=maxsize)
        for make, count, consumers, maxsize in (
            (steady, 11, 3, 3),
            (uneven, 11, draw.integer(2, 3), draw.integer(4, 6)),
            (uneven, 11, draw.integer(1, 3), 1),
            (steady, 5, 1, 2),
            (uneven, 7, 5, 2),
        )
    ]
    for scenario, trace in await learner.run_all(scenarios):
        log.logs_true_sizes(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "What if an item is 0, or an empty string, or if there are no items at all?",
        "An item is whatever comes from `items`; only a mark of your own may mean the end.",
        "Compare with `is` and an object of your own, or use join() and cancel(): no mark at all.",
    ),
)
async def test_takes_any_items(learner: Subject, draw: Draw) -> None:
    """Any items will do: 0, an empty string, equal ones, none, a thousand or slow ones."""
    same = f"batch-{draw.integer(10, 99)}"
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", draw.integer(300, 400)])), same, same]
    words: list[Item] = ["STOP", "END", "DONE", "done", "exit", -1, False]
    scenarios = [
        Pipeline(varied(draw, items), {"consumers": 2, "maxsize": 2}, lazy=not items)
        for items in (odd, words, [], ["only"])
    ]
    *most, last = scenarios[0].jobs  # one of two equal items, which ends long after the other
    scenarios[0] = replace(scenarios[0], jobs=(*most, replace(last, seconds=0.3)))
    for scenario, trace in await learner.run_all(scenarios, allow=("deadlock",)):
        _all_taken_for_items(trace, scenario)
    lists: list[Item] = [[1, 2], (3, 4), [1, 2], *map(Odd, ODD)]
    unusual = replace(scenarios[0], jobs=varied(draw, lists))
    _all_taken_for_items(await learner.run(unusual, allow=("deadlock",)), unusual)
    many = tuple(Job(item, 0.0) for item in draw.items(MOST_ITEMS))
    thousand = Pipeline(many, {"consumers": 2, "maxsize": 9})
    await learner.run_briefly(thousand, _all_worked_on, allow=("deadlock",))
    # Some work, the put meanwhile and the wait for the last item take nearly three hours.
    first, second, *most, last = varied(draw, draw.items(6))
    hours = [replace(job, seconds=draw.hours()) for job in (first, second, last)]
    long = Pipeline((*hours[:2], *most, hours[2]), {"consumers": 2, "maxsize": 1})
    trace = await learner.run(long)
    order.all_worked_on_in_order(trace, long)
    endings.returned_promptly(trace)


def _all_taken_for_items(trace: Trace, scenario: Pipeline) -> None:
    worked_on = {one.item for one in trace.tries}
    equal = Counter(job.item for job in scenario.jobs if isinstance(job.item, Odd | int | str))
    for index, job in enumerate(scenario.jobs):
        simple = isinstance(job.item, Odd | int | str) and bool(job.item) and equal[job.item] == 1
        if simple and worked_on and index not in worked_on:
            if isinstance(job.item, Odd) and (reading := READINGS.get(job.item.kind)):
                raise ITEM_NOT_HANDED_ON(
                    f"Item {job.item!r} was never worked on: it was taken for {reading}.",
                    "An item may be anything: it is handed to work() as it is.",
                    item=index,
                ).about(trace)
            raise SENTINEL_CAN_BE_AN_ITEM(
                f"Item {job.item!r} was never worked on: it was taken for the end, or for nothing.",
                "An item may be anything: only an object of your own, compared by `is`, is no item.",
            ).about(trace)
        if not job.item and index not in worked_on:
            raise FALSY_ITEM_TAKEN_FOR_END(
                f"Item {job.item!r} was never worked on: it was taken for something else.",
                "An item is whatever comes from `items`, also 0 or an empty string.",
            ).about(trace)
    _all_worked_on(trace, scenario)


def _all_worked_on(trace: Trace, scenario: Pipeline) -> None:
    if trace.how == "deadlock":
        count = len(scenario.jobs)
        failure = deadlock.why_deadlocked(trace, scenario)
        failure.message = f"With {count} items: {failure.message}"
        raise failure.about(trace)
    order.all_worked_on_in_order(trace, scenario)
    endings.returned_promptly(trace)
