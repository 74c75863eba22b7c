"""Whether after each failed try was done what the budget says, and if not, by which mistake."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from grader.course.api import SAME_TIME, Failure, Misconception, Mistake, Trace, Try, lines, span
from grader.course.ex13_budget_the_retries.budgets import Policy, Ruling, Run, Runs, decides_like
from grader.course.ex13_budget_the_retries.mistakes import (
    BUDGET_BELOW_ZERO,
    BUDGET_LOSES_UPDATES,
    BUDGET_MISCOUNTED,
    BUDGET_NEVER_REFILLED,
    BUDGET_OUTLIVES_THE_RUN,
    BUDGET_OVERFLOWS,
    BUDGET_PER_CONSUMER,
    BUDGET_PER_ITEM,
    BUDGET_SETTINGS_IGNORED,
    BUDGET_SPENT_TO_THE_END,
    DECIDED_ONCE_PER_ITEM,
    EVERY_TRY_CHARGED,
    FIRST_TRY_REFUSED,
    GIVEN_UP_ITEMS_CHARGED,
    GIVES_UP_AFTER_THE_PAUSE,
    HALF_IS_ENOUGH,
    HALF_ROUNDED,
    LAST_FAILURE_FREE,
    LOOKS_BEFORE_COUNTING,
    NO_RETRY_BUDGET,
    REFUND_FOR_SOME_ONLY,
    RETRIES_CHARGED,
    SUCCESS_FILLS_THE_BUDGET,
    WAITS_FOR_THE_BUDGET,
)
from grader.course.mistakes.crew import GIVING_UP_ENDS_CONSUMER
from grader.course.mistakes.pauses import SLEEPS_AFTER_LAST_FAILURE
from grader.trace import Event

__all__ = [
    "as_the_budget_says",
    "known_mistake",
    "no_pause_after_the_last",
    "none_ends_with_a_refusal",
    "none_raises_when_refused",
    "none_refused_its_first_try",
    "none_waits",
]

_FULL = 10.0  # the defaults of the signature
_REFUND = 0.1

POLICIES: Sequence[tuple[Mistake, Policy, str]] = (
    (NO_RETRY_BUDGET, Policy(half=-inf), "it is retried whatever the others meet with."),
    (
        BUDGET_SETTINGS_IGNORED,
        Policy(full=_FULL),
        f"it fits a budget of {_FULL:g}, the default, whatever is asked.",
    ),
    (
        BUDGET_SETTINGS_IGNORED,
        Policy(refund=_REFUND),
        f"it fits a refund of {_REFUND:g}, the default, whatever is asked.",
    ),
    (
        BUDGET_SETTINGS_IGNORED,
        Policy(full=_FULL, refund=_REFUND),
        f"it fits a budget of {_FULL:g} and a refund of {_REFUND:g}, the defaults, whatever is asked.",
    ),
    (
        BUDGET_SETTINGS_IGNORED,
        Policy(half=_FULL / 2),
        f"it is compared with {_FULL / 2:g}, half of the default, whatever is asked.",
    ),
    (
        BUDGET_SETTINGS_IGNORED,
        Policy(refund=1.0),
        "each success gives 1 back, whatever refund says.",
    ),
    (HALF_IS_ENOUGH, Policy(or_equal=True), "exactly half was enough for a retry."),
    (HALF_ROUNDED, Policy(whole=True), "half of the budget was rounded down."),
    (BUDGET_SPENT_TO_THE_END, Policy(half=0.0), "it is spent to the end, not to its half."),
    (
        BUDGET_SPENT_TO_THE_END,
        Policy(half=0.0, looks="before"),
        "it is spent to the end, not to its half.",
    ),
    (BUDGET_SPENT_TO_THE_END, Policy(half=0.99999), "it is spent to the end, not to its half."),
    (
        LOOKS_BEFORE_COUNTING,
        Policy(looks="before"),
        "it was looked at before this failure was counted.",
    ),
    (
        BUDGET_PER_CONSUMER,
        Policy(scope="task"),
        "that is so if each consumer has a budget of its own.",
    ),
    (BUDGET_PER_ITEM, Policy(scope="item"), "that is so if each item has a budget of its own."),
    (
        BUDGET_OUTLIVES_THE_RUN,
        Policy(scope="forever"),
        "that is so if a run goes on with what an earlier one has left.",
    ),
    (
        BUDGET_OUTLIVES_THE_RUN,
        Policy(scope="kept"),
        "that is so if a run goes on with what an earlier one has left.",
    ),
    (
        BUDGET_OUTLIVES_THE_RUN,
        Policy(scope="together"),
        "that is so if two runs at the same time share one budget.",
    ),
    (LAST_FAILURE_FREE, Policy(charges="early failures"), "the last try of an item costs nothing."),
    (
        RETRIES_CHARGED,
        Policy(charges="retries", looks="before"),
        "that is so if retries are paid for, and not failed tries.",
    ),
    (
        RETRIES_CHARGED,
        Policy(charges="retries"),
        "that is so if retries are paid for, and not failed tries.",
    ),
    (
        RETRIES_CHARGED,
        Policy(charges="retries", looks="before", half=0.0),
        "that is so if retries are paid for, and not failed tries, until nothing is left.",
    ),
    (
        GIVEN_UP_ITEMS_CHARGED,
        Policy(charges="last failures"),
        "that is so if only items that are given up on are charged.",
    ),
    (
        GIVEN_UP_ITEMS_CHARGED,
        Policy(charges="last failures", looks="before"),
        "that is so if only items that are given up on are charged.",
    ),
    (EVERY_TRY_CHARGED, Policy(charges="tries"), "tries that succeed are charged, too."),
    (EVERY_TRY_CHARGED, Policy(charges="begins"), "tries that succeed are charged, too."),
    (BUDGET_NEVER_REFILLED, Policy(gains="none"), "successes have given nothing back."),
    (SUCCESS_FILLS_THE_BUDGET, Policy(refund=inf), "one success has filled it to the top."),
    (
        REFUND_FOR_SOME_ONLY,
        Policy(gains="first tries"),
        "successes of a retry have given nothing back.",
    ),
    (
        REFUND_FOR_SOME_ONLY,
        Policy(gains="retries"),
        "only successes of a retry have given something back.",
    ),
    (BUDGET_OVERFLOWS, Policy(capped=False), "successes have filled it beyond its top."),
    (BUDGET_BELOW_ZERO, Policy(floored=False), "failures have taken it below 0."),
    (
        BUDGET_LOSES_UPDATES,
        Policy(reads="begin"),
        "that is so if each try reads it before its call, and writes it after: what others did is lost.",
    ),
    (
        GIVES_UP_AFTER_THE_PAUSE,
        Policy(looks="late"),
        "that was so by what was left after the pause.",
    ),
    (
        DECIDED_ONCE_PER_ITEM,
        Policy(looks="once"),
        "the first failure of an item has decided for all of its tries.",
    ),
)

ASKS = (
    "An item with tries left is retried if more than half of the budget is left when its try has "
    "failed, that failure counted; else it is given up on at once."
)


def as_the_budget_says(runs: Runs) -> None:
    """After each failed try the item is retried, or given up on at once, as the budget says."""
    known = known_mistake(runs)
    if known is not None:
        raise known
    for run in runs:
        _no_pause_before_giving_up(run)


def known_mistake(runs: Runs, *, named: bool = False) -> Failure | None:
    """The failure for the first wrong decision, with a mistake that explains all runs; None if none.

    named: None, too, where no mistake of the budget's explains it.
    """
    said = [run for run in runs if not run.scenario.unsaid]
    wrong = next((run for run in (*said, *runs) if run.wrong), None)
    if wrong is None:
        return None
    alone = [run for run in runs if run.scenario.options["consumers"] == 1]
    for some in (runs, alone) if any(run.wrong for run in alone) else (runs,):
        for mistake, policy, words in POLICIES:
            if decides_like(policy, some):
                shown = next(run for run in (*said, *some) if run in some and run.wrong)
                return _failure(shown, shown.wrong[0], mistake, words)
    return None if named else _failure(wrong, wrong.wrong[0], BUDGET_MISCOUNTED, "")


def _failure(run: Run, ruling: Ruling, mistake: Mistake, words: str) -> Misconception:
    one, trace = ruling.one, run.trace
    again = ruling.again
    what = (
        f"it was given up on, with {run.attempts - one.number} of {run.attempts} tries to go"
        if again is None
        else f"it was tried again at {again.start:.3f} s"
    )
    failure = mistake(
        f"{seen(run, ruling)}, and {what}{': ' + words if words else '.'}",
        ASKS,
        line=again.line if again is not None else None,
        at=one.end,
        task=one.task,
        item=one.item,
    )
    failure.about(trace)
    return failure


def seen(run: Run, ruling: Ruling) -> str:
    """What happened, and what was left then."""
    one = ruling.one
    low, high = (f"{left:g}" for left in (ruling.low, ruling.high))
    left = low if low == high else f"{low} to {high}"
    which = f" of run {run.call(one) + 1}" if run.scenario.beside else ""
    return (
        f"Try {one.number} of item {run.trace.name(one.item)}{which} failed at {one.end:.3f} s, which "
        f"left {left} in the budget (half of it is {run.half:g})"
    )


# -- at once ------------------------------------------------------------------------------------


def _no_pause_before_giving_up(run: Run) -> None:
    """An item that the budget refuses a retry is given up on without a pause."""
    naps = [(ruling, nap) for ruling in run.rulings if (nap := nap_after(run.trace, ruling.one))]
    if not naps:
        return
    ruling, nap = naps[0]
    failure = GIVES_UP_AFTER_THE_PAUSE(
        f"{seen(run, ruling)}. So the item was given up on, but {run.trace.label(nap.task)} slept for "
        f"{span(nap.data[0])} first{lines([nap.line])}.",
        "Where no retry follows there is no pause: the item is given up on at once.",
        line=nap.line,
        at=ruling.one.end,
        task=nap.task,
        item=ruling.one.item,
    )
    raise failure.about(run.trace)


def no_pause_after_the_last(run: Run) -> None:
    """An item's last failed try is followed by no pause."""
    for one in run.ended:
        nap = nap_after(run.trace, one)
        if one.outcome == "transient" and one.number == run.attempts and nap is not None:
            raise SLEEPS_AFTER_LAST_FAILURE(
                f"Try {one.number}, the last one, of item {run.trace.name(one.item)} failed at "
                f"{one.end:.3f} s, and {run.trace.label(nap.task)} slept for {span(nap.data[0])} then"
                f"{lines([nap.line])}.",
                "There is no pause after the last failure: the item is given up on at once.",
                line=nap.line,
                at=one.end,
                task=nap.task,
                item=one.item,
            ).about(run.trace)


