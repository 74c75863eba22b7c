"""Reads labelled submissions: modules like those of learners, with a header that classifies them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Submission", "header", "submissions"]

_LINE = re.compile(r"# ([a-z]+): (\S.*)")


@dataclass(frozen=True)
class Submission:
    """A right or wrong submission.

    label: "right" or "wrong".
    misconception: the code of a wrong one's mistake.
    """

    path: Path
    label: str
    misconception: str | None = None


def header(data: bytes) -> dict[str, str]:
    """The lines `# key: value` at the top of a module; raises `ValueError` if a key is repeated."""
    found: dict[str, str] = {}
    for raw in data.splitlines():  # bytes: a hostile module may contain anything further down
        line = _LINE.fullmatch(raw.decode("ascii", "replace").rstrip())
        if line is None:
            break
        key, value = line.groups()
        if key in found:
            raise ValueError(f"{key} stands there twice")
        found[key] = value
    return found


def submissions(folder: Path) -> tuple[Submission, ...]:
    """The right and wrong submissions in one exercise's folder, in a fixed order.

    Raises `ValueError` if a header is invalid.
    """
    return tuple(
        Submission(path, label, header(path.read_bytes()).get("misconception"))
        for label in ("right", "wrong")
        for path in sorted((folder / label).glob("*.py"))
    )
