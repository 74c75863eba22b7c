"""The store of a class: what is in it stands, and what cannot be used is left alone."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.class_results import SubmissionResult
from grader.classroom.database import _OPTIONS, _PART, _TABLES
from grader.classroom.packing import pack, unpack
from grader.classroom.provenance import UNKNOWN, Provenance
from grader.classroom.store import ClassStore, Run, open_class_store
from grader.database import opened
from grader.errors import UsageError
from grader.records import exercise_record, submission_record
from grader.results import CheckResult, ExerciseResult, Observation, Outcome, Why
from tests.render import samples

IDS = ("ex1_a", "ex2_b")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is going to be."""
    return tmp_path / "grading.sqlite3"


def exercise(number: int = 1, outcome: Outcome = Outcome.PASSED) -> ExerciseResult:
    """A verdict."""
    check = samples.passed() if outcome is Outcome.PASSED else samples.failed()
    return replace(samples.exercise(number, "T", outcome, check), exercise=IDS[number - 1])


def enrolled(store: ClassStore, *names: str, seed: int = 1) -> Run:
    """A run with these submissions."""
    run = store.begin(seed, ["class"])
    store.enrol(run, (SubmissionResult(name) for name in names))
    return run


def test_verdicts_come_back_as_they_were(path: Path) -> None:
    """Also after the file was closed, with source and trace."""
    results = [exercise(1), exercise(2, Outcome.FAILED)]
    with open_class_store(path) as store:
        run = enrolled(store, "anna")
        store.record(run, "anna", [("k1", results[0]), ("k2", results[1])])
    with open_class_store(path) as store:
        (one,) = store.submissions(run, IDS)
        assert one.exercises == tuple(results)
        assert [e.source for e in one.exercises] == [e.source for e in results]
        assert one.exercises[1].checks[0].observation == results[1].checks[0].observation
        assert store.keys("anna") == {"ex1_a": "k1", "ex2_b": "k2"}


def test_it_is_known_who_gave_a_verdict(path: Path) -> None:
    """The machine, the worker and the time stay, also when another store adopts the submission."""
    by = Provenance("node7", "process 12", "2026-11-30T10:00:00+00:00", "2026-11-30T10:00:01+00:00")
    with open_class_store(path) as store, open_class_store(path.with_name("other")) as other:
        store.record(
            enrolled(store, "anna"), "anna", [("k", exercise())], {exercise().exercise: by}
        )
        stored = store.stored("anna")
        assert stored is not None
        other.adopt(other.begin(1, ["class"]), [(0, "anna", stored)])
        assert other.stored("anna") == stored
    assert [one.provenance for one in stored.verdicts] == [by]


