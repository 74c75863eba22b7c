"""`certificate`: what is done of the course, as text and as a picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grader.course import catalog
from grader.course.api import Exercise
from grader.results import Outcome
from tests.cli.conftest import Judge, Run


@pytest.fixture
def taught(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each exercise has taught something."""

    def declared(exercise: str) -> Exercise:
        return Exercise(exercise, "lesson", "nothing", learned=f"What {exercise[:3]} teaches.")

    monkeypatch.setattr(catalog, "declared", declared)


@pytest.mark.usefixtures("taught")
def test_not_before_a_part_is_done(run: Run, fake: Judge) -> None:
    """What is next is said instead."""
    fake.outcomes = {2: Outcome.FAILED}
    run()
    ran = run("certificate")
    assert ran.code == 10
    assert "No part of the course is done yet" in ran.out
    assert "python -m grader ex2" in ran.out


@pytest.mark.usefixtures("taught")
def test_what_is_done(run: Run, fake: Judge) -> None:
    """Exercises, points, the day and what was learned; a name only if it was given."""
    run()
    ran = run("certificate")
    assert ran.code == 0
    assert "Done: 3 exercises, 6 of 6 points" in ran.out
    assert all(f"- What {name} teaches." in ran.out for name in ("ex1", "ex2", "ex3"))
    assert "Ada has done 3 exercises" in run("certificate", "--name", "Ada").out


@pytest.mark.usefixtures("taught")
def test_hints_are_told(run: Run, fake: Judge) -> None:
    """One that was taken on the way is counted."""
    fake.outcomes = {1: Outcome.FAILED}
    run("hint", "ex1")
    fake.outcomes = {}
    run()
    assert "1 hint," in run("certificate").out


@pytest.mark.usefixtures("taught")
def test_as_a_picture(run: Run, fake: Judge, tmp_path: Path) -> None:
    """A whole SVG file; a name cannot put markup into it."""
    run()
    target = tmp_path / "certificate.svg"
    ran = run("certificate", "--name", "<b>Ada & Bob</b>", "--svg", str(target))
    assert f"Written: {target}" in ran.err
    picture = ET.fromstring(target.read_text(encoding="utf-8"))  # noqa: S314 - our own
    words = " ".join(picture.itertext())
    assert "<b>Ada & Bob</b> has done 3 exercises" in words
    assert "What ex3 teaches." in words


@pytest.mark.usefixtures("taught")
def test_a_failure_after_the_pass_takes_it_back(run: Run, fake: Judge) -> None:
    """The last verdict counts, as in `list`."""
    run()
    fake.outcomes = {3: Outcome.FAILED}
    run("ex3")
    assert run("certificate").code == 10
