"""The service levels of a run as a table shows them: what was asked, what was reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heapreplace

from grader.course.api import SAME_TIME, Level, Trace, span
from grader.course.ex16_ship_it.herd import SHARES, parts, share_of_the_fullest
from grader.course.ex16_ship_it.shift import CLOCK, Facts, Shift
from grader.course.ex16_ship_it.taking import idle_spans, most_unsettled

__all__ = [
    "Measure",
    "accounted",
    "at_once",
    "consumed",
    "extra_calls",
    "extra_in_outage",
    "fullest_tenth",
    "idle",
    "in_all",
    "levels_of",
    "longest_call",
    "one_call",
    "pauses_end",
    "repeated_early",
    "returned",
    "set_aside",
    "settled",
    "unsettled",
]

Said = tuple[str, str, str, bool]
"""A level's name, what was asked, what was reached, and whether it is met."""

Measure = Callable[[Facts], Said]
EXTRA = 0.1
"""The share of extra calls that a blip may cost."""


def levels_of(trace: Trace, shift: Shift, measures: Sequence[Measure]) -> list[Level]:
    """Return the levels of one run; what cannot be measured is not met."""
    facts, found = Facts(trace, shift), []
    for measure in measures:
        try:
            said = measure(facts)
        except Exception:  # noqa: BLE001 - a broken run may break any measure; the check says why
            said = measure.__name__.replace("_", " "), "", "not measured", False
        found.append(Level(shift.weather.name, *said))
    return found


def _over(facts: Facts, seconds: float) -> str:
    how = facts.trace.how
    return f"{seconds:.3f} s" if how == "returned" else "error" if how == "raised" else "never"


def in_all(facts: Facts) -> Said:
    """The time in all, beside a list schedule in the items' order."""
    free = [0.0] * int(facts.given["consumers"])
    heapify(free)
    for seconds in facts.shift.seconds:
        heapreplace(free, free[0] + seconds)
    ideal, took = max(free), facts.trace.clock
    met = facts.trace.how == "returned" and took <= ideal + CLOCK
    items = len(facts.places)
    return f"time for {items} items", f"{ideal:.3f} s", _over(facts, took), met


def one_call(facts: Facts) -> Said:
    """The most calls of one item."""
    most = max((len(facts.of(item)) for item in facts.places), default=0)
    return "calls of each item", "1", f"{most}", most == 1


def _ok(facts: Facts) -> int:
    return sum(facts.kind(facts.of(item)[-1]) == "ok" for item in facts.settled)


def consumed(facts: Facts) -> Said:
    """The items that were consumed, of all."""
    count, asked = _ok(facts), len(facts.places)
    return "items consumed", f"all {asked}", f"{count}", count == asked


def settled(facts: Facts) -> Said:
    """The items that were consumed or set aside, of all."""
    count, asked = len(facts.settled), len(facts.places)
    return "consumed or set aside", f"all {asked}", f"{count}", count == asked


def extra_calls(facts: Facts) -> Said:
    """The calls after the first of an item, as a share of the items."""
    share = sum(one.number > 1 for one in facts.tries) / max(1, len(facts.places))
    return "extra calls", f"at most {EXTRA:.0%}", f"{share:.1%}", share <= EXTRA


def extra_in_outage(facts: Facts) -> Said:
    """The retries that begin in the first spell, beside what the budget pays for."""
    since, until, _does = facts.shift.weather.spells[0]
    extra = sum(one.number > 1 and since <= one.start < until for one in facts.tries)
    ok = sum(facts.kind(one) == "ok" and since <= (one.end or 0.0) < until for one in facts.tries)
    most = facts.given["budget"] / 2 + facts.given["refund"] * ok
    return "extra calls during it", f"at most {most:.4g}", f"{extra}", extra <= most


def pauses_end(facts: Facts) -> Said:
    """How long after the first spell the last pause that began in it ends."""
    until = facts.shift.weather.spells[0][1]
    most = facts.given["max_delay"] * (1 + facts.given["jitter"])
    last = 0.0
    for one in facts.tries:
        again = facts.again(one)
        if again is not None and one.end is not None and one.end <= until < again.start:
            last = max(last, again.start - until)
    return "pauses over after it", f"within {span(most)}", f"{last:.3f} s", last <= most + CLOCK


def at_once(facts: Facts) -> Said:
    """The most calls that ran at once."""
    most, asked = 0, facts.given["consumers"]
    for one in facts.tries:
        running = sum(
            other.start <= one.start and (other.end is None or other.end > one.start + SAME_TIME)
            for other in facts.tries
        )
        most = max(most, running)
    return "calls at once", f"at most {asked}", f"{most}", most <= asked


def repeated_early(facts: Facts) -> Said:
    """The calls that were repeated while they still ran."""
    early = 0
    for one in facts.tries:
        again = facts.again(one)
        early += again is not None and (one.end is None or one.end > again.start + SAME_TIME)
    return "repeated before the end", "0", f"{early}", early == 0


def set_aside(facts: Facts) -> Said:
    """The items that were set aside: just those that never succeed, and those that are refused."""
    bad, refused = (
        {
            item
            for _s, _u, b in facts.shift.weather.spells
            if b.does == does
            for item in b.items or ()
        }
        for does in ("fails", "refuses")
    )
    known = facts.set_aside.keys()
    asked, reached = f"{len(bad | refused)} bad ones", f"{len(known & (bad | refused))}"
    others = len(known - bad - refused)
    reached += f", {others} others" if others else ""
    return "set aside", asked, reached, known == bad | refused


def idle(facts: Facts) -> Said:
    """The longest time for which a consumer was idle although an item was left."""
    longest = max((to - since for since, to, *_ in idle_spans(facts)), default=0.0)
    return "a consumer idle", "0 s", f"{longest:.3f} s" if longest else "0 s", not longest


def longest_call(facts: Facts) -> Said:
    """The longest call, up to its end or until it was cancelled."""
    longest, limit = 0.0, facts.given["timeout"]
    for one in facts.tries:
        cut = facts.cut_off(one)
        end = cut if cut is not None else one.end if one.end is not None else facts.trace.clock
        longest = max(longest, end - one.start)
    return "longest call", f"at most {limit:g} s", span(longest), longest <= limit + CLOCK


def unsettled(facts: Facts) -> Said:
    """The most items that were taken and not settled."""
    asked = facts.given["maxsize"] + facts.given["consumers"] + 1
    most = most_unsettled(facts)
    return "taken, not settled", f"at most {asked}", f"{most}", most <= asked


def fullest_tenth(facts: Facts) -> Said:
    """The share of the retries in the fullest tenth of their window."""
    drawn = parts(facts.trace, facts.shift)
    share = share_of_the_fullest(drawn)
    most = SHARES * 0.1
    return "in a tenth of the window", f"at most {most:.0%}", f"{share:.0%}", 0 < share <= most


def returned(facts: Facts) -> Said:
    """How long after the stop it returned."""
    most = facts.given["grace"] + facts.shift.cleanup
    took = max(0.0, facts.trace.clock - facts.stop)
    met = facts.trace.how == "returned" and took <= most + CLOCK
    return "returned after the stop", f"within {most:.3f} s", _over(facts, took), met


def accounted(facts: Facts) -> Said:
    """The items taken that are settled, or told as unfinished in the result."""
    result = facts.result()
    told = result.get("unfinished") if isinstance(result, dict) else None
    count = len(facts.settled) + (len(told) if isinstance(told, list) else 0)
    asked = len(facts.taken)
    return "settled or unfinished", f"all {asked} taken", f"{count}", count == asked
