"""Checks of ex16: one service, judged in eight weathers, with odd settings, and in trouble."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    HARD_STOP,
    MOST_ATTEMPTS,
    MOST_CONSUMERS,
    MOST_WAITING,
    ODD,
    Draw,
    Exercise,
    Failure,
    Item,
    Odd,
    Subject,
    Weathers,
    check,
    independence,
    jitter,
)
from grader.course.ex16_ship_it.calling import surfaced
from grader.course.ex16_ship_it.herd import afresh, parts, spread
from grader.course.ex16_ship_it.keys import keys_never_come_back
from grader.course.ex16_ship_it.measured import (
    accounted,
    at_once,
    consumed,
    extra_calls,
    extra_in_outage,
    fullest_tenth,
    idle,
    in_all,
    longest_call,
    one_call,
    pauses_end,
    repeated_early,
    returned,
    set_aside,
    settled,
)
from grader.course.ex16_ship_it.shift import Behaviour, Facts, Shift, Weather
from grader.course.ex16_ship_it.tables import weather_of
from grader.course.ex16_ship_it.twins import as_others, each_time_an_item
from grader.course.ex16_ship_it.weather import DEFAULTS, ENDS, holds, judged, shift_in
from grader.course.mistakes.draws import JITTER_FIXED_SEED

EXERCISE = Exercise(
    title="Ship it",
    track="capstone",
    teaches="all of it together",
    subgoals={
        "Serve on good days": ("test_calm", "test_blip"),
        "Get through bad days": ("test_outage", "test_brown_out", "test_hang", "test_herd"),
        "Set aside, and stop": ("test_poison", "test_stop"),
        "Keep to every setting": ("test_settings", "test_lets_errors_surface"),
    },
    learned=(
        "Backpressure, retries, a budget, time-outs, keys, dead letters and a clean stop: each is a few "
        "lines. What makes a service is that they agree on what a failure is, and on who counts it."
    ),
    in_production=(
        "Of 70 retry bugs in eight large systems (SOSP 2024) 25 were about whether to retry, 23 about "
        "when, and 22 about how: the same three questions as in your loop. gRPC, botocore and Finagle "
        "ship a retry budget. It has a price that you should know: without a circuit breaker "
        "an outage of 2 s sets about 100 items aside here, and 1,000 where failing is quick. "
        "To go on, add `threshold` and `cooldown` of exercise 14: then the items wait, not the people."
    ),
    read_next=(
        (
            "Timeouts, retries and backoff with jitter, in the Amazon Builders' Library",
            "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
        ),
        (
            "Addressing cascading failures, in Google's SRE book",
            "https://sre.google/sre-book/addressing-cascading-failures/",
        ),
    ),
    weathers=Weathers(weather_of),
)

Spell = tuple[float, float, Behaviour]
AMPLE: dict[str, Any] = {"budget": 4096.0, "refund": 0.25}
CALM = ("test_calm",)
BLIP = (*CALM, "test_blip")
LATER = (*BLIP, "test_outage", "test_brown_out")
ALL = (*LATER, "test_poison", "test_hang")


def always(does: str, **said: Any) -> Spell:
    """A behaviour from the beginning to the end."""
    return 0.0, math.inf, Behaviour(does, **said)


@check(
    hints=(
        "With a carrier that always answers: who is idle, and what is taken too early?",
        "A bounded queue, `consumers` tasks that each settle one item, and join() for the end.",
        "`async with asyncio.TaskGroup()`: start the consumers, put each item, `await q.join()`, cancel.",
    )
)
async def test_calm(learner: Subject, draw: Draw) -> None:
    """CALM: settles every item with one call, as fast as can be, and takes none too early."""
    calm = Weather("calm", 200)
    one = {"consumers": 1, "maxsize": 1}
    many = {"consumers": MOST_CONSUMERS, "maxsize": MOST_WAITING}
    await judged(
        learner,
        shift_in(replace(calm, length=draw.integer(9, 14)), draw),
        shift_in(calm, draw),
        shift_in(replace(calm, length=7), draw, one),
        shift_in(replace(calm, length=215), draw, many),
        shift_in(replace(calm, length=3), draw, {"consumers": 8}),
        shift_in(replace(calm, length=0), draw),
        asked=(in_all, one_call),
        main=1,
    )


@check(
    points=2,
    needs=CALM,
    hints=(
        "Follow one parcel whose first call fails: which key does its second call carry?",
        "A failed call is repeated by the consumer that holds the item, with the item's own key.",
        "`key = str(uuid.uuid4())` right behind `await q.get()`, and the loop over the calls below it.",
    ),
)
async def test_blip(learner: Subject, draw: Draw) -> None:
    """BLIP: consumes every item when each twentieth call fails, and buys no label twice."""
    every = draw.integer(18, 22)
    blip = Weather("blip", draw.integer(300, 320), (always("fails", every=every),))
    lost = Weather("lost answers", 60, (always("loses", every=every // 2),))
    same: list[Item] = [f"parcel-{draw.integer(10, 99)}"] * 12
    few = Weather("lost answers", len(same), (always("loses", every=3),))
    again = shift_in(few, draw, items=same)
    asked = (consumed, extra_calls)
    runs = await judged(learner, shift_in(blip, draw), shift_in(lost, draw), again, asked=asked)
    first, second = await learner.run_apart((again, 1), (again, 2))
    keys_never_come_back(runs, "In a later run")
    keys_never_come_back([(again, first), (again, second)], "In the next run of the program")
    learner.show(runs[0][1])


def outage(draw: Draw, length: int, seconds: float, **said: Any) -> Weather:
    """Everything fails for two seconds."""
    since = draw.seconds(0.8, 1.2)
    down = since, since + 2.0, Behaviour("fails", seconds=seconds, **said)
    return Weather("outage", length, (down,))


def one_wish(draw: Draw) -> Shift:
    """One failure asks for a pause, and those after it do not."""
    wish = Behaviour("fails", items=(1,), retry_after=draw.seconds(1.4, 1.9))
    weather = Weather("one wish", 5, ((0.0, 0.3, wish), always("fails", items=(1, 3))))
    return shift_in(weather, draw, {**AMPLE, "attempts": 4})


@check(
    pictured=True,
    points=3,
    needs=BLIP,
    hints=(
        "The carrier is down for two seconds: how many calls does it get, and how many before?",
        (
            "Retries amplify an outage. One budget for all consumers pays for failures; at half of it "
            "nothing is tried again, and what fails is set aside, with its evidence."
        ),
        (
            "On failure `left = max(0, left - 1)`, on success `left = min(budget, left + refund)`; retry "
            "only if `left > budget / 2`; else `await dead_letters.put((item, tries, error))`."
        ),
    ),
)
async def test_outage(learner: Subject, draw: Draw) -> None:
    """OUTAGE: the budget bounds the extra calls, and what is given up on is set aside."""
    refund, whole = draw.one_of((0.125, 0.25, 0.5)), float(draw.integer(8, 24))
    large = {
        "budget": float(draw.integer(150, 250)),
        "refund": 0.25,
        "attempts": draw.integer(8, 12),
    }
    few = float(draw.integer(8, 9))  # a budget of its own for each item or consumer is used up, too
    known = {"budget": whole, "refund": refund}
    some = outage(draw, 120, draw.seconds(0.03, 0.06), every=2)
    wish = Behaviour("fails", every=3, retry_after=draw.seconds(1.4, 1.9))
    wishes = Weather("wishes", 40, ((0.2, 2.0, wish), (0.2, 2.0, Behaviour("fails", every=4))))
    down = 0.2, 1.0, Behaviour("fails", seconds=draw.seconds(0.03, 0.05))
    after = Weather("after it", 200, (down, (1.0, 9.0, Behaviour("fails", every=6))))
    soon, twice = {"budget": 8.0, "refund": 0.5}, {"budget": 20.0, "refund": 0.25, "attempts": 2}
    runs = await judged(
        learner,
        shift_in(
            outage(draw, 120, draw.seconds(0.05, 0.1)), draw, {"budget": few, "refund": 0.125}
        ),
        shift_in(outage(draw, 90, draw.seconds(0.05, 0.1)), draw, large),
        shift_in(some, draw, known),
        shift_in(replace(some, length=50), draw, {**known, "consumers": 1, "maxsize": 1}),
        shift_in(after, draw, soon),
        shift_in(outage(draw, 120, draw.seconds(0.05, 0.1)), draw, twice),
        shift_in(replace(some, length=50), draw, {**known, "attempts": 1}),
        shift_in(some, draw, {**large, "max_delay": draw.seconds(0.06, 0.15)}),
        shift_in(outage(draw, 90, 0.04), draw, known, room=2, rest=draw.seconds(0.1, 0.2)),
        shift_in(wishes, draw, AMPLE),
        shift_in(outage(draw, 90, draw.seconds(0.05, 0.1)), draw, unsaid=frozenset(DEFAULTS)),
        one_wish(draw),
        asked=(extra_in_outage, pauses_end, settled),
    )
    quick = shift_in(
        outage(draw, draw.integer(2520, 2560), draw.seconds(0.005, 0.006)), draw, known
    )
    await learner.run_briefly(quick, holds, allow=ENDS)
    learner.show(runs[0][1])


@check(
    points=2,
    needs=BLIP,
    hints=(
        "A call takes six times as long as usual: who ends it, when, and what happens then?",
        "A call that takes longer than `timeout` is cancelled, has ended, and counts as a failed one.",
        (
            "`async with asyncio.timeout(timeout): await call(item, key=key)` for each call alone, and "
            "`except (TransientError, TimeoutError, ConnectionError)`."
        ),
    ),
)
async def test_brown_out(learner: Subject, draw: Draw) -> None:
    """BROWN-OUT: calls that take too long are cut off, have ended, and are then repeated."""
    slow = Behaviour("answers", slower=draw.seconds(5.0, 5.5))
    brown = Weather("brown-out", 45, ((0.3, 1.6, slow),), (0.06, 0.13))
    names = (
        "TimeoutError",
        "ConnectionError",
        "<TimeoutError",
        "ConnectionResetError",
        "<ConnectionError",
    )
    network = tuple(
        (0.2, 1.2, Behaviour("raises", every=3 + n, error=name)) for n, name in enumerate(names)
    )
    both = replace(brown, spells=((0.0, 9.0, Behaviour("fails", every=3)), *brown.spells))
    brief = {**AMPLE, "timeout": draw.seconds(0.09, 0.11)}
    await judged(
        learner,
        shift_in(brown, draw, AMPLE),
        shift_in(brown, draw, AMPLE, cleanup=draw.seconds(0.13, 0.2)),
        shift_in(Weather("network", 60, network), draw, AMPLE),
        shift_in(replace(brown, length=30), draw, brief),
        shift_in(both, draw, {"budget": float(draw.integer(4, 9)), "refund": 0.25}),
        shift_in(brown, draw, {**AMPLE, "attempts": 1}),
        asked=(at_once, repeated_early),
    )


def refused_near_half(draw: Draw) -> Shift:
    """Failures leave half of the budget, refusals follow, and then one more item fails.

    If refusals gave `refund` back, it would be more than 2, and at most 3, in all: enough for two retries
    of that item, and not for a third, which is told from no budget at all.
    """
    half, refund = draw.integer(4, 8), draw.one_of((0.25, 0.5))
    last = round(2 / refund) + draw.integer(1, round(1 / refund)) + 1
    spells = (
        always("fails", items=(0, last)),
        always("refuses", items=tuple(range(1, last))),
    )
    options = {
        "budget": 2.0 * half,
        "refund": refund,
        "attempts": half,
        "consumers": 1,
        "maxsize": 1,
    }
    return shift_in(Weather("refused near half", last + 4, spells), draw, options)


@check(
    points=2,
    needs=LATER,
    hints=(
        "What becomes of a parcel that the carrier refuses, and what does it cost?",
        "A refusal is an answer: no retry, no charge to the budget, rejected + 1, and a dead letter.",
        (
            "`except PermanentError as error:` before the others: put (item, tries, error), count it, "
            "and go on with the next item."
        ),
    ),
)
async def test_poison(learner: Subject, draw: Draw) -> None:
    """POISON: only what never succeeds, or is refused, is set aside, and nobody waits for it."""
    five = draw.some(range(3, 50), 5)
    bad = always("fails", items=tuple(five[:3]))
    refused = always("refuses", items=tuple(five[3:]))
    poison = Weather("poison", 60, (bad, refused))
    many = always("refuses", every=2)
    small = {"budget": float(draw.integer(4, 8)), "refund": 0.125}
    mixed = Weather("refusals", 40, (many, always("fails", every=9)))
    later = 0.0, 1.5, Behaviour("fails", every=2)
    then = Weather("refused later", 30, (later, always("refuses", every=3)))
    odd: list[Item] = [
        "same-one",
        "same-one",
        *(Odd(kind) for kind in ODD),
        (7, 8),
        [7, 8],
        "",
        False,
    ]
    strange = Weather("odd", len(odd), (always("fails", every=3), always("refuses", every=4)))
    await judged(
        learner,
        shift_in(poison, draw, {**AMPLE, "attempts": draw.integer(3, 6)}),
        shift_in(mixed, draw, small),
        shift_in(then, draw, AMPLE),
        shift_in(mixed, draw, small, room=1, rest=draw.seconds(0.2, 0.4)),
        shift_in(strange, draw, {**AMPLE, "attempts": 2}, items=draw.shuffled(odd)),
        refused_near_half(draw),
        asked=(set_aside, idle),
    )


@check(
    points=2,
    needs=LATER,
    hints=(
        "A call never answers. Which of your waits ends, and after which time?",
        "The time-out of each call is all that brings its consumer back.",
        "`asyncio.timeout(timeout)` inside of the loop over the calls, around the call and nothing else.",
    ),
)
async def test_hang(learner: Subject, draw: Draw) -> None:
    """HANG: a call that never answers costs `timeout`, and no consumer is lost."""
    hang = Weather("hang", 200, (always("hangs", every=draw.integer(9, 11)),))
    worse = Weather("hang", 40, (always("hangs", every=2),))
    mixed = Weather("hang", 70, (always("hangs", every=4), always("fails", every=3)))
    few = {"consumers": 2, "maxsize": 1}
    await judged(
        learner,
        shift_in(hang, draw, AMPLE),
        shift_in(worse, draw, {**AMPLE, **few}, cleanup=draw.seconds(0.05, 0.4)),
        shift_in(mixed, draw, {"budget": 10.0, "refund": 0.125, "timeout": draw.seconds(0.2, 2.0)}),
        asked=(longest_call, settled, idle),
    )


@check(
    points=2,
    needs=LATER,
    hints=(
        "Forty calls fail at one moment. When do the forty retries begin?",
        "The ceiling comes first and the jitter on top of it, drawn afresh for every pause.",
        (
            "`p = min(max_delay, delay * backoff ** (k - 1))`, then "
            "`await asyncio.sleep(p + random.uniform(0, p * jitter))`."
        ),
    ),
)
async def test_herd(learner: Subject, draw: Draw) -> None:
    """HERD: who failed together comes back spread over the window, also at the ceiling."""
    first = draw.seconds(0.2, 0.3)
    moments = tuple(first + 0.53 * n for n in range(5))
    breaks = tuple((at, at + 0.01, Behaviour("breaks")) for at in moments)
    herd = Weather("herd", 130, breaks, (0.3, 0.5))
    options: dict[str, Any] = {
        "consumers": 40,
        "maxsize": 40,
        "attempts": 8,
        "delay": 0.2,
        "timeout": 5.0,
        "budget": 512.0,
        "refund": 0.5,
    }
    asked = (fullest_tenth,)
    (shift, trace), *_ = await judged(learner, shift_in(herd, draw, options), asked=asked)
    down = Weather("outage", 60, ((0.0, 20.0, Behaviour("fails")),), (0.02, 0.05))
    low = {**options, "max_delay": 0.25, "attempts": 7, "budget": 4096.0}
    (at_ceiling, ran), *_ = await judged(learner, shift_in(down, draw, low))
    afresh(ran, at_ceiling)
    spread(trace, shift)
    spread(ran, at_ceiling)
    values = parts(ran, at_ceiling)
    few = replace(at_ceiling, options={**at_ceiling.options, "attempts": 3})
    # The two have done the same before, so that a seed at the top of the file shows, too.
    elsewhere, once_more = await learner.run_apart((few, 1), (few, 2))
    independence.not_repeated(
        [*values, *parts(elsewhere, few)],
        parts(once_more, few),
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )

    async def again() -> list[float]:
        return parts(await learner.run(at_ceiling, process=1, allow=ENDS), at_ceiling)

    await jitter.uniform_in_two_rounds([*parts(trace, shift), *values], again, "The random part")
    learner.show(trace)


def told(draw: Draw, weather: Weather, stop: float, grace: float, **said: Any) -> Shift:
    """A shift that is told to stop, with a budget that is no matter unless it is said."""
    more = {
        name: said.pop(name)
        for name in ("cleanup", "items", "begins", "room", "rest", "away", "turns")
        if name in said
    }
    return shift_in(weather, draw, {**AMPLE, "grace": grace, **said}, stop=stop, **more)


@check(
    points=3,
    needs=LATER,
    hints=(
        "At the stop, where can a parcel be that was taken and is not settled?",
        (
            "First nothing new: no take, no first call. Then what is in hand goes on, at most `grace` "
            "seconds. Then it is cancelled, and all that was taken and not settled is told."
        ),
        (
            "Await the work or stop.wait(), FIRST_COMPLETED. Cancel the producer, empty the queue, "
            "wait for what is in hand with timeout=grace, cancel the rest."
        ),
    ),
)
async def test_stop(learner: Subject, draw: Draw) -> None:
    """STOP: begins nothing new, finishes what is in hand within `grace`, and accounts for the rest."""
    down = Weather("stop", 90, ((0.3, 3.0, Behaviour("fails", seconds=0.04)),))
    slow = Weather("slow", 40, (), (0.4, 0.49))
    calm = Weather("calm", 60)
    stop = draw.seconds(0.9, 1.4)
    wide = {"consumers": MOST_CONSUMERS, "maxsize": MOST_WAITING}
    paused = {"delay": draw.seconds(0.5, 0.7), "max_delay": 3.0}
    same: list[Item] = [f"parcel-{draw.integer(10, 99)}"] * 30
    odd: list[Item] = [*(Odd(kind) for kind in ODD), (7, 8), [7, 8], "", False, *same]
    lost = always("fails", every=3), always("refuses", every=2)
    full, short = Weather("no room", 50, lost), {"attempts": 2, "room": draw.integer(1, 3)}
    grace, later = draw.seconds(0.5, 0.7), draw.seconds(0.9, 1.2)
    runs = await judged(
        learner,
        told(draw, calm, draw.seconds(0.3, 0.6), 5.0),
        told(draw, calm, draw.seconds(0.3, 0.6), 5.0, consumers=1, maxsize=1),
        told(draw, slow, draw.seconds(0.6, 0.7), 0.0),
        told(draw, slow, draw.seconds(0.5, 0.6), draw.seconds(0.05, 0.1)),
        told(draw, slow, draw.seconds(0.5, 0.6), 0.0, cleanup=draw.seconds(0.3, 0.4)),
        told(draw, down, stop, draw.seconds(0.3, 0.6)),
        told(draw, down, stop, draw.seconds(2.5, 3.0)),
        told(draw, down, stop, 0.0, consumers=2),
        told(draw, down, stop, draw.seconds(4.0, 5.0), **paused),
        told(draw, down, stop, draw.seconds(0.05, 0.1), **paused),
        told(draw, down, stop, 1.0, budget=8.0),
        told(draw, replace(slow, length=215), draw.seconds(0.6, 0.7), 0.2, **wide),
        told(draw, replace(down, length=len(odd)), 0.8, 0.3, items=odd),
        told(draw, full, stop, grace, **short),
        told(draw, full, stop, 0.0, **short),
        told(draw, full, later, grace, **short, rest=draw.seconds(0.11, 0.19)),
        told(draw, full, later, 5.0, **short, rest=0.02, away=later + draw.seconds(0.2, 0.4)),
        told(draw, down, stop, grace, budget=8.0, room=2),
        told(draw, calm, 0.0, 1.0, begins=draw.seconds(0.1, 0.2)),
        told(draw, replace(calm, length=9), draw.seconds(50.0, 60.0), 1.0),
        cut_off_before_the_end(draw),
        asked=(returned, accounted),
        main=5,
    )
    twins = same_objects(draw)
    await judged(learner, *(as_others(draw, one) for one in twins))
    each_time_an_item(await learner.run_all(twins, allow=ENDS))
    learner.show(runs[5][1])


def cut_off_before_the_end(draw: Draw) -> Shift:
    """Calls that were cut off are still cleaning up when the grace is over."""
    hung = Weather("hung", 30, (always("hangs"),))
    stop, grace = draw.seconds(0.2, 0.3), draw.seconds(0.4, 0.45)
    return told(draw, hung, stop, grace, cleanup=draw.seconds(0.3, 0.4))


def same_objects(draw: Draw) -> list[Shift]:
    """Shifts over objects that come again: in hand or waiting at the stop, and never told to stop."""
    stop, grace = draw.seconds(0.2, 0.3), draw.seconds(0.02, 0.05)

    def again(turns: Sequence[int], grace: float, **said: Any) -> Shift:
        slow = Weather("same objects", max(turns) + 1, (), (0.4, 0.49))
        return told(draw, slow, stop, grace, turns=tuple(turns), **said)

    return [
        again([0, 0, 1, 2, 3, 4, 5, 6], grace),
        again([0, 1, 2, 3, 4, 0, 5, 6], 5.0),
        again([0] * 5, grace, consumers=1, maxsize=1),
        replace(again([0, 1, 2, 0, 3, 0, 4], grace), stop=None),
    ]


@check(
    needs=LATER,
    hints=(
        "Which number in your code is a constant, and which wait ends by itself after an hour?",
        "Every setting comes from the call, each run has its own, and no wait has a limit but `timeout`.",
        "Nothing at module level that a run changes; no other timeout, and no sleep but the pause.",
    ),
)
async def test_settings(learner: Subject, draw: Draw) -> None:
    """Keeps to every setting, however large, and two runs at the same time do not disturb each other."""
    hours = draw.hours()
    long = {**AMPLE, "timeout": hours + 60.0}
    weary = always("fails", items=(1, 4), seconds=0.01)
    often = {**AMPLE, "attempts": MOST_ATTEMPTS, "backoff": 8.0, "max_delay": 0.03}
    rests = {**AMPLE, "delay": hours, "max_delay": hours, "jitter": 0, "attempts": 2}
    asks = always("fails", items=(1,), retry_after=hours)
    half = Weather("one of two is down", 40, (always("fails", items=tuple(range(20))),))
    account = {"budget": float(draw.integer(6, 9)), "refund": 0.5, "backoff": 1.5}
    long_grace = {**long, "grace": hours + 90.0}
    await judged(
        learner,
        shift_in(Weather("slow", 7, (), (hours - 9.0, hours)), draw, long),
        shift_in(Weather("weary", 8, (always("fails", items=(4,), seconds=0.01),)), draw, often),
        shift_in(Weather("rests", 8, (weary,)), draw, rests),
        shift_in(Weather("asks", 6, (asks,)), draw, {**AMPLE, "attempts": 2}),
        shift_in(Weather("slow", 9, (), (hours - 9.0, hours)), draw, long_grace, stop=60.0),
        shift_in(Weather("full", 9, (weary,)), draw, rests, room=1, rest=hours),
        shift_in(half, draw, account, beside=20),
    )
    down = Weather("down", 10, (always("fails", seconds=0.01),))
    lone = shift_in(down, draw, AMPLE)
    unsaid = replace(lone, unsaid=frozenset(DEFAULTS) - frozenset(AMPLE))
    (_, said), (_, by_default) = await judged(learner, lone, unsaid)
    jitter.window_by_default(parts(said, lone), parts(by_default, unsaid), by_default)


@check(
    points=2,
    needs=LATER,
    hints=(
        "A bug raises a ValueError in a consumer: who sees it?",
        "Only failures that you know are repeated or set aside; every other error is somebody's to mend.",
        "No `except Exception`; a TaskGroup around everything raises what a task raised.",
    ),
)
async def test_lets_errors_surface(learner: Subject, draw: Draw) -> None:
    """Any other error surfaces from run_service, also in the grace, and never hangs it."""
    kinds = [
        "ValueError",
        "RuntimeError",
        "OSError",
        "ExceptionGroup",
        "QueueEmpty",
        "StopAsyncIteration",
        HARD_STOP,
    ]
    shifts = [failing(draw, kind, (draw.integer(1, 9),)) for kind in kinds]
    shifts.append(failing(draw, "ValueError", tuple(range(5))))
    slow = replace(failing(draw, "ValueError", (1,)), stop=draw.seconds(0.01, 0.03))
    shifts.append(slow)
    kinds += ["ValueError", "ValueError"]
    for length in (0, draw.integer(2, 4), draw.integer(9, 20)):
        kinds.append(draw.one_of(("ValueError", "LookupError", "OSError")))
        weather = Weather("broken items", length, (always("fails", every=7),))
        shifts.append(shift_in(weather, draw, AMPLE, fault=kinds[-1]))
    runs = await learner.run_all(shifts, allow=ENDS)
    for kind, (shift, trace) in zip(kinds, runs, strict=True):
        try:
            surfaced(Facts(trace, shift), kind)
        except Failure as failure:
            raise failure.about(trace) from None


def failing(draw: Draw, kind: str, places: Sequence[int]) -> Shift:
    """A shift in which the calls of these items raise an error that nobody is to retry."""
    wrong = always("raises", items=tuple(places), error=kind)
    return shift_in(Weather("bug", 20, (wrong, always("fails", every=7))), draw, AMPLE)
