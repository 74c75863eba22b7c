"""Scenarios: frozen data, to JSON and back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.scenario import ALWAYS, Consume, Job, Pipeline, Scenario, from_json, to_json

_SECONDS = st.floats(0, 1e6)
_NUMBERS = st.lists(st.integers(), max_size=3)
_ITEMS = (
    st.integers()
    | st.text(max_size=9)
    | st.booleans()
    | st.floats(allow_nan=False)
    | _NUMBERS
    | _NUMBERS.map(tuple)
)
_JOBS = st.lists(
    st.builds(
        Job,
        _ITEMS,
        _SECONDS,
        st.just(ALWAYS) | st.integers(0, 9),
        st.none() | st.text(max_size=9),
        _SECONDS,
    ),
    max_size=5,
).map(tuple)
_OPTIONS = st.dictionaries(st.text(max_size=9), st.integers() | _SECONDS, max_size=4)
_SCENARIOS = st.one_of(
    st.builds(Pipeline, _JOBS, _OPTIONS, st.booleans()),
    st.builds(
        Consume,
        _JOBS,
        st.lists(st.text(max_size=9), max_size=3).map(tuple),
        _OPTIONS,
        st.lists(_SECONDS, max_size=3).map(tuple),
        st.none() | _SECONDS,
    ),
)


@given(_SCENARIOS)
def test_a_scenario_comes_back_from_json(scenario: Scenario) -> None:
    """Written as JSON text and read again, any scenario equals itself."""
    again = from_json(json.loads(json.dumps(to_json(scenario))))
    assert again == scenario
    assert type(again) is type(scenario)
    assert [type(job.item) for job in again.jobs] == [type(job.item) for job in scenario.jobs]


@pytest.mark.parametrize("kind", [Pipeline, Consume])
def test_what_is_unsaid_is_not_handed_over(kind: type[Pipeline | Consume]) -> None:
    """Options left to the defaults are in force for the checks; the learner's process is not told."""
    scenario = kind((), options={"attempts": 4, "delay": 0.5}, unsaid=frozenset({"attempts"}))
    assert scenario.options["attempts"] == 4
    assert to_json(scenario)["options"] == {"delay": 0.5}
    assert from_json(to_json(scenario)) == kind((), options={"delay": 0.5})


_DATA: dict[str, Any] = {
    "kind": "consume",
    "jobs": [[1, 0.05, 0, None, 0.0]],
    "options": {},
    "brief": False,
    "names": ["C1"],
    "starts": [],
    "cancel": None,
}


def test_the_example_of_bad_data_is_good_but_for_the_badness() -> None:
    """The data that the next test spoils is a scenario."""
    assert from_json(_DATA) == Consume((Job(1),))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"kind": "else"},
        {"kind": None},
        {"jobs": None},
        {"jobs": [1]},
        {"jobs": [[]]},
        {"jobs": [[1, 2, 3, 4, 5, 6]]},
        {"options": None},
        {"options": ["x"]},
        {"names": None},
        {"starts": 5},
    ],
)
def test_other_data_is_refused(spoiled: dict[str, Any]) -> None:
    """Data that `to_json` did not write raises `ValueError`."""
    with pytest.raises(ValueError, match="scenario"):
        from_json(_DATA | spoiled)


@pytest.mark.parametrize("missing", list(_DATA))
def test_incomplete_data_is_refused(missing: str) -> None:
    """Nothing stands in for a field that is not there."""
    with pytest.raises(ValueError, match="not a scenario"):
        from_json({key: value for key, value in _DATA.items() if key != missing})


def test_scenarios_do_not_change() -> None:
    """A scenario that was sent stays what it was."""
    for thing in (Job(1), Pipeline(()), Consume(())):
        with pytest.raises(dataclasses.FrozenInstanceError):
            thing.jobs = ()  # type: ignore[union-attr,misc]  # this is what is tested