def test_a_file_of_an_earlier_version(path: Path) -> None:
    """Its verdicts stand, though nobody noted then who gave them."""
    with closing(opened(path, (_TABLES, _OPTIONS, _PART), patience=1.0)) as database:
        database.execute("INSERT INTO runs (seed, sources, began) VALUES (1, '[]', 'then')")
        about = json.dumps(submission_record(SubmissionResult("anna")))
        database.execute("INSERT INTO submissions VALUES ('anna', 1, 0, ?)", (about,))
        record = zlib.compress(json.dumps(exercise_record(exercise())).encode())
        row = ("anna", IDS[0], "k", 1, "passed", 1, 1, record)
        database.execute("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    with open_class_store(path) as store:
        (one,) = store.everything(IDS)
        assert one.exercises == (exercise(),)
        stored = store.stored("anna")
        assert stored is not None
        assert [each.provenance for each in stored.verdicts] == [UNKNOWN]


def test_submissions_can_be_read_again_and_again(path: Path) -> None:
    """They are a collection, though only one of them is in memory at a time."""
    with open_class_store(path) as store:
        run = enrolled(store, "b", "a")
        found = store.submissions(run, IDS)
        assert len(found) == 2
        assert [one.submission for one in found] == [one.submission for one in found] == ["b", "a"]
        assert SubmissionResult("a") in found
        assert SubmissionResult("c") not in found


def test_names_that_are_no_unicode(path: Path) -> None:
    """A name that a file system made up of stray bytes comes back as it was."""
    name = "j\udcf6rg"
    with open_class_store(path) as store:
        run = enrolled(store, name)
        store.record(run, name, [("k", exercise())])
        (one,) = store.submissions(run, IDS)
        assert one.submission == name
        assert one.exercises == (exercise(),)


def test_a_change_is_told_from_what_was_before_the_run(path: Path) -> None:
    """Graded twice within a run, it is still one change; undone again, it is none."""
    with open_class_store(path) as store:
        run = enrolled(store, "anna")
        store.record(run, "anna", [("1", exercise(1, Outcome.FAILED))])
        store.end(run)
        again = enrolled(store, "anna")
        assert again.number != run.number
        store.record(again, "anna", [("2", exercise(1, Outcome.MISSING))])
        store.record(again, "anna", [("3", exercise(1))])
        (change,) = store.changes(again)
        assert (change.before, change.after) == (Outcome.FAILED, Outcome.PASSED)
        store.record(again, "anna", [("1", exercise(1, Outcome.FAILED))])
        assert list(store.changes(again)) == []


def test_a_stopped_run_goes_on_with_its_seed_only(path: Path) -> None:
    """Another seed begins another run."""
    with open_class_store(path) as store:
        first = store.begin(1, ["a"])
        assert store.begin(1, ["b"]).number == first.number
        assert store.begin(2, ["b"]).number != first.number


def test_a_verdict_is_noted_as_a_whole_or_not_at_all(path: Path) -> None:
    """When one exercise cannot be noted, none of the submission is."""
    bad = replace(exercise(2), seed=object())  # type: ignore[arg-type]  # no JSON has it
    with open_class_store(path) as store:
        run = enrolled(store, "anna")
        with pytest.raises(TypeError):
            store.record(run, "anna", [("1", exercise(1)), ("2", bad)])
        assert store.keys("anna") == {}


def test_one_writer(path: Path) -> None:
    """A second run into the same folder is turned away, and goes after the first has ended."""
    with open_class_store(path), pytest.raises(UsageError, match="Another run"):
        open_class_store(path)
    with open_class_store(path) as store:
        assert store.last_run() is None


@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\0" + b"\1" * 5000])
def test_a_damaged_file(path: Path, content: bytes) -> None:
    """It is named, and left as it is."""
    path.write_bytes(content)
    with pytest.raises(UsageError, match="damaged"):
        open_class_store(path)
    assert path.read_bytes() == content


def test_a_page_that_is_damaged(path: Path) -> None:
    """Not only the head of the file is looked at."""
    with open_class_store(path) as store:
        run = enrolled(store, *map(str, range(300)))
        store.end(run)
    data = bytearray(path.read_bytes())
    data[8192:16384] = b"\xff" * 8192
    path.write_bytes(data)
    with pytest.raises(UsageError, match="damaged"):
        open_class_store(path)


def test_a_newer_file(path: Path) -> None:
    """It may hold what this version would lose."""
    with open_class_store(path):
        pass
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE schema SET version = 99")
    with pytest.raises(UsageError, match="newer"):
        open_class_store(path)


def test_a_database_of_something_else(path: Path) -> None:
    """No table is added to a file that is not ours."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE theirs (x)")
    with pytest.raises(UsageError, match="no store of this grader"):
        open_class_store(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The error says which file it was."""
    with pytest.raises(UsageError, match="cannot be used"):
        open_class_store(tmp_path / "nowhere" / "grading.sqlite3")


def test_traces_come_with_the_verdicts() -> None:
    """They stay packed until somebody looks, and are then what was stored; so are older stores'."""
    trace = {"format": 2, "events": [[0.0, 1, "print", "é\n"]], "items": ["1"]}
    checks = (
        CheckResult("a", "A", 1, Outcome.PASSED, None),
        CheckResult("b", "B", 1, Outcome.FAILED, Why.ERROR, observation=Observation(trace)),
    )
    result = ExerciseResult("ex1", "One", 2, Outcome.FAILED, checks)
    found = unpack(pack(result))
    assert found == result
    assert found.checks[0].observation.trace is None
    assert dict(found.checks[1].observation.trace or {}) == trace
    assert pack(found) == pack(result)
    moved = replace(found, checks=found.checks[::-1])
    assert dict(unpack(pack(moved)).checks[0].observation.trace or {}) == trace
    older = zlib.compress(json.dumps(exercise_record(result)).encode())
    assert unpack(older) == result
