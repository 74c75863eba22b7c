"""The files that a Python program may need: its library and the system's, without anybody's packages."""

from __future__ import annotations

import functools
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator
from importlib.machinery import FileFinder

__all__ = ["HIDDEN", "hidden_folders", "keep_listings", "needed_files"]

# What lies in a folder of the standard library and is none of it, or of no use to a program.
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
_PYTHON = re.compile(r"(python|pypy)\d[\w.]*")  # the library of a Python, or what it shares


@functools.cache
def needed_files() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a Python program may need: files and folders to read, and files to write.

    A folder stands for all that it holds. One that holds packages is not on the list itself, but
    everything else in it is: who may list a folder, may list whatever lies below it (Landlock).
    """
    readable = {*_FILES, *_system()}
    for folder in _standard_library():
        readable.update(_entries(folder, lambda name: name in HIDDEN))
    return tuple(sorted(readable)), ("/dev/null",)


def hidden_folders() -> list[str]:
    """What there is in the standard library's folders that is not among the needed files."""
    paths = (os.path.join(folder, name) for folder in _standard_library() for name in HIDDEN)
    return [path for path in paths if os.path.isdir(path)]


def keep_listings() -> None:
    """Keep what the importer knows to be in the standard library's folders.

    It lists a folder anew when that has changed. Without the right to, it would take the folder for
    an empty one, and find no module any more.
    """
    for folder in _standard_library():
        finder = sys.path_importer_cache.get(folder)
        if isinstance(finder, FileFinder):
            finder.find_spec("")  # which lists the folder, unless it is known
            vars(finder)["_fill_cache"] = _nothing


def _nothing() -> None:
    """In the place of listing a folder."""


@functools.cache
def _standard_library() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple(dict.fromkeys((paths["stdlib"], paths["platstdlib"])))


def _system() -> Iterator[str]:
    """Where libraries in C lie, the system's and Python's own."""
    own = (os.path.join(sys.base_prefix, name) for name in ("lib", "lib64"))
    for folder in {os.path.realpath(one) for one in (*_SYSTEM, *own)}:
        yield from _entries(folder, lambda name: _PYTHON.fullmatch(name) is not None)


def _entries(folder: str, hidden: Callable[[str], bool]) -> list[str]:
    """The folder if nothing in it is to be hidden, else whatever is not; nothing if it is not there."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    if not any(map(hidden, names)):
        return [folder]
    return [os.path.join(folder, name) for name in names if not hidden(name)]