def nap_after(trace: Trace, one: Try) -> Event | None:
    """The sleep of the same task right after an item's last try failed."""
    if one.end is None or len(trace.tries_of(one.item)) > one.number:
        return None
    rest = trace.events[(one.end_order or 0) + 1 :]
    kinds = ("timer", "begin", "get")
    first = next((e for e in rest if e.task == one.task and e.kind in kinds), None)
    if first is None or first.kind != "timer" or first.at - one.end <= SAME_TIME:
        return None
    return first if abs(first.at - first.data[0] - one.end) <= SAME_TIME else None


# -- neither of both ----------------------------------------------------------------------------


def none_waits(runs: Runs) -> None:
    """Nobody waits for the budget to be filled up again."""
    for run in runs:
        for ruling in run.rulings:
            if not run.forbids_retry(ruling):
                continue
            last, again = run.window(ruling.one)[1], ruling.again
            late = again is not None and again.start > last + SAME_TIME
            stuck = again is None and run.trace.how in _STUCK and _held(run.trace, ruling.one)
            if late or stuck:
                raise _waits(run, ruling).about(run.trace)


def _waits(run: Run, ruling: Ruling) -> Misconception:
    one, again = ruling.one, ruling.again
    waits = [wait for wait in run.trace.waits if wait.task == one.task]
    line = again.line if again is not None else waits[0].line if waits else None
    what = (
        f"it was tried again, long after its pause, at {again.start:.3f} s"
        if again is not None
        else f"it was neither tried again nor given up on: {run.trace.label(one.task)} went on waiting"
        f"{lines([line])}"
    )
    return WAITS_FOR_THE_BUDGET(
        f"{seen(run, ruling)}, and {what}.",
        ASKS,
        why=run.trace.how if run.trace.how in ("deadlock", "livelock") else "expectation",
        line=line,
        at=one.end,
        task=one.task,
        item=one.item,
    )


