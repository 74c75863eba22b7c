"""Checks of ex15: what is given up on is set aside, and the order of each key survives it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    ALWAYS,
    HARD_STOP,
    MOST_CONSUMERS,
    MOST_ITEMS,
    MOST_WAITING,
    ODD,
    Draw,
    Exercise,
    Item,
    Job,
    Odd,
    Subject,
    Trace,
    check,
    counts,
    interruption,
    jitter,
    pauses,
    twice,
)
from grader.course.ex15_set_dead_letters_aside.drawing import ITEMS, drawn_afresh, failing_often
from grader.course.ex15_set_dead_letters_aside.ending import (
    came_to_their_end,
    returned_promptly,
    waits_by_awaiting,
)
from grader.course.ex15_set_dead_letters_aside.flow import bound_holds, nobody_held_up
from grader.course.ex15_set_dead_letters_aside.key_order import keys_in_order
from grader.course.ex15_set_dead_letters_aside.letters import Letters, Run, Runs
from grader.course.ex15_set_dead_letters_aside.mistakes import ERROR_SET_ASIDE
from grader.course.ex15_set_dead_letters_aside.setting_aside import (
    all_set_aside,
    put_at_once,
    waited_for,
)

EXERCISE = Exercise(
    title="Set dead letters aside",
    track="adapt",
    teaches="dead letters and order per key",
    subgoals={
        "Keep the old rules": (
            "test_ends_when_all_succeed",
            "test_returns_true_stats",
            "test_waits_as_asked",
            "test_lets_errors_surface",
        ),
        "Set aside what failed": ("test_sets_aside_what_failed", "test_waits_for_the_letter"),
        "Keep each key's order": (
            "test_keeps_the_order_of_each_key",
            "test_takes_any_item_and_key",
        ),
        "Hold up nobody else": ("test_holds_nobody_else_up", "test_bounds_what_is_taken"),
    },
    learned=(
        "What is given up on is kept, with its error, where somebody will find it. Order holds within a "
        "key, and nowhere else: so one poisoned item stops nobody, and nothing overtakes it."
    ),
    pause=pauses.window,
    in_production=(
        "An ordered stream stops at the first item that never succeeds: a partition of Kafka, a shard of "
        "Kinesis, a FIFO group of SQS. So brokers and their consumers know a dead-letter queue, where a "
        "message goes after so many deliveries, with the reason, and from where it can be sent again. "
        "Order is promised per key (partition key, message group): order over all would mean one at a "
        "time. And somebody has to read the dead letters: an alarm on their number is part of it."
    ),
    read_next=(
        (
            "Dead-letter queues, in the documentation of Amazon SQS",
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        ),
        (
            "Dead Letter Channel, in Enterprise Integration Patterns",
            "https://www.enterpriseintegrationpatterns.com/patterns/messaging/DeadLetterChannel.html",
        ),
    ),
)

LESSON: dict[str, Any] = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}
DEFAULTS: dict[str, Any] = {"consumers": 3, "maxsize": 3, **LESSON}
KEYS = {
    "a": "atlas",
    "b": "bible",
    "c": "comic",
    "d": "diary",
    "e": "essay",
    "f": "fable",
    "g": "globe",
    "h": "haiku",
}
"""Keys by their first letter: a word is a new object each time, a letter would always be the same."""

BASICS = ("test_ends_when_all_succeed",)
LETTERS = (*BASICS, "test_sets_aside_what_failed")
ORDER = (*BASICS, "test_keeps_the_order_of_each_key")
BOTH = (*LETTERS, "test_keeps_the_order_of_each_key")


def letters(
    draw: Draw, keys: Sequence[Any], fails: Sequence[int], *, room: int = 0, **options: Any
) -> Letters:
    """A pipeline over one item for each key (`KEYS` in full), with that number of failing tries."""
    jobs = tuple(
        Job(item, draw.seconds(0.05, 0.12), n)
        for item, n in zip(draw.items(len(keys)), fails, strict=True)
    )
    lazy = draw.one_of((True, False))
    named = tuple(KEYS.get(key, key) for key in keys)
    return Letters(jobs, DEFAULTS | options, lazy=lazy, keys=named, room=room)


def said_and_not(scenario: Letters, *names: str) -> list[Letters]:
    """The scenario, and the same with these options left to their defaults."""
    return [scenario, replace(scenario, unsaid=frozenset(names))]


def mixed(draw: Draw, keys: str, count: int) -> list[str]:
    """So many keys of these, each at least once, in random order."""
    return draw.shuffled([*keys, *(draw.one_of(keys) for _ in range(count - len(keys)))])


async def played(
    learner: Subject, scenarios: Sequence[Letters], *, letters_too: bool = True
) -> list[Run]:
    """Run the scenarios; each item got its tries, and its letter where it was given up on."""
    traces = await learner.run_all(scenarios, allow=("deadlock", "raised", "livelock"))
    runs = [Run(scenario, trace) for scenario, trace in traces]
    if all(trace.how == "returned" for _, trace in traces):
        pauses.settings_arrive(traces)
    came_to_their_end(runs)
    if letters_too:
        waited_for(runs)
        all_set_aside(runs)
    return runs


def briefly(trace: Trace, scenario: Letters) -> None:
    """The order and the flow of a run with very many items, none of which is given up on."""
    runs = [Run(scenario, trace)]
    came_to_their_end(runs)
    keys_in_order(runs)
    nobody_held_up(runs)


def true_stats(runs: Runs) -> None:
    """The stats that the runs returned are true."""
    counts.result_true([(run.scenario, run.trace) for run in runs])


@check(
    hints=(
        "With a service that never fails: is each item worked on once, and does the pipeline end?",
        "Whatever the consumers take their items from: in the end all are settled, and all know it.",
        "Tell the consumers that no more will come, and let run_pipeline wait for their end.",
    )
)
async def test_ends_when_all_succeed(learner: Subject, draw: Draw) -> None:
    """Works on every item once, and comes to its end, promptly, when all succeed."""
    count = draw.integer(8, 12)
    scenarios = [
        letters(draw, draw.items(count), [0] * count),
        letters(draw, mixed(draw, "abcd", count), [0] * count),
        letters(draw, [], []),
        letters(draw, ["a"], [0], consumers=1, maxsize=1),
    ]
    runs = await played(learner, scenarios, letters_too=False)
    returned_promptly(runs)
    true_stats(runs)


@check(
    pictured=True,
    points=3,
    needs=BASICS,
    hints=(
        "After an item was given up on: where is it, and who knows what was wrong with it?",
        (
            "Giving up is a result like any other: the item, its tries and its last error go into a "
            "queue for those who can help."
        ),
        (
            "`await dead_letters.put((item, attempt, error))` in the `except TransientError as error:` "
            "of the last try."
        ),
    ),
)
async def test_sets_aside_what_failed(learner: Subject, draw: Draw) -> None:
    """Puts each item that is given up on into dead_letters, once, as (item, tries, error)."""
    fails = draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS, 0])
    scenarios = [
        letters(draw, draw.items(3), [0, ALWAYS, 0]),
        letters(draw, draw.items(8), fails),
        letters(draw, draw.items(5), [ALWAYS] * 5, attempts=draw.integer(5, 7)),
        letters(draw, draw.items(4), [1, ALWAYS, 0, ALWAYS], attempts=1),
        replace(letters(draw, draw.items(4), [1, ALWAYS, 0, 2], attempts=2, room=3), every=0.0),
    ]
    runs = await played(learner, scenarios)
    put_at_once(runs)
    returned_promptly(runs)
    learner.show(runs[1].trace)


@check(
    points=3,
    needs=BASICS,
    hints=(
        "Which two items may not be worked on at the same time, and which of them comes first?",
        (
            "A key is busy from the first try of its item until that is settled, pauses included. Only "
            "then does its next item begin, in the order of `items`."
        ),
        (
            "A set of busy keys: a consumer takes the first waiting item whose key is not in it, adds "
            "the key, and discards it when the item is settled."
        ),
    ),
)
async def test_keeps_the_order_of_each_key(learner: Subject, draw: Draw) -> None:
    """Works on the items of one key in their order, one at a time, retries included."""
    first = letters(draw, ["a", "b", "a", "c", "b", "a"], [2, 0, 0, 0, 1, 0])
    some = [
        letters(
            draw, mixed(draw, "abcde", 16), draw.shuffled([0] * 8 + [1] * 4 + [2, 2, 3, 3]), **one
        )
        for one in ({}, {"consumers": draw.integer(5, 8), "maxsize": draw.integer(8, 12)})
    ]
    one_key = letters(draw, ["a"] * 6, draw.shuffled([0, 0, 1, 2, 0, 1]), consumers=4)
    shared = replace(first, keys=("a", "b", "a", "c", "b", "a"))
    runs = await played(learner, [first, *some, one_key, shared], letters_too=False)
    keys_in_order(runs)


@check(
    points=2,
    needs=BOTH,
    hints=(
        "When dead_letters is full: who waits, for what, and how long?",
        (
            "An item is settled when its letter is put. Until then its key is busy, its consumer has not "
            "finished with it, and the pipeline does not end."
        ),
        "`await dead_letters.put(...)`, awaited where the item is given up on, before its key is free.",
    ),
)
async def test_waits_for_the_letter(learner: Subject, draw: Draw) -> None:
    """Waits until the letter is put: then the next of its key begins, and then run_pipeline returns."""
    after = letters(draw, ["a", "a", "b", "a", "b"], [ALWAYS, 0, ALWAYS, 1, 0])
    slowly = [
        replace(
            letters(
                draw,
                mixed(draw, "abcd", 12),
                draw.shuffled([ALWAYS] * 5 + [0] * 5 + [1, 2]),
                room=room,
            ),
            every=draw.seconds(0.7, 1.4),
            since=draw.seconds(1.0, 2.0),
        )
        for room in (1, 2)
    ]
    last = letters(draw, ["a", "b", "c"], [ALWAYS, 0, ALWAYS], room=1)
    last = replace(last, every=draw.seconds(2.0, 3.0), since=draw.seconds(4.0, 5.0))
    hours = letters(draw, ["a", "b", "a", "b"], [ALWAYS, ALWAYS, 0, 1], room=1)
    hours = replace(hours, every=draw.hours() / 3, since=draw.hours())
    apart = letters(draw, draw.items(10), [ALWAYS] * 6 + [0] * 4, room=draw.integer(1, 2))
    apart = replace(apart, every=draw.seconds(0.7, 1.4), since=draw.seconds(2.0, 3.0))
    runs = await played(learner, [after, *slowly, apart, last, hours])
    keys_in_order(runs)
    put_at_once(runs)
    returned_promptly(runs)
    nobody_held_up(runs)


@check(
    points=3,
    needs=ORDER,
    hints=(
        "While one key is busy for long: what do consumers do that have nothing to do with it?",
        (
            "An item that must wait for its key must not keep a consumer, nor the items behind it: "
            "whoever is free looks past it, as far as `maxsize` items."
        ),
        (
            "Keep the waiting items in a list of at most `maxsize`. A consumer takes the first whose key "
            "is free, under an asyncio.Condition that is notified of each change."
        ),
    ),
)
async def test_holds_nobody_else_up(learner: Subject, draw: Draw) -> None:
    """Begins at once what may begin: of the first maxsize items, those whose keys are free."""
    control = [
        letters(draw, draw.items(14), [0, 1] * 7, consumers=consumers, maxsize=maxsize)
        for consumers, maxsize in ((draw.integer(2, 3), 3), (draw.integer(5, 6), 1))
    ]
    slow: dict[str, Any] = {"delay": draw.seconds(0.8, 1.2), "jitter": 0}
    poisoned = letters(draw, ["a", "a", "b", "a", *"bcdebcde"], [3, *[0] * 11], **slow)
    in_a_row = letters(draw, ["a"] * 5 + ["b", "c", "b", "c"], [2, *[0] * 8], maxsize=5, **slow)
    narrow = letters(
        draw, ["a", "b", "b", "a", "c", "c", "d"], [2, *[0] * 6], maxsize=1, consumers=2
    )
    keys = mixed(draw, "abcdefgh", 40)
    fails = draw.shuffled([0] * 28 + [1] * 8 + [2] * 4)
    many = [
        letters(draw, keys, fails, consumers=consumers, maxsize=maxsize)
        for consumers, maxsize in ((4, draw.integer(3, 5)), (draw.integer(2, 3), 12), (8, 20))
    ]
    scenarios = [*control, poisoned, in_a_row, narrow, *many]
    # Said first: what is wrong then as well has nothing to do with the defaults.
    scenarios += said_and_not(letters(draw, draw.items(14), [0, 1] * 7), "consumers", "maxsize")
    runs = await played(learner, scenarios, letters_too=False)
    nobody_held_up(runs)
    keys_in_order(runs)


@check(
    points=2,
    needs=ORDER,
    hints=(
        "While one key is busy for long: how many items of it does the pipeline hold?",
        (
            "What waits for its key counts as well: when `maxsize` items wait, for whatever reason, the "
            "producer waits too."
        ),
        "One bound for all that was taken and has not begun; no list or queue per key beside it.",
    ),
)
async def test_bounds_what_is_taken(learner: Subject, draw: Draw) -> None:
    """At most maxsize + consumers + 1 items are taken and not settled."""
    control = [
        letters(draw, draw.items(20), [0, 1] * 10, consumers=consumers, maxsize=maxsize)
        for consumers, maxsize in ((2, draw.integer(4, 6)), (draw.integer(3, 4), 1))
    ]
    slow: dict[str, Any] = {"delay": draw.seconds(0.8, 1.2), "jitter": 0}
    held = letters(draw, ["a"] * 30, [3, *[0] * 29], **slow)
    some = letters(
        draw, ["a", *mixed(draw, "aab", 27), "c", "d"], [2, *[0] * 29], maxsize=1, **slow
    )
    large = MOST_WAITING
    keys = ["a", *["a", "a", "b"] * 70]
    wide = letters(draw, keys, [3, *[0] * 210], maxsize=large, consumers=MOST_CONSUMERS, **slow)
    full = letters(draw, [*"abcd", *mixed(draw, "abcd", 28)], [ALWAYS] * 4 + [0] * 28, room=1)
    full = replace(full, every=draw.seconds(1.0, 2.0), since=draw.seconds(3.0, 4.0))
    runs = await played(learner, [*control, held, some, wide, full], letters_too=False)
    hands, waits = full.options["consumers"], runs[-1].states
    late = any(state.late is not None or len(state.active) > hands for state in waits)
    if late or len(runs[-1].settled) < len(full.jobs):  # another check says that letters are late
        runs.pop()
    bound_holds(runs[:2], runs[2:])
    nobody_held_up(runs[2:5])
    twins = said_and_not(letters(draw, draw.items(20), [0, 1] * 10), "consumers", "maxsize")
    bound_holds(await played(learner, twins, letters_too=False), ())


@check(
    needs=(*BOTH, "test_holds_nobody_else_up"),
    hints=(
        "What do you do with an item or a key, besides handing it on and looking it up?",
        "An item may be anything but None, and a key any hashable value: None, 0 and an empty tuple too.",
        "Only keys go into sets and dicts; nothing is asked with `if key`, compared with < or sorted.",
    ),
)
async def test_takes_any_item_and_key(learner: Subject, draw: Draw) -> None:
    """Takes any item and any hashable key, many of them, in two pipelines at the same time, too."""
    odd: list[Item] = ["same", "same", 0, "", [7, 8], (7, 8), *map(Odd, ODD), "same"]
    fails = draw.shuffled([0, 1, ALWAYS, 0, 2])
    falsy = letters(
        draw, [None, "", None, 0, "", None, "a", 0, (), ()], [*fails, *fails], consumers=5
    )
    numbers = letters(
        draw, [1, "b", True, 1.0, 0, False, 1, "b", 0.0, True], [*fails, *fails], consumers=5
    )
    strange = letters(
        draw, mixed(draw, "abc", len(odd)), [draw.integer(0, 2) for _ in odd], maxsize=6
    )
    given_up = letters(
        draw, ["a", None, 3, (1, 2), "a", 3, *range(len(odd) - 6)], [ALWAYS] * len(odd)
    )
    unusual = [
        replace(
            one,
            jobs=tuple(replace(job, item=item) for job, item in zip(one.jobs, odd, strict=True)),
        )
        for one in (strange, given_up)
    ]
    two = letters(draw, mixed(draw, "abc", 14), draw.shuffled([0] * 8 + [1, 2, 2] + [ALWAYS] * 3))
    two = replace(two, beside=6)
    runs = await played(learner, [falsy, numbers, *unusual, replace(two, beside=0)])
    keys_in_order(runs)
    nobody_held_up(runs)
    true_stats(runs)
    keys = [draw.integer(301, 360) for _ in range(MOST_ITEMS)]
    thousand = letters(
        draw, keys, [0] * MOST_ITEMS, consumers=draw.integer(3, 4), maxsize=draw.integer(4, 6)
    )
    thousand = replace(
        thousand, jobs=tuple(replace(job, seconds=0.001 + job.seconds / 9) for job in thousand.jobs)
    )
    await learner.run_briefly(thousand, briefly, allow=("deadlock", "raised"))
    trace = await learner.run(two, allow=("deadlock", "raised"))
    twice.keep_apart(trace, two)
    all_set_aside([Run(two, trace)])


@check(
    needs=LETTERS,
    hints=(
        "What does run_pipeline give back, and do the numbers add up to the number of items?",
        "consumed + failed is the number of items; retried counts the retries of all of them.",
        "An item that is set aside is failed, once; its retries count as retried.",
    ),
)
async def test_returns_true_stats(learner: Subject, draw: Draw) -> None:
    """Returns the stats, and they are true."""
    mixtures = [0, 1, ALWAYS], draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS]), [0, 0]
    scenarios = [letters(draw, mixed(draw, "ab", len(fails)), fails) for fails in mixtures]
    true_stats(await played(learner, scenarios))


@check(
    points=2,
    needs=LETTERS,
    hints=(
        "Between two tries of an item, and while nothing can be done: what does your code wait for?",
        (
            "d + u before a retry, by the settings handed in, with another u each time; anything else is "
            "awaited, not asked for."
        ),
        "`asyncio.sleep(pause)` before a retry, and no other sleep, timeout or wait_for.",
    ),
)
async def test_waits_as_asked(learner: Subject, draw: Draw) -> None:
    """Waits d + u before each retry, u drawn afresh, and otherwise only by awaiting."""
    settings: tuple[dict[str, Any], ...] = (
        {"attempts": 8, "delay": draw.seconds(0.1, 0.2), "backoff": 3.0, "jitter": 0},
        {"attempts": 4, "delay": draw.seconds(0.2, 0.4), "backoff": 1.5, "jitter": 1.0},
    )
    fails = [ALWAYS, 1, 0, ALWAYS, ALWAYS, 2]
    scenarios = [letters(draw, ["a", "b", "a", "c", "d", "b"], fails, **one) for one in settings]
    scenarios += said_and_not(letters(draw, draw.items(10), [ALWAYS] * 10), *DEFAULTS)
    runs = await played(learner, scenarios)
    pairs: list[tuple[Any, Trace]] = [(run.scenario, run.trace) for run in runs]
    pauses.settings_arrive(pairs)
    pauses.pauses_hold(pairs, jitter=None)
    jitter.default_in_force(*pairs[-2:])
    delay = draw.grows_to_hours(25.0)  # the last wait takes nearly three hours
    hours = letters(draw, ["a", "b", "a"], [ALWAYS, 1, 0], delay=delay, backoff=5.0, jitter=0)
    late = letters(draw, ["a", "a", "b", "a"], [0] * 4)
    late = replace(late, jobs=(replace(late.jobs[0], seconds=draw.hours()), *late.jobs[1:]))
    runs += await played(learner, [hours, late])
    pauses.pauses_hold([(runs[-2].scenario, runs[-2].trace)], jitter=None)
    waits_by_awaiting(runs)
    returned_promptly(runs)
    often = letters(draw, mixed(draw, "abcd", ITEMS), [0] * ITEMS, maxsize=draw.integer(3, 5))
    often = failing_often(draw, often)

    async def again() -> Run:
        (run,) = await played(learner, [often])
        pauses.pauses_hold([(run.scenario, run.trace)], jitter=None)
        return run

    await drawn_afresh(await again(), again)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "What becomes of a ValueError that a consumer meets? Who sees it, and is it a dead letter?",
        (
            "Only a TransientError is given up on. Any other error is a fault of the program: it ends "
            "the pipeline, whatever the others wait for."
        ),
        (
            "`except TransientError as error:` and nothing broader; the consumers in an "
            "asyncio.TaskGroup, which cancels the rest and raises the error."
        ),
    ),
)
async def test_lets_errors_surface(learner: Subject, draw: Draw) -> None:
    """An error that is not transient surfaces from run_pipeline, and never hangs it."""
    kinds = ("ValueError", "RuntimeError", "PaymentRefused", "TimeoutError")
    cases = [(kind, places) for kind in kinds for places in ({0, 1, 2}, {1}, {4})]
    cases += [
        (kind, {1})
        for kind in (
            "ExceptionGroup",
            "QueueEmpty",
            "QueueFull",
            "InvalidStateError",
            "KeyError",
            "StopAsyncIteration",
            HARD_STOP,
        )
    ]
    scenarios = [failing(letters(draw, [*"abacabcd"], [0] * 8), draw, *case) for case in cases]
    # While all others wait for room in dead_letters, which nobody reads, or for their key.
    full = failing(
        letters(draw, [*"abcabc"], [ALWAYS, ALWAYS, *[0] * 4], room=1), draw, "ValueError", {2}
    )
    busy = failing(letters(draw, ["a"] * 9, [0] * 9, consumers=4), draw, "ValueError", {0})
    for last, one in (((2, 9.0)), full), ((0, 0.4), busy):
        place, seconds = last
        jobs = [
            replace(job, seconds=seconds) if n == place else job for n, job in enumerate(one.jobs)
        ]
        cases.append(("ValueError", {place}))
        scenarios.append(replace(one, jobs=tuple(jobs)))
    traces = await learner.run_all(scenarios, allow=("deadlock", "raised"))
    for (kind, places), (scenario, trace) in zip(cases, traces, strict=True):
        set_aside = [x for x in Run(scenario, trace).letters if x.item in places]
        if trace.how == "returned" and set_aside:
            letter = set_aside[0]
            raise ERROR_SET_ASIDE(
                f"Item {trace.name(letter.item)} raised {kind}, and was put into dead_letters at "
                f"{letter.at:.3f} s: run_pipeline returned as if nothing had happened.",
                "An error that is not transient surfaces from run_pipeline. It is no dead letter.",
                line=letter.line,
                at=letter.at,
                task=letter.task,
                item=letter.item,
            ).about(trace)
        interruption.error_surfaced(trace, kind, all_die=len(places) > 1)


def failing(scenario: Letters, draw: Draw, kind: str, places: set[int]) -> Letters:
    """The same, where the items at these places raise an error that is not transient."""
    jobs = tuple(
        replace(job, fails=draw.integer(0, 1), error=kind) if place in places else job
        for place, job in enumerate(scenario.jobs)
    )
    return replace(scenario, jobs=jobs)
