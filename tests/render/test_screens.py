"""The screens as people see them: snapshots, and what holds for all of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from rich.cells import cell_len
from rich.console import RenderableType

from grader.course.pages import Page, Twins
from grader.predict import Question, questions
from grader.render.beside import Beside
from grader.render.certificate import Certificate, Part
from grader.render.diagnosis import Diagnosis, Finding
from grader.render.hint import Hint
from grader.render.invocation import Invocation
from grader.render.listing import Listed, Listing
from grader.render.measures import read
from grader.render.page import LessonPage
from grader.render.predicting import Compared, Given
from grader.render.progress import Progress
from grader.render.report import Report
from grader.render.solution import Declined, Lesson, Solution
from grader.render.standing import Standing
from grader.render.welcome import Welcome
from grader.results import ExerciseResult, Outcome
from grader.trace import Trace
from tests.render import samples
from tests.render.drawing import check_snapshot, draw

TYPED = Invocation()
TODAY, LAST_YEAR = "2026-03-01T14:05:30+01:00", "2025-12-31T23:59:59"
ELSEWHERE = Invocation("python -m grader", "--from submissions/ada")


def _report(*results: ExerciseResult, everything: bool = False) -> Report:
    report = samples.report(*results)
    first = report.first_open
    return Report(report, results if everything else [first] if first else [], TYPED)


def _course() -> Report:
    report = samples.report(
        samples.done(),
        samples.syntax_error(),
        samples.wrong_backoff(),
        samples.missing(),
        samples.deadlock(),
    )
    first = report.first_open
    assert first is not None
    return Report(report, [first], TYPED, standing=Standing(1, 5, 3))


def _progress() -> Progress:
    progress = Progress(clock=iter([0.0, 0.5, 3.0, 3.0]).__next__)
    progress.exercise_started("ex1_add_maxsize", 1)
    progress.exercise_started("ex2_build_retry_loop", 3)
    progress.check_started("ex1_add_maxsize", "Fills the queue.")
    progress.check_ended("ex1_add_maxsize", samples.passed())
    progress.exercise_ended(samples.exercise(1, "Add maxsize", Outcome.PASSED))
    progress.check_started("ex2_build_retry_loop", "Gives up after `attempts` tries, and goes on.")
    return progress


def _listing() -> Listing:
    rows = (
        Listed("ex1_add_maxsize", "Add maxsize", Outcome.PASSED, 10, 10, 0, f"{LAST_YEAR}+01:00"),
        Listed("ex2_build_retry_loop", "Build the retry loop", Outcome.FAILED, 7, 12, 2, TODAY),
        Listed("ex3_add_backoff", "Add backoff", Outcome.NOT_STARTED, 0, 13, 1, "2026-02-03T10:00"),
        Listed("warm_up", "A title that is so long that it has to be wrapped on a narrow screen"),
    )
    return Listing(rows, TYPED, datetime.fromisoformat(TODAY))


def _hint(level: int = 2, *, again: bool = False) -> Hint:
    result = samples.wrong_backoff()
    return Hint(result, result.first_failure, TYPED, level=level, again=again)


FINDINGS = (
    Finding("Python", "Python 3.13.0 on Linux: /a/path/that/is/rather/long/venv/bin/python"),
    Finding("subprocess", "works: a first scenario took 95 ms"),
    Finding("signs", "the encoding cp1252 has no such sign", "ASCII signs stand in."),
    Finding("rich", "is not installed", "Start the grader by `nox -s grade`.", fatal=True),
)
LESSON = Lesson(
    "A wait that grows takes the pressure off. It is what SDKs do. Cap it where somebody waits.",
    (
        (
            "Cascading failures",
            "https://example.org/a/very/long/address/that/no/narrow/screen/can/hold",
        ),
    ),
)
REFERENCE = samples.SOURCE.replace(
    "(delay)  # a comment so long that no screen of 80 shows its end",
    "(delay * backoff ** (attempt - 1))  # computed from the attempt alone, since it starts anew",
)


PAGE = """\
# Exercise 3: a title that is so long that it has to be wrapped on a narrow screen

A **term** and `code`, and a paragraph of words, enough of them for two or three lines on most screens.

## Type it in

```python
async def main():
    await asyncio.sleep(delay)  # a comment so long that no screen of 60 columns shows its end


asyncio.run(main())
```

It prints:

```text
0.0 begins
```

![What the picture shows](one-stub.svg)

After it more words.

