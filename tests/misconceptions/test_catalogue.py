"""The catalogue is complete, in step with the checks and the corpus, and gives nothing away."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from grader.course import mistakes as misconceptions
from grader.course.mistakes import CATALOGUE, KnownMistake, misconception
from tests.corpus import load

ROOT = Path(__file__).parent.parent.parent
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
SPEAKING = [
    *sorted((ROOT / "grader" / "course" / "rules").glob("*.py")),
    *sorted((ROOT / "grader" / "course").glob("ex*/checks.py")),
    ROOT / "grader" / "course" / "subject.py",
    ROOT / "grader" / "runner" / "learner.py",
]
CODE_OR_A_WORD_OF_PYTHON = re.compile(r"`[^`]+`|\b(return|raise|break|cancel|range|print)\b|\w=\w")
LONGEST = 3 * 76  # characters: three lines of a screen


def _codes_in(path: Path) -> set[str]:
    """Every string in a module that is written like a code."""
    strings = (
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in strings if CODE.fullmatch(text)}


def test_the_checks_speak_of_the_catalogues_mistakes_and_of_all_of_them() -> None:
    """A code in a check is explained in the catalogue, and no entry is one that nothing can draw."""
    used = set().union(*map(_codes_in, SPEAKING))
    assert used == set(CATALOGUE)


def test_every_mistake_is_pinned_by_a_submission() -> None:
    """The corpus has at least one wrong submission for each entry, and no code beside them."""
    assert {one.misconception for one in load() if one.label == "wrong"} == set(CATALOGUE)


def test_no_code_stands_there_twice() -> None:
    """A topic does not take an entry away from another."""
    topics = [getattr(misconceptions, name) for name in misconceptions.__dict__]
    entries = [one for topic in topics for one in getattr(topic, "MISTAKES", ())]
    assert len(entries) == len(CATALOGUE) > 100


@pytest.mark.parametrize("mistake", CATALOGUE.values(), ids=lambda mistake: mistake.code)
def test_an_entry_is_complete(mistake: KnownMistake) -> None:
    """A sentence, three different hints and a reason: whole sentences, none of them long."""
    assert CODE.fullmatch(mistake.code)
    texts = (mistake.sentence, *mistake.hints, mistake.matters)
    assert len(mistake.hints) == 3
    assert len(set(texts)) == 5
    for text in texts:
        assert text == text.strip()
        assert len(text) <= LONGEST
        assert text.isascii()
        assert text.count("`") % 2 == 0
    assert mistake.sentence.endswith(".")
    assert mistake.matters.endswith(".")


@pytest.mark.parametrize("mistake", CATALOGUE.values(), ids=lambda mistake: mistake.code)
def test_hints_climb_from_a_question_to_nearly_the_code(mistake: KnownMistake) -> None:
    """The first asks where to look, the last names what to write, and none is the whole solution."""
    first, _, last = mistake.hints
    assert "?" in first or first.split()[0] in {"Compare", "Count", "Write", "Print", "Draw"}
    assert CODE_OR_A_WORD_OF_PYTHON.search(last)
    assert not any("\n" in hint for hint in mistake.hints)
    quoted = " ".join(mistake.hints)
    for solution in (ROOT / "solutions").glob("*.py"):
        lines = {line.strip() for line in solution.read_text(encoding="utf-8").splitlines()}
        shown = [line for line in lines if len(line) > 12 and line in quoted]
        assert len(shown) <= 2, shown


def test_consequences_are_known_and_lead_back_to_a_cause() -> None:
    """What a mistake may follow from is in the catalogue, and nothing follows from itself."""
    graph = {code: set(mistake.follows_from) for code, mistake in CATALOGUE.items()}
    assert set().union(*graph.values()) <= set(CATALOGUE)
    assert next(iter(TopologicalSorter(graph).static_order()))


def test_looking_up() -> None:
    """A code gives its entry, and an unknown one an error."""
    assert misconception("one-try-too-many").sentence.startswith("One try too many")
    with pytest.raises(KeyError):
        misconception("no-such-mistake")


def test_who_passes_does_not_load_it() -> None:
    """Grading a right solution never imports the catalogue."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from grader import judge
from grader.course.catalog import find_root, resolve
report = judge.grade([resolve("ex1")], find_root() / "solutions", seed=1)
print(report.passed, any("misconceptions" in name for name in sys.modules))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(ROOT)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["True", "False"]
