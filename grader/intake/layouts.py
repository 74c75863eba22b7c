"""Reads the sender from a file name, as Canvas, Moodle and people write it.

Canvas (`lib/content_zipper.rb`): `<name>[_LATE]_<user>_<attachment>_<file>`, where the name has only
lower-case letters, digits and underscores; `anon_<code>` replaces name and user when grading is
anonymous; typed text is `…_text.html` or `…_link.html`.
Moodle (`mod/assign`): `<Full Name>_<N>_assignsubmission_<kind>[_…]`, a folder or, in a flat download,
a file; the name has no underscore. N is the participant's number in the grading worksheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from grader.class_results import Sender
from grader.intake.attempts import Attempt, Person, blackboard, brightspace
from grader.intake.guesses import Kind, Strength
from grader.intake.names import LONGEST, Names, printable

__all__ = ["NOBODY", "Tag", "Unclear", "is_platforms", "likely_uploads", "read_tag"]

CODE = (Kind.CODE, Kind.NOTEBOOK)
_NUMBER = "[0-9]{1,20}"
_CANVAS = re.compile(rf"_(?P<user>{_NUMBER})_(?P<upload>{_NUMBER})_(?P<file>.+)", re.DOTALL)
_CANVAS_ANONYMOUS = re.compile(
    rf"(?P<late>LATE_)?anon_(?P<user>[0-9A-Za-z]+)_(?P<upload>{_NUMBER})_(?P<file>.+)", re.DOTALL
)
_CANVAS_TYPED = re.compile(rf"(?P<front>.*)_(?P<user>{_NUMBER})_(?:text|link)\.html", re.DOTALL)
_MOODLE = re.compile(
    rf"(?P<name>.+?)_(?P<user>{_NUMBER})_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)


class Unclear(Exception):
    """A name that fits more than one person; the message says why."""


@dataclass(frozen=True)
class Tag:
    """What a file name says. name: of the submission; file: the sender's own file name, or "".

    upload: the platform's upload number. typed: True for text from the platform's own editor.
    submitted: when it was sent, as the platform writes it in ISO 8601, or "". record: True for the
    platform's own file about an upload. attempt: what tells a person's attempts apart, or "".
    """

    name: str
    sender: Sender
    late: bool = False
    upload: int = 0
    file: str = ""
    typed: bool = False
    submitted: str = ""
    record: bool = False
    attempt: str = ""


NOBODY: Mapping[str, Person] = MappingProxyType({})


def read_tag(
    name: str,
    names: Names,
    *,
    folder: bool,
    uploads: range = range(0),
    people: Mapping[str, Person] = NOBODY,
) -> Tag | None:
    """Return who sent the entry of that name, or None when the name does not say.

    uploads: the result of `likely_uploads` for the names beside it. people: whom Blackboard's records
    beside it name. Raises `Unclear` when the name fits two people: a file without a sender is better
    than one with the wrong sender.
    """
    if len(name) > LONGEST:
        return None
    if moodle := _MOODLE.fullmatch(name):
        return _moodle(moodle, _before(name, moodle["file"] or "", folder=folder), folder=folder)
    if sent := brightspace(name):
        before = _before(name, sent.file, folder=folder)
        return _attempt("brightspace", sent, f"{sent.name}_{sent.user}", before)
    if folder:
        return None
    if attempt := blackboard(name, people):
        return replace(_attempt("blackboard", attempt, attempt.user), record=not attempt.file)
    return _canvas(name, uploads) or _person(name, names)


def is_platforms(name: str, *, folder: bool) -> bool:
    """Return True for a name that a learning platform gives, even if its sender is unclear."""
    try:
        return len(name) <= LONGEST and bool(
            _MOODLE.fullmatch(name)
            or brightspace(name)
            or (not folder and (blackboard(name, NOBODY) or _canvas(name, range(0))))
        )
    except Unclear:
        return True


def likely_uploads(names: Iterable[str]) -> range:
    """Return the likely range of Canvas attachment numbers, from names with a single reading."""
    readings = [_readings(name) for name in names]
    uploads = [tags[0].upload for tags in readings if len(tags) == 1]
    return range(min(uploads) // 2, 2 * max(uploads) + 1) if uploads else range(0)


def _before(name: str, file: str, *, folder: bool) -> str:
    """Return what stands before a file's name in the download: a folder, or the front of its name."""
    return printable(f"{name}/" if folder else name.removesuffix(file))


def _moodle(found: re.Match[str], before: str, *, folder: bool) -> Tag:
    sender = Sender("moodle", found["user"], name=printable(found["name"]), folder=before)
    return Tag(
        f"{sender.name}_{sender.id}",
        sender,
        file="" if folder else found["file"] or "",
        typed=found["kind"] == "onlinetext",
    )


def _attempt(platform: str, attempt: Attempt, name: str, before: str = "") -> Tag:
    # Blackboard's id is the name that people log in with; Brightspace's means nothing elsewhere.
    login = attempt.user if platform == "blackboard" else ""
    shown = printable(attempt.name)
    sender = Sender(platform, attempt.user, name=shown, sid=printable(login), folder=before)
    return Tag(
        printable(name),
        sender,
        upload=attempt.number,
        file=attempt.file,
        submitted=attempt.submitted,
        attempt=attempt.key,
    )


def _canvas(name: str, uploads: range) -> Tag | None:
    if found := _CANVAS_ANONYMOUS.fullmatch(name):
        sender = Sender("canvas", found["user"])
        late = found["late"] is not None
        return Tag(f"anon_{sender.id}", sender, late, int(found["upload"]), found["file"])
    if readings := _readings(name):
        return _likeliest(readings, uploads)
    if found := _CANVAS_TYPED.fullmatch(name):
        return replace(_canvas_tag(found["front"], found["user"]), typed=True)
    return None


def _readings(name: str) -> list[Tag]:
    """Return every reading of a name: a person may be `doe_77`, a file `2026_ex1…`."""
    places = [found.start() for found in re.finditer("_", name[:LONGEST])]
    matches = [(at, found) for at in places if (found := _CANVAS.fullmatch(name, at))]
    return [
        replace(
            _canvas_tag(name[:at], found["user"]), upload=int(found["upload"]), file=found["file"]
        )
        for at, found in matches
    ]


def _canvas_tag(front: str, user: str) -> Tag:
    late = front.endswith("_LATE")
    person = printable(front.removesuffix("_LATE"))
    return Tag(f"{person}_{user}".lstrip("_"), Sender("canvas", user, name=person), late)


def _likeliest(readings: Sequence[Tag], uploads: range) -> Tag:
    """Return the only reading, or else the only one whose attachment number is in `uploads`.

    A wrong reading takes another number for it, such as a user id or a year, which is hardly in
    that range. Raises `Unclear` when several readings remain, or none.
    """
    if len(readings) > 1:
        readings = [tag for tag in readings if tag.upload in uploads]
    if len(readings) != 1:
        raise Unclear("its name fits more than one Canvas user id: rename it, and run again")
    return readings[0]


def _person(name: str, names: Names) -> Tag | None:
    """Read `<who>_ex2_build_retry_loop.py`, as people name files that they collect by hand."""
    named = names.read(name)
    if named is not None:
        found = named.who
    else:
        guess = names.guess(name)
        sure = guess is not None and guess.strength > Strength.ASKED
        found = guess.who if guess is not None and sure and guess.kind in CODE else ""
    if not found:
        return None
    who = printable(found)
    return Tag(who, Sender(name=who), file=name[name.index(found) + len(found) :].lstrip(" ._-"))
