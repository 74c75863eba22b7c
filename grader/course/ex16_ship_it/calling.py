"""Whether each call is made once, ends in time, and none is lost.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from grader.course.api import Failure, Try, ends, exceptions, lines, span
from grader.course.ex16_ship_it.mistakes import (
    BUG_HANGS,
    BUG_HIDDEN,
    CUT_OFF_EARLY,
    FAILURE_ENDS_SERVICE,
    GRACE_OVERRUN,
    HUNG_CALL_KEPT,
    ITEM_LOST,
    LETTERS_FULL,
    MORE_CALLS_THAN_CONSUMERS,
    REFUSAL_REPEATED,
    REPEATED_TOO_SOON,
    WAITS_FOR_STOP,
)
from grader.course.ex16_ship_it.shift import CLOCK, Facts, shown
from grader.course.mistakes.errors import ERROR_WRAPPED
from grader.course.mistakes.tries import TRIED_AFTER_SUCCESS, TRIES_RUN_AT_ONCE
from grader.trace import SAME_TIME

__all__ = ["came_to_an_end", "limited", "one_call_each", "settled_once", "surfaced"]


def limited(facts: Facts) -> None:
    """A call that takes longer than `timeout` is cancelled at that moment, and no other one."""
    limit = float(facts.given["timeout"])
    for one in facts.tries:
        cut, due = facts.cut_off(one), one.start + limit
        stopped = cut is not None and (
            cut >= facts.over - CLOCK
            or cut >= facts.trace.clock - CLOCK  # with the whole run, of which others are asked
            or facts.trace.how in ("raised", "cancelled")
        )
        gone_on = cut if cut is not None else one.end if one.end is not None else facts.trace.clock
        if gone_on > due + CLOCK:
            how = "never ended" if one.end is None else f"went on until {gone_on:.3f} s"
            raise HUNG_CALL_KEPT(
                f"The call of {facts.name(one.item)} that began at {one.start:.3f} s{lines([one.line])} "
                f"{how}, and its consumer waited for it.",
                f"With timeout={limit:g} it is cancelled at {due:.3f} s, and is a failed call.",
                line=one.line,
                why="deadlock" if facts.trace.how == "deadlock" else "expectation",
                **shown(one),  # type: ignore[arg-type]
            )
        if cut is not None and cut < due - CLOCK and not stopped and cut < facts.stop - CLOCK:
            raise CUT_OFF_EARLY(
                f"Call {one.number} of {facts.name(one.item)} began at {one.start:.3f} s and was "
                f"cancelled after {span(cut - one.start)}{lines([one.line])}.",
                f"Each call has timeout={limit:g} s of its own; one that ends in time is not cut off.",
                line=one.line,
                **shown(one),  # type: ignore[arg-type]
            )


def one_call_each(facts: Facts) -> None:
    """At most `consumers` calls run at once, and of one item one."""
    ended: list[tuple[float, int]] = []
    open_calls: dict[int, Try] = {}
    consumers = facts.given["consumers"]
    for one in facts.tries:
        end = float("inf") if one.end is None else one.end
        before = open_calls.get(one.item)
        if before is not None and (before.end is None or before.end > one.start + SAME_TIME):
            late = facts.timed_out(before) or before.end is None
            mistake = REPEATED_TOO_SOON if late else TRIES_RUN_AT_ONCE
            until = "goes on still" if before.end is None else f"ended at {before.end:.3f} s"
            raise mistake(
                f"Call {one.number} of {facts.name(one.item)} began at {one.start:.3f} s, and call "
                f"{before.number}, of {before.start:.3f} s, {until}: both ran at once.",
                "A call is repeated only when it has ended, clean-up included.",
                line=one.line,
                **shown(one),  # type: ignore[arg-type]
            )
        open_calls[one.item] = one
        ended = [(at, item) for at, item in ended if at > one.start + SAME_TIME]
        ended.append((end, one.item))
        if len(ended) > consumers:
            raise MORE_CALLS_THAN_CONSUMERS(
                f"At {one.start:.3f} s {len(ended)} calls ran at once, with consumers={consumers}.",
                "Never do more than `consumers` calls run.",
                line=one.line,
                **shown(one),  # type: ignore[arg-type]
            )


def came_to_an_end(facts: Facts) -> None:
    """`run_service` returned: no failure of a call ended it, and it waits for nothing else."""
    trace = facts.trace
    if trace.how == "returned":
        return
    if trace.how == "raised":
        _not_by_a_failure(facts)
    stuck = [wait for wait in trace.waits if wait.inside.endswith("Event.wait")]
    if trace.how == "deadlock" and stuck and len(facts.settled) == len(facts.places):
        raise WAITS_FOR_STOP(
            f"All {len(facts.places)} items are settled at {trace.clock:.3f} s, and run_service never "
            f"returns: {trace.label(stuck[0].task)} waits for `stop`, which nobody sets.",
            "It returns as soon as every item is settled, also when `stop` is never set.",
            why="deadlock",
            line=stuck[0].line,
            at=trace.clock,
            task=1,
        )
    full = [wait for wait in trace.waits if wait.inside.endswith("Queue.put")]
    if trace.how == "deadlock" and trace.clock >= facts.stop - CLOCK and full and facts.shift.room:
        raise GRACE_OVERRUN(
            f"It was told to stop at {facts.stop:.3f} s, with grace={facts.given['grace']:.6g}, and "
            f"never returns: dead_letters is full, nobody reads it, and {trace.label(full[0].task)} "
            "waits for room.",
            "What is left when the grace is over is cancelled then, a put that waits, too.",
            why="deadlock",
            line=full[0].line,
            at=trace.clock,
            task=full[0].task,
        )
    failure = ends.unwelcome_end(trace, facts.shift, ())
    raise failure or Failure(f"run_service ended in another way: {trace.how}.", at=trace.clock)


def _not_by_a_failure(facts: Facts) -> None:
    trace = facts.trace
    error = trace.end.get("error") or {}
    inner = error.get("inner") or [error]
    names = {one["type"] for one in inner} | {base for one in inner for base in one["bases"]}
    if "QueueFull" in names:
        raise LETTERS_FULL(
            f"run_service ended at {trace.clock:.3f} s with QueueFull: {facts.shift.room} dead letters "
            "waited already, and there was no room for one more.",
            "`dead_letters` may be bounded: a consumer waits until there is room.",
            why="error",
            line=next(iter(inner[0]["lines"][-1:]), None),
            at=trace.clock,
        )
    last = [one for one in facts.tries if one.end is not None and one.end >= trace.clock - CLOCK]
    for one in last:
        kind = facts.kind(one)
        timed = kind == "failed" and facts.timed_out(one)
        known = {"TransientError", "PermanentError", "TimeoutError", "ConnectionError"}
        if kind in ("failed", "refused") and names & known:
            what = "was cut off" if timed else "was refused" if kind == "refused" else "failed"
            raise FAILURE_ENDS_SERVICE(
                f"Call {one.number} of {facts.name(one.item)} {what} at {one.end:.3f} s, and the error, "
                f"{inner[0]['type']}, ended all of run_service.",
                "A failed call is repeated, a refused item is set aside: the others go on.",
                why="error",
                line=one.line,
                **shown(one),  # type: ignore[arg-type]
            )


def settled_once(facts: Facts) -> None:
    """What was consumed or refused is not called again, and every item is settled."""
    for one in facts.tries:
        again, kind = facts.again(one), facts.kind(one)
        if again is None or kind not in ("ok", "refused"):
            continue
        how = "succeeded" if kind == "ok" else "was refused"
        mistake = TRIED_AFTER_SUCCESS if kind == "ok" else REFUSAL_REPEATED
        raise mistake(
            f"Call {one.number} of {facts.name(one.item)} {how} at {one.end:.3f} s, and it was called "
            f"again at {again.start:.3f} s{lines([again.line])}.",
            "What was consumed, or refused, is never called again.",
            line=again.line,
            **shown(again),  # type: ignore[arg-type]
        )
    if facts.stop == float("inf") and facts.trace.how == "returned":
        for item in facts.places:
            if not facts.of(item):
                raise ITEM_LOST(
                    f"run_service returned at {facts.trace.clock:.3f} s, and {facts.name(item)} was "
                    "never called.",
                    "Never told to stop, it settles every item of `items`.",
                    at=facts.trace.clock,
                    item=item,
                )


def surfaced(facts: Facts, kind: str) -> None:
    """An error of a call that is no failure, or one of `items`, left `run_service`, without a hang."""
    trace = facts.trace
    asks = "Any other error surfaces from run_service, bare or in an ExceptionGroup."
    raised = next((one for one in facts.tries if facts.kind(one) == "other"), None)
    asked = next(iter(trace.of("drained")), None) if facts.shift.fault else None
    if raised is None and asked is None:
        came_to_an_end(facts)
        return
    shown: dict[str, int | float | None] = {}
    seen = ""
    if raised is not None:
        seen = f"The call of {facts.name(raised.item)} raised {kind} at {raised.end:.3f} s"
        shown = {"at": raised.end, "task": raised.task, "item": raised.item}
    elif asked is not None:
        seen = (
            f"`items` raised {kind} at {asked.at:.3f} s, when {len(facts.taken)} items were taken"
        )
        shown = {"at": asked.at, "task": asked.task}
    again = None if raised is None else facts.again(raised)
    if again is not None:
        raise BUG_HIDDEN(
            f"{seen}, and it was called again at {again.start:.3f} s.",
            asks,
            line=again.line,
            **shown,  # type: ignore[arg-type]
        )
    if trace.how == "deadlock":
        raise BUG_HANGS(
            f"{seen}, and run_service never returns: {ends.waiting_words(trace, trace.waits)}.",
            asks,
            why="deadlock",
            line=next((wait.line for wait in trace.waits if wait.task == 1), None),
            **shown,  # type: ignore[arg-type]
        )
    if trace.how == "returned":
        aside = raised is not None and raised.item in facts.set_aside
        how = "it was set aside" if aside else "run_service returned as if nothing had happened"
        raise BUG_HIDDEN(f"{seen}, and {how}.", asks, **shown)  # type: ignore[arg-type]
    error = trace.end.get("error")
    if error is None or not exceptions.holds_error(error, kind):
        what = "a CancelledError" if error is None else exceptions.describe_error(error)
        raise ERROR_WRAPPED(
            f"{seen}, and what left run_service was {what}.",
            asks,
            **shown,  # type: ignore[arg-type]
        )
