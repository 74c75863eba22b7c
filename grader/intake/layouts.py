"""Recognises whose a file is by its name, as Canvas, Moodle and people name what they send.

Canvas (`lib/content_zipper.rb`): `<name>[_LATE]_<user>_<attachment>_<file>`, the name in lower case
and without anything but letters, digits and underscores; `anon_<code>` in place of name and user
where grading is anonymous; typed text as `…_text.html` or `…_link.html`.
Moodle (`mod/assign`): `<Full Name>_<N>_assignsubmission_<kind>[_…]`, a folder or, flat, a file; the
name holds no underscore. N is the participant's number in the grading worksheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.intake.names import Names, printable
from grader.results import Sender

__all__ = ["Tag", "Unclear", "read_tag"]

_CANVAS = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<upload>\d+)_(?P<file>.+)")
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<user>[0-9A-Za-z]+)_(?P<upload>\d+)_(?P<file>.+)"
)
_CANVAS_TYPED = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<user>\d+)_(?:text|link)\.html")
_NUMBERS = re.compile(r"(?=_\d+_\d+_.)")
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
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


def read_tag(name: str, names: Names, *, folder: bool) -> Tag | None:
    """Who sent the entry of that name, or None when it does not say.

    Raises `Unclear` when the name fits two people: a file lands with nobody rather than with
    somebody else.
    """
    if moodle := _MOODLE.fullmatch(name):
        return _moodle(moodle, folder=folder)
    if folder:
        return None
    return _canvas(name) or _person(name, names)


def _moodle(found: re.Match[str], *, folder: bool) -> Tag:
    sender = Sender("moodle", found["user"], name=printable(found["name"]))
    return Tag(
        f"{sender.name}_{sender.id}",
        sender,
        file="" if folder else found["file"] or "",
        typed=found["kind"] == "onlinetext",
    )


def _canvas(name: str) -> Tag | None:
    found = _CANVAS_ANONYMOUS.fullmatch(name)
    if found:
        sender = Sender("canvas", found["user"])
        return _canvas_tag(found, sender, f"anon_{sender.id}")
    if found := _CANVAS.fullmatch(name):
        # A person may be called `doe_77`, a file `9_ex1…`: then more than one pair of numbers fits.
        if len(_NUMBERS.findall(name)) > 1:
            raise Unclear("its name fits more than one Canvas user id: rename it, and run again")
    elif not (found := _CANVAS_TYPED.fullmatch(name)):
        return None
    person = printable(found["name"])
    return _canvas_tag(found, Sender("canvas", found["user"], name=person), person)


def _canvas_tag(found: re.Match[str], sender: Sender, person: str) -> Tag:
    parts = found.groupdict()
    return Tag(
        person if person.endswith(f"_{sender.id}") else f"{person}_{sender.id}".lstrip("_"),
        sender,
        late=bool(parts["late"]),
        upload=int(parts.get("upload") or 0),
        file=parts.get("file") or "",
        typed="file" not in parts,
    )


def _person(name: str, names: Names) -> Tag | None:
    """`<who>_ex2_build_retry_loop.py`, as people who collect files by hand name them."""
    named = names.read(name)
    if named is None or not named.who:
        return None
    who = printable(named.who)
    return Tag(who, Sender(name=who), file=name[len(named.who) :].lstrip(" ._-"))
