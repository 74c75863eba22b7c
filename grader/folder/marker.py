"""The marker of a course folder, in `.grader/`: what it was handed, and by which version.

Beside it lie the stubs as they were handed out, to show later what has changed in them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.course.catalog import KEPT, MARKER
from grader.errors import CourseError
from grader.folder.handout import Given, digest

__all__ = ["MARKER_PATH", "Marker", "kept_files", "marker_of", "read_marker", "stub_path"]

SCHEMA = 1
MARKER_PATH = f"{KEPT}/{MARKER}"


@dataclass(frozen=True)
class Marker:
    """What a course folder was handed.

    files: the digest of each file as it was handed out, by path. python: the interpreter that has
    the grader, for the folder's noxfile.
    """

    version: str
    files: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    schema: int = SCHEMA

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def marker_of(files: Iterable[Given], version: str) -> Marker:
    """Return the marker of a folder that was handed these files by this Python."""
    return Marker(version, {one.path: digest(one.data) for one in files}, sys.executable)


def read_marker(home: Path) -> Marker:
    """Read a course folder's marker. Raises `CourseError` if it cannot be used."""
    file = home / MARKER_PATH
    try:
        return _from_json(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        raise CourseError(
            f"{file} is damaged. Delete it, run `init` in another folder, and copy that one's file here."
        ) from None


def _from_json(data: Any) -> Marker:
    if data["schema"] > SCHEMA:
        raise CourseError(
            f"This folder was made by a newer version of the course ({data['version']}). "
            "Install that one or a later one."
        )
    files = {str(path): str(value) for path, value in data["files"].items()}
    return Marker(str(data["version"]), files, str(data["python"]))


def stub_path(exercise: str) -> str:
    """Return the path of an exercise's stub as it was handed out; no grader takes it for a module."""
    return f"{KEPT}/stubs/{exercise}.stub"


def kept_files(files: Iterable[Given], version: str) -> dict[str, bytes]:
    """Return what is kept in `.grader/` about these files, by path; the marker comes last."""
    files = tuple(files)
    stubs = {stub_path(one.exercise): one.data for one in files if one.exercise}
    return stubs | {MARKER_PATH: marker_of(files, version).text().encode()}