_STUCK = ("deadlock", "livelock", "time_limit")
_LOCKS = ("acquire", "__aenter__")
_GOES_ON = ("get_wait", "get", "done", "begin", "end")


def _held(trace: Trace, one: Try) -> bool:
    """Whether the task of this try has done nothing since but sleep, and waits for no lock."""
    if any(wait.task == one.task and wait.inside.endswith(_LOCKS) for wait in trace.waits):
        return False
    rest = trace.events[(one.end_order or 0) + 1 :]
    return not any(event.task == one.task and event.kind in _GOES_ON for event in rest)


def none_ends_with_a_refusal(runs: Runs) -> None:
    """No consumer of a run that got stuck had ended when the budget refused an item its retry."""
    for run in runs:
        trace = run.trace
        refused = [ruling for ruling in run.rulings if ruling.again is None]
        for ruling in refused if trace.how == "deadlock" else ():
            ending = trace.ending(ruling.one.task)
            later = [one for one in trace.tries if one.task == ruling.one.task]
            if ending is None or ending.data[0] != "returned" or later[-1] != ruling.one:
                continue
            raise GIVING_UP_ENDS_CONSUMER(
                f"{seen(run, ruling)}, and {trace.label(ending.task)} gave up on it, and ended at "
                f"{ending.at:.3f} s. In the end nobody was left to take an item.",
                "Giving up never stops the consumer: it takes the next item.",
                why="deadlock",
                line=ending.line,
                at=ending.at,
                task=ending.task,
                item=ruling.one.item,
            ).about(trace)


