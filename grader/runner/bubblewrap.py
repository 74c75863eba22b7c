"""Runs a lab interpreter in bubblewrap: no network, no other processes, hardly any files.

Only the interpreter, its libraries and the lab are visible, without installed packages or the
machine's name, and nothing can be written. See bwrap(1).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence

from grader.runner.interpreter import ROOT

__all__ = ["is_here", "surround"]

# Root needs no user namespace, and its server gives each submission a user of its own.
_AS_ROOT = (
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
)
_KEPT = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL")
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo")
# As in `grader.lab.libraries`, which runs in another process.
HIDDEN = ("site-packages", "dist-packages", "ensurepip", "idlelib", "test", "turtledemo")
_PYTHON = re.compile(r"(python|pypy)\d[\w.]*")
_LAB = ("grader/__init__.py", "grader/lab_start.py", "grader/script.py", "grader/lab")


def is_here() -> bool:
    """Return True if bubblewrap is installed; it may still lack the permission to work."""
    return shutil.which("bwrap") is not None


def surround(command: Sequence[str], folder: str) -> list[str]:
    """Return the command wrapped in bubblewrap, to run in an empty folder of this name.

    Without `--die-with-parent`, which would end it with the thread that starts it: the server
    notices by its socket when the grader is gone.
    """
    options = ["bwrap", *(_AS_ROOT if os.geteuid() == 0 else ["--unshare-all"])]
    if os.geteuid() == 0:
        for capability in _KEPT:
            options += ["--cap-add", capability]
    for path in _visible():
        options += ["--ro-bind-try", path, path]
    for path in _hidden():
        options += ["--tmpfs", path]
    for path in _lab():  # which may lie in one of the hidden folders
        options += ["--ro-bind-try", path, path]
    for path in _hidden():
        options += ["--remount-ro", path]
    options += ["--hostname", "localhost", "--proc", "/proc", "--dev", "/dev"]
    options += ["--dir", folder, "--chdir", folder]
    options += ["--remount-ro", "/dev", "--remount-ro", "/"]
    # Replaces bubblewrap's own first process, which other processes of its user can inspect.
    options += ["--as-pid-1"]
    return [*options, "--", os.path.realpath(command[0]), *command[1:]]


def _visible() -> Iterator[str]:
    yield from _FILES
    yield from _standard_library()
    yield from _libraries()
    yield os.path.realpath(sys.executable)


def _lab() -> Iterator[str]:
    return (os.path.join(ROOT, part) for part in _LAB)


def _hidden() -> Iterator[str]:
    """Yield the folders in visible ones that hold packages or another Python's library."""
    standard = _standard_library()
    for folder in standard:
        yield from (path for name in HIDDEN if os.path.isdir(path := os.path.join(folder, name)))
    for folder in _libraries():
        paths = (os.path.join(folder, name) for name in _names(folder) if _PYTHON.fullmatch(name))
        yield from (path for path in paths if os.path.isdir(path) and path not in standard)


def _standard_library() -> list[str]:
    import sysconfig  # noqa: PLC0415 - slow to import, and `grade` does without

    paths = sysconfig.get_paths()
    return list(dict.fromkeys((paths["stdlib"], paths["platstdlib"])))


def _libraries() -> list[str]:
    """Return the folders of C libraries, the system's and Python's own."""
    own = (os.path.join(sys.base_prefix, name) for name in ("lib", "lib64"))
    return list(dict.fromkeys((*_SYSTEM, *own)))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
