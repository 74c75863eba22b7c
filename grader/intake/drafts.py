"""Submissions while they are put together from files and folders, and the attempts in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from grader.class_results import Attempt, Doubt, Sender, Unused
from grader.intake.entries import Entry
from grader.intake.listing import LITTER, Found, Listing
from grader.intake.names import Names
from grader.intake.selection import COUNTED, NOT_NAMED, OF_COURSE, select
from grader.intake.unpacking import unpack

__all__ = ["Draft", "entry_of", "one_by_one"]

NOTHING = "Nothing in it is named like an exercise."
EMPTY = "It is empty."
SILENT = (NOT_NAMED, LITTER, COUNTED, OF_COURSE)  # reasons that add nothing to `NOTHING`
# How Canvas and browsers number a repeated upload, before the ending.
_REPEAT = re.compile(r"(?:-[0-9]{1,6}|\s?\([0-9]{1,6}\))(?=\.[^.]*\Z)")


@dataclass
class Draft:
    """A submission being assembled from one or more files and folders.

    late_uploads: the platform's numbers of the uploads that it says are late. attempt: which attempt of
    a learner this is, where each is graded.
    """

    name: str
    senders: tuple[Sender, ...] = ()
    late: bool = False
    listing: Listing = field(default_factory=Listing)
    submitted: str = ""
    late_uploads: set[int] = field(default_factory=set)
    attempt: Attempt | None = None


def one_by_one(draft: Draft) -> Iterator[Draft]:
    """Yield each attempt of a learner whose files are numbered as they were uploaded, as Canvas does.

    An attempt begins where a file comes a second time, or where the files begin to be late.
    """
    groups = _groups(draft)
    if draft.attempt is not None or not groups:
        yield draft
        return
    for place, files in enumerate(groups):
        number = files[0].upload
        last = place == len(groups) - 1
        yield replace(
            draft,
            name=f"{draft.name} (upload {number})",
            late=number in draft.late_uploads,
            listing=replace(draft.listing, files=files) if last else Listing(files),
            attempt=Attempt(draft.name, number),
        )


def _groups(draft: Draft) -> list[list[Found]]:
    """Return the files by attempts; none where the files have no numbers."""
    groups: list[list[Found]] = []
    seen: set[str] = set()
    late = False
    for found in sorted(draft.listing.files, key=lambda one: one.upload):
        if not found.upload:
            return []
        name, is_late = _REPEAT.sub("", found.name.lower()), found.upload in draft.late_uploads
        if not groups or name in seen or is_late != late:
            groups.append([])
            seen = set()
        groups[-1].append(found)
        seen.add(name)
        late = is_late
    return groups


def entry_of(draft: Draft, names: Names) -> Entry:
    """Return a draft as an entry, its zips unpacked."""
    listing = unpack(draft.listing)
    selection = select(listing, names)
    unreadable = listing.unreadable
    doubts = [*selection.doubts, *(Doubt(one.path, one.reason) for one in unreadable)]
    return Entry(
        draft.name,
        draft.senders,
        draft.late,
        selection.files,
        selection.unused,
        "" if selection.files else _note(draft.name, selection.unused),
        tuple(doubts),
        selection.undecided,
        _note(draft.name, unreadable) if unreadable else "",
        draft.submitted,
        draft.attempt,
    )


def _note(name: str, unused: Sequence[Unused]) -> str:
    """Return why there is nothing to grade: the first reason that adds to `NOTHING`.

    name: of the submission, which need not be said again of the only file in it.
    """
    telling = next((one for one in unused if one.reason not in SILENT), None)
    if telling is None:
        return NOTHING if unused else EMPTY
    where = "" if telling.path == name else f"{telling.path}: "
    return f"{where}{telling.reason}" + "." * (not telling.reason.endswith("?"))
