"""Checks of ex7: each error is sorted, into those that may pass, refusals, and all others."""

from __future__ import annotations

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
    Odd,
    Subject,
    Trace,
    check,
    counts,
    crew,
    independence,
    interruption,
    jitter,
    pauses,
    tries,
)
from grader.course.ex7_sort_the_errors import settling, sorting
from grader.course.ex7_sort_the_errors.calls import BUSY, Call, Calls, Runs, is_refusal, played
from grader.course.mistakes.draws import JITTER_FIXED_SEED

EXERCISE = Exercise(
    title="Sort the errors",
    track="debug",
    teaches="which errors to retry",
    subgoals={
        "Retry what may pass": (
            "test_tries_again_after_a_503",
            "test_tries_again_whatever_may_pass",
            "test_waits_alike_before_each_retry",
            "test_draws_for_each_retry",
        ),
        "Settle refusals": ("test_settles_a_refusal_at_once", "test_settles_a_late_refusal"),
        "Let all else out": ("test_lets_other_errors_out", "test_can_be_cancelled"),
        "Count and mark": ("test_settles_each_item_once", "test_takes_any_item_any_time"),
    },
    learned=(
        "Retry what may pass, settle what is refused, and let everything else out. A clause that is too "
        "wide hides bugs; one that is too narrow loses consumers."
    ),
    pause=pauses.window,
    in_production=(
        "Of 70 retry bugs in eight large systems (SOSP 2024) 25 were about whether to retry: 13 of "
        "them misjudged the error, 8 were retries that were missing. So keep the decision in one small "
        "function with tests of its own: classes and statuses that are known to pass are retried, and "
        "what nobody thought of is let out and seen. Count refusals apart from failures: the first ask "
        "for better data, the second for a healthier service."
    ),
    read_next=(
        (
            "If at first you don't succeed, try, try, again...?, the study of retry bugs (SOSP 2024)",
            "https://bastoica.github.io/files/papers/2024_sosp_wasabi.pdf",
        ),
        (
            "Which answers Google's Cloud Storage retries: the list differs from service to service",
            "https://cloud.google.com/storage/docs/retry-strategy",
        ),
    ),
)

BASICS = ("test_tries_again_after_a_503",)
TRANSIENT = (*BASICS, "test_tries_again_whatever_may_pass")
REFUSED = (*BASICS, "test_settles_a_refusal_at_once")
SORTED = (*TRANSIENT, *REFUSED[1:], "test_settles_a_late_refusal")
WAITS = (*TRANSIENT, "test_waits_alike_before_each_retry")

CREW_OF_40 = tuple(f"C{number}" for number in range(1, 41))
LESSON = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}
SLOW = {"attempts": 4, "delay": 0.2, "backoff": 2.0}

STATUSES = ("408", "429", "500", "502", "503", "504")
DROPPED = ("ConnectionResetError", "BrokenPipeError", "ConnectionRefusedError")
MAY_PASS = (
    *(*STATUSES, "TimeoutError", "ConnectionError"),
    *("<500", "<503", "<TimeoutError", "<ConnectionError", *DROPPED, "ConnectionAbortedError"),
)
USUAL = (BUSY, "TimeoutError", "ConnectionResetError", "429", "ConnectionError", "504")
OTHERS = (
    *("ValueError", "KeyError", "RuntimeError", "AttributeError", "LookupError", "AssertionError"),
    *("OSError", "<OSError", "FileNotFoundError", "PermissionError", "InterruptedError"),
    *("QueueEmpty", "QueueFull", "InvalidStateError", "StopAsyncIteration", "EOFError"),
    *("ExceptionGroup", "ServiceError", "ReadTimeout", "ConnectionLost", "TransientError"),
)


def calls(
    draw: Draw,
    fails: Sequence[int],
    items: Sequence[Item] | None = None,
    *,
    by: Sequence[tuple[str, ...]] = ((BUSY,),),
) -> tuple[Call, ...]:
    """One call for each number of failing tries; `by`: what they fail with, in turn."""
    named = items if items is not None else draw.items(len(fails))
    return tuple(
        Call(item, draw.seconds(0.05, 0.12), n, by=by[place % len(by)])
        for place, (item, n) in enumerate(zip(named, fails, strict=True))
    )


