"""The pictures in the documents are what the grader draws today."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from grader import judge
from grader.course.catalog import find_root, resolve
from grader.render.timeline.screen import TimelineScreen
from grader.render.timeline.telling import telling_check
from grader.render.timeline_files import picture
from grader.results import ExerciseResult
from tests.render.drawing import draw

SEED = 5
ANEW = "python -m grader timeline {} --seed {} --svg {}"


@cache
def _stub(name: str) -> ExerciseResult:
    folder = find_root() / "exercises"
    (result,) = judge.grade([resolve(name)], folder, seed=SEED, stubs=True).exercises
    return result


@pytest.mark.parametrize("name", ["ex1", "ex5"])
def test_pictures_are_up_to_date(name: str) -> None:
    """A timeline of an untouched stub looks as it does in the documents."""
    file = Path("docs", f"timeline-{name}.svg")
    stored = (find_root() / file).read_text(encoding="utf-8")
    drawn = picture(_stub(name), telling_check(_stub(name)), None)
    assert drawn == stored, ANEW.format(name, SEED, file.as_posix())


def test_the_readme_shows_a_timeline_of_today() -> None:
    """The lines of the readme's own timeline are lines of the screen."""
    readme = (find_root() / "README.md").read_text(encoding="utf-8")
    (block,) = readme.split("\n    seconds ")[1:]
    below = block.partition("\n\nBelow")[0].splitlines()
    lines = ["seconds " + below[0], *(line.removeprefix("    ") for line in below[1:])]
    shown = draw(TimelineScreen(_stub("ex1")), 80).splitlines()
    assert [line for line in lines if line not in shown] == []
