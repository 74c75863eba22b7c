"""What a course folder is given: the stubs, and the few files around them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course import catalog

__all__ = ["Given", "digest", "given"]

_AROUND = {
    "noxfile.py": "noxfile.py",
    "README.md": "README.md",
    "gitignore": ".gitignore",
}
"""The files in `handout/` beside this module, and their names in a course folder."""

_ALIKE = (".vscode/tasks.json",)
"""Files of a clone that a course folder has as they are."""


@dataclass(frozen=True)
class Given:
    """A file that is handed out: its path from the course folder, and its bytes.

    exercise: the id of the exercise that a stub is of; "" for other files.
    """

    path: str
    data: bytes
    exercise: str = ""


@cache
def given() -> tuple[Given, ...]:
    """Return all files of this version of the course, the stubs last."""
    folder = Path(__file__).with_name("handout")
    around = [Given(name, (folder / file).read_bytes()) for file, name in _AROUND.items()]
    around += [Given(name, catalog.brought(name).read_bytes()) for name in _ALIKE]
    stubs = [
        Given(f"exercises/{entry.id}.py", catalog.pristine(entry.id).encode(), entry.id)
        for entry in catalog.exercises()
    ]
    return (*around, *stubs)


def digest(data: bytes) -> str:
    """Return the fingerprint of a file's text: an editor or Git may change how its lines end."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()
