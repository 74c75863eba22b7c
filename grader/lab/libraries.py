"""The files that a Python program may need: standard and system libraries, no installed packages."""

from __future__ import annotations

import functools
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator
from importlib.machinery import FileFinder

__all__ = ["HIDDEN", "hidden_folders", "keep_listings", "needed_files"]

# Folders within the standard library that do not belong to it, or that no program needs.
HIDDEN = ("site-packages", "dist-packages", "ensurepip", "idlelib", "test", "turtledemo")

_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_FILES = (
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
)
_PYTHON = re.compile(r"(python|pypy)\d[\w.]*")  # folders of any Python's library or shared files


@functools.cache
def needed_files() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files and folders that a Python program may need to read, and files that it may need to write.

    A folder stands for all that it contains. A folder that contains packages is replaced by its other
    entries, because with Landlock the right to list a folder covers everything below it.
    """
    readable = {*_FILES, *_system()}
    for folder in _standard_library():
        readable.update(_entries(folder, lambda name: name in HIDDEN))
    return tuple(sorted(readable)), ("/dev/null",)


def hidden_folders() -> list[str]:
    """The existing `HIDDEN` folders of the standard library, which are not among the needed files."""
    paths = (os.path.join(folder, name) for folder in _standard_library() for name in HIDDEN)
    return [path for path in paths if os.path.isdir(path)]


def keep_listings() -> None:
    """Freeze the importer's listings of the standard library's folders.

    The importer lists a folder again when it has changed. Once it may no longer do that, it would take
    the folder for empty and find no modules.
    """
    for folder in _standard_library():
        finder = sys.path_importer_cache.get(folder)
        if isinstance(finder, FileFinder):
            finder.find_spec("")  # lists the folder if that has not been done yet
            vars(finder)["_fill_cache"] = _nothing


def _nothing() -> None:
    """Replacement for the method that lists a folder."""


@functools.cache
def _standard_library() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple(dict.fromkeys((paths["stdlib"], paths["platstdlib"])))


def _system() -> Iterator[str]:
    """The folders of C libraries, the system's and Python's own."""
    own = (os.path.join(sys.base_prefix, name) for name in ("lib", "lib64"))
    for folder in {os.path.realpath(one) for one in (*_SYSTEM, *own)}:
        yield from _entries(folder, lambda name: _PYTHON.fullmatch(name) is not None)


def _entries(folder: str, hidden: Callable[[str], bool]) -> list[str]:
    """The folder itself if nothing in it is hidden, else its other entries; empty if it is missing."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    if not any(map(hidden, names)):
        return [folder]
    return [os.path.join(folder, name) for name in names if not hidden(name)]
