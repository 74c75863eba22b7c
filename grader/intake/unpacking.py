"""Opens the zips in a submission, up to a sensible depth and number."""

from __future__ import annotations

from dataclasses import replace

from grader.intake.archives import HANDED_IN, list_archive
from grader.intake.listing import Found, Listing, shown
from grader.intake.places import Refused

__all__ = ["OTHER_ARCHIVES", "unpack"]

DEEPEST = 2  # levels: the handed-in zip and a zip in it
MOST = 10  # zips opened per submission
OTHER_ARCHIVES = (
    *(".7z", ".alz", ".cab", ".lzh", ".rar", ".tar", ".tar.bz2", ".tar.gz", ".tar.xz", ".tar.zst"),
    *(".tbz2", ".tgz", ".txz"),
    *(".bz2", ".gz", ".xz", ".zst"),  # of a single file; behind those that end alike
)

NO_ZIP = "an archive that is not a zip: hand in a zip"


def unpack(listing: Listing) -> Listing:
    """Return the listing with each zip replaced by its files, or by why it is refused."""
    unpacking = _Unpacking()
    unpacking.add(listing, 0)
    return unpacking.result


class _Unpacking:
    def __init__(self) -> None:
        self.result = Listing()
        self._left = MOST

    def add(self, listing: Listing, depth: int) -> None:
        self.result.unused += listing.unused
        for found in listing.files:
            lower = found.name.lower()
            if lower.endswith(OTHER_ARCHIVES):
                self.result.leave(found.parts, NO_ZIP, unreadable=True)
            elif not lower.endswith(".zip"):
                self.result.files.append(found)
            elif depth >= DEEPEST or not self._left or self._full:
                self.result.leave(found.parts, "a zip too many: not opened", unreadable=True)
            else:
                self._left -= 1
                self._open(found, depth)

    @property
    def _full(self) -> bool:
        """True once a submission has half the entries of a largest zip: one more may be too much."""
        return len(self.result.files) > HANDED_IN.entries // 2

    def _open(self, found: Found, depth: int) -> None:
        try:
            inner = list_archive(HANDED_IN.archive(found.place), HANDED_IN)
        except Refused as refusal:
            self.result.leave(found.parts, f"refused: {refusal}", unreadable=True)
        else:
            self.add(_within(inner, found), depth + 1)


def _within(listing: Listing, zipped: Found) -> Listing:
    """Return a zip's listing with the zip's path before each file, and with its upload number."""
    front = shown(zipped.parts)
    return Listing(
        [replace(f, parts=zipped.parts + f.parts, upload=zipped.upload) for f in listing.files],
        [replace(one, path=f"{front}/{one.path}") for one in listing.unused],
    )
