"""The catalogue is complete, in step with the checks and the corpus, and gives nothing away."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

from grader.cli.dev_find import raised_in
from grader.course import evidence
from grader.course.kit.failures import Mistake, Prose
from grader.course.labelled import header
from grader.course.mistakes import catalogue
from tests.corpus import EXERCISES, load
from tests.corpus import ROOT as CORPUS

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = catalogue()
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
COURSE = ROOT / "grader" / "course"
CODE_OR_A_WORD_OF_PYTHON = re.compile(r"`[^`]+`|\b(return|raise|break|cancel|range|print)\b|\w=\w")
LONGEST = 3 * 76  # characters: three lines of a screen


def _prose(mistake: Mistake) -> Prose:
    assert mistake.prose is not None
    return mistake.prose


def test_no_mistake_is_one_that_nothing_raises() -> None:
    """Each is used by its name in a rule or a check; a name that is not there is a NameError."""
    used = set().union(*map(raised_in, [COURSE, COURSE / "rules", *COURSE.glob("ex*/")]))
    assert set(CATALOGUE) <= used


def test_prose_and_objects_are_in_step() -> None:
    """Every object has its prose, and no prose is left over."""
    told = set()
    for file in [*COURSE.glob("mistakes/*.toml"), *COURSE.glob("ex*/mistakes.toml")]:
        told |= set(tomllib.loads(file.read_text(encoding="utf-8")))
    assert told == set(CATALOGUE)


def test_what_shows_a_mistake_is_there() -> None:
    """A mistake names finders of evidence that exist."""
    for mistake in CATALOGUE.values():
        for name in mistake.shows:
            module, _, function = name.partition(".")
            assert callable(getattr(import_module(f"{evidence.__name__}.{module}"), function))


def test_every_mistake_is_pinned_by_a_submission() -> None:
    """The corpus has at least one wrong submission for each entry, and no code beside them.

    What several exercises know may have been drawn by one that was taken out of the course.
    """
    drawn = {one.misconception for one in load() if one.label == "wrong"}
    hostile = {header(path.read_bytes())["exercise"] for path in CORPUS.glob("hostile/*.py")}
    own = {code for code, one in CATALOGUE.items() if one.topic and ".ex" in one.topic.name}
    wanted = own if hostile - set(EXERCISES) else set(CATALOGUE)
    assert wanted <= drawn <= set(CATALOGUE)


@pytest.mark.parametrize("mistake", CATALOGUE.values(), ids=lambda mistake: mistake.code)
def test_an_entry_is_complete(mistake: Mistake) -> None:
    """A sentence, three different hints and a reason: whole sentences, none of them long."""
    assert CODE.fullmatch(mistake.code)
    prose = _prose(mistake)
    texts = (prose.sentence, *prose.hints, prose.matters)
    assert len(prose.hints) == 3
    assert len(set(texts)) == 5
    for text in texts:
        assert text == text.strip()
        assert len(text) <= LONGEST
        assert text.isascii()
        assert text.count("`") % 2 == 0
    assert prose.sentence.endswith(".")
    assert prose.matters.endswith(".")


@pytest.mark.parametrize("mistake", CATALOGUE.values(), ids=lambda mistake: mistake.code)
def test_hints_climb_from_a_question_to_nearly_the_code(mistake: Mistake) -> None:
    """The first asks where to look, the last names what to write, and none is the whole solution."""
    hints = _prose(mistake).hints
    first, _, last = hints
    assert "?" in first or first.split()[0] in {"Compare", "Count", "Write", "Print", "Draw"}
    assert CODE_OR_A_WORD_OF_PYTHON.search(last)
    assert not any("\n" in hint for hint in hints)
    quoted = " ".join(hints)
    for solution in (ROOT / "solutions").glob("*.py"):
        lines = {line.strip() for line in solution.read_text(encoding="utf-8").splitlines()}
        shown = [line for line in lines if len(line) > 12 and line in quoted]
        assert len(shown) <= 2, shown


def test_consequences_are_known_and_lead_back_to_a_cause() -> None:
    """What a mistake may follow from is in the catalogue, and nothing follows from itself."""
    graph = {code: set(_prose(mistake).follows_from) for code, mistake in CATALOGUE.items()}
    assert set().union(*graph.values()) <= set(CATALOGUE)
    assert next(iter(TopologicalSorter(graph).static_order()))


def test_who_passes_does_not_load_it() -> None:
    """Grading a right solution never reads the prose."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from grader import judge
from grader.course.catalog import find_root, resolve
report = judge.grade([resolve("ex1")], find_root() / "solutions", seed=1)
from grader.course.mistakes.bound import UNBOUNDED_QUEUE
print(report.passed, "prose" in vars(UNBOUNDED_QUEUE.topic))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(ROOT)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["True", "False"]
