"""The list of survivors: each with its reason, and nothing in it that is no longer so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus import EXERCISES
from tests.mutants.making import mutants_of_solution
from tests.mutants.survivors import Kept, explained, load, stale

KEPT = (Kept("not judged", ("ex1 log ...: print() -> ...", "ex1 a: b[*] -> c")),)


def test_names_and_families() -> None:
    """Three dots stand for anything, and every other character for itself."""
    assert explained(KEPT, "ex1 log deleted: print() -> deleted") == "not judged"
    assert explained(KEPT, "ex1 a: b[*] -> c") == "not judged"
    assert explained(KEPT, "ex1 a: b[x] -> c") is None
    assert explained(KEPT, "ex1 log deleted: print() -> ") == "not judged"
    assert explained(KEPT, "and ex1 a: b[*] -> c") is None


def test_what_is_stale_in_the_list() -> None:
    """A name of no mutant, and a mutant of a family that did not survive, are named."""
    made = ["ex1 log x: print() -> y", "ex1 log x: print() -> z"]
    assert stale(KEPT, made, made[:1]) == [
        "does not survive: ex1 log x: print() -> z",
        "there is no such mutant: ex1 a: b[*] -> c",
    ]
    assert stale(KEPT[:1], [*made, "ex1 a: b[*] -> c"], [*made, "ex1 a: b[*] -> c"]) == []


def test_every_name_is_that_of_a_mutant() -> None:
    """The list in the repository names only mutants that are made, and gives a reason for each."""
    kept = load()
    made = [one.name for exercise in EXERCISES for one in mutants_of_solution(exercise)]
    assert all(len(one.reason) > 40 and one.names for one in kept)
    shorts = tuple(exercise.partition("_")[0] for exercise in EXERCISES)
    names = ((one.reason, tuple(n for n in one.names if n.startswith(shorts))) for one in kept)
    assert stale([Kept(*pair) for pair in names if pair[1]], made, made) == []


def test_a_list_without_reasons_is_no_list(tmp_path: Path) -> None:
    """An entry has to say why."""
    path = tmp_path / "list.toml"
    path.write_text('[[kept]]\nmutants = ["a"]\n', encoding="utf-8")
    with pytest.raises(KeyError):
        load(path)
