"""Remembers a learner's progress between runs, in SQLite.

What is remembered helps, and nothing depends on it: a file that cannot be used costs a notice,
never a grade, and is never overwritten.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from grader.results import ExerciseResult, Outcome

__all__ = ["Progress", "Store", "open_store", "place"]

SCHEMA = 3
VARIABLE = "GRADER_STORE"
"""An environment variable: the file to use instead of the course's own."""

_PATIENCE = 5.0  # seconds to wait for another run that writes; a commit takes less than one ms

# What makes schema n + 1 of schema n. Times are local with their offset, ISO 8601.
_STEPS = (
    """
    CREATE TABLE schema (version INTEGER NOT NULL);
    CREATE TABLE progress (
        exercise  TEXT PRIMARY KEY,
        outcome   TEXT NOT NULL,
        score     INTEGER NOT NULL,
        max_score INTEGER NOT NULL,
        at        TEXT NOT NULL,
        seed      INTEGER         -- that of the failing run, until it passes
    );
    CREATE TABLE hints (
        exercise TEXT NOT NULL,
        about    TEXT NOT NULL,  -- a misconception's code, or a check's name
        level    INTEGER NOT NULL,
        PRIMARY KEY (exercise, about)
    );
    INSERT INTO schema VALUES (1);
    """,
    """
    ALTER TABLE progress ADD COLUMN passed_at TEXT;  -- for the first time since it was begun
    ALTER TABLE hints ADD COLUMN at TEXT;
    UPDATE progress SET passed_at = at WHERE outcome = 'passed';
    UPDATE schema SET version = 2;
    """,
    """
    ALTER TABLE hints ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;  -- hints that were asked for
    UPDATE hints SET asked = level - 1;  -- the first was mostly shown unasked
    UPDATE schema SET version = 3;
    """,
)


@dataclass(frozen=True)
class Progress:
    """How an exercise came out when it was last graded.

    at, passed_at: when that was, and when it passed for the first time (ISO 8601). seed: a failing
    run's, to be kept. hints: how many were asked for.
    """

    exercise: str
    outcome: Outcome
    score: int
    max_score: int
    at: str
    seed: int | None = None
    passed_at: str | None = None
    hints: int = 0


