"""Lists a folder: regular files only, no links followed, within limits."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.intake.listing import LINK, LITTER, SPECIAL, UNREAD, Found, Listing
from grader.intake.names import in_utf8, is_litter
from grader.intake.places import InFolder, Refused

__all__ = ["MOST_FILES", "Lying", "list_folder", "look"]

MOST_FILES = 50_000  # listed for one submission; a litter folder counts once, without its contents
DEEPEST = 40  # levels of folders


@dataclass(frozen=True)
class Lying:
    """A direct entry of a folder; `kind` is "folder", "file", or why it is left out.

    size: in bytes; modified: in seconds since 1970; both for files only. unreadable: nobody can say what
    it is.
    """

    name: str
    kind: str
    size: int = 0
    modified: int = 0
    unreadable: bool = False


def look(folder: Path) -> Iterator[Lying]:
    """Yield a folder's direct entries, sorted by name. Raises OSError when it cannot be read."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            yield _lying(entry)


def _lying(entry: os.DirEntry[str]) -> Lying:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return Lying(entry.name, f"{UNREAD} ({error.strerror})", unreadable=True)
    # A Windows junction is a link too, though it reports itself as a folder.
    reparse = getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_REPARSE_POINT
    if stat.S_ISLNK(status.st_mode) or reparse:
        return Lying(entry.name, LINK)
    if stat.S_ISDIR(status.st_mode):
        return Lying(entry.name, "folder")
    if not stat.S_ISREG(status.st_mode):
        return Lying(entry.name, SPECIAL)
    return Lying(entry.name, "file", status.st_size, int(status.st_mtime))


def list_folder(root: Path, top: tuple[str, ...] = ()) -> Listing:
    """List all files below `root`/`top`, by path from there. Raises `Refused` above `MOST_FILES`."""
    listing = Listing()
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        inner = waiting.pop()
        waiting += _list_one(root, top, inner, listing)
        if len(listing.files) + len(listing.unused) > MOST_FILES:
            raise Refused(f"holds more than {MOST_FILES:,} files")
    return listing


def _list_one(
    root: Path, top: tuple[str, ...], inner: tuple[str, ...], listing: Listing
) -> Iterator[tuple[str, ...]]:
    """Add one folder's files to the listing, and yield its subfolders."""
    try:
        for lying in look(root.joinpath(*top, *inner)):
            own = (*inner, sys.intern(lying.name))  # a class has many files, and few names
            parts = tuple(map(in_utf8, own))
            if is_litter(lying.name, folder=lying.kind == "folder"):
                listing.leave(parts, LITTER)
            elif lying.kind == "folder" and len(parts) > DEEPEST:
                listing.leave(parts, f"more than {DEEPEST} folders deep")
            elif lying.kind == "folder":
                yield own
            elif lying.kind == "file":
                place = InFolder(root, (*top, *own))
                listing.files.append(Found(parts, lying.size, lying.modified, place))
            else:
                listing.leave(parts, lying.kind, unreadable=lying.unreadable)
    except OSError as error:
        listing.leave(map(in_utf8, inner or top), f"{UNREAD} ({error.strerror})", unreadable=True)
