"""The store: what is remembered, and what becomes of a file that cannot be used."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.practice.progress import Store, open_store, place
from grader.practice.schema import STEPS
from grader.results import ExerciseResult, Outcome
from tests.kills import kill_while_writing

RESULT = ExerciseResult("ex1_add_maxsize", "Add maxsize", 7, Outcome.FAILED)
NAME = RESULT.exercise


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store is, which is not there yet."""
    return tmp_path / ".grader" / "progress.sqlite3"


def _fill(file: Path) -> None:
    with open_store(file) as store:
        store.record(RESULT, 5)
        store.hint_shown(NAME, "test_it", 2, asked=True)
        assert store.notices == ()


def _fill_first_version(file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(STEPS[0])
        progress = (NAME, "passed", 7, 7, "2026-01-02T10:00:00+01:00", 3)
        database.execute("INSERT INTO progress VALUES (?, ?, ?, ?, ?, ?)", progress)
        database.execute("INSERT INTO hints VALUES (?, ?, ?)", (NAME, "test_it", 2))


def test_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The course keeps its own, unless the environment names another file."""
    monkeypatch.delenv("GRADER_STORE", raising=False)
    assert place(tmp_path) == tmp_path / ".grader" / "progress.sqlite3"
    monkeypatch.setenv("GRADER_STORE", "elsewhere.db")
    assert place(tmp_path) == Path("elsewhere.db")


def test_remembers(file: Path) -> None:
    """Progress and hints are there again when the store is opened again; the last verdict counts."""
    _fill(file)
    with open_store(file) as store:
        known = store.progress()[NAME]
        assert (known.outcome, known.score, known.max_score, known.seed) == (
            Outcome.FAILED,
            0,
            7,
            5,
        )
        assert known.at[:2] == "20"
        assert store.hint_level(NAME, "test_it") == 2
        store.record(replace(RESULT, outcome=Outcome.PASSED), None)
        assert store.progress()[NAME].seed is None


def test_hints_are_never_taken_back(file: Path) -> None:
    """The highest level that was shown counts, for each check by itself."""
    _fill(file)
    with open_store(file) as store:
        store.hint_shown(NAME, "test_it", 1, asked=True)
        assert store.hint_level(NAME, "test_it") == 2
        assert store.hint_level(NAME, "test_other") == 0


def test_forgets(file: Path) -> None:
    """An exercise that was reset starts anew."""
    _fill(file)
    with open_store(file) as store:
        store.forget(NAME)
        assert store.progress() == {}
        assert store.hint_level(NAME, "test_it") == 0


def test_is_durable(file: Path) -> None:
    """What was noted survives a crash: write-ahead log, and every commit on the disk."""
    with open_store(file) as store:
        ask = store._database.execute
        assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
        assert ask("PRAGMA synchronous").fetchone() == (2,)


def test_survives_kills(file: Path) -> None:
    """Whatever was said to be noted is there after a kill at any moment, and the file is sound."""
    assert kill_while_writing(file, kills=12, seed=os.getpid()) >= 12


def test_two_at_once(file: Path) -> None:
    """Two runs at the same time do not disturb each other."""
    with open_store(file) as one, open_store(file) as two:
        one.record(RESULT, 1)
        two.record(RESULT, 2)
        assert one.progress()[NAME].seed == 2
        assert one.notices == two.notices == ()


def test_damaged(file: Path) -> None:
    """A damaged file is moved aside, byte for byte, and a new one begun."""
    file.parent.mkdir()
    file.write_bytes(b"no database " * 200)
    with open_store(file) as store:
        assert "damaged; it is kept as" in store.notices[0]
        store.record(RESULT, 5)
    _fill(file)
    [aside] = file.parent.glob("*-damaged-*")
    assert aside.read_bytes() == b"no database " * 200


def test_damaged_inside(file: Path) -> None:
    """Damage behind a sound beginning is found when the file is opened."""
    _fill(file)
    data = bytearray(file.read_bytes())
    data[5000:] = os.urandom(len(data) - 5000)
    file.write_bytes(data)
    with open_store(file) as store:
        assert "damaged" in store.notices[0]
        assert store.progress() == {}


def test_damaged_and_stuck(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file that cannot be moved is left alone; grading goes on without it."""
    file.parent.mkdir()
    file.write_bytes(b"no database " * 200)

    def stuck(_path: Path, _target: str) -> Path:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "replace", stuck)
    with open_store(file) as store:
        store.record(RESULT, 5)
        assert store.progress()[NAME].seed == 5
        assert "not kept" in store.notices[0]
    assert file.read_bytes() == b"no database " * 200


