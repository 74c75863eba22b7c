"""Lists what is in a zip, and refuses the zips that mean harm.

Nothing is unpacked here: what is asked is what the zip says of itself, before a byte of an entry is
read. What it says may be a lie; the reader (`grader.intake.places`) has bounds of its own.
"""

from __future__ import annotations

import calendar
import re
import stat
import zipfile
from collections.abc import Sequence
from itertools import pairwise

from grader.intake.listing import LITTER, Found, Listing
from grader.intake.names import is_litter, printable
from grader.intake.places import ZIP_TROUBLE, Archive, InZip, Refused

__all__ = ["MOST_ENTRIES", "list_archive"]

MOST_ENTRIES = 50_000
LARGEST_TOTAL = 2 << 30  # bytes that all entries of a zip say they unpack to
SMALL = 16 << 20  # bytes; a data file of zeros below this is no bomb
LARGEST_RATIO = 100  # of a file that is not small; text and code shrink to a tenth
ORDINARY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_DRIVE = re.compile(r"[A-Za-z]:")
_UNIX = 3
_ENCRYPTED = 0x1 | 0x40
_UTF8 = 0x800
_LOCAL_HEADER = 30  # bytes before an entry's name and data


def list_archive(archive: Archive) -> Listing:
    """The files in a zip. Raises `Refused`, with the reason, for one that is not taken in."""
    try:
        with archive.opened() as opened:
            entries, directory = opened.infolist(), opened.start_dir
    except UnicodeDecodeError:
        raise Refused("holds a name that is not in the encoding that it says") from None
    except ZIP_TROUBLE as error:
        raise Refused(f"not a zip that can be read ({_reason(error)})") from None
    if len(entries) > MOST_ENTRIES:
        raise Refused(f"holds more than {MOST_ENTRIES:,} entries")
    paths = [_path(entry) for entry in entries]
    _refuse_bombs(entries)
    _refuse_overlaps(entries, directory)
    return _listed(archive, entries, paths)


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__


def _listed(
    archive: Archive, entries: Sequence[zipfile.ZipInfo], paths: Sequence[tuple[str, ...]]
) -> Listing:
    listing = Listing()
    seen: set[tuple[str, ...]] = set()
    litter: set[tuple[str, ...]] = set()
    for entry, parts in zip(entries, paths, strict=True):
        if found := _litter(parts, folder=entry.is_dir()):
            litter.add(found)
            continue
        _refuse_kinds(entry, parts)
        if entry.is_dir():
            continue
        if parts in seen:
            raise Refused(f"holds {'/'.join(parts)} twice")
        seen.add(parts)
        place = InZip(archive, entry.filename)
        listing.files.append(Found(parts, entry.file_size, _seconds(entry), place))
    for found in sorted(litter):
        listing.leave(found, LITTER)
    return listing


def _path(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """The way to an entry, both kinds of slashes taken for what they are meant to be."""
    name = _decoded(entry)
    shown = printable(name[:80])
    if "\0" in name:
        raise Refused("holds a name with a NUL character")
    parts = tuple(name.replace("\\", "/").rstrip("/").split("/"))
    if parts[0] == "" or _DRIVE.match(name):
        raise Refused(f"holds an absolute path ({shown})")
    if ".." in parts:
        raise Refused(f"holds a path that leaves the folder ({shown})")
    return tuple(part for part in parts if part not in ("", "."))


def _decoded(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: many a tool writes UTF-8 and does not say so."""
    name = entry.orig_filename
    if entry.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name  # code page 437, as the format has it; a wrong guess would be no better


def _litter(parts: tuple[str, ...], *, folder: bool) -> tuple[str, ...]:
    """The uppermost part of a path that a tool left behind; nothing when there is none."""
    for end, part in enumerate(parts, 1):
        if is_litter(part, folder=folder or end < len(parts)):
            return parts[:end]
    return ()


def _refuse_kinds(entry: zipfile.ZipInfo, parts: tuple[str, ...]) -> None:
    name = printable("/".join(parts))
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == _UNIX else 0
    if kind == stat.S_IFLNK:
        raise Refused(f"holds a link ({name})")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"holds a device or a pipe ({name})")
    if entry.flag_bits & _ENCRYPTED:
        raise Refused(f"encrypted ({name}): hand in a zip without a password")
    if entry.compress_type not in ORDINARY:
        raise Refused(f"compressed in an unusual way ({name})")


def _refuse_bombs(entries: Sequence[zipfile.ZipInfo]) -> None:
    for entry in entries:
        if entry.file_size > max(SMALL, LARGEST_RATIO * entry.compress_size):
            raise Refused(f"a bomb: {printable(entry.filename[:80])} unpacks to far too much")
    if sum(entry.file_size for entry in entries) > LARGEST_TOTAL:
        raise Refused(f"unpacks to more than {LARGEST_TOTAL >> 30} GB")


def _refuse_overlaps(entries: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """A small zip gets very large when its entries share their data (D. Fifield, WOOT 2019).

    directory: where the list of entries begins, and the last of their data must have ended.
    """
    spans = sorted(
        (entry.header_offset, entry.header_offset + _LOCAL_HEADER + entry.compress_size)
        for entry in entries
    )
    spans.append((directory, directory))
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise Refused("its entries overlap")


def _seconds(entry: zipfile.ZipInfo) -> int:
    """When the entry was modified; zips know no time zone, and some no real date."""
    return max(0, calendar.timegm((*entry.date_time, 0, 0, 0)))
