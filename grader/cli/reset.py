"""Puts an exercise's stub back; the learner's version is kept as a backup."""

from __future__ import annotations

import contextlib
import os
from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from grader.cli.options import Parser
from grader.cli.writing import replace_file
from grader.course import catalog
from grader.errors import CourseError
from grader.practice.progress import open_store, place

__all__ = ["Reset", "declare", "run"]

BACKUPS = "backups"
"""The folder for backups, beside the exercises."""


@dataclass(frozen=True)
class Reset:
    """Result: the stub that was restored. backup: None if there was nothing to keep."""

    stub: Path
    backup: Path | None = None
    untouched: bool = False
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        if self.untouched:
            return f"{_shown(self.stub)} is as it came: nothing to do."
        kept = f"\nYour version is kept as {_shown(self.backup)}." if self.backup else ""
        return f"{_shown(self.stub)} is as it came again.{kept}"


def declare(parser: Parser) -> None:
    """Declare exactly one exercise, so that nothing is reset by mistake."""
    parser.take("exercise")


def run(options: Namespace) -> Reset:
    """Write the backup, then replace the file by the stub."""
    entry = catalog.resolve(options.exercise)
    stub = catalog.pristine(entry.id).encode("utf-8")
    try:
        theirs = entry.stub.read_bytes() if entry.stub.exists() else None
        if theirs == stub:
            return Reset(entry.stub, untouched=True)
        backup = None if theirs is None else _keep(entry.stub, theirs)
        replace_file(entry.stub, [stub])
    except OSError as error:
        why = f"{error.filename or entry.stub}: {error.strerror or error}"
        raise CourseError(f"{entry.id} could not be put back ({why}). Nothing was lost.") from None
    with open_store(place(catalog.find_home())) as store:
        store.forget(entry.id)
        return Reset(entry.stub, backup, notices=store.notices)


def _keep(file: Path, content: bytes) -> Path:
    """Write the backup and return its path; never overwrites another one."""
    folder = file.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    now = f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    for number in count(1):
        again = f"-{number}" if number > 1 else ""
        backup = folder / f"{file.stem}-{now}{again}{file.suffix}"
        with contextlib.suppress(FileExistsError), backup.open("xb") as opened:
            opened.write(content)
            return backup
    raise AssertionError  # the numbers do not end


def _shown(path: Path | None) -> str:
    """Return a path relative to the current folder, as one would type it."""
    return "" if path is None else os.path.relpath(path)
