"""Opens a class's database: checked and locked, or else an error that leaves the file unchanged.

There is one writer: the file is locked while it is open.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from grader.database import NewerSchema, opened
from grader.errors import GraderFault, UsageError

__all__ = ["full_disk", "is_full", "open_database"]

_PATIENCE = 1.0  # seconds to wait for another run to release the file
_TABLES = """
CREATE TABLE schema (version INTEGER NOT NULL);
INSERT INTO schema VALUES (1);
CREATE TABLE runs (
    run      INTEGER PRIMARY KEY,
    seed     INTEGER NOT NULL,
    sources  TEXT NOT NULL,  -- JSON: the paths that were given
    began    TEXT NOT NULL,  -- local time with its offset, ISO 8601
    ended    TEXT            -- null: it was stopped, and can go on
);
CREATE TABLE submissions (
    submission TEXT PRIMARY KEY,
    run        INTEGER NOT NULL,  -- the last that it was part of
    place      INTEGER NOT NULL,  -- in the order of the names
    about      TEXT NOT NULL      -- JSON: senders, late, unused, note
) WITHOUT ROWID;
CREATE INDEX submissions_by_place ON submissions (run, place);
CREATE TABLE verdicts (
    submission TEXT NOT NULL,
    exercise   TEXT NOT NULL,
    key        TEXT NOT NULL,  -- of all that the verdict depends on
    run        INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    score      INTEGER NOT NULL,
    max_score  INTEGER NOT NULL,
    record     BLOB NOT NULL,  -- see grader.classroom.packing
    PRIMARY KEY (submission, exercise)
);
CREATE TABLE changes (
    run        INTEGER NOT NULL,
    submission TEXT NOT NULL,
    exercise   TEXT NOT NULL,
    before     TEXT NOT NULL,  -- JSON: outcome, score, max_score
    after      TEXT NOT NULL,
    PRIMARY KEY (run, submission, exercise)
);
"""
_OPTIONS = """
ALTER TABLE runs ADD COLUMN options TEXT NOT NULL DEFAULT '{}';  -- JSON: the files it writes
UPDATE schema SET version = 2;
"""
_PART = """
CREATE TABLE part (note BLOB NOT NULL);  -- one row in a part of a class, see grader.classroom.parts
UPDATE schema SET version = 3;
"""
_PROVENANCE = """
ALTER TABLE verdicts ADD COLUMN host TEXT NOT NULL DEFAULT '';  -- see grader.classroom.provenance
ALTER TABLE verdicts ADD COLUMN worker TEXT NOT NULL DEFAULT '';
ALTER TABLE verdicts ADD COLUMN began TEXT NOT NULL DEFAULT '';
ALTER TABLE verdicts ADD COLUMN ended TEXT NOT NULL DEFAULT '';
UPDATE schema SET version = 4;
"""
_STEPS = (_TABLES, _OPTIONS, _PART, _PROVENANCE)


def open_database(path: Path) -> sqlite3.Connection:
    """Open the database in a file, creating it if it is missing.

    Raises `UsageError` when the file cannot be used: it is damaged, newer, or in use.
    """
    try:
        return opened(path, _STEPS, patience=_PATIENCE, alone=True)
    except NewerSchema:
        raise UsageError(
            f"{path} was written by a newer version of the grader and was left as it is. Update "
            "this one, or name another --out."
        ) from None
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UsageError(f"Another run is writing to {path}. Wait for it to end.") from None
        if is_full(error):
            raise GraderFault(full_disk(path, error)) from None
        raise UsageError(f"{path} cannot be used ({error}). Name another --out.") from None
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"{path} is damaged ({error}) and was left as it is. Move it away, or name another "
            "--out."
        ) from None


def is_full(error: sqlite3.Error) -> bool:
    """Return True when the disk, and not the file, is the reason."""
    return any(word in str(error) for word in ("full", "disk I/O", "readonly"))


def full_disk(path: Path | str, error: Exception) -> str:
    """Return what happened and what to do when a file cannot be written."""
    return f"{path} cannot be written ({error}). Make room on the disk, and run it again."
