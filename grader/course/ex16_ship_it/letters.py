"""Whether who is given up on has a dead letter, and only who is.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from grader.course.api import Try
from grader.course.ex16_ship_it.mistakes import (
    LETTER_MISSING,
    LETTER_UNCALLED_FOR,
    LETTER_WRONG,
)
from grader.course.ex16_ship_it.shift import CLOCK, Facts, letter_item
from grader.course.mistakes.pauses import SLEEPS_AFTER_LAST_FAILURE

__all__ = ["dead_letters"]


def dead_letters(facts: Facts) -> None:
    """What is refused or given up on is put there, once, with its evidence, and nothing else is."""
    seen: set[int] = set()
    asks = "It holds (item, number of its calls, exception of the last)."
    for at, task, line, value in facts.letters:
        item = letter_item(value)
        if item is None or item not in facts.places:
            raise LETTER_WRONG(
                f"At {at:.3f} s a dead letter was put that holds {value!r:.120}.",
                asks + " The item is the very one that was taken.",
                line=line,
                at=at,
                task=task,
            )
        done = [one for one in facts.of(item) if one.end is not None and one.end <= at + CLOCK]
        more = [one for one in facts.of(item) if one.end is None or one.end > at + CLOCK]
        kind = facts.kind(done[-1]) if done else ""
        if item in seen or more or kind not in ("failed", "refused"):
            what = "a second time" if item in seen else "although it is not given up on"
            raise LETTER_UNCALLED_FOR(
                f"At {at:.3f} s {facts.name(item)} was put into dead_letters {what}.",
                "Only refused items and those that are given up on, each once, then.",
                line=line,
                at=at,
                task=task,
                item=item,
            )
        seen.add(item)
        last = done[-1]
        if value[1] != last.number or type(value[1]) is not int:
            raise LETTER_WRONG(
                f"The dead letter of {facts.name(item)}, put at {at:.3f} s, says {value[1]!r:.40} calls; "
                f"it was called {last.number} time{'s' if last.number > 1 else ''}.",
                asks,
                line=line,
                at=at,
                task=task,
                item=item,
            )
        _evidence(facts, last, value[2], (at, task, line))
        if not facts.shift.room and last.end is not None and at > last.end + CLOCK:
            raise SLEEPS_AFTER_LAST_FAILURE(
                f"The last call of {facts.name(item)} ended at {last.end:.3f} s, and it was set aside "
                f"only at {at:.3f} s.",
                "What is refused or given up on is set aside at once.",
                line=line,
                at=at,
                task=task,
                item=item,
            )
    _none_missing(facts, seen)
    for taken in facts.taken_out:
        raise LETTER_MISSING(
            f"At {taken.at:.3f} s {facts.trace.label(taken.task)} took a dead letter out again.",
            "They are for somebody else to read. When there is no room, whoever puts one waits.",
            line=taken.line,
            at=taken.at,
            task=taken.task,
        )


def _evidence(facts: Facts, last: Try, error: object, put: tuple[float, int, int | None]) -> None:
    known = error.get("error") if isinstance(error, dict) else None
    if facts.timed_out(last):
        right, asked = isinstance(known, str) and known != "CancelledError", "a TimeoutError"
    else:
        right, asked = known == [last.service, last.item, last.number], "the one that it raised"
    if not right:
        which = f"that of call {known[2]}" if isinstance(known, list) else f"{known or error!r:.60}"
        raise LETTER_WRONG(
            f"The dead letter of {facts.name(last.item)}, put at {put[0]:.3f} s, holds another error: "
            f"{which}.",
            f"It holds the exception of the last call, call {last.number}: {asked}.",
            line=put[2],
            at=put[0],
            task=put[1],
            item=last.item,
        )


def _none_missing(facts: Facts, seen: set[int]) -> None:
    for item in facts.taken:
        tries = facts.of(item)
        if not tries or item in seen or facts.kind(tries[-1]) not in ("failed", "refused"):
            continue
        last = tries[-1]
        end = last.end or 0.0
        paused = facts.kind(last) == "failed" and end + facts.window(last)[1] >= facts.over - CLOCK
        if (
            item in facts.kept_waiting
            or end >= facts.over - CLOCK
            or (paused and last.number < facts.given["attempts"])
        ):
            continue
        how = "refused" if facts.kind(last) == "refused" else "given up on"
        raise LETTER_MISSING(
            f"{facts.name(item).capitalize()} was {how} at {end:.3f} s, and was never put into "
            "dead_letters.",
            "Each refused item, and each that is given up on, is put there: only then is it settled.",
            line=last.line,
            at=end,
            task=last.task,
            item=item,
        )
