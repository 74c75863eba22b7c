"""The corpus of labelled submissions in `tests/submissions`, read from the headers of its files.

A hostile case may be a folder of several exercises: each of its files is a submission with a header of
its own, and is named for its exercise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course import labelled
from grader.course.catalog import ID, exercises
from grader.render.words import short

__all__ = ["EXERCISES", "KINDS", "ROOT", "Labelled", "MalformedHeader", "load"]

ROOT = Path(__file__).parent / "submissions"
EXERCISES = tuple(entry.id for entry in exercises())
"""The exercises of the course, in order."""

KINDS = (  # of hostile submissions, in the order of their table
    *("accident", "escape", "recipe", "leak"),
    *("clock", "record", "queue", "evidence"),
    *("blame", "exit", "tampering"),
    *("message", "amplification", "trace", "tree", "stack"),
    *("slow", "memory", "threads", "exhaustion", "name"),
)

_KEYS = {
    "right": ("label", "exercise", "contract", "expect"),
    "wrong": ("label", "exercise", "misconception", "contract", "expect"),
    "hostile": ("label", "exercise", "kind", "verdict", "contract", "expect"),
}
_VERDICTS = ("accept", "reject", "either")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


class MalformedHeader(ValueError):
    """A file's header is not as `tests/submissions/README.md` says."""


@dataclass(frozen=True)
class Labelled:
    """One submission, and what a good grader makes of it.

    exercise: the id of the exercise that it stands in for.
    label: right, wrong or hostile.
    misconception: the code of its mistake (wrong ones only).
    verdict: accept, reject or either; follows from the label, unless it is hostile.
    expect: what a good grader would say.
    kind: what it aims at, one of `KINDS` (hostile ones only).
    contract: which point it breaks, or what it tries.
    """

    path: Path
    exercise: str
    label: str
    misconception: str | None
    verdict: str
    expect: str
    kind: str = ""
    contract: str = ""

    @property
    def slug(self) -> str:
        """The file's name, without the ending; of a folder's files, the folder's name."""
        return self.path.parent.name if self.path.stem == self.exercise else self.path.stem

    @property
    def id(self) -> str:
        """A short name that no other submission has, for the ids of tests."""
        return f"{short(self.exercise)}-{self.label}-{self.slug}"


@cache
def load(root: Path = ROOT) -> tuple[Labelled, ...]:
    """All submissions under `root` to exercises of the course, in a fixed order.

    Raises `MalformedHeader` for a file whose header does not fit the format or the file's place.
    """
    every = (_read(path, root) for path in sorted(root.rglob("*.py")))
    return tuple(one for one in every if one.exercise in EXERCISES)


def _read(path: Path, root: Path) -> Labelled:
    where = path.relative_to(root)
    try:
        header = labelled.header(path.read_bytes())
    except ValueError as error:
        raise MalformedHeader(f"{where}: {error}") from None
    label, exercise = header.get("label", ""), header.get("exercise", "")
    if label not in _KEYS:
        raise MalformedHeader(f"{where}: the label is one of {', '.join(_KEYS)}, not {label!r}")
    if tuple(header) != _KEYS[label]:
        raise MalformedHeader(
            f"{where}: a {label} submission starts with the lines {', '.join(_KEYS[label])},"
            f" in this order, not {', '.join(header)}"
        )
    if not ID.fullmatch(exercise):
        raise MalformedHeader(f"{where}: {exercise!r} is no exercise's id")
    _check_place(where, label, exercise)
    kind = header.get("kind", "")
    if label == "hostile" and kind not in KINDS:
        raise MalformedHeader(f"{where}: the kind is one of {', '.join(KINDS)}, not {kind!r}")
    misconception = header.get("misconception")
    if misconception is not None and not _CODE.fullmatch(misconception):
        raise MalformedHeader(f"{where}: {misconception!r} is no code in kebab-case")
    verdict = header.get("verdict", "accept" if label == "right" else "reject")
    if verdict not in _VERDICTS:
        raise MalformedHeader(f"{where}: the verdict is one of {', '.join(_VERDICTS)}")
    about = (header["expect"], kind, header["contract"])
    return Labelled(path, exercise, label, misconception, verdict, *about)


def _check_place(where: Path, label: str, exercise: str) -> None:
    folder = Path("hostile") if label == "hostile" else Path(exercise, label)
    if where.parent == folder and where.stem != exercise:
        return
    if label != "hostile" or where.parent == folder:
        raise MalformedHeader(f"{where}: by its header this file belongs into {folder.as_posix()}")
    if where.parent.parent != folder or where.stem != exercise:
        raise MalformedHeader(f"{where}: a file in a case's folder is named {exercise}.py")
