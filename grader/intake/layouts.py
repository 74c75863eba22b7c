"""Recognises whose a file is by its name, as Canvas, Moodle and people name what they send.

Canvas (`lib/content_zipper.rb`): `<name>[_LATE]_<user>_<attachment>_<file>`, the name in lower case
and without anything but letters, digits and underscores; `anon_<code>` in place of name and user
where grading is anonymous; typed text as `…_text.html` or `…_link.html`.
Moodle (`mod/assign`): `<Full Name>_<N>_assignsubmission_<kind>[_…]`, a folder or, flat, a file; the
name holds no underscore. N is the participant's number in the grading worksheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grader.class_results import Sender
from grader.intake.names import LONGEST, Names, printable

__all__ = ["Tag", "Unclear", "is_platforms", "likely_uploads", "read_tag"]

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
    """A name that may be one person's or another's; the message says why."""


@dataclass(frozen=True)
class Tag:
    """What a name tells. name: of the submission; file: what the sender called it, if anything.

    upload: the platform's number of the upload. typed: it is text from the platform's own editor.
    """

    name: str
    sender: Sender
    late: bool = False
    upload: int = 0
    file: str = ""
    typed: bool = False


def read_tag(name: str, names: Names, *, folder: bool, uploads: range = range(0)) -> Tag | None:
    """Who sent the entry of that name, or None when it does not say.

    uploads: what `likely_uploads` makes of the names beside it. Raises `Unclear` when the name fits
    two people: a file lands with nobody rather than with somebody else.
    """
    if len(name) > LONGEST:
        return None
    if moodle := _MOODLE.fullmatch(name):
        return _moodle(moodle, folder=folder)
    if folder:
        return None
    return _canvas(name, uploads) or _person(name, names)


def is_platforms(name: str, *, folder: bool) -> bool:
    """True for a name that a learning platform gives, whoever is meant by it."""
    try:
        return len(name) <= LONGEST and bool(
            _MOODLE.fullmatch(name) or (not folder and _canvas(name, range(0)))
        )
    except Unclear:
        return True


def likely_uploads(names: Iterable[str]) -> range:
    """Where the numbers of Canvas' attachments lie, by the names that can be read in one way."""
    readings = [_readings(name) for name in names]
    uploads = [tags[0].upload for tags in readings if len(tags) == 1]
    return range(min(uploads) // 2, 2 * max(uploads) + 1) if uploads else range(0)


def _moodle(found: re.Match[str], *, folder: bool) -> Tag:
    sender = Sender("moodle", found["user"], name=printable(found["name"]))
    return Tag(
        f"{sender.name}_{sender.id}",
        sender,
        file="" if folder else found["file"] or "",
        typed=found["kind"] == "onlinetext",
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
    """All ways to read a name: a person may be called `doe_77`, a file `2026_ex1…`."""
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
    """The one way to read a name, or the one with an attachment's number like those of others.

    What somebody has put in such a number's place, or what stands there instead, is hardly one:
    their own user's number, a year.
    """
    if len(readings) > 1:
        readings = [tag for tag in readings if tag.upload in uploads]
    if len(readings) != 1:
        raise Unclear("its name fits more than one Canvas user id: rename it, and run again")
    return readings[0]


def _person(name: str, names: Names) -> Tag | None:
    """`<who>_ex2_build_retry_loop.py`, as people who collect files by hand name them."""
    named = names.read(name)
    if named is None or not named.who:
        return None
    who = printable(named.who)
    return Tag(who, Sender(name=who), file=name[len(named.who) :].lstrip(" ._-"))
