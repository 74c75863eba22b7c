"""Runs an interpreter of the lab behind bubblewrap: no network, no other processes, hardly any files.

Only the interpreter, its libraries and the lab are there to be seen, and nothing can be written. See
bwrap(1).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence

from grader.runner.interpreter import ROOT

__all__ = ["is_here", "surround"]

# For root, who needs no namespace of users, and whose server gives each submission a user of its own.
_AS_ROOT = (
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
)
_KEPT = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL")
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
_FILES = ("/etc/ld.so.cache", "/etc/localtime")
_LAB = ("grader/__init__.py", "grader/scenario.py", "grader/lab")


def is_here() -> bool:
    """Whether this machine has bubblewrap; it may still not be allowed to do anything."""
    return shutil.which("bwrap") is not None


def surround(command: Sequence[str], folder: str) -> list[str]:
    """The same command behind bubblewrap, in a folder of this name that is empty.

    Without `--die-with-parent`, which would end it with the thread that starts it: the server
    notices by its socket when the grader is gone.
    """
    options = ["bwrap", *(_AS_ROOT if os.geteuid() == 0 else ["--unshare-all"])]
    if os.geteuid() == 0:
        for capability in _KEPT:
            options += ["--cap-add", capability]
    for path in _visible():
        options += ["--ro-bind-try", path, path]
    options += ["--proc", "/proc", "--dev", "/dev", "--dir", folder, "--chdir", folder, "--"]
    return [*options, os.path.realpath(command[0]), *command[1:]]


def _visible() -> Iterator[str]:
    import sysconfig  # noqa: PLC0415 - takes its time, and `grade` does without

    yield from (*_SYSTEM, *_FILES)
    paths = sysconfig.get_paths()
    yield from dict.fromkeys((paths["stdlib"], paths["platstdlib"]))
    yield from (os.path.join(sys.base_prefix, lib) for lib in ("lib", "lib64"))
    yield os.path.realpath(sys.executable)
    yield from (os.path.join(ROOT, part) for part in _LAB)
