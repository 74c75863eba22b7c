"""Opens the grader's SQLite files: durable, and migrated to the current schema or left unchanged."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

__all__ = ["NewerSchema", "copied", "opened", "stamp"]


class NewerSchema(Exception):
    """The file was written by a newer version of the grader."""


def opened(
    path: Path | str, steps: Sequence[str], *, patience: float, alone: bool = False
) -> sqlite3.Connection:
    """Open a database file, creating it if missing, and migrate it to the current schema.

    Statements outside a transaction commit at once.

    steps: SQL that migrates each schema to the next, the first from an empty file. Each sets the version
        in the table `schema`, and has `;` only at the ends of statements.
    patience: seconds to wait for another writer.
    alone: lock the file while it is open.

    Raises `NewerSchema`; `sqlite3.DatabaseError` for a damaged or foreign file; and its subclass
    `sqlite3.OperationalError` if the file cannot be used.
    """
    database = sqlite3.connect(str(path), timeout=patience, isolation_level=None)
    try:
        if alone:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        _migrate(database, steps)
    except BaseException:
        database.close()
        raise
    return database


def copied(path: Path, steps: Sequence[str]) -> sqlite3.Connection:
    """A database in memory, with a copy of the file's content if that can be read."""
    memory = opened(":memory:", (), patience=0.0)
    # `immutable` avoids locks and side files, which a read-only folder does not allow.
    name = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(name, uri=True)) as file:
            _version(file, len(steps))
            file.backup(memory)
    except (sqlite3.Error, NewerSchema):
        pass
    _migrate(memory, steps)
    return memory


def _migrate(database: sqlite3.Connection, steps: Sequence[str]) -> None:
    if _version(database, len(steps)) == len(steps):
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        # Read the version again: another run may have migrated meanwhile.
        for step in steps[_version(database, len(steps)) :]:
            for statement in step.split(";")[:-1]:
                database.execute(statement)
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # on a full disk SQLite has done so by itself
            database.execute("ROLLBACK")
        raise


def _version(database: sqlite3.Connection, newest: int) -> int:
    """The schema's version; 0 for an empty database. Raises what `opened` does."""
    tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return 0
    if "schema" not in tables:
        raise sqlite3.DatabaseError("it is no store of this grader")
    version = int(database.execute("SELECT max(version) FROM schema").fetchone()[0] or 0)
    if version > newest:
        raise NewerSchema
    (state,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok" or version < 1:
        raise sqlite3.DatabaseError(state if version else "it has no version")
    return version


def stamp(timespec: str = "seconds") -> str:
    """Return the present moment as it is stored: ISO 8601, with the offset from UTC.

    timespec: how exact, as for `datetime.isoformat`.
    """
    return datetime.now().astimezone().isoformat(timespec=timespec)