class Store:
    """The progress in one database. Use `open_store`, and close it: it is a context manager.

    notice: what to tell about a file that cannot be used.
    """

    def __init__(self, database: sqlite3.Connection, notice: str = "") -> None:
        self._database = database
        self._notice = notice

    @property
    def notices(self) -> tuple[str, ...]:
        """What to tell, if anything: one sentence, however much failed."""
        return (self._notice,) if self._notice else ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    # -- progress -------------------------------------------------------------------------------

    def progress(self) -> dict[str, Progress]:
        """What is known of each exercise, by its id."""
        rows = self._rows(
            "SELECT exercise, outcome, score, max_score, progress.at, seed, passed_at, "
            "coalesce(sum(asked), 0) FROM progress LEFT JOIN hints USING (exercise) GROUP BY exercise"
        )
        known = {outcome.value for outcome in Outcome}
        return {
            exercise: Progress(exercise, Outcome(outcome), *rest)
            for exercise, outcome, *rest in rows
            if outcome in known
        }

    def record(self, result: ExerciseResult, seed: int | None) -> None:
        """Note how an exercise came out, and the seed to keep for it (None: a fresh one)."""
        now, outcome = _now(), result.outcome
        self._write(
            "INSERT INTO progress VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (exercise) DO UPDATE SET "
            "outcome = excluded.outcome, score = excluded.score, max_score = excluded.max_score, "
            "at = excluded.at, seed = excluded.seed, "
            "passed_at = coalesce(passed_at, excluded.passed_at)",
            (
                *(result.exercise, outcome.value, result.score, result.max_score, now, seed),
                now if outcome is Outcome.PASSED else None,
            ),
        )

    def forget(self, exercise: str) -> None:
        """Forget all about an exercise, the hints too: it starts anew."""
        self._write("DELETE FROM progress WHERE exercise = ?", (exercise,))
        self._write("DELETE FROM hints WHERE exercise = ?", (exercise,))

    # -- hints ----------------------------------------------------------------------------------

    def hint_level(self, exercise: str, about: str) -> int:
        """How many hints were shown for a check or a misconception."""
        question = "SELECT level FROM hints WHERE exercise = ? AND about = ?"
        return max((int(row[0]) for row in self._rows(question, (exercise, about))), default=0)

    def hint_shown(self, exercise: str, about: str, level: int, *, asked: bool) -> None:
        """Note that hints up to `level` were shown; never takes one back.

        asked: the last of them was asked for. The screen of `grade` shows a first one unasked.
        """
        self._write(
            "INSERT INTO hints VALUES (?, ?, ?, ?, ?) ON CONFLICT (exercise, about) "
            "DO UPDATE SET level = excluded.level, at = excluded.at, asked = asked + excluded.asked "
            "WHERE excluded.level > level",
            (exercise, about, level, _now(), int(asked)),
        )

    # -- the database ---------------------------------------------------------------------------

    def _rows(self, question: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(question, values).fetchall()
        except sqlite3.Error as error:
            self._notice = f"Your progress could not be read ({error}). The verdicts stand."
            return []

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._database.execute(statement, values)
        except sqlite3.Error as error:
            self._notice = f"Your progress could not be noted ({error}). The verdicts stand."


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def place(root: Path) -> Path:
    """Where a course keeps its progress; the environment may name another file."""
    return Path(os.environ.get(VARIABLE) or root / ".grader" / "progress.sqlite3")


def open_store(path: Path) -> Store:
    """The store in a file, which is made when it is not there; in memory when it cannot be used."""
    try:
        return Store(_open(path))
    except _Newer:
        why = "was written by a newer version of the grader and is left alone"
    except (sqlite3.OperationalError, OSError) as error:
        why = f"cannot be used ({error})"
    except sqlite3.DatabaseError:
        return _anew(path)
    return Store(_in_memory(path), f"Progress is not kept: {path} {why}.")


class _Newer(Exception):
    """A later schema than this module knows."""


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return _prepared(_connect(str(path)), _set_up)


def _connect(name: str, *, uri: bool = False) -> sqlite3.Connection:
    # Without an isolation level every statement is a transaction of its own.
    return sqlite3.connect(name, timeout=_PATIENCE, isolation_level=None, uri=uri)


def _prepared(
    database: sqlite3.Connection, prepare: Callable[[sqlite3.Connection], None]
) -> sqlite3.Connection:
    """The database, prepared; closed when that fails."""
    try:
        prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _set_up(database: sqlite3.Connection) -> None:
    """Make it durable, check its version, and bring it up to this one's."""
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    if _version(database) == SCHEMA:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        for step in _STEPS[_version(database) :]:  # again: another run may have been faster
            for statement in step.split(";")[:-1]:
                database.execute(statement)
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def _version(database: sqlite3.Connection) -> int:
    """The schema's version, 0 for an empty database; raises when it is damaged or newer."""
    tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    if "schema" not in tables:
        return 0
    version = int(database.execute("SELECT max(version) FROM schema").fetchone()[0] or 0)
    if version > SCHEMA:
        raise _Newer
    if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("damaged")
    return version


def _anew(path: Path) -> Store:
    """Move a damaged file aside, and start with an empty one."""
    now = datetime.now().astimezone()
    aside = path.with_name(f"{path.stem}-damaged-{now:%Y%m%d-%H%M%S}{path.suffix}")
    try:
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{ending}").replace(f"{aside}{ending}")
        return Store(_open(path), f"The progress file was damaged; it is kept as {aside}.")
    except (sqlite3.Error, OSError) as error:
        return Store(_in_memory(path), f"Progress is not kept: {path} is damaged ({error}).")


def _in_memory(path: Path) -> sqlite3.Connection:
    """A database that is gone afterwards, with what a file holds that can only be read."""
    memory = _connect(":memory:")
    # `immutable` reads without locks or side files, which a read-only folder would not allow.
    name = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with (
        contextlib.suppress(sqlite3.Error, _Newer),
        contextlib.closing(_connect(name, uri=True)) as file,
    ):
        _version(file)
        file.backup(memory)
    return _prepared(memory, _set_up)
