"""Scripts: frozen data, to JSON and back; and what a service makes of a try."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.script import (
    ALWAYS,
    QUIET,
    Act,
    Action,
    Call,
    Odd,
    Own,
    Plan,
    Queue,
    Reader,
    Ref,
    Rule,
    Script,
    Service,
    Source,
    from_json,
    to_json,
)

_SECONDS = st.floats(0, 1e6)
_SMALL = st.integers(0, 9)
_WORDS = st.text(max_size=9)
_NUMBERS = st.lists(st.integers(), max_size=3)
_ITEMS = (
    st.integers()
    | _WORDS
    | st.booleans()
    | st.floats(allow_nan=False)
    | _NUMBERS
    | _NUMBERS.map(tuple)
    | st.just(Odd("equal"))
)
_OPTIONS = st.dictionaries(_WORDS, st.integers() | _SECONDS | st.none(), max_size=3)
_ERRORS = _WORDS | st.builds(
    Own, _WORDS, st.lists(st.integers(), max_size=2).map(tuple), _OPTIONS, st.booleans()
)
_PLANS = st.builds(Plan, _SECONDS, st.just(ALWAYS) | _SMALL, st.none() | _ERRORS)
_RULES = st.builds(
    Rule,
    items=st.none() | st.lists(_SMALL, max_size=3).map(tuple),
    first=_SMALL,
    last=st.none() | _SMALL,
    since=_SECONDS,
    until=_SECONDS,
    every=st.integers(1, 9),
    seconds=st.none() | _SECONDS | st.just(math.inf),
    slower=_SECONDS,
    fails=st.booleans(),
    error=st.none() | _ERRORS,
    answers=st.booleans(),
    lost=st.booleans(),
)


def _some(strategy: Any) -> Any:
    return st.lists(strategy, max_size=3).map(tuple)


_SCRIPTS = st.builds(
    Script,
    items=_some(_ITEMS),
    sources=_some(
        st.builds(
            Source,
            _SMALL,
            _SMALL,
            st.booleans(),
            st.none() | _some(_SECONDS),
            _WORDS,
            st.sampled_from([(), (1, 0, 1)]),
        )
    ),
    queues=_some(st.builds(Queue, _WORDS, _SMALL)),
    services=_some(
        st.builds(
            Service,
            _WORDS,
            _some(_PLANS),
            _some(_RULES),
            st.none() | _ERRORS,
            _SECONDS,
            st.booleans(),
            _some(_WORDS),
            _some(_SECONDS),
        )
    ),
    events=_some(_WORDS),
    counts=_some(_WORDS),
    keys=_some(st.integers() | _WORDS),
    calls=_some(
        st.builds(
            Call,
            _WORDS,
            _some(st.builds(Ref, _WORDS, _SMALL) | st.integers() | _WORDS),
            _some(_WORDS),
            _OPTIONS,
            _SECONDS,
            _WORDS,
        )
    ),
    readers=_some(st.builds(Reader, _SMALL, _SECONDS, _SECONDS)),
    actions=_some(st.builds(Action, _SECONDS, _WORDS, _some(_SMALL))),
    ends=st.sampled_from(["returned", QUIET]),
    hands=_SMALL,
    brief=st.booleans(),
)


@given(_SCRIPTS)
def test_a_script_comes_back_from_json(script: Script) -> None:
    """Written as JSON text and read again, any script equals itself."""
    again = from_json(json.loads(json.dumps(to_json(script))))
    assert again == script
    assert [type(item) for item in again.items] == [type(item) for item in script.items]


@pytest.mark.parametrize(
    "data",
    [
        {"nothing": 1},
        {"items": 5},
        {"services": [{"name": "work"}]},
        {"services": [{"name": "work", "plans": [[0.1]], "rules": [], "failing": None}]},
        {"calls": [{"values": []}]},
        {"actions": [[]]},
        [],
    ],
)
def test_other_data_is_no_script(data: Any) -> None:
    """Data that `to_json` did not write raises `ValueError`."""
    with pytest.raises(ValueError, match="not a script"):
        from_json(data)


# -- what becomes of a try -------------------------------------------------------------------------------

PLANS = (Plan(0.5, fails=2), Plan(0.5), Plan(0.5, ALWAYS), Plan(0.5, 1, "ValueError"))
FAILS = Act(0.5, fails=True, effect=False)


def _act(item: int, number: int, *rules: Rule, call: int = 1, at: float = 0.0) -> Act:
    return Service("work", PLANS, rules).act(item, number, call, at)


def test_a_plan_fails_and_then_succeeds_or_raises() -> None:
    """So many tries fail; the next one succeeds, or raises what the plan says."""
    assert [_act(0, number) for number in (1, 2, 3)] == [FAILS, FAILS, Act(0.5)]
    assert (_act(1, 1), _act(2, 99)) == (Act(0.5), FAILS)
    assert _act(3, 2) == Act(0.5, error="ValueError", effect=False)


def test_an_outage_is_a_rule_with_times() -> None:
    """What begins within it fails at once; what begins before or after it goes as planned."""
    outage = Rule(since=2.0, until=4.0, fails=True, seconds=0.01)
    acts = [_act(1, 1, outage, at=at) for at in (1.9, 2.0, 3.9, 4.0)]
    down = Act(0.01, fails=True, effect=False)
    assert acts == [Act(0.5), down, down, Act(0.5)]


@pytest.mark.parametrize(
    ("rule", "act"),
    [
        (Rule(slower=5.0), Act(2.5)),
        (Rule(seconds=math.inf), Act(math.inf)),
        (Rule(error=Own("Refused")), Act(0.5, error=Own("Refused"), effect=False)),
        (Rule(lost=True), Act(0.5, fails=True, effect=True)),
        (Rule(answers=True), Act(0.5)),
    ],
)
def test_a_rule_says_what_becomes_of_a_try(rule: Rule, act: Act) -> None:
    """Slowness, hangs, refusals, lost answers, and success."""
    assert _act(1, 1, rule) == act


def test_rules_choose_tries_by_item_number_and_call() -> None:
    """The first rule that fits counts; `every` counts the calls of all items."""
    first = Rule(items=(1,), last=1, fails=True)
    assert [_act(1, n, first) for n in (1, 2)] == [FAILS, Act(0.5)]
    assert _act(0, 3, first) == Act(0.5)
    every = Rule(every=3, fails=True)
    assert [_act(1, 1, every, call=n) for n in (1, 2, 3)] == [Act(0.5), Act(0.5), FAILS]
    assert _act(1, 1, Rule(answers=True), every, call=3) == Act(0.5)


def test_a_break_ends_all_tries_that_run() -> None:
    """At that moment they fail; a try that ends or begins then is none of them."""
    service = Service("work", PLANS, breaks=(1.0,))
    acts = [service.act(1, 1, 1, at) for at in (0.4, 0.5, 0.75, 1.0)]
    assert acts == [Act(0.5), Act(0.5), Act(0.25, fails=True, effect=False), Act(0.5)]


def test_the_script_knows_when_it_acts() -> None:
    """The moments of calls, actions, readers and async sources, and none else."""
    script = Script(
        items=(1000,),
        sources=(Source(0, 1, times=(0.25,)),),
        calls=(Call("work", at=1.0),),
        readers=(Reader(0, 0.1, since=3.0),),
        actions=(Action(2.0, "set", (0,)),),
    )
    assert script.moments() == {0.25, 1.0, 2.0, 3.0}
