"""What a pipeline does when it is told to stop, question by question.

Each function raises `Failure` with the evidence, or returns when all is well. `told_well` asks them in
the order in which one mistake explains the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from grader.course.api import Failure, Misconception, Mistake, Odd, Trace, Try, ends, lines
from grader.course.ex10_stop_when_told.mistakes import (
    BEGINS_AFTER_STOP,
    GRACE_TOO_LONG,
    GRACE_TOO_SHORT,
    IGNORES_GRACE,
    IGNORES_STOP,
    ITEM_IN_THE_PUT_LOST,
    NO_RETRIES_IN_THE_GRACE,
    PAUSE_CUT_BY_STOP,
    POLLS,
    STOP_CUTS_CLEAN_UP,
    STOPS_AT_ONCE,
    TAKES_AFTER_STOP,
    UNFINISHED_HOLDS_SETTLED,
    UNFINISHED_INCOMPLETE,
    UNFINISHED_NOT_THE_ITEMS,
    UNFINISHED_OUT_OF_ORDER,
    WAITS_FOR_WAITING_ITEMS,
    WAITS_OUT_THE_GRACE,
    ZERO_GRACE,
)
from grader.course.ex10_stop_when_told.told import CLOCK, Facts, Runs, Told
from grader.course.mistakes.counts import (
    COUNTS_UNSETTLED_ITEM,
    RETURNS_NOTHING,
    STATS_KEYS_MISSING,
    STATS_WRONG,
)
from grader.course.mistakes.crew import CONSUMERS_NEVER_TOLD_TO_STOP, TASKS_LEFT_BEHIND
from grader.course.mistakes.errors import SWALLOWS_CANCELLATION
from grader.course.mistakes.items import EQUAL_ITEMS_MERGED
from grader.course.mistakes.marks import RETURNS_WITHOUT_WAITING, SLEEPS_BEFORE_RETURN
from grader.course.mistakes.tries import OWN_TIMEOUT_ADDED

__all__ = [
    "accounted",
    "in_hand_go_on",
    "looks_in_time",
    "never_polls",
    "nothing_new",
    "returned_in_time",
    "told_well",
    "unfinished_is",
    "works_until_told",
]

LOOKS = 3  # timers of one line that ring for nothing: once or twice is no polling
PIECES = 10  # a pause may be slept in some pieces

IN_HAND = "Items in hand go on for grace seconds from `stop`, retries included"


def told_well(runs: Runs, upto: Callable[[Runs], None] | None = None) -> None:
    """Everything about runs that were told to stop; `upto`: the last question to ask."""
    for ask in QUESTIONS:
        ask(runs)
        if ask is upto:
            return


def _name(trace: Trace, item: int) -> str:
    return f"item {trace.name(item)}"


def _names(trace: Trace, items: list[int]) -> str:
    names = [trace.name(item) for item in items[:4]]
    more = f" and {len(items) - 4} more" if len(items) > 4 else ""
    return f"item{'s' if len(items) > 1 else ''} {', '.join(names)}{more}"


def _told(scenario: Told) -> str:
    if scenario.stop is None:
        return "never told to stop"
    return f"told to stop at {scenario.stop:.3f} s, with grace={scenario.options['grace']:.6g}"


# -- waking up for nothing -------------------------------------------------------------------


def works_until_told(runs: Runs) -> None:
    """It does not end before the stop while there is anything left to do."""
    for scenario, trace in runs:
        facts = Facts(trace, scenario)
        if trace.how != "returned" or trace.clock >= facts.stop - CLOCK or scenario.beside:
            continue
        left = [item for item in range(facts.first) if not facts.settled(item)]
        if left:
            raise RETURNS_WITHOUT_WAITING(
                f"run_pipeline returned at {trace.clock:.3f} s, before it was told to stop, and "
                f"{_names(trace, left)} {'was' if len(left) == 1 else 'were'} not settled.",
                "As long as `stop` is not set it goes on until every item is settled.",
                at=trace.clock,
                task=1,
                item=left[0],
            ).about(trace)


def never_polls(runs: Runs) -> None:
    """Timers ring at the ends of pauses, and when the grace is over."""
    for scenario, trace in runs:
        over = Facts(trace, scenario).over
        known = [over, *(one.start for one in trace.tries if one.number > 1)]
        pauses = [(one.start, one.start + one.pause) for one in trace.retries]
        looks: Counter[Any] = Counter()
        for timer in trace.of("timer"):
            if any(abs(timer.at - at) <= CLOCK for at in known):
                continue
            if timer.at > over and abs(timer.data[0] - scenario.options["grace"]) <= CLOCK:
                continue  # a grace that is counted once more
            task, line = timer.task, timer.line
            pause = next((one for one in pauses if one[0] < timer.at < one[1]), None)
            looks[task, line, pause] += 1
            if (count := looks[task, line, pause]) < (LOOKS if pause is None else PIECES):
                continue
            raise POLLS(
                f"{trace.label(task) if task else 'A timer'} woke up {count} times by {timer.at:.3f} s, "
                f"and nothing had happened{lines([line])}: the last time after {timer.data[0]:.6g} s.",
                "Waiting is awaiting: `stop`, a queue and a task each wake whoever waits for them.",
                line=line,
                at=timer.at,
                task=task or None,
            ).about(trace)


def looks_in_time(trace: Trace) -> None:
    """Never told to stop, it does not find out by a look, some time later, that all is settled."""
    ended = max((one.end for one in trace.tries if one.end is not None), default=0.0)
    workers = {one.task for one in trace.tries}
    late = [e for e in trace.of("timer") if e.at > ended + CLOCK and e.task not in workers]
    if late and late[-1].at - late[-1].data[0] < ended - CLOCK:
        raise POLLS(
            f"The last item was finished at {ended:.3f} s, and run_pipeline found out only when it "
            f"looked again at {late[-1].at:.3f} s{lines([late[-1].line])}.",
            "Waiting is awaiting: whatever comes first, the end of the work or `stop`, wakes it.",
            line=late[-1].line,
            at=ended,
            task=1,
        ).about(trace)


# -- after the stop --------------------------------------------------------------------------


def nothing_new(runs: Runs) -> None:
    """After `stop` no item is taken, and no first try begins."""
    for scenario, trace in runs:
        facts = Facts(trace, scenario)
        took = [e for e in facts.taken.values() if e.at > facts.stop + CLOCK]
        began = [one for one in facts.began.values() if one.start > facts.stop + CLOCK]
        began = sorted((one for one in began if one.item < facts.first), key=lambda one: one.start)
        if not took and not began:
            continue
        seen = f"run_pipeline was {_told(scenario)}"
        if took and began and len(facts.taken) == facts.first == len(facts.began):
            raise IGNORES_STOP(
                f"{seen}, and went on until all {facts.first} items were taken and begun.",
                "After `stop` nothing is taken and nothing is begun.",
                at=took[0].at,
                task=took[0].task,
                line=took[0].line,
            ).about(trace)
        if took:
            before = "already set when run_pipeline was called" if scenario.begins else "set"
            raise TAKES_AFTER_STOP(
                f"{seen}, and {_name(trace, took[0].data[0])} was taken at {took[0].at:.3f} s"
                f"{lines([took[0].line])}.",
                f"When `stop` is {before}, no further item is taken from `items`.",
                at=took[0].at,
                task=took[0].task,
                item=took[0].data[0],
                line=took[0].line,
            ).about(trace)
        one = began[0]
        raise BEGINS_AFTER_STOP(
            f"{seen}, and the first try of {_name(trace, one.item)} began at {one.start:.3f} s"
            f"{lines([one.line])}.",
            "After `stop` no item's first try begins: what waits is unfinished.",
            at=one.start,
            task=one.task,
            item=one.item,
            line=one.line,
        ).about(trace)


def in_hand_go_on(runs: Runs) -> None:
    """Items in hand go on until they are settled or the grace is over, and then they are cancelled."""
    _grace_is_the_parameter(runs)
    for scenario, trace in runs:
        facts = Facts(trace, scenario)
        for item in facts.in_hand():
            for one in trace.tries_of(item):
                _ends_with_the_grace(facts, one)
            _tried_again(facts, item)


def _grace_is_the_parameter(runs: Runs) -> None:
    told = [(scenario, trace) for scenario, trace in runs if scenario.stop is not None]
    offsets: dict[float, float] = {}
    for scenario, trace in told:
        facts = Facts(trace, scenario)
        cut = [facts.broken_off(one) for one in facts.tries()]
        ends = [at - facts.stop for at in cut if at is not None]
        if ends:
            offsets[float(scenario.options["grace"])] = round(max(ends), 4)
    wrong = [grace for grace, offset in offsets.items() if abs(grace - offset) > 1e-3]
    if (
        len(offsets) > 1
        and len({*offsets.values()}) == 1
        and next(iter(offsets.values()))
        and wrong
    ):
        after = next(iter(offsets.values()))
        scenario, trace = next(run for run in told if run[0].options["grace"] == wrong[0])
        raise IGNORES_GRACE(
            f"With grace={' or '.join(f'{grace:.3g}' for grace in offsets)} what was in hand was "
            f"cancelled {after:.3g} s after `stop`, each time.",
            "The parameter says how many seconds are granted.",
            at=(scenario.stop or 0.0) + after,
        ).about(trace)


def _ends_with_the_grace(facts: Facts, one: Try) -> None:
    trace, scenario = facts.trace, facts.scenario
    item, over = _name(trace, one.item), facts.over
    asks = f"{IN_HAND}: until {over:.3f} s. Then what is left is cancelled."
    seen = f"run_pipeline was {_told(scenario)}. "
    at = one.start
    place: dict[str, Any] = {"task": one.task, "item": one.item}
    if at > over + CLOCK:
        raise _too_long(facts, f"Try {one.number} of {item} began at {at:.3f} s", asks, at, one)
    before = next((t for t in trace.retries_of(one.item) if t.number == one.number - 1), None)
    shortest = scenario.longest_pause(one.number - 1) / (1 + scenario.options["jitter"])
    if before is not None and abs(at - over) <= CLOCK and before.pause < shortest - CLOCK:
        raise SWALLOWS_CANCELLATION(
            f"{seen}The pause of {item} was cut off when the grace was over, and try {one.number} began "
            f"at that moment{lines([one.line])}.",
            "A pause that is cancelled ends with CancelledError, which leaves the consumer.",
            line=one.line,
            at=at,
            **place,
        ).about(trace)
    if before is not None and at > facts.stop - CLOCK and before.pause < shortest - CLOCK:
        raise PAUSE_CUT_BY_STOP(
            f"{seen}Try {before.number} of {item} had failed at {before.start:.3f} s, and the next one "
            f"began {before.pause:.3f} s later{lines([one.line])}.",
            f"Pauses are as before, also in the grace: at least {shortest:.3f} s.",
            line=one.line,
            at=at,
            **place,
        ).about(trace)
    broken = facts.broken_off(one)
    end = broken if broken is not None else one.end
    if end is None and trace.how == "returned":
        return  # it is left behind
    if end is None or end > over + CLOCK:
        how = f"went on until {end:.3f} s" if end is not None else "was never cancelled"
        raise _too_long(facts, f"Try {one.number} of {item} {how}", asks, over, one)
    if broken is not None and broken < over - CLOCK:
        seen += f"Try {one.number} of {item} was cancelled at {broken:.3f} s, "
        mistake: Mistake = GRACE_TOO_SHORT
        if broken < facts.stop - CLOCK:
            mistake, left = OWN_TIMEOUT_ADDED, "before the stop"
        else:
            left = f"when {over - broken:.3f} s of the grace were left"
            mistake = STOPS_AT_ONCE if broken <= facts.stop + CLOCK else GRACE_TOO_SHORT
        raise mistake(f"{seen}{left}.", asks, at=broken, **place).about(trace)
    again = [t for t in trace.tries_of(one.item) if t.number == one.number + 1]
    if broken is not None and again:
        raise SWALLOWS_CANCELLATION(
            f"{seen}Try {one.number} of {item} was cancelled at {broken:.3f} s, when the grace was "
            f"over, and at {again[0].start:.3f} s it was tried again{lines([again[0].line])}.",
            "A try that is cancelled ends with CancelledError, which is neither a failure nor retried: "
            "it leaves the consumer.",
            line=again[0].line,
            at=again[0].start,
            **place,
        ).about(trace)
    if broken is not None:
        _cleaned_up(facts, one, broken)


def _cleaned_up(facts: Facts, one: Try, broken: float) -> None:
    trace, scenario = facts.trace, facts.scenario
    if one.end is None or one.end - broken >= scenario.cleanup - CLOCK:
        return
    raise STOP_CUTS_CLEAN_UP(
        f"Try {one.number} of {_name(trace, one.item)} was cancelled at {broken:.3f} s, when the grace "
        f"was over, and needed {scenario.cleanup:.6g} s to clean up: it was broken off after "
        f"{one.end - broken:.6g} s.",
        "What is cancelled is cancelled once, and has the time that it needs to clean up.",
        at=one.end,
        task=one.task,
        item=one.item,
    ).about(trace)


def _too_long(facts: Facts, what: str, asks: str, at: float, one: Try) -> Failure:
    scenario = facts.scenario
    mistake = GRACE_TOO_LONG if scenario.options["grace"] else ZERO_GRACE
    return mistake(
        f"run_pipeline was {_told(scenario)}. {what}{lines([one.line])}.",
        asks,
        at=at,
        task=one.task,
        item=one.item,
    ).about(facts.trace)


def _tried_again(facts: Facts, item: int) -> None:
    trace, scenario = facts.trace, facts.scenario
    last = facts.paused(item)
    if last is None or last.end is None:
        return
    back = last.end + scenario.longest_pause(last.number)
    if back < facts.over - CLOCK:
        raise NO_RETRIES_IN_THE_GRACE(
            f"run_pipeline was {_told(scenario)}. Try {last.number} of {_name(trace, item)} failed at "
            f"{last.end:.3f} s, and it was never tried again, with attempts="
            f"{scenario.options['attempts']}.",
            f"{IN_HAND}: its pause would have been over by {back:.3f} s, and the grace was at "
            f"{facts.over:.3f} s.",
            at=last.end,
            task=last.task,
            item=item,
        ).about(trace)


# -- the end ---------------------------------------------------------------------------------


def returned_in_time(runs: Runs) -> None:
    """It returns as soon as nothing is in hand, with no task left."""
    for scenario, trace in runs:
        if trace.how == "deadlock":
            raise _why_stuck(Facts(trace, scenario)).about(trace)
        if trace.left:
            raise TASKS_LEFT_BEHIND(
                f"run_pipeline was {_told(scenario)}. It returned at {trace.clock:.3f} s, and left tasks "
                f"behind: {ends.waiting_words(trace, trace.left)}.",
                "It returns when what was cancelled has cleaned up, and then no task is left.",
                line=trace.left[0].line,
                at=trace.clock,
                task=1,
            ).about(trace)
    late = [(Facts(trace, scenario), trace) for scenario, trace in runs]
    late = [(facts, trace) for facts, trace in late if trace.clock > _latest(facts) + CLOCK]
    late.sort(key=lambda run: bool(run[0].waiting()))
    for facts, trace in late:
        raise _why_late(facts).about(trace)


def _latest(facts: Facts) -> float:
    """When the run has to have returned."""
    ends = [one.end for one in facts.tries() if one.end is not None]
    last = max([*ends, facts.scenario.begins])
    if facts.unfinished():
        last = max(last, facts.stop)
    return max(last, facts.over) if any(map(facts.paused, facts.in_hand())) else last


def _why_late(facts: Facts) -> Failure:
    trace, scenario = facts.trace, facts.scenario
    due = _latest(facts)
    waiting = facts.waiting()
    seen = (
        f"run_pipeline was {_told(scenario)}. From {due:.3f} s on nothing was in hand, and it "
        f"returned only at {trace.clock:.3f} s"
    )
    asks = "It returns as soon as nothing is in hand."
    naps = [e for e in trace.of("timer") if e.at > due + CLOCK]
    line = naps[-1].line if naps else None
    if abs(trace.clock - facts.over) > CLOCK:
        return SLEEPS_BEFORE_RETURN(f"{seen}{lines([line])}.", asks, line=line, at=due, task=1)
    if waiting:
        return WAITS_FOR_WAITING_ITEMS(
            f"{seen}, when the grace was over{lines([line])}: {_names(trace, waiting)} still waited, and "
            "nobody was to begin them.",
            asks,
            line=line,
            at=due,
            task=1,
        )
    return WAITS_OUT_THE_GRACE(
        f"{seen}, when the grace was over{lines([line])}.", asks, line=line, at=due, task=1
    )


def _why_stuck(facts: Facts) -> Failure:
    trace, scenario = facts.trace, facts.scenario
    waits = f"Waiting for ever: {ends.waiting_words(trace, trace.waits)}."
    seen = f"run_pipeline was {_told(scenario)}, and it never returns"
    stuck = {wait.inside.rpartition(".")[2]: wait for wait in reversed(trace.waits)}
    wait = stuck.get("join") or stuck.get("put")
    waiting = facts.waiting()
    if wait is not None and waiting:
        what = "waits for room" if wait.inside.endswith("put") else "waits for all that was put"
        return WAITS_FOR_WAITING_ITEMS(
            f"{seen}: {trace.label(wait.task)} {what}{lines([wait.line])}, and nobody will take "
            f"{_names(trace, waiting)} any more.",
            waits,
            why="deadlock",
            line=wait.line,
            at=trace.clock,
            task=wait.task,
        )
    idle = stuck.get("get")
    if idle is not None:
        return CONSUMERS_NEVER_TOLD_TO_STOP(
            f"{seen}: {trace.label(idle.task)} still waits for an item{lines([idle.line])}.",
            waits,
            why="deadlock",
            line=idle.line,
            at=trace.clock,
            task=idle.task,
        )
    failure = ends.unwelcome_end(trace, scenario, ())
    assert failure is not None
    return failure


# -- the account -----------------------------------------------------------------------------


def accounted(runs: Runs) -> None:
    """Every item taken is settled or unfinished, and the counts are true."""
    for scenario, trace in runs:
        facts = Facts(trace, scenario)
        try:
            unfinished_is(facts, facts.result(), facts.unfinished())
            _counts_true(facts)
        except Failure as failure:
            raise failure.about(trace) from None


def unfinished_is(facts: Facts, result: Any, wanted: list[int]) -> None:
    """The result's `unfinished` holds just these items, in this order."""
    trace = facts.trace
    asks = f"It is a list of the items themselves: {_listed(trace, wanted)}."
    if not isinstance(result, Mapping):
        raise RETURNS_NOTHING(
            f"run_pipeline returned {result!r:.60}.",
            'It returns a dict with consumed, retried, failed and "unfinished".',
            at=trace.clock,
            task=1,
        )
    found = result.get("unfinished")
    if not isinstance(found, list):
        what = f"is {found!r:.60}" if "unfinished" in result else "is missing in the result"
        if isinstance(found, Mapping) and [*found] == ["object"]:
            what = f"is a {found['object']}"
        raise UNFINISHED_NOT_THE_ITEMS(f'"unfinished" {what}.', asks, at=trace.clock, task=1)
    got = [
        row["item"] if isinstance(row, Mapping) and [*row] == ["item"] else None for row in found
    ]
    if None in got:
        odd = found[got.index(None)]
        held = (
            [v["item"] for v in odd if isinstance(v, Mapping) and "item" in v]
            if type(odd) is list
            else []
        )
        what = f"a pair or list with {_name(trace, held[0])} in it" if held else f"{odd!r:.60}"
        raise UNFINISHED_NOT_THE_ITEMS(
            f'"unfinished" holds something that is no item: {what}.', asks, at=trace.clock, task=1
        )
    items = [item for item in got if item is not None]
    if failure := _wrong(facts, items, wanted):
        failure.asks = asks
        raise failure


