"""Reads learners' files, or says why there is nothing to judge."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from grader.course.catalog import Entry, home_above
from grader.results import Outcome
from grader.source import text_of

__all__ = ["LARGEST_FILE", "Module", "NotText", "decoded", "is_untouched", "read_module"]

_QUOTES = '"""'

LARGEST_FILE = 256 << 10  # bytes of source; a large solution has 10,000


_BEGINNING = 256  # bytes; an editor may put blank lines before what it writes
# What is not Python for certain, in lower case: the learner's own text may still be had from it.
_OTHER_KINDS = (
    (b"{\\rtf", "a text with layout (RTF)"),
    (b"%pdf-", "a PDF"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b"version https://git-lfs.", "a pointer of Git LFS to a file that is elsewhere"),
    (b"pk\x03\x04", "a zip or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x89png", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"),
)


class NotText(ValueError):
    """A file is no text that Python reads; the message says what to do."""


@dataclass(frozen=True)
class Module:
    """The file handed in for an exercise.

    path: its path, as displayed.
    data: its bytes; None if there is nothing to judge.
    outcome: without data, MISSING if nothing was handed in, or FAILED if it cannot be used.
    note: without data, the reason.
    """

    entry: Entry
    path: str
    data: bytes | None = None
    outcome: Outcome = Outcome.MISSING
    note: str = ""


def read_module(entry: Entry, folder: Path, *, links: bool) -> Module:
    """Read a learner's file, or say why there is nothing to judge. links: whether to follow links."""
    file = folder / f"{entry.id}.py"
    path = _shown(file)
    try:
        data = _read(file, links=links)
    except (OSError, ValueError) as error:
        return Module(entry, path, outcome=Outcome.FAILED, note=str(error))
    if data is None:
        note = f"There is no {path}. `reset {entry.id}` puts it back (in `watch`: x)."
        return Module(entry, path, note=note)
    return Module(entry, path, data)


def _shown(file: Path) -> str:
    for base in (Path.cwd(), home_above()):
        if base is not None and file.is_absolute() and file.is_relative_to(base):
            return file.relative_to(base).as_posix()
    return file.as_posix()


def _read(file: Path, *, links: bool) -> bytes | None:
    """The file's bytes, at most one more than is allowed; None if there is no file.

    Raises `ValueError` for a link that is not allowed or is broken, and for anything but a file.
    """
    if not file.exists() and not file.is_symlink():
        return None
    if file.is_symlink() and not links:
        raise ValueError("The file is a link, and none is followed: hand in the file itself.")
    if file.is_symlink() and not file.exists():
        raise ValueError("The file is a link that leads nowhere: put the file itself there.")
    if not file.is_file():
        raise ValueError("This is not a file: put your module there.")
    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def decoded(data: bytes) -> str:
    """The source text; raises `ValueError`, saying what to do, if it is not valid source.

    That is `NotText` where nobody can tell what was written.
    """
    if len(data) > LARGEST_FILE:
        raise ValueError(
            f"The file is larger than {LARGEST_FILE >> 10} KB: hand in source code only."
        )
    if kind := _other_kind(data):
        raise NotText(
            f"The file is {kind}, whatever its name says: hand in the Python source itself."
        )
    try:
        source = text_of(data)
    except ValueError as error:
        raise NotText(str(error)) from None
    if "\0" in source:
        line = source.count("\n", 0, source.index("\0")) + 1
        raise NotText(f"The file holds a NUL character (line {line}): it is no source code.")
    if not source.strip():
        raise ValueError("The file is empty. `reset` puts the stub back (in `watch`: x).")
    return source


def _other_kind(data: bytes) -> str:
    """Return what a file is that another program wrote for itself, by how it begins; else ""."""
    start = data[:_BEGINNING].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(b"{") and b'"cells"' in data and b'"nbformat"' in data:
        return "a notebook"
    return next((kind for begin, kind in _OTHER_KINDS if start.startswith(begin)), "")


def is_untouched(source: str, stub: str) -> bool:
    """Whether a module is the stub, but for the text of the assignment at its top.

    The assignment may be that of an older version of the course, or hold a learner's notes: who has not
    touched the code has not begun.
    """
    return _same_text(source, stub) or _same_text(_code(source), _code(stub) or stub)


def _same_text(one: str, other: str) -> bool:
    """Whether two texts are equal except for line endings and trailing white space."""
    if one.split() != other.split():
        return False
    lines = [[line.rstrip() for line in text.rstrip().splitlines()] for text in (one, other)]
    return lines[0] == lines[1]


def _code(source: str) -> str:
    """The text below the docstring that a module begins with; "" if it begins otherwise.

    It is not parsed: that takes longer than all else that is done with a file, and most are compared.
    """
    _, _, rest = source.partition(_QUOTES)
    return rest.partition(_QUOTES)[2].strip("\r\n") if source.startswith(_QUOTES) else ""