_ESCAPED = ("no-retry", "too-few-tries", "subclass-not-retried")


def none_raises_when_refused(run: Run, failure: Failure) -> None:
    """An item that the budget refuses a retry is given up on; its error does not end the consumer."""
    refused = [one for one in run.rulings if one.again is None and run.forbids_retry(one)]
    if failure.mistake is None or failure.mistake.code not in _ESCAPED or not refused:
        return
    ruling = refused[0]
    raise GIVING_UP_ENDS_CONSUMER(
        f"{seen(run, ruling)}. So the item was to be given up on, but its TransientError left "
        f"{run.trace.label(ruling.one.task)}, and ended it and run_pipeline{lines([failure.line])}.",
        "Giving up on an item is counted, not raised; the consumer takes the next item.",
        why="error",
        line=failure.line,
        at=ruling.one.end,
        task=ruling.one.task,
        item=ruling.one.item,
    ).about(run.trace)


def none_refused_its_first_try(runs: Runs) -> None:
    """No item is given up on without a try while the budget is low."""
    for run in runs:
        trace = run.trace
        if trace.how != "returned" or len(trace.taken) < len(run.scenario.jobs):
            continue
        begun = {one.item for one in trace.tries}
        missing = [item for item in range(len(run.scenario.jobs)) if item not in begun]
        low = [ruling for ruling in run.rulings if run.forbids_retry(ruling)]
        if not missing or not low or missing[0] < low[0].one.item:
            continue
        at = next((step.at for step in trace.gets if step.item == missing[0]), low[0].one.end)
        raise FIRST_TRY_REFUSED(
            f"Item {trace.name(missing[0])} was never tried at all, and neither were "
            f"{len(missing) - 1} others: by then {low[0].high:g} of {run.budget:g} were left in the "
            f"budget, at {low[0].one.end:.3f} s.",
            "The budget refuses retries; every item gets its first try.",
            at=at,
            item=missing[0],
        ).about(trace)