def _listed(trace: Trace, items: list[int]) -> str:
    names = ", ".join(trace.name(item) for item in items[:12])
    return f"[{names}{', ...' if len(items) > 12 else ''}]"


def _wrong(facts: Facts, got: list[int], wanted: list[int]) -> Misconception | None:
    """The failure for a list that holds other items than it should."""
    trace = facts.trace
    seen = f'run_pipeline was {_told(facts.scenario)}. "unfinished" is {_listed(trace, got)}'
    more = [item for item in got if item not in wanted]
    if more or len({*got}) < len(got):
        item = more[0] if more else next(item for item in got if got.count(item) > 1)
        how = "settled" if facts.settled(item) else "never taken" if more else "in it twice"
        return UNFINISHED_HOLDS_SETTLED(
            f"{seen}, and {_name(trace, item)} is {how}.", at=trace.clock, item=item, task=1
        )
    missing = [item for item in wanted if item not in got]
    if not missing:
        if got == wanted:
            return None
        return UNFINISHED_OUT_OF_ORDER(
            f"{seen}: the items are not in the order in which they were taken.",
            at=trace.clock,
            task=1,
        )
    item = missing[0]
    if (
        missing == wanted[-1:] == [max(facts.taken)]
        and item not in facts.began
        and _in_the_put(facts)
    ):
        return ITEM_IN_THE_PUT_LOST(
            f"{seen}. Item {trace.name(item)} is missing: it was taken at "
            f"{facts.taken[item].at:.3f} s, and was being put when the stop came.",
            at=facts.taken[item].at,
            task=facts.taken[item].task,
            item=item,
        )
    earlier = {one: [trace.items[other] for other in got if other < one] for one in missing}
    if all(any(_equal(trace.items[one], other) for other in earlier[one]) for one in missing):
        return EQUAL_ITEMS_MERGED(
            f"{seen}. Item {trace.name(item)} is missing: another one that is equal to it is there.",
            at=trace.clock,
            item=item,
            task=1,
        )
    where = "cut off in a pause" if item in facts.began else "waiting to be begun"
    if item in facts.began and trace.tries_of(item)[-1].outcome == "cancelled":
        where = "cut off in a try"
    return UNFINISHED_INCOMPLETE(
        f"{seen}. I{_names(trace, missing)[1:]} {'is' if len(missing) == 1 else 'are'} missing: "
        f"{'it' if len(missing) == 1 else _name(trace, item)} was taken, and was {where}.",
        at=trace.clock,
        item=item,
        task=1,
    )