def test_newer(file: Path) -> None:
    """A file of a newer version is not touched, and nothing is read into it."""
    _fill(file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE schema SET version = ?", (len(STEPS) + 1,))
    before = file.read_bytes()
    with open_store(file) as store:
        assert "newer version" in store.notices[0]
        assert store.progress() == {}
        store.record(RESULT, 7)
    assert file.read_bytes() == before


def test_no_such_place(tmp_path: Path) -> None:
    """Where no file can be made, progress lives as long as the run."""
    (tmp_path / "file").touch()
    with open_store(tmp_path / "file" / "store.sqlite3") as store:
        store.record(RESULT, 5)
        assert store.progress()[NAME].seed == 5
        assert len(store.notices) == 1


def test_read_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can only be read is read."""
    _fill(file)
    connect = sqlite3.connect

    def reading(name: str, **options: object) -> sqlite3.Connection:
        if name == str(file):
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return connect(name, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3, "connect", reading)
    with open_store(file) as store:
        assert store.progress()[NAME].seed == 5
        assert "readonly" in store.notices[0]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder(file: Path) -> None:
    """The same with a folder that really cannot be written."""
    _fill(file)
    file.parent.chmod(0o500)
    file.chmod(0o400)
    try:
        with open_store(file) as store:
            assert store.progress()[NAME].seed == 5
            store.record(RESULT, 6)
            assert len(store.notices) == 1
    finally:
        file.parent.chmod(0o700)


def test_unknown_outcome(file: Path) -> None:
    """An outcome that this version does not know is no progress, and no error."""
    _fill(file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE progress SET outcome = 'brilliant'")
    with open_store(file) as store:
        assert store.progress() == {}


def test_the_first_pass_is_remembered(file: Path) -> None:
    """An exercise that passed once shows when, however it came out later."""
    passed = replace(RESULT, outcome=Outcome.PASSED)
    with open_store(file) as store:
        store.record(RESULT, 5)
        assert store.progress()[NAME].passed_at is None
        store.record(passed, None)
        first = store.progress()[NAME].passed_at
        assert first is not None
        store.record(RESULT, 6)
        assert store.progress()[NAME].passed_at == first


def test_hints_are_counted(file: Path) -> None:
    """Those that were asked for, each once, and none of another exercise."""
    with open_store(file) as store:
        store.record(RESULT, 5)
        store.hint_shown(NAME, "test_it", 1, asked=False)
        assert store.progress()[NAME].hints == 0
        for level in (2, 3, 3):
            store.hint_shown(NAME, "test_it", level, asked=True)
        store.hint_shown(NAME, "constant-delay", 1, asked=True)
        store.hint_shown("ex2_second_wind", "test_it", 3, asked=True)
        assert store.progress()[NAME].hints == 3


def test_passes_are_kept_until_they_are_forgotten(file: Path) -> None:
    """The last verdict on a pass, with the fingerprint of what it depends on."""
    with open_store(file) as store:
        store.keep_pass(RESULT, "one")
        store.keep_pass(replace(RESULT, outcome=Outcome.PASSED), "two")
    with open_store(file) as store:
        fingerprint, verdict = store.passes()[NAME]
        assert (fingerprint, json.loads(verdict)["outcome"]) == ("two", "passed")
        store.forget(NAME)
        assert store.passes() == {}


def test_an_older_file_is_brought_up_to_date(file: Path) -> None:
    """What the first version of the store knew is known to this one."""
    _fill_first_version(file)
    with open_store(file) as store:
        known = store.progress()[NAME]
        assert store.notices == ()
        # The first of its two hints was mostly shown without a question.
        assert (known.outcome, known.hints) == (Outcome.PASSED, 1)
        assert known.passed_at == known.at == "2026-01-02T10:00:00+01:00"
        store.hint_shown(NAME, "test_it", 3, asked=True)
        assert store.progress()[NAME].hints == 2


def test_an_update_that_fails_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that cannot be brought up to date is left as it was, and read all the same."""
    _fill_first_version(file)
    with closing(sqlite3.connect(file)) as database:
        before = list(database.iterdump())
    connect = sqlite3.connect

    class FullDisk(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if "UPDATE" in sql:
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *values)

    def full(name: str, **options: Any) -> sqlite3.Connection:
        return connect(
            name, **options, factory=FullDisk if name == str(file) else sqlite3.Connection
        )

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", full)
        with open_store(file) as store:
            assert "disk is full" in store.notices[0]
            assert store.progress()[NAME].hints == 1
    with closing(sqlite3.connect(file)) as database:
        assert list(database.iterdump()) == before


def test_fails_on_the_way() -> None:
    """A store that breaks during a run costs one notice, however often it is asked."""
    with Store(sqlite3.connect(":memory:")) as store:
        store.record(RESULT, 5)
        store.hint_shown(NAME, "test_it", 1, asked=True)
        assert len(store.notices) == 1
        assert "could not be noted" in store.notices[0]
        assert store.progress() == {}
        assert "could not be read" in store.notices[0]
