"""Fingerprints of all that a verdict on the learner's own file depends on, but for chance.

While the fingerprint of a file that has passed is the same, `grade` may show the verdict that is stored.
The grader's files are told by their sizes and times: reading them takes as long as judging an exercise.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["fingerprint"]

_ENDINGS = (".py", ".toml")
_LIBRARIES = ("pytest", "pytest_asyncio")


def fingerprint(judging: tuple[Path, ...], data: bytes) -> str:
    """Return the fingerprint of the verdict on a file. judging: the folders of what judges it."""
    return hashlib.sha256(f"{_course(judging)} ".encode() + data).hexdigest()


@cache
def _course(folders: tuple[Path, ...]) -> str:
    digest = hashlib.sha256(f"{sys.version} {sys.prefix}".encode())
    for path in _files(folders):
        known = path.stat()
        digest.update(f"{path} {known.st_size} {known.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(folders: tuple[Path, ...]) -> Iterator[Path]:
    for top in folders:
        for folder, names, files in os.walk(top):
            names[:] = sorted(name for name in names if name != "__pycache__")
            yield from (Path(folder, one) for one in sorted(files) if one.endswith(_ENDINGS))
    for library in _LIBRARIES:
        spec = importlib.util.find_spec(library)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin)
