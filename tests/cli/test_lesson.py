"""`lesson`: a page to read, of an exercise, of the next one, or of none."""

from __future__ import annotations

import io
import pydoc
import sys
from pathlib import Path

import pytest

from grader.cli import displays, panels
from grader.practice.state import Panel, State, Step
from grader.results import Outcome
from tests.cli.conftest import NAMES, Judge, Run
from tests.cli.test_screen import Stream
from tests.render.drawing import draw

PAGE = """\
# Exercise: {name}

Words, and `code`, and a [source](https://example.org/{name}).

![A picture](one-stub.svg)

- See [the other page](start.md).
"""


@pytest.fixture(autouse=True)
def lesson(course: Path) -> Path:
    """A page for each exercise of the small course, and one of its own."""
    folder = course / "docs" / "lesson"
    folder.mkdir(parents=True)
    for name in (*NAMES, "start"):
        (folder / f"{name}.md").write_text(PAGE.format(name=name), encoding="utf-8")
    (folder / "one-stub.txt").write_text("C1 ███✔\n", encoding="utf-8")
    (folder / "one-stub-ascii.txt").write_text("C1 ###+\n", encoding="utf-8")
    return folder


def test_a_page(run: Run) -> None:
    """Its words, its picture and its sources as text; then what to type next."""
    ran = run("lesson", "ex2")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "Exercise: ex2_second_wind",
        "",
        "Words, and code, and a source [1].",
        "",
        "A picture",
        "",
        "C1 ███✔",
        "",
        "- See the other page.",
        "",
        "[1] https://example.org/ex2_second_wind",
        "",
        "python -m grader ex2            have it checked",
        "python -m grader lesson start",
    ]


def test_the_next_exercise(run: Run, fake: Judge) -> None:
    """Without a name it is the page of the first exercise that does not pass; nothing is graded."""
    assert NAMES[0] in run("lesson").out
    fake.outcomes = {2: Outcome.FAILED}
    run()
    graded = len(fake.asked)
    assert NAMES[1] in run("lesson").out
    assert len(fake.asked) == graded
    fake.outcomes = {}
    run()
    assert NAMES[2] in run("lesson").out


def test_a_page_of_no_exercise(run: Run) -> None:
    """It is named as its file is."""
    ran = run("lesson", "Start")
    assert ran.out.startswith("Exercise: start\n")
    assert "lesson start" not in ran.out


def test_a_page_that_nobody_has(run: Run, lesson: Path) -> None:
    """A misspelt name is told; so is a page or picture that is missing."""
    assert "There is no exercise 'ex9'" in run("lesson", "ex9").err
    (lesson / "one-stub.txt").unlink()
    ran = run("lesson", "ex1")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "docs/lesson/one-stub.txt is missing" in ran.err
    (lesson / f"{NAMES[0]}.md").unlink()
    assert f"docs/lesson/{NAMES[0]}.md is missing" in run("lesson", "ex1").err
    assert "is missing" in str(panels.lesson(NAMES[0]))


def test_the_panel_of_watch() -> None:
    """A key shows the page on the exercise that is worked at."""
    state = State((Step(NAMES[1], "Second Wind"),), NAMES[1], panel=Panel.LESSON)
    shown = draw(displays._panels(state)[Panel.LESSON])
    assert shown.startswith(f"Exercise: {NAMES[1]}\n")
    assert "python -m grader" not in shown


@pytest.mark.parametrize(("lines", "paged"), [(12, True), (40, False)])
def test_the_pager(run: Run, monkeypatch: pytest.MonkeyPatch, *, lines: int, paged: bool) -> None:
    """On a terminal that is shorter than the page, a pager shows it."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", str(lines))
    monkeypatch.delenv("LESS", raising=False)
    stream, shown = Stream(terminal=True), io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(pydoc, "pager", shown.write)
    run("lesson", "ex1")
    assert ("C1 ███✔" in shown.getvalue()) is paged
    assert ("C1 ███✔" in stream.text) is not paged


def test_no_pager_in_a_pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file gets all of it, however long it is."""
    monkeypatch.setattr(pydoc, "pager", lambda _text: pytest.fail("nobody is there to turn pages"))
    monkeypatch.setenv("LINES", "5")
    assert "C1 ███✔" in run("lesson", "ex1").out
