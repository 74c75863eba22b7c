"""What is told of a scenario before it runs: all that decides what the code will do."""

from __future__ import annotations

import math

import pytest

from grader.course.kit.describe import described
from grader.script import (
    ALWAYS,
    Action,
    Call,
    Own,
    Plan,
    Queue,
    Reader,
    Rule,
    Script,
    Service,
    Source,
)

PLANS = (Plan(0.05, 2), Plan(0.06, ALWAYS), Plan(0.07, 1, Own("Refused", (404,))))


def _told(*services: Service, **parts: object) -> list[str]:
    made = Script(items=("tea", "milk", "jam"), services=services, **parts)  # type: ignore[arg-type]
    return described(made)


def test_a_failure_that_never_comes_is_not_told() -> None:
    """Where a rule decides all tries that would fail, only what the rule says is told."""
    plans = (Plan(0.05, 1), Plan(0.06, 2), Plan(0.07, ALWAYS))
    hangs = Rule(items=(0, 1, 2), first=1, last=1, seconds=math.inf)
    told = _told(Service("work", plans, rules=(hangs,), failing="OSError"))
    assert told[0] == (
        "A try takes, by item: tea: 0.050 s; milk: 0.060 s (the first 2 tries fail); "
        "jam: 0.070 s (every try fails)."
    )
    assert told[1:] == [
        "A try that fails raises OSError.",
        "Try 1 of item tea, milk, jam hangs until it is cancelled.",
    ]
    assert _told(Service("work", plans[:1], rules=(hangs,), failing="OSError"))[0].endswith(
        "0.050 s."
    )


def test_what_fails_says_with_what() -> None:
    """The error of a failing try decides what is done about it."""
    (plans, raises) = _told(Service("work", PLANS, failing=Own("Busy", (503,), {"wait": 2})))
    assert plans == (
        "A try takes, by item: tea: 0.050 s (the first 2 tries fail); milk: 0.060 s (every try fails); "
        "jam: 0.070 s (the first try fails, then one raises Refused(404))."
    )
    assert raises == "A try that fails raises Busy(503, wait=2)."


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            Rule((0,), 2, 2, lost=True),
            "Try 2 of item tea does its work, and fails: its answer is lost.",
        ),
        (
            Rule((0, 1), 2, 3, seconds=math.inf),
            "Each of tries 2 to 3 of item tea, milk hangs until it",
        ),
        (
            Rule(since=1.0, until=3.0, fails=True),
            "A try that begins from 1.000 s to 3.000 s fails.",
        ),
        (Rule(since=1.0, slower=4.0), "A try that begins from 1.000 s on takes 4 times as long."),
        (Rule(every=3, error="<TimeoutError"), "Every 3rd call raises a subclass of TimeoutError."),
        (Rule(first=3, answers=True), "Each try from number 3 on succeeds."),
        (Rule(seconds=0.5, cleanup=0.2), "A try takes 0.500 s, and needs 0.200 s to clean up when"),
    ],
)
def test_other_tries_than_planned(rule: Rule, words: str) -> None:
    """Which tries go otherwise, and how."""
    assert _told(Service("work", (Plan(), Plan(), Plan()), (rule,)))[-1].startswith(words)


def test_tries_that_go_alike_are_told_together() -> None:
    """A list of them, and what becomes of all."""
    rules = (Rule((0,), 1, 1, lost=True), Rule((2,), 3, 3, lost=True))
    told = _told(Service("work", (Plan(), Plan(), Plan()), rules))
    assert told[-1].startswith("Try 1 of item tea, try 3 of item jam: does its work")


def test_moments_and_what_else_there_is() -> None:
    """Items that come later, calls that begin later, events, cancellations, readers, sources, keys."""
    told = _told(
        sources=(Source(0, 2, times=(0.0, 0.5)), Source(2, 3, error="OSError")),
        queues=(Queue("letters", 2),),
        events=("stop",),
        keys=("a", "b", "a"),
        calls=(Call("consumer", task="C1"), Call("consumer", at=0.3, task="C2")),
        readers=(Reader(0, 0.2, 0.1),),
        actions=(
            Action(0.4, "put", (0, 2)),
            Action(0.9, "set", (0,)),
            Action(1.5, "cancel", (1,)),
        ),
    )
    assert told == [
        "The items come one by one, at: tea: 0.000 s; milk: 0.500 s.",
        "After its last item the source raises OSError.",
        "The items' keys, in order: 'a', 'b', 'a'.",
        "letters has room for 2.",
        "From 0.100 s on somebody reads letters, and rests 0.200 s after each.",
        "Items that come later: jam at 0.400 s.",
        "C2 begins at 0.300 s.",
        "stop is set at 0.900 s.",
        "At 1.500 s it is cancelled: C2.",
    ]


def test_several_services_are_told_apart() -> None:
    """Each with its name, its clean-up, and the moments at which it breaks."""
    two = Service("fetch", (Plan(),)), Service("store", (Plan(),), breaks=(0.7,), cleanup=0.1)
    assert described(Script(items=("tea",), services=two)) == [
        "A try of fetch takes, by item: tea: 0.050 s.",
        "A try of store takes, by item: tea: 0.050 s.",
        "At 0.700 s all tries of store that run fail.",
        "A try of store that is cancelled needs 0.100 s to clean up.",
    ]
