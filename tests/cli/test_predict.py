"""`predict`: the scenario first, then the questions, then the answers beside the truth."""

from __future__ import annotations

import io
import re
import sys

import pytest

from grader.cli.predict import understood
from grader.predict import NEVER, Question
from grader.results import Outcome
from tests.cli.conftest import Judge, Ran, Run
from tests.cli.test_timeline import _with_trace

SECONDS = Question("When?", "s", 0.25, 0.005, 0.25, 1, "So it is.", may_never=True)
COUNTED = Question("How many?", "item", 3, 0, 0.1, None, "So it is.")


@pytest.fixture
def judged(fake: Judge) -> Judge:
    """A judge whose failures can be drawn."""
    fake.judging = lambda exercise, _seed: _with_trace(exercise)
    return fake


def _say(run: Run, monkeypatch: pytest.MonkeyPatch, lines: str, *words: str) -> Ran:
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    return run("predict", "ex2", *words)


@pytest.mark.usefixtures("judged")
def test_right_and_wrong_answers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gives the answers that the screen has told is right with each, and wrong with others."""
    first = _say(run, monkeypatch, "\n\n\n")
    assert first.code == 0
    assert first.out.count("The answer: ") == 3
    told = re.findall(r"The answer: ([\d.]+|never)", first.out)
    right = _say(run, monkeypatch, "".join(f"{answer}\n" for answer in told))
    assert right.out.count("Right: ") == 3
    assert "3 of 3 as you said" in right.out
    wrong = _say(run, monkeypatch, "77\n77\n77\n")
    assert wrong.out.count("Not so: you said 77") == 3
    assert "You said here: 77.000 s" in " ".join(wrong.out.split())


@pytest.mark.usefixtures("judged")
def test_the_scenario_comes_before_the_questions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is called with what is told; what came of it is not."""
    out = _say(run, monkeypatch, "\n\n\n").out
    before, _, after = out.partition("1. ")
    assert "Called: " in before
    assert "Your code as it is now: what will it do?" in before
    assert "working on a try" not in before
    assert "working on a try" in after


@pytest.mark.usefixtures("judged")
def test_the_input_may_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is as good as none: the truth is shown."""
    ran = _say(run, monkeypatch, "")
    assert (ran.code, ran.out.count("The answer: ")) == (0, 3)


@pytest.mark.usefixtures("judged")
def test_what_is_no_answer_is_asked_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words for what would do."""
    ran = _say(run, monkeypatch, "soon\n\n\n\n")
    assert "Type a number" in ran.out
    assert ran.out.count("The answer: ") == 3


def test_nothing_to_predict(run: Run, fake: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that never ran says why there is nothing to ask."""
    fake.outcomes = {2: Outcome.FAILED}
    ran = _say(run, monkeypatch, "1\n")
    assert ran.code == 0
    assert "There is no timeline of" in ran.out
    fake.outcomes = {2: Outcome.UNGRADED}
    assert _say(run, monkeypatch, "").code == 3


@pytest.mark.parametrize(
    ("line", "question", "answer"),
    [
        ("0.25\n", SECONDS, 0.25),
        (" 0,25 s\n", SECONDS, 0.25),
        ("never\n", SECONDS, NEVER),
        ("N\n", SECONDS, NEVER),
        ("\n", SECONDS, None),
        ("?", COUNTED, None),
        ("3", COUNTED, 3.0),
    ],
)
def test_understood(line: str, question: Question, answer: float | None) -> None:
    """A decimal comma, a unit, and `n` for never will do."""
    assert understood(line, question) == answer


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("x", SECONDS),
        ("-1", SECONDS),
        ("inf", SECONDS),
        ("nan", COUNTED),
        ("n", COUNTED),
        ("1.5", COUNTED),
    ],
)
def test_not_understood(line: str, question: Question) -> None:
    """It is said what to type."""
    with pytest.raises(ValueError, match="Type a "):
        understood(line, question)
