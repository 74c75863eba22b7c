"""Whether each pause is in its window, with what the service asks for.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from grader.course.api import Try, lines
from grader.course.ex16_ship_it.mistakes import (
    PAUSE_ABOVE_CEILING,
    PAUSE_FROM_CUT_OFF,
    RETRY_AFTER_CAPPED,
    RETRY_AFTER_IGNORED,
    RETRY_AFTER_STICKS,
)
from grader.course.ex16_ship_it.shift import CLOCK, Facts, shown
from grader.course.mistakes.pauses import NO_BACKOFF, WRONG_PAUSE
from grader.trace import SAME_TIME

__all__ = ["pauses_fit"]


def pauses_fit(facts: Facts) -> None:
    """Each pause is in its window: the ceiling holds, and so does what the service asks for."""
    for one in facts.tries:
        again = facts.again(one)
        if again is None or one.end is None or facts.kind(one) != "failed":
            continue
        least, most = facts.window(one)
        pause = again.start - one.end
        slack = CLOCK + 1e-9 * most
        if least - slack <= pause <= most + slack:
            continue
        wish, clean = facts.retry_after(one), facts.clean(one.number)
        jitter, ceiling = float(facts.given["jitter"]), float(facts.given["max_delay"])
        raw = facts.given["delay"] * float(facts.given["backoff"]) ** min(one.number - 1, 300)
        mistake = WRONG_PAUSE
        if pause < least and wish > clean:
            capped = wish > ceiling and abs(pause - ceiling) <= ceiling * jitter + CLOCK
            grown = clean - CLOCK <= pause <= clean * (1 + jitter) + CLOCK
            mistake = RETRY_AFTER_CAPPED if capped and not grown else RETRY_AFTER_IGNORED
        elif pause < least and one.end - _since(facts, one) > CLOCK and _from_cut_off(facts):
            mistake = PAUSE_FROM_CUT_OFF
        elif pause <= SAME_TIME:
            mistake = NO_BACKOFF
        elif pause > most and raw > ceiling and pause >= raw - CLOCK:
            mistake = PAUSE_ABOVE_CEILING
        asked = f", and the error asked for {wish:g} s" if wish > clean else ""
        kept = _kept_wish(facts, one, pause) if pause > most else None
        if kept is not None:
            mistake = RETRY_AFTER_STICKS
            asked += (
                f" and asked for nothing, but an earlier one, call {kept.number} of "
                f"{facts.name(kept.item)}, had asked for {facts.retry_after(kept):.4g} s"
            )
        raise mistake(
            f"Call {one.number} of {facts.name(one.item)} ended at {one.end:.3f} s{asked}; the next "
            f"began {pause:.4g} s later{lines([again.line])}.",
            f"After failed call {one.number} the pause is {least:.4g} to {most:.4g} s, with "
            f"max_delay={ceiling:g} and jitter={jitter:g}.",
            line=again.line,
            **shown(again),  # type: ignore[arg-type]
        )


def _kept_wish(facts: Facts, one: Try, pause: float) -> Try | None:
    """An earlier failed call, of the same item if possible, whose `retry_after` explains the pause."""
    jitter = float(facts.given["jitter"])
    for other in (*facts.of(one.item), *facts.tries):
        wish = facts.retry_after(other)
        earlier = other.end is not None and other.end < (one.end or 0.0)
        if wish and earlier and wish - CLOCK <= pause <= wish * (1 + jitter) + CLOCK:
            return other
    return None


def _since(facts: Facts, one: Try) -> float:
    """When a failed call was cut off; when it ended, if it was not."""
    cut = facts.cut_off(one) if facts.timed_out(one) else None
    return cut if cut is not None else one.end or 0.0


def _from_cut_off(facts: Facts) -> bool:
    """Whether every pause fits if it counts from the cut-off, and the next call waits for the end."""
    for one in facts.tries:
        again = facts.again(one)
        if again is None or one.end is None or facts.kind(one) != "failed":
            continue
        least, most = facts.window(one)
        since, slack = _since(facts, one), CLOCK + 1e-9 * most
        first, last = max(one.end, since + least), max(one.end, since + most)
        if not first - slack <= again.start <= last + slack:
            return False
    return True
