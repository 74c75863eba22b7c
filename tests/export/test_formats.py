"""The formats of others, each against its schema, for every way that a submission comes out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from grader.class_results import ClassReport, Sender, SubmissionResult, Unused
from grader.export.plain import plain
from grader.export.to_classroom50 import HandedIn, to_classroom50
from grader.export.to_csv import to_csv
from grader.export.to_exercism import to_exercism
from grader.export.to_gradescope import to_gradescope
from grader.export.to_json import class_to_json
from grader.export.to_junit import class_to_junit, to_junit
from grader.export.to_markdown import to_markdown
from grader.results import CheckResult, ExerciseResult, Outcome, Why
from tests.export import schemas
from tests.render import samples

HANDED_IN = HandedIn(
    "cs1",
    "retries",
    "anna",
    "submit/2026",
    "https://c",
    "https://r",
    "https://v",
    "2026-11-24T08:15:00Z",
)
EVIL = "</script><b>`x`</b> ]]> &amp; \x1b[2J \ud800 \ufffe *x* [a](javascript:1) | #"


def unjudged(outcome: Outcome, note: str = "") -> ExerciseResult:
    """An exercise of which no check was run."""
    check = CheckResult("test_a", "Does it.", 2, why=Why.DEPENDENCY, message="not run")
    return ExerciseResult("ex4_d", "D", 2, outcome, (check,), "ex4_d.py", note=note)


def broken() -> ExerciseResult:
    """A file that cannot be imported."""
    first = CheckResult(
        "test_a", "Does it.", 2, Outcome.FAILED, Why.IMPORT, "Cannot be imported: x (line 3)."
    )
    return replace(
        unjudged(Outcome.FAILED), max_score=4, checks=(first, *unjudged(Outcome.FAILED).checks)
    )


def evil() -> ExerciseResult:
    """Whose every text is the learner's, and hostile."""
    failed = samples.failed(message=EVIL, title=EVIL)
    return samples.exercise(2, EVIL, Outcome.FAILED, samples.passed(), failed)


CASES: Mapping[str, tuple[ExerciseResult, ...]] = {
    "passed": (samples.done(),),
    "failed": (samples.done(), samples.wrong_backoff()),
    "missing": (unjudged(Outcome.MISSING, "There is no /home/x/ex4_d.py."),),
    "not started": (unjudged(Outcome.NOT_STARTED), samples.done()),
    "broken": (broken(),),
    "evil": (evil(),),
    "ungraded": (unjudged(Outcome.UNGRADED, "The lab failed."), samples.done()),
}
GRADED = [name for name in CASES if name != "ungraded"]


def valid(text: str, schema: Mapping[str, Any]) -> Any:
    """The data, when it is as the schema says."""
    data = json.loads(text)
    Draft202012Validator(schema).validate(data)
    return data


@pytest.mark.parametrize("name", GRADED)
def test_gradescope(name: str) -> None:
    """Valid, everything visible, and the points add up."""
    data = valid(to_gradescope(CASES[name]), schemas.GRADESCOPE)
    assert sum(test["score"] for test in data["tests"]) == sum(one.score for one in CASES[name])
    assert {test["visibility"] for test in data["tests"]} == {"visible"}
    assert "/home" not in json.dumps(data)


@pytest.mark.parametrize("name", GRADED)
def test_classroom50(name: str) -> None:
    """Valid, with no further keys at the root, and the points add up."""
    data = valid(to_classroom50(CASES[name], HANDED_IN), schemas.CLASSROOM50)
    assert data["score"] == sum(test["score"] for test in data["tests"])
    assert data["max-score"] == sum(test["max-score"] for test in data["tests"])


@pytest.mark.parametrize("write", [to_gradescope, lambda r: to_classroom50(r, HANDED_IN)])
def test_no_zero_for_what_is_ungraded(write: Callable[[Any], str]) -> None:
    """These formats have no word for it, so nothing is written."""
    with pytest.raises(ValueError, match="ungraded"):
        write(CASES["ungraded"])


@pytest.mark.parametrize("name", CASES)
def test_exercism(name: str) -> None:
    """Valid; an error only when no test ran, and then with the reason."""
    data = valid(to_exercism(CASES[name]), schemas.EXERCISM)
    expected = {"passed": "pass", "missing": "error", "broken": "error"}
    assert data["status"] == expected.get(name, "fail")
    assert (data["message"] is not None) == (data["status"] == "error")
    if data["status"] != "error":
        titles = [check.title for one in CASES[name] for check in one.checks]
        assert [test["test_code"] for test in data["tests"]] == [plain(one) for one in titles]


def test_exercism_shows_the_learners_prints() -> None:
    """No more than 500 characters of them, and it says when there were more."""
    check = samples.failed()
    trace: dict[str, Any] = dict(check.observation.trace or {})
    many = [[0.0, 1, "print", 1, "x" * 90, None]] * 9
    loud = replace(check, observation=replace(check.observation, trace={**trace, "events": many}))
    result = samples.exercise(1, "A", Outcome.FAILED, samples.failed(), loud)
    few, cut = (test["output"] for test in json.loads(to_exercism([result]))["tests"])
    assert "RETRY" in few
    assert len(cut) == 500
    assert "truncated" in cut