def refused(draw: Draw, call: Call, status: int | None = None, *, below: bool = False) -> Call:
    """The call, refused by this status, or by one of those that everybody knows, in the end."""
    known = draw.one_of((400, 401, 403, 404, 409, 410, 413, 422)) if status is None else status
    return replace(call, error=f"{'<' * below}{known}")


def kinds(draw: Draw, count: int) -> tuple[str, ...]:
    """So many kinds of transient errors, of which no two that follow each other are alike."""
    found = draw.shuffled(USUAL)
    return tuple(found[place % len(found)] for place in range(count))


def all_tried(runs: Runs, *, kinds_known: bool = True) -> None:
    """Each item is tried as often as it should be, by the consumer that holds it."""
    for scenario, trace in runs:
        crew.keeps_its_item(trace, scenario)
    sorting.transients_are_retried(runs, kinds_known=kinds_known)
    sorting.refusals_are_final(runs)
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario.unrefused())


@check(
    hints=(
        "What does the 503 of a busy service say of the next try, and what did your change make of it?",
        "It may pass: the item is tried again, up to `attempts` tries in all, and then given up on.",
        "`for attempt in range(1, attempts + 1)` around the try, and 503 among the six statuses.",
    )
)
async def test_tries_again_after_a_503(learner: Subject, draw: Draw) -> None:
    """Tries an item again after a 503, up to `attempts` tries, and then takes the next one."""
    scenarios = [
        Calls(calls(draw, fails), options={"attempts": attempts})
        for attempts, fails in (
            (draw.integer(5, 6), [ALWAYS, 0, 1, ALWAYS, 2]),
            (1, [ALWAYS, 0, 1]),
            (3, [ALWAYS, 0, 1, ALWAYS, 2]),
        )
    ]
    runs = await played(learner, scenarios)
    for scenario, trace in runs:
        crew.keeps_its_item(trace, scenario)
    sorting.transients_are_retried(runs)
    tries.attempts_respected(runs)


@check(
    points=3,
    needs=BASICS,
    hints=(
        "For each error of point 1: which of your clauses catches it, and does it lead to another try?",
        "Six statuses, timeouts and lost connections may pass, and so may subclasses of these errors.",
        (
            "`except (ServiceError, TimeoutError, ConnectionError)` around one try; of a ServiceError, "
            "and of that alone, ask whether its status is one of the six."
        ),
    ),
)
async def test_tries_again_whatever_may_pass(learner: Subject, draw: Draw) -> None:
    """Tries again after every error that may pass, up to `attempts` tries whatever the mixture."""
    attempts = draw.integer(2, 4)
    each = [
        Calls(calls(draw, [1, ALWAYS, 0], by=[(kind,)]), options={"attempts": attempts})
        for kind in MAY_PASS
    ]
    runs = await played(learner, each)
    all_tried(runs, kinds_known=False)
    mixed = [
        Calls(
            calls(draw, [count, ALWAYS, 0], by=[kinds(draw, count)]),
            options={"attempts": count + 1},
        )
        for count in (2, 3, draw.integer(4, 5))
    ]
    many = MOST_ATTEMPTS
    far = {"attempts": many, "delay": 0.01, "backoff": 1.0, "jitter": 0}
    mixed.append(Calls(calls(draw, [ALWAYS, 0], by=[kinds(draw, 6)]), options=far))
    runs = await played(learner, mixed)
    sorting.transients_are_retried(runs, kinds_known=True)
    sorting.attempts_are_the_items(runs)
    all_tried(runs)


