"""Whether the pauses are as long as asked: `retry_after` is kept to, and so is d.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.api import Misconception, Mistake, Retry
from grader.course.ex12_listen_to_the_service.mistakes import (
    IGNORES_RETRY_AFTER,
    RETRY_AFTER_ADDED_TO_DELAY,
    RETRY_AFTER_CUT_SHORT,
    RETRY_AFTER_REMEMBERED,
    RETRY_AFTER_REPLACES_BACKOFF,
)
from grader.course.ex12_listen_to_the_service.service import SLACK, Run, Runs
from grader.course.mistakes.pauses import WAIT_MEASURED_FROM_START, WRONG_PAUSE

__all__ = ["never_too_early", "too_late"]

Early = tuple[Run, Retry]


def never_too_early(runs: Runs) -> None:
    """No try begins before the pause that the last one asked for is over."""
    early = [
        (run, retry)
        for run in runs
        for retry in run.heard.retries
        if _is_short(retry.pause, run.scenario.least(retry.item, retry.number))
    ]
    if early:
        raise _why_early(early)


def _is_short(pause: float, least: float) -> bool:
    return pause < least - SLACK - least * 1e-9


def _why_early(early: Sequence[Early]) -> Misconception:
    """The first mistake that explains all of them."""
    unheard = [(run, retry) for run, retry in early if _told_longer(run, retry)]
    mistake, words = _reading(early, unheard)
    run, retry = (unheard or early)[0]
    said, clean = run.refusal(retry), run.scenario.clean(retry.number)
    least = run.scenario.least(retry.item, retry.number)
    asks = (
        f"max(retry_after, d) = {least:.6g} s at the least: retry_after is {said:.6g} s"
        if (said is not None)
        else f"d = {least:.6g} s at the least"
    )
    asks += f", and d = {clean:.6g} s." if said is not None else "."
    return mistake(
        f"{_seen(run, retry)} It was tried again at {retry.start + retry.pause:.3f} s, "
        f"{retry.pause:.6g} s later{words}.",
        asks,
        at=retry.start + retry.pause,
        task=retry.task,
        item=retry.item,
        line=retry.line,
    ).about(run.trace)  # type: ignore[return-value]


def _seen(run: Run, retry: Retry) -> str:
    said = run.refusal(retry)
    what = "failed" if said is None else f"was refused, with retry_after={said:.6g},"
    return f"Try {retry.number} of item {run.name(retry.item)} {what} at {retry.start:.3f} s."


def _told_longer(run: Run, retry: Retry) -> bool:
    said = run.refusal(retry)
    return said is not None and _is_short(retry.pause, said)


def _reading(early: Sequence[Early], unheard: Sequence[Early]) -> tuple[Mistake, str]:
    if all(_lasted(run, retry) + retry.pause >= _least(run, retry) - SLACK for run, retry in early):
        return WAIT_MEASURED_FROM_START, ": that counts from the beginning of the failed try"
    if unheard and all(_as_ever(run, retry) for run, retry in early):
        below = all(run.scenario.below(retry.item) for run, retry in early)
        of_a_class = ": the error was of a class below TooManyRequests" if below else ""
        return IGNORES_RETRY_AFTER, f", as if nothing had been said{of_a_class}"
    if unheard:
        return RETRY_AFTER_CUT_SHORT, ""
    if all(run.refusal(retry) is not None for run, retry in early):
        return RETRY_AFTER_REPLACES_BACKOFF, ": as long as it was told, but shorter than d"
    return WRONG_PAUSE, ""


def _least(run: Run, retry: Retry) -> float:
    return run.scenario.least(retry.item, retry.number)


def _lasted(run: Run, retry: Retry) -> float:
    failed = run.heard.tries_of(retry.item)[retry.number - 1]
    return retry.start - failed.start


def _as_ever(run: Run, retry: Retry) -> bool:
    """Whether it was refused, and waited for as long as after any other failed try."""
    clean = run.scenario.clean(retry.number)
    most = clean * (1 + run.scenario.options["jitter"]) + _held_back(run)
    return run.refusal(retry) is not None and clean - SLACK <= retry.pause <= most + SLACK


def _held_back(run: Run) -> float:
    """How much longer the rate may make a pause, where it is high."""
    return (run.scenario.consumers + 1) / run.scenario.rate


# -- too late ------------------------------------------------------------------------------------


def too_late(run: Run, retry: Retry) -> Misconception:
    """The failure for a retry that nothing held back, and that came too late."""
    least, most = _least(run, retry), run.scenario.most(retry.item, retry.number)
    mistake, words = _why_late(run, retry)
    more = f" to {most:.6g} s" if most > least else ""
    return mistake(
        f"{_seen(run, retry)} It was tried again only at {retry.start + retry.pause:.3f} s, "
        f"{retry.pause:.6g} s later{words}, and the rate did not hold it back.",
        f"A pause of {least:.6g}{more or ' s'}; the rate adds at most {1 / run.scenario.rate:.6g} s.",
        at=retry.start + most,
        task=retry.task,
        item=retry.item,
        line=retry.line,
    )


def _why_late(run: Run, retry: Retry) -> tuple[Mistake, str]:
    said, clean = run.refusal(retry), run.scenario.clean(retry.number)
    jitter = run.scenario.options["jitter"]
    if said is not None:
        both = said + clean
        if both - SLACK <= retry.pause <= both * (1 + jitter) + _held_back(run):
            return (
                RETRY_AFTER_ADDED_TO_DELAY,
                f": {said:.6g} s and {clean:.6g} s, one after the other",
            )
    before = (run.scenario.refusal(retry.item, number) for number in range(1, retry.number))
    for earlier in (one for one in before if one):
        if said is None and earlier - SLACK <= retry.pause <= earlier * (1 + jitter) + clean:
            return (
                RETRY_AFTER_REMEMBERED,
                f": it still waits for the {earlier:.6g} s of an earlier try",
            )
    return WRONG_PAUSE, ""
