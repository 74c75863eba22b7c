"""The stop, the end and the result: what is left undone is said, and all counts are true.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from typing import Any

from grader.course.api import Try, apart, ends, lines
from grader.course.ex16_ship_it.mistakes import (
    BEGUN_AFTER_STOP,
    COUNTS_UNTRUE,
    DEAF_TO_STOP,
    GRACE_OVERRUN,
    GRACE_REFUSED,
    ITEM_LOST,
    LATE_RETURN,
    REJECTED_AS_FAILED,
    SETTLED_TOO_SOON,
    TASKS_OUTLIVE,
    UNFINISHED_UNTRUE,
)
from grader.course.ex16_ship_it.shift import CLOCK, Facts, letter_item
from grader.course.mistakes.errors import CANCELLATION_TAKEN_FOR_TIMEOUT

__all__ = ["in_time", "nothing_new", "result_is_true", "within_grace"]

KINDS = {"failed": "failed", "rejected": "refused"}
"""The counts of what is put into the dead letters, and how the last call of such an item ends."""


def _told(facts: Facts) -> str:
    return f"told to stop at {facts.stop:.3f} s, with grace={facts.given['grace']:.6g}"


def nothing_new(facts: Facts) -> None:
    """After `stop` no item is taken, and no first call begins."""
    late = facts.stop + CLOCK
    took = [e for e in facts.trace.taken if e.at > late and e.data[0] in facts.places]
    began = [one for one in facts.tries if one.number == 1 and one.start > late]
    if took and len(facts.taken) == len(facts.places):
        raise DEAF_TO_STOP(
            f"It was {_told(facts)}, and went on until all {len(facts.taken)} items were taken.",
            "From the stop on nothing is taken, and no item's first call begins.",
            at=took[0].at,
            task=took[0].task,
            line=took[0].line,
        )
    for at, task, line, item, what in [
        *((e.at, e.task, e.line, e.data[0], "was taken") for e in took[:1]),
        *((one.start, one.task, one.line, one.item, "had its first call") for one in began[:1]),
    ]:
        raise BEGUN_AFTER_STOP(
            f"It was {_told(facts)}, and {facts.name(item)} {what} at {at:.3f} s{lines([line])}.",
            "From the stop on nothing is taken, and no item's first call begins.",
            at=at,
            task=task,
            item=item,
            line=line,
        )


def within_grace(facts: Facts) -> None:
    """Items in hand go on for `grace` seconds, retries included, and then they are cancelled."""
    for one in facts.tries:
        cut = facts.cut_off(one)
        if (
            cut is not None
            and facts.stop - CLOCK <= cut < facts.over - CLOCK
            and not facts.cut_at_its_limit(one)
        ):
            raise GRACE_REFUSED(
                f"It was {_told(facts)}, and the call of {facts.name(one.item)} was cancelled at "
                f"{cut:.3f} s already.",
                f"Items in hand go on until {facts.over:.3f} s.",
                line=one.line,
                at=cut,
                task=one.task,
                item=one.item,
            )
        gone_on = one.end if cut is None and one.end is not None else cut
        if one.start > facts.over + CLOCK:
            _not_for_a_clean_up(facts, one)
        if one.start > facts.over + CLOCK or (gone_on or 0.0) > facts.over + CLOCK:
            raise GRACE_OVERRUN(
                f"It was {_told(facts)}, and the call of {facts.name(one.item)} that began at "
                f"{one.start:.3f} s went on after {facts.over:.3f} s.",
                "What is left when the grace is over is cancelled then.",
                line=one.line,
                at=max(one.start, facts.over),
                task=one.task,
                item=one.item,
            )
        pause = facts.window(one)[1] if facts.kind(one) == "failed" else 0.0
        end = one.end if one.end is not None else 0.0
        left = one.item not in facts.set_aside and facts.again(one) is None and bool(pause)
        tries_left = one.number < facts.given["attempts"]
        if (
            left
            and tries_left
            and end + pause < facts.over - CLOCK < float("inf")
            and end > facts.stop
            and one.item not in facts.kept_waiting
        ):
            raise GRACE_REFUSED(
                f"It was {_told(facts)}; call {one.number} of {facts.name(one.item)} failed at {end:.3f} "
                "s, and it was not tried again.",
                f"Items in hand go on until {facts.over:.3f} s, retries included.",
                line=one.line,
                at=end,
                task=one.task,
                item=one.item,
            )

    _puts_within_grace(facts)


def _not_for_a_clean_up(facts: Facts, one: Try) -> None:
    """No call begins because the one before was cleaning up when the grace was over."""
    before = facts.of(one.item)[one.number - 2] if one.number > 1 else None
    cut = facts.cut_off(before) if before is not None and facts.timed_out(before) else None
    if before is None or before.end is None or cut is None:
        return
    if cut < facts.over - CLOCK <= before.end:
        raise CANCELLATION_TAKEN_FOR_TIMEOUT(
            f"It was {_told(facts)}. Call {before.number} of {facts.name(one.item)} was cut off at "
            f"{cut:.3f} s, and was cleaning up when the grace was over, at {facts.over:.3f} s; its "
            f"consumer was cancelled then, and yet call {one.number} began at {one.start:.3f} s"
            f"{lines([one.line])}.",
            "What is left when the grace is over is cancelled then, and no call begins any more.",
            line=one.line,
            at=one.start,
            task=one.task,
            item=one.item,
        )


def _puts_within_grace(facts: Facts) -> None:
    """An item that waits for room in the dead letters is in hand: until the grace is over, not longer."""
    for at, task, line, value in facts.letters:
        item = letter_item(value)
        if at > facts.over + CLOCK and item is not None:
            raise GRACE_OVERRUN(
                f"It was {_told(facts)}, and {facts.name(item)} was put into dead_letters at {at:.3f} s, "
                f"after {facts.over:.3f} s.",
                "What is left when the grace is over is cancelled then, a put that waits, too.",
                line=line,
                at=at,
                task=task,
                item=item,
            )
    clock = facts.trace.clock
    if facts.kept_waiting and facts.trace.how == "returned" and clock < facts.over - CLOCK:
        item = facts.kept_waiting[0]
        raise GRACE_REFUSED(
            f"It was {_told(facts)}, and run_service returned at {clock:.3f} s, while {facts.name(item)} "
            f"waited for room in dead_letters.",
            f"Items in hand go on until {facts.over:.3f} s, and so does a put that waits.",
            at=clock,
            item=item,
        )


def _last_of(facts: Facts, item: int) -> float:
    """When an item that was begun is out of hand, at the latest."""
    if item in facts.settled:
        return facts.settled[item]
    last = facts.of(item)[-1]
    end = last.end if last.end is not None else facts.trace.clock
    return max(end, facts.over) if facts.kind(last) in ("failed", "refused") else end


def in_time(facts: Facts) -> None:
    """It returns as soon as nothing is in hand, and leaves no task behind."""
    trace = facts.trace
    if facts.shift.beside:
        return
    begun = [item for item in facts.places if facts.of(item)]
    ended = max((_last_of(facts, item) for item in begun), default=facts.shift.begins)
    if facts.stop < float("inf") and len(facts.settled) < len(facts.places):
        ended = max(ended, facts.stop)
    ended = max(ended, facts.shift.begins)
    if trace.clock > ended + CLOCK:
        timers = [e for e in trace.of("timer") if e.at > ended + CLOCK]
        line = timers[-1].line if timers else None
        last, returned = apart(ended, trace.clock)
        raise LATE_RETURN(
            f"Nothing was in hand from {last} on, and run_service returned only at "
            f"{returned}{lines([line])}.",
            "It returns as soon as nothing is in hand.",
            line=line,
            at=ended,
            task=1,
        )
    cleaning = _cleaning_up(facts)
    left = tuple(wait for wait in trace.left if wait.task not in cleaning)
    if left:
        raise TASKS_OUTLIVE(
            f"run_service returned, and left tasks behind: {ends.waiting_words(trace, left)}.",
            "Every task that it started is done or cancelled when it returns.",
            line=left[0].line,
            at=trace.clock,
            task=left[0].task,
        )


def _cleaning_up(facts: Facts) -> set[int]:
    """The tasks of calls that were cut off in the grace, and clean up for longer than it lasts.

    Who waits for such a call is cancelled once more: whether it goes on waiting then is not judged, since
    the library's own tools differ (`wait_for()` of Python 3.11 does not, `timeout()` does).
    """
    if facts.trace.clock < facts.over - CLOCK:
        return set()
    late = [one for one in facts.tries if one.end is None and facts.cut_at_its_limit(one)]
    return {one.task for one in late if (facts.cut_off(one) or 0.0) < facts.over - CLOCK}


def result_is_true(facts: Facts) -> None:
    """The counts are true, and `unfinished` holds what was taken and not settled, in order."""
    result = facts.result()
    if not isinstance(result, dict):
        raise COUNTS_UNTRUE(
            f"run_service returned {result!r:.60}.",
            "It returns a dict with consumed, retried, failed, rejected and unfinished.",
            at=facts.trace.clock,
            task=1,
        )
    _counts_are_true(facts, result)
    _unfinished_is_true(facts, result.get("unfinished"))


def _counts_are_true(facts: Facts, result: dict[str, Any]) -> None:
    kinds = [facts.kind(facts.of(item)[-1]) for item in facts.settled]
    retries = sum(one.number > 1 for one in facts.tries)
    cut = 0 if facts.stop == float("inf") else len(facts.unfinished())
    asked = {
        "consumed": kinds.count("ok"),
        "retried": retries,
        "failed": kinds.count("failed"),
        "rejected": kinds.count("refused"),
    }
    for name, count in asked.items():
        said = result.get(name)
        right = range(count, count + cut + 1) if name == "retried" else (count,)
        if type(said) is int and said in right:
            continue
        together = ("failed", "rejected")
        merged = name in together and all(type(result.get(one)) is int for one in together)
        merged = merged and sum(asked[one] for one in together) == sum(
            result[one] for one in together
        )
        early = (
            name in KINDS
            and type(said) is int
            and count < said <= count + len(_waiting(facts, KINDS[name]))
        )
        raise (SETTLED_TOO_SOON if early else REJECTED_AS_FAILED if merged else COUNTS_UNTRUE)(
            f"The result says {name}={said!r:.40}, and it was {count}: of {len(facts.places)} items "
            f"{asked['consumed']} were consumed, {asked['failed']} given up on, {asked['rejected']} "
            f"refused, with {retries} retries."
            + (
                " Those that still waited for room in dead_letters were not settled."
                if early
                else ""
            ),
            "The four counts are true when run_service returns.",
            at=facts.trace.clock,
            task=1,
        )


def _waiting(facts: Facts, *kinds: str) -> list[int]:
    """The items whose last call ended so, and which may have waited for room in the dead letters."""
    left = facts.unfinished() if facts.shift.room else []
    return [item for item in left if facts.of(item) and facts.kind(facts.of(item)[-1]) in kinds]


def _unfinished_is_true(facts: Facts, said: Any) -> None:
    asked = facts.unfinished()
    if asked and facts.stop == float("inf"):
        item = asked[0]
        raise ITEM_LOST(
            f"run_service returned at {facts.trace.clock:.3f} s, and {facts.name(item)} was not settled.",
            "Never told to stop, it settles every item of `items`.",
            at=facts.trace.clock,
            item=item,
        )
    places = [one.get("item") if isinstance(one, dict) else None for one in said or ()]
    listed = isinstance(said, list)
    if listed and places == asked[:200]:
        return
    told = [facts.trace.name(place) if place is not None else "?" for place in places[:6]]
    told_of = set(places)
    waiting = _waiting(facts, *KINDS.values())
    early = listed and places == [one for one in asked if one in told_of]
    early = early and all(one in told_of or one in waiting for one in asked)
    raise (SETTLED_TOO_SOON if early else UNFINISHED_UNTRUE)(
        'The result\'s "unfinished" '
        + (
            f"has {len(places)} items ({', '.join(told)})"
            if isinstance(said, list)
            else f"is {said!r:.40}"
        )
        + f", and {len(asked)} were taken and not settled ({facts.trace.listed(asked) or 'none'}).",
        "It is a list of the items that were taken and not settled, in the order in which they were "
        "taken.",
        at=facts.trace.clock,
        task=1,
    )