@check(
    points=3,
    needs=BASICS,
    hints=(
        "How often is an order sent that the carrier has refused, and what happens to its consumer?",
        "Any status but the six is a final answer: rejected, without a wait, and on to the next item.",
        (
            "In the except clause, before anything else: if the error is a refusal, "
            'stats["rejected"] += 1 and break.'
        ),
    ),
)
async def test_settles_a_refusal_at_once(learner: Subject, draw: Draw) -> None:
    """Never tries a refused item again: it counts as rejected, and the next one is begun at once."""
    known = draw.some((400, 401, 403, 404, 409, 410, 413, 422), 3)
    first = [
        Calls((refused(draw, one, status, below=status == known[-1]), two, three))
        for status in known
        for one, two, three in [calls(draw, [0, 0, 1])]
    ]
    plain = Calls(calls(draw, [0, 1, ALWAYS]), options={"attempts": 3})
    *runs, (_, unrefused) = await played(learner, [*first, plain])
    sorting.refusals_are_final(runs)
    every = [n for n in (0, 100, 204, 301, 304, *range(400, 600), 600, 999) if is_refusal(str(n))]
    drawn = draw.shuffled(every)
    many = Calls(
        tuple(
            refused(draw, one, n)
            for one, n in zip(calls(draw, [0] * len(drawn)), drawn, strict=True)
        ),
        names=("C1", "C2", "C3"),
    )
    runs += await played(learner, [many])
    sorting.refusals_are_final(runs)
    sorting.refusals_take_no_time(runs)
    counts.stats_true(unrefused, plain, unrefused.stats)  # or else no refusal is the reason
    settling.rejected_counts(runs)


@check(
    pictured=True,
    points=2,
    needs=REFUSED,
    hints=(
        "What if the second try is refused, or the very last one?",
        "Each failed try is sorted anew, and first of all: it does not matter which try it was.",
        "Inside the loop: first ask whether it is a refusal, only then whether tries are left.",
    ),
)
async def test_settles_a_late_refusal(learner: Subject, draw: Draw) -> None:
    """Rejects an item also when the refusal follows transient failures, or is the last try."""
    attempts = draw.integer(3, 5)
    scenarios = [
        Calls(
            (refused(draw, one, draw.one_of((400, 404, 422, 501, 505)), below=below), two),
            options={"attempts": most},
        )
        for most, fails, below in (
            (attempts + 1, 1, False),
            (attempts + 1, attempts - 1, True),
            (attempts, attempts - 1, False),
            (2, 1, False),
            (1, 0, False),
        )
        for one, two in [calls(draw, [fails, 0])]
    ]
    runs = await played(learner, scenarios)
    for scenario, trace in runs:
        crew.keeps_its_item(trace, scenario)
    sorting.refusals_are_final(runs)
    sorting.refusals_take_no_time(runs)
    settling.rejected_counts(runs)
    # What was refused once says nothing of an equal item, nor of the next one.
    same = f"order-{draw.integer(100, 999)}"
    one, *others = calls(draw, [0, 0, 1, 1], [same, same, same, draw.integer(300, 400)])
    again = [refused(draw, others[-1]), *calls(draw, [2, ALWAYS])]
    equal = Calls((refused(draw, one), *others[:-1], *again), options={"attempts": 3})
    runs = await played(learner, [equal])
    all_tried(runs)
    settling.rejected_counts(runs)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "What becomes of a KeyError that comes out of process_item?",
        "Only three classes of errors are the service's; all others leave the consumer as they are.",
        "No `except Exception`: what no clause names leaves the consumer by itself.",
    ),
)
async def test_lets_other_errors_out(learner: Subject, draw: Draw) -> None:
    """Lets every other exception leave the consumer at once."""
    scenarios = []
    for kind in (*OTHERS, HARD_STOP):
        attempts = draw.integer(2, 4)
        for fails in (0, draw.integer(1, attempts - 1)):
            one, two = calls(draw, [fails, 0])
            scenarios.append(Calls((replace(one, error=kind), two), options={"attempts": attempts}))
    runs = await played(learner, scenarios)
    sorting.others_leave(runs)
    not_settled(runs)
    for scenario, trace in runs:
        settling.only_retries_count(scenario, trace)


