"""Checks of ex6: a bound on one queue bounds nothing while the next one has none."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    HARD_STOP,
    MOST_CONSUMERS,
    MOST_ITEMS,
    MOST_WAITING,
    ODD,
    Draw,
    Exercise,
    Failure,
    Item,
    Odd,
    Rule,
    Subject,
    check,
    twice,
)
from grader.course.ex6_find_the_leak.leaks import bounded
from grader.course.ex6_find_the_leak.pace import (
    fetching_goes_on,
    returned_promptly,
    store_never_idle,
    waits_by_awaiting,
)
from grader.course.ex6_find_the_leak.stages import Runs, Stages
from grader.course.ex6_find_the_leak.stuck import played
from grader.course.ex6_find_the_leak.surfacing import error_surfaced
from grader.course.ex6_find_the_leak.whole import each_on_its_own, each_once, one_at_a_time

EXERCISE = Exercise(
    title="Find the leak",
    track="debug",
    teaches="backpressure through all stages",
    subgoals={
        "Store every record": (
            "test_stores_every_record",
            "test_stores_one_at_a_time",
            "test_takes_any_items",
        ),
        "Bound what is under way": ("test_bounds_what_is_under_way", "test_waits_by_awaiting"),
        "Keep everybody busy": (
            "test_fetches_at_once",
            "test_fetches_while_storing",
            "test_keeps_storing",
        ),
        "End cleanly": ("test_returns_promptly", "test_runs_apart", "test_lets_errors_out"),
    },
    learned=(
        "A bounded queue in front of an unbounded one bounds nothing. Backpressure goes back as far "
        "as everything in which something waits has a bound."
    ),
    in_production=(
        "Pipelines grow: somebody adds a stage, and with it a queue, often inside of a class or a "
        "library, where no dashboard shows it. Memory is the sum of all bounds, and one that is "
        "missing makes it infinite, on the first night on which a later stage is slow. Follow an item "
        "from its source to its end, name each place in which it can wait (queues, lists, tasks, "
        "locks), and give each a bound: 10 for large objects, 100 or 1,000 for light messages. The "
        "queue that is full in front of a stage that is not busy is the one to look behind."
    ),
    read_next=(
        (
            "Queues Don't Fix Overload, by Fred Hebert",
            "https://ferd.ca/queues-don-t-fix-overload.html",
        ),
        (
            "Queues, in Python's documentation of asyncio",
            "https://docs.python.org/3/library/asyncio-queue.html",
        ),
    ),
)

BASICS = ("test_stores_every_record",)
ALONE = (*BASICS, "test_stores_one_at_a_time")
AWAITS = (*ALONE, "test_waits_by_awaiting")
Times = tuple[float, float]
QUICK: Times = (0.02, 0.05)
SLOW: Times = (0.2, 0.4)


def stages(
    draw: Draw,
    items: Sequence[Item],
    fetching: Times = QUICK,
    storing: Times = QUICK,
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> Stages:
    """Items whose fetches and stores each take a time of their own, from the least to the most."""
    return Stages(
        tuple(items),
        tuple(_seconds(draw, fetching) for _ in items),
        tuple(_seconds(draw, storing) for _ in items),
        {"consumers": consumers, "maxsize": maxsize},
        lazy=draw.one_of((True, False)),
    )


def _seconds(draw: Draw, times: Times) -> float:
    """A time from the least to the most; where it can only be one, that one."""
    return draw.seconds(*times) if times[0] < times[1] else times[0]


def with_times(scenario: Stages, what: str, times: dict[int, float]) -> Stages:
    """The same, but these items take these times; what: fetching or storing."""
    before: tuple[float, ...] = getattr(scenario, what)
    changed: dict[str, Any] = {
        what: tuple(times.get(place, seconds) for place, seconds in enumerate(before))
    }
    return replace(scenario, **changed)


def left_to_defaults(scenario: Stages, *names: str) -> Stages:
    """The same, in a call that does not say these options: they are 3 by the signature."""
    options = {**scenario.options, **dict.fromkeys(names, 3)}
    return replace(scenario, options=options, unsaid=frozenset(names))


async def finished(learner: Subject, scenarios: Sequence[Stages]) -> Runs:
    """Run scenarios in which everything is fetched and stored, once."""
    runs = await played(learner, scenarios)
    for scenario, trace in runs:
        each_once(trace, scenario)
    return runs


@check(
    hints=(
        "Follow one item: from `items` into fetch(), and its record from there into store().",
        "run_pipeline returns when every record is stored, not merely fetched.",
        "Wait for both stages: until all is fetched and handed on, and then until all of it is stored.",
    )
)
async def test_stores_every_record(learner: Subject, draw: Draw) -> None:
    """Each item is fetched exactly once, and each record is stored exactly once."""
    first = replace(stages(draw, draw.items(draw.integer(11, 14)), (0.03, 0.09)), lazy=True)
    slow = replace(stages(draw, draw.items(12), QUICK, (0.08, 0.2), consumers=2), lazy=False)
    scenarios = [
        first,
        slow,
        stages(draw, draw.items(draw.integer(7, 9)), (0.1, 0.3), consumers=1, maxsize=1),
        stages(draw, draw.items(3), consumers=6),
        stages(draw, draw.items(1), consumers=2),
        stages(draw, []),
        # Everybody waits for a long store, and then some end at once, one after the other.
        with_times(
            stages(draw, draw.items(19), QUICK, (0.0, 0.0), maxsize=1),
            "storing",
            {place: draw.seconds(0.4, 0.6) for place in (0, 4, 9, 10)},
        ),
        # The last that wait for it are all that is left: one in a queue, one with each consumer.
        with_times(
            stages(draw, draw.items(6), (0.03, 0.03), (0.0, 0.0), maxsize=1),
            "storing",
            {1: draw.seconds(0.4, 0.6)},
        ),
        first,
    ]
    try:
        await finished(learner, scenarios)
    except Failure as failure:
        await _right_when_alone(learner, failure)
        raise


async def _right_when_alone(learner: Subject, failure: Failure) -> None:
    """Raise what was found as a mistake of state, if the same scenario is right in a new process."""
    if len(learner.runs) < 2:
        return
    told = failure.trace
    ran = next((run for run in learner.runs if run[1] is told), learner.runs[-1])
    scenario, trace = ran
    if ran is learner.runs[0] or not isinstance(scenario, Stages):
        return
    try:
        each_once(await learner.run(scenario, process=1), scenario)
    except Failure:
        return
    raise twice.of_another_run(failure, twice.AFTER_OTHERS, _ITS_OWN).about(trace) from None


_ITS_OWN = (
    "Each run makes its own queues, counts and tasks, inside of run_pipeline: what stands at the top of "
    "the module, or in a default argument, is the same for all runs."
)


@check(
    needs=BASICS,
    hints=(
        "How many of your tasks can be inside of store() at the same moment?",
        "One task that stores cannot overlap with itself; several can.",
        "One task only that loops: get a record, `await store(record)`, and again.",
    ),
)
async def test_stores_one_at_a_time(learner: Subject, draw: Draw) -> None:
    """Stores never overlap: store() takes one record at a time."""
    large = MOST_WAITING
    scenarios = [
        stages(draw, draw.items(12), QUICK, (0.05, 0.09), consumers=count, maxsize=maxsize)
        for count, maxsize in ((1, draw.integer(2, 5)), (draw.integer(3, 5), 1), (2, 9), (3, large))
    ]
    scenarios.append(stages(draw, draw.items(60), (0.0, 0.0), consumers=MOST_CONSUMERS))
    for scenario, trace in await finished(learner, scenarios):
        one_at_a_time(trace, scenario)


@check(
    points=3,
    needs=ALONE,
    hints=(
        "How many items are taken and not stored while store() takes long, and where are they?",
        "Every place between `items` and store() in which something can wait needs a bound of its own.",
        "`asyncio.Queue(maxsize)`, wherever a queue is made, and no list and no tasks beside them.",
    ),
)
async def test_bounds_what_is_under_way(learner: Subject, draw: Draw) -> None:
    """However slow store() is, at most 2 * maxsize + consumers + 2 items are under way."""
    some, many = draw.integer(2, 4), MOST_CONSUMERS
    scenarios = [
        held_up(draw, consumers=some, maxsize=1),
        held_up(draw, consumers=some, maxsize=draw.integer(5, 8)),
        held_up(draw, consumers=many, maxsize=2),
        held_up(draw, consumers=1, maxsize=MOST_WAITING),
        left_to_defaults(held_up(draw, consumers=some, maxsize=3), "maxsize"),
        left_to_defaults(held_up(draw, consumers=3, maxsize=1), "consumers"),
    ]
    bounded(await finished(learner, scenarios))


def held_up(draw: Draw, *, consumers: int, maxsize: int) -> Stages:
    """More items than may be under way, some of which take longer to store than all take to fetch."""
    most = 2 * maxsize + consumers + 2
    count = most + 15 if most > 40 else 3 * most + 15
    options = {"consumers": consumers, "maxsize": maxsize}
    whole = stages(draw, draw.items(count), (0.01, 0.02), (0.001, 0.002), **options)
    long = (count + 9) * 0.03
    stops = 0, draw.integer(4, 9), draw.integer(count // 2 - 9, count // 2)
    return with_times(whole, "storing", {place: long + draw.seconds(0.1, 0.9) for place in stops})


@check(
    points=2,
    needs=ALONE,
    hints=(
        "What does each of your tasks do while it can do nothing, and what wakes it?",
        "Waiting is awaiting: no loop that looks, no time.sleep(), no limit of time.",
        "`await q.put(...)` and `await q.get()` are the whole wait; `join()` is the one at the end.",
    ),
)
async def test_waits_by_awaiting(learner: Subject, draw: Draw) -> None:
    """Everybody waits by awaiting: no polling, no blocking, no limit of time."""
    held = stages(draw, draw.items(14), QUICK, (0.005, 0.01), consumers=2, maxsize=2)
    scenarios = [
        with_times(held, "storing", {0: draw.seconds(4.0, 6.0), 13: draw.seconds(4.0, 6.0)}),
        with_times(held, "fetching", {place: draw.seconds(4.0, 6.0) for place in (5, 6, 12, 13)}),
        stages(draw, draw.items(9), QUICK, SLOW, consumers=1, maxsize=1),
    ]
    for scenario, trace in await finished(learner, scenarios):
        waits_by_awaiting(trace, scenario)
    # Each wait that there is, once for nearly three hours; who looks again was told before.
    few = stages(draw, draw.items(12), consumers=2, maxsize=1)
    long = with_times(few, "storing", {1: draw.hours(), 11: draw.hours()})
    alone = stages(draw, draw.items(4), consumers=1, maxsize=1)
    hours = with_times(alone, "fetching", {place: draw.hours() for place in (0, 2, 3)})
    for scenario, trace in await finished(learner, [long, hours]):
        waits_by_awaiting(trace, scenario)


@check(
    needs=AWAITS,
    hints=(
        "While one fetch waits for its server, who fetches the next item?",
        "As many fetches run at once as `consumers` says, each in a task of its own.",
        "Start one task for each consumer; each loops: get an item, fetch it, hand on the record.",
    ),
)
async def test_fetches_at_once(learner: Subject, draw: Draw) -> None:
    """`consumers` items are fetched at once while items are left, never more."""
    few, many = draw.integer(2, 3), MOST_CONSUMERS
    instant: Times = (0.0, 0.0)
    scenarios = [
        stages(draw, draw.items(26), SLOW, instant, consumers=few, maxsize=draw.integer(4, 7)),
        stages(draw, draw.items(26), SLOW, instant, consumers=draw.integer(5, 7), maxsize=1),
        stages(draw, draw.items(many * 2 + 9), SLOW, instant, consumers=many, maxsize=2),
        stages(draw, draw.items(9), SLOW, (0.001, 0.002), consumers=1, maxsize=2),
        left_to_defaults(stages(draw, draw.items(14), SLOW, instant, maxsize=2), "consumers"),
    ]
    # One that takes long holds up nobody else.
    scenarios[0] = with_times(
        scenarios[0], "fetching", {draw.integer(3, 6): draw.seconds(2.0, 3.0)}
    )
    fetching_goes_on(await finished(learner, scenarios))


@check(
    points=2,
    needs=(*AWAITS, "test_fetches_at_once"),
    hints=(
        "While one record is being stored, how many others are fetched and ready?",
        "Fetching goes on during a store, until `maxsize` records wait for it.",
        "A queue of `maxsize` between the consumers and the one task that stores.",
    ),
)
async def test_fetches_while_storing(learner: Subject, draw: Draw) -> None:
    """While a store runs, fetching goes on until max(maxsize, consumers) items are on their way to it."""
    few, large = draw.integer(2, 3), MOST_WAITING
    ample = stages(draw, draw.items(large + 9), QUICK, (0.001, 0.002), consumers=2, maxsize=large)
    scenarios = [
        stages(draw, draw.items(30), QUICK, SLOW, consumers=few, maxsize=maxsize)
        for maxsize in (draw.integer(6, 9), few, 1)
    ]
    scenarios += [
        stages(draw, draw.items(12), QUICK, SLOW, consumers=1, maxsize=1),
        stages(draw, draw.items(24), QUICK, SLOW, consumers=6, maxsize=2),
        stages(draw, draw.items(90), QUICK, (0.05, 0.09), consumers=MOST_CONSUMERS, maxsize=3),
        with_times(ample, "storing", {0: (large + 9) * 0.03}),
        left_to_defaults(stages(draw, draw.items(20), QUICK, SLOW, consumers=1), "maxsize"),
    ]
    fetching_goes_on(await finished(learner, scenarios))


@check(
    points=2,
    needs=AWAITS,
    hints=(
        "At which moments is store() idle, and which records lie ready then?",
        "A record that is fetched is stored as soon as store() is free, whatever comes before it.",
        "`await store(await records.get())` in a loop, and nothing else in that loop that waits.",
    ),
)
async def test_keeps_storing(learner: Subject, draw: Draw) -> None:
    """store() is never idle while a record waits."""
    most = {"consumers": MOST_CONSUMERS, "maxsize": MOST_WAITING}
    slow = stages(draw, draw.items(24), (0.05, 0.3), (0.01, 0.02), consumers=4, maxsize=3)
    scenarios = [
        with_times(slow, "fetching", {draw.integer(1, 3): draw.seconds(2.0, 3.0)}),
        stages(draw, draw.items(24), (0.05, 0.3), QUICK, consumers=draw.integer(5, 7), maxsize=2),
        stages(draw, draw.items(12), SLOW, QUICK, consumers=2, maxsize=1),
        stages(draw, draw.items(24), QUICK, SLOW, consumers=2, maxsize=draw.integer(4, 6)),
        stages(draw, draw.items(9), (0.05, 0.3), SLOW, consumers=1, maxsize=3),
        stages(draw, draw.items(60), (0.5, 2.0), QUICK, **most),
    ]
    store_never_idle(await finished(learner, scenarios))


@check(
    pictured=True,
    needs=AWAITS,
    hints=(
        "When is the last record stored, and when does run_pipeline return?",
        "Whoever waits in a queue's get() waits for ever, unless somebody ends it.",
        "When both stages are through: cancel every task that is left, and await it.",
    ),
)
async def test_returns_promptly(learner: Subject, draw: Draw) -> None:
    """Returns as soon as the last record is stored, and leaves no task behind."""
    at_once = stages(draw, draw.items(30), (0.0, 0.0), (0.0, 0.0), consumers=4, maxsize=2)
    scenarios = [
        stages(draw, draw.items(8), consumers=2, maxsize=2),
        stages(draw, draw.items(3), consumers=5, maxsize=1),
        stages(draw, draw.items(50), consumers=MOST_CONSUMERS, maxsize=9),
        stages(draw, [], consumers=draw.integer(2, 4)),
        at_once,
        replace(at_once, options={"consumers": 1, "maxsize": MOST_WAITING}),
        stages(draw, draw.items(20), consumers=3, maxsize=3),  # the one that a timeline shows
    ]
    for scenario, trace in await finished(learner, scenarios):
        returned_promptly(trace, scenario)


@check(
    needs=(
        *AWAITS,
        "test_bounds_what_is_under_way",
        "test_fetches_while_storing",
        "test_keeps_storing",
        "test_returns_promptly",
    ),
    hints=(
        "Which of your names outlive a call of run_pipeline, or are shared by two of them?",
        "Each run makes its own queues, counts, locks and tasks.",
        "Move the line that makes it, `... = asyncio.Queue(...)` or the like, into run_pipeline.",
    ),
)
async def test_runs_apart(learner: Subject, draw: Draw) -> None:
    """Two runs at the same time have nothing to do with each other."""
    both = stages(draw, draw.items(17), consumers=2, maxsize=2)
    two = replace(both, beside=8)
    try:
        for scenario, trace in await finished(learner, [two]):
            each_on_its_own(trace, scenario)
    except Failure as failure:
        counts = f"{len(two.items) - two.beside} and {two.beside} items"
        when = f"run_pipeline is right alone. Of two runs at the same time, over {counts}"
        raise twice.of_another_run(failure, when, _ITS_OWN).about(learner.runs[-1][1]) from None


@check(
    points=2,
    needs=BASICS,
    hints=(
        "Which task does an error of fetch() or store() end, and who awaits that task?",
        "Whoever waits in put(), get() or join() does not see that another task has died.",
        "`asyncio.TaskGroup` around all of it: an error in one task cancels the others, and is raised.",
    ),
)
async def test_lets_errors_out(learner: Subject, draw: Draw) -> None:
    """An error of fetch() or store() leaves run_pipeline, and is neither hidden nor a hang."""
    cases = [*_cases(draw)]
    runs = await played(learner, [case[0] for case in cases], allow=("deadlock", "raised"))
    for (_scenario, service, kind), (_same, trace) in zip(cases, runs, strict=True):
        error_surfaced(trace, service, kind)


def _cases(draw: Draw) -> list[tuple[Stages, str, str]]:
    """Scenarios in which a service refuses some items: with it, and the names of its error."""
    named = draw.shuffled(
        ["ValueError", "KeyError", "RuntimeError", "ConnectionError", "TimeoutError", "ArchiveFull"]
    )
    loops = [
        "QueueEmpty",
        "QueueFull",
        "InvalidStateError",
        "StopAsyncIteration",
        "ExceptionGroup",
        HARD_STOP,
    ]
    found = []
    for number, kind in enumerate([*named, *draw.shuffled(loops)]):
        for service in ("fetch", "store"):
            options = {"consumers": draw.integer(1, 3), "maxsize": draw.integer(1, 3)}
            whole = stages(draw, draw.items(16), QUICK, QUICK, **options)
            if service == "store" and number % 2:  # records wait, and everybody for room
                whole = stages(draw, draw.items(16), QUICK, SLOW, consumers=3, maxsize=1)
            refused = _refused(draw, number, service)
            once = draw.one_of((1, None))  # a second call would succeed, or not
            rules: dict[str, Any] = {
                f"{service}_rules": (Rule(items=refused, last=once, error=kind),)
            }
            found.append((replace(whole, **rules), service, kind))
    return found


def _refused(draw: Draw, number: int, service: str) -> tuple[int, ...]:
    """The places of the items that are refused: one, the last, the first, or all from some on."""
    some = draw.integer(4, 8)
    choices: tuple[tuple[int, ...], ...] = (some,), (15,), tuple(range(some, 16)), (0,)
    return choices[(number + (service == "store")) % len(choices)]


@check(
    needs=BASICS,
    hints=(
        "What if an item is 0, or an empty string, or if two of them are equal?",
        "An item is whatever comes from `items`; only a mark of your own may mean the end.",
        "Compare with `is` and an object of your own, or use join() and cancel(): no mark at all.",
    ),
)
async def test_takes_any_items(learner: Subject, draw: Draw) -> None:
    """Any items will do: 0, an empty string, equal ones, odd ones, a thousand."""
    same = f"invoice-{draw.integer(10, 99)}"
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", draw.integer(300, 400)])), same, same]
    words: list[Item] = ["STOP", "END", "DONE", "done", "exit", -1]
    unusual: list[Item] = [[1, 2], (3, 4), [1, 2], *map(Odd, ODD)]
    scenarios = [
        stages(draw, items, consumers=2, maxsize=2) for items in (unusual, odd, words, [same])
    ]
    await finished(learner, scenarios)
    options: dict[str, Any] = {"consumers": 9, "maxsize": 9}
    many = stages(draw, draw.items(MOST_ITEMS), (0.0, 0.0), (0.001, 0.001), **options)
    await learner.run_briefly(many, each_once)
