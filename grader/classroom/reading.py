"""Reads a submission's files for the judge; what cannot be read is ungraded, which is no zero."""

from __future__ import annotations

from grader.classroom.submission import Submission, unreadable
from grader.course.catalog import Entry
from grader.intake import TooLarge, Unreadable
from grader.judge import Module
from grader.judge.modules import NotText, decoded
from grader.results import Outcome

__all__ = ["read_module"]


def read_module(one: Submission, entry: Entry) -> Module:
    """Return the module that was handed in for an exercise, or why there is nothing to judge."""
    path = f"{entry.id}.py"
    source = one.files.get(entry.id)
    if source is None:
        reason = unreadable(one, entry.id)
        if reason:
            return Module(entry, path, outcome=Outcome.UNGRADED, note=reason)
        return Module(entry, path, note=f"{path} was not handed in.")
    try:
        return _module(entry, path, source.read())
    except TooLarge as error:
        return Module(entry, path, outcome=Outcome.FAILED, note=str(error))
    except Unreadable as error:
        return Module(entry, path, outcome=Outcome.UNGRADED, note=str(error))
    except OSError as error:
        note = f"{path} cannot be read: {error.strerror or error}"
        return Module(entry, path, outcome=Outcome.UNGRADED, note=note)
    except ValueError as error:
        return Module(entry, path, outcome=Outcome.FAILED, note=f"{path} cannot be read: {error}")


def _module(entry: Entry, path: str, data: bytes) -> Module:
    """Return a module with its bytes; of what is no text nobody can tell what it does."""
    try:
        decoded(data)
    except NotText as error:
        note = f"{path} could not be read: hand it in again, as text in UTF-8. {error}"
        return Module(entry, path, outcome=Outcome.UNGRADED, note=note)
    except ValueError:  # the judge says of these why they earn nothing
        pass
    return Module(entry, path, data)