def not_settled(runs: Runs) -> None:
    """What an error or a cancellation leaves unsettled is in no count, and marked once at most."""
    for scenario, trace in runs:
        settling.unsettled_not_rejected(trace)
        interruption.unsettled_is_not_counted(trace, scenario)
        interruption.unsettled_is_marked_once(trace, scenario)


@check(
    needs=BASICS,
    hints=(
        "What does your consumer do with a CancelledError, while it works, pauses or is idle?",
        "Cancelling is how others stop the consumer: it ends at once, and is seen as cancelled.",
        "No bare `except:`, no BaseException; what no clause catches leaves by itself.",
    ),
)
async def test_can_be_cancelled(learner: Subject, draw: Draw) -> None:
    """Ends at once when it is cancelled: during a try, during a pause, and while idle."""
    moments = {
        "while it worked on an item": draw.seconds(0.06, 0.09),
        "while it waited for a retry": draw.seconds(0.11, 0.29),
        "while it waited for an item": draw.seconds(8.0, 9.0),
    }
    first, second = draw.items(2)
    held = Call(first, 0.1, fails=2)
    scenarios = [  # with an item that comes too late, and which nobody may take any more
        Calls((held, Call(second, 0.1, at=at + 0.5)), names=("C1", "C2"), options=SLOW, cancel=at)
        for at in moments.values()
    ]
    inside = [
        Calls((replace(held, fails=fails, error="CancelledError"), *calls(draw, [0])))
        for fails in (0, 2)
    ]
    runs = await played(learner, [*scenarios, *inside])
    for where, (scenario, trace) in zip(moments, runs, strict=False):
        interruption.cancelled_cleanly(trace, scenario, where)
    for scenario, trace in runs[len(scenarios) :]:
        interruption.cancelled_from_within(trace, scenario)
    not_settled(runs)


@check(
    points=2,
    needs=TRANSIENT,
    hints=(
        "Compare the pauses after a 503, after a timeout and after a lost connection.",
        "The pause depends on the number of the failed try alone, never on what it failed with.",
        (
            "d = delay * backoff ** (attempt - 1), plus jitter, in the one place where all transient "
            "errors come together."
        ),
    ),
)
async def test_waits_alike_before_each_retry(learner: Subject, draw: Draw) -> None:
    """Waits d + u before each retry, whatever the error was, and never anywhere else."""
    busy = Calls(
        calls(draw, [0] * 90), names=CREW_OF_40
    )  # or else they wait for each other as well
    for one, trace in await played(learner, [busy]):
        crew.begins_at_once(trace, one)
    exact: list[tuple[float, float, float, int]] = [
        (draw.seconds(0.1, 0.4), 3.0, 0, 4),
        (draw.seconds(0.2, 0.6), 0.5, 0, 3),
        (0, 2.0, 0, 3),
        (draw.seconds(0.2, 0.4), 1.5, 1.0, 4),
        (draw.seconds(0.4, 0.8), 3.0, 0.1, 4),
    ]
    usual = [(kind,) for kind in draw.shuffled(USUAL)]
    scenarios = [
        Calls(
            calls(draw, [ALWAYS] * 7, by=[*usual, kinds(draw, 3)]),
            names=("C1", "C2"),
            options={"attempts": attempts, "delay": delay, "backoff": backoff, "jitter": share},
        )
        for delay, backoff, share, attempts in exact
    ]
    unsaid = Calls(calls(draw, [ALWAYS] * 10, by=usual), options=LESSON, unsaid=frozenset(LESSON))
    runs = await played(learner, [*scenarios, unsaid], any_end=True)
    settling.pauses_are_alike(runs)
    pauses.pauses_hold(runs, jitter=None)
    for scenario, trace in runs:
        pauses.loop_never_blocked(trace)
        tries.settled_and_tried(trace, scenario)
        crew.begins_at_once(trace, scenario)
    jitter.default_in_force(said=runs[3], unsaid=runs[-1])
    far = {"attempts": 4, "delay": draw.grows_to_hours(25.0), "backoff": 5.0, "jitter": 0}
    hours = Calls(calls(draw, [ALWAYS], by=[kinds(draw, 3)]), options=far)
    runs = await played(learner, [hours], any_end=True)
    pauses.pauses_hold(runs)
    tries.settled_and_tried(runs[0][1], hours)


