"""Stores a learner's progress between runs, in SQLite.

No verdict depends on it: a file that cannot be used costs a notice, never a grade, and is never
overwritten.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from grader.database import NewerSchema, copied, opened, stamp
from grader.practice.schema import STEPS
from grader.records import exercise_record
from grader.results import ExerciseResult, Outcome

__all__ = ["Failed", "Progress", "Store", "open_store", "place"]

VARIABLE = "GRADER_STORE"
"""Environment variable: the path of a file to use instead of the course's own."""

_PATIENCE = 5.0  # seconds to wait for another run's write; a commit takes less than 1 ms


@dataclass(frozen=True)
class Progress:
    """An exercise's last result.

    at: when it was graded; passed_at: when it first passed (both ISO 8601). seed: that of a failing
    run, to use again. hints: how many were asked for.
    """

    exercise: str
    outcome: Outcome
    score: int
    max_score: int
    at: str
    seed: int | None = None
    passed_at: str | None = None
    hints: int = 0


@dataclass(frozen=True)
class Failed:
    """The last version of a module that failed: its text, the run's seed, and when (ISO 8601)."""

    source: str
    seed: int
    at: str


class Store:
    """The progress in one database; open it with `open_store`. A context manager that closes it.

    notice: message about a file that cannot be used.
    """

    def __init__(self, database: sqlite3.Connection, notice: str = "") -> None:
        self._database = database
        self._notice = notice

    @property
    def notices(self) -> tuple[str, ...]:
        """At most one sentence for the learner, however much failed."""
        return (self._notice,) if self._notice else ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    # -- progress -------------------------------------------------------------------------------

    def progress(self) -> dict[str, Progress]:
        """Return what is stored of each exercise, by its id."""
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
        """Store an exercise's result, and the seed for its next run (None: a fresh one)."""
        now, outcome = stamp(), result.outcome
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
        """Delete an exercise's progress and hints; what failed last stays, to be looked at later."""
        self._write("DELETE FROM progress WHERE exercise = ?", (exercise,))
        self._write("DELETE FROM hints WHERE exercise = ?", (exercise,))
        self._write("DELETE FROM passes WHERE exercise = ?", (exercise,))

    # -- verdicts that may be shown again -------------------------------------------------------

    def keep_pass(self, result: ExerciseResult, fingerprint: str) -> None:
        """Keep the verdict on an exercise that has passed, for as long as its fingerprint is the same."""
        verdict = json.dumps(exercise_record(result, traces=False))
        self._write(
            "INSERT OR REPLACE INTO passes VALUES (?, ?, ?)",
            (result.exercise, fingerprint, verdict),
        )

    def passes(self) -> dict[str, tuple[str, str]]:
        """Return the kept verdicts: fingerprint and record (JSON), by exercise."""
        rows = self._rows("SELECT exercise, fingerprint, verdict FROM passes")
        return {exercise: (fingerprint, verdict) for exercise, fingerprint, verdict in rows}

    # -- what failed before ---------------------------------------------------------------------

    def keep_failure(self, result: ExerciseResult) -> None:
        """Keep the version of a module that has failed, in the place of the one before."""
        values = (result.exercise, result.seed or 0, result.source, stamp())
        self._write("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", values)

    def failure(self, exercise: str) -> Failed | None:
        """Return the version of an exercise that failed last, if one has."""
        question = "SELECT source, seed, at FROM failures WHERE exercise = ?"
        return next((Failed(*row) for row in self._rows(question, (exercise,))), None)

    # -- hints ----------------------------------------------------------------------------------

    def hint_level(self, exercise: str, about: str) -> int:
        """Return how many hints were shown for a check or misconception."""
        question = "SELECT level FROM hints WHERE exercise = ? AND about = ?"
        return max((int(row[0]) for row in self._rows(question, (exercise, about))), default=0)

    def hint_shown(self, exercise: str, about: str, level: int, *, asked: bool) -> None:
        """Record that hints up to `level` were shown; never lowers the level.

        asked: the learner asked for the last of them; `grade` shows a first one unasked.
        """
        self._write(
            "INSERT INTO hints VALUES (?, ?, ?, ?, ?) ON CONFLICT (exercise, about) "
            "DO UPDATE SET level = excluded.level, at = excluded.at, asked = asked + excluded.asked "
            "WHERE excluded.level > level",
            (exercise, about, level, stamp(), int(asked)),
        )

    # -- what is said once ----------------------------------------------------------------------

    def was_told(self, what: str) -> bool:
        """Return whether something was said already."""
        return bool(self._rows("SELECT 1 FROM told WHERE what = ?", (what,)))

    def told(self, what: str) -> None:
        """Record that something was said, so that it is not said again."""
        self._write("INSERT OR IGNORE INTO told VALUES (?, ?)", (what, stamp()))

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


def place(root: Path) -> Path:
    """Return the path of a course's progress file; $GRADER_STORE overrides it."""
    return Path(os.environ.get(VARIABLE) or root / ".grader" / "progress.sqlite3")


def open_store(path: Path) -> Store:
    """Open the store in `path`, created if missing; in memory if the file cannot be used."""
    try:
        return Store(_open(path))
    except NewerSchema:
        why = "was written by a newer version of the grader and is left alone"
    except (sqlite3.OperationalError, OSError) as error:
        why = f"cannot be used ({error})"
    except sqlite3.DatabaseError:
        return _start_over(path)
    return Store(copied(path, STEPS), f"Progress is not kept: {path} {why}.")


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return opened(path, STEPS, patience=_PATIENCE)


def _start_over(path: Path) -> Store:
    """Move a damaged file aside and open an empty one."""
    now = datetime.now().astimezone()
    aside = path.with_name(f"{path.stem}-damaged-{now:%Y%m%d-%H%M%S}{path.suffix}")
    try:
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{ending}").replace(f"{aside}{ending}")
        return Store(_open(path), f"The progress file was damaged; it is kept as {aside}.")
    except (sqlite3.Error, OSError) as error:
        return Store(copied(path, STEPS), f"Progress is not kept: {path} is damaged ({error}).")
