"""Lists the files in a zip, and refuses malicious entries.

Nothing is unpacked: only the zip's headers are checked, before any byte of an entry is read. Headers
can lie, so the reader (`grader.intake.places`) has its own limits.
"""

from __future__ import annotations

import calendar
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.intake.listing import LITTER, Found, Listing
from grader.intake.names import is_litter, printable
from grader.intake.places import ZIP_TROUBLE, Archive, InZip, Place, Refused

__all__ = ["DOWNLOADED", "HANDED_IN", "Bounds", "list_archive"]

SMALL = 16 << 20  # bytes unpacked; no smaller entry is a bomb, not even a data file of zeros
LARGEST_RATIO = 100  # unpacked to packed, above `SMALL`; text and code compress to a tenth
ORDINARY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_DRIVE = re.compile(r"[A-Za-z]:")
_UNIX = 3
_ENCRYPTED = 0x1 | 0x40
_UTF8 = 0x800
_EXTRA = struct.Struct("<HH")  # begins a field of an entry's extra data: its kind and its size
_UNICODE_PATH = 0x7075
_LOCAL_HEADER = 30  # bytes, before an entry's name and data


@dataclass(frozen=True)
class Bounds:
    """Limits of a zip. directory: bytes of its list of entries; total: bytes unpacked.

    strict: a malicious entry refuses the whole zip; otherwise only that entry is left out.
    """

    entries: int
    directory: int
    total: float
    strict: bool

    def archive(self, place: Place, *, keep: bool = False) -> Archive:
        """Return the zip at `place`, limited to these bounds."""
        return Archive(place, self.directory, keep=keep)


HANDED_IN = Bounds(50_000, 4 << 20, 2 << 30, strict=True)
# The platform zipped a whole class's files: one learner's file must not cost the others theirs.
DOWNLOADED = Bounds(500_000, 64 << 20, float("inf"), strict=False)


def list_archive(archive: Archive, bounds: Bounds) -> Listing:
    """List the files in a zip. Raises `Refused`, with the reason, when the zip is not accepted."""
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
    said = getattr(error, "strerror", None) or str(error)
    return said.strip().rstrip(".") or type(error).__name__


def _refuse_overlaps(entries: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """Refuse overlapping entries: shared data makes a small zip unpack to a very large one.

    Source: D. Fifield, WOOT 2019. directory: offset of the list of entries, which must follow
    all of their data.
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
        parts = tuple(part for part in _with_slashes(name).split("/") if part not in ("", "."))
        folder = _with_slashes(name).endswith("/")
        if found := _litter(parts, folder=folder):
            litter.add(found)
            continue
        objection = _objection(entry, name) or ("the same name twice" if parts in seen else "")
        if objection and strict:
            raise Refused(f"{objection} ({printable(name[:80])})")
        if objection:
            listing.leave([name], f"refused: {objection}", unreadable=True)
        elif not folder:
            seen.add(parts)
            place = InZip(archive, number, entry.filename)
            listing.files.append(Found(parts, entry.file_size, _modified(entry), place))
    for found in sorted(litter):
        listing.leave(found, LITTER)
    return listing


def _decoded(entry: zipfile.ZipInfo) -> str:
    """Return the name as intended: many tools write UTF-8 without setting its flag."""
    name = entry.orig_filename
    if entry.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
        return _beside(entry.extra, raw) or raw.decode("utf-8")
    except UnicodeError:
        return name  # code page 437, the format's default; another guess would be no better


def _beside(extra: bytes, raw: bytes) -> str:
    """Return the name in Unicode that a tool has put beside one in its machine's code page, or "".

    Source: PKWARE's APPNOTE.TXT, 4.6.9, "Info-ZIP Unicode Path Extra Field". raw: the other name.
    """
    while len(extra) >= _EXTRA.size:
        kind, size = _EXTRA.unpack_from(extra)
        field, extra = extra[_EXTRA.size : _EXTRA.size + size], extra[_EXTRA.size + size :]
        begins = struct.pack("<BL", 1, zlib.crc32(raw))  # its version; which name it belongs to
        if kind == _UNICODE_PATH and field.startswith(begins):
            return field[len(begins) :].decode("utf-8")
    return ""


def _with_slashes(name: str) -> str:
    """Return the name with backslashes, meant as separators, replaced by slashes."""
    return name.replace("\\", "/")


def _litter(parts: tuple[str, ...], *, folder: bool) -> tuple[str, ...]:
    """Return the path up to the first part that a tool left behind, or () if there is none."""
    for end, part in enumerate(parts, 1):
        if is_litter(part, folder=folder or end < len(parts)):
            return parts[:end]
    return ()


def _objection(entry: zipfile.ZipInfo, name: str) -> str:
    """Return why an entry must not be read, or "" when it may be."""
    slashed = _with_slashes(name)
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


def _modified(entry: zipfile.ZipInfo) -> int:
    """Return the modification time in seconds since 1970, or 0 for an impossible date.

    Zips store no time zone; the time is read as UTC.
    """
    try:
        return max(0, calendar.timegm((*entry.date_time, 0, 0, 0)))
    except ValueError:
        return 0