def _equal(one: Any, other: Any) -> bool:
    """Whether a comparison of two items says that they are equal."""
    anything = Odd("equal")
    return anything in (one, other) or (type(one) is type(other) and bool(one == other))


def _in_the_put(facts: Facts) -> bool:
    """Whether the queue was full, and one more item taken, when the stop came."""
    return bool(len(facts.waiting()) == facts.scenario.options["maxsize"] + 1)


def _counts_true(facts: Facts) -> None:
    trace, result, tries = facts.trace, facts.result(), [*facts.tries()]
    given_up = [item for item in facts.taken if facts.settled(item)]
    true = {
        "consumed": sum(one.outcome == "ok" for one in tries),
        "failed": sum(trace.tries_of(item)[-1].outcome == "transient" for item in given_up),
        "retried": sum(one.number > 1 for one in tries),
    }
    cut = sum(1 for item in facts.in_hand() if facts.paused(item) is not None)
    for key, right in true.items():
        said, most = result.get(key), right + (cut if key == "retried" else 0)
        if said is None:
            raise STATS_KEYS_MISSING(
                f'There is no "{key}" in the result.', "The three counts are always there."
            )
        if type(said) is int and right <= said <= most:
            continue
        more = type(said) is int and said > right and key != "retried"
        mistake = COUNTS_UNSETTLED_ITEM if more else STATS_WRONG
        range_ = f"{right}" if right == most else f"{right} to {most}"
        raise mistake(
            f'run_pipeline was {_told(facts.scenario)}. "{key}" is {said!r:.40} where it should be '
            f"{range_}.",
            "Only what succeeded is consumed, and only what was given up on after `attempts` failed "
            "tries is failed; what was cut off is neither.",
            at=trace.clock,
            task=1,
        )


QUESTIONS = (never_polls, works_until_told, nothing_new, in_hand_go_on, returned_in_time, accounted)