@check(
    needs=WAITS,
    hints=(
        "Print the random part before each retry, in two runs of the program.",
        "Each retry of each consumer draws its own number, uniformly from 0 to d * jitter.",
        (
            "`random.uniform(0, d * jitter)`, right where the pause is computed, from a generator that "
            "nobody seeds."
        ),
    ),
)
async def test_draws_for_each_retry(learner: Subject, draw: Draw) -> None:
    """Draws afresh for every retry, every consumer, and every run of the program."""
    seconds, by = draw.seconds(0.05, 0.12), [(kind,) for kind in USUAL]
    clients = [Call(300 + n, seconds, ALWAYS, by=by[n % len(by)]) for n in range(90)]
    options: dict[str, Any] = {"attempts": 3, "delay": 1.0, "backoff": 3.0, "jitter": 0.5}
    names = tuple(f"C{number}" for number in range(1, 91))
    many = Calls(tuple(clients), names=names, options=options)
    few = Calls(tuple(clients[:24]), names=names[:24], options={"attempts": 3, **LESSON})
    first, second, third = draw.items(3)
    alone = Calls(
        tuple(Call(item, 0.0, ALWAYS) for item in (first, second, second, third, third)),
        options=jitter.one_by_one(draw).options,
        unsaid=frozenset({"jitter"}),
    )
    [(_, trace)] = await played(learner, [many], process=1)
    [(_, elsewhere)] = await played(learner, [few], process=2)
    one_by_one = await learner.run_briefly(alone, jitter.one_by_one_holds, process=1)
    pauses.pauses_are(trace, many, jitter=0.5)
    pauses.pauses_are(elsewhere, few, jitter=0.25)
    rows, by_item = jitter.parts(trace, many), jitter.parts(one_by_one, alone)
    settling.draws_are_alike(many, trace, rows)
    settling.default_is_whole(jitter.flat(by_item), jitter.flat(rows), one_by_one)
    independence.independent(rows, trace.seeds)
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
    independence.not_repeated(
        jitter.flat(rows),
        others,
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )


@check(
    points=2,
    needs=SORTED,
    hints=(
        "Follow an item on each of the three ways: which count goes up, and where is it marked as done?",
        "Succeeded, given up on or rejected: one count each, and one task_done() where they meet.",
        'stats["..."] += 1 in each branch, and one q.task_done() behind the loop over the tries.',
    ),
)
async def test_settles_each_item_once(learner: Subject, draw: Draw) -> None:
    """Counts and marks each item once: consumed, failed or rejected."""
    plain = draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS])
    by = [kinds(draw, 3), *((kind,) for kind in USUAL)]
    simple = [
        Calls(calls(draw, plain, by=by), names=names, options=LESSON | {"attempts": attempts})
        for names, attempts in ((("C1",), 3), (("C1", "C1", "C1"), 4))
    ]
    pairs = calls(draw, counts.IN_PAIRS, by=by)
    simple.append(Calls(pairs, names=("C1", "C2"), options=LESSON))
    for scenario, trace in await played(learner, simple):
        counts.stats_true(trace, scenario, trace.stats)
        settling.marked_once(scenario, trace)
        counts.true_when_joined(trace, scenario)
    runs = await played(
        learner,
        [
            Calls((refused(draw, one), two, refused(draw, three), four), options=LESSON)
            for one, two, three, four in [
                calls(draw, [0, 1, 0, 1], by=[("TimeoutError",), ("ConnectionError",)]),
                calls(draw, [0, 1, 0, 1], by=[(BUSY,), ("TimeoutError",)]),
                calls(draw, [2, 0, 3, 0], by=by),
            ]
        ]
        + [
            Calls(mixture(draw, by), names=names, options=LESSON)
            for names in (("C1",), ("C1", "C2"), ("C1", "C1", "C1"))
        ]
        + [Calls((*(refused(draw, one) for one in pairs[:2]), *pairs[2:]), names=("C1", "C2"))],
    )
    all_tried(runs)
    settling.rejected_counts(runs)
    for scenario, trace in runs:
        settling.marked_once(scenario, trace)
        settling.rejected_when_joined(scenario, trace)
        counts.true_when_joined(trace, scenario)
    broken = cut_short(draw)
    runs = await played(learner, [broken])
    not_settled(runs)
    for scenario, trace in runs:
        interruption.settled_are_marked(trace, scenario)


