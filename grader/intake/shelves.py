"""The top level of an argument of `class`, whether a folder or a zip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from grader.class_results import Unused
from grader.intake.folders import list_folder, look
from grader.intake.listing import LITTER, Found, Listing
from grader.intake.names import in_utf8, is_litter, printable
from grader.intake.places import InFolder

__all__ = ["Shelf", "Top", "folder_shelf", "zip_shelf"]


@dataclass(frozen=True)
class Top:
    """A file, or a folder to list or enter. `file` is None for a folder."""

    name: str
    file: Found | None = None
    listing: Callable[[], Listing] = Listing
    inside: Callable[[], Shelf] | None = None


@dataclass(frozen=True)
class Shelf:
    """The files and folders on one level, sorted by name, and what is already left out."""

    tops: tuple[Top, ...]
    unused: tuple[Unused, ...] = ()

    def only_folder(self) -> Shelf | None:
        """Return the level inside the only folder, or None when the level is anything else."""
        if len(self.tops) == 1 and self.tops[0].inside is not None:
            return self.tops[0].inside()
        return None

    def file(self, name: str) -> Found | None:
        """Return the file of that name on this level, or None."""
        return next((top.file for top in self.tops if top.name == name), None)

    def whole(self) -> Listing:
        """List everything on this level and below."""
        listing = Listing(unused=list(self.unused))
        for top in self.tops:
            if top.file is not None:
                listing.files.append(top.file)
                continue
            below = top.listing()
            listing.files += [replace(one, parts=(top.name, *one.parts)) for one in below.files]
            listing.unused += _below(top.name, below.unused)
        return listing


def _below(name: str, unused: Sequence[Unused]) -> list[Unused]:
    return [replace(one, path=f"{printable(name)}/{one.path}") for one in unused]


def folder_shelf(root: Path) -> Shelf:
    """Return a folder's top level. Raises OSError when it cannot be read."""
    tops, unused = [], []
    for lying in look(root):
        name = in_utf8(lying.name)
        if is_litter(lying.name, folder=lying.kind == "folder"):
            unused.append(Unused(printable(name), LITTER))
        elif lying.kind == "folder":
            below = partial(list_folder, root, (lying.name,))
            tops.append(Top(name, None, below, partial(folder_shelf, root / lying.name)))
        elif lying.kind == "file":
            place = InFolder(root, (lying.name,))
            tops.append(Top(name, Found((name,), lying.size, lying.modified, place)))
        else:
            unused.append(Unused(printable(name), lying.kind, lying.unreadable))
    return Shelf(tuple(tops), tuple(unused))


def zip_shelf(listing: Listing) -> Shelf:
    """Return the top level of a listed zip."""
    folders: dict[str, Listing] = {}
    tops = []
    for found in listing.files:
        name, *rest = found.parts
        if rest:
            inner = folders.setdefault(name, Listing())
            inner.files.append(replace(found, parts=tuple(rest)))
        else:
            tops.append(Top(name, found))
    for name, inner in folders.items():
        tops.append(Top(name, None, partial(_unchanged, inner), partial(zip_shelf, inner)))
    return Shelf(tuple(sorted(tops, key=lambda top: top.name)), tuple(listing.unused))


def _unchanged(listing: Listing) -> Listing:
    return listing