@pytest.mark.parametrize("name", CASES)
def test_junit(name: str) -> None:
    """Of the shape that Jenkins' schema allows, with the points as properties."""
    root = ET.fromstring(to_junit(CASES[name]))  # noqa: S314 - it was written here
    schemas.check_junit(root)
    suites = root.findall("testsuite")
    for suite, result in zip(suites, CASES[name], strict=True):
        properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
        assert properties["outcome"] == result.outcome.value
        graded = result.outcome is not Outcome.UNGRADED
        assert (properties.get("score") == str(result.score)) == graded


def test_junit_of_a_class() -> None:
    """A suite for each exercise of each submission."""
    report = a_class()
    root = ET.fromstring("".join(class_to_junit(report.submissions)))  # noqa: S314 - likewise
    schemas.check_junit(root)
    names = [suite.get("name", "") for suite in root]
    assert len(names) == len(set(names)) == sum(len(one.exercises) for one in report.submissions)


# -- the class's own files -------------------------------------------------------------------------


def a_class() -> ClassReport:
    """A submission for each case; the first is a group's."""
    group = (Sender("canvas", "1", "=Ann", "s1", "a@x"), Sender("canvas", "2", "Bo", "", "b@x"))
    submissions = tuple(
        SubmissionResult(f"-{name} {EVIL}", results, group if not place else (), late=not place)
        for place, (name, results) in enumerate(CASES.items())
    )
    return ClassReport(7, ("ex1_a", "ex4_d"), submissions, (Unused("a.zip", "encrypted"),))


def test_results_json() -> None:
    """What is documented, in pure ASCII, one submission a line."""
    text = "".join(class_to_json(a_class()))
    data = valid(text, schemas.RESULTS)
    assert text.isascii()
    assert [one["submission"] for one in data["submissions"]] == [
        one.submission for one in a_class().submissions
    ]
    assert data["unused"] == [{"path": "a.zip", "reason": "encrypted"}]


def test_results_json_of_nobody() -> None:
    """An empty class is valid too."""
    nobody = ClassReport(7, (), ())
    assert "not_handed_in" not in valid("".join(class_to_json(nobody)), schemas.RESULTS)
    absent = valid("".join(class_to_json(nobody, not_handed_in=["Ada"])), schemas.RESULTS)
    assert absent["not_handed_in"] == ["Ada"]


def test_gradebook() -> None:
    """A row each; what is ungraded is empty, what was not handed in is zero."""
    rows = list(csv.DictReader(io.StringIO("".join(to_csv(a_class())))))
    by_case = dict(zip(CASES, rows, strict=True))
    assert by_case["missing"]["ex4_d"] == "0"
    assert (by_case["ungraded"]["ex4_d"], by_case["ungraded"]["total"]) == ("", "")
    assert by_case["passed"]["name"] == "'=Ann; Bo"
    assert by_case["passed"]["late"] == "yes"


# -- feedback --------------------------------------------------------------------------------------


def test_feedback() -> None:
    """Points, what was found, the line, and the first hint; not the second."""
    text = to_markdown(SubmissionResult("anna", (samples.wrong_backoff(),)))
    assert "# Feedback for anna" in text
    assert "Item 7 waited" in text
    assert samples.HINTS[0].split(",")[0] in text
    assert samples.HINTS[2].split(":")[0] not in text
    assert "    await asyncio.sleep(delay)" in text
    first, second = text.index("**Keep the item**"), text.index("**Wait longer each time**")
    assert first < text.index("- [x]") < second < text.index("Waits only before retries")


@pytest.mark.parametrize("outcome", [Outcome.MISSING, Outcome.NOT_STARTED, Outcome.UNGRADED])
def test_feedback_on_what_was_not_judged(outcome: Outcome) -> None:
    """One sentence; a fault of the grader never shows as points."""
    text = to_markdown(SubmissionResult("anna", (unjudged(outcome, "The lab failed at x."),)))
    assert ("points" not in text) == (outcome is Outcome.UNGRADED)
    assert "lab" not in text


def test_feedback_lists_what_was_not_used() -> None:
    """So that a learner sees which file was not looked at."""
    result = SubmissionResult("anna", (), unused=(Unused("ex1 (1).py", "an older upload"),))
    assert "- ex1 \\(1\\).py: an older upload" in to_markdown(result)


@given(st.text(alphabet="`\\<>&*_[]()#!|~\n x1", max_size=40))
def test_a_submissions_text_is_never_markup(text: str) -> None:
    """Outside of code between backquotes no character has a meaning, whatever the text is."""
    failed = samples.failed(message=text, title="T", line=None, hints=())
    result = samples.exercise(1, "A", Outcome.FAILED, failed)
    lines = to_markdown(SubmissionResult("anna", (result,))).splitlines()
    quoted = [line.removeprefix(">") for line in lines if line.startswith(">")]
    for line in quoted:
        outside = "".join(_outside_code(line))
        assert not any(sign in outside for sign in "`<>*_[]#|~")


def _outside_code(line: str) -> Iterator[str]:
    """The line as CommonMark reads it: without escaped characters and without code spans."""
    at = 0
    while at < len(line):
        if line[at] == "\\" and at + 1 < len(line):
            at += 2
        elif line[at] == "`":
            run = len(line[at:]) - len(line[at:].lstrip("`"))
            end = at + run
            while end < len(line):
                if line[end] == "`":
                    length = len(line[end:]) - len(line[end:].lstrip("`"))
                    if length == run:
                        break
                    end += length
                else:
                    end += 1
            if end < len(line):
                at = end + run
            else:
                yield line[at : at + run]
                at += run
        else:
            yield line[at]
            at += 1