def mixture(draw: Draw, by: Sequence[tuple[str, ...]]) -> tuple[Call, ...]:
    """Items that end in each of the three ways, refused ones at any of four tries, in random order."""
    some = calls(draw, [0, 1, 2, 3, 0, 1, 2, 3, ALWAYS, ALWAYS, 0], by=by)
    return tuple(draw.shuffled([*(refused(draw, one) for one in some[:4]), *some[4:]]))


def cut_short(draw: Draw) -> Calls:
    """Two consumers, stopped in the middle of their second item: by an error, by a cancellation."""
    items = zip(draw.items(6), (0.02, 0.03, 0.05, 5.0, 0.05, 0.05), strict=True)
    first, second, broken, *rest = (Call(item, seconds) for item, seconds in items)
    broken = replace(broken, fails=1, error="ValueError")
    return Calls((first, second, broken, *rest), names=("C1", "C2"), cancel=1.0)


@check(
    needs=(*SORTED, WAITS[-1]),
    hints=(
        "What if an item is 0, if two are equal, or if the next one comes an hour later?",
        "A consumer takes one item after the other, each at once, until it is cancelled.",
        "`while True:` and `item = await q.get()`, with no test of the item or of the queue.",
    ),
)
async def test_takes_any_item_any_time(learner: Subject, draw: Draw) -> None:
    """Takes any item at once and begins anew with it, whenever it comes, however many there are."""
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", "STOP"])), "same", "same", [7, 8], (7, 8)]
    odd += map(Odd, ODD)
    by = [(kind,) for kind in draw.shuffled(USUAL)]
    some = list(calls(draw, [*(1, 2, 1, ALWAYS, 2, 0, 1), *[1] * len(ODD)], odd, by=by))
    for place in (1, 4, *draw.some((0, 2, *range(5, len(some))), 3)):
        some[place] = refused(draw, some[place])
    late = Call(draw.integer(300, 400), draw.hours(), 1, at=draw.hours(), by=("TimeoutError",))
    no = Call(draw.integer(500, 600), draw.hours(), 1, "404", at=late.at + 1.0)
    soon = replace(late, item=0.5, seconds=1.0, at=late.at + 2.0)
    usual = {**LESSON, "attempts": 3}
    most = calls(draw, [*[1] * 20, *[0] * 70], by=by)
    busy = (*(refused(draw, one) for one in most[:10]), *most[10:])
    runs = await played(
        learner,
        [
            Calls((*some, late, no, soon), options=usual),
            Calls(busy, names=CREW_OF_40, options={**LESSON, "attempts": 2}),
        ],
    )
    all_tried(runs)
    for scenario, trace in runs:
        crew.begins_at_once(trace, scenario)
        settling.begins_anew(scenario, trace)
    pauses.pauses_hold(runs, jitter=None)
    numbers = draw.items(MOST_ITEMS)
    thousand = tuple(
        Call(item, 0.0, error="422" if place % 7 == 3 else None)
        for place, item in enumerate(numbers)
    )
    await learner.run_briefly(Calls(thousand, names=("C1", "C2")), many_tried)


def many_tried(trace: Trace, scenario: Calls) -> None:
    """Each of very many items is tried once."""
    sorting.refusals_are_final([(scenario, trace)])
    tries.settled_and_tried(trace, scenario.unrefused())
    settling.rejected_counts([(scenario, trace)])
