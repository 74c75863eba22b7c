"""The retry budget: replays a run's calls, and finds the account that explains its decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from grader.course.api import SAME_TIME, Failure, Mistake, Try, lines
from grader.course.ex16_ship_it.mistakes import (
    BUDGET_MISCOUNTED,
    BUDGET_NOT_SHARED,
    BUDGET_THRESHOLD,
    GIVES_UP_EARLY,
    OUTAGE_AMPLIFIED,
    REFUSAL_CHARGED,
    REFUSAL_REFUNDED,
)
from grader.course.ex16_ship_it.shift import CLOCK, Facts
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS
from grader.course.mistakes.tries import ONE_TRY_TOO_FEW, TOO_MANY_TRIES
from grader.trace import Event, limits

__all__ = ["decisions"]

ONCE_IS_CHANCE = 2
"""So many decisions, at least, say that a kind of failure is never tried again."""

Decision = tuple[Try, bool]
"""A failed call, and whether another one followed."""


@dataclass(frozen=True)
class Account:
    """One way to keep the budget; as it stands, the contract's.

    start: what it holds at first, as a part of the whole. stops: the part at which retries end.
    enough: whether exactly that much is enough. looks_first: the failure itself is not counted yet.
    short: so many of an item's last calls are never made. floor, cap: never below 0, never above the
    whole. charges: the kinds of failed calls that are charged. pays: the kinds of calls that give
    `refund` back. whose: the account that a call belongs to.
    """

    start: float = 1.0
    stops: float = 0.5
    enough: bool = False
    looks_first: bool = False
    short: int = 0
    refund: float | None = None
    floor: bool = True
    cap: bool = True
    charges: frozenset[str] = frozenset({"failed", "timed out", "last"})
    pays: frozenset[str] = frozenset({"ok"})
    whose: Callable[[Try], int] = lambda _one: 0


def levels(facts: Facts, account: Account) -> Iterator[tuple[Try, float, float]]:
    """Each failed call, with the least and the most that the budget may hold when it is looked at.

    Things at one instant may be counted in any order.
    """
    full = float(facts.given["budget"])
    refund = float(facts.given["refund"]) if account.refund is None else account.refund
    floor = 0.0 if account.floor else -1e9
    cap = full if account.cap else 1e9
    kept: dict[int, tuple[float, float]] = {}
    for group in _instants(facts):
        for whose in {account.whose(one) for one in group}:
            mine = [one for one in group if account.whose(one) == whose]
            low, high = kept.get(whose, (account.start * full, account.start * full))
            failed = [one for one in mine if facts.kind(one) == "failed"]
            cost = sum(_charged(facts, one, account) for one in mine)
            back = refund * sum(facts.kind(one) in account.pays for one in mine)
            for one in failed:
                own = 0 if account.looks_first else _charged(facts, one, account)
                least = max(floor, low - (cost if cost > 1 or own else 0))
                yield one, least, max(floor, min(cap, high + back) - own)
            first_back = [max(floor, min(cap, x + back) - cost) for x in (low, high)]
            first_cost = [min(cap, max(floor, x - cost) + back) for x in (low, high)]
            kept[whose] = min(first_back[0], first_cost[0]), max(first_back[1], first_cost[1])


def _charged(facts: Facts, one: Try, account: Account) -> int:
    kind = facts.kind(one)
    if kind == "refused":
        return int("refused" in account.charges)
    if kind != "failed":
        return 0
    if facts.timed_out(one) and "timed out" not in account.charges:
        return 0
    return int(one.number < facts.given["attempts"] or "last" in account.charges)


def _instants(facts: Facts) -> Iterator[list[Try]]:
    """The calls that ended, by the instant of their end."""
    ended = sorted((one.end, one.order, one) for one in facts.tries if one.end is not None)
    group: list[Try] = []
    for end, _order, one in ended:
        if group and end - (group[-1].end or 0.0) > SAME_TIME:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _says(account: Account, facts: Facts, low: float, high: float) -> bool | None:
    """Whether the budget allows a retry; None if it depends on the order of things at one instant."""
    half = account.stops * float(facts.given["budget"])
    exact = float(facts.given["refund"]) * 64 % 1 == 0 == half * 64 % 1
    slack = 1e-9 if exact else 1e-6
    if account.enough:
        return True if low >= half - slack else False if high < half - slack else None
    if not exact and low - slack <= half <= high + slack:
        return None
    return True if low > half + slack else False if high <= half + slack else None


def _wrong(facts: Facts, account: Account, made: dict[int, bool]) -> tuple[Try, bool] | None:
    """The first decision that this account does not explain, and what it says; None if there is none."""
    for one, low, high in levels(facts, account):
        decided = made.get(one.order)
        said = _says(account, facts, low, high)
        if one.number >= facts.given["attempts"] - account.short:
            said = False
        if decided is not None and said is not None and decided != said:
            return one, said
    return None


def _made(facts: Facts) -> dict[int, bool]:
    """The decisions after failed calls with tries left, by order: whether another call followed."""
    found = {}
    ended = min(facts.over, facts.trace.clock)
    for one in facts.tries:
        if facts.kind(one) != "failed" or one.number >= facts.given["attempts"] or one.end is None:
            continue
        if facts.again(one) is not None:
            found[one.order] = True
        elif one.item in facts.set_aside or one.end + facts.window(one)[1] < ended - CLOCK:
            found[one.order] = False
    return found


def decisions(facts: Facts) -> None:
    """A failed item is tried again just when tries and more than half of the budget are left."""
    attempts = facts.given["attempts"]
    for one in facts.tries:
        if one.number > attempts:
            raise TOO_MANY_TRIES(
                f"{_the(facts, one)} was called {one.number} times, at {one.start:.3f} s once more, "
                f"with attempts={attempts}.",
                f"An item whose {attempts} calls have failed is given up on.",
                line=one.line,
                at=one.start,
                task=one.task,
                item=one.item,
            )
    made = _made(facts)
    wrong = _wrong(facts, Account(), made)
    if wrong is not None:
        raise _explained(facts, made, *wrong)


def _the(facts: Facts, one: Try) -> str:
    return f"Item {facts.trace.name(one.item)}"


def _explained(facts: Facts, made: dict[int, bool], one: Try, said: bool) -> Failure:
    given = facts.given
    mistake, words = next(
        (
            (mistake, words)
            for mistake, words, accounts in VARIANTS
            if any(_wrong(facts, account, made) is None for account in _of(accounts))
        ),
        (BUDGET_MISCOUNTED, "no account of failed calls and successes explains these decisions"),
    )
    low, high = next((lo, hi) for other, lo, hi in levels(facts, Account()) if other is one)
    left = f"{low:.4g}" if high - low < CLOCK else f"{low:.4g} to {high:.4g}"
    where = f"Call {one.number} of item {facts.trace.name(one.item)} failed at {one.end:.3f} s"
    line = None
    if said:
        asks = (
            f"More than half of budget={given['budget']:g} was left ({left}), and {one.number} of "
            f"attempts={given['attempts']} were made: it is tried again."
        )
        never = _never_again(facts, made)
        if never:
            mistake, words = GIVES_UP_EARLY, never
        elif mistake is BUDGET_MISCOUNTED and not words.startswith("the"):
            limit = limits(facts.trace).get(one.order)
            line = limit.line if limit is not None else None
            words = _ended_by(limit) if limit is not None else "it was given up on"
            mistake = GIVES_UP_EARLY
        return mistake(
            f"{where}, and it was not tried again: {words}.",
            asks,
            line=line,
            at=one.end,
            task=one.task,
            item=one.item,
        )
    again = facts.again(one)
    extra = sum(other.number > 1 for other in facts.tries)
    many = f" In all, {extra} of {len(facts.tries)} calls were retries." if extra > 9 else ""
    line = again.line if again is not None else None
    return mistake(
        f"{where}, and it was tried again{lines([line])}: {words}.{many}",
        f"With that failure counted, {left} of budget={given['budget']:g} was left: an item is tried "
        "again only while more than half is.",
        line=line,
        at=one.end,
        task=one.task,
        item=one.item,
    )


def _ended_by(limit: Event) -> str:
    """Say what ended an item between two calls."""
    began = limit.at - limit.data[0]
    return (
        f"a limit of {limit.data[0]:.4g} s{lines([limit.line])}, which began at {began:.3f} s, ended in "
        f"the pause, at {limit.at:.3f} s. A limit is for one call, not for all calls of an item"
    )


def _never_again(facts: Facts, made: dict[int, bool]) -> str:
    """The kinds of failure that were never tried again, in words, if that explains all; else ""."""
    kinds = {one.order: _kind_of(facts, one) for one in facts.tries if one.order in made}
    repeated = {kind for order, kind in kinds.items() if made[order]}
    never = {kind for kind in kinds.values() if kind and kind not in repeated}
    others = {order: again for order, again in made.items() if kinds[order] not in never}
    if len(made) - len(others) < ONCE_IS_CHANCE or _wrong(facts, Account(), others) is not None:
        return ""
    return f"no call that {' or '.join(sorted(never))} was"


def _kind_of(facts: Facts, one: Try) -> str:
    """What a failed call did that a learner's code may tell apart; "" for the usual failure."""
    if facts.timed_out(one):
        return "was cut off"
    if facts.retry_after(one):
        return "asked for a pause"
    error = facts.act(one).error
    return f"raised a {error.removeprefix('<')}" if isinstance(error, str) else ""


