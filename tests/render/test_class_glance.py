"""A class on the terminal: snapshots, and what holds for all widths."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache

import pytest
from rich.cells import cell_len

from grader.class_results import Alike, ClassReport, Likeness
from grader.render.class_figures import ClassFigures
from grader.render.class_glance import ClassGlance
from grader.render.class_tally import class_figures
from tests.render import classes
from tests.render.drawing import check_snapshot, draw

FILES = (
    ("marks/report.html", "the same with every check, learner and timeline; open it in a browser"),
    ("marks/gradebook.csv", "a row per submission, a column per exercise"),
    ("marks/results.json", "everything, for other programs"),
)
ONWARD = ("open `marks/report.html`, and plan the next lecture on what was not understood.",)
SHAPES = [(60, "utf-8"), (80, "utf-8"), (120, "utf-8"), (80, "ascii")]


@cache
def _figures(size: int) -> ClassFigures:
    return class_figures(classes.make_class(size))


def _class() -> ClassGlance:
    """Made by hand, so that it looks the same whatever the checks say."""
    return ClassGlance(classes.by_hand(), classes.GROUPS, files=FILES, onward=ONWARD)


def _of_size(size: int) -> ClassGlance:
    report = classes.make_class(size)
    return ClassGlance(_figures(size), classes.alike(report), files=FILES, onward=ONWARD)


def _nasty() -> ClassGlance:
    report = classes.nasty_class()
    groups = (Alike(report.exercises[0], Likeness.NEARLY, classes.NASTY, 0.75),)
    return ClassGlance(class_figures(report), groups)


@pytest.mark.parametrize(("width", "encoding"), SHAPES)
def test_looks_as_before(width: int, encoding: str) -> None:
    """The screen changes only when somebody means it to."""
    signs = "" if encoding == "utf-8" else f"-{encoding}"
    check_snapshot(f"class-{width}{signs}", draw(_class(), width, encoding))


@pytest.mark.parametrize(("width", "encoding"), [(40, "utf-8"), (40, "ascii"), *SHAPES])
@pytest.mark.parametrize(
    "view",
    [lambda: _of_size(3), lambda: _of_size(30), lambda: _of_size(300), _nasty, _class],
    ids=["3", "30", "300", "nasty", "by-hand"],
)
def test_fits(view: Callable[[], ClassGlance], width: int, encoding: str) -> None:
    """No line is wider than the screen, ends in blanks or moves a cursor, whoever is in the class."""
    for line in draw(view(), width, encoding).split("\n"):
        assert cell_len(line) <= width, line
        assert line == line.rstrip(), repr(line)
        assert not [sign for sign in line if unicodedata.category(sign) in ("Cc", "Cf", "Zl")]


def test_an_empty_class() -> None:
    """Nothing handed in is nothing to divide by."""
    empty = class_figures(ClassReport(1, classes.EXERCISES, ()))
    text = draw(ClassGlance(empty))
    assert "0 submissions." in text
    assert "%" not in text


def test_numbers_are_those_of_the_figures() -> None:
    """What the screen says is what was counted."""
    figures = _figures(300)
    text = draw(ClassGlance(figures), 120)
    assert f"300 submissions; {figures.complete} passed everything" in text
    for exercise in figures.exercises:
        assert f"  {exercise.passed}  " in text
    assert f"{figures.misconceptions[0].learners}  " in text
