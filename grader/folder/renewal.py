"""Writes many files of a folder so that all of it can be taken back, also after a kill at any moment.

Each renewal has a folder in `.grader/updates/`. First it keeps what is to be replaced there, under
numbers; then `journal.json` says which file is to become what; only then are files replaced, each whole.
A journal that does not say that it is over was cut short: taking it back undoes what it did.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from grader.course.catalog import KEPT
from grader.errors import CourseError
from grader.files import replace_file

__all__ = ["Journal", "cut_short", "last_done", "renew", "take_back"]

UPDATES = f"{KEPT}/updates"
_JOURNAL = "journal.json"
BEGUN, DONE, UNDOING, UNDONE = "begun", "done", "undoing", "undone"


@dataclass(frozen=True)
class Step:
    """One file: its path, what it is, and what it becomes (SHA-256; "" for no file)."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Journal:
    """A renewal: its folder, how far it is, and its steps, whose backups have their numbers as names."""

    folder: Path
    state: str
    steps: tuple[Step, ...]

    def moved_on(self, state: str) -> Journal:
        """Write the journal with this state to the disk, and return it."""
        moved = replace(self, state=state)
        data = {"state": state, "steps": [asdict(step) for step in self.steps]}
        replace_file(self.folder / _JOURNAL, [json.dumps(data, indent=1)], durable=True)
        _settle(self.folder)
        return moved


def renew(home: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write these files, by their paths from `home`, in their order; keep what they replace.

    Returns the paths that were left alone because they changed meanwhile. Raises `CourseError` if it
    cannot be done; what was done is taken back then.
    """
    journal = None
    try:
        journal = _prepared(home, files).moved_on(BEGUN)
        left = tuple(_replaced(home, journal, files))
        journal.moved_on(DONE)
    except OSError as error:
        if journal is not None:
            take_back(home, journal)
        raise _failed(error) from None
    return left


def cut_short(home: Path) -> Journal | None:
    """Return the renewal that did not come to its end, if there is one."""
    return next((one for one in _journals(home) if one.state in (BEGUN, UNDOING)), None)


def last_done(home: Path) -> Journal | None:
    """Return the last renewal that was not taken back yet, if there is one."""
    return next((one for one in _journals(home) if one.state == DONE), None)


def take_back(home: Path, journal: Journal) -> tuple[str, ...]:
    """Put back what a renewal has replaced, and remove what it has added.

    Returns the paths of files that were changed since, which stay. Raises `CourseError` if it cannot be
    done; trying again goes on.
    """
    try:
        journal = journal.moved_on(UNDOING)
        left = [
            step.path
            for number, step in reversed([*enumerate(journal.steps)])
            if not _put_back(home, journal.folder / str(number), step)
        ]
        journal.moved_on(UNDONE)
    except OSError as error:
        raise _failed(error) from None
    return tuple(left)


def _prepared(home: Path, files: Mapping[str, bytes]) -> Journal:
    """Keep the files that are to be replaced, and return the journal, which is not written yet."""
    folder = _new_folder(home / UPDATES)
    steps = []
    for number, (path, data) in enumerate(files.items()):
        now = _content(home / path)
        if now is not None and now != data:
            replace_file(folder / str(number), [now], durable=True)
        steps.append(Step(path, _print(now), _print(data)))
    _settle(folder)
    return Journal(folder, BEGUN, tuple(steps))


def _new_folder(updates: Path) -> Path:
    updates.mkdir(parents=True, exist_ok=True)
    now = f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    for number in count(1):
        folder = updates / f"{now}-{number:03}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError  # the numbers do not end


def _replaced(home: Path, journal: Journal, files: Mapping[str, bytes]) -> Iterator[str]:
    for step in journal.steps:
        # Looked at again, immediately before: a learner may save while this runs.
        if _print(_content(home / step.path)) != step.before:
            yield step.path
        elif step.before != step.after:
            replace_file(home / step.path, [files[step.path]], durable=True, folders=True)


def _put_back(home: Path, backup: Path, step: Step) -> bool:
    """Undo a step, if it was done and nothing has happened since; False if something has."""
    file = home / step.path
    now = _print(_content(file))
    if now == step.before:
        return True
    if now != step.after:
        return False
    if step.before:
        replace_file(file, [backup.read_bytes()], durable=True)
    else:
        file.unlink()
    return True


def _journals(home: Path) -> Iterator[Journal]:
    """Yield the renewals of a folder, the last one first."""
    for file in sorted((home / UPDATES).glob(f"*/{_JOURNAL}"), reverse=True):
        try:
            yield _journal(file, json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError):
            raise CourseError(
                f"{file} is damaged. Delete its folder, if you do not want that update back."
            ) from None


def _journal(file: Path, data: Any) -> Journal:
    return Journal(file.parent, data["state"], tuple(Step(**step) for step in data["steps"]))


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _print(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _settle(folder: Path) -> None:
    """Wait until the names of a folder's files are on the disk, where the system can tell."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _failed(error: OSError) -> CourseError:
    why = f"{error.filename or 'the disk'}: {error.strerror or error}"
    return CourseError(f"The update could not be done ({why}). Mend that, then try again.")