def _of(accounts: Account | Iterable[Account]) -> Iterable[Account]:
    return (accounts,) if isinstance(accounts, Account) else accounts


_ALL = Account().charges
VARIANTS: tuple[tuple[Mistake, str, Account | tuple[Account, ...]], ...] = (
    (ONE_TRY_TOO_FEW, "the last of its tries was never made", Account(short=1)),
    (OUTAGE_AMPLIFIED, "no budget holds its retries back", Account(stops=-1.0)),
    (
        BUDGET_NOT_SHARED,
        "each item has a budget of its own",
        (
            Account(whose=lambda one: one.item),
            Account(whose=lambda one: one.item, floor=False, cap=False),
        ),
    ),
    (
        BUDGET_NOT_SHARED,
        "each consumer has a budget of its own",
        (
            Account(whose=lambda one: one.task),
            Account(whose=lambda one: one.task, floor=False, cap=False),
        ),
    ),
    (REFUSAL_CHARGED, "the refused items are charged, too", Account(charges=_ALL | {"refused"})),
    (
        REFUSAL_REFUNDED,
        "the refused items give something back, too",
        Account(pays=frozenset({"ok", "refused"})),
    ),
    (
        BUDGET_MISCOUNTED,
        "the calls that were cut off are not charged",
        Account(charges=_ALL - {"timed out"}),
    ),
    (
        BUDGET_MISCOUNTED,
        "the last failures of items are not charged",
        Account(charges=_ALL - {"last"}),
    ),
    # After those above, with which they agree by chance where few calls fail in any other way.
    (
        BUDGET_THRESHOLD,
        "the budget is spent to its end, and not to one half",
        (Account(stops=0.0), Account(stops=0.0, enough=True, looks_first=True)),
    ),
    (BUDGET_THRESHOLD, "exactly half of it is taken for enough", Account(enough=True)),
    (BUDGET_THRESHOLD, "the failure is counted only after the look", Account(looks_first=True)),
    (BUDGET_MISCOUNTED, "the budget falls below 0", Account(floor=False)),
    (BUDGET_MISCOUNTED, "the budget grows above its size", Account(cap=False)),
    (BUDGET_MISCOUNTED, "the successes give nothing back", Account(refund=0.0)),
    (BUDGET_MISCOUNTED, "the successes give 1 back", Account(refund=1.0)),
    (BUDGET_MISCOUNTED, "the first success fills it again", Account(refund=1e6)),
    (BUDGET_MISCOUNTED, "the successes give 0.2 back, whatever refund says", Account(refund=0.2)),
    (
        STATE_SHARED_BETWEEN_RUNS,
        "the budget began with what a run before had left of it",
        tuple(replace(Account(), start=tenths / 20) for tenths in range(20)),
    ),
)
