"""Computes fingerprints: equal ones mean that grading again would give the same verdict."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from grader.course.catalog import Entry, find_root
from grader.judge import Module

__all__ = ["JUDGING", "Keys", "course_of", "python_here"]

JUDGING = (
    "errors",
    "files",
    "results",
    "class_results",
    "records",
    "script",
    "source",
    "units",
    "wire",
    "database",
    "trace",
    "lab",
    "lab_start",
    "contained",
    "runner",
    "judge",
    "course/kit",
    "course/evidence",
    "course/rules",
    "course/mistakes",
    "course/where",
    "course/api",
    "course/catalog",
    "course/labelled",
    "course/subject",
)
"""Packages and modules that a verdict depends on, besides the exercise's own folder."""

_LIBRARIES = ("pytest", "pytest-asyncio")


@dataclass(frozen=True)
class Keys:
    """Computes the fingerprints of one run. `settings`: what else verdicts depend on, as text."""

    seed: int
    settings: str = ""

    def of(self, module: Module) -> str:
        """Return the fingerprint of the verdict on a module."""
        data = None if module.data is None else hashlib.sha256(module.data).hexdigest()
        parts = [
            module.entry.id,
            data or [module.outcome, module.note],
            self.seed,
            self.settings,
            _grader(),
            *_checks(module.entry),
            platform.python_implementation(),
            platform.python_version(),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def course_of(entries: Iterable[Entry]) -> str:
    """Return the fingerprint of the version of the course that judges these exercises."""
    parts = [_grader(), *([entry.id, *_checks(entry)] for entry in entries)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def python_here() -> str:
    """Return the Python that grades here, which verdicts depend on, too."""
    return f"{platform.python_implementation()} {platform.python_version()}"


def _checks(entry: Entry) -> list[str]:
    return [_digest(path) for path in sorted(entry.checks.parent.glob("*.*"))]


@cache
def _grader() -> str:
    """Return one digest of the grader's own code and the libraries that run the checks."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(f"{path.name}\0{_digest(path)}\0".encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    grader = find_root() / "grader"
    for name in JUDGING:
        yield from sorted((grader / name).rglob("*.py"))
        yield from sorted(grader.glob(f"{name}.*"))


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
