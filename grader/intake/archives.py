"""Lists what is in a zip, and refuses what means harm.

Nothing is unpacked here: what is asked is what the zip says of itself, before a byte of an entry is
read. What it says may be a lie; the reader (`grader.intake.places`) has bounds of its own.
"""

from __future__ import annotations

import calendar
import re
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.intake.listing import LITTER, Found, Listing
from grader.intake.names import is_litter, printable
from grader.intake.places import ZIP_TROUBLE, Archive, InZip, Place, Refused

__all__ = ["DOWNLOADED", "HANDED_IN", "Bounds", "list_archive"]

SMALL = 16 << 20  # bytes; a data file of zeros below this is no bomb
LARGEST_RATIO = 100  # of a file that is not small; text and code shrink to a tenth
ORDINARY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_DRIVE = re.compile(r"[A-Za-z]:")
_UNIX = 3
_ENCRYPTED = 0x1 | 0x40
_UTF8 = 0x800
_LOCAL_HEADER = 30  # bytes before an entry's name and data


@dataclass(frozen=True)
class Bounds:
    """How much a zip may hold. directory: bytes of its list of entries; total: bytes unpacked.

    strict: one entry that means harm refuses the whole zip; else it is left out alone.
    """

    entries: int
    directory: int
    total: float
    strict: bool

    def archive(self, place: Place, *, keep: bool = False) -> Archive:
        """The zip at that place, opened within these bounds."""
        return Archive(place, self.directory, keep=keep)


HANDED_IN = Bounds(50_000, 4 << 20, 2 << 30, strict=True)
# The platform made it of what a whole class handed in: no learner's file may cost the others theirs.
DOWNLOADED = Bounds(500_000, 64 << 20, float("inf"), strict=False)


def list_archive(archive: Archive, bounds: Bounds) -> Listing:
    """The files in a zip. Raises `Refused`, with the reason, for one that is not taken in."""
    try:
        with archive.opened() as opened:
            entries, directory = opened.infolist(), opened.start_dir
    except UnicodeDecodeError:
        raise Refused("a name is not in the encoding that it says") from None
    except ZIP_TROUBLE as error:
        raise Refused(f"not a zip that can be read ({_reason(error)})") from None
    if len(entries) > bounds.entries:
        raise Refused(f"more than {bounds.entries:,} entries")
    _refuse_overlaps(entries, directory)
    if sum(entry.file_size for entry in entries) > bounds.total:
        raise Refused(f"unpacks to more than {bounds.total / 2**30:.0f} GB")
    return _listed(archive, entries, strict=bounds.strict)


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__


def _refuse_overlaps(entries: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """A small zip gets very large when its entries share their data (D. Fifield, WOOT 2019).

    directory: where the list of entries begins, and the last of their data must have ended.
    """
    spans = sorted(
        (entry.header_offset, entry.header_offset + _LOCAL_HEADER + entry.compress_size)
        for entry in entries
    )
    spans.append((directory, directory))
    if spans[0][0] < 0:
        raise Refused("its beginning is missing")
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise Refused("its entries overlap, or are longer than it is")


def _listed(archive: Archive, entries: Sequence[zipfile.ZipInfo], *, strict: bool) -> Listing:
    listing = Listing()
    seen: set[tuple[str, ...]] = set()
    litter: set[tuple[str, ...]] = set()
    for number, entry in enumerate(entries):
        name = _decoded(entry)
        parts = tuple(part for part in _slashed(name).split("/") if part not in ("", "."))
        folder = _slashed(name).endswith("/")
        if found := _litter(parts, folder=folder):
            litter.add(found)
            continue
        objection = _objection(entry, name) or ("the same name twice" if parts in seen else "")
        if objection and strict:
            raise Refused(f"{objection} ({printable(name[:80])})")
        if objection:
            listing.leave([name], f"refused: {objection}")
        elif not folder:
            seen.add(parts)
            place = InZip(archive, number, entry.filename)
            listing.files.append(Found(parts, entry.file_size, _seconds(entry), place))
    for found in sorted(litter):
        listing.leave(found, LITTER)
    return listing


def _decoded(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: many a tool writes UTF-8 and does not say so."""
    name = entry.orig_filename
    if entry.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name  # code page 437, as the format has it; a wrong guess would be no better


def _slashed(name: str) -> str:
    """Both kinds of slashes, taken for what they are meant to be."""
    return name.replace("\\", "/")


def _litter(parts: tuple[str, ...], *, folder: bool) -> tuple[str, ...]:
    """The uppermost part of a path that a tool left behind; nothing when there is none."""
    for end, part in enumerate(parts, 1):
        if is_litter(part, folder=folder or end < len(parts)):
            return parts[:end]
    return ()


def _objection(entry: zipfile.ZipInfo, name: str) -> str:
    """Why an entry is not to be touched; nothing when it may be."""
    slashed = _slashed(name)
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == _UNIX else 0
    if "\0" in name:
        return "a NUL character in a name"
    if not slashed.strip("./") and not slashed.endswith("/"):
        return "no name"
    if slashed.startswith("/") or _DRIVE.match(name):
        return "an absolute path"
    if ".." in slashed.split("/"):
        return "a path that leaves the folder"
    if kind == stat.S_IFLNK:
        return "a link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a device or a pipe"
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted"
    if entry.compress_type not in ORDINARY:
        return "compressed in an unusual way"
    if entry.file_size > max(SMALL, LARGEST_RATIO * entry.compress_size):
        return "a bomb, which unpacks to far too much"
    return ""


def _seconds(entry: zipfile.ZipInfo) -> int:
    """When the entry was modified; zips know no time zone, and some name a day that never was."""
    try:
        return max(0, calendar.timegm((*entry.date_time, 0, 0, 0)))
    except ValueError:
        return 0
