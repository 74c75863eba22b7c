"""The service levels, question by question: calls, keys, pauses, dead letters, and nobody idle.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from grader.course.api import Failure, Try, ends, exceptions, lines
from grader.course.ex16_ship_it.mistakes import (
    BUG_HANGS,
    BUG_HIDDEN,
    CUT_OFF_EARLY,
    FAILURE_ENDS_SERVICE,
    GRACE_OVERRUN,
    HUNG_CALL_KEPT,
    IDLE_CONSUMER,
    ITEM_LOST,
    LETTER_MISSING,
    LETTER_UNCALLED_FOR,
    LETTER_WRONG,
    LETTERS_FULL,
    LOOKS_AGAIN,
    MORE_CALLS_THAN_CONSUMERS,
    PAUSE_ABOVE_CEILING,
    PAUSE_FROM_CUT_OFF,
    REFUSAL_REPEATED,
    REPEATED_TOO_SOON,
    RETRY_AFTER_CAPPED,
    RETRY_AFTER_IGNORED,
    RETRY_AFTER_STICKS,
    TOO_MUCH_TAKEN,
    WAITS_FOR_STOP,
)
from grader.course.ex16_ship_it.shift import CLOCK, Facts, letter_item
from grader.course.mistakes.bound import UNBOUNDED_QUEUE
from grader.course.mistakes.errors import ERROR_WRAPPED
from grader.course.mistakes.pauses import NO_BACKOFF, SLEEPS_AFTER_LAST_FAILURE, WRONG_PAUSE
from grader.course.mistakes.tries import TRIED_AFTER_SUCCESS, TRIES_RUN_AT_ONCE
from grader.trace import SAME_TIME

__all__ = [
    "bounded",
    "came_to_an_end",
    "dead_letters",
    "idle_spans",
    "limited",
    "most_unsettled",
    "never_looks",
    "nobody_idle",
    "one_call_each",
    "pauses_fit",
    "settled_once",
    "surfaced",
]

LOOKS = 3  # timers of one line that ring for nothing: once or twice is no polling


def _shown(one: Try) -> dict[str, int | float | None]:
    return {"at": one.start, "task": one.task, "item": one.item}


# -- calls ----------------------------------------------------------------------------------------


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
                **_shown(one),  # type: ignore[arg-type]
            )
        if cut is not None and cut < due - CLOCK and not stopped and cut < facts.stop - CLOCK:
            raise CUT_OFF_EARLY(
                f"Call {one.number} of {facts.name(one.item)} began at {one.start:.3f} s and was "
                f"cancelled after {cut - one.start:.3g} s{lines([one.line])}.",
                f"Each call has timeout={limit:g} s of its own; one that ends in time is not cut off.",
                line=one.line,
                **_shown(one),  # type: ignore[arg-type]
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
                **_shown(one),  # type: ignore[arg-type]
            )
        open_calls[one.item] = one
        ended = [(at, item) for at, item in ended if at > one.start + SAME_TIME]
        ended.append((end, one.item))
        if len(ended) > consumers:
            raise MORE_CALLS_THAN_CONSUMERS(
                f"At {one.start:.3f} s {len(ended)} calls ran at once, with consumers={consumers}.",
                "Never do more than `consumers` calls run.",
                line=one.line,
                **_shown(one),  # type: ignore[arg-type]
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
            f"It was told to stop at {facts.stop:.3f} s, with grace={facts.given['grace']:.3g}, and "
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
                **_shown(one),  # type: ignore[arg-type]
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
            **_shown(again),  # type: ignore[arg-type]
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


# -- pauses ---------------------------------------------------------------------------------------


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
            **_shown(again),  # type: ignore[arg-type]
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


# -- dead letters ---------------------------------------------------------------------------------


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


# -- what is taken, and who is idle ---------------------------------------------------------------


def _steps(facts: Facts) -> list[tuple[float, str]]:
    """What changes the number of items taken, in hand or settled, by time."""
    steps = [(e.at, "taken") for e in facts.trace.taken if e.data[0] in facts.places]
    steps += [(one.start, "begun") for one in facts.tries if one.number == 1]
    steps += [(at, "settled") for at in facts.settled.values()]
    return sorted(steps)


def _states(facts: Facts) -> list[tuple[float, float, Counter[str]]]:
    """The numbers between two instants: from, to, and how many were taken, begun and settled."""
    found, counts = [], Counter[str]()
    steps = _steps(facts)
    for place, (at, what) in enumerate(steps):
        counts[what] += 1
        after = steps[place + 1][0] if place + 1 < len(steps) else facts.trace.clock
        if after - at > CLOCK:
            found.append((at, after, counts.copy()))
    return found


def bounded(facts: Facts) -> None:
    """At most `maxsize + consumers + 1` items are taken and not settled."""
    given = facts.given
    most = given["maxsize"] + given["consumers"] + 1
    for at, _after, counts in _states(facts):
        unsettled = counts["taken"] - counts["settled"]
        if unsettled > most:
            every = unsettled == len(facts.places)
            raise (UNBOUNDED_QUEUE if every else TOO_MUCH_TAKEN)(
                f"At {at:.3f} s {unsettled} items were taken and not settled.",
                f"At most {most}, with maxsize={given['maxsize']} and consumers={given['consumers']}.",
                at=at,
            )


def most_unsettled(facts: Facts) -> int:
    """The most items that were taken and not settled while time passed."""
    return max((n["taken"] - n["settled"] for _at, _after, n in _states(facts)), default=0)


def idle_spans(facts: Facts) -> Iterator[tuple[float, float, int, int, int]]:
    """Each period with fewer items in hand than wanted.

    From, to (seconds), the items in hand, those wanted, those not begun.
    """
    consumers = facts.given["consumers"]
    begins = facts.shift.begins
    first = min((one.start for one in facts.tries), default=begins)
    states = [(begins, first, Counter[str]())] if first - begins > CLOCK else []
    for at, after, counts in [*states, *_states(facts)]:
        if at >= facts.stop - CLOCK:
            return
        hands = counts["begun"] - counts["settled"]
        wanted = min(consumers, len(facts.places) - counts["settled"])
        if hands < wanted:
            yield at, after, hands, wanted, len(facts.places) - counts["begun"]


def nobody_idle(facts: Facts) -> None:
    """`consumers` items are in hand whenever there are so many left."""
    for at, after, hands, wanted, left in idle_spans(facts):
        raise IDLE_CONSUMER(
            f"From {at:.3f} s to {after:.3f} s only {hands} items were in hand, with "
            f"consumers={facts.given['consumers']} and {left} items not begun.",
            f"{wanted} items are in hand: nobody is idle while an item is left.",
            at=at,
        )


def never_looks(facts: Facts) -> None:
    """Timers ring at the ends of pauses and of time-outs, and when the grace is over."""
    trace, shift = facts.trace, facts.shift
    known = [one.start for one in trace.tries if one.number > 1]
    known += [one.start + facts.given["timeout"] for one in trace.tries]
    known = sorted([*known, facts.over])
    if shift.beside:
        return
    pauses: dict[int, list[tuple[float, float]]] = {}
    for retry in trace.retries:
        pauses.setdefault(retry.task, []).append((retry.start, retry.start + retry.pause))
    looks: Counter[tuple[int, int | None]] = Counter()
    for timer in trace.of("timer"):
        if timer.task in trace.labs or _is_near(timer.at, known):
            continue
        if any(since < timer.at < to for since, to in pauses.get(timer.task, ())):
            continue
        looks[timer.task, timer.line] += 1
        if looks[timer.task, timer.line] >= LOOKS:
            raise LOOKS_AGAIN(
                f"{trace.label(timer.task) if timer.task else 'A timer'} woke up {LOOKS} times by "
                f"{timer.at:.3f} s, and nothing had happened{lines([timer.line])}: the last time after "
                f"{timer.data[0]:.3g} s.",
                "Waiting is awaiting: the stop, a queue and a task each wake whoever waits for them.",
                line=timer.line,
                at=timer.at,
                task=timer.task or None,
            )


def _is_near(at: float, known: Sequence[float]) -> bool:
    low, high = 0, len(known)
    while low < high:
        middle = (low + high) // 2
        if known[middle] < at - CLOCK:
            low = middle + 1
        else:
            high = middle
    return low < len(known) and known[low] <= at + CLOCK