- **First.** An item of a list that is long enough to be wrapped, with [a source](https://example.org/one).
- Second, with [the same](https://example.org/one), [another](https://example.org/a/long/address/that/no/narrow/screen)
  and [a page of the lesson](glossary.md).

1. In order.
2. And on.
"""
TWINS = Twins("C1  7███✔8█✘░░░:2█✔\n    ▲A\n", "C1  7###+8#x:::2#+\n    ^A\n")
ONWARD = (("nox -s grade -- ex3", "have it checked"), ("nox -s grade -- lesson start", ""))


def _welcome() -> Report:
    result = samples.untouched()
    report = samples.report(result, samples.not_started())
    welcome = Welcome(result, TYPED)
    return Report(report, [], TYPED, standing=Standing(0, 2), welcome=welcome)


def _before() -> Beside:
    wrong = samples.wrong_backoff()
    failed = wrong.first_failure
    assert failed is not None
    now = replace(
        failed, outcome=Outcome.PASSED, why=None, message="", observation=samples.done_waits()
    )
    learned = "A wait that grows takes the pressure off."
    passed = replace(wrong, outcome=Outcome.PASSED, learned=learned)
    return Beside(passed, failed, now, TODAY)


def _trace() -> tuple[ExerciseResult, Trace]:
    """A failure whose service said beforehand how its tries would go."""
    told = [
        "A try takes, by item: 7: 0.050 s (the first 2 tries fail); 8: 0.050 s (every try fails)."
    ]
    raw = {**samples.constant_waits(), "told": told, "called": ["consumer"]}
    result = samples.exercise(3, "Add backoff", Outcome.FAILED, samples.failed())
    trace = read(raw)
    assert trace is not None
    return result, trace


def _answered() -> Compared:
    result, trace = _trace()
    begins = Question(
        "When does the second try of item 7 begin?", "s", 0.08, 0.0005, 0.08, 1, "So."
    )
    first, second = questions(trace)
    answers = ((begins, 0.03), (first, first.answer), (second, None))
    return Compared(result, result.first_failure, answers, TYPED.command("predict ex3"))


def _certificate() -> Certificate:
    learned = "A full queue makes the producer wait. Without that it runs away from its consumers."
    parts = (
        Part("lesson", 2, 25, 25, 3, "2026-03-01", (learned, "What fails gets another try.")),
        Part("debug", 1, 10, 10, 0, "2026-12-24", (learned,)),
    )
    return Certificate(parts, "Ada Lovelace")


SCREENS: dict[str, Callable[[], RenderableType]] = {
    "welcome": _welcome,
    "before": _before,
    "before-stub": lambda: Beside(samples.untouched(), samples.failed(), samples.failed()),
    "before-nothing": lambda: Beside(samples.done(), None, None),
    "predict": lambda: Given(*_trace()),
    "predict-answered": _answered,
    "certificate": _certificate,
    "course": _course,
    "wrong-backoff": lambda: _report(samples.wrong_backoff()),
    "deadlock": lambda: _report(samples.deadlock()),
    "syntax-error": lambda: _report(samples.syntax_error()),
    "busy-loop": lambda: _report(samples.busy_loop()),
    "not-started": lambda: _report(samples.done(), samples.not_started()),
    "not-judged": lambda: _report(samples.missing(), samples.ungraded(), everything=True),
    "all-passed": lambda: _report(samples.done(), samples.done(2, "Retry"), everything=True),
    "elsewhere": lambda: Report(samples.report(samples.busy_loop()), [], ELSEWHERE),
    "progress": _progress,
    "list": _listing,
    "hint": _hint,
    "lesson": lambda: LessonPage(Page("ex3_it", PAGE, {"one-stub": TWINS}), ONWARD),
    "doctor": lambda: Diagnosis(FINDINGS),
    "solution": lambda: Solution(samples.done(3, "Add backoff"), REFERENCE, LESSON),
    "solution-declined": lambda: Declined(samples.wrong_backoff(), TYPED),
}
SHAPES = [(60, "utf-8"), (80, "utf-8"), (120, "utf-8"), (80, "ascii")]
NARROW = [(40, "utf-8"), (40, "ascii"), *SHAPES]

screens = pytest.mark.parametrize("screen", SCREENS)


@screens
@pytest.mark.parametrize(("width", "encoding"), SHAPES)
def test_looks_as_before(screen: str, width: int, encoding: str) -> None:
    """A screen changes only when somebody means it to."""
    signs = "" if encoding == "utf-8" else f"-{encoding}"
    check_snapshot(f"{screen}-{width}{signs}", draw(SCREENS[screen](), width, encoding))


@screens
@pytest.mark.parametrize(("width", "encoding"), NARROW)
def test_fits(screen: str, width: int, encoding: str) -> None:
    """No line is wider than the screen, and none ends in blanks."""
    for line in draw(SCREENS[screen](), width, encoding).split("\n"):
        assert cell_len(line) <= width, line
        assert line == line.rstrip(), repr(line)


@screens
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_colours_say_nothing_alone(screen: str, encoding: str) -> None:
    """A terminal with colours shows the same signs: whoever sees none, or wants none, misses nothing."""
    coloured = draw(SCREENS[screen](), 80, encoding, colours=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", coloured)
    assert plain == draw(SCREENS[screen](), 80, encoding)


@screens
def test_has_no_control_characters(screen: str) -> None:
    """Whatever a learner prints, nothing in a file moves a cursor."""
    text = draw(SCREENS[screen]()).replace("\n", "")
    assert not [sign for sign in text if unicodedata.category(sign) == "Cc"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_legacy_stream_gets_twins(encoding: str) -> None:
    """Where ✔ cannot be shown it says ok, and nothing of the screen's own is lost."""
    text = draw(_report(samples.done(), samples.deadlock(), everything=True), 80, encoding)
    assert "ok 1/1" in text
    assert "> 6 |" in text
    assert "?" not in text
